"""Detection in text: what fixed detectors, the session's known values and the prose engine say, joined.

Strategy: what fixed detectors and the engine say of a text depends on the text alone, so it is kept under a keyed
digest of the text (never the text) and shared by all sessions; known values are laid over it each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from . import layouts, tags
from . import reading as rd
from . import scanner as scan
from .code_fields import outside, whole
from .engine import Engine
from .findings import Span
from .keyed import TOKEN, Keyed
from .known import KnownValues
from .methods import PARTLY
from .plausible import judged
from .remembered import ANYTHING, NOTED, NOTHING, Verdict
from .validators.name_edges import name_edges
from .validators.place_edges import address_edges

_PROSE = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}+[,;:.)]?\s{1,3}[(\"]?[^\W\d_]{2}")  # no word is begun within a word
_OLD = re.compile(r"\b90\+")  # what stands for an age says no more the second time
_SURE = 0.8
_FIELD = "field name"  # says itself where it begins and ends
Readings = dict[str, rd.Reading]
_MAX_TRACED = 4096  # characters; what known values could find in a longer text with several views is not remembered
_TRACES = 3  # weigh as much as a span


class Detector:
    """Finds spans in texts. Scanner, engine and cache are the process's, known values and kinds the session's."""

    def __init__(
        self,
        engine: Engine | None = None,
        known: KnownValues | None = None,
        kinds: frozenset[str] | None = None,
        scanner: scan.Scanner | None = None,
        keyed: Keyed | None = None,
    ) -> None:
        self._engine, self._known, self._kinds, self._keyed = engine, known, kinds, keyed
        self.partial = False
        self._scanner = scanner or scan.shared()
        self.remembered = self._scanner.remembered
        self._read = self.remembered.verdicts(None, prose=False)
        self._judged = self.remembered.verdicts(engine, prose=True)

    @property
    def engine(self) -> Engine | None:
        """The prose engine."""
        return self._engine

    def of_patterns(self) -> Detector:
        """The same without the prose engine and what the session knows."""
        made = Detector(None, None, self._kinds, self._scanner, self._keyed)
        made.partial = self.partial
        return made

    @property
    def learnt(self) -> int:
        """How much the session knows: more once something was learnt."""
        return 0 if self._known is None else len(self._known)

    def spans(self, text: str, *, prose: bool = True, readings: Readings | None = None) -> list[Span]:
        """The spans of `text` that identify, in order, not overlapping; `readings` as for `batch`."""
        return self.batch([text], [prose], readings)[0]

    def batch(self, texts: Sequence[str], prose: Sequence[bool], readings: Readings | None = None) -> list[list[Span]]:
        """`spans` of several texts; the prose engine reads all that need it in one go.

        `readings` keeps how texts were read without the engine, for when it is asked about them too.
        """
        verdicts = self._verdicts(texts, prose, readings)
        known = self._known_spans(texts, verdicts)
        return [
            self._settled(text, verdict, more) if verdict.spans or more else []
            for text, verdict, more in zip(texts, verdicts, known, strict=True)
        ]

    def is_silent(self, text: str, *, prose: bool) -> bool:
        """Whether it is remembered that nobody says anything of `text`, whatever the session."""
        key = self.remembered.digest(text.encode("utf-8", "surrogatepass"))
        return (not prose and self._read.get(key) is NOTHING) or self._judged.get(key) is NOTHING

    def known_in(self, texts: Sequence[str]) -> Iterator[tuple[str, list[Span]]]:
        """The silent texts in which the session knows something, with the spans of it."""
        known = self._known
        if known is None:
            return
        for text in known.in_any(texts):
            found = known.spans(text)
            if found:
                yield text, self._settled(text, NOTHING, found)

    def proposals(self, text: str) -> list[Span]:
        """Every span that any detector proposes for `text`, before they are joined; for explanations."""
        verdicts = self._verdicts([text], [True])
        return [*verdicts[0].spans, *self._known_spans([text], verdicts)[0]]

    def _verdicts(self, texts: Sequence[str], prose: Sequence[bool], kept: Readings | None = None) -> list[Verdict]:
        digest, tables = self.remembered.digest, (self._read, self._judged)
        keys = [digest(text.encode("utf-8", "surrogatepass")) for text in texts]
        found = [tables[wanted].get(key) for key, wanted in zip(keys, prose, strict=True)]
        new = [index for index, verdict in enumerate(found) if verdict is None or verdict is NOTED]
        if new:
            kept = {} if kept is None else kept
            readings = [
                kept.pop(texts[index]) if texts[index] in kept else rd.read(texts[index], self._scanner)
                for index in new
            ]
            kept |= {texts[index]: r for index, r in zip(new, readings, strict=True) if not prose[index]}
            if self._engine is not None:
                self._prose(self._engine, [r for index, r in zip(new, readings, strict=True) if prose[index]])
            for index, reading in zip(new, readings, strict=True):
                verdict = _verdict(reading, again=found[index] is NOTED and len(texts[index]) <= _MAX_TRACED)
                weight = len(verdict.spans) + len(verdict.traces or ()) // _TRACES
                tables[prose[index]].put(keys[index], NOTED if verdict.traces is ANYTHING else verdict, weight)
                found[index] = verdict if verdict.traces is None else verdict._replace(reading=reading)
        return [verdict or NOTHING for verdict in found]

    def _prose(self, engine: Engine, readings: list[rd.Reading]) -> None:
        """Let the engine read every stretch of prose and add what it finds."""
        jobs = [(r, seen, offset) for r in readings for seen, offset in r.prose if reads_as_prose(seen.plain)]
        if not jobs:
            return
        entities = engine.entities([TOKEN.sub(rd.blank, seen.plain) for _, seen, _ in jobs])
        for (reading, seen, offset), spans in zip(jobs, entities, strict=True):
            kept = judged(seen.plain, spans)
            reading.spans.extend(
                span._replace(start=span.start + offset, end=span.end + offset) for span in rd.mapped(seen, kept)
            )

    def _known_spans(self, texts: Sequence[str], verdicts: list[Verdict]) -> list[list[Span]]:
        """Learn from fields inside the texts, then find what the session knows in every view of every text."""
        known = self._known
        if known is None:
            return [[] for _ in texts]
        for text, verdict in zip(texts, verdicts, strict=True):
            for cell in verdict.cells:
                known.learn(cell.kind, tags.read(text[cell.start : cell.end]))
        touched = known.touched(texts)
        out: list[list[Span]] = []
        for text, verdict, touch in zip(texts, verdicts, touched, strict=True):
            if verdict.traces is None:
                out.append(known.spans(text) if touch else [])
            elif verdict.traces is ANYTHING or known.may_be_in(verdict.traces):
                out.append(_known_in(verdict.reading or rd.read(text, self._scanner), known))
            else:
                out.append([])
        return out

    def _settled(self, text: str, verdict: Verdict, known: list[Span]) -> list[Span]:
        layout = layouts.structured(text) if verdict.cells else None
        said = outside(verdict.spans, layout.kept) if layout is not None and layout.kept else verdict.spans
        spans = self._allowed([*said, *known])
        if not spans:
            return []
        protected = self._protected(text)
        found = resolve(text, spans, protected)
        named = self._kinds is None or "name" in self._kinds
        more = self._again(text, verdict, found) if named else []
        if more:
            found = resolve(text, found + more, protected)
        return found if layout is None else whole(found, list(_parted(text, found, layout.gaps)), layout.kept)

    def _again(self, text: str, verdict: Verdict, found: list[Span]) -> list[Span]:
        """A name that its place in the text made certain is one wherever it stands in this text."""
        sure = [span for span in found if span.kind == "name" and span.score >= _SURE]
        if not sure:
            return []
        taught = KnownValues(b"one text")
        for span in sure:
            taught.learn("name", tags.read(text[span.start : span.end]))
        if verdict.traces is None:
            return taught.spans(text, common=False)
        views = (verdict.reading or rd.read(text, self._scanner)).views
        return [span for seen in views for span in rd.mapped(seen, taught.spans(seen.plain, common=False))]

    def _allowed(self, spans: list[Span]) -> list[Span]:
        """The spans of the plan's kinds; a run that only looks random yields to the identifier that it is."""
        kinds = self._kinds
        if kinds is None:
            return spans
        shown = [span for span in spans if span.kind not in kinds and span.score >= _SURE]
        return [span for span in spans if span.kind in kinds and not _is_one_of(span, shown)]

    def _protected(self, text: str) -> list[tuple[int, int]]:
        """Stand-ins that are ours: what was masked before is not masked again."""
        ours = [match.span() for match in _OLD.finditer(text)] if "90+" in text else []
        if self.partial and "*" in text:
            ours += [match.span() for match in PARTLY.finditer(text)]
        if "[" not in text:
            return ours
        ours += [match.span() for match in rd.PLACEHOLDER.finditer(text)]
        if self._keyed is not None:
            ours += [match.span() for match in TOKEN.finditer(text) if self._keyed.is_token(match[0])]
        return ours


