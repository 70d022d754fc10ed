"""Who speaks in a chat or a transcript: lines that begin with a handle and a colon (`raz: who has 22A`).

Strategy: a text counts as a talk when its lines read as one (a time beside the handle, or words that people say to each
other) and somebody in it is a name by its own word, or one handle opens three lines. In a talk every handle is a name
that is no role and no key of a form (`HR:`, `Plan:`). Each line is looked at once.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from . import cues
from .chart_words import ACRONYMS, DOSES, SPEAKERS
from .findings import Span
from .model import lexicon as lx
from .validators.name_words import is_no_name
from .wordset import word_set

_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?"
_DAY = r"(?:\d{4}-\d\d-\d\d[ T,]{1,2}|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?,? )?"
_LINE = re.compile(
    rf"(?m)^[ \t>*-]{{0,4}}(?P<before>[\[(]?{_DAY}{_CLOCK}[\])]?[ \t-]{{0,3}})?"
    r"(?P<handle>[^\W\d_][^\W_]{1,14}(?: [A-Z](?:[a-z]{1,14}|\.)?)?)"
    rf"(?P<after>[ \t,-]{{1,3}}[(\[]?{_CLOCK}[)\]]?)?[ \t]?:[ \t](?P<said>\S[^\n]{{0,80}})"
)
_TALK = re.compile(
    r"(?i)\b(?:i|i'?m|i'?ll|u|you|your|me|my|we|us|ok|okay|yes|yep|yeah|nope|thx|ty|thanks|pls|plz|please|lol|omg|can|"
    r"could|who|what|where|why|how|hi|hey|hello|sure|sorry|copy|np|omw|ur|idk|let'?s|don'?t|anyone|somebody|someone)\b|\?"
)
_ROLE = re.compile(rf"(?i)(?:{cues.KIN}|{cues.ROLE})s?")
_NOBODY = word_set("""
    agent admin bot support desk operator reception scheduler scheduling dispatch triage pharmacy lab interviewer
    interviewee narrator host panel student preceptor trainee learner user assistant system staff nursing dietary
    billing social charge night day evening a q p s o hpi note update addendum reply answer question comment
""")
_LEAST_LINES, _ALONE, _SHARE, _FEW = 2, 3, 3, 5
_PLAIN = lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION
_SCORE, _SCORE_OF_A_WORD = 0.8, 0.7


class _Turn(NamedTuple):
    """Where a handle stands, without the role before it; whether its line reads as said, has a time, and behind it."""

    start: int
    end: int
    word: str
    said: bool
    timed: bool
    stamped: bool


def speakers(text: str) -> list[Span]:
    """The handles of a talk that are names."""
    if ":" not in text or "\n" not in text:
        return []
    turns = [_turn(match) for match in _LINE.finditer(text)]
    said = sum(turn.said or turn.timed for turn in turns)
    spoken = sum(turn.said for turn in turns)
    if len(turns) < _LEAST_LINES or spoken * _FEW < len(turns):
        return []
    counts = Counter(turn.word for turn in turns)
    if said * _SHARE < len(turns) and not any(n >= _LEAST_LINES and _is_sure(word, n) for word, n in counts.items()):
        return []
    if len(counts) < _LEAST_LINES and len(turns) < _ALONE:
        return []
    sure = {word for word, count in counts.items() if _is_sure(word, count)}
    if any(turn.said for turn in turns):
        sure |= {turn.word for turn in turns if turn.stamped and (_may_be(turn.word) or _is_rare(turn.word))}
    if not sure and 2 * spoken >= len(turns) and len(counts) >= _LEAST_LINES:
        sure = {word for word, count in counts.items() if count >= _LEAST_LINES and _may_be(word)}
    alone = {word for word, count in counts.items() if count >= _ALONE and (_may_be(word) or _is_rare(word))}
    if not sure and not (alone and said * 2 > len(turns)):
        return []
    named = sure | alone | {word for word, n in counts.items() if _may_be(word) or _is_repeated(word, n, sure)}
    mostly = 2 * sum(counts[word] for word in named) >= len(turns)
    if mostly and sure:
        named |= {word for word in counts if _is_rare(word)}
    return [
        Span(turn.start, turn.end, "name", "name speaker", _SCORE_OF_A_WORD if _is_plain(turn.word) else _SCORE)
        for turn in turns
        if turn.word in named
    ]


def _turn(match: re.Match[str]) -> _Turn:
    start, end = match.span("handle")
    first, _, second = match["handle"].partition(" ")
    if second[1:] and _ROLE.fullmatch(first):
        start, first = start + len(first) + 1, second
    said = _TALK.search(match["said"]) is not None
    stamped = match["after"] is not None
    return _Turn(start, end, first, said, stamped or match["before"] is not None, stamped)


def _flags(word: str) -> int:
    return lx.load().flags(word.casefold())


def _is_nobody(word: str) -> bool:
    """A role, a label, an abbreviation of the chart."""
    plain = word.casefold()
    return (
        plain in _NOBODY
        or plain in SPEAKERS
        or (plain in ACRONYMS and not (word.istitle() and _flags(word) & lx.ANY_NAME))
        or plain in DOSES
        or is_no_name(plain)
        or _ROLE.fullmatch(plain) is not None
    )


def _is_plain(word: str) -> bool:
    return bool(_flags(word) & _PLAIN) or (word.isupper() and len(word) <= _ALONE)


def _is_sure(word: str, count: int) -> bool:
    """A name by its own word: it is known as a name and as nothing else, or opens two lines and is a given name too."""
    flags = _flags(word)
    if _is_nobody(word) or (word.isupper() and len(word) <= _ALONE):
        return False
    if flags & lx.GIVEN and count >= _LEAST_LINES and not flags & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG):
        return True
    if word.islower() and flags & lx.GIVEN_COMMON:
        flags &= ~(lx.EPONYM | lx.DRUG)
    return bool(flags & lx.ANY_NAME) and not flags & _PLAIN


def _may_be(word: str) -> bool:
    """A word that nobody knows, or that many are called; no abbreviation."""
    flags = _flags(word)
    if _is_nobody(word) or (word.isupper() and len(word) <= _ALONE + 1):
        return False
    return not flags & _PLAIN or bool(flags & lx.GIVEN_COMMON and not flags & lx.CLINICAL)


def _is_repeated(word: str, count: int, sure: set[str]) -> bool:
    """Initials, or a plain word, of somebody who speaks again to somebody with a name."""
    flags = _flags(word)
    if not sure or count < _LEAST_LINES or _is_nobody(word) or flags & (lx.CLINICAL | lx.DRUG):
        return False
    return not flags & (lx.WORD_COMMON | lx.EPONYM) if word.isupper() else word.islower()


def _is_rare(word: str) -> bool:
    """A word that is seldom one, of which somebody made a handle: `Tee`."""
    flags = _flags(word)
    if _is_nobody(word) or flags & (lx.CLINICAL | lx.DRUG | lx.WORD_COMMON | lx.REGION):
        return False
    return not word.isupper()
