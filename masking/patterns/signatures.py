"""Initials that sign beside those that are written out (forms.py): `kd/HJB`, `witnessed by QJ`, a last line `- KW`."""

from __future__ import annotations

from .pattern import Pattern

_DONE = (
    r"witness(?:ed)?|verified|checked|recorded|documented|drawn|collected|performed|counted|cosign(?:ed)?|received|"
    r"author|sig(?:ned)?|tech"
)

_CLERKS = r"(?:RN|LPN|LVN|CNA|CMA|MA|NP|PA-C|PA|MD|DO|RT|RRT|PharmD|SW|MSW|LCSW)"

SIGNATURES: tuple[Pattern, ...] = (
    Pattern(
        "initials turned",
        "name",
        r"(?m)(?:^|[ \t]{2}|[/|] |\d )[ \t]*([a-z]{2,3}[/:][A-Z]{2,4})"
        r"(?:[ \t]*$|[ \t]{2}|[ \t]*[|;,]|/\d|[ \t]+(?:D|T|DD|DT|Dict|Trans|Job|Doc)\b)",
        "kd/HJB   Dictated",
        "initials_pair",
        score=0.8,
    ),
    Pattern(
        "initials of a doer",
        "name",
        rf"\b(?i:{_DONE})(?i: by| w/| with)?[ :]{{1,2}}([A-Z]{{2,3}}|[A-Z]\.[A-Z]\.(?:[A-Z]\.)?)(?:[/ .,;)\n]|$)",
        "witnessed by QJ",
        "initials_alone",
        score=0.7,
    ),
    Pattern(
        "initials of two",
        "name",
        r"\b(?i:verif(?:y|ied)|counted|witnessed|double[- ]check(?:ed)?|co-?sign(?:ed)?|2 ?RNs?(?: check| verify)?)"
        r"(?i: by| with| w/|:){0,2} ([A-Z]{2,3} ?[/&+] ?[A-Z]{2,3})\b",
        "2 RN verify: TM/LK",
        "initials_of_two",
        score=0.7,
    ),
    Pattern(
        "initials of an age",
        "name",
        r"\b((?:[A-Z]\.){2,3}),? (?:is|was) (?:a|an|now) \d{1,2}[- ]?(?:y/?o\b|years?[- ]old|months?[- ]old)",
        "M.K. is a 27-year-old",
        "initials",
        score=0.8,
    ),
    Pattern(
        "initials at the end",
        "name",
        r"(?m)(?:[ \t][-/~]{1,2}[ \t]?|^[ \t]{0,8}[-/~]{0,2}[ \t]?)([A-Z]{2,3})\.?[ \t]*$",
        "mother called again, advised -QW",
        "initials_alone",
        score=0.6,
    ),
    Pattern(
        "initials and a day at the end",
        "name",
        r"(?m)[.!?] ([A-Z]{2,3}),? \d{1,2}/\d{1,2}(?:/\d{2,4})?[ \t]*$",
        "Will call pt. AF 5/29",
        "initials_small",
        score=0.65,
    ),
    Pattern(
        "initials of a technician",
        "name",
        r"\b(?i:sonographer|technologist|tech|echo tech|phlebotomist|perfusionist|scribe|hygienist)[:/]\s{1,2}"
        r"([A-Z]{2,3})(?:,? (?:RDCS|RDMS|RVT|RCS|RRT|RT\(R\)|CPhT|CCP|RDH|RN)\b|\s*$)",
        "Sonographer: LB, RDCS",
        score=0.75,
    ),
    Pattern(
        "initials of one letter",
        "name",
        r"\b(?:dr|Dr)\.? ([B-HJ-Zb-hj-z])(?:[\s,;:)?!]|\.(?:\s|$)|$)",
        "dr c says hold it",
        score=0.75,
    ),
    Pattern(
        "initials small",
        "name",
        rf"(?m)^[ \t]{{0,4}}(?:-{{1,2}} ?|~ ?)?([a-z]{{2,3}}), ?{_CLERKS}[ \t.]*$",
        "cmg, RN",
        "initials_small",
        score=0.7,
    ),
    Pattern(
        "login of a signer",
        "name",
        rf"\b([a-z]{{4,16}}\d{{0,3}}),? {_CLERKS}\b|\b{_CLERKS}: ?([a-z]{{4,16}}\d{{1,3}})\b",
        "pfenwick MA scribed",
        "login_signing",
        score=0.7,
    ),
    Pattern(
        "name at the end",
        "name",
        r"\n[ \t]*(?:--|~{1,2}|xo{1,3}|xx?) ?,?([A-Z][a-z'-]{1,20})[ \t.]*\n?$",
        "please call me back\n-- Thandi",
        "signed_off",
        score=0.7,
    ),
    Pattern(
        "name of a crew",
        "name",
        r"\b(?:Medic|Engine|Rescue|Ladder|Ambulance|Truck|Squad|MEDIC|RESCUE|AMR|EMS) \d{1,3}[ ,:-]{1,3}"
        r"([A-Z][a-z'-]{2,20}(?:[/&][A-Z][a-z'-]{2,20})?)\b",
        "Medic 7 Fenwick/Ikeda on scene",
        "signed_off",
        score=0.7,
    ),
    Pattern(
        "login addressed",
        "name",
        r"(?:^|[\s(,])@([a-z]{4,16}\d{0,3})(?:[\s,.;:)!?]|$)",
        "cc @pfenwick please",
        "login_signing",
        score=0.7,
    ),
    Pattern(
        "name of a newborn",
        "name",
        r"\b(?i:male|female|boy|girl|infant|newborn|baby|neonate)(?:,? (?i:named|called))? \"([A-Z][a-z'-]{1,20})\"",
        'viable male "Leopold" at 0604',
        "newborn",
        score=0.75,
    ),
)
