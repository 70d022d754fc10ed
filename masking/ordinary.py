"""What is ordinary speech or a word of the trade, though no list has it: fillers, doses, words with known parts.

The prose engine leans to recall: it takes a word that nobody knows for a name. Here such a word is taken apart.
"""

from __future__ import annotations

import re

from .chart_words import DOSES, SAID, SPEAKERS, SPOKEN
from .findings import Span
from .model import lexicon as lx

_PLAIN = lx.WORD | lx.CLINICAL | lx.DRUG
_TOKEN = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*|\S")
_DOTTED = re.compile(r"(?<![A-Za-z.])(?:[A-Za-z]\.){1,5}[A-Za-z]?(?![A-Za-z])")
_LETTERED = re.compile(r"(?:[A-Za-z][. ]*){1,8}")
_LETTERS = re.compile(r"[A-Z](?:[ ,]+[A-Z])*s?[.,]?")
_ENDING = re.compile(
    r"(?:ectom|otom|ostom|plast|rrhaph|tripsi?|scop|ograph|opath|troph|tomograph)(?:y|ies|ic|ics|es?|ed|ing)$"
    r"|(?:i[ao]|[eyo])grams?$|(?:it|os)(?:is|es)$|itides$|a?emi[ac]$|uri[ac]$|algi[ac]s?$|plegi[ac]$|pares[ie]s$"
    r"|esthe(?:sia|tic)s?$|centesis$|rrh(?:ea|agia|agic|oea)$|tript(?:or|er)s?$|(?:brady|tachy|dextro)cardi[ac]$|pne(?:a|ic)$"
    r"|lys(?:is|es|ed)$|genic$|megaly$|malacia$|ectasi[as]$|scler(?:osis|otic)$|cephal(?:ic|us|y)$|icter(?:ic|us)$|phag(?:ia|ic)$"
    r"|phas(?:ia|ic)$|kines(?:ia|is|tic)$|tensi(?:on|ve)$|(?:thora|pelv|gastr|crani|cutane|musc?ul|ven|arteri|ventricul|articul|"
    r"pharynge|larynge|esophage|maxill|mandibul|vertebr|capsul|oste|dur|ligament|tendin|orbit|nas|or)(?:ic|al|ous|ar|ary)$"
    r"|oscop(?:e|es|ic|ically)$|otomes?$|(?:myc|cill)ins?$|azoles?$|sartan$|statin$|olol$|azepam$|dipine$|oxacin$|[ao]vir$|tinib$"
    r"|gli(?:ptin|flozin)$|parin$|dronate$|triptan$|codone$|caine$|[^aeiou]ogen(?:ous|esis)$|iform$|oid(?:al|s)?$"
)
_FRONT = re.compile(
    r"(?:non|post|peri|intra|inter|extra|supra|sub|infra|trans|retro|hyper|hypo|neuro|cardio|broncho|oro|naso|electro|fibro|"
    r"osteo|micro|macro|multi|poly|anti|endo|epi|hemi|pan|pseudo|radio|thermo|hydro|over|under|semi|vaso|cine|ultra|pre|a(?=traum|symptom|vascul|febril|cyan|typic)|un(?=.*(?:ed|able|ing)$))-?"
)
_LETTER_WORD = re.compile(r"(?i)\b(?:gon|wan|got)\s?(?:na|ta)$")  # `gon na`, as transcripts part it
_ALONE = re.compile(r"(?:^|[\n\]:.?!,;-])\s*$")
_THEN = re.compile(
    r"\s*(?:[,.!?;-]|\n|$)|\s(?:i|yes|no|my|that|it|okay|well|you|is|got|so|to|in|back)\b", re.IGNORECASE
)
_SUFFIX = re.compile(r"(?:ies|es|s|ed|ing|ly|y)$")
_SHORT, _WHOLE = 4, 6


def spoken(text: str, span: Span) -> Span | None:
    """A name or place without the fillers at its edges (`um , sandra`); None when nothing else is left."""
    if span.kind not in ("name", "address"):
        return span
    words = [word.span() for word in _TOKEN.finditer(text, span.start, span.end)]
    while words and (_is_filler(text, *words[0]) or _LETTER_WORD.search(text, max(0, words[0][0] - 5), words[0][1])):
        words.pop(0)
    while words and _is_filler(text, *words[-1], last=len(words) > 1):
        words.pop()
    if not words:
        return None
    start, end = words[0][0], words[-1][1]
    if text[start:end] in ("I", "i"):
        return None
    if text[end : end + 1] == "." and end < span.end and end - start > 1:
        end += 1
    return span._replace(start=start, end=end)


