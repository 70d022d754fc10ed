"""`label: value`, `key=value` and `"key": value` in lines, logs, query strings, headers, forms (RFC 7578), vCards.

Strategy: a key is looked up in the field dictionary; only a name that tells a kind makes a cell. After `=` the value
is one word or quoted; after `:` it is the rest of the line up to a gap, a bar or the next label. Names and addresses
are trimmed by their own checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from masking.fields import Role, Rule, rule_for
from masking.validators import address_line, name_line, place_line
from masking.values import is_date_text
from masking.wordset import word_set

from .cell import Cell
from .delimited import kind_of

_ASSIGN = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w.-]{1,48})(?:=|\\?[\"']\s?:\s?|"
    r"\s?=>\s?)(?:\\?[\"']([^\"'\\\n]{1,200})|([^\s&,;|\"'<>(){}\[\]\\]{1,200}))"
)
_LABEL = re.compile(
    r"(?:^|(?<=[\n|;\t(>])|(?<=\s\s)|"
    r"(?<=[.,]\s))[ \t*•>-]{0,6}([A-Za-z][A-Za-z0-9 _/#.'()-]{1,40}?)[ \t]?[:=][ \t]{0,4}\*{0,"
    r"2}[ \t]?(?=\S)"
)
_VALUE = re.compile(
    r"[^\n\r\t|;{}\[\]<>\"]{1,120}?(?=\s{2,}|[\n\r\t|;{}\[\]<>\"]|,\s[A-Za-z ]{2,24}:|\s[A-Za-z_][\w.-]{0,47}=|"
    r"\s[A-Z][A-Za-z]{1,14}(?:\s[A-Za-z#]{1,12}){0,2}:|$)"
)
_KEY = re.compile(r"Key \(([^()\n]{1,200})\)=\(([^()\n]{1,400})\)")
_ECHOED = re.compile(
    r"(?:Failing row contains|duplicate key value is|Duplicate entry|parameters?:) ?"
    r"[('\[]([^\n]{1,600}?)(?:\)\.|\)$|' for key|\]$)",
    re.MULTILINE,
)
_ITEM = re.compile(r"[^,()\n]+")
_PART = re.compile(
    r"(?i)form-data; name=\"([^\"\n]{1,60})\"[^\n]{0,200}\n(?:[\w-]{1,40}:[^\n]{0,200}\n){0,4}\r?\n([^\r\n]{1,400})"
)
_CARD = re.compile(
    r"(?mi)^(?:N|FN|NICKNAME|SORT-STRING)(?:;[^:\r\n]{1,80})?:([^\r\n]{1,200})|;CN=\"?([^:;\"\r\n]{2,80})"
)
_CARD_ADDRESS = re.compile(
    r"(?mi)^ADR(?:;[^:\r\n]{1,200})?:([^;\r\n]*);([^;\r\n]*);([^;\r\n]*);([^;\r\n]*);[^;\r\n]*;([^;\r\n]*)"
)
_TITLES = word_set("mr mrs ms dr mr. mrs. ms. dr. jr sr jr. sr. md phd")
_OF_CARD = re.compile(r"[^;,\\]+")
_SINGLE = re.compile(r"[\w@.+/:#*-]{1,80}")
_USERS = frozenset(
    {"user", "owner", "author", "patient", "member", "actor", "person", "provider", "employee", "client"}
)
_DIGIT = re.compile(r"\d")
_DIALLED = re.compile(r"(?:\d[\s().+/_-]{0,3}){7}")  # in one run: `PH: mPAP 34, PVR 5.1 …` is no phone's
_MEASURE = re.compile(r"\d{1,3}\s(?:h|hrs?|hours?|d|days?|wks?|weeks?|mg|g|ml)\b")


def cells(text: str) -> list[Cell]:
    """The cells of every pair in `text` whose key tells a kind."""
    found: list[Cell] = []
    if "=" in text or '":' in text or "':" in text or "=>" in text:
        for match in _ASSIGN.finditer(text):
            rule = rule_for(match[1].rpartition(".")[2])
            if rule.role == Role.NAMEISH and (
                match[1].lower() in _USERS or text[match.start() - 1 : match.start()] in "?&"
            ):
                rule = Rule(Role.VALUE, "name")
            group = 2 if match[2] is not None else 3
            _add(text, match.start(group), match.end(group), rule, found, assigned=True)
    if "ey" in text or "row" in text:
        _echoed(text, found)
    _forms(text, found)
    if ":" in text or "=" in text:
        for match in _LABEL.finditer(text):
            rule = rule_for(match[1].strip(" .()'"))
            if rule.role in (Role.VALUE, Role.DATEISH, Role.PERSON):
                value = _VALUE.match(text, match.end())
                if value is not None:
                    _add(text, match.end(), value.end(), rule, found, assigned=False)
    return found


def _echoed(text: str, found: list[Cell]) -> None:
    """Rows and keys in a database's errors: `Key (mrn)=(123) already exists`, `Failing row contains (…)`."""
    for match in _KEY.finditer(text):
        columns, values = match[1].split(","), list(_ITEM.finditer(text, *match.span(2)))
        if len(columns) == len(values):
            for column, value in zip(columns, values, strict=True):
                rule = rule_for(column.strip(' "'))
                _add(text, *_trimmed(text, *value.span()), Rule(Role.VALUE, rule.kind or "id"), found, assigned=True)
        else:
            found.append(Cell(*match.span(2), "id"))
    for match in _ECHOED.finditer(text):
        for value in _ITEM.finditer(text, *match.span(1)):
            start, end = _trimmed(text, *value.span())
            if end - start > 1 and text[start:end].lower() not in ("null", "true", "false"):
                found.append(Cell(start, end, "id"))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " '\"":
        start += 1
    while end > start and text[end - 1] in " '\"":
        end -= 1
    return start, end


