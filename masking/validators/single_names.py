"""Checks of single words in places where a person stands: after a role, at a sentence's beginning."""

from __future__ import annotations

import re

from masking.model import lexicon as lx
from masking.wordset import word_set

from .ailments import is_ailment
from .name_words import CREDENTIALS, LABEL_WORDS, LANGUAGES, NOT_NAMES, name_run
from .trimmed import Trimmed

_MONTHS = word_set("""
    may march april june august sat sun wed mon christian german french english spring summer mom dad monday tuesday
    wednesday thursday friday saturday sunday
""")
_AFTER_NAME = re.compile(
    r"\s?(?:[,;)]|\.\s|\.?$)|"
    r"\s(?:and|aware|at bedside|present|updated|notified|here|called|states|says|will|who|\d{1,2}\b)"
)
_DEEDS = frozenset({"called", "aware", "updated", "notified", "states", "says", "said", "reports"})
_SCRIBES = re.compile(r"(?i),? scrib(?:e|ing|ed)$|^scribed? (?:by|is|was) ")
_OTHER = re.compile(r"(?i)mary joseph(?:['\u2019]s)? nod|[a-z]{1,3}['\u2019]d\b")  # a node of a sister's; `dc'd`
_ADDRESSED = re.compile(r"\b(mrs?|ms|dr|doctor|mister)(?:\s?\.)?\s$")
_CLAUSE_END = re.compile(r"\s?(?:[.,;)?!\n]|$)|\s(?:and|is|was|has|correct|or|told|said|here|today)\b")


def name_alone(text: str, start: int, end: int) -> Trimmed | None:
    """`per Hope.`, `by myrna.`: one word where a clause ends that many are called, in small letters no other word."""
    plain = text[start:end].casefold()
    flags = lx.load().flags(plain)
    if flags & (lx.CLINICAL | lx.DRUG | lx.REGION) or plain in NOT_NAMES or plain in _MONTHS:
        return None
    if text[start].islower() and flags & (lx.WORD | lx.EPONYM):
        return None
    common = flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    rare = text[start].isupper() and flags & lx.ANY_NAME and not flags & (lx.WORD | lx.EPONYM | lx.CITY)
    return Trimmed(start, end) if common or rare else None


def login(text: str, start: int, end: int) -> Trimmed | None:
    """A log-in after its label: letters with digits, or a word that nobody knows; no word and no code."""
    value = text[start:end]
    letters = re.sub(r"[\d_.-]+", "", value)
    if re.match(r"[@(.=/]\w", text[end : end + 2]):
        return None
    if len(letters) < 4 or value.isupper() or lx.load().flags(letters) & (lx.WORD | lx.CLINICAL | lx.DRUG):
        return None
    return Trimmed(start, end)


def name_aware(text: str, start: int, end: int) -> Trimmed | None:
    """`MD Small aware.`: a surname after a credential; else a word that is a name or unknown, and no other word."""
    word = text[start:end]
    flags = lx.load().flags(word.casefold())
    if word.casefold() in NOT_NAMES or word.casefold() in LABEL_WORDS or word.isupper():
        return None
    if text[start - 1 : start] == " " and text[start - 2 : start - 1].isalpha() and word[0].isupper():
        return Trimmed(start, end) if flags & lx.SURNAME else None
    if flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION):
        return None
    return Trimmed(start, end) if flags & lx.ANY_NAME or (not flags and len(word) > 4) else None


