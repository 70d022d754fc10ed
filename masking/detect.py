"""Detection in text: views, patterns, known values and the prose engine, joined into spans that do not overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import scanner as scan
from .canonical import view
from .engine import Engine
from .findings import Span
from .keyed import TOKEN, Keyed
from .kinds import KINDS
from .known import KnownValues

PLACEHOLDER = re.compile(r"\[(" + "|".join(kind.upper() for kind in KINDS) + r")\]")
_PROSE = re.compile(r"[^\W\d_]{2,}[^\w\n]{1,3}[^\W\d_]{2,}")


class Detector:
    """Finds spans in texts. Holds no state: the scanner and engine are the process's, the rest the session's."""

    def __init__(
        self,
        engine: Engine | None = None,
        known: KnownValues | None = None,
        kinds: frozenset[str] | None = None,
        scanner: scan.Scanner | None = None,
        keyed: Keyed | None = None,
    ) -> None:
        self._engine, self._known, self._kinds, self._keyed = engine, known, kinds, keyed
        self._scanner = scanner or scan.shared()

    def spans(self, text: str, *, prose: bool = True) -> list[Span]:
        """The spans of `text` that identify, in order, not overlapping."""
        return self.batch([text], [prose])[0]

    def batch(self, texts: Sequence[str], prose: Sequence[bool]) -> list[list[Span]]:
        """`spans` of several texts; the prose engine reads all that need it in one go."""
        found = [self._fixed(text) for text in texts]
        if self._engine is not None:
            wanted = [index for index, text in enumerate(texts) if prose[index] and reads_as_prose(text)]
            for index, spans in zip(
                wanted, self._engine.entities([texts[i] for i in wanted]) if wanted else (), strict=True
            ):
                found[index].extend(spans)
        return [
            resolve(text, self._allowed(spans), self._protected(text)) for text, spans in zip(texts, found, strict=True)
        ]

    def _fixed(self, text: str) -> list[Span]:
        seen = view(text)
        spans = self._scanner.scan(seen.text, self._kinds)
        if self._known is not None:
            spans.extend(self._known.spans(seen.text))
        if seen.offsets is None:
            return spans
        return [
            span._replace(start=start, end=end) for span in spans for start, end in (seen.source(span.start, span.end),)
        ]

    def _allowed(self, spans: list[Span]) -> list[Span]:
        return spans if self._kinds is None else [span for span in spans if span.kind in self._kinds]

    def _protected(self, text: str) -> list[tuple[int, int]]:
        """Stand-ins that are ours: what was masked before is not masked again."""
        if "[" not in text:
            return []
        ours = [match.span() for match in PLACEHOLDER.finditer(text)]
        if self._keyed is not None:
            ours += [match.span() for match in TOKEN.finditer(text) if self._keyed.is_token(match[0])]
        return ours


def reads_as_prose(text: str) -> bool:
    """Two words in a row: less than that the prose engine cannot judge."""
    return _PROSE.search(text) is not None


def resolve(text: str, spans: list[Span], protected: list[tuple[int, int]]) -> list[Span]:
    """Join what overlaps (the best score names it), snap to whole words, leave `protected` stretches alone."""
    if not spans:
        return []
    merged: list[Span] = []
    for span in sorted(_snapped(text, span) for span in spans):
        if span.end <= span.start:
            continue
        last = merged[-1] if merged else None
        if last is not None and span.start < last.end:
            best = span if (span.score, span.end - span.start) > (last.score, last.end - last.start) else last
            merged[-1] = Span(last.start, max(last.end, span.end), best.kind, best.detector, best.score)
        else:
            merged.append(span)
    return _outside(text, merged, protected) if protected else merged


def _snapped(text: str, span: Span) -> Span:
    """Grow a span that begins or ends inside a word to the word's edge."""
    start, end = span.start, span.end
    while start > 0 and text[start - 1].isalnum() and start < end and text[start].isalnum():
        start -= 1
    while end < len(text) and end > start and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return span if (start, end) == (span.start, span.end) else span._replace(start=start, end=end)


def _outside(text: str, spans: list[Span], protected: list[tuple[int, int]]) -> list[Span]:
    out: list[Span] = []
    for span in spans:
        pieces = [(span.start, span.end)]
        for low, high in protected:
            pieces = [part for a, b in pieces for part in ((a, min(b, low)), (max(a, high), b)) if part[0] < part[1]]
        out.extend(span._replace(start=a, end=b) for a, b in pieces if any(char.isalnum() for char in text[a:b]))
    return out
