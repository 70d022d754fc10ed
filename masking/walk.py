"""One walk over a JSON value: field names decide first, what they leave open is scanned once, all together.

Strategy: containers are copied, so the caller's value is never touched. A string is decided once for each rule and
message (a memo), whatever its number of occurrences. Strings that names leave open are collected with their places,
scanned as one batch after the walk (when everything that fields teach has been learnt), and put in place. Paths are
kept as linked pairs and written out only when somebody reads the findings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from . import shapes
from .detect import Detector
from .fields import SCAN, Role, Rule, rule_for
from .findings import Finding, Span
from .known import KnownValues
from .spliced import Replace, Stand, apart, splice
from .values import is_date_text, is_person, number_identifies, part_to_mask

Path = tuple[Any, Any] | None
_MAX_DEPTH = 200
_SAFE_KEY = re.compile(r"[A-Za-z_$@#][A-Za-z_$:#-]{0,63}")
_MAX_PART = 4096
_MAX_PLANS = 4096
_CUT = 64
_NOT_IN_CODES = frozenset(
    {
        "url shape",
        "url www",
        "url bare",
        "facility",
        "letter number",
        "hash number",
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
        "phone seven",
        "fhir reference",
    }
)
_CUT_ENDS = frozenset("0123456789-./ ")
_CUT_BEFORE = re.compile(r"\d[-./ ]?$")
_CUT_AFTER = re.compile(r"[-./ ]?\d")
_SENTENCE = 5  # spaces: a shorter `name` is a person's as a whole or not at all
_ENGINES = frozenset({"prose", "spacy"})
_NUMBER_WORTH = 10_000


# One masked place: the container and key that hold it now, the container's path, and what stands there.
Record = tuple[Any, Any, Path, tuple[Stand, ...]]


class Scope(NamedTuple):
    """What was decided of one patient's strings, and what is still open."""

    memos: defaultdict[Rule, dict[str, Any]]
    unique: dict[str, bool]
    open: list[tuple[Any, Any, str, Path, Rule, list[Record]]]
    numbers: list[tuple[Any, Any, Any, Path, list[Record]]]


class Part:
    """A part of a resource that occurs again and again (a code, a subject): masked once, its places remembered.

    Its records' paths begin at the part; `places` are the paths that lead to it.
    """

    __slots__ = ("out", "places", "records")

    def __init__(self, out: Any, records: list[Record]) -> None:
        self.out, self.records = out, records
        self.places: list[Path] = []


_OPEN: Any = object()
_KEEP: Any = object()
_plans: dict[tuple[tuple[str, ...], str, Rule], shapes.Plan] = {}


