"""Detection in text: views, patterns, known values and the prose engine, joined into spans that do not overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from . import layouts
from . import scanner as scan
from .blobs import RUN, Decoded, decode
from .canonical import View, reversed_runs, view
from .decoded import across_wrap, decoded, digit_spans, unwrapped
from .engine import Engine
from .findings import Span
from .keyed import TOKEN, Keyed
from .kinds import KINDS
from .known import KnownValues
from .values import part_to_mask

PLACEHOLDER = re.compile(r"\[(" + "|".join(kind.upper() for kind in KINDS) + r")\]")
_DEPTH = 3
_SURE = 0.8
_MAX_BLOB = 4 << 20
_PROSE = re.compile(r"[^\W\d_]{2,}[^\w\n]{1,3}[^\W\d_]{2,}")


class Reading(NamedTuple):
    """What fixed detectors made of one text, and what is left for the prose engine: views and their offsets."""

    spans: list[Span]
    view: View
    prose: list[tuple[View, int]]


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
        read = [self._read(text) for text in texts]
        if self._engine is not None:
            self._prose([reading for reading, wanted in zip(read, prose, strict=True) if wanted])
        return [self._settled(text, reading) for text, reading in zip(texts, read, strict=True)]

    def proposals(self, text: str) -> list[Span]:
        """Every span that any detector proposes for `text`, before they are joined; for explanations."""
        reading = self._read(text)
        self._prose([reading])
        return reading.spans

    def _settled(self, text: str, reading: Reading) -> list[Span]:
        spans = self._allowed(reading.spans)
        protected = self._protected(text)
        found = resolve(text, spans, protected)
        more = self._again(reading.view, found) if self._kinds is None or "name" in self._kinds else []
        return resolve(text, found + more, protected) if more else found

    def _again(self, seen: View, found: list[Span]) -> list[Span]:
        """A name that its place in the text made certain is one wherever it stands in this text."""
        sure = [span for span in found if span.kind == "name" and span.score >= _SURE]
        if not sure:
            return []
        taught = KnownValues(b"one text")
        back = (
            {} if seen.offsets is None else {offset: index for index, offset in reversed(list(enumerate(seen.offsets)))}
        )
        for span in sure:
            low = back.get(span.start, span.start)
            taught.learn("name", seen.plain[low : low + span.end - span.start])
        return _mapped(seen, taught.spans(seen.plain, common=False))

    def _prose(self, readings: list[Reading]) -> None:
        """Let the engine read every stretch of prose and add what it finds."""
        jobs = [
            (reading, seen, offset)
            for reading in readings
            for seen, offset in reading.prose
            if reads_as_prose(seen.plain)
        ]
        if not jobs or self._engine is None:
            return
        entities = self._engine.entities([seen.plain for _, seen, _ in jobs])
        for (reading, seen, offset), spans in zip(jobs, entities, strict=True):
            mapped = _mapped(seen, spans)
            reading.spans.extend(span._replace(start=span.start + offset, end=span.end + offset) for span in mapped)

    def _read(self, text: str, depth: int = 0) -> Reading:
        """Spans by every fixed detector on every view, and the views that the prose engine should read."""
        layout = layouts.read(text)
        spans = self._cells(text, layout) if layout is not None else []
        seen = best = view(text)
        found, triggers = self._seen(seen)
        spans += found
        for other in (decoded(text), reversed_runs(text)):
            if other is not None:
                found, hidden = self._seen(other)
                spans += found
                triggers |= hidden
                best = other
        if "wrap" in triggers:
            whole = unwrapped(text)
            if whole is not None:
                spans += [span for span in self._seen(whole)[0] if across_wrap(text, span)]
        if "digits" in triggers:
            spans += _mapped(best, digit_spans(best.text))
        if "blob" in triggers and depth < _DEPTH:
            hidden_spans, inspected = self._blobs(text, depth)
            spans = [span for span in spans if span.detector != "entropy" or (span.start, span.end) not in inspected]
            spans += hidden_spans
        if layout is None or layout.prose is None:
            return Reading(spans, best, [(best, 0)])
        return Reading(spans, best, [(decoded(text[a:b]) or view(text[a:b]), a) for a, b in layout.prose])

    def _cells(self, text: str, layout: layouts.Layout) -> list[Span]:
        """What fields say of a structured text; their values are learnt."""
        spans = []
        for cell in layout.cells:
            value = text[cell.start : cell.end]
            part = part_to_mask(cell.kind, value)
            if part is None:
                continue
            if self._known is not None:
                self._known.learn(cell.kind, value[part[0] : part[1]])
            spans.append(Span(cell.start + part[0], cell.start + part[1], cell.kind, "field name", 0.96))
        return spans

    def _seen(self, seen: View) -> tuple[list[Span], set[str]]:
        spans, triggers = self._scanner.read(seen.text, self._kinds)
        if self._known is not None:
            spans += self._known.spans(seen.plain)
        return (_mapped(seen, spans) if seen.offsets is not None else spans), triggers

    def _blobs(self, text: str, depth: int) -> tuple[list[Span], set[tuple[int, int]]]:
        """Encoded runs whose text holds something, and data that cannot be read; and the runs whose text was read."""
        spans: list[Span] = []
        inspected: set[tuple[int, int]] = set()
        for match in RUN.finditer(text):
            inside = decode(match[0]) if match.end() - match.start() <= _MAX_BLOB else Decoded(None, "long")
            if inside is None:
                continue
            if inside.text is None:
                spans.append(Span(match.start(), match.end(), "photo", "unreadable data", 0.9))
                continue
            inspected.add(match.span())
            found = resolve(
                inside.text, self._allowed(self._read(inside.text, depth + 1).spans), self._protected(inside.text)
            )
            if found:
                best = max(found, key=lambda span: span.score)
                spans.append(Span(match.start(), match.end(), best.kind, f"encoded: {best.detector}", 0.9))
        return spans, inspected

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


def _mapped(seen: View, spans: list[Span]) -> list[Span]:
    if seen.offsets is None:
        return spans
    return [
        span._replace(start=start, end=end) for span in spans for start, end in (seen.source(span.start, span.end),)
    ]


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
