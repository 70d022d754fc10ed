"""Checks of telephones and of mail, web and network addresses."""

from __future__ import annotations

import re

from .trimmed import Trimmed, alone, digits_of

_PUBLIC_HOSTS = re.compile(
    r"(?i)(?:^|\.)(?:hl7\.org|loinc\.org|snomed\.info|unitsofmeasure\.org|w3\.org|ihe\.net|"
    r"nema\.org|who\.int|nucc\.org|"
    r"ama-assn\.org|nlm\.nih\.gov|cms\.gov|cdc\.gov|fda\.gov|ietf\.org|iso\.org|bioontology\.org|hl7\.eu|schema\.org|"
    r"json-schema\.org|smarthealthit\.org|fhir\.org|bluebutton\.cms\.gov|synthetichealth\.github\.io|ncpdp\.org|"
    r"x12\.org|ohdsi\.org|purl\.org|oasis-open\.org|openehr\.org|dicomstandard\.org|mathml\.org|xmlsoap\.org)$"
)


def phone_length(text: str, start: int, end: int) -> Trimmed | None:
    """Eight to fifteen digits; after `00`, eleven or more that are no drug code (`00310-0271-10`)."""
    value = text[start:end]
    least = 11 if value.startswith("00") else 8
    if not least <= len(digits_of(value)) <= 15 or re.fullmatch(r"00\d{3}-\d{4}-\d\d", value):
        return None
    return Trimmed(start, end)


def phone_national(text: str, start: int, end: int) -> Trimmed | None:
    """Not a span of time: `0700-1900`."""
    return None if re.match(r"[01]\d[0-5]\d-[0-2]\d[0-5]\d", text[start:end]) else alone(text, start, end)


def phone_label(text: str, start: int, end: int) -> Trimmed | None:
    """After a label: seven to fifteen digits, cut before a second number."""
    value = text[start:end].rstrip(" -./(")
    count = len(digits_of(re.split(r"(?i)\s*(?:x|ext)", value)[0]))
    if count > 15 or re.match(r"\d+(?:\.\d+){4}", value):
        return None
    return Trimmed(start, start + len(value)) if count >= 7 else None


MEASURED = re.compile(
    r"(?i)[.,:/]\d|\s?%|\s?(?:mg|mcg|ml|cm|mm|kg|g|lbs?|cc|units?|h|hrs?|hours?|min\w*|sec\w*|days?|weeks?|wks?|months?|"
    r"mos?|years?|yrs?|yo|x|deg\w*|feet|ft|miles?|bpm|calls?|times|pages?|steps|ohms?|rpm|mmol|microns?|patients?|dollars?)\b|\s?\xb0"
)
_MOVED = re.compile(
    r"(?i)\b(?:flex\w*|flx|a?p?rom|knees?|hips?|elbows?|wrists?|shoulders?|fingers?|lumbar|cervical|neck|trunk|abd\w*|add)\b"
    r"(?:[\s,:/&-]{1,3}(?:a?p?rom|flex\w*|flx|and|to|of|in|the|is|was|l|r|lt|rt|left|right|bilat\w*|strength|active|"
    r"passive|\d{1,3}(?:-\d{1,3})?|abd\w*|add\w*|rot\w*|ext\w*)){0,8}[\s,:/&-]{1,3}ext\w*\W{0,3}$"
)
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)


def dialled(text: str, start: int, end: int) -> Trimmed | None:
    """A short number that is dialled: no measure, no year, no angle of a joint that extends.

    Right behind the word for a telephone (`ext 2017 x 2`, `pager 4471 page back`) only a unit of what bends or is held
    makes a measure of it.
    """
    moved = (
        end - start == 3
        and int(text[start:end]) <= _WIDEST
        and _MOVED.search(text, max(0, start - 64), start) is not None
    )
    if _RIGHT_BEHIND.search(text, max(0, start - 16), start) and not moved:
        return None if _HELD.match(text, end) else Trimmed(start, end)
    if MEASURED.match(text, end) or moved:
        return None
    return None if _YEAR.fullmatch(text, start, end) else Trimmed(start, end)


_WIDEST = 190  # degrees
_RIGHT_BEHIND = re.compile(r"(?i)\b(?:ext\.?|extn\.?|extension|pager|beeper|bleep|bpr|pgr|vm)[ :#.]{1,3}#?$")
_HELD = re.compile(
    r"(?i)\s?(?:mg|mcg|ml|cm|mm|kg|g|lbs?|cc|deg\w*|%|\xb0|miles?|dollars?|ohms?|rpm|mmol|units?)(?![a-z])"
)


_CLOCK = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d", re.ASCII)


def dialled_at(text: str, start: int, end: int) -> Trimmed | None:
    """What somebody is called at or on; at a time of day they are called, no more."""
    timed = _CLOCK.fullmatch(text, start, end) and text[start - 3 : start] == "at "
    return None if timed else dialled(text, start, end)


def ipv4(text: str, start: int, end: int) -> Trimmed | None:
    numbers = re.split(r"[./:]", text[start:end])[:4]
    if any(int(number) > 255 for number in numbers) or (start and text[start - 1] in ".-"):
        return None
    return None if end < len(text) - 1 and text[end] == "." and text[end + 1].isdigit() else Trimmed(start, end)


def ipv6(text: str, start: int, end: int) -> Trimmed | None:
    """At least two colons, and either `::`, a hex letter or eight groups: `10:30:45` is a time of day."""
    value = text[start:end]
    groups = [group for group in value.split("/")[0].split(":") if group]
    if start and (text[start - 1].isalnum() or text[start - 1] == ":"):
        return None
    if value.count(":") < 2 or ("::" not in value and len(groups) != 8) or len(groups) < 2:
        return None
    return Trimmed(start, end) if re.search(r"[a-fA-F]|\d{3}", value) else None


def public_url(text: str, start: int, end: int) -> Trimmed | None:
    """Addresses of public terminologies and standards say nothing about anybody."""
    value = text[start:end].rstrip(".,;:!?)'\"")
    host = re.split(r"[/?#]", value.split("://", 1)[-1], maxsplit=1)[0].rsplit("@", 1)[-1].split(":")[0]
    return None if _PUBLIC_HOSTS.search(host) and "?" not in value else Trimmed(start, start + len(value))


def bare_url(text: str, start: int, end: int) -> Trimmed | None:
    if start and (text[start - 1] in "@/.-_" or text[start - 1].isalnum()):
        return None
    value = text[start:end]
    if not re.search(r"[A-Za-z]", value.split("/")[0].rsplit(".", 1)[0]) or (end < len(text) and text[end] in "(@"):
        return None
    return public_url(text, start, end)


def spelled_email(text: str, start: int, end: int) -> Trimmed | None:
    """`name at place dot org`; a plain `at work.me` needs the spelled dot or a bracket."""
    value = text[start:end].lower()
    return Trimmed(start, end) if re.search(r"[(\[{<]|\sdot\s", value) else None
