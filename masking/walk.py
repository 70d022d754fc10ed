"""One walk over a JSON value: field names decide first, what they leave open is scanned once, all together.

Strategy: containers are copied, so the caller's value is never touched. A string is decided once for each rule and
message (a memo), whatever its number of occurrences. Strings that names leave open are collected with their places,
scanned as one batch after the walk (when everything that fields teach has been learnt), and put in place. Parts of FHIR
resources are walked once (parts.py). Paths are kept as linked pairs and written out only when somebody reads them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from . import shapes
from .detect import Detector
from .fields import SCAN, Role, Rule
from .findings import Finding
from .keys import SAFE_KEY, Keys
from .known import KnownValues
from .leaves import KEEP, LOUD, OPEN, Leaves
from .parts import Open, Part, Path, Record, Sleep, worth_a_part
from .paths import any_masked, findings_of
from .settling import Inner, Settling
from .spliced import Replace, Stand
from .subjects import subject_of
from .values import number_identifies

_MAX_DEPTH = 200
_MAX_PLANS = 4096
_NUMBER_WORTH = 10_000


class Scope(NamedTuple):
    """What was decided of one patient's strings, and what is still open."""

    memos: defaultdict[Rule, dict[str, Any]]
    unique: dict[str, bool]
    open: list[Open]
    numbers: list[tuple[Any, Any, Any, Path, list[Record]]]


_CODE = Role.CODE
_plans: dict[tuple[tuple[str, ...], str, Rule], shapes.Plan] = {}


