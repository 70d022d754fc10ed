"""Parts of a document that occur again and again (a code, a subject): walked once a message, quiet ones not at all.

Strategy: a part is known by its field, its rule and its bytes. Within a message its masked form is shared. Between
messages only the fact is kept that nothing in it identifies (a *quiet* part: every string was left open, and no fixed
detector and no engine said anything of it), with the traces by which a session's known values could touch it. A quiet
part is passed over; should the session know one of its traces, or should a string of it be masked elsewhere in the
message, it is woken and walked like any other. What is seen for the first time is only noted, so that parts which never
come again cost a digest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .fields import Role, Rule
from .known import KnownValues, traces
from .remembered import Hush, Quiet
from .spliced import Stand

Path = tuple[Any, Any] | None
_MAX_PART = 4096
_LONG_LIST = 6
_HOLDERS = frozenset({"entry", "contained", "resource", "parameter"})
_TRIED, _WORTH, _NOW_AND_THEN = 64, 8, 31
_MAX_FIELDS = 2048
CUT_ENDS = frozenset("0123456789-./ ")
CUT_BEFORE = re.compile(r"\d[-./ ]?$")
CUT_AFTER = re.compile(r"[-./ ]?\d")

# One masked place: the container and key that hold it now, its path, and what stands there, or the part that does.
Record = tuple[Any, Any, Path, "tuple[Stand, ...] | Part"]


# A string that names left open, with its holder, key, path, rule and records; without a holder, the place of a part
# that was seen before, which stands where the string would.
Open = tuple[Any, Any, Any, Path, Rule | None, list[Record]]


class Part:
    """One part and what was made of it. Its records' paths begin at the part.

    `loud` says whether the walk did more than leave its strings open; `opened` is its stretch of the walk's open
    strings; `places` is where a sleeping part stands.
    """

    __slots__ = ("asleep", "digest", "field", "hush", "loud", "opened", "out", "places", "records", "rule", "value")

    def __init__(self, value: Any, field: str, rule: Rule) -> None:
        self.value = self.out = value
        self.field, self.rule = field, rule
        self.records: list[Record] = []
        self.digest: bytes | None = None
        self.hush: Hush | None = None
        self.asleep, self.loud = False, True
        self.opened = (0, 0)
        self.places: list[tuple[Any, Any, Path, list[Record]]] = []


def worth_a_part(key: str, value: Any) -> bool:
    """Whether a container may be a part: what only holds resources, and a long list, seldom comes again."""
    return key not in _HOLDERS and not (type(value) is list and len(value) > _LONG_LIST)


def inside(opened: Sequence[Open], part: Part) -> Iterator[Open]:
    """The open strings of a part that was walked, those of parts in it that were seen before too."""
    return in_order(opened, *part.opened)


def in_order(opened: Sequence[Open], first: int, last: int) -> Iterator[Open]:
    """Open strings as they follow one another in the message, a part's wherever it stands; sleeping parts as such."""
    for index in range(first, last):
        entry = opened[index]
        if entry[0] is None and entry[2].hush is None:
            yield from inside(opened, entry[2])
        else:
            yield entry


class Sleep:
    """The quiet parts of one message, and those that may become quiet."""

    def __init__(self, quiet: Quiet, digest: Callable[[bytes], bytes]) -> None:
        self._quiet, self._digest = quiet, digest
        self.parts: list[Part] = []
        self.candidates: list[Part] = []

    def find(self, field: str, rule: Rule, written: bytes) -> tuple[bytes | None, Hush | None]:
        """The digest of a part, and its hush if it is quiet; no digest where fields of this name hardly ever are."""
        if len(written) > _MAX_PART:
            return None, None
        tries, name = self._quiet.tries, hash(field)
        tally = tries.get(name)
        if tally is None:
            if len(tries) >= _MAX_FIELDS:
                tries.clear()
            tally = tries[name] = [0, 0]
        tally[0] += 1
        if tally[0] > _TRIED and tally[1] * _WORTH < tally[0] and tally[0] & _NOW_AND_THEN:
            return None, None
        digest = self._digest(
            f"{rule.role} {rule.kind} {len(field)} {field}".encode("utf-8", "surrogatepass") + written
        )
        hush = self._quiet.parts.get(digest)
        if hush is not None:
            tally[1] += 1
        return digest, hush

    def woken(self, known: KnownValues, masked: Iterable[str]) -> list[Part]:
        """The quiet parts that hold what the session knows, or a string that was masked elsewhere."""
        asleep = [part for part in self.parts if part.asleep]
        if not asleep:
            return []
        touching = known.overlap(self._quiet.traces)
        touching.update(map(hash, masked))
        if not touching:
            return []
        return [part for part in asleep if part.hush is not None and not part.hush.traces.isdisjoint(touching)]

    def remember(self, opened: Sequence[Open], silent: Callable[[str], bool]) -> None:
        """Note the candidates of whose strings nothing was said; keep those that were noted before."""
        for part in self.candidates:
            entries = list(inside(opened, part))
            if part.digest is None or not all(_still(entry, silent) for entry in entries):
                continue
            if self._quiet.noted(part.digest):
                self._quiet.put(part.digest, _hush(part.value, entries))


def _still(entry: Open, silent: Callable[[str], bool]) -> bool:
    """Whether nothing is said of an open string, and no number can be cut in two at its ends."""
    holder, _, value, _, rule, _ = entry
    if holder is None:
        return True
    if rule is not None and rule.role == Role.CODE:
        return silent(value)
    return silent(value) and not CUT_AFTER.match(value) and not (value[-1] in CUT_ENDS and CUT_BEFORE.search(value))


def _hush(value: Any, entries: Iterable[Open]) -> Hush:
    """The traces of all strings, keys and numbers of a part; its fields that may hold prose."""
    found: set[int] = set()
    fields: set[str] = set()
    for holder, key, inner, _, rule, _ in entries:
        if holder is None:
            fields |= inner.hush.fields
        elif rule is None or rule.role != Role.CODE:
            fields.add(key if isinstance(key, str) else "")
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest += item
            rest += item.values()
        elif isinstance(item, list):
            rest += item
        elif isinstance(item, str):
            found.add(hash(item))
            found |= traces(item)
        else:
            found.add(hash(str(item)))
    return Hush(frozenset(found), frozenset(fields))
