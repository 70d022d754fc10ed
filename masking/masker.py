"""The masker: a plan, a key, and what the session knows. Building one is cheap; engines and patterns are shared."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import scanner as scan
from .detect import Detector, Readings
from .documents import Documents, Replaced
from .engine import DEFAULT, Engine, load_ner
from .errors import MaskingError
from .findings import Finding, Masked, Span
from .keyed import Keyed
from .kinds import ALL, KINDS, METHODS, label, methods_of
from .known import KnownValues
from .leaves import whole
from .methods import Methods
from .patterns import PATTERNS, Pattern
from .plainly import NotPlainError, plainly
from .reading import PLACEHOLDER
from .spliced import ROUNDS, Stand, apart, lasting, moved, splice
from .stepping import Stepping
from .walk import Walk

if TYPE_CHECKING:
    from .stream import Stream

Plan = Mapping[str, str]
_new = tuple.__new__  # a third of what a NamedTuple's own takes, and there is one for each masked value
_MAX_MEMO = 50_000
_MAX_DEPTH = 8


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
        kinds = {kind for kind, _, _ in custom}
        self._plan = _checked(dict.fromkeys(kinds, "redact") | dict(ALL) if plan is None else dict(plan), kinds)
        self._keyed = Keyed(key)
        self._methods = Methods(self._keyed)
        self._known = known if known is not None else KnownValues(key)
        self._kinds = frozenset(self._plan)
        self._labels = {kind: label(kind) for kind, method in self._plan.items() if method == "redact"}
        self._whole = whole(self._labels)
        engine = load_ner(ner) if isinstance(ner, str) else ner
        self._detector = Detector(engine, self._known, self._kinds, _scanner(custom), self._keyed)
        self._detector.partial = "partial" in self._plan.values()
        self._documents = Documents(self._json, self._plain, self._text, self._known, self._keyed.digest)
        self._memo: dict[tuple[str, str, str], Stand] = {}
        self._subject = ""
        self._left: set[str] = set()  # what `generalize` left of ZIP codes: at most a thousand
        self._about = self._turn_to if self._plan.get("date") == "shift" else None

    @property
    def plan(self) -> Plan:
        """Kind to method, as asked for."""
        return dict(self._plan)

    @property
    def known(self) -> KnownValues:
        """What the session has learnt."""
        return self._known

    def mask_text(self, text: str) -> Masked[str]:
        """Mask a text. Findings give `start:end` in characters of `text`, or a JSON path where the text is JSON: `$.a`,
        or `line 3: $.a` where JSON values stand in the lines of a text.
        """
        value, findings = self._text(text, 0)
        return Masked(value, value != text, lambda: findings)

    def mask_json(self, obj: Any, schema: Mapping[str, Any] | None = None) -> Masked[Any]:
        """Mask a JSON value (as `json.loads` gives it); the input is not touched. Findings give JSON paths.

        Subclasses of its types are masked as their plain types, tuples as lists. Raises MaskingError HM014 for others.

        With `schema` (a tool's `outputSchema`) the masked value still fits it: see `schema.fit`.
        """
        value, walk = self._json(obj, 0)
        if schema is not None and walk.changed:
            from .schema import fit

            value = fit(value, walk.given, schema)
        return Masked(
            value if walk.changed else obj, walk.changed, functools.partial(walk.findings, self._keyed.digest)
        )

    def learn(self, obj: Any) -> None:
        """Learn what a JSON value's fields say, without masking it: a request's arguments, a record seen earlier.

        Documents and fields inside its strings are read too, as masking would read them.
        """
        Masker({}, b"nothing is masked", ner=None, known=self._known)._json(obj, 0)

    def stream(self) -> Stream:
        """A masker of a text that arrives in pieces: `feed(str) -> str`, `close() -> str`."""
        from .stream import Stream

        return Stream(self)

    def explain(self, text: str) -> list[Span]:
        """Every span a detector proposed for `text`, before they are joined: start, end, kind, detector, score."""
        return sorted(self._detector.proposals(text))

    def settled(self, text: str) -> list[tuple[int, int]]:
        """The stretches of a plain text that would be masked, as offsets."""
        return [(span.start, span.end) for span in self._detector.spans(text)]

    def _json(self, obj: Any, depth: int) -> tuple[Any, Walk]:
        return _walked(
            lambda: Stepping(
                self._kinds,
                self._whole,
                self._replace,
                self._inner(depth + 1),
                self._detector,
                self._known,
                self._about,
            ),
            obj,
        )

    def _inner(self, depth: int) -> Callable[[str], tuple[str, tuple[Stand, ...]] | None]:
        """Masks a string that is itself a document; None for one that is not."""

        def mask(text: str) -> tuple[str, tuple[Stand, ...]] | None:
            found = self._documents.mask(text, depth) if depth < _MAX_DEPTH else None
            if found is None:
                return None
            return found[0], tuple(Stand("", f.kind, f.detector, f.method, f.digest) for f in found[1])

        return mask

    def _text(self, text: str, depth: int) -> Replaced:
        document = self._documents.mask(text, depth) if depth < _MAX_DEPTH else None
        return document if document is not None else self._plain(text, 0)

    def _plain(self, text: str, offset: int) -> Replaced:
        """Mask plain text; what only stands clear once its neighbours are masked is masked in further rounds."""
        spans = self._detector.spans(text)
        if not spans:
            return text, ()
        value, stands, places = splice(text, spans, self._replace)
        done = lasting(stands, places)
        findings = self._findings(spans, stands, offset)
        rounds = [(spans, stands)]
        before = text
        readings: Readings = {}
        prose = False  # the engine reads again what is left once nothing else is found: masking twice changes nothing
        while value != before and len(rounds) < ROUNDS:
            again = apart(self._detector.spans(value, prose=prose, readings=readings), done)
            if not again:
                if prose or self._detector.engine is None:
                    break
                prose = True
                continue
            prose = False
            found = [
                Span(start, start + span.end - span.start, *span[2:])
                for span in again
                for start in (self._origin(span.start, rounds),)
            ]
            before = value
            value, stands, places = splice(value, again, self._replace)
            done = sorted([*moved(done, again, places), *lasting(stands, places)])
            findings = (*findings, *self._findings(found, stands, offset, len(text)))
            rounds.append((again, stands))
        return value, findings

    def _origin(self, at: int, rounds: Sequence[tuple[Sequence[Span], Sequence[Stand]]]) -> int:
        """Where in the source the character `at` stood that is left after `rounds` of masking."""
        for spans, stands in reversed(rounds):
            at = self._source(at, spans, stands)
        return at

    def _findings(
        self, spans: Sequence[Span], stands: Sequence[Stand], offset: int, limit: int | None = None
    ) -> tuple[Finding, ...]:
        out = []
        for span, stand in zip(spans, stands, strict=True):
            if stand.method != "kept":
                end = span.end if limit is None else min(limit, span.end)
                where = f"{offset + span.start}:{offset + end}"
                digest = self._keyed.digest(stand.kind, stand.value)
                out.append(Finding(span.kind, where, span.detector, stand.method, digest, stand.text))
        return tuple(out)

    @staticmethod
    def _source(at: int, spans: Sequence[Span], stands: Sequence[Stand]) -> int:
        """Where in the source the character `at` of the masked text stood."""
        for span, stand in zip(spans, stands, strict=True):
            if at < span.start + len(stand.text):
                return min(at, span.start)
            at += (span.end - span.start) - len(stand.text)
        return at

    def _turn_to(self, subject: str) -> str:
        """Shift the dates that follow by `subject`'s offset; gives whose they were shifted by before."""
        before, self._subject = self._subject, subject
        self._known.about(subject)
        return before

    def _replace(self, kind: str, value: str, detector: str) -> Stand:
        redacted = self._labels.get(kind)
        if redacted is not None and value[:1] != "[":
            return _new(Stand, (redacted, kind, detector, "redact", value))
        method = self._plan[kind]
        subject = (self._subject or self._known.only_subject) if kind == "date" else ""
        memo = self._memo.get((kind, value, subject))
        if memo is not None:
            return memo if memo.detector == detector else memo._replace(detector=detector)
        if value[:1] == "[" and (PLACEHOLDER.fullmatch(value) or self._keyed.is_token(value)):
            return Stand(value, kind, detector, "kept", value)
        if value in self._left and kind == "address" and method == "generalize":
            return Stand(value, kind, detector, "kept", value)
        if len(self._memo) >= _MAX_MEMO:
            self._memo.clear()
        made = Stand(self._methods.apply(method, kind, value, subject), kind, detector, method, value)
        if kind == "address" and made.text.isdigit():
            self._left.add(made.text)
        self._memo[(kind, value, subject)] = made
        return made


def _walked(walk: Callable[[], Walk], obj: Any) -> tuple[Any, Walk]:
    """`obj` masked, and the walk through it; of what only looks like JSON, through it made of plain types.

    It is gone through once more when a document in it taught what an earlier one had shown.
    """
    made = walk()
    try:
        value = made.run(obj)
    except NotPlainError:
        made, obj = walk(), plainly(obj)
        value = made.run(obj)
    if made.late:
        made = walk()
        value = made.run(obj)
    return value, made


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
    own = tuple(
        Pattern(f"detector {kind}", kind, scan.from_python(pattern), "", near=near, score=0.95)
        for kind, pattern, near in custom
    )
    return scan.Scanner((*PATTERNS, *own))
