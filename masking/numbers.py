"""JSON numbers that identify: by the name of their field, or because the session has learnt them as text."""

from __future__ import annotations

from typing import Any

from .fields import Role, Rule
from .known import KnownValues, written
from .paths import Path, Record
from .spliced import Replace
from .values import number_identifies

NUMBER_WORTH = 10_000  # smaller numbers are too many other things to be known values
_RECORD = 1000  # a smaller number of visits counts them
_EPOCH = 1e8  # seconds: a number that stands for a date is later than 1973
OpenNumber = tuple[Any, Any, Any, Path]


class Numbers:
    """Masks numbers by a plan's kinds."""

    def __init__(self, kinds: frozenset[str], replace: Replace, known: KnownValues) -> None:
        self._kinds, self._replace, self._known = kinds, replace, known

    def put(
        self, out: Any, key: Any, value: float, path: Path, rule: Rule, records: list[Record], opened: list[OpenNumber]
    ) -> None:
        """Put what stands for the number `value` in `out`, if its field says so; else it stays open if it is large."""
        if rule.role == Role.VALUE:
            kind = str(rule.kind)
        elif rule.role == Role.DATEISH and value > _EPOCH:
            kind = "date"
        elif rule.role in (Role.PERSON, Role.REFERENCE) and value >= _RECORD:
            kind = "id"
        else:
            if value >= NUMBER_WORTH or value <= -NUMBER_WORTH:
                opened.append((out, key, value, path))
            return
        if not number_identifies(kind, int(value) if type(value) is float and value.is_integer() else value):
            return
        text = written(value)
        self._known.learn(kind, text)
        if kind in self._kinds:
            stand = self._replace(kind, text, "field name")
            out[key] = int(stand.text) if stand.method == "shift" and stand.text.isdigit() else stand.text
            records.append((key, path, (stand,)))

    def settle(self, opened: list[OpenNumber], records: list[Record]) -> None:
        """Mask the open numbers that the session knows."""
        for out, key, number, path in opened:
            kind = self._known.number(number, self._kinds)
            if kind is not None:
                stand = self._replace(kind, written(number), "known value")
                out[key] = stand.text
                records.append((key, path, (stand,)))
