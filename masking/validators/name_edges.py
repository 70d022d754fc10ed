"""The edges of a name: credentials, offices, abbreviations and an `'s` behind it, a title or a relation before it."""

from __future__ import annotations

import re

from masking.chart_words import ACRONYMS
from masking.model import lexicon as lx
from masking.wordset import word_set

from .name_words import CREDENTIALS, LABEL_WORDS, NOT_NAMES, PARTICLES

_GENITIVE = re.compile(r"(?<=\w\w)['\u2019][sS]$")
_LAST = re.compile(r"([.,]?\s{1,3})([^\s,]{1,12})\.?$")
_NOBODY = re.compile(r"G\d{1,2}P[\d-]{1,6}|PGY-?\d|asa|I")
_UNSPOKEN = re.compile(r"(?=[^AEIOUY]*[AEIOUY]?[^AEIOUY]*$)[A-Z]{4,6}")  # a credential nobody listed: `CHFN`
_SEX = re.compile(r"[FM](?=,?\s{1,2}\d{1,3}\b)")
_FIRST = re.compile(r"([^\W\d_]{2,12})\.?\s{1,2}(?=[A-Z])")
_TITLES = word_set("pt pcp dr drs mr mrs ms rn md np rdh")
_OFFICES = word_set("mrn dob cpr poa hcp nok dpoa hospitalist intensivist scribe")
_SUFFIXES = word_set("jr sr ii iii iv")
_SURNAMES_TOO = word_set("ma do pa ms gal")  # credentials behind two words: `Jia Lin, MA`, not `Tran, MA`


def name_edges(text: str, start: int, end: int) -> tuple[int, int]:
    """A name's stretch without what only stands beside it; at least one word is left."""
    end = _end(text, start, end)
    first = _FIRST.match(text, start, end)
    if first is not None and _is_beside(first[1]):
        start = first.end()
    return start, end


def _end(text: str, start: int, end: int) -> int:
    while end > start:
        genitive = _GENITIVE.search(text, start, end)
        if genitive is not None:
            end = genitive.start()
            continue
        last = _LAST.search(text, start, end)
        if last is None or not _follows_a_name(text, start, last):
            break
        end = last.start()
    return end


def _follows_a_name(text: str, start: int, last: re.Match[str]) -> bool:
    """Whether the last word of a name is a credential, an office, an abbreviation of the chart, a sex, or `I`."""
    between, word, before = last[1], last[2], text[start : last.start()]
    plain = word.replace(".", "").casefold()
    if _NOBODY.fullmatch(word) or _SEX.match(text, last.start(2)):
        return True
    if len(word) == 1:
        return text[last.end() : last.end() + 1] == "/"
    if "\n" in between and plain in LABEL_WORDS:
        return True
    if word.islower() and before[:1].isupper() and len(word) > 2 and plain not in PARTICLES and _is_plain(plain):
        return True
    firm = "," in between or not before.isupper()
    if plain in _OFFICES:
        return word[0].isupper() and firm
    if not word[:2].isupper():
        return False
    if plain.split("-")[0] in CREDENTIALS - _SURNAMES_TOO - _SUFFIXES:
        return True
    if plain in _SURNAMES_TOO:
        return firm and (any(map(str.isspace, before)) or _GENITIVE.search(before) is not None)
    if not firm or lx.load().flags(plain) & lx.ANY_NAME:
        return False
    return plain in ACRONYMS or _is_unspoken(between, word, before)


def _is_unspoken(between: str, word: str, before: str) -> bool:
    """`Ingrid Solberg CHFN`: behind a comma or a whole name; `Albina KRTEK` is a surname in capitals."""
    if before.isupper() or _UNSPOKEN.fullmatch(word) is None:
        return False
    names = [one for one in before.split() if one[:1].isupper() and not one.endswith(".")]
    return "," in between or len(names) > 1


def _is_plain(word: str) -> bool:
    """Whether a word in small letters goes on with the sentence, and nobody is often called so."""
    flags = lx.load().flags(word)
    called = flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    return not called and (word in ACRONYMS or bool(flags & (lx.WORD | lx.CLINICAL)))


def _is_beside(word: str) -> bool:
    plain = word.casefold()
    flags = lx.load().flags(plain)
    said = plain in NOT_NAMES or (flags & lx.WORD and not flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON))
    return plain in _TITLES or (word.islower() and plain not in PARTICLES and bool(said))