def _verdict(reading: rd.Reading, *, again: bool) -> Verdict:
    """The verdict of a reading; the traces of a text with several views only if it comes `again`: most never do."""
    spans = (*reading.spans, *reading.cells)
    if reading.simple:
        return Verdict(spans) if spans else NOTHING
    return Verdict(spans, tuple(reading.cells), reading.traces() if again else ANYTHING)


def _parted(text: str, spans: list[Span], gaps: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """Spans over several cells of a table or message, cut where the cells part, so that it keeps its cells."""
    at = 0
    for span in spans:
        while at < len(gaps) and gaps[at][1] <= span.start:
            at += 1
        start, index = span.start, at
        while index < len(gaps) and gaps[index][0] < span.end:
            if any(map(str.isalnum, text[start : gaps[index][0]])):
                yield span._replace(start=start, end=gaps[index][0])
            start = max(start, gaps[index][1])
            index += 1
        if start == span.start or any(map(str.isalnum, text[start : span.end])):
            yield span._replace(start=start)


def _is_one_of(span: Span, shown: list[Span]) -> bool:
    return span.detector == "entropy" and any(one.start < span.end and span.start < one.end for one in shown)


def _known_in(reading: rd.Reading, known: KnownValues) -> list[Span]:
    spans = [span for seen in reading.views for span in rd.mapped(seen, known.spans(seen.plain))]
    for start, end, text in reading.inner:
        spans += (span._replace(start=start, end=end) for span in known.spans(text))
    return spans


def reads_as_prose(text: str) -> bool:
    """Two words in a row: less than that the prose engine cannot judge."""
    return _PROSE.search(text) is not None


def resolve(text: str, spans: list[Span], protected: list[tuple[int, int]]) -> list[Span]:
    """Join what overlaps (the best score names it), snap to whole words, leave `protected` stretches alone."""
    merged: list[Span] = []
    words: list[tuple[int, int]] = []
    for span in sorted(_whole(text, span, words) for span in spans):
        if span.end <= span.start:
            continue
        last = merged[-1] if merged else None
        if last is not None and span.start < last.end:
            best = max(last, span, key=_weight)
            merged[-1] = Span(last.start, max(last.end, span.end), best.kind, best.detector, best.score)
        else:
            merged.append(span)
    return _outside(text, merged, protected) if protected else merged


def _weight(span: Span) -> tuple[bool, float, int]:
    """Which of two overlapping spans says the kind: a fixed detector before the prose engine, then the better score."""
    return span.detector.partition(" ")[0] not in ("prose", "spacy"), span.score, span.end - span.start


_INITIAL_AFTER = re.compile(r"[ \t][B-HJ-Z](?:\.|(?=[\s,;)]|$)(?!,?\s{1,2}\d))(?![A-Za-z])")
_INITIALS_BEFORE = re.compile(
    r"(?:(?:\b[A-Z]\.[ \t]?){1,2}|(?<![A-Z]\.)(?<![A-Z]\. )\b[A-Z]\.\n|"
    r"(?:(?<=/ )|(?<=/)|(?<=\()|(?<=\bby )|(?<=\bDr )|(?<=\n))[B-HJ-Z] )\Z"  # not `M.D.` above it
)


def _whole(text: str, span: Span, words: list[tuple[int, int]]) -> Span:
    """The span snapped to whole words, a name with the initials beside it and without what else stands there."""
    span = _snapped(text, span, words)
    if span.kind == "name" and span.detector != _FIELD:
        start, end = name_edges(text, span.start, span.end)
        span = span._replace(start=start, end=end)
    elif span.kind == "address" and span.detector != _FIELD:
        start, end = address_edges(text, span.start, span.end)
        return span._replace(start=start, end=end)
    if span.kind != "name" or not text[span.start : span.start + 1].isupper():
        return span
    after = _INITIAL_AFTER.match(text, span.end)
    before = _INITIALS_BEFORE.search(text, max(0, span.start - 8), span.start)
    start, end = before.start() if before else span.start, after.end() if after else span.end
    return span._replace(start=start, end=end)


def _snapped(text: str, span: Span, words: list[tuple[int, int]]) -> Span:
    """Grow a span that begins or ends inside a word to the word's edge; `words` is the last such word."""
    start, end = span.start, span.end
    if end <= start:
        return span
    if _in_word(text, start):
        start = _word(text, start, words)[0]
    if _in_word(text, end):
        end = _word(text, end, words)[1]
    return span if (start, end) == (span.start, span.end) else span._replace(start=start, end=end)


def _in_word(text: str, at: int) -> bool:
    """Whether a word goes on over the place before the character `at`."""
    return 0 < at < len(text) and _is_letter(text[at - 1]) and _is_letter(text[at])


def _is_letter(char: str) -> bool:
    """A letter or digit of a script that parts its words: in East Asia a name or a date stands within a sentence."""
    return char.isalnum() and not "\u3040" <= char <= "\u9fff"


def _word(text: str, at: int, words: list[tuple[int, int]]) -> tuple[int, int]:
    """The word around the place `at`, put in `words`: many hits in one long word look for its edges once."""
    if words and words[0][0] < at < words[0][1]:
        return words[0]
    start = end = at
    while start > 0 and _is_letter(text[start - 1]):
        start -= 1
    while end < len(text) and _is_letter(text[end]):
        end += 1
    words[:] = [(start, end)]
    return start, end


def _outside(text: str, spans: list[Span], protected: list[tuple[int, int]]) -> list[Span]:
    out: list[Span] = []
    protected = sorted(protected)
    at = 0
    for span in spans:
        while at < len(protected) and protected[at][1] <= span.start:
            at += 1
        pieces, start, index = [], span.start, at
        while index < len(protected) and protected[index][0] < span.end:
            pieces.append((start, protected[index][0]))
            start = protected[index][1]
            index += 1
        pieces.append((start, span.end))
        out.extend(
            span._replace(start=a, end=b) for a, b in pieces if any(map(str.isalnum, tags.shown(text[a : max(a, b)])))
        )
    return out
