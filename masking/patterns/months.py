"""Dates as they are spoken (`October twenty sixth`), and months by themselves."""

from __future__ import annotations

from .pattern import Pattern

_ORDINAL = (
    r"(?:(?:twenty|thirty)[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|"
    r"tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
)
_COUNT = (
    r"(?:twenty|thirty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
)
_MONTH_NAME = r"january|february|march|april|may|june|july|august|september|october|november|december"

MONTHS: tuple[Pattern, ...] = (
    Pattern(
        "date spoken",
        "date",
        r"(?i)\b(?:" + _MONTH_NAME + r")[ ,]{1,2}(?:the )?(?:" + _ORDINAL + "|" + _COUNT + r")\b",
        "October twenty sixth",
        "date_spoken",
        score=0.85,
    ),
    Pattern(
        "date spoken first",
        "date",
        r"(?i)\b(?:the )?(?:" + _ORDINAL + r")(?: day)?(?: of)? (?:" + _MONTH_NAME + r")\b",
        "the fifth of November",
        "date_spoken",
        score=0.85,
    ),
    Pattern(
        "date month alone",
        "date",
        r"(?i)\b(?:early |mid[- ]|late )?(?:january|february|july|september|october|november|december)\b"
        r"|\b(?:in|since|of|last|early|late|mid|until|till|through|past|this|around|and)[ -]((?:early |mid[- ]|late )?"
        r"(?:march|april|may|june|august|jan|feb|apr|jun|jul|aug|sept?|oct|nov))\b",
        "admitted in April",
        "month_alone",
        score=0.5,
    ),
)
