"""Stand-ins put into a text in the place of spans."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .findings import Span

TAG = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|em|strong|span|div|table|thead|tbody|tr|td|th|ul|ol|li|h[1-6]|sub|sup|small|font|"
    r"content|paragraph|item|list|section|text|caption|title)(?=[\s/>])[^<>\w]{0,3}/?>"
)


class Stand(NamedTuple):
    """What stands for a value, and what the finding about it says."""

    text: str
    kind: str
    detector: str
    method: str
    value: str  # what it stands for; only digests of it leave this package


Replace = Callable[[str, str, str], Stand]
Places = list[tuple[int, int]]


def splice(text: str, spans: Sequence[Span], replace: Replace) -> tuple[str, tuple[Stand, ...], Places]:
    """`text` with every span replaced, what stands there, and where. Markup inside a span is kept."""
    out: list[str] = []
    places: Places = []
    stands: list[Stand] = []
    cursor = size = 0
    for span in sorted(spans):
        if span.start < cursor:
            continue
        value = text[span.start : span.end]
        stand = replace(span.kind, value, span.detector)
        stands.append(stand)
        piece = stand.text + ("".join(TAG.findall(value)) if "<" in value and stand.text != value else "")
        size += span.start - cursor
        places.append((size, size + len(piece)))
        size += len(piece)
        out += (text[cursor : span.start], piece)
        cursor = span.end
    out.append(text[cursor:])
    return "".join(out), tuple(stands), places


def apart(spans: Sequence[Span], places: Places) -> list[Span]:
    """The spans that touch none of `places` (both in order): what was replaced is not replaced again."""
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
