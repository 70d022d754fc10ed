"""Paths of masked places, and the findings about them, written out only when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from .findings import Finding
from .spliced import Stand

_new = tuple.__new__  # a third of what a NamedTuple's own takes
Path = tuple[Any, Any] | None
# One masked place: its key, the path of what holds it, and what stands there.
Record = tuple[Any, Path, tuple[Stand, ...]]


class Spots(Protocol):
    """What knows where in an object the places are that a record tells of together."""

    def records(self, stands: Any, path: Path) -> Iterator[Record]:
        """One record for each place in the object at `path`."""


# A record, or several places in the object at a path.
Records = tuple[Any, Path, "tuple[Stand, ...] | Spots"]


class _Steps(dict[Any, str]):
    """The steps of paths, RFC 9535 in short form, by their indices and keys; `renamed` are keys that were masked."""

    def __init__(self, renamed: Mapping[Any, Any]) -> None:
        super().__init__()
        self._renamed = renamed

    def __missing__(self, part: Any) -> str:
        if isinstance(part, int):
            text = f"[{part}]"
        elif part is None:
            text = ""
        else:
            name = self._renamed[part][0] if part in self._renamed else part
            text = f".{name}" if name.isidentifier() else f"['{name}']"
        self[part] = text
        return text


def _path_text(path: Path, steps: _Steps) -> str:
    """`$.name[0].family`: a path from the root."""
    text = ""
    while path is not None:
        path, part = path
        if path is not None:  # else it is the walk's own root
            text = steps[part] + text
    return "$" + text


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
    steps = _Steps(renamed)
    above: Path = None
    holder = "$"  # the path of what holds the place: that of the place before it as a rule
    for key, path, stands in _spread(records):
        if path is not above:
            above, holder = path, _path_text(path, steps)
        where = holder if path is None else holder + steps[key]
        for stand in stands:
            hashed = digests.get((stand.kind, stand.value))
            if hashed is None:
                hashed = digests[(stand.kind, stand.value)] = digest(stand.kind, stand.value)
            out.append(_new(Finding, (stand.kind, where, stand.detector, stand.method, hashed, stand.text)))
    return tuple(out)
