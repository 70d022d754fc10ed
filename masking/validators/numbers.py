"""Checks of numbers: what stands alone, check digits, codes that are no record numbers."""

from __future__ import annotations

import re

from masking.explained import OF_A_CODE

from .contact import MEASURED
from .trimmed import DIGIT, Trimmed, alone, digits_of


def luhn_valid(digits: str) -> bool:
    """ISO/IEC 7812-1 check digit."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char)
        total += value if index % 2 == 0 else (value * 2 - 9 if value > 4 else value * 2)
    return total % 10 == 0


_JOINING = re.compile(r"[-+|\"'\[\](){}<>*~\s]+")


def ssn_apart(text: str, start: int, end: int) -> Trimmed | None:
    """Three groups of an SSN with other marks between: twice the same, or marks that only join; no list of numbers."""
    first, second = (re.sub(r"\s", " ", mark) for mark in re.split(r"\d+", text[start:end])[1:3])
    if first != second and not (_JOINING.fullmatch(first) and _JOINING.fullmatch(second)):
        return None
    if first.strip() in ("-", "", ".", "/") and first == second and first.strip() == first and first:
        return None
    before, after = text[max(0, start - 6) : start], text[end : end + 6]
    listed = re.search(r"\d[^0-9A-Za-z]{1,5}$", before) or re.match(r"[^0-9A-Za-z]{1,5}\d", after)
    return None if listed else Trimmed(start, end, 1.0)


def coded(text: str, start: int, end: int) -> Trimmed | None:
    """A code after a bare label: four characters or more, three digits among them, and no year or measure."""
    value = text[start:end]
    if (
        len(value) < 4
        or sum(map(str.isdigit, value)) < 3
        or re.fullmatch(r"(?:19|20)\d\d|\d+(?:mg|ml|cm|mm|th|x\d+)", value.lower())
    ):
        return None
    return Trimmed(start, end)


def misread(text: str, start: int, end: int) -> Trimmed | None:
    """A number of which a reader or a machine took some figures for letters: mostly figures, one letter at least."""
    value = text[start:end]
    letters = sum(map(str.isalpha, value))
    return alone(text, start, end) if 0 < letters <= 2 * sum(map(str.isdigit, value)) else None


def has_digit(text: str, start: int, end: int) -> Trimmed | None:
    """A code must hold a digit; a word after a label is no code."""
    value = text[start:end]
    trimmed = value.rstrip("-./_")
    return Trimmed(start, start + len(trimmed)) if DIGIT.search(value) and len(trimmed) > 1 else None


def iban(text: str, start: int, end: int) -> Trimmed | None:
    """ISO 13616: mod 97 is 1. Trailing groups are dropped until it is."""
    value = text[start:end]
    while len(value.replace(" ", "")) >= 15:
        compact = value.replace(" ", "")
        moved = compact[4:] + compact[:4]
        if int("".join(str(int(char, 36)) for char in moved)) % 97 == 1:
            return Trimmed(start, start + len(value))
        value = value[: value.rstrip().rfind(" ")].rstrip() if " " in value else ""
    return None


_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(text: str, start: int, end: int) -> Trimmed | None:
    """49 CFR 565.15 check digit; without it the number needs letters and digits mixed and scores lower."""
    value = text[start:end]
    if value.isdigit() or value.isalpha():
        return None
    total = sum(
        weight * (int(c) if c.isdigit() else _VIN_VALUES[c]) for weight, c in zip(_VIN_WEIGHTS, value, strict=True)
    )
    return Trimmed(start, end, 1.0 if "0123456789X"[total % 11] == value[8] else 0.7)


def dea(text: str, start: int, end: int) -> Trimmed | None:
    """21 CFR 1301: (d1+d3+d5) + 2(d2+d4+d6) ends in d7."""
    d = [int(char) for char in text[start + 2 : end]]
    return Trimmed(start, end) if (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6] else None


def nhs(text: str, start: int, end: int) -> Trimmed | None:
    """The NHS number's modulus 11."""
    d = [int(char) for char in digits_of(text[start:end])]
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), d, strict=False)) % 11
    return alone(text, start, end) if check % 11 == d[9] else None


