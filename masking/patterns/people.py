"""Names that a label, a title, a credential, a relation or their own form gives away."""

from __future__ import annotations

from .pattern import LEADER, REST, Pattern

_PERSON = (
    r"patient(?:'?s)?(?:[ _](?:full[ _])?name)?|pt\.?(?:[ _]name)?|(?:full|legal|preferred|"
    r"first|last|middle|maiden|given|"
    r"family|sur|birth|member|subscriber|insured|guarantor|guardian|contact|spouse|parent|mother'?s?|father'?s?|"
    r"provider|physician|doctor|nurse|client|resident|employee|applicant|claimant|beneficiary|"
    r"account holder|user)[ _]?name|"
    r"name(?: of [a-z]{4,12})?|surname|attending(?: (?:physician|md|provider|surgeon))?|"
    r"(?:primary|referring|ordering|admitting|consulting|treating|supervising|"
    r"requesting|discharging|family|rendering|billing|covering|"
    r"on[- ]call)(?: care)? (?:physician|provider|doctor|md|surgeon|clinician|dr)|"
    r"pcp|physician|provider|surgeon|assistant|anesthesiologist|anaesthetist|cardiologist|"
    r"oncologist|radiologist|pathologist|resident|"
    r"fellow|clinician|therapist|counselor|psychiatrist|psychologist|social worker|"
    r"case manager|care manager|care coordinator|case ?worker|pharmacist|dietitian|midwife|hygienist|dentist|"
    r"podiatrist|neurologist|dermatologist|urologist|responsible party|nurse|rn|np|pa|md|"
    r"(?:next of kin|nok)|emergency contact|guardian|guarantor|mother|father|spouse|wife|"
    r"husband|partner|son|daughter|brother|sister|caregiver|"
    r"surrogate|health ?care proxy|hcp|poa|power of attorney|interpreter|chaplain|subscriber|insured|policy ?holder|"
    r"dictated by|dictator|transcribed by|transcriptionist|(?:electronically |"
    r"digitally )?(?:signed|authenticated|verified|co-?signed|reviewed|approved|completed|"
    r"entered|reported|interpreted|read|performed|prepared|"
    r"written|documented|attested|ordered|requested|referred|collected|administered|"
    r"prescribed|seen|examined|called|notified|witnessed|accompanied|recorded|released) by|"
    r"author|signature|"
    r"cc|c\.c\.|attn|attention|from|to|re|regarding|dear"
)
_TITLE = (
    r"(?:(?:mr|mrs|ms|mx|dr|drs|prof|rev|capt|sgt|atty|mme|mlle|srta)\.?,?\s{1,2}|"
    r"(?:miss|professor|reverend|hon\.?|judge|captain|doctor|nurse|mister|madam|dame|lord|lady|rabbi|imam|pastor|"
    r"chaplain|officer|detective|attorney|herr|frau|monsieur|senora?|senor)[ \t]{1,2})"
)
_CREDENTIAL = (
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-?C)?|Ph\.?D|Psy\.?D|D\.?D\.?S|D\.?M\.?D|D\.?P\.?M|"
    r"D\.?V\.?M|PharmD|Pharm\.D|R\.?Ph|LPN|LVN|CNA|CRNA|CNM|"
    r"APRN|ARNP|FNP(?:-?B?C)?|DNP|BSN|MSN|LCSW|LICSW|LMSW|MSW|LMFT|LPC|PT|DPT|OT|OTR(?:/L)?|"
    r"SLP|CCC-SLP|RD|RDN|RRT|RT|MBBS|MRCP|FRCP|FRCS|FACC|FACS|FACP|MPH|Esq|EMT-?P?)"
)
_WORD = r"[A-Z][A-Za-z'`.-]{0,24}"
_PARTICLE = r"(?:(?:de|del|della|la|le|van|von|der|den|di|da|dos|du|bin|ibn|al|el|ter|ten|y|e|st)[ .-]){0,2}"

