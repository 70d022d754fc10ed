"""Known values: what a structured field taught is masked wherever it turns up again in the session.

Strategy: nothing is kept in clear. A learnt word or number is kept as Python's keyed hash of its normal form, so the
table can be matched against but not read; it dies with the session. Names are learnt word by word (any order, any
casing; words that are also plain English only when they begin with a capital), numbers as their letters and digits
without separators, phrases (cities, streets) as runs of words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence, Set

from . import dates
from .canonical import view
from .errors import MaskingError
from .findings import Span
from .model import lexicon as lx
from .wordset import word_set

_WORD = re.compile(r"[^\W_]+")
_BETWEEN = {code: " " for code in range(128) if not chr(code).isalnum()}
_NAME_STOP = word_set("""
    dr mr mrs ms miss prof md do rn np pa phd jr sr ii iii iv de la del van von der the and of st
""")
_ALSO_SURNAMES = word_set("do de di la van von der")  # what is a name only beside a name or a title
_TITLED = re.compile(r"(?i)\b(?:mr|mrs|ms|miss|dr|prof|doctor|nurse|patient|pt)\b[.:]?\s{1,2}$")
_AS_WRITTEN = frozenset({"id", "url", "email", "secret", "ip", "biometric"})
_MAX_PARTS = 8
_MAX_WORDS = 6
STAND_IN = re.compile(r"\[[A-Z_]{2,32}(?::[0-9a-f]{24})?\]")
DAY_LENGTH = 12  # of a date; what is longer has a time of day with it, and is not learnt
_TITLE = 12  # characters before a name in which its title stands
_BESIDE = (" ", ", ", ",", "  ", "^", "_", ". ")
_MIN_COMPACT = 5
_TURNED = 5  # letters of a name that is looked for backwards
_ROT13 = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")
_LONGEST_GROUP = 8  # of a number written in groups
_FEW = 6
_LIMIT = 200_000
_SEVERAL = 2  # patients
_NONE: frozenset[str] = frozenset()
_EPOCH = dt.date(1970, 1, 1)
_FEW_SECONDS = 10_000_000  # a third of a year: shorter numbers are too many other things


class KnownValues:
    """The values one session has learnt. Shared by the session's maskers; bounded at 200,000 beginnings of values.

    `key` is the session's; the hashes here are keyed by the process and mean nothing outside of it.
    """

    def __init__(self, key: bytes) -> None:
        if not key:
            raise MaskingError("HM006", "known values need a key of one byte or more", "give 32 random bytes a session")
        self._words: dict[int, tuple[str, bool]] = {}
        self._compact: dict[int, str] = {}
        self._phrases: dict[int, str] = {}
        self._also: dict[int, frozenset[str]] = {}  # what was learnt as values of several kinds: all but the first
        self._phrase_starts: set[int] = set()
        self._short: set[int] = set()
        self._starts: set[int] = set()
        self._subjects: set[str] = set()

    def about(self, subject: str) -> None:
        """Note that the session deals with the patient `subject`."""
        if subject and len(self._subjects) < _SEVERAL:
            self._subjects.add(subject)

    @property
    def only_subject(self) -> str:
        """The one patient that this session deals with, if it is one: text without a subject is about that one."""
        return next(iter(self._subjects)) if len(self._subjects) == 1 else ""

    def __len__(self) -> int:
        return len(self._words) + len(self._compact) + len(self._phrases) + len(self._also) + len(self._short)

    def learn(self, kind: str, value: str) -> None:
        """Remember `value` of `kind`. Values too short or too common to be masked safely everywhere are left out."""
        if (
            max(len(self._starts), len(self._phrases)) > _LIMIT
            or not value
            or ("[" in value and STAND_IN.search(value))
        ):
            return
        if not value.isascii():  # views of a text show what a reader sees: without accents
            seen = view(value).plain
            if seen != value and seen:
                self.learn(kind, seen)
        if kind == "name":
            self._learn_name(value)
        elif kind == "address":
            self._learn_phrase(kind, value)
        elif kind == "date":
            self._learn_date(value)
        elif kind not in ("age", "photo", "url") and not (len(value) == 36 and value[8] == value[13] == "-"):
            self._learn_compact(kind, value)

    def _learn_name(self, value: str) -> None:
        lexicon = lx.load()
        words = [word for word in _WORD.findall(value.casefold()) if word not in _NAME_STOP and not word.isdigit()]
        for word in words:
            if len(word) < 2 or len(words) > 6:
                continue
            common = bool(lexicon.flags(word) & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG)) or len(word) == 2
            self._know_word(word, "name", common=common)
            if len(word) > 3 and not common:
                self._know_word(word + "s", "name", common=common)
                self._know_turned(word)
        if len(words) > 1:
            self._know_compact("".join(words), "name")
        for word in _WORD.findall(value):
            if word[0].isupper() and word.casefold() in _ALSO_SURNAMES:
                self._short.add(hash(word.casefold()))
                self._starts.update(self._short)

    def _know_turned(self, word: str) -> None:
        """Know a name as it stands backwards and in ROT13, unless that is some other word."""
        if len(word) < _TURNED or hash(word[::-1]) in self._starts:
            return
        for turned in (word[::-1], word.translate(_ROT13)):
            if turned != word and not lx.load().flags(turned):
                self._know_word(turned, "name", common=False)

    def _learn_phrase(self, kind: str, value: str) -> None:
        lexicon = lx.load()
        words = [word.casefold() for word in _WORD.findall(value)][:_MAX_WORDS]
        joined = "".join(words)
        if len(joined) < 4:
            return
        if len(words) == 1:
            flags = lexicon.flags(words[0])
            if joined.isdigit() and len(joined) >= 5:
                self._know_compact(joined, kind)
            elif not joined.isdigit() and not flags & lx.REGION:
                self._know_word(words[0], kind, common=bool(flags & (lx.WORD_COMMON | lx.CLINICAL)))
            return
        first = hash(words[0])
        self._phrase_starts.add(first)
        self._starts.add(first)
        self._know(self._phrases, hash(" ".join(words)), kind)

    def _learn_date(self, value: str) -> None:
        if len(value) > DAY_LENGTH:
            return
        parsed = dates.parse(value.partition("T")[0])
        if parsed is None:
            return
        day = parsed.date
        year, month, of_month = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
        for written in (year + month + of_month, month + of_month + year, of_month + month + year):
            self._know_compact(written, "date")
        seconds = (day - _EPOCH).days * 86_400
        if abs(seconds) > _FEW_SECONDS:
            self._know_compact(str(abs(seconds)), "date")
            self._know_compact(str(abs(seconds) * 1000), "date")

    def _learn_compact(self, kind: str, value: str) -> None:
        compact = value.casefold()
        parts = [compact] if compact.isalnum() else _WORD.findall(compact)
        compact = "".join(parts)
        if len(compact) >= _MIN_COMPACT and (not compact.isalpha() or not _is_word(compact)):
            self._add_compact(kind, compact, parts[0])
        if kind in ("phone", "fax") and len(compact) > 10 and compact.isdigit():
            self._add_compact(kind, compact[-10:], "")

    def _add_compact(self, kind: str, compact: str, first: str) -> None:
        if self._compact.get(hash(compact)) == kind and hash(first) in self._starts:
            return  # learnt before
        self._know_compact(compact, kind)
        self._starts.add(hash(first))
        if kind in _AS_WRITTEN:
            return
        longest = min(len(compact), _LONGEST_GROUP + 1)
        self._starts.update([hash(compact[:size]) for size in range(2, longest)])

    def _know_word(self, word: str, kind: str, *, common: bool) -> None:
        hashed = hash(word)
        first, _ = self._words.setdefault(hashed, (kind, common))
        if first != kind:
            self._also[hashed] = self._also.get(hashed, _NONE) | {kind}
        self._starts.add(hashed)

    def _know_compact(self, compact: str, kind: str) -> None:
        hashed = hash(compact)
        self._know(self._compact, hashed, kind)
        self._starts.add(hashed)

    def _know(self, table: dict[int, str], hashed: int, kind: str) -> None:
        if table.setdefault(hashed, kind) != kind:
            self._also[hashed] = self._also.get(hashed, _NONE) | {kind}

    def number(self, value: float, kinds: Set[str]) -> str | None:
        """Which of `kinds` a JSON number was learnt as, if it was: the first by name."""
        text = written(value).lstrip("-")
        hashed = hash(text)
        kind = self._compact.get(hashed) if len(text) >= _MIN_COMPACT else None
        return None if kind is None else min(kinds & {kind, *self._also.get(hashed, ())}, default=None)

    def may_be_in(self, traces: Set[int]) -> bool:
        """Whether anything known may be in a text that has these traces."""
        tables = (self._words, self._compact, self._phrases, self._short)
        return not all(traces.isdisjoint(table) for table in tables)

    def touched(self, texts: Sequence[str]) -> list[bool]:
        """For each text whether it may hold a known value; one pass over all their distinct words."""
        if not self._starts:
            return [False] * len(texts)
        starts = self._starts
        folded = [text.casefold() for text in texts]
        hits = {word for word in set(_words("\n".join(folded))) if hash(word) in starts}
        if not hits:
            return [False] * len(texts)
        if len(texts) == 1:
            return [True]
        if len(hits) <= _FEW:
            return [any(hit in text for hit in hits) for text in folded]
        return [not hits.isdisjoint(_words(text)) for text in folded]

    def in_any(self, texts: Sequence[str]) -> list[str]:
        """The texts in which something known may be; one pass over all their words, which seldom finds any."""
        starts = self._starts
        if not starts:
            return []
        folded = "\n".join(texts).casefold()
        words = _words(folded)
        begun = {word for word in set(words) if hash(word) in starts}
        if not begun:
            return []
        if folded.isascii():
            begun = {word for index, word in enumerate(words) if word in begun and self._completes(words, index)}
            if len(begun) <= _FEW:
                return [text for text in texts if any(map(text.casefold().__contains__, begun))] if begun else []
        return [text for text, touch in zip(texts, self.touched(texts), strict=True) if touch]

    def spans(self, text: str, *, common: bool = True) -> list[Span]:
        """Every known value in `text` (a view's readable text), as spans of it; plain English words too if `common`."""
        if not self._starts:
            return []
        starts = self._starts
        words = _words(text.casefold())
        hits = [index for index, word in enumerate(words) if hash(word) in starts]
        if not hits or (text.isascii() and not any(self._completes(words, index) for index in hits)):
            return []
        tokens = [(match.start(), match.end(), match[0].casefold()) for match in _WORD.finditer(text)]
        if len(tokens) != len(words):  # a few letters change the number of words when their case is folded
            hits = list(range(len(tokens)))
        found: list[Span] = []
        for index in hits:
            self._at(text, tokens, index, found, common=common)
        return found

    def _completes(self, words: list[str], index: int) -> bool:
        """Whether anything known can begin with the word at `index`, whatever stands between the words."""
        word = words[index]
        hashed = hash(word)
        if hashed in self._words or hashed in self._compact or hashed in self._short:
            return True
        joined, compact = word, self._compact
        for other in words[index + 1 : index + _MAX_PARTS]:
            joined += other
            if hash(joined) in compact:
                return True
        if hashed in self._phrase_starts:
            phrase, phrases = word, self._phrases
            for other in words[index + 1 : index + _MAX_WORDS]:
                phrase += " " + other
                if hash(phrase) in phrases:
                    return True
        return False

    def _at(
        self, text: str, tokens: list[tuple[int, int, str]], index: int, found: list[Span], *, common: bool
    ) -> None:
        """What is known that begins with the token at `index`."""
        start, end, word = tokens[index]
        hashed = hash(word)
        entry = self._words.get(hashed)
        if entry is not None and (not entry[1] or (common and text[start].isupper())):
            found += (_with_initials(text, start, end, kind) for kind in (entry[0], *self._also.get(hashed, ())))
        if hashed in self._short and text[start].isupper() and self._is_beside_name(text, tokens, index):
            found.append(Span(start, end, "name", "known value", 0.95))
        self._note(start, end, hashed, self._compact, found)
        self._joined(tokens, index, found)
        if hashed in self._phrase_starts:
            self._phrase(tokens, index, found)

    def _is_beside_name(self, text: str, tokens: list[tuple[int, int, str]], index: int) -> bool:
        """Whether a learnt name stands right before or behind a token, or a title before it."""
        start, end, _ = tokens[index]
        if _TITLED.search(text, max(0, start - _TITLE), start):
            return True
        for other in (index - 1, index + 1):
            if 0 <= other < len(tokens):
                near = tokens[other]
                between = text[near[1] : start] if other < index else text[end : near[0]]
                entry = self._words.get(hash(near[2]))
                if entry is not None and entry[0] == "name" and text[near[0]].isupper() and between in _BESIDE:
                    return True
        return False

    def _joined(self, tokens: list[tuple[int, int, str]], index: int, found: list[Span]) -> None:
        """A number written in parts: adjoining tokens with at most three characters between them."""
        joined = tokens[index][2]
        for other in range(index + 1, min(index + _MAX_PARTS, len(tokens))):
            if tokens[other][0] - tokens[other - 1][1] > 3 or len(joined) > 64:
                return
            joined += tokens[other][2]
            self._note(tokens[index][0], tokens[other][1], hash(joined), self._compact, found)

    def _phrase(self, tokens: list[tuple[int, int, str]], index: int, found: list[Span]) -> None:
        joined = tokens[index][2]
        for other in range(index + 1, min(index + _MAX_WORDS, len(tokens))):
            joined += " " + tokens[other][2]
            self._note(tokens[index][0], tokens[other][1], hash(joined), self._phrases, found)

    def _note(self, start: int, end: int, hashed: int, table: dict[int, str], found: list[Span]) -> None:
        """A span of each kind that what stands there was learnt as: a plan may have but one of them."""
        kind = table.get(hashed)
        if kind is not None:
            found += (Span(start, end, one, "known value", 0.95) for one in (kind, *self._also.get(hashed, ())))


def _words(folded: str) -> list[str]:
    """The words of a text: runs of letters and digits."""
    return folded.translate(_BETWEEN).split() if folded.isascii() else _WORD.findall(folded)


def written(value: float) -> str:
    """A JSON number as a text of it would be: without the `.0` that tables put behind numbers with gaps among them."""
    return str(int(value)) if type(value) is float and value.is_integer() else str(value)


def traces(text: str) -> set[int]:
    """The keyed hashes by which `KnownValues.spans` could find anything in `text`, whatever a session has learnt."""
    words = _words(text.casefold())
    found = set(map(hash, words))
    for index, word in enumerate(words):
        joined = phrase = word
        for other in words[index + 1 : index + max(_MAX_PARTS, _MAX_WORDS)]:
            joined += other
            phrase += " " + other
            found.add(hash(joined))
            found.add(hash(phrase))
    return found


def _is_word(text: str) -> bool:
    """Letters only: learnt as an identifier only when English and medicine do not know it."""
    return len(text) < 8 or bool(lx.load().flags(text) & (lx.WORD | lx.CLINICAL | lx.DRUG))


_INITIAL_BEFORE = re.compile(r"(?:(?:\b[A-Z]\.[ \t]?){1,2}|(?<![A-Z]\.)(?<![A-Z]\. )\b[A-Z]\.\n)\Z")
_INITIAL_AFTER = re.compile(r"(?:[ \t][A-HJ-Z]\.|,[ \t][A-HJ-Z]\b\.?)(?![A-Za-z]|\.[A-Z])")  # no degree's (`, M.D.`)


def _with_initials(text: str, start: int, end: int, kind: str) -> Span:
    """A known surname takes the initials beside it along: `J. Q. Smith`, `Smith, J.`"""
    before = _INITIAL_BEFORE.search(text, max(0, start - 8), start) if kind == "name" else None
    after = _INITIAL_AFTER.match(text, end) if kind == "name" else None
    return Span(before.start() if before else start, after.end() if after else end, kind, "known value", 0.95)
