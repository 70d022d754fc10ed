"""One multi-pattern pass: an RE2 set says in one reading which detectors can hit, then only those say where.

Strategy: text is seen as Latin-1 bytes, one a character, so byte offsets are character offsets. RE2 is linear in its
input for every pattern. The set's automaton is built lazily within `_MEMORY` bytes; each pattern's own example is
matched through the set when the scanner is built, so a detector that cannot run stops the process from starting.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

from .errors import MaskingError
from .findings import Span
from .patterns import PATTERNS, Pattern
from .remembered import Remembered

_MEMORY = 256 << 20
_SAID = (
    rb"(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|niner|tree|fife|dash|hyphen|minus|slash|double|triple|"
    rb"ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    rb"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    rb"cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|[0-9])"
)
_TRIGGERS = (
    (
        "wrap",
        (
            rb"[0-9-][ \t|]*\\?\r?\n(?:[ \t>|*#;%]|//|--)*[0-9-]|"
            rb"[A-Za-z]-[ \t]*\r?\n(?:[ \t>|*#;%]|//|--)*[a-z]"
        ),
        b"123-\n45",
    ),
    ("apart", rb"(?:^|[^0-9A-Za-z])[0-9A-Za-z](?:[^0-9A-Za-z]{1,9}[0-9A-Za-z]){4}(?:[^0-9A-Za-z]|$)", b"J/o/h/n/s"),
    ("letters", rb"\b[A-Za-z](?:[ \t*.-][A-Za-z]\b){3}", b"S m i t h"),
    ("digits", rb"\b[0-9](?:[ \t._*|/(){}\[\]'\"-]{1,3}[0-9]){6}", b"1 2 3 4 5 6 7"),
    (
        "blocks",
        (
            rb"[A-Za-z0-9+/]{16}\r?\n[A-Za-z0-9+/]{2}|(?:[A-Za-z0-9+/]{4,15}\r?\n){3}[A-Za-z0-9+/]{2}|"
            rb"(?:[A-Za-z0-9+/]{4} ){4}[A-Za-z0-9+/]{2}|(?:[K-O][A-Za-z0-9+/]{3} ){2}[K-O][A-Za-z0-9+/]|"
            rb"begin(?:-base64)? [0-7]{3}|=ybegin "
        ),
        b"QWxhZGRpbjpvcGVu\nIHNlc2FtZQ==",
    ),
    ("digits", rb"(?i)\b" + _SAID + rb"(?:[\s,./-]{1,3}" + _SAID + rb"\b){4}", b"one two three four five six seven"),
    (
        "coded",
        (
            rb"(?:=[0-9A-Fa-f]{2}){2}|=\?[\w-]{2,20}\?[QqBb]\?|U\+00|\x9b|\[//\]: #|[01]{56}|"
            rb"(?i:\b(?:n?char|u?n?i?chrw?|fromcharcode)\(\s?[0-9]{2,3}\s?[,)]|\bconcat\(\s?['\"])|"
            rb"[\"']\s{0,8}(?:\+|\|\||&|\.{1,2})\s{0,8}[\"']|[$#%]\{[\"' ]{0,4}\}|\{\{ ?\}\}|[0-9-](?:\[\]|\(\))[0-9-]|"
            rb"\b[0-9a-fA-F]{4}(?: [0-9a-fA-F]{4}){2}|\b[0-9a-fA-F]{8} [0-9a-fA-F]{2}|"
            rb"(?:\*\*|`|~~|__)[0-9-]{1,12}(?:\*\*|`|~~|__)|"
            rb"[0-9A-Za-z)-](?:\*{2,}|~{2,}|_{4,}|`{1,3}|\{\})[0-9A-Za-z(-]|\]\([^()\s]{0,80}\)[0-9A-Za-z-]|"
            rb"[\x00-\x08\x0b\x0e-\x1f]|"
            rb"(?:(?:0x)?[0-9a-fA-F]{2}h?[ ,:;._\n$#-]{1,3}){7}|(?:\b[0-9]{2,3}[ ,;-]{1,2}){7}|(?:[01]{7,8} ){8}"
        ),
        b"=31=32=33",
    ),
    (
        "blob",
        rb"[A-Za-z0-9+/_%-]{16,}|[A-Za-z0-9+/]{10,15}=|\b(?:[K-O][A-Za-z0-9+/]{3}){2}[K-O][A-Za-z0-9+/]",
        b"QWxhZGRpbjpvcGVu",
    ),
    ("blob85", rb"[!#$%&()*+;<=>?@^`{|}~][!-~]{0,16}[!#$%&()*+;<=>?@^`{|}~][!-~]{7,}", b"P+@dwWo~pJN^fXxAX9B=bZ8"),
)
_LONG_HIT = 256
_NEAR_BEFORE, _NEAR_AFTER = 60, 24


def from_python(pattern: str) -> str:
    """A site's pattern in Python's spelling as RE2 reads it: `\\Z` is `\\z`, possessive quantifiers are greedy."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\\Z", r"\1\\z", pattern)


