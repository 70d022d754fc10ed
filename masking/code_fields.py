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
    out: list[Span] = []
    at = 0
    for span in sorted(spans):
        while at < len(kept) and kept[at][1] <= span.start:
            at += 1
        inside = at < len(kept) and kept[at][0] <= span.start and span.end <= kept[at][1]
        if not inside or span.detector not in LOOSE:
            out.append(span)
    return out