PEOPLE: tuple[Pattern, ...] = (
    Pattern(
        "name label",
        "name",
        r"(?i)\b(?:" + _PERSON + r")(?:\(s\))?\s{0,2}(?:[:=]|\s-\s|,?\s#\d?\s?:|" + LEADER + r")\s{0,3}[\"']?" + REST,
        "Patient Name: Smith, John A.",
        "name_line",
        labelled=True,
        score=0.85,
    ),
    Pattern(
        "name title",
        "name",
        r"\b(?i:" + _TITLE + r")(" + _PARTICLE + _WORD + r"(?:[ -]{1,2}" + _PARTICLE + _WORD + r"){0,3})",
        "Dr. Maria de la Cruz",
        "name_words",
        score=0.85,
    ),
    Pattern(
        "name credential",
        "name",
        r"\b(" + _WORD + r"(?:[ -]" + _PARTICLE + _WORD + r"){0,3})\s?,?\s{1,2}" + _CREDENTIAL + r"\b",
        "Anna Kowalska, MD",
        "name_credential",
        score=0.8,
    ),
    Pattern(
        "name last first",
        "name",
        (
            r"\b([A-Z][A-Za-z'-]{1,24}(?:[ -][A-Z][A-Za-z'-]{1,20})?\s?,\s?[A-Z][A-Za-z'-]{1,20}"
            r"(?:\s[A-Z]\b\.?|\s[A-Z][a-z]{2,15})?)"
        ),
        "SMITH, JOHN A.",
        "last_first",
        score=0.6,
    ),
    Pattern(
        "name relation",
        "name",
        r"(?i:\b(?:wife|husband|spouse|partner|son|daughter|mother|father|mom|dad|brother|sister|"
        r"aunt|uncle|cousin|niece|nephew|grandmother|grandfather|grandson|granddaughter|guardian|"
        r"caregiver|friend|neighbor|roommate|fiancee?|boyfriend|girlfriend|named|name is|known as|"
        r"aka|a\.k\.a\.|goes by|called))[,:]?\s(?i:is )?\(?([A-Z][a-z'-]{1,20}(?:\s"
        + _PARTICLE
        + r"[A-Z][A-Za-z'.-]{1,20}){0,2})",
        "wife Annette Kowal",
        "name_words",
        score=0.7,
    ),
    Pattern(
        "name by",
        "name",
        r"(?i:\b(?:signed|dictated|authenticated|verified|reviewed|approved|entered|reported|"
        r"interpreted|read|performed|"
        r"prepared|written|documented|attested|ordered|requested|referred|prescribed|seen|examined|administered|"
        r"accompanied|transcribed|evaluated|assessed|discussed with|d/w|called|paged|contacted|spoke (?:with|to)|"
        r"received from|report (?:given )?to|handed off to|per|by|to|for|from|with)\b)(?i: by| from)?:?\s{1,2}"
        r"((?:[A-Z][a-z'-]{1,20}\s(?:[A-Z]\.?\s)?){1,2}[A-Z][A-Za-z'-]{1,24})\b",
        "Electronically signed by Angel Nakashima",
        "likely_person",
        score=0.7,
    ),
    Pattern(
        "name alone",
        "name",
        r"\b(?:per|by|d/w) ([A-Za-z\xc0-\xff][a-z\xc0-\xff'-]{2,24})(?:[.,;:)\n]|$)",
        "POD1 s/p TKA by Fairweather.",
        "name_alone",
        score=0.6,
    ),
    Pattern(
        "name alone with",
        "name",
        r"\b(?:seen|[Dd]iscussed|[Ss]poke|spoken|met|[Rr]eviewed|[Ss]taffed|[Rr]ounded|[Pp]recepted|[Cc]onsulted|"
        r"[Cc]oordinated) (?:w/ ?|with )([A-Z][a-z\xc0-\xff'-]{2,24})(?:[.,;:)\n]|$)",
        "seen w/ Fairweather.",
        "name_with",
        score=0.6,
    ),
    Pattern(
        "name said",
        "name",
        r"\b(?i:nicknamed?|nick|goes by|prefers to be called|answers to|preferred name)(?i: is|:)? [\"'(]?"
        r"([A-Z][a-z'-]{2,20})(?:[\"'.,;:)\n]|$| (?:at|with|by|since|from|and))",
        "nickname Pip",
        "name_asked_for",
        score=0.7,
    ),
    Pattern(
        "name role",
        "name",
        r"\b(?i:grand(?:daughter|son|ma|pa|child)|step(?:father|mother|dad|mom|son|daughter)|gdtr|dtr|siblings?|twin|"
        r"supervisor|adjuster|coordinator|rep|boss|employer|landlord|coach|teacher|counselor|interpreter|"
        r"chaperone|aide|volunteer|technician|tech|driver|bystander|passerby|cellmate|facilitators?|recorder|"
        r"sitter|hospitalist|intensivist|midwife|doula|chaplain|deacon|probation officer|case ?worker|mgm|mgf|pgm|pgf|"
        r"cousin|niece|nephew|aunt|uncle|friend|neighbor|roommate|nurse|wife|husband|partner|brother|sister|son|"
        r"daughter|mother|father|RN|CNA|LPN|ORD|nsgy|aka)(?i:'s)?:? "
        r"([A-Za-z\xc0-\xff][A-Za-z\xc0-\xff'-]{1,24}(?: [A-Za-z\xc0-\xff][A-Za-z\xc0-\xff'-]{1,24})?)",
        "supervisor Quentin Pomeroy notified",
        "role_name",
        score=0.7,
    ),
    Pattern(
        "name doing",
        "name",
        r"(?:^|[.!?:]\s{1,2}|\n\s*)([A-Z][a-z'-]{2,20}(?: [A-Z][a-z'-]{2,20})?) "
        r"(?:lives|joined|presents|reports|states|denies|says|said|tells|told|asked|"
        r"agrees|enjoys|works|worked|called|wants|likes|attends|attended|drove|brought|has been|returns|"
        r"began|came|aware|"
        r"(?:is|was) (?:a|an|admitted|seen|accompanied|discharged|doing|here|now|transferred|referred)\b)",
        "Home visit. Will lives in a flat",
        "name_doing",
        score=0.7,
    ),
    Pattern(
        "name scribe",
        "name",
        r"\b([A-Z][a-z'-]{1,20} [A-Z][A-Za-z'-]{1,24}),? (?:scribe|scribing|scribed)\b"
        r"|\b(?:S|s)cribed? (?:by |is |was )([A-Z][a-z'-]{1,20}(?: [A-Z][A-Za-z'-]{1,24})?)",
        "Linnet Gauthier-Moss scribe",
        "name_scribe",
        score=0.75,
    ),
    Pattern(
        "name doctors",
        "name",
        r"\b(?i:drs)\.?\s([A-Z][A-Za-z'-]{1,24}(?:(?:,\s|/|\s?&\s?)[A-Z][A-Za-z'-]{1,24}){0,4}"
        r"(?:,?\s(?i:and|&)\s[A-Z][A-Za-z'-]{1,24})?)",
        "Drs. Day, Quispe and Rasmussen",
        score=0.85,
    ),
    Pattern(
        "name greeting",
        "name",
        r"(?m)(?:^|[.!?]\s)(?i:hi|hello|dear|hey|thanks|thank you|regards|kind regards|best|best regards|sincerely|"
        r"cheers|yours truly)(?:,\s{1,3}|\s)([A-Z][a-z'-]{1,20}(?:\s[A-Z][A-Za-z'-]{1,20})?)\s?(?:[,.!:;-]|$)",
        "Hi Gurpreet, can you look",
        "name_words",
        score=0.75,
    ),
    Pattern(
        "name born",
        "name",
        r"\b(?:n[\xe9e]e|(?i:maiden name|formerly|proband|parents?|daughter of|son of|wife of|"
        r"husband of|widow of)):?\s{1,2}"
        r"([A-Z][A-Za-z'-]{1,24}(?:\s[A-Z][A-Za-z'-]{1,24}){0,2})",
        "nee Oyelaran",
        "name_words",
        score=0.75,
    ),
    Pattern(
        "name aware",
        "name",
        r"(?:^|[.;,\n]\s{1,2}|\b(?:MD|RN|NP|PA|DO|CRNA|PT|OT|SW|CM|RT|md|rn|np|pa)\s)([A-Za-z][A-Za-z'-]{2,20}) "
        r"(?:aware|notified|paged|informed|updated|at bedside|covering|to see)\b",
        "MD Small aware. steinbrenner aware.",
        "name_aware",
        score=0.6,
    ),
    Pattern(
        "name priest",
        "name",
        r"(?:^|[^\d\s]\s|\n)(?:Fr|Father|fr)\.? ([A-Z][a-z'-]{1,20}|[a-z'-]{2,20}) "
        r"(?:anointed|visited|prayed|said|here|called|came|gave)",
        "Fr. Pugh anointed her",
        score=0.7,
    ),
    Pattern(
        "name married",
        "name",
        r"\b(?i:husband|wife|spouse|partner) of \d{1,2} (?:years|yrs|y),? ([A-Za-z][A-Za-z'-]{2,20})\b",
        "husband of 70 years abdulaziz",
        "role_name",
        score=0.7,
    ),
    Pattern(
        "name asked for",
        "name",
        r"(?m)(?:^|[.;,]\s{1,2}|\s{2})[ \t]*(?i:rides?(?: home)?|transport|driver|pick-?up|drop-?off|escort|companion|"
        r"attendant|"
        r"support(?: person)?|point person|who to call|call first|contact|chaperone|visitors?|sitter|watcher|witness|"
        r"interpreter|accompanied|came with|lives with|brought by)\s?:\s{1,2}"
        r"([A-Z][a-z'-]{2,20}(?: [A-Z][A-Za-z'-]{1,20})?)"
        r"(?:[ \t]*(?:[.,;(\n/]|$)|[ \t](?:and|at|after|@|by|will|to|x?\d))",
        "Ride: Peregrine.",
        "name_asked_for",
        score=0.7,
    ),
    Pattern(
        "name in apposition",
        "name",
        r"\b(?:(?:'s|the|his|her|their|our|my|your|a|w/|to|by|with|from) (?i:ma|rn|lpn|np|pa|cma|cna|aide|nurse|"
        r"charge nurse|"
        r"charge|scheduler|receptionist|secretary|clerk|(?:case |care |office |unit |practice )?manager|coordinator|"
        r"navigator|pharmacist|medic|tech|technician|assistant|sitter|caregiver|interpreter|therapist|counselor|"
        r"social worker|sw|cm|supervisor|daughter|son|wife|husband|mother|father|mom|dad|sister|brother|aunt|uncle|"
        r"cousin|niece|nephew|partner|friend|neighbor|roommate|landlord|boss|coach|teacher)),"
        r" ([A-Z][a-z'-]{2,20}(?: [A-Z][a-z'-]{1,20})?)(?:,|\.(?:\s|$)|\)|$)",
        "phoned to his aide, Quill, at 1400",
        "name_asked_for",
        score=0.7,
    ),
    Pattern(
        "name of a bed",
        "name",
        r"(?m)^[ \t*-]{0,4}(?:(?i:rm|room|bed|bay|[cms]?icu|ccu|pacu|tele|ed|er|pod|rec|hall|trauma)"
        r" ?#?\d{1,3}[A-Za-z]?|"
        r"\d{1,2}[A-Za-z]{0,2}-\d{1,3}[A-Za-z]?|\d{1,4}[A-D]|\d{2,4}|\d[A-Z]\d{1,2})(?:[ \t]?[:.)-])?[ \t]{1,3}"
        r"([A-Z][A-Za-z'-]{1,20}(?:, ?[A-Z][A-Za-z'-]{0,20}| [A-Z]\b\.?)?),?[ \t]{1,2}"
        r"(?:\d{1,3} ?(?i:y|yo|y/o|[mf])?|[MF] ?/? ?\d{1,3}|\d{1,3} ?/? ?[MF])\b",
        "6A-01 Gunderson 71 DKA",
        "name_of_a_bed",
        score=0.7,
    ),
    Pattern(
        "name of a cabin",
        "name",
        r"(?:^|[\s,;])([A-Z][a-z'-]{2,20}(?: [A-Z][a-z'-]{1,20})?) "
        r"\((?i:cabin|bunk|tent|cottage|dorm|lodge|room|rm|bed|cot|table|camper|house|pod|team) ?#?"
        r"(?:\d{1,3}[A-Za-z]?|[A-Z])[),]",
        "0750  Persephone (cabin 5) Lamictal",
        "name_of_a_cabin",
        score=0.7,
    ),
    Pattern(
        "employer led",
        "name",
        r"(?mi)(?:^|\s{2})[ \t]*(?:employer(?: name)?|employed by|place of employment|work ?place|company)[ \t]{0,2}"
        + LEADER
        + r"[ \t]{0,3}([A-Z0-9][^\n\r\t|;:=<>{}\[\]\"_]{1,60})",
        "EMPLOYER ........ GOLDEN SPOKE CYCLE WORKS",
        "employer_led",
        score=0.75,
    ),
    Pattern(
        "employer",
        "name",
        r"\b(?i:employer(?: is|:)?|employed (?:at|by)|works? (?:\w+[ -]){0,2}(?:at|for)|worked (?:at|for)|"
        r"working (?:at|for)|"
        r"jobs? (?:at|with)|(?:retired|laid off|fired|hired) (?:from|by)|"
        r"(?:drives?|driver|drove)(?: \w+)? for|(?:boss|coworker|supervisor|foreman|injured|"
        r"injury|shift|hr|personnel) (?:at|of)|(?:work )?note (?:to|for))\s(?:the )?"
        r"([A-Z][\w'.&-]{1,20}(?: (?:(?:&|and|of|de) )?[A-Z][\w'&-]{1,20}){1,3})",
        "works nights at Corbin Steel",
        "employer",
        score=0.7,
    ),
    Pattern(
        "business",
        "name",
        r"\b((?:[A-Z][\w'-]{1,20} (?:& )?){1,3}(?:Trucking|Paving|Logistics|Roofing|Plumbing|Landscaping|Construction|"
        r"Freight|"
        r"Foods|Steel|Grill|Diner|Tavern|Cafe|Bakery|Brewery|Brewing|Farms|Dairy|Lumber|Poultry|Mills?|Motors|"
        r"(?:& )Sons|Manufacturing|Cannery|Warehouse|Transport|Haulage|Builders|Interiors|"
        r"Auto Body|Auto Repair|Law Offices))\b",
        "a fire at the Blue Heron Grill",
        "business",
        score=0.7,
    ),
    Pattern(
        "login",
        "name",
        r"(?i)\b(?:log-?in|user ?name|(?:mychart|portal|screen) name(?: is)?|"
        r"user|signed in as|logged in as|author|operator)[ :=]{1,2}"
        r"([a-z][a-z0-9_-]{2,20}(?:\.[a-z0-9_-]{2,20})?)\b",
        "Login gachebe2 used",
        "login",
        score=0.7,
    ),
    Pattern(
        "name title lower",
        "name",
        r"\b(?:(?:dr|mr|mrs|ms)(?:\s?\.)?|miss|nurse|doctor|mister)\s([a-z][a-z'-]{1,20}(?:\s[a-z][a-z'-]{1,20})?)\b",
        "dr featherstone",
        "lower_name",
        score=0.7,
    ),
)
