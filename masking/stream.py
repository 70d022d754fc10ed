"""Masking of a text that arrives in pieces: the same output however it is cut.

Strategy: where a segment ends depends on the text alone, never on the pieces: at a blank line or a line that ends a
sentence, else at a sentence, a line, a gap, never beside a number. Each segment is masked as a text, so memory is
bounded by the longest segment. A JSON document is held up to `HELD` characters, and masked element by element when it
is longer (elements.py); other documents that only make sense whole (XML, HL7, X12) are held up to `limit` characters
and then refused; newline-delimited JSON goes line by line; a table's header is kept for its later rows, which are not
cut. An unbroken run longer than `_RUN` is withheld. What was emitted before a value was learnt cannot be called back.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from . import jsontext
from .elements import Elements
from .errors import MaskingError
from .layouts import delimited

if TYPE_CHECKING:
    from .masker import Masker

_SHORT, _LONG, _ROW, _RUN = 512, 4096, 16_384, 65_536
LIMIT, HELD = 32 << 20, 4 << 20
_EARLY = re.compile(r"(?:\n[ \t]*|(?<=[.:;!?)]))\r?\n(?=[^\d\s\-/])")
_LATE = (
    re.compile(r"(?<=[a-z)\]][.!?]) (?=[A-Z])"),
    re.compile(r"(?<![\d\-/+,])\r?\n(?=[^\d\s\-/])"),
    re.compile(r"(?<![\d\-/+])\s(?![\d\-/(+\s])"),
)
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\]\"]|(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\s*[,\]]))")
_WHOLE = re.compile(r"\s*(?:\ufeff[{\[]|(?:\ufeff)?[\"<]|(?:MSH|FHS|BHS)[^\w\s]|ISA.)")
_SPACE = re.compile(r"\s")
WITHHELD = "[WITHHELD]"


class Stream:
    """A masker of one text in pieces. Not to be shared by threads.

    `feed(piece)` gives what can be said by now, `close()` the rest; their concatenation does not depend on how the text
    was cut; `counts` says how many values of each kind were masked. Raises MaskingError: HM030 when a document that has
    to be seen whole is longer than `limit` characters, HM032 when a JSON document of over `hold` characters stops being
    JSON. After an error nothing more comes.
    """

    def __init__(self, masker: Masker, limit: int = LIMIT, hold: int = HELD) -> None:
        self._masker, self._limit, self._hold = masker, limit, min(limit, hold)
        self._elements: Elements | None = None
        self.counts: Counter[str] = Counter()
        self._held = ""
        self._mode = ""
        self._header = ""
        self._scanned = self._quotes = 0
        self._skipping = False
        self._closed = False

    def feed(self, piece: str) -> str:
        """Take the next piece; give the masked text that is settled."""
        if self._closed:
            raise MaskingError("HM031", "the stream is closed", "start a new one with masker.stream()")
        self._held += piece
        return self._drain(last=False)

    def close(self) -> str:
        """The rest. The stream takes no more pieces."""
        if self._closed:
            return ""
        out = self._drain(last=True)
        self._closed = True
        return out

    def _drain(self, *, last: bool) -> str:
        if not self._mode and not self._decide(last=last):
            return ""
        if self._mode == "whole":
            return self._whole(last=last)
        if self._mode == "json":
            return self._json(last=last)
        out = []
        while self._held:
            if self._skipping and not self._skip():
                break
            end = self._lines_end(last=last) if self._mode == "lines" else self._end(last=last)
            if end == 0 and last:
                end = len(self._held)
            if end == 0:
                break
            segment, self._held = self._held[:end], self._held[end:]
            self._scanned = self._quotes = 0
            out.append(self._segment(segment))
        return "".join(out)

    def _decide(self, *, last: bool) -> bool:
        """What the text is, once its first line (or `_LONG` characters) is here."""
        start = len(self._held) - len(self._held.lstrip())
        line = self._held.find("\n", start)
        if line < 0 and len(self._held) < _LONG and not last:
            return False
        first = self._held[start : line if line >= 0 else _LONG]
        if jsontext.parse(first) is not None and line >= 0:
            self._mode = "lines"
        else:
            self._mode = "json" if _JSON.match(self._held) else "whole" if _WHOLE.match(self._held) else "text"
        if self._mode == "text" and line >= 0 and delimited.is_header(first):
            self._header = first + "\n"
        return True

    def _whole(self, *, last: bool) -> str:
        if len(self._held) > self._limit:
            self._held, self._closed = "", True
            raise MaskingError(
                "HM030",
                f"a document of over {self._limit} characters cannot be streamed",
                "send it as NDJSON, or raise the limit",
            )
        if not last:
            return ""
        text, self._held = self._held, ""
        return self._masked(text)

    def _json(self, *, last: bool) -> str:
        """A document that is held, until it is too long for that."""
        if self._elements is None:
            if len(self._held) <= self._hold:
                if not last:
                    return ""
                text, self._held = self._held, ""
                return self._masked(text)
            self._elements = Elements(self._counted)
        try:
            out, used = self._elements.take(self._held, last=last)
        except MaskingError:
            self._held, self._closed = "", True
            raise
        self._held = self._held[used:]
        return out

    def _lines_end(self, *, last: bool) -> int:
        end = self._held.find("\n") + 1
        if end == 0 and len(self._held) > self._limit:
            raise MaskingError(
                "HM030", f"a line of over {self._limit} characters cannot be streamed", "raise the limit"
            )
        return end or (len(self._held) if last else 0)

    def _end(self, *, last: bool) -> int:
        """Where the first segment ends; 0 when that cannot be said yet."""
        text = self._held
        if self._header:
            end = self._row_end()
            if end or len(text) < _ROW:
                return end or (len(text) if last else 0)
        early = _EARLY.search(text, _SHORT, _LONG)
        if early is not None and early.end() < min(len(text), _LONG):
            return early.end()
        if len(text) >= _LONG:
            return self._late_end()
        return len(text) if last else 0

    def _row_end(self) -> int:
        """Where the first rows of a table end, no quoted cell cut in two; 0 when they do not within `_ROW`."""
        while True:
            line = self._held.find("\n", self._scanned, _ROW)
            if line < 0:
                return 0
            self._quotes += self._held.count('"', self._scanned, line)
            self._scanned = line + 1
            if line >= _SHORT and self._quotes % 2 == 0:
                return self._scanned

    def _late_end(self) -> int:
        for end in _LATE:
            found = end.search(self._held, _SHORT, _LONG)
            if found is not None and found.end() < _LONG:
                return found.end()
        gap = _SPACE.search(self._held, _LONG)
        if gap is not None and gap.end() < _RUN:
            return gap.end()
        return _RUN if len(self._held) >= _RUN else 0

    def _skip(self) -> bool:
        """Drop what is left of a withheld run; whether its end was found."""
        gap = _SPACE.search(self._held)
        self._held = self._held[gap.start() :] if gap is not None else ""
        self._skipping = gap is None
        return gap is not None

    def _segment(self, segment: str) -> str:
        if len(segment) >= _RUN:
            self._skipping = True
            return WITHHELD
        if not self._header or segment.startswith(self._header):
            return self._masked(segment)
        return self._masked(self._header + segment)[len(self._header) :]

    def _masked(self, text: str) -> str:
        masked = self._masker.mask_text(text)
        self.counts.update(masked.counts)
        return masked.value

    def _counted(self, value: Any, context: Any) -> Any:
        """A masked value; `context` is what of it was counted before."""
        masked = self._masker.mask_json(value)
        self.counts.update(masked.counts)
        if context is not None:
            self.counts.subtract(self._masker.mask_json(context).counts)
        return masked.value
