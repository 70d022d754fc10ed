"""Paths of masked places, and the findings about them, written out only when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from .findings import Finding
from .spliced import Stand

Path = tuple[Any, Any] | None
# One masked place: its key, the path of what holds it, and what stands there.
Record = tuple[Any, Path, tuple[Stand, ...]]


class Spots(Protocol):
    """What knows where in an object the places are that a record tells of together."""

    def records(self, stands: Any, path: Path) -> Iterator[Record]:
        """One record for each place in the object at `path`."""


# A record, or several places in the object at a path.
Records = tuple[Any, Path, "tuple[Stand, ...] | Spots"]


def path_text(path: Path, key: Any, renamed: Mapping[Any, Any]) -> str:
    """`$.name[0].family`: a path from the root, RFC 9535 in short form; keys that were masked stand as masked."""
    parts = [key]
    while path is not None:
        path, part = path
        parts.append(part)
    parts.pop()  # the walk's own root
    text = "$"
    for part in reversed(parts):
        if isinstance(part, int):
            text += f"[{part}]"
        elif part is not None:
            part = renamed[part][0] if part in renamed else part
            text += f".{part}" if part.isidentifier() else f"['{part}']"
    return text


def _spread(records: Iterable[Records]) -> Iterator[Record]:
    """One record for each place."""
    for key, path, stands in records:
        if isinstance(stands, tuple):
            yield key, path, stands
        else:
            yield from stands.records(key, path)


def findings_of(
    records: Iterable[Records], renamed: Mapping[str, Any], digest: Callable[[str, str], str]
) -> tuple[Finding, ...]:
    """The findings that a walk's records stand for, in the order of masking."""
    out: list[Finding] = []
    digests: dict[tuple[str, str], str] = {}
    for key, path, stands in _spread(records):
        where = path_text(path, key, renamed)
        for stand in stands:
            hashed = digests.get((stand.kind, stand.value))
            if hashed is None:
                hashed = digests[(stand.kind, stand.value)] = digest(stand.kind, stand.value)
            out.append(Finding(stand.kind, where, stand.detector, stand.method, hashed, stand.text))
    return tuple(out)
