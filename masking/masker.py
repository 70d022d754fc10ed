"""The masker: a plan, a key, and what the session knows. Building one is cheap; engines and patterns are shared."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import scanner as scan
from .detect import PLACEHOLDER, Detector
from .engine import DEFAULT, Engine, load_ner
from .errors import MaskingError
from .findings import Finding, Masked
from .keyed import Keyed
from .kinds import ALL, KINDS, METHODS, methods_of
from .known import KnownValues
from .methods import Methods
from .patterns import PATTERNS, Pattern
from .walk import Stand, Walk, findings_of

Plan = Mapping[str, str]
_MAX_MEMO = 50_000


class Masker:
    """Masks texts and JSON values by a plan: kind to method. `None` masks every kind.

    `key` makes digests and tokens; one session, one key. `ner` names an engine (`load_ner`) or is one. Maskers of one
    session share `known`. `detectors` are a site's own: anything with `kind`, `pattern` and `near`.
    Raises MaskingError for an unknown kind or method, a pairing the kind does not allow, or a detector that cannot run.
    """

    def __init__(
        self,
        plan: Plan | None,
        key: bytes,
        *,
        ner: str | Engine | None = DEFAULT,
        known: KnownValues | None = None,
        detectors: Sequence[Any] = (),
    ) -> None:
        if not isinstance(key, bytes) or not key:
            raise MaskingError("HM006", "a masker needs a key of one byte or more", "give 32 random bytes a session")
        custom = tuple((d.kind, d.pattern, tuple(d.near)) for d in detectors)
        self._plan = _checked(
            dict(ALL) | {c[0]: "redact" for c in custom} if plan is None else dict(plan), {c[0] for c in custom}
        )
        self._keyed = Keyed(key)
        self._methods = Methods(self._keyed)
        self._known = known if known is not None else KnownValues(key)
        self._kinds = frozenset(self._plan)
        engine = load_ner(ner) if isinstance(ner, str) else ner
        self._detector = Detector(engine, self._known, self._kinds, _scanner(custom), self._keyed)
        self._memo: dict[tuple[str, str], Stand] = {}

    @property
    def plan(self) -> Plan:
        return dict(self._plan)

    @property
    def known(self) -> KnownValues:
        return self._known

    def mask_text(self, text: str) -> Masked[str]:
        """Mask a text. Findings give `start:end` in characters of `text`."""
        whole = self._structured(text)
        if whole is not None:
            value, stands = whole
            found = tuple(Finding(s.kind, "$", s.detector, s.method, s.digest) for s in stands)
            return Masked(value, value != text, lambda: found)
        spans = self._detector.spans(text)
        if not spans:
            return Masked(text, False, tuple)
        out: list[str] = []
        cursor, findings = 0, []
        for span in spans:
            stand = self._replace(span.kind, text[span.start : span.end], span.detector)
            if stand.text != text[span.start : span.end]:
                findings.append(
                    Finding(span.kind, f"{span.start}:{span.end}", span.detector, stand.method, stand.digest)
                )
            out += (text[cursor : span.start], stand.text)
            cursor = span.end
        value = "".join((*out, text[cursor:]))
        made = tuple(findings)
        return Masked(value, value != text, lambda: made)

    def mask_json(self, obj: Any, schema: Mapping[str, Any] | None = None) -> Masked[Any]:
        """Mask a JSON value (as `json.loads` gives it); the input is not touched. Findings give JSON paths."""
        walk = Walk(self._kinds, self._replace, self._structured, self._detector, self._known)
        value = walk.run(obj)
        if schema is not None:
            from .schema import fit

            value = fit(value, obj, schema)
        records = walk.records
        return Masked(value if records else obj, bool(records), functools.partial(findings_of, records))

    def learn(self, obj: Any) -> None:
        """Learn what a JSON value's fields say, without masking it: a request's arguments, a record seen earlier."""
        Walk(
            frozenset(), self._replace, lambda _: None, Detector(None, None, frozenset(), _scanner(())), self._known
        ).run(obj)

    def stream(self) -> Any:
        """A masker of a text that arrives in pieces: `feed(str) -> str`, `close() -> str`."""
        from .stream import Stream

        return Stream(self)

    def _structured(self, text: str) -> tuple[str, tuple[Stand, ...]] | None:
        from .formats import read

        found: tuple[str, tuple[Stand, ...]] | None = read(text, self)
        return found

    def _replace(self, kind: str, value: str, detector: str) -> Stand:
        memo = self._memo.get((kind, value))
        if memo is not None:
            return memo if memo.detector == detector else memo._replace(detector=detector)
        if value[:1] == "[" and (PLACEHOLDER.fullmatch(value) or self._keyed.is_token(value)):
            return Stand(value, kind, detector, "kept", "")
        if len(self._memo) >= _MAX_MEMO:
            self._memo.clear()
        method = self._plan[kind]
        digest = self._keyed.digest(kind, value)
        made = Stand(self._methods.apply(method, kind, value, digest), kind, detector, method, digest)
        self._memo[(kind, value)] = made
        return made


def _checked(plan: dict[str, str], custom: Iterable[str]) -> dict[str, str]:
    for kind, method in plan.items():
        if kind not in KINDS and kind not in custom:
            raise MaskingError(
                "HM001",
                f"no detector finds the kind {kind!r}",
                "use a kind of masking.KINDS, or give a detector for it",
            )
        if method not in METHODS:
            raise MaskingError("HM007", f"there is no method {method!r}", f"use one of {', '.join(METHODS)}")
        if method not in methods_of(kind):
            raise MaskingError(
                "HM008",
                f"the kind {kind!r} cannot be masked with {method!r}",
                f"{kind} allows {', '.join(methods_of(kind))}",
            )
    return plan


@functools.lru_cache(maxsize=32)
def _scanner(custom: tuple[tuple[str, str, tuple[str, ...]], ...]) -> scan.Scanner:
    if not custom:
        return scan.shared()
    own = tuple(Pattern(f"detector {kind}", kind, pattern, "", near=near, score=0.95) for kind, pattern, near in custom)
    return scan.Scanner((*PATTERNS, *own))
