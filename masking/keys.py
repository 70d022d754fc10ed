"""Keys that hold values (`{"123-45-6789": …}`, `{"John Smith": …}`, a learnt name): masked like values."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Any

from .detect import Detector
from .dicom import is_dataset
from .fields import Role, rule_for
from .known import STAND_IN, KnownValues
from .paths import Path, Record
from .spliced import ROUNDS, Replace, Stand, apart, splice
from .values import is_person

SAFE_KEY = re.compile(r"[A-Za-z_$@#][A-Za-z_$:#-]{0,63}")
Renamed = tuple[str, tuple[Stand, ...]]


class Keys:
    """Masks keys by a plan's kinds. `renamed` is what stands for the keys of this message that hold known values."""

    def __init__(self, kinds: frozenset[str], replace: Replace, detector: Detector, known: KnownValues) -> None:
        self._kinds, self._replace, self._detector, self._known = kinds, replace, detector, known
        self.renamed: dict[str, Renamed] = {}
        self._made: set[str] = set()

    def names(self, keys: tuple[str, ...], path: Path, records: list[Record]) -> tuple[str, ...]:
        """An object's keys with those masked that hold values."""
        if is_dataset(keys):
            return keys
        names: dict[str, None] = {}
        for key in keys:
            found = None if SAFE_KEY.fullmatch(key) else self._masked(key)
            name = key if found is None else _unused(found[0], names, keys)
            if found is not None:
                records.append((name, path, found[1]))
                self._made.add(name)
            names[name] = None
        return tuple(names)

    def _masked(self, key: str) -> Renamed | None:
        if rule_for(key).role != Role.SCAN:
            return None
        if "name" in self._kinds and is_person(key):
            stand = self._replace("name", key, "lexicon")
            return stand.text, (stand,)
        detector = self._detector.of_patterns()  # `are_known` finds the rest when all is learnt
        name = key
        stands: tuple[Stand, ...] = ()
        for _ in range(ROUNDS):
            found = detector.spans(name, prose=False)
            if not found:
                break
            name, more, _ = splice(name, found, self._replace)
            stands = (*stands, *more)
        return (name, stands) if stands else None

    def are_known(self, keys: Iterable[str]) -> bool:
        """Whether any of a message's `keys` whose names say nothing holds a known value; `rename` then says what stands
        for it.
        """
        if not len(self._known):
            return False
        scanned = [*keys, *(key for key in self._made if rule_for(key).role == Role.SCAN)]
        touched = self._known.touched(scanned)
        self.renamed = {
            key: found for key, touch in zip(scanned, touched, strict=True) if touch and (found := self._of_known(key))
        }
        return bool(self.renamed)

    def rename(self, value: Any, path: Path, records: list[Record]) -> Any:
        """Mask known values in keys: a second walk, made only when a key's word is known."""
        if isinstance(value, list):
            return [self.rename(item, (path, index), records) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        out: dict[str, Any] = {}
        for key, item in value.items():
            found = self.renamed.get(key)
            name = key if found is None else _unused(found[0], out, value)
            if found is not None:
                records.append((key, path, found[1]))
            out[name] = self.rename(item, (path, key), records)
        return out

    def _of_known(self, key: str) -> Renamed | None:
        ours = [match.span() for match in STAND_IN.finditer(key)]
        spans = apart(sorted(span for span in self._known.spans(key) if span.kind in self._kinds), ours)
        return splice(key, spans, self._replace)[:2] if spans else None


def _unused(name: str, taken: Container[str], others: Container[str]) -> str:
    """`name`, numbered until it is no other key of its object."""
    count, made = 2, name
    while made in taken or made in others:
        made, count = f"{name} {count}", count + 1
    return made
