"""One walk over a JSON value: field names decide first, what they leave open is scanned once, all together.

Strategy: a container is copied when something in it changes, so the caller's value is never touched. A string is
decided once for each rule and message (a memo), whatever its number of occurrences. Strings that names leave open are
collected with their places, scanned as one batch after the walk (when everything that fields teach has been learnt),
and put in place. A string of which the process remembers that nothing is said is *quiet*: its places are not collected.
Objects are gone through by steps made once for a shape (steps.py). Should a quiet string be masked after all, by what
the session knows or by what another field makes of it, a second walk puts it in its places. Paths are kept as linked
pairs and written out only when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from . import shapes, tables
from .detect import Detector
from .fields import CODE, SCAN, Role, Rule
from .findings import Finding
from .keys import Keys
from .known import KnownValues
from .leaves import KEEP, OPEN, QUIET, Leaves, Memos, Whole
from .numbers import NUMBER_WORTH, Numbers, OpenNumber
from .paths import Path, findings_of
from .plainly import says_nothing
from .settling import Inner, Open, Settling
from .spliced import Masked, Replace, Stand, stands_in
from .spoken import SHORTEST, spelt
from .steps import Node, Shape, node
from .subjects import subject_of
from .waking import wake

MAX_DEPTH = 200


class Scope(NamedTuple):
    """What was decided of one patient's strings, and what is still open."""

    memos: Memos
    unique: dict[str, bool]
    open: list[Open]
    numbers: list[OpenNumber]


