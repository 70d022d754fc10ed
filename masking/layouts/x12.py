"""X12 health care transactions (837, 835, 834, 270/271, 276/277, 278): elements that identify.

Strategy: the separators stand in the ISA segment at fixed places (ASC X12 005010X222A1, appendix B). One table says
which elements of a segment identify; NM1 and REF are told apart by their qualifiers.
"""

from __future__ import annotations

import re

from .cell import Cell, Layout, rest

_ELEMENTS: dict[str, dict[int, str]] = {
    "NM1": {3: "name", 4: "name", 5: "name", 9: "id", 12: "name"},
    "N1": {2: "name", 4: "id"},
    "N2": {1: "name", 2: "name"},
    "N3": {1: "address", 2: "address"},
    "N4": {1: "address", 3: "address"},
    "PER": {2: "name", 4: "phone", 6: "phone", 8: "phone"},
    "DMG": {2: "date"},
    "DTP": {3: "date"},
    "DTM": {2: "date"},
    "BHT": {3: "id", 4: "date"},
    "BPR": {7: "account", 9: "account", 13: "account", 15: "account", 16: "date"},
    "TRN": {2: "id"},
    "REF": {2: "id"},
    "SBR": {3: "health_plan"},
    "CLM": {1: "account"},
    "CLP": {1: "account", 7: "id"},
    "INS": {12: "date"},
    "BGN": {2: "id", 3: "date"},
    "STC": {2: "date", 6: "date", 8: "date", 9: "id"},
    "COB": {2: "id"},
    "HCR": {2: "id"},
    "PWK": {6: "id"},
    "RMR": {2: "id"},
    "ACT": {1: "account"},
    "TS3": {1: "license", 3: "date"},
    "TS2": {1: "license"},
    "PLB": {1: "license", 2: "date"},
    "IEA": {2: "id"},
    "HI": {},
    "SVC": {},
    "ISA": {9: "date", 13: "id"},
    "GS": {4: "date", 6: "id"},
    "PAT": {6: "date"},
    "LX": {},
}
_REF = {
    "SY": "ssn",
    "1L": "health_plan",
    "0F": "health_plan",
    "IG": "health_plan",
    "1W": "health_plan",
    "EA": "mrn",
    "EJ": "account",
    "Y4": "account",
    "D9": "account",
    "F8": "account",
    "0B": "license",
    "1G": "license",
    "G2": "license",
    "EI": "id",
    "EO": "account",
    "6R": "account",
    "XZ": "id",
}
_NM1 = {"MI": "health_plan", "XX": "license", "34": "ssn", "24": "id", "FI": "id", "SV": "license"}
_PER = {"TE": "phone", "FX": "fax", "EM": "email", "UR": "url", "CP": "phone", "HP": "phone", "WP": "phone"}
_ORGANISATION = "2"
_SET = re.compile(r"(?:GS|ST)\*\w{2,3}\*")
_WRITTEN = re.compile(r"\s{0,4}(?:NTE|MSG|K3)[^\w\s](?:[A-Z]{3}[^\w\s])?")
_SHORTEST, _LAST = 60, 16  # characters, elements of an ISA segment


def read(text: str) -> Layout | None:
    """Cells of an X12 interchange; None for anything else."""
    head = text.lstrip()
    lead = len(text) - len(head)
    marks = _marks(head)
    if marks is None:
        return None
    mark, end = marks
    cells: list[Cell] = []
    prose: list[tuple[int, int]] = []
    start = lead
    while start < len(text):
        stop = text.find(end, start)
        stop = len(text) if stop < 0 else stop
        written = _WRITTEN.match(text, start, stop)
        if written is not None:
            prose.append((written.end(), stop))
        cells.extend(_segment(text, start, stop, mark))
        start = stop + 1
    kept = rest(lead, len(text), [*((cell.start, cell.end) for cell in cells), *prose])
    parted = re.compile(f"[{re.escape(mark + end)}\\r\\n]+")
    return Layout(cells, prose, [gap.span() for gap in parted.finditer(text)], kept)


def _marks(head: str) -> tuple[str, str] | None:
    """The element separator and the segment terminator; also of an interchange whose ISA is not padded, or is gone."""
    if _SET.match(head) and "~" in head:
        return head[2], "~"
    if not head.startswith("ISA") or len(head) < _SHORTEST:
        return None
    mark = head[3]
    at = -1
    for _ in range(_LAST):
        at = head.find(mark, at + 1)
        if at < 0:
            return None
    return (mark, head[at + 2]) if at + 2 < len(head) and not head[at + 2].isalnum() else None


def _segment(text: str, start: int, stop: int, mark: str) -> list[Cell]:
    while start < stop and text[start] in "\r\n ":
        start += 1
    parts = text[start:stop].split(mark)
    table = _ELEMENTS.get(parts[0])
    if not table:
        return []
    cells, at = [], start
    for index, part in enumerate(parts):
        kind = table.get(index)
        if kind is not None and part.strip():
            kind = _refined(parts, index, kind)
            if kind:
                cells.append(Cell(at, at + len(part.rstrip()), kind))
        at += len(part) + 1
    return cells


def _refined(parts: list[str], index: int, kind: str) -> str:
    name = parts[0]
    if name == "REF":
        return _REF.get(parts[1], kind)
    if name == "PER" and index > 2:
        return _PER.get(parts[index - 1], kind)
    if name == "NM1":
        if index == 9:
            return _NM1.get(parts[8], kind) if len(parts) > 8 else kind
        return "address" if parts[2] == _ORGANISATION and parts[1] not in ("PR", "41", "40") else kind
    if name == "N1":
        return "address" if index == 2 else kind
    return kind
