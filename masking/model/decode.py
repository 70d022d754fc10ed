"""From tag probabilities to spans.

Strategy: lean to recall. A token is found when what is left of certainty that it is nothing falls below its kind's
threshold; found neighbours of one kind are one span; a name that is certain once is taken wherever its words stand
again in the same text.
"""

from __future__ import annotations

import re

import numpy as np

from ..findings import Span
from .lexicon import CLINICAL, DRUG, REGION, WORD_COMMON, Lexicon
from .network import KINDS, Floats
from .tokens import LINE, Tokens

DETECTOR = "prose"
THRESHOLDS = {"name": 0.4, "address": 0.5, "date": 0.5, "age": 0.5, "phone": 0.6, "id": 0.6}
_SURE = 0.85
_LIMITS = np.array([THRESHOLDS[kind] for kind in KINDS], np.float32)
_OLD = re.compile(r"(?<!\d)(?:9\d|1[0-4]\d)(?!\d)|ninet|hundred", re.IGNORECASE)
_YEAR = re.compile(r"'?(?:1[6-9]|2[01])?\d\d", re.ASCII)
_EDGE = ' \t\r\n,;:()[]{}<>"“”|/*=_~`-–—'


def spans(text: str, tokens: Tokens, chances: Floats, lexicon: Lexicon) -> list[Span]:
    """The spans of one text; `chances` has one row of tag probabilities for each token."""
    if not len(chances):
        return []
    begins, insides = chances[:, 1::2], chances[:, 2::2]
    kinds = (begins + insides).argmax(axis=1)
    scores = 1 - chances[:, 0]
    hits = np.flatnonzero(scores >= _LIMITS[kinds]).tolist()
    groups = _groups(hits, kinds.tolist(), (begins > insides)[np.arange(len(kinds)), kinds].tolist(), tokens)
    groups = _repeat(groups, kinds.tolist(), scores, tokens, lexicon)
    found = (_span(text, tokens, group, KINDS[kinds[group[0]]], scores) for group in groups)
    return [span for span in found if span is not None and _counts(span, text, lexicon)]


def _groups(hits: list[int], kinds: list[int], begins: list[bool], tokens: Tokens) -> list[list[int]]:
    groups: list[list[int]] = []
    for at in hits:
        last = groups[-1][-1] if groups else -2
        if at == last + 1 and kinds[at] == kinds[last] and not begins[at] and not _breaks(at, kinds[at], tokens):
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _breaks(at: int, kind: int, tokens: Tokens) -> bool:
    return KINDS[kind] != "address" and tokens.places[at] // 15 >= LINE


def _repeat(
    groups: list[list[int]], kinds: list[int], scores: Floats, tokens: Tokens, lexicon: Lexicon
) -> list[list[int]]:
    """Add the words of sure names wherever else they stand."""
    names = [group for group in groups if KINDS[kinds[group[0]]] == "name"]
    known = {
        word
        for group in names
        for word in (tokens.words[at] for at in group)
        if len(word) > 2 and word[0].isupper() and float(scores[group].max()) >= _SURE
        and not lexicon.flags(word) & (WORD_COMMON | CLINICAL | DRUG)
    }  # fmt: skip
    if not known:
        return groups
    taken = {at for group in groups for at in group}
    more = [at for at, word in enumerate(tokens.words) if word in known and at not in taken]
    for at in more:
        kinds[at] = KINDS.index("name")
    return sorted(groups + [[at] for at in more])


def _span(text: str, tokens: Tokens, group: list[int], kind: str, scores: Floats) -> Span | None:
    start = tokens.starts[group[0]]
    end = tokens.starts[group[-1]] + len(tokens.words[group[-1]])
    while start < end and text[start] in _EDGE + ".'’":
        start += 1
    while start < end and text[end - 1] in _EDGE:
        end -= 1
    if start == end:
        return None
    return Span(start, end, kind, DETECTOR, round(float(max(scores[group].max(), 0.3)), 3))


def _counts(span: Span, text: str, lexicon: Lexicon) -> bool:
    """What Safe Harbor lets stand is no span: a year, an age under 90, a state or country."""
    value = text[span.start : span.end]
    if span.kind == "age":
        return _OLD.search(value) is not None
    if span.kind == "date":
        return len(value) > 1 and not _YEAR.fullmatch(value)
    if span.kind == "address":
        return not (lexicon.flags(value) & REGION and value[:1].isupper())
    return True
