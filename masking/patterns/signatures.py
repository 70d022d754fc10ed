"""Initials that sign beside those that are written out (forms.py): `kd/HJB`, `witnessed by QJ`, a last line `- KW`."""

from __future__ import annotations

from .pattern import Pattern

_DONE = (
    r"witness(?:ed)?|verified|checked|recorded|documented|drawn|collected|performed|received|author|sig(?:ned)?|tech"
)

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
)
