"""What a field of codes is read for: of the detectors' findings those do not count that codes look like."""

from __future__ import annotations

from collections.abc import Sequence

from .findings import Span

LOOSE = frozenset(
    {
        "url shape",
        "url www",
        "url bare",
        "facility",
        "organisation",
        "organisation loose",
        "organisation led",
        "trade",
        "trade loose",
        "town by place",
        "house by place",
        "road number",
        "name kin",
        "name nickname",
        "name suffix",
        "name and age",
        "name heading",
        "letter number",
        "number sign",
        "code",
        "id named",
        "device named",
        "license named",
        "plate",
        "insurer's number",
        "date slash",
        "initials at the end",
        "long number",
        "city state",
        "unit",
        "street",
        "vin",
        "uk postcode",
        "ca postcode",
        "holiday",
        "name credential",
        "name last first",
        "name title",
        "name by",
        "ipv4",
        "ipv6",
        "phone seven",
        "fhir reference",
    }
)


def outside(spans: Sequence[Span], kept: Sequence[tuple[int, int]]) -> list[Span]:
    """The spans that count where `kept` (in order, apart) are the stretches that hold codes."""
    ordered = sorted(spans)
    within = _within(ordered, kept)
    return [span for span, inside in zip(ordered, within, strict=True) if not inside or not _is_loose(span.detector)]


def _is_loose(detector: str) -> bool:
    """A detector that codes look alike to, or one that a name beside the value told: the field's name told more."""
    return detector in LOOSE or detector.endswith((" label", " named", " marked"))


def whole(spans: Sequence[Span], pieces: Sequence[Span], kept: Sequence[tuple[int, int]]) -> list[Span]:
    """The pieces (in order) that `spans` were cut into without those in `kept`: what runs from one field into a code
    is chance.
    """
    uncut = set(spans)
    within = _within(pieces, kept)
    return [piece for piece, inside in zip(pieces, within, strict=True) if not inside or piece in uncut]


def _within(spans: Sequence[Span], kept: Sequence[tuple[int, int]]) -> list[bool]:
    """For each of the spans, in order, whether one stretch of `kept` holds all of it."""
    out, at = [], 0
    for span in spans:
        while at < len(kept) and kept[at][1] <= span.start:
            at += 1
        out.append(at < len(kept) and kept[at][0] <= span.start and span.end <= kept[at][1])
    return out
