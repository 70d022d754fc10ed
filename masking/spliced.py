"""Stand-ins put into a text in the place of spans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from . import tags
from .findings import Span


class Stand(NamedTuple):
    """What stands for a value, and what the finding about it says."""

    text: str
    kind: str
    detector: str
    method: str
    value: str  # what it stands for; only digests of it leave this package


_new = tuple.__new__  # a third of what a NamedTuple's own takes
Replace = Callable[[str, str, str], Stand]
Masked = tuple[str, tuple[Stand, ...]]  # a text, and what stands in it


class _Whole(str):
    __slots__ = ()


WHOLE = _Whole()  # the value of a stand that many share: what each of them stands for ends with its own string


def stands_in(masked: Masked, value: str) -> tuple[Stand, ...]:
    """What stands in a text that `value` became."""
    stands = masked[1]
    if stands[0].value is not WHOLE:
        return stands
    text, kind, detector, method, _ = stands[0]
    return (_new(Stand, (text, kind, detector, method, value[len(masked[0]) - len(text) :])),)


Places = list[tuple[int, int]]
ROUNDS = 6  # how often what was masked is read again


def splice(text: str, spans: Sequence[Span], replace: Replace) -> tuple[str, tuple[Stand, ...], Places]:
    """`text` with every span replaced, what stands there, and where. Tags in a span stay, entities are taken whole."""
    out: list[str] = []
    places: Places = []
    stands: list[Stand] = []
    cursor = size = 0
    coded = "&" in text and "<" in text
    for span in sorted(spans):
        if span.start < cursor:
            continue
        start, end = tags.whole(text, span.start, span.end) if coded else span[:2]
        start = max(start, cursor)
        value = text[start:end]
        marked = "<" in value or ">" in value
        stand = replace(span.kind, tags.without(value) if marked else value, span.detector)
        stands.append(stand)
        piece = stand.text
        if piece != value and marked:
            piece = tags.within(text, start, end, piece)
        elif "&" in piece and "<" in text:  # part of an entity is none
            piece = piece.replace("&", "")
        size += start - cursor
        places.append((size, size + len(piece)))
        size += len(piece)
        out += (text[cursor:start], piece)
        cursor = end
    out.append(text[cursor:])
    return "".join(out), tuple(stands), places


def lasting(stands: Sequence[Stand], places: Places) -> Places:
    """The places of stand-ins that look like what they stand for: a date that was moved would be moved again."""
    return [place for stand, place in zip(stands, places, strict=True) if stand.method == "shift"]


def apart(spans: Sequence[Span], places: Places) -> list[Span]:
    """The spans that touch none of `places` (both in order)."""
    out, at = [], 0
    for span in spans:
        while at < len(places) and places[at][1] <= span.start:
            at += 1
        if at == len(places) or places[at][0] >= span.end:
            out.append(span)
    return out


def moved(places: Places, spans: Sequence[Span], new: Places) -> Places:
    """Where `places` of a text are once `spans` of it, which they do not touch, have become the stretches `new`."""
    out, at, shift = [], 0, 0
    for start, end in places:
        while at < len(spans) and spans[at].start < start:
            shift = new[at][1] - spans[at].end
            at += 1
        out.append((start + shift, end + shift))
    return out
