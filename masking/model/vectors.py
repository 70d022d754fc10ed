"""What kind of word a word is: a small vector for each of some hundred thousand words, from text that people wrote.

Strategy: a list says whether a word is on it; a vector says which words it is used like, so that a drug, a town or a
surname that no list has is still seen for what it is. Words written small and words written with a capital have
vectors of their own (`may`, `May`), and both are given whatever the casing of the text, so that it does not matter.
The file holds sorted CRC-32 values of case-folded words and, for each, the row of either vector: no word in clear.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .digests import shipped
from .lexicon import word_hash

DEPTH = 48
SIGHT = 2 * DEPTH + 2  # the vector of the word written small, of the word with a capital, and whether each is known
NONE = 0xFFFF
FILE = Path(__file__).with_name("vectors.npz")
_PARTS = re.compile(r"[-'\u2019\u2010\u2011]")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vectors:
    """`hashes` sorted; `small` and `capital` the row of each word's vectors in `table` (rows, DEPTH), or NONE."""

    hashes: npt.NDArray[np.uint32]
    small: npt.NDArray[np.uint16]
    capital: npt.NDArray[np.uint16]
    table: npt.NDArray[np.int8]
    scale: np.float32

    @classmethod
    def parse(cls, content: bytes) -> Vectors:
        """Read the bytes of a file that is already trusted."""
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return cls(
                stored["hashes"], stored["small"], stored["capital"], stored["table"], np.float32(stored["scale"][0])
            )

    def of(self, words: Sequence[str]) -> Floats:
        """What is known of each word, shape (len(words), SIGHT); zeros where nothing is."""
        seen = self._seen([word_hash(word) for word in words])
        for at in np.flatnonzero(~seen[:, -2:].any(axis=1)).tolist():
            parts = [part for part in _PARTS.split(words[at]) if len(part) > 1]
            if len(parts) > 1:
                found = self._seen([word_hash(part) for part in parts])
                known = found[found[:, -2:].any(axis=1)]
                if len(known):
                    seen[at] = known.mean(axis=0)
        return seen

    def _seen(self, keys: list[int]) -> Floats:
        wanted = np.array(keys, np.uint32)
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        hit = self.hashes[at] == wanted
        out = np.zeros((len(keys), SIGHT), np.float32)
        for side, rows in enumerate((self.small, self.capital)):
            row = np.where(hit, rows[at], NONE)
            known = row != NONE
            out[known, side * DEPTH : (side + 1) * DEPTH] = self.table[row[known]] * self.scale
            out[known, side - 2] = 1
        return out


@functools.cache
def load() -> Vectors:
    """The shipped vectors. Raises MaskingError when the file is missing or not the one that was shipped."""
    return Vectors.parse(shipped(FILE, "vectors.npz", "the prose model's word vectors"))
