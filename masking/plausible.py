"""Whether what the prose engine says can be: eponyms, abbreviations, codes and plain words are no people and places.

Strategy: only the engine's own spans are judged; what a label, a title, a field or a known value says stands. A number
stands unless something clinical explains it, a day or an age unless it is a score or a share. Of a name or a place the
engine has to be the surer the less likely its words name anybody: `LEAST` says how sure. Listed things and terms are
judged by what stands around them as well. At last a span is cut to what identifies.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from . import cues, ordinary, things
from .casing import around, line_around
from .days import is_age, is_day, with_article
from .explained import explains
from .findings import Span
from .model import lexicon as lx
from .turns import is_said
from .validators.people import is_no_title
from .validators.place_edges import is_of_the_body, is_ware, with_number, without_beside
from .validators.single_names import is_no_person
from .validators.streets import sentence_end


class Least(NamedTuple):
    """How sure the engine has to be of a name and of a place, 0 to 1."""

    name: float
    address: float


LEAST = {
    "a common name": Least(0, 0),
    "a name or a town": Least(0, 0.15),
    "unknown": Least(0.15, 0.2),
    "several words": Least(0.2, 0.6),
    "a rare word and a name": Least(0.25, 0.5),
    "a plain word and a name": Least(0.3, 0.7),
    "an eponym, a product": Least(0.3, 0.3),
    "a plain word": Least(0.75, 0.8),
    "a rare word": Least(0.8, 0.7),
    "an abbreviation": Least(0.9, 0.95),
    "a plain word in lower case among capitals, one that is counted": Least(0.95, 0.97),
}
_CODE_SYSTEM = re.compile(
    r"(?i)(?:rxnorm|rxcui|loinc|snomed(?: ct)?|cpt|icd(?:-?\d\d?)?|ndc|cvx|hcpcs|drg|series|image)\W{1,3}"
    r"(?:\d[\w.-]{2,17}(?: [a-z][a-z0-9 ]{0,60})?[,;]\s?(?:concept )?){0,8}$"
)
_HOURS = re.compile(r"[01]\d[0-5]\d-[0-2]\d[0-5]\d", re.ASCII)
_CLOCK = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d", re.ASCII)
_EXTENSION = re.compile(
    r"(?i)(?:(?<![a-z])x|ext|extension|pager?|paged|beeper|vm|voicemail|call|dial|phone|tel|at|#)\W{0,3}$"
)
_COUNTED = re.compile(
    r"(?i)\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|few|"
    r"several|many|couple)\s$"
)
_ROLE = re.compile(
    rf"(?i)(?:{cues.KIN}|{cues.ROLE}|our|sons|buddy|proband|members?|recipient|principal)[,:]?\s+(?=[^\W\d_]\w)"
)
_PLAIN = lx.WORD | lx.CLINICAL | lx.DRUG
_PLAINER = lx.WORD_COMMON | lx.CLINICAL | lx.DRUG
_SHORT = 5
_SOMEBODY = re.compile(r"(?i)\b(?:I|you|he|she|we|they|to)\s$")  # who marches, who may
_BEHIND = re.compile(r"\s([A-Z][a-z]{2,14})(?!['\u2019\w-])")
_SMALL_BEHIND = re.compile(  # `Anna cook by phone`; no verb's subject (`John will`)
    r"\s(?!(?:will|can|might|good|still|little)\b)([a-z]{3,14})(?=[,.;)\n]|$|\s(?:is|was|has|had|by|at|who|and|here|called|"
    r"states|stated|reports|reported|says|said|seen|came|comes|aware|notified|present|agrees)\b)"
)
_WORKS = 0.8
_EMPLOYED = re.compile(  # an employer, though a brand: `off work at Dollar General`
    r"(?i)\b(?:(?:works?|worked|working|employed|jobs?|career|shifts?|cashier|clerk|manager|boss|foreman)(?: \w+)?"
    r" (?:at|for|by|with)|(?:drives?|driver|drove) for|(?:retired|laid off|fired|hired) (?:from|by))"
    r" (?:the )?$"
)
_POSSESSIVE = re.compile(r"(?i)['\u2019]s$")


def judged(text: str, spans: list[Span]) -> list[Span]:
    """The spans of `text`, proposed by the prose engine, that may stand, cut to what identifies."""
    said = (ordinary.spoken(text, span) for span in _joined(text, spans))
    return [_cut(text, span) for span in said if span is not None and plausible(text, span)]


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """Two words of names with one blank between are one name: an engine that saw two saw the parts of one."""
    out: list[Span] = []
    for span in spans:
        last = out[-1] if out else None
        if last is not None and last.kind == span.kind == "name" and text[last.end : span.start] == " ":
            out[-1] = last._replace(end=span.end, score=max(last.score, span.score))
        else:
            out.append(span)
    return out


def plausible(text: str, span: Span) -> bool:
    """Whether `span` of `text`, proposed by the prose engine, may stand."""
    value = text[span.start : span.end]
    if _is_explained(text, span, value):
        return False
    if span.kind == "date":
        said = value in ("march", "may") and _SOMEBODY.search(text, max(0, span.start - 6), span.start)
        return not said and is_day(text, span, value)
    if span.kind == "age":
        return is_age(text, span)
    if span.kind in ("phone", "id"):
        return not _is_hours(text, span, value)
    if span.kind not in ("name", "address"):
        return True
    if is_no_title(text, span.start, span.end) or is_no_person(text, span.start, span.end):
        return False
    if value.replace("-", "").isdigit():
        return span.kind == "address"
    if span.kind == "address" and (is_ware(text, span.start, span.end) or is_of_the_body(value)):
        return False
    if span.score >= _WORKS and _EMPLOYED.search(text, max(0, span.start - 40), span.start):
        return True
    if not _is_sure(text, span, value) or ordinary.is_dose(text, span) or is_said(text, span.start, span.end):
        return False
    return not things.is_thing(text, span, value) and not cues.is_term(text, span)


def _is_explained(text: str, span: Span, value: str) -> bool:
    """A code of a code system, or a number that something clinical explains."""
    if value.replace("-", "").isdigit() and _CODE_SYSTEM.search(text, max(0, span.start - 160), span.start):
        return True
    numbered = span.kind in ("phone", "date") or any(map(str.isdigit, value))
    return numbered and explains(span.kind, text, span.start, span.end)


def _is_hours(text: str, span: Span, value: str) -> bool:
    """`0700-1900`, a time of day, unless it is dialled."""
    if _HOURS.fullmatch(value) or _CLOCK.fullmatch(value):
        return _EXTENSION.search(text, max(0, span.start - 16), span.start) is None
    return False


def _is_sure(text: str, span: Span, value: str) -> bool:
    """Whether the engine is as sure of a name or a place as its word asks."""
    word = what_it_is(text, span, value)
    least = LEAST[word].name if span.kind == "name" else LEAST[word].address
    return span.score >= least


def what_it_is(text: str, span: Span, value: str) -> str:
    """The row of `LEAST` for what the engine took for a name or a place."""
    if value.islower() and (
        _COUNTED.search(text, max(0, span.start - 12), span.start)
        or not (_is_name(value) or around(text, span.start).islower())
    ):
        return "a plain word in lower case among capitals, one that is counted"
    if any(map(str.isspace, value)):
        if lx.load().flags(value.casefold()) & lx.CITY:
            return "a name or a town"
        return "a plain word" if _are_plain(value) else "several words"
    if value.isupper() and len(value) <= _SHORT and not line_around(text, span.start, span.end).isupper():
        return "an abbreviation"
    word = _POSSESSIVE.sub("", value.strip(".,:;'"))
    flags = lx.load().flags(word.casefold())
    if flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON) and not flags & (_PLAINER | lx.EPONYM):
        return "a common name"
    if flags & lx.EPONYM or lx.load().is_thing(word):
        return "an eponym, a product"
    if flags & _PLAINER:
        return "a plain word and a name" if flags & lx.ANY_NAME else "a plain word"
    if flags & lx.WORD:
        return "a rare word and a name" if flags & lx.ANY_NAME else "a rare word"
    return "a name or a town" if flags & (lx.ANY_NAME | lx.CITY) else "unknown"


def _are_plain(value: str) -> bool:
    """Whether all words are listed and none names anybody: `Amazon Linux`."""
    flags = [lx.load().flags(word.casefold()) for word in value.split()]
    return all(flag & (_PLAIN | lx.PROPER) and not flag & (lx.ANY_NAME | lx.CITY) for flag in flags)


def _is_name(value: str) -> bool:
    flags = lx.load().flags(value.casefold())
    return not flags & _PLAIN


def _cut(text: str, span: Span) -> Span:
    """The span without the sentence after an address or the role before a name, with the surname behind."""
    if span.kind == "date":
        return with_article(text, span)
    if span.kind == "address" and text[span.start].isdigit():
        return span._replace(end=sentence_end(text, span.start, span.end))
    if span.kind == "address":
        end = without_beside(text, span.start, span.end)
        return span._replace(start=with_number(text, span.start, end), end=end)
    if span.kind != "name":
        return span
    role = _ROLE.match(text, span.start, span.end)
    return _with_surname(text, span if role is None else span._replace(start=role.end()))


def _with_surname(text: str, span: Span) -> Span:
    """`Jane Morse scale 45` names Jane Morse, though a scale is called so: common names both, and no words.

    In small letters a word that many are called by stands as the surname where the clause goes on or ends behind it.
    """
    if not text[span.start : span.end].istitle():
        return span
    small = _SMALL_BEHIND.match(text, span.end)
    if small is not None and lx.load().flags(text[span.start : span.end].casefold()) & lx.GIVEN_COMMON:
        called = lx.load().flags(small[1]) & lx.SURNAME_COMMON
        return span._replace(end=small.end(1)) if called else span
    behind = _BEHIND.match(text, span.end)
    if behind is None:
        return span
    given, surname = (lx.load().flags(word.casefold()) for word in (text[span.start : span.end], behind[1]))
    named = given & lx.GIVEN_COMMON and surname & lx.SURNAME_COMMON
    return span._replace(end=behind.end()) if named and not (given | surname) & (lx.WORD_COMMON | lx.DRUG) else span
