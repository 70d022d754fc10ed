"""Checks of keys, passwords and random runs."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter

from .trimmed import DIGIT, Trimmed


def secret_like(text: str, start: int, end: int) -> Trimmed | None:
    value = text[start:end]
    return (
        Trimmed(start, end)
        if DIGIT.search(value) or (re.search(r"[A-Z]", value) and re.search(r"[a-z]", value[1:]))
        else None
    )


_PASSENGER = re.compile(r"(?i)\bpass\W{1,3}$")  # `Pass: dtr`: who rode along, or what was passed
_PIN = re.compile(r"(?i)\bpin(?:[ _]?code)?[\"']?\s{0,2}(?:is|was)\s{1,2}$")  # of steel, more often than not


def password(text: str, start: int, end: int) -> Trimmed | None:
    """Not a word of prose (`token: none`) and not a placeholder of ours."""
    value = text[start:end].rstrip(".,)]}")
    lowered = value.lower()
    if _PIN.search(text, max(0, start - 12), start) and not DIGIT.search(value):
        return None
    if not value or lowered in (
        "none",
        "null",
        "true",
        "false",
        "required",
        "string",
        "expired",
        "invalid",
        "missing",
        "reset",
        "changed",
        "the",
        "not",
    ):
        return None
    if len(value) < 6 and value.isalpha() and _PASSENGER.search(text, max(0, start - 8), start):
        return None
    return Trimmed(start, start + len(value))


def entropy(text: str, start: int, end: int) -> Trimmed | None:
    """Over 3.7 bits a character, three classes of characters, no words run together, no path."""
    value = text[start:end]
    counts = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    if bits < 3.7 or not (DIGIT.search(value) and re.search(r"[a-z]", value) and re.search(r"[A-Z]", value)):
        return None
    token = text[text.rfind(" ", 0, start) + 1 : start]
    if "://" in token or token.endswith((".", "/")):
        return None
    if re.search(r"[a-z]{9,}|_[a-z]{3,}_|/[a-z]{3,}/", value):
        return None
    changes = sum(1 for a, b in itertools.pairwise(value) if (a.isdigit(), a.isupper()) != (b.isdigit(), b.isupper()))
    return Trimmed(start, end) if changes > len(value) * 0.25 else None