class Scanner:
    """Every pattern of the catalogue and a site's own, compiled once."""

    def __init__(self, patterns: Sequence[Pattern] = PATTERNS) -> None:
        from .validators import CHECKS

        self._patterns = tuple(patterns)
        self._set, self._options = _new_set()
        self._compiled: list[Any] = []
        for pattern in self._patterns:
            self._compiled.append(_compile(pattern, self._options))
            self._set.Add(pattern.regex.encode("latin-1"))
        for _, regex, _ in _TRIGGERS:
            self._set.Add(regex)
        self._set.Compile()
        self._checks = tuple(CHECKS[p.check] if p.check else None for p in self._patterns)
        self._grouped = tuple(
            compiled.groups > 0 and pattern.name != "date numeric"
            for compiled, pattern in zip(self._compiled, self._patterns, strict=True)
        )
        self._near = tuple(_near(p.near) if p.near else None for p in self._patterns)
        self.remembered = Remembered()
        self._prove()

    def _prove(self) -> None:
        for index, (trigger, _, example) in enumerate(_TRIGGERS, len(self._patterns)):
            if index not in (self._set.Match(example) or ()):
                raise MaskingError("HM003", f"the trigger {trigger!r} does not find its own example")
        for index, pattern in enumerate(self._patterns):
            example = pattern.example.encode("latin-1")
            if example and index not in (self._set.Match(example) or ()):
                raise MaskingError("HM003", f"the detector {pattern.name!r} does not find its own example")

    def read(self, text: str, kinds: frozenset[str] | None = None) -> tuple[list[Span], set[str]]:
        """Spans of every detector of `kinds` (None: all) in canonical text, perhaps overlapping, and what else to try.

        The triggers name the costlier readings that this text may need: `wrap`, `digits`, `coded`, `blob`.
        """
        data = text.encode("latin-1")
        found: list[Span] = []
        triggers: set[str] = set()
        for index in self._set.Match(data) or ():
            if index >= len(self._patterns):
                triggers.add(_TRIGGERS[index - len(self._patterns)][0])
            elif kinds is None or self._patterns[index].kind in kinds:
                found.extend(self._spans(index, text, data))
        return found, triggers

    def _spans(self, index: int, text: str, data: bytes) -> Iterable[Span]:
        pattern, check, near = self._patterns[index], self._checks[index], self._near[index]
        compiled, grouped = self._compiled[index], self._grouped[index]
        match = compiled.search(data)
        while match is not None:
            start, end = first, after = match.span()
            if grouped:
                inner = match.span(1)
                start, end = inner if inner[0] >= 0 else (start, end)
            kept: tuple[int, int, float] | None = (start, end, 1.0)
            if check is not None:
                kept = check(text, start, end)
            if kept is not None and (near is None or _is_near(near, text, kept[0], kept[1])):
                yield Span(kept[0], kept[1], pattern.kind, pattern.name, pattern.score * kept[2])
                after = max(kept[1], first + 1) if kept[1] < after else after
            elif kept is None and not pattern.labelled:
                after = _next_try(text, first, after)
            match = compiled.search(data, after) if after < len(data) else None


def _next_try(text: str, start: int, end: int) -> int:
    """Where to look again after a dropped hit: past its first word; past all of a long one."""
    if end - start > _LONG_HIT:
        return end
    at = start + 1
    while at < end and text[at].isalnum():
        at += 1
    return at


def _is_near(near: re.Pattern[str], text: str, start: int, end: int) -> bool:
    return near.search(text, max(0, start - _NEAR_BEFORE), min(len(text), end + _NEAR_AFTER)) is not None


def _near(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)


def _new_set() -> tuple[Any, Any]:
    try:
        import re2  # type: ignore[import-untyped]
    except ImportError as error:
        raise MaskingError("HM002", "google-re2 is not installed", "pip install 'hoopgate[masking]'") from error
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.Set.SearchSet(options), options


def _compile(pattern: Pattern, options: Any) -> Any:
    import re2

    try:
        return re2.compile(pattern.regex.encode("latin-1"), options)
    except (re2.error, UnicodeEncodeError) as error:
        raise MaskingError(
            "HM004",
            f"the pattern of detector {pattern.name!r} cannot be compiled",
            "use RE2 syntax: no look-around, no back-references",
        ) from error


@functools.cache
def shared() -> Scanner:
    """The scanner of the catalogue, built once a process (about 0.2 s)."""
    return Scanner()
