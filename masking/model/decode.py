"""From tag probabilities to spans.

Strategy: lean to recall, by what the word is. A token is found when what is left of certainty that it is nothing passes
its limit: low for a word that names are made of or that nobody knows, high for a plain lower-case word. Found
neighbours of one kind are one span, and draw in a half-seen neighbour; a name that is certain once is taken wherever
its words stand again in the same text.
"""

from __future__ import annotations

import re

import numpy as np

from masking.findings import Span

from .lexicon import ANY_NAME, CITY, CLINICAL, DRUG, EPONYM, REGION, WORD, WORD_COMMON, Lexicon
from .network import KINDS, Floats
from .tokens import LINE, MIXED, WIDE, Tokens

DETECTOR = "prose"
LIMITS = {"name": 0.2, "address": 0.12, "date": 0.3, "age": 0.3, "phone": 0.4, "id": 0.2}
_LOW, _HIGH = 0.06, 0.6  # the limits of a likely name and of a plain word
_ACRONYM = 0.7
_NEVER = 2.0
_NEAR = 0.02  # the limit of a likely name beside a found one
_SURE = 0.85
_PLAIN = WORD_COMMON | CLINICAL | DRUG
_POSSESSIVE = ("'s", "\u2019s")
_TITLES = frozenset("MD DO RN NP PA MA MS MR DR CM PT OT SW RD".split())  # noqa: SIM905 - read as text
_FUNCTION = frozenset(  # they begin sentences, and are hardly ever anybody
    """the this that these those there here it its he she they we you his her their our your my and or but if when while
    with by from for in on at to as is was are were has had have no not""".split()  # noqa: SIM905 - read as text
)
_POINTING = frozenset(["the", "this", "that", "these", "those", "its"])  # nobody is called so
_JOINTS = frozenset("- de la del da dos di von van der den bin ibn al el".split())  # noqa: SIM905 - read as text
_NAME, _ADDRESS = KINDS.index("name"), KINDS.index("address")
_OLD = re.compile(r"(?<!\d)(?:9\d|1[0-4]\d)(?!\d)|ninet|hundred", re.IGNORECASE)
_YEAR = re.compile(r"'?(?:1[6-9]|2[01])?\d\d", re.ASCII)
_SHARE = re.compile(r"\d+ of \d+")
_SMALL = re.compile(r"\d{1,4}", re.ASCII)
_NUMBERED = re.compile(  # what machines number; a number after it is no telephone, age or record
    r"(?i)\b(?:ports?|lines?|columns?|col|characters?|char|positions?|offset|bytes?|version|release|pid|uid|errno|exit|v|"
    r"process|transaction|thread|worker|shard|replica|errors?|sqlstate|(?:pull|merge) request)"
    r"\W{0,3}$"
)
_TELEPHONE = re.compile(
    r"(?i)\b(?:phone|tele\w*|direct|private|main|land|nurses?|crisis|advice|help|office|home)\W{1,2}line\W{0,3}$"
)
_OF_A_PERSON = re.compile(r"(?i)\W{0,2}(?:y|m\b|f\b)")
_UNIT = re.compile(
    r"\s?(?:%|\u00b0|percent\b|[mun]?s\b|[kKMGT]i?[bB]\b|deg\w*|m?mg\b|mcg\b|m[lL]\b|cc\b|lbs?\b|kg\b|ft\b|feet\b|[cm]m\b|"
    r"bpm\b|mm[hH]g\b|units?\b)"
)
_TIMES = re.compile(r"\s(?:seconds?|minutes?|hours?|days?|weeks|bytes|times|points|miles|pages|lines|rows|files)\b")
_COLUMNS = re.compile(r" \([\w, ]+\)=\(")  # PostgreSQL's `DETAIL: Key (mrn)=(...) already exists.`
_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3}){1,3}", re.ASCII)
_EDGE = ' \t\r\n,;:()[]{}<>"“”|/*=_~`-\u2013\u2014'


def spans(text: str, tokens: Tokens, chances: Floats, lexicon: Lexicon) -> list[Span]:
    """The spans of one text; `chances` has one row of tag probabilities for each token."""
    if not len(chances):
        return []
    begins, insides = chances[:, 1::2], chances[:, 2::2]
    kinds = (begins + insides).argmax(axis=1)
    scores = 1 - chances[:, 0]
    reading = _Reading(
        tokens, kinds.tolist(), scores.tolist(), (begins > insides)[np.arange(len(kinds)), kinds].tolist(), lexicon
    )
    found = (reading.span(text, group) for group in reading.groups(np.flatnonzero(scores >= _NEAR).tolist()))
    return [span for span in found if span is not None and _counts(span, text, lexicon)]


