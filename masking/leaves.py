"""What a field's name says of one string: keep it, leave it open to the scan, or put this in its place."""

from __future__ import annotations

import re
from typing import Any

from .fields import CODE, DATEISH, Role, Rule
from .known import DAY_LENGTH, KnownValues
from .refinements import ID
from .spliced import Replace, Stand
from .values import is_cast, is_code_like, is_date_text, is_iso, is_name_alone, is_person, part_to_mask

_SENTENCE = 5  # spaces: a shorter `name` is a person's as a whole or not at all
_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
KEEP: Any = object()
OPEN: Any = object()
QUIET: Any = object()  # open, and nothing was said of it when it was read before


class Leaves:
    """Decides strings by the rules of their fields, and teaches the session what fields say.

    `unique` is the strings left open, each with whether the prose engine may read it; of `titles` no part is a name by
    itself.
    """

    def __init__(self, kinds: frozenset[str], replace: Replace, known: KnownValues) -> None:
        self._kinds, self._replace, self._known = kinds, replace, known
        self.unique: dict[str, bool] = {}
        self.titles: set[str] = set()

    def decide(self, value: str, rule: Rule) -> Any:
        """What a field's name says about a string: keep, still open, or the text that stands for it."""
        if rule is CODE:
            return self._leave(value, prose=False) if value else KEEP
        if rule is ID and _UUID.fullmatch(value) and "id" in self._kinds:
            return self._uuid(value)  # the commonest by far; sessions do not learn it
        if not value:
            return KEEP
        role = rule.role
        if role == Role.VALUE:
            return self._by_name(value, str(rule.kind))
        if rule is DATEISH and len(value) > DAY_LENGTH and is_iso(value) and "date" in self._kinds:
            return self._all_of(value, "date")  # with a time of day: sessions do not learn it
        if role == Role.DATEISH and is_date_text(value):
            return self._by_name(value, "date")
        if role in (Role.PERSON, Role.REFERENCE):
            kind = "id" if is_code_like(value) else "name" if role == Role.PERSON and is_cast(value) else ""
            if kind:
                return self._by_name(value, kind)
        return self._open(value, role)

    def _uuid(self, value: str) -> tuple[str, tuple[Stand, ...]]:
        if value[0] != "u":
            return self._all_of(value, "id")
        stand = self._replace("id", value[9:], "field name")
        return value[:9] + stand.text, (stand,)

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

    def _all_of(self, value: str, kind: str) -> tuple[str, tuple[Stand, ...]]:
        stand = self._replace(kind, value, "field name")
        return stand.text, (stand,)

    def _stand(self, value: str, start: int, end: int, kind: str, detector: str) -> tuple[str, tuple[Stand, ...]]:
        stand = self._replace(kind, value[start:end], detector)
        return value[:start] + stand.text + value[end:], (stand,)
