"""One text read by every fixed detector on every view of it: a pure function, so that its result can be kept.

What a session knows and what the prose engine says is added by the caller (detect.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from typing import NamedTuple

from . import layouts
from .blobs import RUN, RUN85, WRAPPED, Decoded, decode, decode85, decode_wrapped, framed
from .canonical import NO_ENDS, View, build, hidden_runs, reversed_runs, view
from .decoded import across_gaps, across_wrap, decoded, joined, unwrapped
from .findings import Span
from .kinds import KINDS
from .known import traces
from .scanner import Scanner
from .scripts import dates, names
from .speakers import speakers
from .spoken import digit_spans, letter_spans
from .values import part_to_mask

PLACEHOLDER = re.compile(r"\[(" + "|".join(kind.upper() for kind in KINDS) + r")\]")
_DEPTH = 3
_MAX_BLOB = 4 << 20
_LONG_RUN = 4096  # characters of data that detectors do not look at
_MAX_PROSE = 1 << 14  # characters of an encoded text that the prose engine reads
_LABEL = 40  # characters before an encoded run that may say what it is
_LOOSE = frozenset(
    {"entropy", "letter number", "code", "long number", "vin", "iban", "street", "facility", "city state"}
)
__all__ = ["NO_ENDS", "Inner", "Reading", "mapped", "read"]


class Inner(NamedTuple):
    """The text inside an encoded run, and where the run stands."""

    start: int
    end: int
    text: str


class Reading(NamedTuple):
    """Spans by fixed detectors; views for known values; prose with its offsets; fields' cells; encoded texts."""

    spans: list[Span]
    views: list[View]
    prose: list[tuple[View, int]]
    cells: list[Span]
    inner: list[Inner]

    @property
    def simple(self) -> bool:
        """Whether the text is its own only view, so that nothing needs to be kept to find known values in it."""
        return not self.cells and not self.inner and len(self.views) == 1 and self.views[0].offsets is None

    def traces(self) -> frozenset[int]:
        """The traces of all views and of encoded texts."""
        found = [traces(text) for text in (*(seen.plain for seen in self.views), *(i.text for i in self.inner))]
        return frozenset().union(*found)


def read(text: str, scanner: Scanner, depth: int = 0) -> Reading:
    """Spans of every kind by every fixed detector on every view of `text`."""
    if "[" in text:
        text = PLACEHOLDER.sub(blank, text)
    text, withheld = _without_noise(text) if len(text) >= _LONG_RUN else (text, [])
    layout = layouts.read(text)
    cells = _cells(text, layout) if layout is not None else []
    seen = view(text)
    spans, triggers = scanner.read(seen.text)
    spans = withheld + mapped(seen, [*spans, *speakers(seen.text)])
    views = [seen]
    coded = decoded(text, listed="coded" in triggers)
    for other in (coded, reversed_runs(text)):
        if other is not None:
            found, more = scanner.read(other.text)
            spans += (span for span in mapped(other, found) if not _across_markup(text, span))
            triggers |= more
            views.append(other)
    best = views[1] if len(views) > 1 else seen
    if "wrap" in triggers:
        spans += _unwrapped(text, scanner, views)
    if "apart" in triggers:
        spans += _apart(text, scanner, views)
    if "digits" in triggers:
        spans += mapped(best, digit_spans(best.text))
    if seen.offsets is not None:
        spans += (*hidden_runs(text, seen), *names(text), *dates(text))
    if "letters" in triggers:
        spans += mapped(best, letter_spans(best.text))
    if depth < _DEPTH:
        spans, inner = _encoded(text, scanner, triggers, spans, depth)
        if depth == 0 and coded is not None:
            further, deeper = _respelt(coded, scanner)
            spans += further
            inner += deeper
    else:
        spans, inner = spans + _too_deep(text), []
    hidden = [
        (build([(one.text, one.start, one.end)]), 0) for one in inner if depth == 0 and len(one.text) <= _MAX_PROSE
    ]
    if layout is None or layout.prose is None:
        return Reading(spans, views, [(best, 0), *hidden], cells, inner)
    prose = [(decoded(text[a:b]) or view(text[a:b]), a) for a, b in layout.prose]
    return Reading(spans, views, prose + hidden, cells, inner)


def _without_noise(text: str) -> tuple[str, list[Span]]:
    """A text without its long runs of data that cannot be read, which would take detectors long, and those runs."""
    found = []
    for match in RUN.finditer(text):
        size = match.end() - match.start()
        inside = (
            Decoded("", "short")
            if size < _LONG_RUN
            else Decoded(None, "long")
            if size > _MAX_BLOB
            else decode(match[0])
        )
        if inside is not None and inside.text is None:
            found.append(Span(*match.span(), "photo", "unreadable data", 0.9))
    pieces: list[str] = []
    cursor = 0
    for span in found:
        pieces += (text[cursor : span.start], "\x7f" * (span.end - span.start))
        cursor = span.end
    return "".join((*pieces, text[cursor:])), found


