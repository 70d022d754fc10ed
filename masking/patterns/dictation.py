"""The foot of a dictated note: who dictated it, who typed it, and when.

`jh/mlp   D: 7/19 T: 7/20`, `dict 7-11 sb / typ 7-12 mo`, `/tws  typed: dgaddis`, `Henrik Lund, M.D. HL41`.
"""

from __future__ import annotations

from .pattern import Pattern

_DID = r"(?:[Dd]ict(?:ated)?|DICT(?:ATED)?|[Tt]yp(?:ed)?|TYP(?:ED)?|[Tt]rans(?:cr(?:ibed)?)?|TRANS(?:CRIBED)?)"
_MARK = rf"(?:{_DID}|[DTdt]|[Dd][DTd]|TT|D/T|[Ww]ritten|[Ee]dited|[Rr]ev(?:ised)?)"
_DAY = r"\d{1,2}(?:[-/]\d{1,2}(?:[-/]\d{2,4})?|\.\d{1,2}\.\d{2,4})"
_TIME = r"(?:[ T@]{1,3}\d{1,2}:?\d\d(?::\d\d)?(?: ?[AaPp][Mm])?)?"
_SIGNER = r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-C)?|MBBS|FACS|F\.A\.C\.S|FACP|APRN|CRNA|DPM|PhD|PsyD|LCSW|m\.?d)"

DICTATION: tuple[Pattern, ...] = (
    Pattern(
        "date of dictation",
        "date",
        rf"\b{_DID}[.:]?\s({_DAY})(?:[\s,;/|]|$)",
        "dict 7-11 sb / typ 7-12 mo",
        "dictated_day",
        score=0.8,
    ),
    Pattern(
        "initials of dictation",
        "name",
        rf"(?m)\b{_MARK}[.:]{{0,2}} ?{_DAY}{_TIME},?[ \t]{{1,4}}"
        r"([a-z]{2,3}|[A-Z]{2,3}(?:/[A-Z]{2,3})?)(?: ?[/|;,]|[ \t]*$| (?i:job|doc|document|#))",
        "T: 06/05/2018 19:52:40  nnj",
        "initials_small",
        score=0.7,
    ),
    Pattern(
        "initials before a stroke",
        "name",
        rf"\b{_DID}[.:]? ([a-z]{{2,3}}|[A-Z]{{2,3}}) ?[/|]",
        "Dict. np / written 24.06.2021",
        "initials_small",
        score=0.7,
    ),
    Pattern(
        "initials of a service",
        "name",
        rf"\b[DTdt]: ?{_DAY}[^\n]{{0,30}}[/ ]([A-Z]{{2,3}}):[a-z]{{3,10}}\b",
        "t: 9/21/24 / AV:mmodal",
        "initials_small",
        score=0.7,
    ),
    Pattern(
        "initials behind a signature",
        "name",
        rf"\b{_SIGNER}\.?[ \t]{{1,12}}/ ?([a-z]{{2,3}}|[A-Z]{{2,3}})(?:\s{{2}}|[ \t]*\n|$)",
        "T. Wayne Sizemore, MD   /tws",
        "initials_small",
        score=0.7,
    ),
    Pattern(
        "initials of who typed",
        "name",
        rf"\b{_DID} [^\n]{{0,16}}\d [^\n]{{0,8}}by:? ([A-Z]{{2,3}}|[a-z]{{2,3}})(?:[\s.,;/]|$)",
        "Typed 9 May 2023 by LMR",
        "initials_small",
        score=0.7,
    ),
    Pattern(
        "initials of a dictation's number",
        "name",
        r"(?m)^[ \t]*([A-Z]{2,3})[/:](?:transcription|[A-Z]{2,12}:\d{2,8}|[A-Z]{2,12}/\d{2,8})\b",
        "IC:ROUSE:9124",
        "initials_small",
        score=0.75,
    ),
    Pattern(
        "initials under a signature",
        "name",
        r"(?m)^[ \t]*([A-Za-z]{2,3}(?:/|: ?)[A-Za-z]{2,3})(?:[ \t]*$|[ \t]{2}|[ \t](?:D|T|DD|DT|d|t|dd|dt)[: ])",
        "Joan Hruska, MD\njh/mlp",
        "initials_under",
        score=0.75,
    ),
    Pattern(
        "login of a typist",
        "name",
        r"\b(?i:typed|transcribed|dictated|scribed|transcriptionist|typist|keyed)(?: by)?[:/] ?([a-z]{4,16}\d{0,3})\b",
        "typed: dgaddis 3/7/19",
        "login_typing",
        score=0.75,
    ),
    Pattern(
        "initial spelled out",
        "name",
        r"\b(?i:first|middle|last) initial(?: is|:)? ([A-Z])\b",
        "Rajasekaran, first initial T",
        score=0.75,
    ),
    Pattern(
        "code of a signer",
        "id",
        rf"(?m)\b{_SIGNER}\.?,?[ \t]{{1,30}}([A-Z]{{2}}\d{{2,4}}|\d{{2,3}}-\d{{3,4}})(?:[ \t]*$|[ \t]+\d{{1,2}}/\d)",
        "Henrik Lund, M.D. HL41",
        score=0.7,
    ),
    Pattern(
        "code behind an ssn",
        "id",
        r"\b(?i:ssn|social)[^\n]{0,28}\(([A-Z]\d{4})\)",
        "SSN 000-41-7726   (K7726)",
        score=0.8,
    ),
)
