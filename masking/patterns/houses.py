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
        "trade",
        "name",
        rf"{_BEFORE}((?i:{sectors.TRADES}))\b",
        "a machinist at Blue Ridge Precision Tooling",
        "organisation",
        score=0.7,
    ),
    Pattern(
        "trade loose",
        "name",
        rf"{_BEFORE}((?:{sectors.TRADES_LOOSE}))\b",
        "the family bakery, Hellas Sweets",
        "organisation_loose",
        score=0.65,
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
        r"|(?i:PS|P\.S\.|IS|MS|JHS|Public School|School|Precinct|Engine|Ladder|Station) (?:No\. ?|#)\d{1,4}"
        r"|P\.?S\.? \d{1,3}[A-Z]?(?: in| \())",
        "electrician for IBEW Local 124",
        "numbered_body",
        score=0.7,
    ),
    Pattern(
        "crossing of streets",
        "address",
        r"\b(\d{1,3}(?:st|nd|rd|th) (?:and|&|/) "
        r"(?:(?:[NSEW]\.?|North|South|East|West|Old|New|Martin Luther) )?[A-Z][a-z'-]{2,20}(?: (?:End|King|Ave|St|"
        r"Blvd|Rd|Street|Avenue))?)"
        r"|\b(?i:at|near|by|of|on|to) ([A-Z][a-z'-]{2,20} (?:and|&) \d{1,3}(?:st|nd|rd|th))\b",
        "brought from the area of 9th and Fairview",
        "crossing",
        score=0.75,
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
        r" ([A-Z][a-z'-]{2,20}(?: [A-Z][a-z'-]{2,20})?)",
        "flying in from Montreal",
        "town_by_place",
        score=0.65,
    ),
    Pattern(
        "house by place",
        "address",
        r"(?:\b(?i:seen|followed|done|performed|placed|repeated|hospitali[sz]ed|admitted|treated|evaluated|"
        r"transferred|delivered|born|"
        r"accepted|transplant|transplanted|listed|surgery|biopsy|colonoscopy|imaging|scan|echo|stay|hand|oncologist|"
        r"cardiologist|surgeon|ED|ER|ICU|NICU|works?|working|worked|employed|attends|attended|student|nurse|professor|"
        r"freshman|sophomore|junior|senior|staying|rounds|care|clinic|appt|appointment|visit)(?: [a-z]{2,9})?"
        r"|[;,:)]|\d|\b[A-Z]{2,5}) "
        r"(?:at|@) (?:the )?([A-Z][A-Za-z]{2,20}(?:'s)?(?: [A-Z][A-Za-z]{2,20}(?:'s)?)?)(?:[.,;:)(\n]| \(|$| on |"
        r" for | in | with )",
        "EGD of 02/01/24 at Maimonides: no dysplasia",
        "house_by_place",
        score=0.65,
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
        "house label",
        "address",
        r"(?m)(?:^|[;|.]\s{1,3}|\s{2,})(?i:agency|dest(?:ination)?|sending(?: facility)?|receiving(?: facility)?|"
        r"(?:referring|"
        r"transferring|accepting) (?:facility|hospital)|transfer (?:to|from)|pharmacy|school|employer|works?|"
        r"work ?place|church|"
        r"parish|snf|nursing home|practice|branch|dispo(?:sition)?|scene|store|campus|employment|company|"
        r"place of (?:work|"
        r"employment|worship)|birth hospital)"
        r"(?:\s?[:=]|\s-)\s{0,3}([A-Z][^\n\r\t|;:=<>{}\[\]\"]{2,60})",
        "Dest: Skyline, L2 trauma",
        "house_line",
        labelled=True,
        score=0.75,
    ),
)
