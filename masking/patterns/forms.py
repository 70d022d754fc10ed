"""Forms of persons' names beside labels and titles: nicknames, suffixes, kin, headings, initials of who wrote."""

from __future__ import annotations

from .pattern import Pattern

_KIN = (
    r"(?i:ex|ex-?(?:husband|wife|bf|gf|boyfriend|girlfriend|partner|spouse|fianc[e\xe9]e?)|g-?ma|g-?pa|grandma|"
    r"grandpa|granny|gran|"
    r"grandad|granddad|nana|nan|nanny|nonna|nonno|tutu|oma|opa|yiayia|papou|lola|lolo|halmoni|abuel[ao]s?|abuelit[ao]|"
    r"babushka|bubbe|zayde|dida|thatha|paati|amma|appa|auntie|aunty|t[i\xed][ao]s?|tita|tito|hubby|mum|mam|mamaw|papaw|"
    r"meemaw|pawpaw|pop-?pop|stepson|stepdaughter|stepmom|stepdad|stepbrother|stepsister|half-?(?:brother|sister)|"
    r"god(?:mother|father|son|daughter)|foster (?:mom|dad|mother|father|parents?|mum|carer)|(?:mother|father|sister|"
    r"brother|"
    r"son|daughter)-in-law|mil|fil|sil|bil|dil|twins?|triplets?|roommates|flatmates?|housemates?|classmates?|"
    r"teammates?|"
    r"bandmates?|workmates?|co-?workers?|colleagues?|neighbou?rs?|friends?|besties?|best friend|pals?|sons|daughters|"
    r"brothers|"
    r"sisters|siblings|kids|children|child|grandkids|grandchildren|grandsons|granddaughters|nieces|nephews|cousins|"
    r"aunts|uncles|"
    r"parents|carers?|caretaker|landlady|babysitter|sponsor|mentor|widow|widower|fianc[e\xe9]e?|fianc[e\xe9]|beau|"
    r"girlfriend|boyfriend|partner|spouse|foreman|manager|trainer|instructor|scribe|preceptor|dispatcher|paramedic|"
    r"trooper|"
    r"constable|garda|deputy|sheriff|principal|professor)"
    r"|(?i:trp|tpr|ofc|dep|sgt|cpl|pfc|lt|det|capt)\.?|FOB|MOB|MOC|FOC|GF|BF|DTR|GDTR|MGM|MGF|PGM|PGF|MIL|"
    r"FIL|PO|CW|HHA|PCA|NA|CMA|MA|SW|CM"
)
_MORE = (
    r"(?:CMA|RMA|CCMA|PMHNP(?:-BC)?|AGNP|AGACNP|ACNP|CRNP|WHNP|CPNP|LMHC|LCPC|LPCC|CADC|RDH|AuD|Au\.D\.|RCP|"
    r"FAAN|FAAP|FACEP|FACOG|FACFAS|FAAD|FAAOS|FACMS|CDCES|CHT|CCLS|CLC|IBCLC|RVT|RDMS|RDCS|SRNA|BCBA|"
    r"QMHP|LSW|RNFA|COTA|SLPA|NREMT|PGY-?\d|BDS|MRCGP|FRACGP|MBChB|FRANZCP|FRCPC|CCFP|MRCPsych|FRCA|RGN|RMN|CCC-A|"
    r"BCPS|BCACP|CPhT|CNM|LAc|MBBCh|MRCS|FRCOG|MRCOG|DGM|CCDS|CDIP|RHI[AT]|CCS|CRCST|CNIM|R\.? ?EEGT|LVT|CVT|CHPN|"
    r"CHPNA|CSW|LCDC|CHAA|CHAM|CRCR|CTRS|CPRS|LISW|RVS|CVRN|CNRN|CMSRN|CEN|CPEN|CRN|CAPA|CPAN|CWS|CLT|CHW)"
)
_CALLED = r"(?:(?i:tutu|aunt|auntie|uncle|t[i\xed]a|t[i\xed]o|miss|is|named|nana|lola|papa|mama) )?"
_GIVEN = r"[A-Z][A-Za-z'-]{1,20}"