class _Reading:
    """One text's tokens with their likeliest kind, score, and whether each begins a span."""

    def __init__(
        self, tokens: Tokens, kinds: list[int], scores: list[float], begins: list[bool], lexicon: Lexicon
    ) -> None:
        self.tokens, self.kinds, self.scores, self.begins, self.lexicon = tokens, kinds, scores, begins, lexicon

    def groups(self, candidates: list[int]) -> list[list[int]]:
        """The token indices of each span, in order."""
        limits = {at: self._limit(at) for at in candidates}
        hits = [at for at in candidates if self.scores[at] >= limits[at]]
        taken = set(hits)
        drawn = [
            at
            for at in candidates
            if at not in taken
            and limits[at] == _LOW
            and any(near in taken and self.kinds[near] == self.kinds[at] for near in (at - 1, at + 1))
        ]
        return self._again(self._joined(sorted(hits + drawn)))

    def _limit(self, at: int) -> float:
        kind, word = self.kinds[at], self.tokens.words[at]
        if word in _POSSESSIVE or (kind == _NAME and word.lower() in _POINTING):
            return _NEVER
        if kind not in (_NAME, _ADDRESS) or not word[0].isalpha():
            return LIMITS[KINDS[kind]]
        flags = self.lexicon.flags(word)
        if flags & _PLAIN:
            return _HIGH if word.islower() or word.lower() in _FUNCTION else LIMITS[KINDS[kind]]
        if word.islower():
            return LIMITS[KINDS[kind]]
        if word.isupper() and self.tokens.places[at] % 3 == MIXED and 1 < len(word) < (5 if flags & ANY_NAME else 6):
            return _ACRONYM
        likely = ANY_NAME if kind == _NAME else ANY_NAME | CITY
        known = flags & (WORD | EPONYM)
        return _LOW if len(word) > 1 and (not flags or (flags & likely and not known)) else LIMITS[KINDS[kind]]

    def _joined(self, hits: list[int]) -> list[list[int]]:
        groups: list[list[int]] = []
        for at in hits:
            last = groups[-1][-1] if groups else at
            if not groups or self.kinds[at] != self.kinds[last] or self._breaks(at):
                groups.append([at])
            elif at == last + 1:
                groups[-1].append(at)
            elif at == last + 2 and self._bridges(last + 1):
                groups[-1] += [last + 1, at]
            else:
                groups.append([at])
        return groups

    def _bridges(self, at: int) -> bool:
        """Whether the token between two found ones of a kind is theirs: almost any in an address, a name's joints."""
        if self.tokens.places[at] // 15 >= LINE or self.tokens.places[at + 1] // 15 >= LINE:
            return False
        word = self.tokens.words[at]
        if self.kinds[at - 1] == _ADDRESS:
            return word not in "()[];:/|" and not self.lexicon.flags(word) & DRUG
        return self.kinds[at - 1] == _NAME and word.lower() in _JOINTS

    def _breaks(self, at: int) -> bool:
        """Whether a new span begins here; the parts of an address are one."""
        gap = self.tokens.places[at] // 15
        return gap == WIDE or (self.kinds[at] != _ADDRESS and (self.begins[at] or gap >= LINE))

    def _again(self, groups: list[list[int]]) -> list[list[int]]:
        """Add the words of sure names wherever else they stand."""
        words = self.tokens.words
        known = {
            words[at]
            for group in groups
            if self.kinds[group[0]] == _NAME and max(self.scores[at] for at in group) >= _SURE
            for at in group
            if len(words[at]) > 2 and words[at][0].isupper() and not self.lexicon.flags(words[at]) & _PLAIN
        }
        if not known:
            return groups
        taken = {at for group in groups for at in group}
        more = [at for at, word in enumerate(words) if word in known and at not in taken]
        for at in more:
            self.kinds[at] = _NAME
        return sorted(groups + [[at] for at in more])

    def span(self, text: str, group: list[int]) -> Span | None:
        """The characters of a group without the marks at its edges; None when nothing else is left."""
        start = self.tokens.starts[group[0]]
        end = self.tokens.starts[group[-1]] + len(self.tokens.words[group[-1]])
        while start < end and text[start] in _EDGE + ".'\u2019":
            start += 1
        while start < end and text[end - 1] in _EDGE:
            end -= 1
        if start == end:
            return None
        score = max(*(self.scores[at] for at in group), LIMITS["name"])
        return Span(start, end, KINDS[self.kinds[group[0]]], DETECTOR, round(score, 3))


def _counts(span: Span, text: str, lexicon: Lexicon) -> bool:
    """What Safe Harbor lets stand is no span: a year, an age under 90, a state or country; nor is a bare title."""
    value = text[span.start : span.end]
    if not any(map(str.isalnum, value)):
        return False
    if value == "Key" and _COLUMNS.match(text, span.end):
        return False
    if span.kind in ("age", "phone", "id") and _is_numbering(span, text, value):
        return False
    if span.kind == "age":
        return _OLD.search(value) is not None
    if span.kind == "date":
        return len(value) > 1 and not _YEAR.fullmatch(value) and not _SHARE.fullmatch(value)
    if span.kind == "address":
        state = len(value) == 2 and value.isupper()
        return not state and not _SMALL.fullmatch(value) and not (lexicon.flags(value) & REGION and value[:1].isupper())
    if span.kind == "name" and len(value) < 3:
        letters = value.strip(".").upper()
        return letters not in _TITLES and (len(letters) == 2 or span.score >= _SURE)
    return span.kind != "id" or any(map(str.isdigit, value))


def _is_numbering(span: Span, text: str, value: str) -> bool:
    """`port 8080`, `line 94`, `nginx:1.25.3`, `91 %`: a short number of a machine's is no telephone, age or record."""
    if sum(map(str.isdigit, value)) > 6 or any(map(str.isalpha, value)):
        return False
    if _UNIT.match(text, span.end) or (span.kind == "phone" and _VERSION.fullmatch(value)):
        return True
    if span.kind == "age" and _TIMES.match(text, span.end):
        return True
    before = text[max(span.start - 24, 0) : span.start]
    if _OF_A_PERSON.match(text, span.end):
        return False
    return _NUMBERED.search(before) is not None and _TELEPHONE.search(before) is None
