"""Numbers behind a label: what is called a number, no., # or ID, and what is named by its noun alone (`badge 2281`)."""

from __future__ import annotations

from masking.cars import MAKES

from .pattern import LINKS, Pattern

_MARK = r"(?:numbers?\b|nos?\b\.?|num\b\.?|nbr\b|#s?|ids?\b|identifier\b|identification\b|code\b|n\xba|n\xb0)"
_GAP = LINKS + r"{0,5}[\s\"'_]{0,4}"
_TIGHT = LINKS + r"{1,5}[\s\"'_]{0,4}"
_CODE = r"([A-Z0-9][A-Z0-9]{0,19}(?:[-./_][A-Z0-9]{1,14}){0,6})"

_MARKED: tuple[tuple[str, str, str, str], ...] = (
    (
        "mrn",
        "mrn",
        (
            r"medical[ _]?record|med[ _.]*rec|record|chart|patient|pt|hosp(?:ital)?|clinic|person|subject|study|"
            r"client|resident|"
            r"enrollee|participant|case ?load|mother'?s|baby'?s|newborn'?s|infant'?s|maternal|proband|pedigree|"
            r"family|kindred"
        ),
        "Client ID 55120",
    ),
    (
        "plan",
        "health_plan",
        (
            r"health[ _]?plan|member(?:ship)?|policy(?:[ _]?holder)?|subscriber|sub(?:scr)?|group|grp|"
            r"insurance|ins|insured|payer|"
            r"payor|plan|beneficiary|coverage|medicare|medicaid|medi-cal|mediclaim|tricare|bcbs|bc/?bs|aetna|"
            r"cigna|humana|anthem|"
            r"blue cross|kaiser|united ?healthcare|uhc|molina|centene|wellcare|ambetter|oscar|hmo|ppo|"
            r"cardholder|card|rxgrp"
        ),
        "Medicaid ID AHC A90441827",
    ),
    (
        "account",
        "account",
        (
            r"account|acct|acc|visit|encounter|enc|csn|fin|har|invoice|inv|billing|bill|statement|bank|routing|"
            r"loan|transaction|"
            r"txn|check|cheque|receipt|guarantor|deposit|purchase order|p\.?o\.?|voucher|remittance|eob|"
            r"payment|contract"
        ),
        "Invoice no. 30-4471",
    ),
    (
        "license",
        "license",
        (
            r"driver'?s?(?:[ _]?licen[sc]e)?|driving(?:[ _]?licen[sc]e)?|dl|d\.l\.|licen[sc]e|licensure|lic\.?|"
            r"medical|nursing|"
            r"pharmacy|professional|state|practice|physician|provider|prescriber|rn|board|cert\.?|certificate|"
            r"certification|"
            r"registration|reg\.?|registry|nrp|nremt|emt|aemt|paramedic|dea|npi|upin|clia|passport|permit|visa|"
            r"alien|green card|"
            r"interpreter|nmls|gmc|nmc|hcpc|gphc|ahpra|credential"
        ),
        "NRP #TN200917",
    ),
    (
        "device",
        "device",
        (
            r"serial|ser|device|implant|pacemaker|generator|icd|lead|pump|valve|stent|lens|iol|model|lot|batch|"
            r"catalog(?:ue)?|cat|"
            r"asset|equipment|monitor|sensor|transmitter|receiver|meter|glucometer|machine|unit|hearing aid|prosthesis|"
            r"wheelchair|concentrator|ventilator|cpap|vns|dbs|neurostimulator|stimulator|bracelet|"
            r"ankle monitor|tag|hugs|pendant|"
            r"life ?alert|amp|scope|probe|part|component"
        ),
        "Lead no. 77B-2291",
    ),
    (
        "id",
        "id",
        (
            r"accession|order|specimen|sample|case|ticket|tkt|reference|ref|requisition|req|confirmation|conf|"
            r"tracking|track|"
            r"referral|authori[sz]ation|auth|pre-?auth|prior auth|approval|prescription|rx|script|document|doc|"
            r"report|rpt|"
            r"protocol|trial|employee|emp|badge|shield|student|pupil|school|user|login|session|request|trace|"
            r"correlation|customer|"
            r"booking|appointment|appt|message|msg|transcription|transcript|job|dictation|enrollment|donor|"
            r"donation|recipient|"
            r"biobank|bed|file|unique|cause|docket|matter|tax|employer|ein|tin|itin|run|incident|inc|event|"
            r"dispatch|cad|pcr|epcr|"
            r"call|warrant|inmate|offender|prisoner|detainee|booking|edipi|dod|veteran|service|locker|"
            r"lock ?box|safe|band|wristband|"
            r"armband|tube|slide|block|cassette|path(?:ology)?|lab|culture|isolate|bag|disc|disk|film|image|cd|"
            r"dvd|video|tape|"
            r"photo|kit|barcode|bar code|qr|form|application|app|package|shipment|courier|fedex|ups|usps|dhl|"
            r"waybill|airbill|"
            r"complaint|grievance|appeal|denial|claim|citation|summons|petition|property|evidence|parcel|"
            r"survey|entry|log|"
            r"match run|match|unos|optn|ctn|irb|grant|consent|screening|randomi[sz]ation|microchip|chip|tattoo|"
            r"rabies|collar|ear ?tag|"
            r"crew|medic|engine|rig|truck|flight|mission|scan|study|exam|eeg|ekg|ecg|emg|psg|ct|mri|us|xr|echo|"
            r"cath|procedure|"
            r"surgery|interpreter|operator|badge|key|fob|pin|token|access|gate|portal|reservation|boarding|"
            r"trip|ride|pasrr|apd|"
            r"cps|aps|dcf|dcfs|dhs|acs|cys|court|probation|parole|officer|deputy|trooper|unit"
        ),
        "Report ID 7719024-A",
    ),
)
_NAMED: tuple[tuple[str, str, str, str], ...] = (
    (
        "id",
        "id",
        (
            r"accession|requisition|req|badge|shield|docket|matter|job|ticket|tkt|rx|rpt|report|case|cause|"
            r"claim|ref|reference|"
            r"specimen|sample|encounter|visit|csn|acct|acc|account|employee|subj|subject|key|conf(?:irmation)?|"
            r"incident|dispatch|inmate|donor|donation|match run|run|wristband|band|armband|locker|disc|disk|"
            r"unos|optn|contract|barcode|kit|"
            r"courier|fedex|ups|usps|dhl|tracking|waybill|authori[sz]ation|auth|pre-?auth|referral|order|form|"
            r"application|app|"
            r"login|user ?name|user|student|client|chart|microchip|chip|path|study|eeg|psg|film|video|tape|cassette|"
            r"invoice|receipt|statement|policy|member|subscriber|group|grp|pin|parcel|evidence|property|"
            r"complaint|grievance|"
            r"appeal|denial|citation|warrant|id|code|file|protocol|irb|grant|edipi|dod|cad|pcr|"
            r"scan|tattoo|collar|crew|trailer|record|mrn|booking|cheque"
        ),
        "badge 2281",
    ),
    (
        "license",
        "license",
        (
            r"lic|licen[sc]e|dl|gmc|nmc|npi|dea|passport|permit|certificate|cert|reg|registration|nrp|aemt|nremt|lslp|lpt"
        ),
        "Lic A 77143",
    ),
    (
        "device",
        "device",
        (
            r"sn|s/n|serial|lot|batch|udi|di|imei|generator|lead|pump|transmitter|sensor|device|tag|bracelet|"
            r"pendant|iol|"
            r"implant|pacemaker|monitor|amp|asset"
        ),
        "Hugs tag 00A7-3E19",
    ),
)
_INSURERS = (
    r"aetna|cigna|humana|bcbs\w{0,3}|bc/bs|blue cross(?: blue shield)?|blue shield|anthem|uhc|"
    r"united ?health(?:care)?|kaiser|medicare|"
    r"medicaid|medi-cal|tricare|molina|centene|wellcare|ambetter|oscar health|health ?net|priority health|"
    r"pacificsource|"
    r"delta dental|metlife|vsp|eyemed|emblem|highmark|carefirst|geisinger|upmc|amerigroup|champva|aarp|bupa|axa|vhi"
)
_STATES = (
    r"A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_CREDENTIAL = (
    r"M\.?D\.?|D\.?O\.?|R\.?N\.?|N\.?P\.?|P\.?A\.?(?:-C)?|DPM|FACFAS|DDS|DMD|DVM|PharmD|RPh|LCSW(?:-[A-Z])?|"
    r"LMSW|LMFT|LPC|"
    r"LMHC|CCC-SLP|SLP|OTR/?L?|DPT|PsyD|PhD|LPN|LVN|CRNA|CNM|ARNP|APRN|FNP(?:-[A-Z]{1,2})?|RRT|LDN|CADC|LADC|NRP|"
    r"AEMT|EMT(?:-[A-Z])?|CPO|AuD|BCBA|LCGC|RDH|MSW"
)