def _is_filler(text: str, start: int, end: int, *, last: bool = False) -> bool:
    """A mark or a word that is only said; one that is a surname as well (`Oh`, `Dang`) where it stands by itself."""
    word = text[start:end]
    if not word[0].isalnum():
        return word != "." or text[start - 1 : start] == " "
    plain = word.casefold().replace("\u2019", "'")
    if word.isupper() and len(word) > 1 and not text.isupper():
        return False
    if plain in SPOKEN:
        return True
    if plain in SPEAKERS:
        return not (last and text[start - 1 : start] == " ")
    return (
        plain in SAID
        and _ALONE.search(text, max(0, start - 12), start) is not None
        and _THEN.match(text, end) is not None
    )


def is_dose(text: str, span: Span) -> bool:
    """`p.r.n.`, `q.h.s.`, 8 `p.m.`, `mmHg`: an abbreviation of a dose, a unit or a time, or a part of one."""
    value = text[span.start : span.end]
    if value.casefold().strip(".") in DOSES and not value.isupper() and text[span.start - 1 : span.start] != "/":
        return True
    if not _LETTERED.fullmatch(value):
        return False
    for match in _DOTTED.finditer(text, max(0, span.start - 10), span.end + 10):
        if match.start() < span.end and span.start < match.end():
            letters = match[0].replace(".", "")
            if letters.casefold() in DOSES and (
                letters.islower() or len(letters) > 2 or _is_clock(text, match.start())
            ):
                return True
    return False


def _is_clock(text: str, start: int) -> bool:
    return text[max(0, start - 2) : start].strip().isdigit()


def is_spelled(text: str, span: Span) -> bool:
    """`U T I.`, the `M T P` of a dictation: single letters with blanks between, or with one before."""
    value = text[span.start : span.end]
    if not _LETTERS.fullmatch(value):
        return False
    return " " in value or re.search(r"(?<!\w)[A-Z] $", text[max(0, span.start - 2) : span.start]) is not None


def is_word(value: str) -> bool:
    """Whether a word that no list has is of known parts: an inflection, a compound, one with a clinical ending."""
    word = value.casefold().strip(".,;:'\u2019")
    word = word.removesuffix("'s").removesuffix("\u2019s")
    lexicon = lx.load()
    flags = lexicon.flags(word)
    if flags:
        return False  # known words are judged by what they are known as
    if len(word) > _WHOLE and _ENDING.search(word):
        return True
    if "-" in word:
        parts = [part for part in word.split("-") if part]
        return len(parts) > 1 and all(map(_is_part, parts))
    front = _FRONT.match(word)
    if front is not None and len(word) - front.end() >= _SHORT and (_is_part(word[front.end() :])):
        return True
    return _is_inflected(word) or (value[0].islower() and _is_compound(word))


def _is_part(word: str) -> bool:
    flags = lx.load().flags(word)
    if flags:
        return bool(flags & (_PLAIN | lx.EPONYM)) and not flags & lx.GIVEN_COMMON
    return _is_inflected(word) or (len(word) > _WHOLE and _ENDING.search(word) is not None)


def _is_inflected(word: str) -> bool:
    suffix = _SUFFIX.search(word)
    if suffix is None or len(word) < _WHOLE:
        return False
    stem, lexicon = word[: suffix.start()], lx.load()
    for whole in (stem, stem + ("y" if suffix[0] == "ies" else "e"), stem[:-1] if stem[-1:] == stem[-2:-1] else stem):
        flags = lexicon.flags(whole)
        if len(whole) >= _SHORT and flags & (_PLAIN | lx.EPONYM) and not flags & (lx.GIVEN_COMMON | lx.PROPER):
            return True
    return False


def _is_compound(word: str) -> bool:
    """`weightbearing`, `guidewire`: two plain words of four letters or more, neither a name's."""
    flags = lx.load().flags
    return any(
        flags(word[:at]) & _PLAIN
        and flags(word[at:]) & _PLAIN
        and not (flags(word[:at]) | flags(word[at:])) & lx.PROPER
        and not (flags(word[:at]) & lx.ANY_NAME and flags(word[at:]) & lx.ANY_NAME)
        for at in range(_SHORT, len(word) - _SHORT + 1)
    )
