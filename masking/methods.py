"""What stands in the place of a masked value: one function for each method.

`redact` leaves the kind, `token` a keyed stand-in, `generalize` the part Safe Harbor allows, `shift` a date moved by
the patient's own offset, `partial` the last characters. What a method cannot do for a value is redacted instead.
"""

from __future__ import annotations

import re

from . import dates
from .keyed import Keyed
from .kinds import label
from .wordset import word_set

# 45 CFR 164.514(b)(2)(i)(B): ZIP3 areas of 20,000 people or fewer, by the censuses of 2000 and 2010.
LOW_POPULATION = word_set("""
    036 059 102 202 203 204 205 369 556 692 753 772 821 823 878 879 884 893 063 790 831 890
""")
_ZIP = re.compile(r"(?<!\d)(\d{5})(?:-?\d{4})?(?:[\s,]+U\.?S\.?A?\.?)?\W*$")  # a street's number stands before it
_EPOCH = re.compile(r"-?\d{9,13}(?:\.\d+)?")
_AGE = re.compile(
    r"(?i)(?:[^\w+]{0,3}(?:age|aged|now|about|is))*[^\w+]{0,3}(\d{2,3}\+?)"
    r"(?:[^\w+]{0,3}(?:years?|yrs?|y|o|yo|old|young|of|age|[mf]|male|female|yo[mf]))*[^\w+]{0,3}"
)
PARTLY = re.compile(
    r"\*{2,}(?:[-. ()/]{1,3}\*+)*[-.]?[A-Z\d]{1,4}\b|[\w*]?\*{3}@\*{3}\.\w+"
)  # what the method `partial` leaves
_KEEP_LAST = {"phone": 2, "fax": 2, "ssn": 4, "card": 4, "mrn": 2, "account": 4}
MAX_SHIFT_DAYS = 365
_OF_DIGITS = frozenset({"phone", "fax", "ssn", "card"})  # a letter at their end is something else's


class Methods:
    """Replacements under one session's key. Stateless but for the key."""

    __slots__ = ("_keyed",)

    def __init__(self, keyed: Keyed) -> None:
        self._keyed = keyed

    def apply(self, method: str, kind: str, value: str, subject: str = "") -> str:
        """The text to put in the place of `value`. `subject` names the patient a date belongs to."""
        if method == "token":
            return self._keyed.token(kind, self._keyed.digest(kind, value))
        if method == "partial":
            return _partial(kind, value)
        if method == "generalize":
            return generalize(kind, value)
        if method == "shift":
            return _shifted(value, self.offset(subject)) or label(kind)
        return label(kind)

    def offset(self, subject: str) -> int:
        """Days to move a patient's dates by: 1 to 365 into the past, the same for one patient in one session."""
        return -(1 + self._keyed.number("shift", subject) % MAX_SHIFT_DAYS)


def _shifted(value: str, days: int) -> str | None:
    moved = dates.shift(value, days)
    if moved is None and _EPOCH.fullmatch(value):
        epoch = dates.shift_epoch(float(value), days)
        return None if epoch is None else str(int(epoch))
    return moved


def generalize(kind: str, value: str) -> str:
    """What Safe Harbor lets stand: the year of a date, `90+` for an age, three digits of a ZIP code."""
    if kind == "date" and _EPOCH.fullmatch(value) and dates.parse(value) is None:
        year = dates.epoch_year(float(value))
        return label(kind) if year is None else str(year)
    if kind == "date":
        return dates.year_of(value) or label(kind)
    if kind == "age":
        found = _AGE.fullmatch(value)
        return value[: found.start(1)] + "90+" + value[found.end(1) :] if found else "90+"
    if kind == "address":
        found = _ZIP.search(value)
        if found:
            return "000" if found[1][:3] in LOW_POPULATION else found[1][:3]
    return label(kind)


def _partial(kind: str, value: str) -> str:
    if kind == "email":
        if PARTLY.fullmatch(value):
            return value  # masked before
        name, at, domain = value.partition("@")
        _, dot, last = domain.rpartition(".")
        return f"{name[:1]}***@***.{last}" if at and dot and last.isalpha() else label(kind)
    keep = _KEEP_LAST.get(kind, 0)
    alnum = [i for i, char in enumerate(value) if char.isalnum()]
    if keep and len(alnum) <= keep <= value.count("*"):
        return value  # masked before
    if not keep or len(alnum) < keep * 2 or any(value[i].isalpha() for i in alnum[-keep:] if kind in _OF_DIGITS):
        return label(kind)
    hidden = set(alnum[:-keep])
    return "".join("*" if i in hidden else char for i, char in enumerate(value))
