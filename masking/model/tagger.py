"""The prose model at work: texts in, spans out.

Strategy: tokens of many texts are laid in one long row, padded so that no text sees another, and go through the
network in blocks. A word's vector is made once and kept under Python's keyed string hash, so the cache holds no text.
A token counts as found when the probability that it is anything at all passes its kind's threshold: a missed name
costs more than a masked word.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence

import numpy as np

from masking.findings import Span

from . import decode
from .features import rows
from .lexicon import Lexicon
from .lexicon import load as load_lexicon
from .network import PAD, TAGS, WORD, Floats, Ints, probabilities
from .tokens import Tokens, cut
from .vectors import Vectors
from .vectors import load as load_vectors
from .weights import Weights

_BLOCK = 4096
_CACHED_WORDS = 1 << 16


class Words:
    """The vectors u_w of words seen lately; forgets everything when full."""

    def __init__(self, weights: Weights, lexicon: Lexicon, known: Vectors) -> None:
        self._weights, self._lexicon, self._known = weights, lexicon, known
        self._vectors = np.zeros((1024, WORD), np.float32)
        self._at: dict[int, int] = {}
        self._lock = threading.Lock()

    def vectors(self, words: Sequence[str]) -> tuple[Floats, Ints]:
        """Distinct vectors with a row of zeros at the end, and for each word the index of its vector."""
        with self._lock:
            if len(self._at) > _CACHED_WORDS:
                self._at.clear()
            known = self._at
            keys = list(map(hash, words))
            new = {key: word for key, word in zip(keys, words, strict=True) if key not in known}
            if new:
                self._learn(new)
            found = np.fromiter(map(known.__getitem__, keys), np.int64, len(keys))
            different, at = np.unique(found, return_inverse=True)
            table = np.zeros((len(different) + 1, WORD), np.float32)
            table[:-1] = self._vectors[different]
        return table, at.astype(np.int64)

    def _learn(self, new: dict[int, str]) -> None:
        first = len(self._at)
        embed, lexicon = self._weights.embed, self._lexicon
        sums = np.stack([embed(rows(word, lexicon)) for word in new.values()])
        known = self._known.of(list(new.values()))
        layers = self._weights.layers
        while first + len(new) > len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
        self._vectors[first : first + len(new)] = np.maximum(sums @ layers["A"] + known @ layers["B"] + layers["a"], 0)
        self._at.update(zip(new, range(first, first + len(new)), strict=True))


class Tagger:
    """Finds names, addresses, dates, ages, phone and record numbers in prose. Safe to share by threads."""

    name = "own"

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._lexicon = load_lexicon()
        self._words = Words(weights, self._lexicon, load_vectors())

    def tag(self, texts: Sequence[str]) -> list[list[Span]]:
        """For each text its spans: in order, never overlapping, snapped to whole tokens. Never raises on any text."""
        found = [cut(text) for text in texts]
        chances = self._chances(found)
        spans, first = [], 0
        for text, tokens in zip(texts, found, strict=True):
            last = first + len(tokens.words)
            spans.append(decode.spans(text, tokens, chances[first:last], self._lexicon))
            first = last
        return spans

    entities = tag

    def _chances(self, found: list[Tokens]) -> Floats:
        """Tag probabilities of all tokens of all texts, one row a token."""
        found = [tokens for tokens in found if tokens.words]
        if not found:
            return np.zeros((0, len(TAGS)), np.float32)
        vectors, at = self._words.vectors([word for tokens in found for word in tokens.words])
        row: list[Ints] = []
        first, pad = 0, np.full(PAD, -1, np.int64)
        index, places, labels = [], [], []
        offset = 0
        for tokens in found:
            count = len(tokens.words)
            mine = at[first : first + count]
            label = np.asarray(tokens.labels, np.int64)
            index += [mine, pad]
            places += [np.asarray(tokens.places, np.int64), np.zeros(PAD, np.int64)]
            labels += [np.where(label >= 0, mine[label], -1), pad]
            row.append(np.arange(offset, offset + count))
            offset += count + PAD
            first += count
        whole = (np.concatenate(part)[:-PAD] for part in (index, places, labels))  # the network sees zeros at the ends
        return _blocks(self._weights, vectors, *whole)[np.concatenate(row)]


def _blocks(weights: Weights, vectors: Floats, at: Ints, places: Ints, labels: Ints) -> Floats:
    """Probabilities in blocks that overlap by the network's reach, so that memory is bounded and no edge shows."""
    out = []
    for start in range(0, len(at), _BLOCK):
        low, high = max(start - PAD, 0), min(start + _BLOCK + PAD, len(at))
        block = probabilities(weights.layers, vectors, at[low:high], places[low:high], labels[low:high])
        out.append(block[start - low : start - low + _BLOCK])
    return np.concatenate(out)


@functools.cache
def load() -> Tagger:
    """The shipped tagger, built once a process. Raises MaskingError when its files are missing or altered."""
    return Tagger(Weights.load())
