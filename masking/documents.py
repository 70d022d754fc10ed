"""Texts that are documents: JSON, lines of JSON, JSON inside a text or a table, JSON strings, encoded runs.

Strategy: what is JSON is walked as JSON and put back byte for byte where nothing changed. The JSON values of one text
are walked together, as one list, so that each knows what the others taught; a text of many lines by groups of
`TOGETHER` characters, and once more from its beginning should a later group have taught anything.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from . import blobs, jsontext
from .findings import Finding
from .known import KnownValues
from .walk import Walk

TOGETHER = 4 << 20  # characters of lines that are walked together
_FILLER = "\x7f"
_FILLERS = re.compile(_FILLER + "+")
_OF_ROW = re.compile(r"\$\[(\d+)\]")
_CODED = re.compile(
    r"\s*(?:%(?:25)*(?:7[Bb]|5[Bb])|\\+u00(?:7[Bb]|5[Bb])|&(?:#\w+|[lr]?cub|lsqb|lbrack|lbrace);|[{\[]\s*&(?:quot|#))"
)
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_CODINGS: tuple[tuple[Callable[[str], str], Callable[[str], str]], ...] = (
    (unquote, lambda text: quote(text, safe="")),
    (unquote_plus, lambda text: quote_plus(text, safe="")),
    (lambda text: unquote(unquote(text)), lambda text: quote(quote(text, safe=""), safe="")),
    (html.unescape, html.escape),
    (lambda text: _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text), str),
)
Replaced = tuple[str, tuple[Finding, ...]]


class Documents:
    """Masks documents with what masks JSON values, plain texts at an offset, and texts that may be documents."""

    def __init__(
        self,
        walked: Callable[[Any, int], tuple[Any, Walk]],
        plain: Callable[[str, int], Replaced],
        text: Callable[[str, int], Replaced],
        known: KnownValues,
        digest: Callable[[str, str], str],
    ) -> None:
        self._walked, self._plain, self._text, self._known, self._digest = walked, plain, text, known, digest

    def mask(self, text: str, depth: int) -> Replaced | None:
        """A document masked, with what was found in it; None for plain text."""
        head = text.lstrip()[:1]
        if head in ("{", "["):
            obj = jsontext.parse(text)
            if obj is not None:
                return self._whole(text, obj, depth)
            lined = self._lines(text, depth)
            if lined is not None:
                return lined
        table = jsontext.cells(text)
        if table and _FILLER not in text:
            return self._table(text, table, depth)
        if head == '"' and "\\" in text:
            return self._quoted(text, depth)
        if _CODED.match(text):
            coded = self._coded(text, depth)
            if coded is not None:
                return coded
        if '{"' in text or "[{" in text or '": ' in text:
            inside = jsontext.parts(text)
            return self._inside(text, inside, depth) if inside else None
        if len(text) >= jsontext.MIN_BLOB and " " not in text and blobs.RUN.fullmatch(text.strip()):
            return self._encoded(text, depth)
        return None

    def _whole(self, text: str, obj: Any, depth: int) -> Replaced:
        """A text that is one JSON value."""
        value, walk = self._walked(obj, depth)
        return (jsontext.splice(text, obj, value) if walk.changed else text), walk.findings(self._digest)

    def _lines(self, text: str, depth: int) -> Replaced | None:
        out = None
        for _ in range(2):
            done: list[str] = []
            findings: list[Finding] = []
            cursor, line, learnt = 0, 1, None
            for group in jsontext.lines(text, TOGETHER):
                if group is None:
                    return None
                begin, cursor = cursor, group[-1][1]
                found = self._together(text, group, begin, line, depth, findings)
                done += (part for pair in found for part in pair)
                line += text.count("\n", begin, cursor)
                learnt = len(self._known) if learnt is None else learnt
            out = "".join((*done, text[cursor:])), tuple(findings)
            if len(self._known) == learnt:
                break
        return out

    def _together(
        self, text: str, pieces: Sequence[jsontext.Piece], cursor: int, line: int, depth: int, findings: list[Finding]
    ) -> list[tuple[str, str]]:
        """JSON values of a text walked as one list: what stands before each, behind `cursor`, and each masked.

        `line` is the number of the line that `cursor` is in; findings say in which line their value begins.
        """
        objects = [obj for _, _, obj in pieces]
        values, walk = self._walked(objects, depth)
        out: list[tuple[str, str]] = []
        lines: list[int] = []
        for (start, end, obj), value in zip(pieces, values, strict=True):
            line += text.count("\n", cursor, start)
            lines.append(line)
            line += text.count("\n", start, end)
            piece = text[start:end]
            out.append((text[cursor:start], piece if value is obj else jsontext.splice(piece, obj, value)))
            cursor = end
        found = []
        for finding in walk.findings(self._digest):
            row = _OF_ROW.match(finding.where)
            if row is not None:
                index = int(row[1])
                found.append((index, finding._replace(where=f"line {lines[index]}: ${finding.where[row.end() :]}")))
        findings += (finding for _, finding in sorted(found, key=lambda pair: pair[0]))
        return out

    def _inside(self, text: str, pieces: Sequence[jsontext.Piece], depth: int) -> Replaced:
        """JSON values inside a text, and what stands between them as text, each knowing what the others taught."""
        out: list[str] = []
        findings: list[Finding] = []
        for _ in range(2):
            findings = []
            found = self._together(text, pieces, 0, 1, depth, findings)
            learnt = len(self._known)
            out, cursor = [], 0
            for piece, (between, masked) in zip(pieces, found, strict=True):
                between, more = self._plain(between, cursor)
                findings += more
                out += (between, masked)
                cursor = piece[1]
            rest, more = self._plain(text[cursor:], cursor)
            out.append(rest)
            findings += more
            if len(self._known) == learnt:
                break
        return "".join(out), tuple(findings)

    def _table(self, text: str, cells: list[tuple[int, int, str]], depth: int) -> Replaced | None:
        """Mask a table some of whose cells are JSON; the columns' names say what the other cells hold."""
        learnt = len(self._known)
        out = self._table_once(text, cells, depth)
        return out if len(self._known) == learnt else self._table_once(text, cells, depth)

    def _table_once(self, text: str, cells: list[tuple[int, int, str]], depth: int) -> Replaced | None:
        masked = [(start, end, *self._text(inner, depth + 1)) for start, end, inner in cells]
        blanked: list[str] = []
        cursor = 0
        for start, end, _, _ in masked:
            blanked += (text[cursor:start], _FILLER * (end - start))
            cursor = end
        value, findings = self._plain("".join((*blanked, text[cursor:])), 0)
        taken = [tuple(map(int, finding.where.split(":"))) for finding in findings]
        left = [cell for cell in masked if not any(start < cell[1] and cell[0] < end for start, end in taken)]
        pieces = _FILLERS.split(value)
        if len(pieces) != len(left) + 1:
            return None
        out = [pieces[0]]
        for (start, _, inner, more), piece in zip(left, pieces[1:], strict=True):
            out += (inner.replace('"', '""'), piece)
            line = text.count("\n", 0, start) + 1
            findings = (*findings, *(f._replace(where=f"line {line}: {f.where}") for f in more))
        return "".join(out), findings

    def _quoted(self, text: str, depth: int) -> Replaced | None:
        try:
            inner = json.loads(text)
        except ValueError:
            return None
        if not isinstance(inner, str):
            return None
        value, findings = self._text(inner, depth + 1)
        return (json.dumps(value, ensure_ascii=False) if value != inner else text), findings

    def _coded(self, text: str, depth: int) -> Replaced | None:
        """JSON that is percent-encoded, or has entities or escapes for its marks; escapes are not written again."""
        for decode, encode in _CODINGS:
            plain = decode(text)
            if plain != text and jsontext.parse(plain) is not None:
                value, findings = self._text(plain, depth + 1)
                return (encode(value) if value != plain else text), findings
        return None

    def _encoded(self, text: str, depth: int) -> Replaced | None:
        """One encoded run that is all of the text: masked inside and encoded again."""
        found = blobs.decode(text.strip())
        if found is None or found.text is None:
            return None
        value, findings = self._text(found.text, depth + 1)
        if value == found.text:
            return None
        again = blobs.encode(value, found.encoding)
        return None if again is None else (again, findings)