_CARS = (
    rf"{MAKES}|f-?[1-5]50|"
    r"car|truck|pick-?up|van|minivan|suv|sedan|coupe|hatchback|vehicle|motor(?:cycle|bike)|scooter|moped|camper|"
    r"taxi|cab|lorry|bus|semi|atv|tractor"
)


def _marked(name: str, kind: str, nouns: str, example: str) -> Pattern:
    regex = rf"(?i)\b(?:{nouns})[ _.]?[ _.]?{_MARK}{_GAP}{_CODE}"
    return Pattern(f"{name} marked", kind, regex, example, "labelled_code", score=0.88)


def _named(name: str, kind: str, nouns: str, example: str) -> Pattern:
    regex = rf"(?i)\b(?:{nouns})\b\.?(?:{_TIGHT}|\s{{1,3}}){_CODE}"
    return Pattern(f"{name} named", kind, regex, example, "named_code", score=0.7)


LABELS: tuple[Pattern, ...] = (
    *(_marked(*row) for row in _MARKED),
    *(_named(*row) for row in _NAMED),
    Pattern(
        "plate",
        "vehicle",
        r"(?i)\b(?:(?:licen[sc]e|vehicle|registration|number|car|lic\.?|trailer) )?(?:plates?|tags?|vrm|"
        r"registration|reg\b\.?|hull)"
        r"(?:[\s:]{1,2}(?:is|was|reads?|numbers?|no\.?|#|\([A-Z]{2}\)|(?-i:[A-Z]{2})))*[\s:#]{1,3}"
        r"([A-Z0-9]{1,8}(?:[- ][A-Z0-9]{1,5}){0,3})\b",
        "MI plate 4NK R82",
        "plate",
        score=0.8,
    ),
    Pattern(
        "car's plate",
        "vehicle",
        rf"(?i)\b(?:{_CARS})(?:\s[A-Z][A-Z0-9-]{{1,11}}){{0,2}}?(?:\s(?:no\.?|numbers?|reg(?:istration|\.)?|tags?|plates?|#))?[,:]?\s{{1,2}}\(?"
        r"((?-i:[A-Z0-9]{1,8}(?:[- ][A-Z0-9]{1,5}){0,4}))\b",
        "the grey Subaru 7BKR 204",
        "car_plate",
        score=0.8,
    ),
    Pattern(
        "tail number",
        "vehicle",
        r"(?i)\b(?:tail|aircraft|helo|helicopter|fixed wing|flight|callsign|call sign|plane|lifeflight)"
        r"(?:[ :#]{1,2}(?:numbers?|no\.?|#|is|was))*[ :#]{1,2}(N\d{1,5}[A-Z]{0,2}|[A-Z]{1,2}-[A-Z]{3,4})\b",
        "tail N482LJ",
        "has_digit",
        labelled=True,
        score=0.8,
    ),
    Pattern(
        "insurer's number",
        "health_plan",
        (
            rf"(?i)\b(?:{_INSURERS})(?: (?:[A-Z]{{2,12}}|[A-Z]/[A-Z]|"
            rf"\+)){{0,3}}[ ,:#-]{{1,3}}([A-Z0-9]{{1,12}}(?:[- ][A-Z0-9]{{2,9}}){{0,4}})\b"
        ),
        "Aetna W2618 04477",
        "insurer_code",
        score=0.85,
    ),
    Pattern(
        "credential's number",
        "license",
        rf"\b(?:{_CREDENTIAL})\b[,.;]?\s{{1,3}}(?:{_STATES})\s{{1,2}}(?:#\s?)?([A-Z]{{1,4}}[-. ]?\d{{3,8}})\b",
        "DPM, FACFAS, NM PO-318",
        score=0.8,
    ),
    Pattern(
        "number sign",
        "id",
        r"(?i)(?:#\s?|\bno\.\s?)([A-Z0-9]{1,12}(?:[-./][A-Z0-9]{1,12}){0,5})\b",
        "Eleni #7714-B",
        "named_code",
        score=0.6,
    ),
    Pattern(
        "code",
        "id",
        r"(?i)\b(?:[A-Z]{1,6}\d[A-Z0-9]{3,20}|[A-Z]{1,6}\d{0,3}[A-Z]?-[A-Z]{0,4}-?\d[A-Z0-9]{1,20}|"
        r"\d{1,10}[A-Z][A-Z0-9]{2,20}|\d{1,12}-[A-Z0-9]{1,12}|\d{5,20})(?:[-./][A-Z0-9]{1,20}){0,6}\b",
        "at the bench: PQ7714-20",
        "unexplained",
        score=0.5,
    ),
)
