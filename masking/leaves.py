"""What a field's name says of one string: keep it, leave it open to the scan, or put this in its place."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from . import jsontext
from .detect import Detector
from .fields import CODE, DATEISH, SCAN, Role, Rule
from .known import DAY_LENGTH, KnownValues
from .refinements import ID
from .settling import may_be_cut
from .spliced import WHOLE, Masked, Replace, Stand
from .values import is_cast, is_code_like, is_date_text, is_iso, is_name_alone, is_person, is_sentence, part_to_mask

_SENTENCE = 5  # spaces: a shorter `name` is a person's as a whole or not at all
_OPENING = "{["  # of a document
_URN = "urn:uuid:"
_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
Whole = tuple[Masked | None, Masked | None, Masked | None]
KEEP: Any = object()
OPEN: Any = object()
QUIET: Any = object()  # open, and nothing was said of it when it was read before


class Decided(dict[Any, Any]):
    """What was decided of the strings under one rule, each when it is first asked for; None for what is no string."""

    __slots__ = ("_decide",)

    def __init__(self, decide: Callable[[str], Any]) -> None:
        super().__init__()
        self._decide = decide

    def __missing__(self, value: Any) -> Any:
        if type(value) is not str:
            return None
        entry = self[value] = self._decide(value)
        return entry


class Memos(dict[Rule, Decided]):
    """What was decided, for each rule."""

    __slots__ = ("_leaves",)

    def __init__(self, leaves: Leaves) -> None:
        super().__init__()
        self._leaves = leaves

    def __missing__(self, rule: Rule) -> Decided:
        made = self[rule] = Decided(self._leaves.deciding(rule))
        return made


class Leaves:
    """Decides strings by the rules of their fields, and teaches the session what fields say.

    `unique` is the strings left open, each with whether the prose engine may read it; of `titles` no part is a name by
    itself. `quiet` are those of them of which the process remembers that nothing is said, if it may pass over any;
    `quiet_codes` and `quiet_scans` are strings that may stand in fields with those rules.

    `whole` is what stands for all of a UUID, of one in a URN, or of a time, where that is the same for each.
    """

    def __init__(
        self,
        kinds: frozenset[str],
        whole: Whole,
        replace: Replace,
        known: KnownValues,
        detector: Detector,
        *,
        may_pass: bool,
    ) -> None:
        self._kinds, self._replace, self._known, self._detector = kinds, replace, known, detector
        self._may_pass = may_pass
        self._uuid, self._urn, self._time = whole
        self.unique: dict[str, bool] = {}
        self.titles: set[str] = set()
        self.quiet: dict[str, bool] = {}
        self.quiet_codes: set[str] = set()
        self.quiet_scans: set[str] = set()

    def deciding(self, rule: Rule) -> Callable[[str], Any]:
        """What says of a string under `rule`, before all strings are read: keep, open, quiet, or what stands for it."""
        if rule is CODE:
            return self._code
        if rule is ID and "id" in self._kinds:
            return self._id
        if rule is DATEISH and "date" in self._kinds:
            return self._dateish
        return functools.partial(self._other, rule)

    def _code(self, value: str) -> Any:
        if not value:
            self.quiet_codes.add(value)
            return KEEP
        prose = self.unique[value] = self.unique.get(value, False) or is_sentence(value) or value[0] in _OPENING
        if not self._is_silent(value, prose=prose):
            return OPEN
        self.quiet_codes.add(value)
        return QUIET

    def _id(self, value: str) -> Any:
        if _UUID.fullmatch(value):  # the commonest by far; sessions do not learn it
            start, shared = (len(_URN), self._urn) if value[0] == "u" else (0, self._uuid)
            return shared or self._stand(value, start, len(value), "id", "field name")
        return self._other(ID, value)

    def _dateish(self, value: str) -> Any:
        if len(value) > DAY_LENGTH and is_iso(value):  # with a time of day: sessions do not learn it
            return self._time or self._stand(value, 0, len(value), "date", "field name")
        return self._other(DATEISH, value)

    def _other(self, rule: Rule, value: str) -> Any:
        if not value:
            return KEEP
        entry = self._by_rule(rule, value)
        if entry is not OPEN or may_be_cut(value) or not self._is_silent(value, prose=self.unique[value]):
            return entry
        if rule is SCAN:
            self.quiet_scans.add(value)
        return QUIET

    def _is_silent(self, value: str, *, prose: bool) -> bool:
        """Whether nothing was said of an open string when it was read before, and it stands for itself."""
        if (
            not self._may_pass
            or (prose and jsontext.may_be_document(value))
            or not self._detector.is_silent(value, prose=prose)
        ):
            return False
        self.quiet[value] = prose
        return True

    def _by_rule(self, rule: Rule, value: str) -> Any:
        """What a field's name says about a string: still open, or the text that stands for it."""
        role = rule.role
        if role == Role.VALUE:
            return self._by_name(value, str(rule.kind))
        if role == Role.DATEISH and is_date_text(value):
            return self._by_name(value, "date")
        if role in (Role.PERSON, Role.REFERENCE):
            code = is_code_like(value) or is_date_text(value)  # a day's year would be a code the second time
            kind = "id" if code else "name" if role == Role.PERSON and is_cast(value) else ""
            if kind:
                return self._by_name(value, kind)
        return self._open(value, role)

    def _open(self, value: str, role: str) -> Any:
        """What the words of a value say whose field leaves it open."""
        if role in (Role.SCAN, Role.NAMEISH, Role.PERSON) and "name" in self._kinds:
            if is_person(value):
                self._known.learn("name", value)
                return self._stand(value, 0, len(value), "name", "lexicon")
            if " " not in value and is_name_alone(value, called=role == Role.NAMEISH):
                return self._stand(value, 0, len(value), "name", "lexicon")
        left = self._leave(value, prose=True)
        if role in (Role.NAMEISH, Role.PERSON) and value.count(" ") < _SENTENCE:
            self.titles.add(value)
        return left

    def _leave(self, value: str, *, prose: bool) -> Any:
        """Leave `value` open: it is scanned after the walk, by the prose engine too if some field may hold prose."""
        self.unique[value] = prose or self.unique.get(value, False)
        return OPEN

    def _by_name(self, value: str, kind: str) -> Any:
        part = part_to_mask(kind, value)
        if part is None:
            return self._leave(value, prose=False)
        start, end = part
        self._known.learn(kind, value[start:end])
        if kind in self._kinds:
            text, stands = self._stand(value, start, end, kind, "field name")
            if text != value:
                return text, stands
        return self._leave(value, prose=False)

    def _stand(self, value: str, start: int, end: int, kind: str, detector: str) -> Masked:
        stand = self._replace(kind, value[start:end], detector)
        return value[:start] + stand.text + value[end:], (stand,)


def whole(labels: Mapping[str, str]) -> Whole:
    """What stands for UUIDs, URNs of them and times where `labels` has one text for all values of a kind."""
    return (
        _whole(labels.get("id"), "id", ""),
        _whole(labels.get("id"), "id", _URN),
        _whole(labels.get("date"), "date", ""),
    )


def _whole(label: str | None, kind: str, before: str) -> Masked | None:
    return None if label is None else (before + label, (Stand(label, kind, "field name", "redact", WHOLE),))