class Walk:
    """The state of one message's walk."""

    def __init__(
        self,
        kinds: frozenset[str],
        replace: Replace,
        text: Callable[[str], tuple[str, tuple[Stand, ...]] | None],
        detector: Detector,
        known: KnownValues,
        about: Callable[[str], str] | None = None,
    ) -> None:
        self._about = about
        self._scopes: dict[str, Scope] = {}
        self._kinds, self._replace, self._text, self._detector, self._known = kinds, replace, text, detector, known
        self._scope("")
        self._parts: dict[tuple[Any, Rule, bytes], Part] = {}
        self._used: set[shapes.Plan] = set()
        self.known_names: dict[str, tuple[str, tuple[Stand, ...]]] = {}
        self.records: list[Record] = []
        self._titles: set[str] = set()
        self._dumps = _part_key()

    def _scope(self, subject: str) -> None:
        """Decide from here on for `subject`: what is decided for one patient's dates does not hold for another's."""
        scope = self._scopes.setdefault(subject, Scope(defaultdict(dict), {}, [], []))
        self._memos, self._unique, self._open, self._numbers = scope

    @property
    def parts(self) -> Iterable[Part]:
        return self._parts.values()

    @property
    def changed(self) -> bool:
        """Whether anything was masked."""
        return bool(self.records) or any(part.records for part in self._parts.values())

    def run(self, value: Any) -> Any:
        """The masked value. Everything masked is in `records`."""
        root = [value]
        out = self._list(root, SCAN, None, 0, None)
        self._settle()
        return self._rename(out[0], None) if self._known_keys() else out[0]

    def _dict(self, obj: dict[str, Any], inherited: Rule, path: Path, depth: int, parent: str) -> Any:
        if depth > _MAX_DEPTH:
            return self._withhold(path)
        keys = tuple(obj)
        plan = _plans.get((keys, parent, inherited)) or _make_plan(keys, parent, inherited)
        rules: Any = plan.rules
        if plan.refine is not None:
            rules = list(rules)
            plan.refine(obj, rules)
        self._used.add(plan)
        subject = subject_of(obj) if self._about is not None else ""
        if subject and self._about is not None:
            return self._of_subject(obj, subject, plan, rules, path, depth)
        return self._fields(obj, plan, rules, path, depth)

    def _of_subject(
        self, obj: dict[str, Any], subject: str, plan: shapes.Plan, rules: Sequence[Rule], path: Path, depth: int
    ) -> Any:
        """The fields of an object that is about one patient, in that patient's scope."""
        assert self._about is not None  # noqa: S101 - the caller asked
        before = self._about(subject)
        self._scope(subject)
        out = self._fields(obj, plan, rules, path, depth)
        self._about(before)
        self._scope(before)
        return out

    def _fields(self, obj: dict[str, Any], plan: shapes.Plan, rules: Sequence[Rule], path: Path, depth: int) -> Any:
        keys = plan.keys
        if plan.plain:
            out = dict(obj)
        else:
            keys = self._names(keys, path)
            out = dict(zip(keys, obj.values(), strict=True))
        memos = self._memos
        for key, rule, value in zip(keys, rules, obj.values(), strict=True):
            kind = type(value)
            if kind is str:
                memo = memos[rule]
                entry = memo.get(value)
                if entry is None:
                    entry = memo[value] = self._decide(value, rule)
                if entry is _OPEN:
                    self._open.append((out, key, value, path, rule, self.records))
                elif entry is not _KEEP:
                    out[key] = entry[0]
                    self.records.append((out, key, path, entry[1]))
            elif kind is int or kind is float:
                self._number(out, key, value, path, rule)
            elif kind is dict or kind is list:
                if plan.resource and self._about is None:
                    out[key] = self._part(value, rule, (path, key), depth + 1, key)
                else:
                    out[key] = self._container(obj, value, rule, (path, key), depth + 1)
        return out

    def _container(self, obj: Any, value: Any, rule: Rule, path: tuple[Path, Any], depth: int) -> Any:
        key = path[1]
        if type(value) is dict:
            return self._dict(value, rule, path, depth, key)
        columns = shapes.columns_of(obj, key) if value and type(value[0]) is list else None
        return self._list(value, rule, path, depth, columns, key)

    def _part(self, value: Any, rule: Rule, path: Path, depth: int, key: str) -> Any:
        """A part of a resource: looked up by its bytes, walked when it is new. Equal parts share one masked object."""
        try:
            written = self._dumps(value)
        except TypeError:  # an integer of over 64 bits, or a lone surrogate: not worth remembering
            return self._container({}, value, rule, (path[0], key), depth) if path else None
        known = self._parts.get((key, rule, written))
        if known is None:
            outer, self.records = self.records, []
            out = self._container({}, value, rule, (None, key), depth)
            known = Part(out, self.records)
            self.records = outer
            if len(written) <= _MAX_PART:
                self._parts[(key, rule, written)] = known
            else:
                self._parts[(key, rule, b"%d" % len(self._parts))] = known
        known.places.append(path)
        return known.out

    def _list(
        self, items: list[Any], rule: Rule, path: Path, depth: int, columns: list[str] | None, parent: str = ""
    ) -> Any:
        if depth > _MAX_DEPTH:
            return self._withhold(path)
        out = list(items)
        if columns is None and items and type(items[0]) is list and len(items) > 1:
            columns = shapes.header_row(items)
        for index, value in enumerate(items):
            kind = type(value)
            if kind is str:
                self._string(out, index, value, path, rule)
            elif kind is dict:
                out[index] = self._dict(value, rule, (path, index), depth + 1, parent)
            elif kind is list:
                if columns is not None:
                    out[index] = self._row(value, columns, (path, index), depth + 1)
                else:
                    out[index] = self._list(value, rule, (path, index), depth + 1, None, parent)
            elif kind is int or kind is float:
                self._number(out, index, value, path, rule)
        return out

    def _row(self, row: list[Any], columns: list[str], path: Path, depth: int) -> list[Any]:
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
            entry = memo[value] = self._decide(value, rule)
        if entry is _OPEN:
            self._open.append((out, key, value, path, rule, self.records))
        elif entry is not _KEEP:
            out[key] = entry[0]
            self.records.append((out, key, path, entry[1]))

    def _decide(self, value: str, rule: Rule) -> Any:
        """What a field's name says about a string: keep, still open, or the text that stands for it."""
        role, kind = rule.role, rule.kind
        if not value:
            return _KEEP
        if role == Role.VALUE:
            return self._by_name(value, str(kind), prose=False)
        if role == Role.DATEISH and is_date_text(value):
            return self._by_name(value, "date", prose=False)
        if role in (Role.SCAN, Role.NAMEISH) and "name" in self._kinds and is_person(value):
            self._known.learn("name", value)
            return self._stand(value, 0, len(value), "name", "lexicon")
        if role == Role.NAMEISH and value.count(" ") < _SENTENCE:
            self._titles.add(value)
        return self._leave(value, prose=role != Role.CODE)

    def _leave(self, value: str, *, prose: bool) -> Any:
        """Leave `value` open: it is scanned after the walk, by the prose engine too if some field may hold prose."""
        self._unique[value] = prose or self._unique.get(value, False)
        return _OPEN

    def _by_name(self, value: str, kind: str, *, prose: bool) -> Any:
        part = part_to_mask(kind, value)
        if part is None:
            return self._leave(value, prose=prose)
        start, end = part
        self._known.learn(kind, value[start:end])
        if kind not in self._kinds:
            return self._leave(value, prose=prose)
        text, stands = self._stand(value, start, end, kind, "field name")
        return self._leave(value, prose=False) if text == value else (text, stands)

    def _stand(self, value: str, start: int, end: int, kind: str, detector: str) -> tuple[str, tuple[Stand, ...]]:
        stand = self._replace(kind, value[start:end], detector)
        return value[:start] + stand.text + value[end:], (stand,)

    def _number(self, out: Any, key: Any, value: float, path: Path, rule: Rule) -> None:
        kind = "date" if rule.role == Role.DATEISH else rule.kind if rule.role == Role.VALUE else None
        if kind is None:
            if value >= _NUMBER_WORTH or value <= -_NUMBER_WORTH:
                self._numbers.append((out, key, value, path, self.records))
            return
        if rule.role == Role.DATEISH and not (isinstance(value, int) and value > 1e8):
            return
        if not number_identifies(kind, value):
            return
        self._known.learn(kind, str(value))
        if kind in self._kinds:
            self._put_number(out, key, value, path, kind, "field name")

    def _put_number(self, out: Any, key: Any, value: float, path: Path, kind: str, detector: str) -> None:
        stand = self._replace(kind, str(value), detector)
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
        results = self._scan(self._unique)
        self._neighbours(results)
        if results:
            for out, key, value, path, _, records in self._open:
                found = results.get(value)
                if found is not None:
                    out[key] = found[0]
                    records.append((out, key, path, found[1]))
        for out, key, number, path, records in self._numbers:
            kind = self._known.number(number)
            if kind is not None and kind in self._kinds:
                stand = self._replace(kind, str(number), "known value")
                out[key] = stand.text
                records.append((out, key, path, (stand,)))

    def _neighbours(self, results: dict[str, tuple[str, tuple[Stand, ...]]]) -> None:
        """A number cut in two between neighbouring strings (`…123-45-`, `6789…`): read together, masked in both."""
        if not any(prose and value[-1] in _CUT_ENDS for value, prose in self._unique.items()):
            return
        before: dict[Any, tuple[Any, Any, str, Path]] = {}
        for out2, key2, value2, path2, rule, records in self._open:
            if rule.role == Role.CODE:
                continue
            field = key2 if isinstance(key2, str) else ""
            out, key, value, path = before.get(field, (None, None, "", None))
            before[field] = (out2, key2, value2, path2)
            if value[-1:] not in _CUT_ENDS or not (_CUT_BEFORE.search(value) and _CUT_AFTER.match(value2)):
                continue
            if value in results or value2 in results:
                continue
            left, right = value[-_CUT:], value2[:_CUT]
            edge = len(left)
            for span in self._detector.spans(left + right, prose=False):
                if span.start < edge < span.end:
                    stand = self._replace(span.kind, left[span.start :] + right[: span.end - edge], span.detector)
                    out[key] = value[: len(value) - edge + span.start] + stand.text
                    out2[key2] = value2[span.end - edge :]
                    records += [(out, key, path, (stand,)), (out2, key2, path2, (stand,))]

    def _scan(self, prose: dict[str, bool]) -> dict[str, tuple[str, tuple[Stand, ...]]]:
        results: dict[str, tuple[str, tuple[Stand, ...]]] = {}
        plain: list[str] = []
        for value, is_prose in prose.items():
            whole = self._text(value) if is_prose else None
            if whole is None:
                plain.append(value)
            elif whole[0] != value:
                results[value] = whole
        again: dict[str, list[tuple[int, int]]] = {}
        spans = self._detector.batch(plain, [prose[value] for value in plain])
        for value, found in zip(plain, spans, strict=True):
            if value in self._titles:
                found = [span for span in found if span.detector[:5] not in _ENGINES or _all_of(span, value)]
            if not prose[value]:
                found = [span for span in found if span.detector not in _NOT_IN_CODES]
            if found:
                text, stands, places = splice(value, found, self._replace)
                if text != value:
                    results[value] = text, tuple(stand for stand in stands if stand.method != "kept")
                    again[value] = places
        self._again(results, again)
        return results

    def _again(self, results: dict[str, tuple[str, tuple[Stand, ...]]], done: dict[str, list[tuple[int, int]]]) -> None:
        """A second round: what only stands clear once its neighbours are masked."""
        values = list(done)
        spans = self._detector.batch([results[value][0] for value in values], [False] * len(values))
        for value, found in zip(values, spans, strict=True):
            found = apart(found, done[value])
            if found:
                text, stands, _ = splice(results[value][0], found, self._replace)
                results[value] = text, (*results[value][1], *(s for s in stands if s.method != "kept"))

    def _withhold(self, path: Path) -> str:
        self.records.append((None, None, path, (Stand("[WITHHELD]", "id", "too deep", "withhold", ""),)))
        return "[WITHHELD]"

    def _names(self, keys: tuple[str, ...], path: Path) -> tuple[str, ...]:
        """An object's keys with those masked that hold values: `{"123-45-6789": …}`, `{"John Smith": …}`."""
        names: dict[str, None] = {}
        for key in keys:
            found = None if _SAFE_KEY.fullmatch(key) else self._key_text(key)
            name = key if found is None else _unused(found[0], names, keys)
            if found is not None:
                self.records.append((None, name, path, found[1]))
            names[name] = None
        return tuple(names)

    def _key_text(self, key: str) -> tuple[str, tuple[Stand, ...]] | None:
        if rule_for(key).role != Role.SCAN:
            return None
        if "name" in self._kinds and is_person(key):
            return self._stand(key, 0, len(key), "name", "lexicon")
        found = self._detector.spans(key, prose=False)
        return splice(key, found, self._replace)[:2] if found else None

    def _known_keys(self) -> bool:
        """Whether any key of the message holds a known value; what stands for it is kept for the renaming."""
        if not len(self._known):
            return False
        keys = [key for key in {key for plan in self._used for key in plan.keys} if rule_for(key).role == Role.SCAN]
        touched = self._known.touched(keys)
        self.known_names = {
            key: found for key, touch in zip(keys, touched, strict=True) if touch and (found := self._known_key(key))
        }
        return bool(self.known_names)

    def _rename(self, value: Any, path: Path) -> Any:
        """Mask known values in keys: a second walk, made only when a key's word is known."""
        if isinstance(value, list):
            return [self._rename(item, (path, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        out: dict[str, Any] = {}
        for key, item in value.items():
            found = self.known_names.get(key)
            name = key if found is None else _unused(found[0], out, value)
            if found is not None:
                self.records.append((None, key, path, found[1]))
            out[name] = self._rename(item, (path, key))
        return out

    def _known_key(self, key: str) -> tuple[str, tuple[Stand, ...]] | None:
        spans = [span for span in self._known.spans(key) if span.kind in self._kinds]
        return splice(key, spans, self._replace)[:2] if spans else None


_ABOUT = ("subject", "patient", "beneficiary", "individual")


def subject_of(obj: dict[str, Any]) -> str:
    """Whom an object is about: its patient's id, by reference, by being the patient, or by a patient number."""
    if obj.get("resourceType") == "Patient" and isinstance(obj.get("id"), str):
        return str(obj["id"])
    for key in _ABOUT:
        reference = obj.get(key)
        if isinstance(reference, dict) and isinstance(reference.get("reference"), str):
            return str(reference["reference"]).rpartition("/")[2].rpartition(":")[2]
    for key, value in obj.items():
        if isinstance(value, str | int) and rule_for(key).kind == "mrn":
            return str(value)
    return ""


def _make_plan(keys: tuple[str, ...], parent: str, inherited: Rule) -> shapes.Plan:
    plan = shapes.plan(keys, parent, inherited)
    if all(map(_SAFE_KEY.fullmatch, keys)):
        plan.plain = True
        if len(_plans) >= _MAX_PLANS:
            _plans.clear()
        _plans[(keys, parent, inherited)] = plan
    return plan


def _all_of(span: Span, value: str) -> bool:
    """Whether a span is the whole value: part of a title is no name, all of it may be."""
    return not any(map(str.isalnum, value[: span.start] + value[span.end :]))


def _unused(name: str, taken: Container[str], others: Container[str]) -> str:
    """`name`, numbered until it is no other key of its object."""
    count, made = 2, name
    while made in taken or made in others:
        made, count = f"{name} {count}", count + 1
    return made


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


def findings_of(walk: Walk, digest: Callable[[str, str], str]) -> tuple[Finding, ...]:
    """The findings that a walk's records stand for, in the order of masking."""
    out: list[Finding] = []
    digests: dict[tuple[str, str], str] = {}

    def add(prefix: str, records: list[Record]) -> None:
        for _, key, path, stands in records:
            where = prefix + path_text(path, key, walk.known_names)[1:]
            for stand in stands:
                hashed = digests.get((stand.kind, stand.value))
                if hashed is None:
                    hashed = digests[(stand.kind, stand.value)] = digest(stand.kind, stand.value)
                out.append(Finding(stand.kind, where, stand.detector, stand.method, hashed))

    add("$", walk.records)
    for part in walk.parts:
        if part.records:
            for place in part.places:
                add(path_text(place[0], place[1], walk.known_names) if place else "$", part.records)
    return tuple(out)


def _part_key() -> Callable[[Any], bytes]:
    """The bytes a part is known by."""
    import orjson

    return orjson.dumps