class Walk:
    """The state of one message's walk."""

    def __init__(
        self,
        kinds: frozenset[str],
        replace: Replace,
        text: Inner,
        detector: Detector,
        known: KnownValues,
        about: Callable[[str], str] | None = None,
    ) -> None:
        self._about = about
        self._scopes: dict[str, Scope] = {}
        self._kinds, self._replace, self._known = kinds, replace, known
        self._leaves = Leaves(kinds, replace, known)
        self._scope("")
        self._parts: dict[tuple[str, Rule, bytes], Part] = {}
        remembered = detector.remembered
        self._sleep = Sleep(remembered.quiet(detector.engine, kinds), remembered.digest)
        self._settling = Settling(replace, text, detector)
        self._keys = Keys(kinds, replace, detector, known)
        self._used: set[shapes.Plan] = set()
        self.records: list[Record] = []
        self._root = self.records
        self._acts = 0
        self._dumps = _part_key()

    def _scope(self, subject: str) -> None:
        """Decide from here on for `subject`: what is decided for one patient's dates does not hold for another's."""
        scope = self._scopes.setdefault(subject, Scope(defaultdict(dict), {}, [], []))
        self._memos, self._unique, self._open, self._numbers = scope
        self._leaves.unique = self._unique

    @property
    def changed(self) -> bool:
        """Whether anything was masked."""
        return any_masked(self.records)

    def findings(self, digest: Callable[[str, str], str]) -> tuple[Finding, ...]:
        """What was masked, in the order of masking."""
        return findings_of(self.records, self._keys.renamed, digest)

    def run(self, value: Any) -> Any:
        """The masked value. Everything masked is in `records`."""
        out = self._list([value], SCAN, None, 0, None)
        self._settle()
        if self._keys.are_known({key for plan in self._used for key in plan.keys}):
            return self._keys.rename(out[0], (None, 0), self.records)
        return out[0]

    def _dict(
        self, obj: dict[str, Any], inherited: Rule, path: Path, depth: int, parent: str, *, nested: bool = False
    ) -> Any:
        if depth > _MAX_DEPTH:
            return self._withhold(path)
        keys = tuple(obj)
        plan = _plans.get((keys, parent, inherited)) or _make_plan(keys, parent, inherited)
        rules: Any = plan.rules
        if plan.refine is not None:
            rules = list(rules)
            plan.refine(obj, rules)
        self._used.add(plan)
        if self._about is not None:
            subject = subject_of(obj)
            if subject:
                return self._of_subject(obj, subject, plan, rules, path, depth)
            return self._fields(obj, plan, rules, path, depth, parts=False)
        return self._fields(obj, plan, rules, path, depth, parts=nested or plan.resource)

    def _of_subject(
        self, obj: dict[str, Any], subject: str, plan: shapes.Plan, rules: Sequence[Rule], path: Path, depth: int
    ) -> Any:
        """The fields of an object that is about one patient, in that patient's scope."""
        assert self._about is not None  # noqa: S101 - the caller asked
        before = self._about(subject)
        self._scope(subject)
        out = self._fields(obj, plan, rules, path, depth, parts=False)
        self._about(before)
        self._scope(before)
        return out

    def _fields(
        self, obj: dict[str, Any], plan: shapes.Plan, rules: Sequence[Rule], path: Path, depth: int, *, parts: bool
    ) -> Any:
        keys = plan.keys
        if plan.plain:
            out = obj.copy()
        else:
            self._acts += 1
            keys = self._keys.names(keys, path, self.records)
            out = dict(zip(keys, obj.values(), strict=True))
        memos, opened, records = self._memos, self._open, self.records
        for key, rule, value in zip(keys, rules, obj.values(), strict=True):
            kind = type(value)
            if kind is str:
                memo = memos[rule]
                entry = memo.get(value)
                if entry is None:
                    entry = memo[value] = self._leaves.decide(value, rule)
                if entry is OPEN:
                    opened.append((out, key, value, path, rule, records))
                elif entry is not KEEP:
                    self._put(out, key, value, path, rule, entry)
            elif kind is int or kind is float:
                if rule.role is not _CODE or value >= _NUMBER_WORTH or value <= -_NUMBER_WORTH:
                    self._number(out, key, value, path, rule)
            elif kind is dict or kind is list:
                if parts and worth_a_part(key, value):
                    self._part(out, key, value, path, rule, depth + 1)
                else:
                    out[key] = self._container(obj, value, rule, (path, key), depth + 1, nested=parts)
        return out

    def _put(self, out: Any, key: Any, value: str, path: Path, rule: Rule, entry: Any) -> None:
        """Put in place what was decided of a string; what is open but not quiet stays open."""
        self._acts += 1
        if entry is LOUD:
            self._open.append((out, key, value, path, rule, self.records))
        else:
            out[key] = entry[0]
            self.records.append((out, key, path, entry[1]))

    def _container(
        self, obj: Any, value: Any, rule: Rule, path: tuple[Path, Any], depth: int, *, nested: bool = False
    ) -> Any:
        key = path[1]
        if type(value) is dict:
            return self._dict(value, rule, path, depth, key)
        columns = shapes.columns_of(obj, key) if value and type(value[0]) is list else None
        return self._list(value, rule, path, depth, columns, key, nested=nested)

    def _part(self, out: Any, key: str, value: Any, path: Path, rule: Rule, depth: int) -> None:
        """A part of a resource, looked up by its bytes. Equal parts share one masked object; a quiet one stays."""
        try:
            written = self._dumps(value)
        except TypeError:  # an integer of over 64 bits, or a lone surrogate: not worth remembering
            self._acts += 1
            out[key] = self._container({}, value, rule, (path, key), depth)
            return
        part = self._parts.get((key, rule, written))
        if part is None:
            part = self._parts[(key, rule, written)] = Part(value, key, rule)
            part.digest, part.hush = self._sleep.find(key, rule, written)
            part.asleep = part.hush is not None
            if part.asleep:
                self._sleep.parts.append(part)
            else:
                self._walk_part(part, depth)
                self._seat(part, out, key, path)
                return
        self._open.append((None, None, part, None, None, self.records))
        if part.asleep:
            part.places.append((out, key, path, self.records))
        else:
            self._acts += part.loud
            self._seat(part, out, key, path)

    def _seat(self, part: Part, out: Any, key: Any, path: Path, records: list[Record] | None = None) -> None:
        out[key] = part.out
        (self.records if records is None else records).append((None, key, path, part))

    def _walk_part(self, part: Part, depth: int) -> None:
        outer, self.records = self.records, part.records
        before, first = self._acts, len(self._open)
        part.out = self._container({}, part.value, part.rule, (None, part.field), depth, nested=True)
        part.opened = first, len(self._open)
        part.loud = self._acts != before
        if not part.loud and part.digest is not None and part.hush is None:
            self._sleep.candidates.append(part)
        self.records = outer

    def _list(
        self,
        items: list[Any],
        rule: Rule,
        path: Path,
        depth: int,
        columns: list[str] | None,
        parent: str = "",
        *,
        nested: bool = False,
    ) -> Any:
        if depth > _MAX_DEPTH:
            return self._withhold(path)
        out = list(items)
        if columns is None and items and type(items[0]) is list and len(items) > 1:
            columns = shapes.header_row(items)
        for index, value in enumerate(items):
            kind = type(value)
            if kind is dict:
                out[index] = self._dict(value, rule, (path, index), depth + 1, parent, nested=nested)
            elif kind is str:
                self._string(out, index, value, path, rule)
            elif kind is list:
                if columns is not None:
                    out[index] = self._row(value, columns, (path, index), depth + 1)
                else:
                    out[index] = self._list(value, rule, (path, index), depth + 1, None, parent)
            elif kind is int or kind is float:
                self._number(out, index, value, path, rule)
        return out

    def _row(self, row: list[Any], columns: list[str], path: Path, depth: int) -> list[Any]:
        self._acts += 1
        person = frozenset(columns)
        out = list(row)
        for index, value in enumerate(row):
            name = columns[index] if index < len(columns) else ""
            rule = shapes._own_rule(name, SCAN, person)
            if value == name:
                continue
            if isinstance(value, str):
                self._string(out, index, value, path, rule)
            elif isinstance(value, dict):
                out[index] = self._dict(value, rule, (path, index), depth + 1, name)
            elif isinstance(value, list):
                out[index] = self._list(value, rule, (path, index), depth + 1, None, name)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                self._number(out, index, value, path, rule)
        return out

    def _string(self, out: Any, key: Any, value: str, path: Path, rule: Rule) -> None:
        memo = self._memos[rule]
        entry = memo.get(value)
        if entry is None:
            entry = memo[value] = self._leaves.decide(value, rule)
        if entry is OPEN:
            self._open.append((out, key, value, path, rule, self.records))
        elif entry is not KEEP:
            self._put(out, key, value, path, rule, entry)

    def _number(self, out: Any, key: Any, value: float, path: Path, rule: Rule) -> None:
        if rule.role == Role.VALUE:
            kind = str(rule.kind)
        elif rule.role == Role.DATEISH:
            if not (isinstance(value, int) and value > 1e8):
                return
            kind = "date"
        else:
            if value >= _NUMBER_WORTH or value <= -_NUMBER_WORTH:
                self._numbers.append((out, key, value, path, self.records))
            return
        if not number_identifies(kind, value):
            return
        self._acts += 1
        self._known.learn(kind, str(value))
        if kind in self._kinds:
            self._put_number(out, key, value, path, kind)

    def _put_number(self, out: Any, key: Any, value: float, path: Path, kind: str) -> None:
        stand = self._replace(kind, str(value), "field name")
        out[key] = int(stand.text) if stand.method == "shift" and stand.text.isdigit() else stand.text
        self.records.append((out, key, path, (stand,)))

    def _settle(self) -> None:
        for subject in list(self._scopes):
            self._scope(subject)
            if self._about is not None:
                self._about(subject)
            self._settle_scope()
        if self._about is not None:
            self._about("")

    def _settle_scope(self) -> None:
        """Scan what the names left open, once a distinct string, and put the results in place."""
        results, silent = self._settling.scan(self._unique, self._leaves.titles)
        while woken := self._sleep.woken(self._known, results):
            for part in woken:
                self._wake(part)
            results, silent = self._settling.scan(self._unique, self._leaves.titles)
        self._settling.neighbours(self._open, self._unique, results)
        if results:
            for out, key, value, path, _, records in self._open:
                found = results.get(value) if out is not None else None
                if found is not None:
                    out[key] = found[0]
                    records.append((out, key, path, found[1]))
        self._known_numbers()
        self._sleep.remember(self._open, silent.__contains__)

    def _wake(self, part: Part) -> None:
        """Walk a quiet part after all, and put what became of it in its places."""
        part.asleep = False
        self._walk_part(part, 1)
        for out, key, path, records in part.places:
            self._seat(part, out, key, path, records)

    def _known_numbers(self) -> None:
        for out, key, number, path, records in self._numbers:
            kind = self._known.number(number)
            if kind is not None and kind in self._kinds:
                stand = self._replace(kind, str(number), "known value")
                out[key] = stand.text
                records.append((out, key, path, (stand,)))

    def _withhold(self, path: Path) -> str:
        self._acts += 1
        self.records.append((None, None, path, (Stand("[WITHHELD]", "id", "too deep", "withhold", ""),)))
        return "[WITHHELD]"


def _make_plan(keys: tuple[str, ...], parent: str, inherited: Rule) -> shapes.Plan:
    plan = shapes.plan(keys, parent, inherited)
    if all(map(SAFE_KEY.fullmatch, keys)):
        plan.plain = True
        if len(_plans) >= _MAX_PLANS:
            _plans.clear()
        _plans[(keys, parent, inherited)] = plan
    return plan


def _part_key() -> Callable[[Any], bytes]:
    """The bytes a part is known by."""
    import orjson

    return orjson.dumps
