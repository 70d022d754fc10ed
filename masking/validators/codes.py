"""Checks of codes: what stands behind a label, and what nothing clinical explains."""

from __future__ import annotations

import re

from masking.chart_words import ACRONYMS
from masking.explained import explains_code, machine_line
from masking.model import lexicon as lx

from .trimmed import Trimmed, alone

_WORD = re.compile(r"[A-Za-z0-9]+")
_NEXT = re.compile(r" ([A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,6}){0,4})(?![A-Za-z0-9/:.%-][A-Za-z0-9])")
_UNIT_AFTER = re.compile(
    r"(?i)\s?(?:mg|mcg|ml|cm|mm|kg|g|lbs?|cc|units?|u|iu|h|hrs?|min\w*|sec\w*|days?|weeks?|wks?|months?|mos?|"
    r"years?|yrs?|yo|"
    r"y/o|am|pm|%|fr|ga|gauge|pages?|pp|x|tabs?|caps?|puffs?|degrees?|bpm|mmhg|c|f|cells?|points?|holes?|"
    r"french|in|inch)\b"
)
_MIXED = re.compile(r"\d[A-Za-z]+\d|[A-Za-z]\d+[A-Za-z]", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d", re.ASCII)
_TIMED = re.compile(
    r"(?i)\b(?:report|rpt|run|case|study|scan|order|visit|encounter|eeg|psg|path|form|file|user|code|crew|monitor|"
    r"pump|lead|dispatch|cad|pcr|referral|ref|req|sample|specimen|culture|record|job|rx)\W{0,3}$"
)
_GOES_ON = re.compile(r"%|,\d")
_CODE_WORD = re.compile(r"(?i)\bcode\W{1,3}$")  # `error code 4471`: digits alone behind `code` are a system's
_DECIMALS = re.compile(r"\d{1,3}\.\d{1,3}(?:-\d{1,3}\.\d{1,3})?", re.ASCII)
_DATE = re.compile(
    r"(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?:[-/.](?:\d{4}|\d{2}))?|(?:19|20)\d\d-\d\d(?:-\d\d)?", re.ASCII
)
_ORDINAL = re.compile(r"(?i)\d+(?:st|nd|rd|th|s|d|am|pm|h)|\d+x\d*|x\d+|[a-z]\d")


def _counts(value: str) -> tuple[int, int]:
    """How many digits and how many letters."""
    digits = sum(map(str.isdigit, value))
    return digits, sum(map(str.isalnum, value)) - digits


def _spaced(text: str, start: int, end: int) -> int:
    """Where a code written in groups ends: `U83 447 1902 01`, `A 77143`."""
    groups = 0
    while len(text[start:end].rpartition(" ")[2]) <= 6:
        more = _NEXT.match(text, end)
        if (
            more is None
            or _UNIT_AFTER.match(text, more.end())
            or _ORDINAL.fullmatch(more[1])
            or _DATE.fullmatch(more[1])
        ):
            break
        digits, letters = _counts(more[1])
        if not digits or (letters and not more[1].isupper() and not text[start:end].islower()):
            break
        if digits + letters < (3 if not groups else 1) or _YEAR.fullmatch(more[1]):
            break
        end, groups = more.end(), groups + 1
    return end


_GROUPED = re.compile(  # `C 30 551 872`, `00 48 29 13`, `AB 12345 C`
    r"(?:[A-Z]{1,3}[ -]\d{1,5}(?:[ -]\d{2,5})|\d{1,5}(?:[ -]\d{2,5}){2})(?:[ -]\d{2,5}){0,3}(?:[ -][A-Z]{1,2})?"
    r"(?![\w/:%]|[.,-]\d| ?#| \d)|"
    r"[A-Z]{1,3} \d{5,9} [A-Z]{1,2}(?![\w/:%]|[.,-]\d| ?#| \d)"
)
_FEWEST = 6  # digits in groups that blanks part
_ROMAN = re.compile(r"I{1,3}|I?V|VI{1,3}|I?X")


def _leads(value: str) -> bool:
    """Whether a code in groups may begin with this: no abbreviation of the chart, no lead's or stage's number."""
    return value[0].isalpha() and value.casefold() not in ACRONYMS and _ROMAN.fullmatch(value) is None


def _grouped(text: str, start: int) -> int | None:
    """Where a code in three groups or more ends, that begins here with at most three letters."""
    found = _GROUPED.match(text, start)
    if found is None or _UNIT_AFTER.match(text, found.end()):
        return None
    digits, letters = _counts(found[0])
    return found.end() if digits >= _FEWEST or (letters and digits >= _FEWEST - 1) else None


_LINKING = re.compile(r"(?i)(?:(?:is|was|are|now|no|nr|for|of|to|still)[ \t]{1,3}){1,3}([A-Z0-9][A-Z0-9./_-]{0,40})")
_AGAIN = re.compile(
    r"(?i)(?:(?:s/?n|ref|lot|ser|serial|no|id)(?:[ \t]{1,3}|[:#.]{1,2}[ \t]{0,3})){1,3}([A-Z0-9][A-Z0-9./_-]{0,40})"
)


def labelled_code(text: str, start: int, end: int) -> Trimmed | None:
    """A code whose label says number, # or ID: any with a digit; groups apart by blanks belong to it."""
    linked = _LINKING.match(text, start) or _AGAIN.match(text, start)
    if linked is not None:
        start, end = linked.span(1)
        if _counts(text[start:end])[0] in (1, 2) and _grouped(text, start) is None:
            return None
    whole = _grouped(text, start)
    if whole is not None:
        return Trimmed(start, whole)
    value = text[start:end].rstrip("-./_")
    end = start + len(value)
    if not any(map(str.isdigit, value)):
        if (len(value) > 4 and _OF_A_STATE.fullmatch(value) is None) or _NEXT.match(text, end) is None:
            return None
        whole = _spaced(text, start, end)
        return Trimmed(start, whole) if _counts(text[start:whole])[0] >= 3 else None
    if len(value) < 2 or _REASON.fullmatch(value) or _DATE.fullmatch(value) or _DECIMALS.fullmatch(value):
        return None
    return Trimmed(start, _spaced(text, start, end))


_OF_A_MAKER = re.compile(r"(?i)\b(?:lot|batch|serial|s/?n)\b\W{1,3}$")  # whose codes mix letters and digits
_OWNED = re.compile(r"(?i)\b(?:account|acct|policy|chart|mrn|member|medical record)\W{1,3}$")  # whose is the code
_SIX_DIGITS = re.compile(r"\d{6}")
_OF_A_STATE = re.compile(r"[A-Z]{2}-[A-Z]{1,3}")  # `OR-D 7719402`
_REASON = re.compile(r"(?:CO|PR|OA|PI)-\d{1,3}|(?:CO|PR)\d{1,3}")  # why a payer adjusts a claim, and who bears it


_LICENSED = re.compile(
    r"(?i)\b(?:lic|licen[sc]e|registration|certificate|cert)\.?\W{1,3}$"
)  # may begin with a credential


def _led(text: str, start: int, end: int, *, licensed: bool) -> int | None:
    """Where a code ends that letters lead, apart from its figures: `C 30 551 872`, `OR-D 7719402`, `A 77143`."""
    value = text[start:end]
    grouped = _grouped(text, start) if _leads(value) else None
    if grouped is not None and re.search(r"\d{3}", text[start:grouped]):
        return grouped
    short = value.isalpha() and len(value) <= 3 and (value.isupper() or licensed)
    if not short and not (licensed and _OF_A_STATE.fullmatch(value)):
        return None
    whole = _spaced(text, start, end)
    roman = value.casefold() not in ACRONYMS and _SIX_DIGITS.search(text, end, whole)  # `account I 209812`
    if not (licensed or _leads(value) or roman) or _CLOCK.fullmatch(text[end + 1 : whole]):
        return None
    return whole if _counts(text[start:whole])[0] >= 4 else None


def named_code(text: str, start: int, end: int) -> Trimmed | None:
    """A code behind the noun alone: three digits or more, four characters or more; no year, measure, time or date."""
    again = _AGAIN.match(text, start)
    if again is not None:
        start, end = again.span(1)
    value = text[start:end].rstrip("-./_")
    end = start + len(value)
    digits, letters = _counts(value)
    licensed = _LICENSED.search(text, max(0, start - 16), start) is not None
    if text[start - 1 : start] in ("=", '"') or (not letters and _CODE_WORD.search(text, max(0, start - 8), start)):
        return None
    if 0 < digits < 3 and len(value) < 5 and _counts(text[start : _spaced(text, start, end)])[0] > 4:
        return Trimmed(start, _spaced(text, start, end))
    if value in ("CPT", "ICD", "DRG", "CVX", "NDC", "BIN", "PCN"):
        return None
    if letters and (whole := _led(text, start, end, licensed=licensed)) is not None:
        return Trimmed(start, whole)
    least = 5 if _OF_A_MAKER.search(text, max(0, start - 16), start) else 7
    mixed = digits > 1 and digits + letters >= least and _MIXED.search(value) is not None
    if (digits < 3 and not mixed) or digits + letters < 4 or (letters > 6 and digits < 4):
        return None
    if _CLOCK.fullmatch(value) and _TIMED.search(text, max(0, start - 16), start):
        return None
    if _DECIMALS.fullmatch(value) or _YEAR.fullmatch(value) or _DATE.fullmatch(value) or _ORDINAL.fullmatch(value):
        return None
    if (not letters and _UNIT_AFTER.match(text, end)) or _GOES_ON.match(text, end):
        return None
    owned = digits > 4 and _OWNED.search(text, max(0, start - 24), start) is not None
    if not owned and explains_code(text, start, end, span=digits < 5):
        return None
    return Trimmed(start, _spaced(text, start, end))


_LAST_DIGIT = re.compile(r" \d(?![\w-]|[.,]\d| [a-z])")  # `Medicare 3950 41187 2`


def insurer_code(text: str, start: int, end: int) -> Trimmed | None:
    """A number behind an insurer's name: six characters or more with four digits; words before it are no part."""
    value = text[start:end]
    groups = [(start + group.start(), start + group.end()) for group in re.finditer(r"[A-Za-z0-9-]+", value)]
    while groups and not any(map(str.isdigit, text[slice(*groups[0])])) and len(groups) > 1:
        groups.pop(0)
    while groups and not any(map(str.isdigit, text[slice(*groups[-1])])):
        groups.pop()
    if not groups:
        return None
    first, last = groups[0][0], groups[-1][1]
    whole = text[first:last]
    check = _LAST_DIGIT.match(text, last) if " " in whole else None
    last = last if check is None else check.end()
    digits, letters = _counts(whole)
    if digits < 4 or digits + letters < 6 or _UNIT_AFTER.match(text, last) or _DATE.fullmatch(whole):
        return None
    return Trimmed(first, last)


_SMALL = re.compile(r"on|at|for|to|by|and|not|the|his|her")
_PLATED = re.compile(r"(?i)\b(?:plates?|tags?|vrm)[\s:#]{1,3}$")
_WORD_APART = re.compile(r"[a-z]{4,}")
_IN_SMALL = re.compile(
    r"(?i)(?:\b(?:licen[sc]e|number|car|vehicle|registration) (?:plates?|tags?)|"
    r"\b(?:plates?|tags?|vrm)(?:\s(?:is|was|reads?|no\.?)| ?[#:]))[\s:#]{0,3}$"
)


def plate(text: str, start: int, end: int) -> Trimmed | None:
    """A number plate: four to eight characters with two digits, in up to four groups."""
    groups = [group.span() for group in _WORD.finditer(text, start, end)]
    if groups and _SMALL.fullmatch(text, *groups[0]):  # `plates on 366 ABC`, not `the med reg on 2217`
        if len(groups) < 2 or not _PLATED.search(text, max(0, start - 16), start):
            return None
        del groups[0]
        start = groups[0][0]
    if groups and _WORD_APART.fullmatch(text, *groups[0]) and not _IN_SMALL.search(text, max(0, start - 16), start):
        return None
    while groups:
        last = text[slice(*groups[-1])]
        if any(map(str.isdigit, last)) or (len(last) <= 3 and last.isupper() and len(groups) > 1):
            break
        groups.pop()
    if not groups:
        return None
    value = text[start : groups[-1][1]]
    digits, letters = _counts(value)
    if (
        digits < 2
        or not 4 <= digits + letters <= 17
        or _UNIT_AFTER.match(text, groups[-1][1])
        or _YEAR.fullmatch(value)
    ):
        return None
    return Trimmed(start, groups[-1][1])


_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|"
    r"W[AIVY])"
)
_PLATE_SHAPE = re.compile(
    rf"(?:{_STATE} )?(?:\d[A-Z]{{2,3}}[ -]?\d{{3,4}}|[A-Z]{{2}}\d\d ?[A-Z]{{3}}|[A-Z]{{3,4}}[ -]?\d{{3,4}}|"
    r"\d{3,4}[ -]?[A-Z]{3}|[A-Z]{2}[ -]\d{3}[ -][A-Z]{2}|[A-Z]{2}[ -]?\d\d[ -]?[A-Z]{1,2}[ -]?\d{4}|"
    r"[A-Z]{1,3}-[A-Z]{1,2} \d{3,4}|[A-Z]\d{3} ?[A-Z]{3}|\d[A-Z]\d ?\d{4})(?![\w/%-]|[.,]\d)"
)
_MODEL = re.compile(r"(?<!\d)(?:(?:19|20)\d\d|\d{1,2}0|\d{1,2}00)(?!\d)", re.ASCII)  # `GLE 350`, `CBR 1000`, a year
_LOOSE = re.compile(r"[A-Z]{3,4} \d|\d{3,4} [A-Z]")  # only a bracket tells it from an abbreviation and its value
_STARTS = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)?")