def luhn(text: str, start: int, end: int) -> Trimmed | None:
    return alone(text, start, end) if luhn_valid(digits_of(text[start:end])) else None


_STAMP = re.compile(  # HL7's TS: no issuer's numbers have fourteen digits and begin so
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d", re.ASCII
)


def card(text: str, start: int, end: int) -> Trimmed | None:
    """A card's number by its check digit and issuer; a second of a day passes that check once in ten."""
    digits = digits_of(text[start:end])
    if _STAMP.fullmatch(text, start, end) or (
        (digits[0] not in "23456" and digits[:4] not in ("1800", "2131"))
        or not luhn_valid(digits)
        or len(set(digits)) < 3
    ):
        return None
    return alone(text, start, end)


def card_label(text: str, start: int, end: int) -> Trimmed | None:
    return Trimmed(start, end) if 3 <= len(digits_of(text[start:end])) <= 19 else None


_PARTS = re.compile(r"[ .-]?([A-Za-z0-9]+)")
_LETTERS = 4  # of a part: a longer one is a word
_NATIONAL = range(7, 19)
_BANK, _APART = range(6, 20), 8


def national(text: str, start: int, end: int) -> Trimmed | None:
    """A national number in its groups: seven digits or more; a word behind it is no part."""
    last, digits = start, 0
    for part in _PARTS.finditer(text, start, end):
        count = len(digits_of(part[1]))
        letters = len(part[1]) - count
        if part.start() != last or (letters and not part[1].isupper()) or (not count and letters > _LETTERS):
            break
        if not count and digits and letters > 2:
            break
        last, digits = part.end(), digits + count
    whole = last == len(text) or not text[last].isalnum()
    return Trimmed(start, last) if whole and digits in _NATIONAL else None


_DAY_OR_TIMES = re.compile(
    r"(?:19|20)\d\d[-.]\d\d?[-.]\d\d?|\d\d?[-.]\d\d?[-.](?:19|20)?\d\d|\d{4}-\d{4}|(?:(?:19|20)\d\d[ -]?){2,4}",
    re.ASCII,
)
_ON = re.compile(r"[/.,]\d")


def bank(text: str, start: int, end: int) -> Trimmed | None:
    """The number of an account or a card behind its word: six digits or more, no day, no span of years or times."""
    count = len(digits_of(text[start:end]))
    if (
        count not in _BANK
        or (count < _APART and " " in text[start:end])
        or MEASURED.match(text, end)
        or _DAY_OR_TIMES.fullmatch(text, start, end)
        or _ON.match(text, end)
    ):
        return None
    return Trimmed(start, end)


def mixed_hex(text: str, start: int, end: int) -> Trimmed | None:
    value = text[start:end]
    return None if value.isalpha() or len(set(value)) < 8 else Trimmed(start, end)


def code_number(text: str, start: int, end: int) -> Trimmed | None:
    """A letter-and-number code that is no vaccine, virus, isotope, grade or standard."""
    value = text[start:end]
    letters = re.match(r"[A-Z]*", value)
    prefix = letters[0] if letters else ""
    if prefix in (
        "COVID",
        "SARS",
        "CA",
        "CD",
        "HLA",
        "IL",
        "ICD",
        "CPT",
        "LOINC",
        "ISO",
        "RFC",
        "HCPCS",
        "DSM",
        "TYPE",
        "USP",
        "FDA",
        "NCT",
        "NDA",
        "ANDA",
        "BLA",
        "NDC",
        "PMID",
        "DOI",
        "ASTM",
        "HL",
    ):
        return None
    if start and text[start - 1] in "-/.:_":
        return None
    return alone(text, start, end)


def long_number(text: str, start: int, end: int) -> Trimmed | None:
    """A long number that stands alone and is no concept's (`measurement_concept_id = 3004410`)."""
    return None if OF_A_CODE.search(text, max(0, start - 160), start) else alone(text, start, end)
