"""Houses, employers, schools, churches and roads by the grammar of their names."""

from __future__ import annotations

from . import sectors
from .pattern import Pattern

_FIRM = f"{sectors.HEALTH}|{sectors.HOUSING}|{sectors.EDUCATION}|{sectors.FAITH}|{sectors.PUBLIC}"
_LOOSE = f"{sectors.HEALTH_LOOSE}|{sectors.HOUSING_LOOSE}|{sectors.EDUCATION_LOOSE}"
_BEFORE = r"[A-Za-z0-9'.&] (?:- )?"
_CAP = r"[A-Z][A-Za-z'.-]*"

HOUSES: tuple[Pattern, ...] = (
    Pattern(
        "organisation",
        "address",
        rf"{_BEFORE}((?i:{_FIRM}))\b",
        "seen at Goshen Walk-In yesterday",
        "organisation",
        score=0.7,
    ),
    Pattern(
        "organisation loose",
        "address",
        rf"{_BEFORE}((?:{_LOOSE})|(?:{_LOOSE.upper()}))\b",
        "lives at Alden Long Grove",
        "organisation_loose",
        score=0.65,
    ),
    Pattern(
        "house of a person",
        "address",
        r"\b((?:[a-z][a-z'.-]+ ){1,3}(?:memorial|children'?s|methodist|baptist|presbyterian|lutheran))\b",
        "from mother teresa memorial",
        "house_in_small",
        score=0.7,
    ),
    Pattern(
        "house called by trees",
        "address",
        r"(?:^|[a-z,;:.] |\n)((?i:the) "
        r"(?:Cedars|Maples|Willows|Elms|Oaks|Pines|Laurels|Birches|Aspens|Magnolias|Gables|"
        r"Hickories|Sycamores|Beeches|Larches|Hollies|Poplars|Lindens|Firs|Briars|Brambles|Hawthorns|"
        r"Rowans|Spruces|Orchards|Meadows|Junipers|Hemlocks|Redwoods|Evergreens|Cypresses|Arbors)"
        r"(?: (?:at|of) [A-Z][a-z'-]{2,20}(?: [A-Z][a-z'-]{2,20})?)?)\b",
        "she misses the Willows",
        score=0.7,
    ),
    Pattern(
        "public school",
        "address",
        r"\b(?i:at|from|to|attends|near) (P\.?S\.? (?:#\d{1,3}|1\d\d|2\d\d|3\d\d)[A-Z]?)\b",
        "teaches at PS 118",
        score=0.7,
    ),
    Pattern(
        "trade",
        "name",
        rf"{_BEFORE}((?i:{sectors.TRADES}))\b",
        "a machinist at Blue Ridge Precision Tooling",
        "organisation",
        score=0.7,
    ),
    Pattern(
        "organisation led",
        "address",
        rf"\b((?:{sectors.LEADS})(?: (?i:de|du|del|des|di|da|do|of|the|la|las|los|le|les|el))*(?: {_CAP}){{1,3}})",
        "released from SCI Greene",
        "organisation_led",
        score=0.7,
    ),
    Pattern(
        "numbered body",
        "name",
        r"\b((?:[A-Z][A-Za-z'-]{1,14} ){0,2}[A-Z][A-Za-z]{1,14} (?:Local|Lodge|Post|Chapter|Precinct|Battalion|Troop|"
        r"Pack)"
        r" (?:No\. ?|#)?\d{1,5}"
        r"|(?:Local|Lodge|VFW Post|Legion Post) (?:No\. ?|#)?\d{2,5}(?: [A-Z][a-z]{3,14}(?:ers|ors|men|ists|wrights|"
        r"smiths|sons|hands|ians|s) ?(?:Union|Local|Hall)?)?"
        r"|(?i:PS|P\.S\.|IS|MS|JHS|Public School|School|Precinct|Engine|Ladder|Station) (?:No\. ?|#)\d{1,4}"
        r"|P\.?S\.? \d{1,3}[A-Z]?(?: in| \())",
        "electrician for IBEW Local 124",
        "numbered_body",
        score=0.7,
    ),
    Pattern(
        "road number",
        "address",
        r"\b(?i:on|off|at|near|along|down|from|to|of|via|mile marker \d{1,3},|mm \d{1,3}) (?i:the )?"
        r"((?:I|US|SR|CR|FM|TX|CA|Hwy|HWY|hwy|[Rr]oute|ROUTE|Rte?\.?|rte?|[Hh]ighway|HIGHWAY|Interstate|interstate|"
        r"[A-Z][a-z]{2,12} (?:Route|Highway|Hwy)|(?:State|County|Farm|US) (?:Route|Road|Highway|Hwy|Rd)|"
        r"(?:state|county|us) (?:route|road|highway))[ -]\d{1,4}[A-Z]?"
        r"(?: (?:N|S|E|W|NB|SB|EB|WB|North|South|East|West|northbound|southbound|eastbound|westbound)\b)?"
        r"(?: (?:at|near) (?:exit|Exit|mile marker|mm|MM) ?\d{1,4}[A-Z]?)?)",
        "a fall on US-90 near the bridge",
        "road_number",
        score=0.75,
    ),
    Pattern(
        "road number bound",
        "address",
        r"\b((?i:I|US|SR|Hwy|Highway|Route|Rte?|M|A)[ -]\d{1,4} (?:NB|SB|EB|WB|northbound|southbound|eastbound|"
        r"westbound)"
        r"(?i: (?:at|near) (?:exit|mile marker|mm|junction|jct) ?\d{1,4}[A-Z]?)?)",
        "I-40 WB at exit 216",
        score=0.75,
    ),
    Pattern(
        "street alone",
        "address",
        r"\b(?i:on|off|at|near|along|down|from|to|of) (?i:the )?((?:(?:[NSEW]\.?|Old|New|North|South|East|West|Mt\.|"
        r"St\.) )?"
        r"[A-Z][A-Za-z'-]{1,20}(?: [A-Z][A-Za-z'-]{1,20})? "
        r"(?:Street|St|Avenue|Ave|Boulevard|Blvd|Road|Rd|Lane|Ln|Parkway|Pkwy|Highway|Hwy|Turnpike|Tpke|Pike|"
        r"Expressway|"
        r"Hillside|Crescent|Causeway|Drive|Terrace|Way|Trail|Circle|Close|Row|Quay)"
        r"|[A-Z]{3,20} (?:STREET|AVENUE|AVE|BOULEVARD|BLVD|ROAD|RD|LANE|PARKWAY|PKWY|HIGHWAY|HWY|TURNPIKE))\b",
        "a shop on Dodecanese Blvd",
        "street_alone",
        score=0.7,
    ),
    Pattern(
        "town by place",
        "address",
        r"\b(?i:in|from|at|near|outside|to|visiting|of|leaving|toward|towards)"
        r" ((?:(?:O'|Mc|De|Du|La|Le|D')[A-Z]|[A-Z][a-z'-])[a-z'-]{1,20}(?: [A-Z][a-z'-]{2,20})?)",
        "flying in from Montreal",
        "town_by_place",
        score=0.65,
    ),
    Pattern(
        "house by place",
        "address",
        r"(?:\b(?i:at)|@) (?:the )?([A-Z][A-Za-z]{2,20}(?:'s)?(?: [A-Z][A-Za-z]{2,20}(?:'s)?)?)"
        r"(?:[.,;:)(\n\"/]|$|\s(?:[a-z(&\d>]|-|w/|x\d))",
        "EGD of 02/01/24 at Maimonides: no dysplasia",
        "house_by_place",
        score=0.65,
    ),
    Pattern(
        "house by verb",
        "address",
        r"\b(?i:transferred|seen|born|raised|lives|lived|living|resides|stationed|deployed|works|worked|employed|"
        r"attends|attended|attending|"
        r"incarcerated|"
        r"cook|cashier|server|welder|dealer|guard|driver|clerk|lead|manager|teacher|operator|technician|mechanic|"
        r"foreman|supervisor|porter|janitor|barista|bartender|waitress|waiter|baker|roofer|engineer|accountant|analyst|"
        r"student|professor|nurse|occ|occupation|job|works nights|works days),?(?: at| in| for| with| near)? (?:the )?"
        r"((?:Ft\.|Mt\.|St\.|[A-Z][A-Za-z'&-]{2,20})(?: (?:&|of|and|de|la) [A-Z][A-Za-z'-]{2,20}|"
        r" [A-Z][A-Za-z'&-]{2,20}){0,3})"
        r"(?:[.,;:)(\n\"/]|$|\s(?:[a-z(&\d>]|-|w/|x\d))",
        "line lead, Nissan Smyrna.",
        "house_by_verb",
        score=0.65,
    ),
    Pattern(
        "road abroad",
        "address",
        r"\b(?i:on|off|along|near|from|down|joining|leaving) (?i:the )((?:[MAN]|E)\d{1,3})(?:[.,;:)\n]|$| (?:near|at|"
        r"in|outside|when|with|and|by|this|last|to)\b)",
        "RTA on the M50.",
        score=0.7,
    ),
    Pattern(
        "street after a comma",
        "address",
        r"[,(;] ((?:(?:Old|New|North|South|East|West|Upper|Lower) )?[A-Z][A-Za-z'-]{2,20}(?: [A-Z][A-Za-z'-]{1,20})? "
        r"(?:Street|Avenue|Ave|Boulevard|Blvd|Road|Rd|Lane|Ln|Parkway|Pkwy|Highway|Turnpike|Crescent|Terrace))\b",
        "the chemist, Lisburn Road",
        "street_alone",
        score=0.7,
    ),
    Pattern(
        "office of",
        "address",
        r"\b(?i:the|our|their|her|his|at) ([A-Z][a-z'-]{2,20}(?: [A-Z][a-z'-]{2,20})?) "
        r"(?:office|campus|branch|location|store|plant|satellite|warehouse|mill|mine|facility|line|terminal|yard|"
        r"depot|mall|jail|"
        r"prison|reservation|area|neighbou?rhood|exit|bus|station|airport)\b",
        "in the Coney Island office today",
        "town_by_place",
        score=0.65,
    ),
    Pattern(
        "employer in small letters",
        "address",
        r"\b(?:employer|work ?place|place of (?:work|employment))(?: \([a-z ]{2,12}\))?: {1,2}"
        r"([a-z][a-z'-]{2,20}(?: (?:& )?[a-z][a-z'-]{2,20}){1,3})\b",
        "employer: greenbrier linen service",
        "employer_small",
        labelled=True,
        score=0.7,
    ),
    Pattern(
        "house label",
        "address",
        r"(?m)(?:^|[;|.]\s{1,3}|\s{2,})(?i:agency|dest(?:ination)?|sending(?: facility)?|receiving(?: facility)?|"
        r"(?:referring|"
        r"transferring|accepting) (?:facility|hospital)|transfer (?:to|from)|pharmacy|school|employer|works?|"
        r"work ?place|church|"
        r"parish|snf|nursing home|practice|branch|dispo(?:sition)?|scene|store|campus|employment|company|"
        r"shelter|group home|travel|college|university|day ?care|chemist|dentist|mosque|temple|iglesia|escuela|trabajo|"
        r"birth ?place|home ?town|gym|union|team|camp|place of (?:work|"
        r"employment|worship)|birth hospital)"
        r"(?:\s?[:=]|\s-)\s{0,3}([A-Z][^\n\r\t|;:=<>{}\[\]\"]{2,60})",
        "Dest: Skyline, L2 trauma",
        "house_line",
        labelled=True,
        score=0.75,
    ),
)