def role_name(text: str, start: int, end: int) -> Trimmed | None:
    """After a role or relation, in any casing: a word that is a name and no plain word, perhaps a surname behind it."""
    words = text[start:end].split(" ")
    first, flags = words[0].casefold(), lx.load().flags(words[0].casefold())
    if is_ailment(text, start, start + len(words[0])) or _OTHER.match(text, start):
        return None
    title = words[0][0].isupper() and not words[0].isupper()
    if flags & lx.GIVEN_COMMON and len(words) > 1 and words[1] in _DEEDS:
        return Trimmed(start, start + len(words[0]))
    given = title and flags & lx.GIVEN_COMMON
    if (
        first in LANGUAGES
        or (not given and first in NOT_NAMES)
        or (not given and (first in LABEL_WORDS or first in CREDENTIALS))
    ):
        return None
    if flags & (lx.DRUG | lx.REGION) and not given:
        return None
    plain = flags & (lx.WORD | lx.CLINICAL | lx.EPONYM)
    if plain and not given and not (title and flags & lx.GIVEN and not flags & (lx.WORD_COMMON | lx.CLINICAL)):
        return None
    if not title and not flags & lx.ANY_NAME and (flags or not _AFTER_NAME.match(text, start + len(words[0]))):
        return None
    if title and not flags and "-" not in first and first.endswith(("ed", "ing", "ly")):
        return None
    if len(words) > 1 and _follows(words[0], words[1]):
        return Trimmed(start, end)
    return Trimmed(start, start + len(words[0]))


def _follows(first: str, second: str) -> bool:
    """Whether a second word is cast like the first and can be a surname."""
    flags = lx.load().flags(second.casefold())
    if first.isupper() != second.isupper() or first[0].isupper() != second[0].isupper():
        return False
    if first[0].isupper() and not first.isupper():
        return bool(flags & lx.SURNAME) or not flags
    return bool(flags & lx.ANY_NAME) and not flags & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG)


def name_scribe(text: str, start: int, end: int) -> Trimmed | None:
    """Who wrote for somebody else: `Linnet Gauthier-Moss scribe`."""
    value = text[start:end]
    words = _SCRIBES.sub("", value)
    at = start + value.index(words)
    flags = [lx.load().flags(word.casefold()) for word in words.split()]
    plain = lx.WORD_COMMON | lx.CLINICAL | lx.DRUG
    if len(flags) == 2 and not flags[0] & plain and (not flags[1] & plain or flags[1] & lx.SURNAME):
        return Trimmed(at, at + len(words))
    return name_run(text, at, at + len(words))


def name_doing(text: str, start: int, end: int) -> Trimmed | None:
    """A sentence's first word that does what only people do, when it is a common name; or a given name and surname."""
    given, _, surname = text[start:end].partition(" ")
    if surname:
        named = lx.load().flags(given) & lx.GIVEN_COMMON and lx.load().flags(surname) & lx.SURNAME_COMMON
        return Trimmed(start, end) if named else None
    flags = lx.load().flags(text[start:end].casefold())
    common = flags & (lx.GIVEN_COMMON if flags & (lx.CLINICAL | lx.WORD) else lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    return Trimmed(start, end) if common and text[start:end].casefold() not in _MONTHS else None


def lower_name(text: str, start: int, end: int) -> Trimmed | None:
    """A lower-case name after a lower-case title: its words are names and nothing else."""
    lexicon = lx.load()
    last = start - 1
    for match in re.finditer(r"[a-z'-]+", text[start:end]):
        flags = lexicon.flags(match[0])
        if last < start and flags & lx.SURNAME_COMMON and _is_addressed(text, start, match):
            return Trimmed(start, start + match.end())
        if not flags & lx.ANY_NAME or flags & (lx.WORD | lx.CLINICAL | lx.DRUG) or match[0] in NOT_NAMES:
            break
        last = start + match.end()
    return Trimmed(start, last) if last > start else None


def _is_addressed(text: str, start: int, match: re.Match[str]) -> bool:
    """`mrs ward`, or `dr. short` and `doctor white` where the clause ends: a word that is a surname too."""
    title = _ADDRESSED.search(text, max(0, start - 11), start)
    if title is None or match[0] in NOT_NAMES:
        return False
    return title[1] in ("mr", "mrs", "ms") or _CLAUSE_END.match(text, start + match.end()) is not None
