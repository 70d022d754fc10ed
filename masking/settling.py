"""Strings that names left open: scanned together after the walk, once a distinct string."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from .code_fields import LOOSE
from .detect import Detector, Readings
from .fields import CODE, Rule
from .findings import Span
from .model import lexicon as lx
from .paths import Path, Record
from .spliced import ROUNDS, Masked, Replace, apart, lasting, moved, splice

_SHORT = re.compile(r"[^\W\d_a-z][\w'.-]{0,24}(?: [^\W\d_a-z][\w'.-]{0,24}){1,3}")
_CUT = 64
_CUT_ENDS = frozenset("0123456789-./ ")
_CUT_BEFORE = re.compile(r"\d[-./ ]?$")
_CUT_AFTER = re.compile(r"[-./ ]?\d")
_ENGINES = frozenset({"prose", "spacy"})
Inner = Callable[[str], "Masked | None"]
# A string that names left open, with its holder, key, path and rule. Without a holder, a place in their order where
# something quiet stands, and the fields that it stands in.
Open = tuple[Any, Any, Any, Path, Rule | None]


class Settling:
    """Scans the open strings of a message. `text` masks a string that is itself a document.

    `late` says that something was learnt when a document, or another patient's strings, had been masked without it.
    """

    def __init__(self, replace: Replace, text: Inner, detector: Detector) -> None:
        self._replace, self._text, self._detector = replace, text, detector
        self._documents: dict[str, Masked | None] = {}
        self._begun = self.late = False

    def scan(self, prose: dict[str, bool], titles: set[str], quiet: dict[str, bool]) -> dict[str, Masked]:
        """Mask strings; `prose` says which the engine may read. Part of a title is no name, all of it may be.

        Of `quiet` strings nothing is said but what the session knows, by the engine neither where that is true.
        """
        results: dict[str, Masked] = {}
        plain: list[str] = []
        hushed: list[str] = []
        for value, is_prose in prose.items():
            if quiet.get(value) is is_prose:
                hushed.append(value)
                continue
            whole = self._document(value) if is_prose else None
            if whole is None:
                plain.append(value)
            elif whole[0] != value:
                results[value] = whole
        again: dict[str, list[tuple[int, int]]] = {}
        learnt = self._detector.learnt
        spans = self._detector.batch(plain, [prose[value] for value in plain]) if plain else []
        self._note(learnt, begun=True)
        for value, found in (*zip(plain, spans, strict=True), *self._detector.known_in(hushed)):
            if not found:
                continue
            found = _counted(value, found, prose=prose[value], title=value in titles)
            if found:
                text, stands, places = splice(value, found, self._replace)
                if text != value:
                    results[value] = text, tuple(stand for stand in stands if stand.method != "kept")
                    again[value] = lasting(stands, places)
        if again:
            self._again(results, again, prose)
        return results

    def _document(self, value: str) -> Masked | None:
        """What stands for a string that is a document, as it was first masked."""
        if value not in self._documents:
            learnt = self._detector.learnt
            masked = self._documents[value] = self._text(value)
            self._note(learnt, begun=masked is not None)
        return self._documents[value]

    def _note(self, learnt: int, *, begun: bool) -> None:
        """Note what has been learnt since `learnt`, and that more would come late from here on."""
        self.late = self.late or (self._begun and self._detector.learnt != learnt)
        self._begun = self._begun or begun

    def _again(
        self, results: dict[str, Masked], done: dict[str, list[tuple[int, int]]], prose: dict[str, bool]
    ) -> None:
        """Further rounds: what only stands clear once its neighbours are masked; the engine reads once all else is."""
        engine: dict[str, bool] = {}
        readings: Readings = {}
        for _ in range(ROUNDS):
            values = list(done)
            spans = self._detector.batch(
                [results[value][0] for value in values], [engine.get(value, False) for value in values], readings
            )
            for value, found in zip(values, spans, strict=True):
                places = done.pop(value)
                found = apart(found, places)
                read = engine.pop(value, False)
                if not found and prose[value] and not read and self._detector.engine is not None:
                    done[value], engine[value] = places, True
                if found:
                    text, stands, put = splice(results[value][0], found, self._replace)
                    if text != results[value][0]:
                        done[value] = sorted([*moved(places, found, put), *lasting(stands, put)])
                    results[value] = text, (*results[value][1], *(s for s in stands if s.method != "kept"))
            if not done:
                return

    def neighbours(
        self, opened: Sequence[Open], prose: dict[str, bool], results: dict[str, Masked], records: list[Record]
    ) -> None:
        """A number cut in two between neighbouring strings (`…123-45-`, `6789…`): read together, masked in both, once
        what is masked in each by itself stands in its place.
        """
        masked = (found[0] for found in results.values())
        if not any(map(_ends_cut, (value for value, is_prose in prose.items() if is_prose))) and not any(
            map(_ends_cut, masked)
        ):
            return
        before: dict[Any, Open] = {}
        beside: Open | None = None  # the string before it in the same object
        for entry in opened:
            holder, key, _, _, rule = entry
            if holder is None:
                beside = None
                for field in key:
                    before.pop(field, None)
                continue
            if rule is CODE:
                continue
            field = key if isinstance(key, str) else ""
            for last in (before.get(field), beside if beside is not None and beside[0] is holder else None):
                if last is not None and _is_cut(last[0][last[1]], holder[key]):
                    self._join(last, entry, records)
                    break
            before[field] = beside = entry

    def _join(self, one: Open, two: Open, records: list[Record]) -> None:
        holder, key, _, path, _ = one
        holder2, key2, _, path2, _ = two
        first, second = holder[key], holder2[key2]
        left, right = first[-_CUT:], second[:_CUT]
        edge = len(left)
        for span in self._detector.spans(left + right, prose=False):
            if span.start < edge < span.end:
                stand = self._replace(span.kind, left[span.start :] + right[: span.end - edge], span.detector)
                before, more = self._reread(first[: len(first) - edge + span.start] + stand.text)
                after, further = self._reread(second[span.end - edge :])
                holder[key], holder2[key2] = before, after
                records += ((key, path, (stand, *more)), (key2, path2, (stand, *further)))
                return

    def _reread(self, text: str) -> Masked:
        """What stands clear in a text of which a part was taken, masked."""
        results: dict[str, Masked] = {text: (text, ())}
        if text:
            self._again(results, {text: []}, {text: True})
        return results[text]


def may_be_cut(value: str) -> bool:
    """Whether a number may go on in the string before `value` or after it."""
    return _CUT_AFTER.match(value) is not None or (value[-1] in _CUT_ENDS and _CUT_BEFORE.search(value) is not None)


def _ends_cut(value: str) -> bool:
    return value[-1:] in _CUT_ENDS and _CUT_BEFORE.search(value) is not None


def _is_cut(left: str, right: str) -> bool:
    return _ends_cut(left) and _CUT_AFTER.match(right) is not None


def _counted(value: str, found: list[Span], *, prose: bool, title: bool) -> list[Span]:
    """The spans that count in a title, and in a field of codes."""
    if title:
        found = [span for span in found if span.detector[:5] not in _ENGINES or _all_of(span, value)]
    elif prose and found and _SHORT.fullmatch(value):
        found = _in_short(value, found)
    return found if prose else [span for span in found if span.detector not in LOOSE]


def _in_short(value: str, found: list[Span]) -> list[Span]:
    """A value of a few capitalised words: a name all through, or words of which the engine took one for a name."""
    flags = lx.load().flags
    name = next((span for span in found if span.kind == "name"), None)
    if name is None:
        return found
    rest = (value[: name.start] + value[name.end :]).split()
    if rest and all(flags(word.casefold()) & (lx.SURNAME | lx.GIVEN) for word in rest) and not _is_plain(value, name):
        return [name._replace(start=0, end=len(value))]
    return [span for span in found if span.detector[:5] not in _ENGINES or not rest or not _is_plain(value, span)]


def _is_plain(value: str, span: Span) -> bool:
    """Whether a span is one word of plain English: `Page` in `Login Page`."""
    flags = lx.load().flags(value[span.start : span.end].casefold())
    return bool(flags & (lx.WORD_COMMON | lx.CLINICAL | lx.PROPER)) and not flags & lx.GIVEN_COMMON


def _all_of(span: Span, value: str) -> bool:
    """Whether a span is the whole value: part of a title is no name, all of it may be."""
    return not any(map(str.isalnum, value[: span.start] + value[span.end :]))