def _forms(text: str, found: list[Cell]) -> None:
    """The parts of a form (RFC 7578), and the names of vCards (RFC 6350) and of calendars (RFC 5545)."""
    if 'name="' in text:
        for match in _PART.finditer(text):
            _add(text, *match.span(2), rule_for(match[1]), found, assigned=True)
    if "BEGIN:V" in text:
        for match in _CARD.finditer(text):
            names = _OF_CARD.finditer(text, *match.span(1 if match[1] else 2))
            found += (
                Cell(*name.span(), "name") for name in names if text[name.start() : name.end()].lower() not in _TITLES
            )
        for match in _CARD_ADDRESS.finditer(text):
            found += (Cell(*match.span(part), "address") for part in (1, 2, 3, 4, 5) if match[part])


def _add(text: str, start: int, end: int, rule: Rule, found: list[Cell], *, assigned: bool) -> None:
    kind = kind_of(text[start:end].strip(), rule) if assigned or rule.role == Role.PERSON else rule.kind
    if kind is None or rule.role not in (Role.VALUE, Role.DATEISH, Role.PERSON, Role.REFERENCE):
        return
    trimmed = _TRIMS.get(kind, _anything)(text, start, end, assigned)
    if trimmed is not None:
        found.append(Cell(*trimmed, kind))


_Range = tuple[int, int] | None


def _anything(text: str, start: int, end: int, assigned: bool) -> _Range:  # noqa: ARG001 - one signature for the table
    return start, end


_DATED = re.compile(  # a date, and words behind it that say what was done: no time of day, no weekday, no zone
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}(?:,? (?:at )?\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?)?"
    r"(?= (?:[a-z+&-]{1,20}[ ,]{1,2}){2,3}[a-z])",
    re.IGNORECASE,
)


_BRACKETED = re.compile(r"[ \t]{0,2}\([^()\n]{1,40}\)[ \t]*\Z")  # `07/29/2001 (22 yrs)`: read as prose


def _date(text: str, start: int, end: int, assigned: bool) -> _Range:  # noqa: ARG001
    beside = _BRACKETED.search(text, start, end)
    if beside is not None and is_date_text(text[start : beside.start()]):
        end = beside.start()
    if not is_date_text(text[start:end]):
        return None
    said = _DATED.match(text, start, end)
    return start, said.end() if said else end


def _name(text: str, start: int, end: int, assigned: bool) -> _Range:
    trimmed = None if assigned else name_line(text, start, end)
    return (start, end) if assigned else (trimmed.start, trimmed.end) if trimmed else None


def _address(text: str, start: int, end: int, assigned: bool) -> _Range:
    if assigned:
        return start, end
    trimmed = address_line(text, start, end) if _DIGIT.search(text, start, end) else place_line(text, start, end)
    return (trimmed.start, trimmed.end) if trimmed else None


def _code(text: str, start: int, end: int, assigned: bool) -> _Range:  # noqa: ARG001
    value = None if _MEASURE.match(text, start, end) else _SINGLE.match(text, start, end)
    return value.span() if value is not None and _DIGIT.search(value[0]) else None


def _phone(text: str, start: int, end: int, assigned: bool) -> _Range:  # noqa: ARG001
    return (start, end) if _DIALLED.search(text, start, end) else None


def _one_word(text: str, start: int, end: int, assigned: bool) -> _Range:
    value = re.compile(r"\S+").match(text, start, end)
    return (start, end) if assigned else value.span() if value else None


_TRIMS: dict[str, Callable[[str, int, int, bool], _Range]] = {
    "date": _date,
    "name": _name,
    "address": _address,
    "phone": _phone,
    "fax": _phone,
    "age": _code,
    "email": _one_word,
    "url": _one_word,
    "ip": _one_word,
    "secret": _one_word,
    **dict.fromkeys(("ssn", "mrn", "health_plan", "account", "license", "vehicle", "device", "id", "card"), _code),
}