_DAY = (
    r"(?:(?i: on)? \d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?:,?(?i: at)? \d{1,2}:?\d\d(?: ?[APap][Mm]| ?hrs?)?)?"
    r"|(?i: at)? \d{1,2}:?\d\d(?: ?hrs?)?)?"
)
_CLERICAL = (
    r"(?i:scribed|dictated|transcribed|typed|keyed|entered|scanned|posted|proofed|edited|abstracted|coded|uploaded|"
    r"filed|logged|faxed|input|mailed)" + _DAY
)

FORMS: tuple[Pattern, ...] = (
    Pattern(
        "name nickname",
        "name",
        rf"\b((?:{_GIVEN}(?: [A-Z]\.?)? ){{1,2}}[\"(]{_GIVEN}[\")](?: {_GIVEN}){{1,2}}(?:,? (?:Jr|Sr|II|III|IV)\b\.?)?"
        rf"|(?:{_GIVEN}, )?{_GIVEN} \"{_GIVEN}\")",
        'Leopold "Leo" Gruenwald III',
        "nickname",
        score=0.8,
    ),
    Pattern(
        "name suffix",
        "name",
        rf"\b({_GIVEN} (?:[A-Z]\.? )?{_GIVEN},? (?:Jr|Sr|II|III|IV)\b\.?)",
        "Marcus Holloway II",
        "suffixed",
        score=0.75,
    ),
    Pattern(
        "name kin",
        "name",
        rf"\b(?:{_KIN})(?i:'s)?(?:,|:)? {_CALLED}({_GIVEN}(?:(?:, | & |/| ){_GIVEN}){{0,4}})",
        "Gma Tutu Pua did kangaroo care",
        "kin",
        score=0.7,
    ),
    Pattern(
        "name kin last",
        "name",
        rf"\b(?:{_KIN})(?i:'s)?(?:,|:)? {_CALLED}{_GIVEN}(?:(?:, ?| ){_GIVEN}){{0,3}},? and ({_GIVEN}(?: {_GIVEN})?)",
        "roommates Cass and Mo on the 2nd floor",
        "kin_last",
        score=0.7,
    ),
    Pattern(
        "name of kin in brackets",
        "name",
        rf"\b(?:{_KIN}|(?i:son|daughter|wife|husband|brother|sister|mother|father|mom|dad|uncle|aunt|cousin|niece|nephew))"
        r"(?: [A-D1-4])? \(([A-Z][a-z'-]{1,20})\)",
        "twin A (Kit) is well",
        "kin_in_brackets",
        score=0.7,
    ),
    Pattern(
        "name quoted kin",
        "name",
        rf"\b(?:{_KIN}|(?i:son|daughter|wife|husband|brother|sister|mother|father|mom|dad|uncle|aunt|cousin))(?:,|:)? "
        r"(\"[A-Z][A-Za-z' -]{1,18}\")",
        'Son "Bubba" has the power of attorney',
        score=0.7,
    ),
    Pattern(
        "name heading",
        "name",
        r"(?m)^[ \t#*>-]{0,4}([A-Z][A-Za-z'-]{1,20}(?: [A-Z][A-Za-z'-]{1,20})?, ?[A-Z][A-Za-z'-]{1,20}"
        r"(?: [A-Z][A-Za-z'-]{1,20}| [A-Z]\.?)?)"
        r"(?:\s{2,}|\s?[|(*#\n-]|\s(?:MRN|DOB|Age|Rm|Room|Bed|No|ID|\d|[A-Z]{1,5}-?\d)|$)",
        "Baptiste, Ti-Georges MICU-07",
        "heading",
        score=0.7,
    ),
    Pattern(
        "name credential more",
        "name",
        rf"\b({_GIVEN}(?:[ -]{_GIVEN}|\s[A-Z]\.){{0,3}})\s?,?\s{{1,2}}{_MORE}\b",
        "assistant Mckenzie CMA",
        "credential_more",
        score=0.8,
    ),
    Pattern(
        "initials written",
        "name",
        r"\b(?:(?i:scribed|dictated|transcribed|typed|initial(?:l)?ed|transcriptionist|scribe|typist)(?i: by|"
        r" for)?[:/]?|(?i:dict|trans):|" + _CLERICAL + r"(?i: by:?))\s{1,2}"
        r"([A-Z]{2,4}|(?:[A-Z]\.){2,3})(?:[\s.,;/)]|$)",
        "Scribed by TO",
        "initials",
        score=0.75,
    ),
    Pattern(
        "name to follow up",
        "name",
        r"\b(?:[Ff]/[Uu]|FU|RTC|[Rr]ef|[Aa]ppt)(?: with| w/| to|:)? ([A-Z][a-z'-]{1,20}) "
        r"(?:in )?\d{1,2}(?:-\d{1,2})? ?(?:d|days?|w|wks?|weeks?|mos?|months?|yrs?|years?)\b",
        "f/u Fairweather 2 wks",
        "followed_up",
        score=0.65,
    ),
    Pattern(
        "initials typist",
        "name",
        r"(?m)(?:^|/ |\s{2,}|[.\d] )([A-Z]{2,4}[/:][a-z]{2,3})(?:\s{2,}|\s*$| (?:D|T|Dictated|Transcribed):?)",
        "HJB/kd   Dictated 1/23/24",
        "typist",
        score=0.75,
    ),
    Pattern(
        "initials written small",
        "name",
        r"\b(?:(?i:dict|trans|scribe|typist|transcriptionist):? |" + _CLERICAL + r"(?i: by:? ))"
        r"([a-z]{2,3})(?:[;,)/\n]|\.(?:\s|$)| for\b| on \d| \d| at \d|$)",
        "Scribe tq for Dr. Adeyemi",
        "initials_small",
        score=0.7,
    ),
    Pattern(
        "initials behind a day",
        "name",
        r"\b(?:T|Trans|TRANS|DT|TT|t):? ?\d{1,2}/\d{1,2}/\d{2,4}(?: \d{1,2}:?\d\d)? ([A-Z]{2,3}|[a-z]{2,3})"
        r"(?:[;,.)\n]|$)",
        "D: 01/02/25 T: 01/03/25 KLM",
        "initials_small",
        score=0.7,
    ),
    Pattern(
        "login in capitals",
        "name",
        r"(?m)(?:^[ \t]*(?:\d{1,2}/\d{1,2}(?:/\d{2,4})?[ ,]{1,2}|\d{4}-\d\d-\d\d[ ,]{1,2})?"
        r"(?:\d{4}|\d{1,2}:\d\d)(?: ?[AP]M)? )([A-Z]{4,12}\d{0,3})(?: ?:| -)",
        "1502 PVANG: paid",
        "login_in_capitals",
        score=0.75,
    ),
    Pattern(
        "login of a clerk",
        "name",
        r"\b" + _CLERICAL + r"(?i: by:? )([A-Z]{4,12}\d{0,3})\b",
        "posted by PVANG",
        "login_in_capitals",
        score=0.75,
    ),
    Pattern(
        "initials last",
        "name",
        r"(?m)[a-z\d)][.!?] {1,2}(?:-{1,2} ?|~ ?|/)?([A-Z]{2,3})[ \t]*$",
        "called again, advised. KW",
        "initials",
        score=0.6,
    ),
    Pattern(
        "name and age",
        "name",
        r"(?:[(,:;]|\band|&) ([A-Z][a-z'-]{1,14}) \(?\d{1,2}(?: ?(?:yo?|mos?|months))?\)?(?:[,;)]| and\b| &)",
        "Kids (Eli 9, Noa 6)",
        "given_only",
        score=0.65,
    ),
    Pattern(
        "name care of",
        "name",
        rf"\b(?:c/o|C/O|attn:?|ATTN:?) ({_GIVEN}(?: [A-Z]\.)? {_GIVEN})",
        "c/o Marta Kowalczyk",
        "likely_person",
        score=0.75,
    ),
)
