"""What a word is known as: a given name, a surname, plain English, clinical, a drug, a place.

Strategy: the file is a sorted array of CRC-32 values and a parallel array of flags, so a look-up is one bisection and
the package carries no list of names in clear. About one unknown word in 30,000 collides; the flags are evidence for
the prose model and the validators, never the only reason to keep a value.
"""

from __future__ import annotations

import functools
import sys
import zlib
from array import array
from bisect import bisect_left
from pathlib import Path

from .digests import shipped

(
    GIVEN,
    GIVEN_COMMON,
    SURNAME,
    SURNAME_COMMON,
    WORD,
    WORD_COMMON,
    CLINICAL,
    DRUG,
    CITY,
    REGION,
    EPONYM,
    WORLD_NAME,
    PROPER,
) = (1 << bit for bit in range(13))
LATER_EPONYM, LATER_PRODUCT, LATER_CITY = 1 << 13, 1 << 14, 1 << 15  # listed since the shipped weights were trained
_TRAINED = (1 << 13) - 1
_PEOPLE_TOO = LATER_EPONYM | LATER_PRODUCT  # a thing that people or words are called like: for rules, not for the model
ANY_NAME = GIVEN | SURNAME | WORLD_NAME
PLAIN = WORD | CLINICAL | DRUG
_THING = EPONYM | DRUG | LATER_EPONYM | LATER_PRODUCT
FILE = Path(__file__).with_name("lexicon.bin")
_MAGIC = b"HGLX1\0\0\0"
_BITS = 16


def word_hash(word: str) -> int:
    """CRC-32 of the case-folded word in UTF-8."""
    return zlib.crc32(word.casefold().encode("utf-8", "surrogatepass"))


class Lexicon:
    """Flags of words. Look-ups are cached for the words seen most.

    What was listed since the weights were trained counts as an eponym, a drug or a town, but not for training anew:
    that gives the same weights however the lists have grown. What is listed as a thing and is a name or a word as well
    has both marks, and is known to `is_thing` alone.
    """

    def __init__(self, hashes: array[int], flags: array[int], *, trained: bool = False) -> None:
        self._hashes, self._flags, self._trained = hashes, flags, trained
        self.flags = functools.lru_cache(maxsize=65_536)(self._look_up)

    def _look_up(self, word: str) -> int:
        """The flags of `word`, 0 when it is unknown."""
        wanted = word_hash(word)
        at = bisect_left(self._hashes, wanted)
        if at == len(self._hashes) or self._hashes[at] != wanted:
            return 0
        flags = self._flags[at]
        if flags > _TRAINED:
            flags = flags & _TRAINED | (0 if self._trained else _later(flags))
        return flags

    def is_thing(self, phrase: str) -> bool:
        """Whether a word, or several with one blank between, is listed as what a thing is called."""
        wanted = word_hash(phrase)
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted and bool(self._flags[at] & _THING)


def _later(flags: int) -> int:
    """What was listed since the training counts as."""
    if flags & _PEOPLE_TOO == _PEOPLE_TOO:
        flags &= ~_PEOPLE_TOO
    eponym, product = EPONYM if flags & LATER_EPONYM else 0, DRUG if flags & LATER_PRODUCT else 0
    return eponym | product | (CITY if flags & LATER_CITY else 0)


def write(path: Path, words: dict[str, int]) -> None:
    """Write the lexicon file: magic, count, sorted CRC-32 (little endian uint32), flags (uint16)."""
    merged: dict[int, int] = {}
    for word, flags in words.items():
        merged[word_hash(word)] = merged.get(word_hash(word), 0) | flags
    ordered = sorted(merged)
    hashes, flags_ = array("I", ordered), array("H", [merged[key] for key in ordered])
    if sys.byteorder == "big":
        hashes.byteswap()
        flags_.byteswap()
    path.write_bytes(_MAGIC + len(ordered).to_bytes(8, "little") + hashes.tobytes() + flags_.tobytes())


@functools.cache
def load(*, trained: bool = False) -> Lexicon:
    """The lexicon of this package; `trained`: as it was when the shipped weights were trained.

    Raises MaskingError when its file is missing or not the one that was shipped.
    """
    content = shipped(FILE, "lexicon.bin", "the lexicon's words")
    count = int.from_bytes(content[8:16], "little")
    hashes, flags = array("I"), array("H")
    hashes.frombytes(content[16 : 16 + 4 * count])
    flags.frombytes(content[16 + 4 * count :])
    if sys.byteorder == "big":
        hashes.byteswap()
        flags.byteswap()
    return Lexicon(hashes, flags, trained=trained)