class Walk:
    """The state of one message's walk."""

    def __init__(
        self,
        kinds: frozenset[str],
        whole: Whole,
        replace: Replace,
        text: Inner,
        detector: Detector,
        known: KnownValues,
        about: Callable[[str], str] | None = None,
    ) -> None:
        self._about = about
        self._scopes: dict[str, Scope] = {}
        self._kinds, self._replace, self._known, self._detector = kinds, replace, known, detector
        self._leaves = Leaves(kinds, whole, replace, known, detector, may_pass=about is None)
        self._scope("")
        self._woken: dict[str, Masked] = {}
        self._settling = Settling(replace, text, detector)
        self._numbers = Numbers(kinds, replace, known)
        self._keys = Keys(kinds, replace, detector, known)
        self._used: set[shapes.Plan] = set()
        self._columns: dict[int, list[str]] = {}
        self.records: list[Any] = []  # Records, as paths.py has them
        self.given: Any = None

    def _scope(self, subject: str) -> None:
        """Decide from here on for `subject`: what is decided for one patient's dates does not hold for another's."""
        scope = self._scopes.get(subject)
        if scope is None:
            scope = self._scopes[subject] = Scope(Memos(self._leaves), {}, [], [])
        self._memos, self._unique, self._open, self._open_numbers = scope
        self._leaves.unique = self._unique

    @property
    def late(self) -> bool:
        """Whether something was learnt too late for some of the message, which a second walk would mask."""
        return self._settling.late

    @property
    def changed(self) -> bool:
        """Whether anything was masked."""
        return bool(self.records)

    def findings(self, digest: Callable[[str, str], str]) -> tuple[Finding, ...]:
        """What was masked, in the order of masking."""
        return findings_of(self.records, self._keys.renamed, digest)

    def run(self, value: Any) -> Any:
        """The masked value. Everything masked is in `records`. Raises NotPlainError for anything but plain JSON."""
        self.given = value
        self._columns = tables.of_message(value)
        out = self._list([value], node("", SCAN), None, 0)
        self._settle()
        if self._woken:
            out = wake(out, None, self._woken, self.records)
        if self._keys.are_known(set().union(*[plan.scanned for plan in self._used])):
            return self._keys.rename(out[0], (None, 0), self.records)
        return out[0]

    def _dict(self, obj: dict[str, Any], at: Node, path: Path, depth: int) -> Any:
        if depth > MAX_DEPTH:
            return self._withhold(path)
        shape = at[tuple(obj)]
        self._used.add(shape.plan)
        return self._in_scope(obj, shape, path, depth)

    def _in_scope(self, obj: dict[str, Any], shape: Shape, path: Path, depth: int) -> Any:
        """The fields of an object one by one, of one that is about one patient in that patient's scope."""
        rules = shape.plan.rules_for(obj)
        named = obj
        if not shape.plain:
            keys = self._keys.names(shape.plan.keys, path, self.records)
            named = dict(zip(keys, obj.values(), strict=True))
        subject = subject_of(obj) if self._about is not None else ""
        if not subject or self._about is None:
            return self._fields(obj, named, rules, path, depth)
        before = self._about(subject)
        self._scope(subject)
        out = self._fields(obj, named, rules, path, depth)
        self._about(before)
        self._scope(before)
        return out

    def _leaf(
        self, obj: dict[str, Any], out: dict[str, Any], key: str, path: Path, rule: Rule, depth: int
    ) -> dict[str, Any]:
        """One field by itself."""
        if out is obj:
            out = obj.copy()
        self._field(obj, out, key, key, path, rule, depth)
        return out

    def _fields(
        self, obj: dict[str, Any], named: dict[str, Any], rules: Sequence[Rule], path: Path, depth: int
    ) -> dict[str, Any]:
        """An object field by field; `named` is the same with those keys masked that hold values."""
        out = named.copy()
        for key, name, rule in zip(obj, named, rules, strict=True):
            self._field(obj, out, key, name, path, rule, depth)
        return out

    def _field(
        self, obj: dict[str, Any], out: dict[str, Any], key: str, name: str, path: Path, rule: Rule, depth: int
    ) -> None:
        """Put in `out` under `name` what stands for `obj[key]`."""
        value = obj[key]
        kind = type(value)
        if kind is str:
            self._string(out, name, value, path, rule)
        elif kind is int or kind is float:
            if rule is not CODE or value >= NUMBER_WORTH or value <= -NUMBER_WORTH:
                self._numbers.put(out, name, value, path, rule, self.records, self._open_numbers)
        elif kind is dict:
            out[name] = self._dict(value, node(name, rule), (path, name), depth + 1)
        elif kind is list:
            columns = tables.columns_of(obj, key) if value and type(value[0]) is list else None
            out[name] = self._list(value, node(name, rule), (path, name), depth + 1, columns)
        else:
            says_nothing(value)

    def _list(  # noqa: C901 - one loop for items of all kinds
        self, items: list[Any], at: Node, path: Path, depth: int, columns: list[str] | None = None
    ) -> Any:
        if depth > MAX_DEPTH:
            return self._withhold(path)
        spelt_out = self._spelt(items, path) if len(items) >= SHORTEST and at.rule.role != Role.VALUE else None
        if spelt_out is not None:
            return spelt_out
        out = items
        if columns is None and items and type(items[0]) is list:
            columns = tables.header_row(items) or self._columns.get(len(items[0]))
        elif self._columns and items and type(items[0]) is dict:
            named = tables.cells_of(items, self._columns)
            if named is not None:
                return self._row(items, named, path, depth)
        for index, value in enumerate(items):
            kind = type(value)
            if kind is dict:
                new = self._dict(value, at, (path, index), depth + 1)
            elif kind is list:
                if columns is not None:
                    new = self._row(value, columns, (path, index), depth + 1)
                else:
                    new = self._list(value, at, (path, index), depth + 1)
            elif kind is str or kind is int or kind is float:
                if out is items:
                    out = list(items)
                if kind is str:
                    self._string(out, index, value, path, at.rule)
                else:
                    self._numbers.put(out, index, value, path, at.rule, self.records, self._open_numbers)
                continue
            else:
                says_nothing(value)
                continue
            if new is not value:
                if out is items:
                    out = list(items)
                out[index] = new
        return out

    def _spelt(self, items: list[Any], path: Path) -> list[Any] | None:
        """A text listed character by character or byte by byte: what it says is masked in each item."""
        said = spelt(items)
        spans = self._detector.spans(said, prose=False) if said else []
        out = list(items)
        for span in spans:
            stand = self._replace(span.kind, said[span.start : span.end], span.detector)
            for index in range(span.start, span.end):
                out[index] = stand.text
                self.records.append((index, path, (stand,)))
        return out if spans else None

    def _row(self, row: list[Any], columns: list[str], path: Path, depth: int) -> list[Any]:
        person = frozenset(columns)
        out = list(row)
        for index, value in enumerate(row):
            name = columns[index] if index < len(columns) else ""
            rule = CODE if name in (value, tables.only(value)) else shapes.own_rule(name, SCAN, person)
            kind = type(value)
            if kind is str:
                self._string(out, index, value, path, rule)
            elif kind is dict:
                out[index] = self._dict(value, node(name, rule), (path, index), depth + 1)
            elif kind is list:
                out[index] = self._list(value, node(name, rule), (path, index), depth + 1)
            elif kind is int or kind is float:
                self._numbers.put(out, index, value, path, rule, self.records, self._open_numbers)
            else:
                says_nothing(value)
        return out

    def _string(self, out: Any, key: Any, value: str, path: Path, rule: Rule) -> None:
        entry = self._memos[rule][value]
        if entry is OPEN:
            self._open.append((out, key, value, path, rule))
        elif entry is QUIET:
            if rule is not CODE:
                self._open.append((None, (key if isinstance(key, str) else "",), None, None, None))
        elif entry is not KEEP:
            out[key] = entry[0]
            self.records.append((key, path, stands_in(entry, value)))

    def _settle(self) -> None:
        if self._about is None:
            self._settle_scope()
            return
        for subject in list(self._scopes):
            self._scope(subject)
            self._about(subject)
            self._settle_scope()
        self._about("")

    def _settle_scope(self) -> None:
        """Scan what the names left open, once a distinct string, and put the results in place."""
        results = self._settling.scan(self._unique, self._leaves.titles, self._leaves.quiet)
        if results:
            for out, key, value, path, _ in self._open:
                found = results.get(value) if out is not None else None
                if found is not None:
                    out[key] = found[0]
                    self.records.append((key, path, found[1]))
            self._woken = {value: found for value, found in results.items() if value in self._leaves.quiet}
        self._settling.neighbours(self._open, self._unique, results, self.records)
        self._numbers.settle(self._open_numbers, self.records)

    def _withhold(self, path: Path) -> str:
        key = None if path is None else path[1]
        self.records.append((key, None if path is None else path[0], _TOO_DEEP))
        return "[WITHHELD]"


_TOO_DEEP = (Stand("[WITHHELD]", "id", "too deep", "withhold", ""),)