def car_plate(text: str, start: int, end: int) -> Trimmed | None:
    """A number plate behind a car or its make: letters and digits as plates have them, no model and no word."""
    for group in _STARTS.finditer(text, start, end):
        found = _PLATE_SHAPE.match(text, group.start())
        loose = found is not None and _LOOSE.match(found[0]) and text[found.start() - 1] != "("
        if found is None or loose or _UNIT_AFTER.match(text, found.end()) or _is_model(found[0]):
            continue
        return Trimmed(*found.span())
    return None


def _is_model(value: str) -> bool:
    """`GLE 350`, `F150 XLT`, `114 HIT`: a round number or a year, or letters that are a word or an abbreviation."""
    if _MODEL.search(re.sub(r"[A-Z]", " ", value)):
        return True
    words = [word.casefold() for word in re.findall(r"[A-Z]{3,}", value)]
    return any(word in ACRONYMS or lx.load().flags(word) & lx.WORD_COMMON for word in words)


def unexplained(text: str, start: int, end: int) -> Trimmed | None:
    """A code that nothing clinical explains: four digits with letters, or six digits and more.

    Only in prose: a string that is a code alone is judged by its field, a log's line by its labels.
    """
    value = text[start:end]
    digits, letters = _counts(value)
    groups = re.split(r"[-./]", value)
    if digits < (4 if letters else 6) or digits + letters < 6:
        return None
    if len(groups) > 1 and not letters and digits < 6 and "-" not in value:
        return None
    if "." in value and not letters:
        return None
    if _DATE.match(value) or re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", value):
        return None
    if (start and (text[start - 1] in "-/.:_@=\\+$" or text[start - 1].isalnum())) or text[end : end + 1] in (
        "@",
        "=",
        "_",
        "\\",
        "-",
    ):
        return None
    if text[end : end + 1] == "," and text[end + 1 : end + 4].isdigit():
        return None
    if not _in_prose(text, start, end) or machine_line(text, start, end) or explains_code(text, start, end):
        return None
    return alone(text, start, end)


_PROSE = re.compile(r"[^\W\d_]{2,}[,;:.)]?\s{1,3}[(\"]?[^\W\d_]{2}")


def _in_prose(text: str, start: int, end: int) -> bool:
    return _PROSE.search(text, max(0, start - 160), min(len(text), end + 160)) is not None