def _unwrapped(text: str, scanner: Scanner, views: list[View]) -> list[Span]:
    """What stands over the ends of lines; the views in which it does not are added to `views`."""
    spans: list[Span] = []
    for whole in filter(None, (unwrapped(text), unwrapped(text, hyphens=True))):
        spans += (span for span in mapped(whole, scanner.read(whole.text)[0]) if across_wrap(text, span))
        views.append(whole)
    return spans


def _apart(text: str, scanner: Scanner, views: list[View]) -> list[Span]:
    """What is written in letters and digits that stand apart; the view in which they do not is added to `views`."""
    found = joined(text)
    if found is None:
        return []
    whole, runs = found
    views.append(whole)
    return [span for span in mapped(whole, scanner.read(whole.text)[0]) if across_gaps(span, runs)]


def _encoded(
    text: str, scanner: Scanner, triggers: Set[str], spans: list[Span], depth: int
) -> tuple[list[Span], list[Inner]]:
    """The spans with those of what travels encoded, and the texts inside."""
    inner: list[Inner] = []
    for trigger, runs, read_run in (
        ("blob", RUN, lambda match: decode(match[0])),
        ("blocks", WRAPPED, lambda match: decode_wrapped(match[0])),
        ("blob85", RUN85, lambda match: decode85(match[0])),
    ):
        if trigger in triggers:
            spans, further = _blobs(text, scanner, spans, depth, runs, read_run)
            inner += further
    if "blocks" in triggers:
        spans += (Span(start, end, "photo", "unreadable data", 0.9) for start, end in framed(text))
    return spans, inner


def _respelt(seen: View, scanner: Scanner) -> tuple[list[Span], list[Inner]]:
    """What travels encoded in a text that is itself spelt otherwise: base64 put together of strings, or in percents."""

    def read_run(match: re.Match[str]) -> Decoded | None:
        start, end = seen.source(*match.span())
        return None if end - start == len(match[0]) else decode("".join(match[0].split()))

    spans: list[Span] = []
    inner: list[Inner] = []
    for runs in (RUN, WRAPPED):
        spans, more = _blobs(seen.text, scanner, spans, 0, runs, read_run)
        inner += more
    found = [Inner(*seen.source(one.start, one.end), one.text) for one in inner]
    return mapped(seen, spans), found


def _too_deep(text: str) -> list[Span]:
    """Encoded runs that are not read any more: what cannot be read is withheld."""
    return [
        Span(*match.span(), "photo", "unreadable data", 0.9)
        for match in RUN.finditer(text)
        if decode(match[0]) is not None
    ]


def _across_markup(text: str, span: Span) -> bool:
    """A run that only looks random, or a place, over tags that parted it: `Joel</city><state>MA</state>`."""
    inside = text[span.start : span.end]
    return span.detector in _LOOSE and ("<" in inside or (span.detector == "code" and "**" in inside))


def blank(match: re.Match[str]) -> str:
    """A stand-in of ours says nothing: `[PHONE]` must not make a phone number of what follows it."""
    return "[" + "\x7f" * (len(match[0]) - 2) + "]"


def mapped(seen: View, spans: list[Span]) -> list[Span]:
    """Spans of a view as spans of its source."""
    if seen.offsets is None:
        return spans
    return [
        span._replace(start=start, end=end) for span in spans for start, end in (seen.source(span.start, span.end),)
    ]


def _cells(text: str, layout: layouts.Layout) -> list[Span]:
    """What fields say of a structured text."""
    spans = []
    for cell in layout.cells:
        part = part_to_mask(cell.kind, text[cell.start : cell.end])
        if part is not None:
            spans.append(Span(cell.start + part[0], cell.start + part[1], cell.kind, "field name", 0.96))
    return spans


def _blobs(
    text: str,
    scanner: Scanner,
    spans: list[Span],
    depth: int,
    runs: re.Pattern[str],
    read_run: Callable[[re.Match[str]], Decoded | None],
) -> tuple[list[Span], list[Inner]]:
    """Add encoded runs whose text holds something and data that cannot be read; what was read is no secret."""
    inner: list[Inner] = []
    for match in runs.finditer(text):
        start, end = match.span()
        inside = read_run(match) if end - start <= _MAX_BLOB else Decoded(None, "long")
        if inside is None:
            continue
        if inside.text is None:
            spans.append(Span(start, end, "photo", "unreadable data", 0.9))
            continue
        spans = [span for span in spans if span.detector != "entropy" or (span.start, span.end) != (start, end)]
        inner.append(Inner(start, end, inside.text))
        label = text[max(0, start - _LABEL, text.rfind("\n", 0, start) + 1) : start] if depth == 0 else ""
        reading = read(label + inside.text, scanner, depth + 1)
        best: dict[str, Span] = {}
        for span in (*reading.spans, *reading.cells):
            if span.end > len(label) and (span.kind not in best or span.score > best[span.kind].score):
                best[span.kind] = Span(start, end, span.kind, f"encoded: {span.detector}", span.score)
        spans += best.values()
        inner += (Inner(start, end, deeper.text) for deeper in reading.inner)
    return spans, inner
