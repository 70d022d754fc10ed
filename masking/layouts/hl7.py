"""HL7 v2 messages: segments and fields that identify, by the segment definitions of HL7 v2.5.1 (chapters 2 to 9).

Strategy: one table, segment to field to kind. A field is taken apart into repetitions and components, and only the
components that identify are cells: `PID-11` keeps state and country, `PID-3` keeps the assigning authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from masking.refinements import IDENTIFIER_TYPES
from masking.wordset import word_set

from .cell import Cell, Layout, rest

_HEADS = frozenset({"MSH", "FHS", "BHS"})
_SEGMENT = re.compile(r"(?:^|(?<=[\r\n\x0b]))([A-Z][A-Z0-9]{2})([^\w\s])([^\r\n]*)")
_START = re.compile(
    r"[\s\x0b]*(?:[^\n]{0,200}\n){0,3}?(?:(?:MSH|FHS|BHS|PID)[|^~&#@*!]|(?:MSH|FHS|BHS)([^\w\s])[^\w\s]{3,5}\1)"
)
_PLACE, _PERSON, _STAMP = "address", "name", "date"
_FIELDS: dict[str, dict[str, str]] = {
    "MSH": {_STAMP: "7", "id": "10", _PLACE: "4 6"},
    "FHS": {_STAMP: "7", "id": "9 11 12", _PLACE: "4 6"},
    "BHS": {_STAMP: "7", "id": "9 11 12", _PLACE: "4 6"},
    "MSA": {"id": "2"},
    "MFE": {_STAMP: "3", "id": "2", _PERSON: "4"},
    "MFI": {_STAMP: "4 5"},
    "TQ1": {_STAMP: "7 8"},
    "IAM": {_STAMP: "11 13", _PERSON: "14 18"},
    "PRA": {"id": "1", "license": "6"},
    "AIS": {_STAMP: "4"},
    "AIG": {_STAMP: "8"},
    "CON": {_STAMP: "13 14 15", _PERSON: "24"},
    "EVN": {_STAMP: "2 3 6", _PERSON: "5", _PLACE: "7"},
    "PID": {
        "mrn": "2 3 4",
        _PERSON: "5 6 9",
        _STAMP: "7 29 33",
        _PLACE: "11 12 23",
        "phone": "13 14 40",
        "account": "18",
        "ssn": "19",
        "license": "20",
        "id": "21",
    },
    "PD1": {_PLACE: "3", _PERSON: "4"},
    "NK1": {_PERSON: "2 26 30", _PLACE: "4 13 32", "phone": "5 6 31 40", _STAMP: "8 9 16", "id": "12 33", "ssn": "37"},
    "PV1": {_PLACE: "3 6 11 42 43", _PERSON: "7 8 9 17 52", "account": "19 50", "id": "5", _STAMP: "44 45"},
    "PV2": {_STAMP: "8 9 17 26 28 29 33 46 47 48", _PERSON: "13", _PLACE: "23"},
    "MRG": {"mrn": "1 2 4", "account": "3 5", _PERSON: "7"},
    "ORC": {"id": "2 3 4 8", _STAMP: "7 9 15 27", _PERSON: "10 11 12 19", _PLACE: "13 21 22 24", "phone": "14 23"},
    "OBR": {"id": "2 3 18 19 20 21 29", _STAMP: "6 7 8 14 22 36", _PERSON: "10 16 28 32 33 34 35", "phone": "17"},
    "OBX": {_STAMP: "12 14 19", _PERSON: "16 25", "device": "18", _PLACE: "23 24", "id": "21"},
    "TXA": {_STAMP: "4 6 7 8", _PERSON: "5 9 10 11 22 23", "id": "12 13 14 15 16"},
    "SCH": {"id": "1 2 3 4", _STAMP: "11", _PERSON: "12 16 20", "phone": "13 17", _PLACE: "14 18 22"},
    "IN1": {
        "health_plan": "8 10 36 45 49",
        _PLACE: "4 5 19 44",
        _PERSON: "6 16 30",
        "phone": "7",
        _STAMP: "12 13 18 24 26 29",
    },
    "IN2": {
        "ssn": "2",
        "id": "1",
        "health_plan": "6 8 26 61",
        _PERSON: "3 7 9 22 40 52",
        "phone": "63 64",
        _PLACE: "69 70",
    },
    "GT1": {"id": "2 19", _PERSON: "3 4 16 42", _PLACE: "5 17 51", "phone": "6 7 18", _STAMP: "8 13 14", "ssn": "12"},
    "ACC": {_STAMP: "1", _PLACE: "3 11"},
    "AL1": {_STAMP: "6"},
    "DG1": {_STAMP: "5 19", _PERSON: "16"},
    "PR1": {_STAMP: "5", _PERSON: "8 11 12"},
    "PRB": {_STAMP: "2 7 8 15 16", "id": "4"},
    "RXA": {_STAMP: "3 4 16 22", _PERSON: "10", _PLACE: "11 27 28", "device": "15"},
    "RXE": {_PERSON: "13 14", "id": "15", _STAMP: "18 32", _PLACE: "40 41 42"},
    "RXD": {_STAMP: "3", "id": "7", _PERSON: "10", "device": "18", _PLACE: "13 29 30"},
    "RXO": {_PERSON: "14 15"},
    "FT1": {_STAMP: "4 5", "id": "2 3 23", _PLACE: "16", _PERSON: "20 21 24"},
    "SPM": {"id": "2 3", _STAMP: "17 18", _PLACE: "10"},
    "ROL": {_PERSON: "4", _STAMP: "5 6", _PLACE: "11", "phone": "12"},
    "PRT": {_PERSON: "5", _PLACE: "8 9 14", "device": "10 16 20 21 22", _STAMP: "11 12", "phone": "15"},
    "STF": {
        "id": "1 2",
        _PERSON: "3",
        "phone": "10",
        _PLACE: "11",
        _STAMP: "6 12 13",
        "email": "15",
        "ssn": "29",
        "license": "22",
    },
    "CTD": {_PERSON: "2", _PLACE: "3 4", "phone": "5", "id": "7"},
    "AIP": {_PERSON: "3", _STAMP: "6"},
    "AIL": {_PLACE: "3", _STAMP: "6"},
    "ARQ": {"id": "1 2", _PERSON: "15 19", "phone": "16", _PLACE: "17"},
    "QRD": {_STAMP: "1", "id": "4", _PERSON: "8"},
    "QPD": {"id": "2", "mrn": "3", _PERSON: "4"},
    "DB1": {_STAMP: "4 5", "id": "3"},
    "PDA": {_STAMP: "5", _PERSON: "6"},
}
_TABLE: dict[tuple[str, int], str] = {
    (segment, int(number)): kind
    for segment, kinds in _FIELDS.items()
    for kind, numbers in kinds.items()
    for number in numbers.split()
}
_CODED = frozenset("MSH FHS BHS EVN RGS AIS RXR RXC QAK RCP DSC BTS FTS OBX".split())  # noqa: SIM905 - read as text
_WRITTEN = frozenset({("NTE", 3), ("MSA", 3), ("ERR", 7), ("ERR", 8), ("ERR", 6), ("PV2", 3), ("PV2", 12), ("AL1", 5)})
_LAST_NAME_PART = 6
_LAST_TITLED_PART = 2
_AREA_CODE = 3  # digits: fewer say the country
_TITLES = word_set("mr mrs ms miss dr md do jr sr ii iii iv phd rn np pa dds pharmd prof")
_KEPT_ADDRESS_PARTS = frozenset({3, 5, 6, 10})
_DAY = re.compile(r"(?:19|20)\d{4}(?:\d\d){0,4}(?:\.\d+)?(?:[+-]\d{4})?")
_ASKED = re.compile(r"@?([A-Z][A-Z0-9]{2})\.(\d{1,2})(?:\.\d{1,2}){0,2}")
_PROSE_TYPES = frozenset({"TX", "FT", "ST", "CF", ""})
_KIND_OF_TYPE = {
    "DT": "date",
    "TS": "date",
    "DTM": "date",
    "XPN": "name",
    "PN": "name",
    "XCN": "name",
    "CN": "name",
    "XAD": "address",
    "AD": "address",
    "XTN": "phone",
    "TN": "phone",
    "CX": "mrn",
    "EI": "id",
    "RP": "id",
}


def read(text: str) -> Layout | None:
    """Cells of an HL7 v2 message, alone or after a few lines; None for anything else."""
    if not _START.match(text):
        return None
    cells: list[Cell] = []
    prose: list[tuple[int, int]] = []
    kept: list[tuple[int, int]] = []
    marks = "|^~\\&"
    for match in _SEGMENT.finditer(text):
        segment, bar, body = match[1], match[2], match[3]
        if segment in _HEADS:
            marks = bar + (body[:4] if len(body) >= 4 else "^~\\&")
        if bar == marks[0]:
            found, written = _segment(text, match, marks)
            cells += found
            prose += written
            if segment in _FIELDS or segment in _CODED:
                taken = [*((cell.start, cell.end) for cell in found), *written]
                kept += rest(match.start(), match.end(), taken)
    parted = re.compile(f"[{re.escape(marks[:3])}\\r\\n]+")
    return Layout(cells, prose, [gap.span() for gap in parted.finditer(text)], kept)


def _segment(text: str, match: re.Match[str], marks: str) -> tuple[list[Cell], list[tuple[int, int]]]:
    """The cells of a segment, and its fields that are prose."""
    cells: list[Cell] = []
    prose: list[tuple[int, int]] = []
    segment = match[1]
    fields = list(_parts(match[3], match.start(3), marks[0]))
    value_type = text[slice(*fields[1])] if segment == "OBX" and len(fields) > 1 else ""
    for number, (start, end) in enumerate(fields, 2 if segment in _HEADS else 1):
        if start == end or (segment in _HEADS and number == 2):
            continue
        kind = _TABLE.get((segment, number))
        if segment == "OBX" and number == 5:
            kind = _KIND_OF_TYPE.get(value_type)
            if kind is None and value_type in _PROSE_TYPES:
                prose.append((start, end))
        elif (segment, number) in _WRITTEN or segment.startswith("Z"):
            prose.append((start, end))
        elif segment == "QPD" and _ASKED.match(text, start):
            cells.extend(_asked(text, start, end, marks))
            continue
        if kind is not None:
            cells.extend(_cells(text, start, end, kind, marks))
    return cells, prose


def _asked(text: str, start: int, end: int, marks: str) -> Iterator[Cell]:
    """What a query asks for: `@PID.5.1^Okafor`, each repetition with the field that it is about."""
    for low, high in _parts(text[start:end], start, marks[2]):
        field = _ASKED.match(text, low)
        kind = _TABLE.get((field[1], int(field[2]))) if field else None
        at = text.find(marks[1], low, high)
        if kind is not None and at >= 0:
            yield Cell(at + 1, high, kind)


def _parts(text: str, offset: int, mark: str) -> Iterator[tuple[int, int]]:
    start = 0
    while True:
        at = text.find(mark, start)
        end = len(text) if at < 0 else at
        yield offset + start, offset + end
        if at < 0:
            return
        start = at + 1


def _cells(text: str, start: int, end: int, kind: str, marks: str) -> Iterator[Cell]:
    for low, high in _parts(text[start:end], start, marks[2]):
        parts = list(_parts(text[low:high], low, marks[1]))
        named = kind
        if kind in ("mrn", "id", "account") and len(parts) > 4:
            named = IDENTIFIER_TYPES.get(text[slice(*parts[4])], kind)
        for index, (a, b) in enumerate(parts):
            if a < b and _identifies(kind, index, text[a:b], len(parts)):
                yield from _subcomponents(text, a, b, kind, named, marks[4])
            elif index and _DAY.fullmatch(text[a:b]):  # from when and until when an identifier holds
                yield Cell(a, b, "date")


def _subcomponents(text: str, start: int, end: int, kind: str, named: str, mark: str) -> Iterator[Cell]:
    for index, (a, b) in enumerate(_parts(text[start:end], start, mark)):
        value = text[a:b]
        if (
            a == b
            or (kind == "id" and index)
            or (kind == "name" and index > _LAST_TITLED_PART and value.lower() in _TITLES)
        ):
            continue
        yield Cell(a, b, "license" if kind == "name" and value.isdigit() else named)


def _identifies(kind: str, index: int, value: str, count: int) -> bool:
    if kind == "name":
        titled = index > _LAST_TITLED_PART and value.lower().rstrip(".") in _TITLES
        return index < _LAST_NAME_PART and not titled
    if kind == "address":
        return index not in _KEPT_ADDRESS_PARTS and not (count == 1 and len(value) <= 4)
    if kind == "phone":
        return sum(map(str.isdigit, value)) >= _AREA_CODE or "@" in value
    if kind == "date":
        return _DAY.match(value) is not None
    return index == 0 or (kind == "id" and index == 1 and "&" in value)
