"""Whether a single word that the prose engine took for a person or a place is a term: cues weighed for and against.

Strategy: `CUES` and `KNOWN` are tables to read, in log-odds: a row above nothing speaks for somebody, below for a term.
The engine's own certainty is the first weight. A word is a term only where the sum is below `LEAST`: a name left is
worse than a term masked, so one cue alone never outweighs an engine that is sure. The weights are a logistic fit to
the labelled sets, rounded, those that no name of the sets contradicts made heavier.
"""

from __future__ import annotations

import functools
import math
import re
from typing import NamedTuple

from .casing import line_around
from .findings import Span
from .model import lexicon as lx


class Cue(NamedTuple):
    """One row: what it is, its weight, what stands before, what follows. An empty part agrees."""

    what: str
    weight: float
    before: str = ""
    after: str = ""


KIN = (
    r"wife|husband|spouse|partner|son|daughter|dtr|mother|father|mom|mum|dad|brother|sister|sibling|twin|aunt|uncle|"
    r"cousin|niece|nephew|grand\w+|gma|gpa|guardian|friend|neighbou?r|roommate|fianc\w+|(?:boy|girl)friend|baby|"
    r"parents?|kids?|child(?:ren)?|fob|mob|family|nanny|sitter|carer|caregiver"
)
ROLE = (
    r"drs?|mrs?|ms|miss|mx|prof|rev|fr|pt|patient|client|student|md|do|rn|np|pa|pa-c|lpn|lvn|cna|crna|rrt?|rt|ot|slp|"
    r"sw|lcsw|cm|msw|rd|pharmd|rph|nurse|aide|tech|medic|emt|ff|doctor|surgeon|attending|resident|fellow|intern|"
    r"hospitalist|physician|provider|pcp|therapist|counsell?or|chaplain|pastor|rabbi|imam|deacon|interpreter|"
    r"translator|officer|deputy|sheriff|detective|supervisor|manager|coach|teacher|lawyer|attorney|atty|landlord|"
    r"coordinator|scribed?|midwife|doula|crew|driver|owner|judge|professor|captain|sgt|adjuster|rep|case ?worker|"
    r"volunteer|chaperone|witness|asst|assistant|director|chief|charge|pharmacist|dispatch|operator|author|reader|"
    r"cards?|ortho|neuro|nsgy|neurosurgery|surgery|gi|id|renal|onc|heme|derm|psych|pulm|uro|urology|ent|ir|radiology|"
    r"anesthesia|cardiology|oncology|nephrology|neurology|consult(?:ant)?|team|unit|triage|ms[34]|pgy-?\d|"
    r"named?|called|aka|alias|n[e\u00e9]e|ref|referr\w+|signature|signed|attn|routed to|taken by|hospital course"
)
_DEED = (
    r"is|was|has|had|will|would|states?|stated|reports?|reported|denie[sd]|says|said|told|tells|asked|asks|called|calls|"
    r"came|comes|went|goes|lives?|lived|works?|worked|agrees?|agreed|wants?|wanted|notified|aware|updated|informed|"
    r"paged|present|presents|presented|at bedside|here|saw|seen|sees|thinks|feels|brought|drove|drives|helps|met|"
    r"and (?:his|her|i)|signed|witnessed|assisting|assisted|covering|took|gave|noted|recommends?|recommended|"
    r"discussed|reviewed|who|accompanied|visited|attends?|attended|speaks|understands?|translat\w+|interpret\w+|"
    r"if|when|re|about|for|to|with|w/|on|at|in|from|after|before|today|tomorrow|tonight|yesterday"
)
_FOLLOWED = r"per|by|d/w|from|to|for|with|w/|via|and|tell|ask|see|saw|call|cc|hi|hello|dear|thanks|thx|in|at|near"
_VALUE = (
    r"(?:[<>=~\u2264\u2265]\s?)?\d{1,3}(?:\.\d+)?(?:[-\u2013/]\d{1,3}(?:\.\d+)?)?"
    r"(?![\w:-]|/\d|\.\d|\s?(?:[ap]m|yo?|mo|[mf])\b)|"
    r"[+\u2212-](?=\s?(?:[,;.)/\n]|$))|\+\+|\+/-|n/a\b|neg(?:ative)?\b|pos(?:itive)?\b|none\b|normal\b|nl\b|"
    r"equivocal\b|I{1,3}[abc]?\b|IV[abc]?\b|(?:grade|gr|stage|class|type)\b"
)
_DOSE = (
    r"\d{1,4}(?:\.\d+)?(?:/\d+)?\s?"
    r"(?:mg|mcg|g|ml|units?|u|iu|meq|puffs?|tabs?|caps?|%|mm|cm|fr|bid|tid|qhs|qd|daily)\b"
)
_PART = (
    r"cones?|canals?|fingers?|nod(?:e|ule)s?|bands?|scores?|formulae?|plates?|corr(?:ection)?|hemorrhages?|bleeds?|"
    r"creams?|rings?|blades?|lens|pills?|birth control|tandem|configuration|complex|perforators?|profile|"
    r"rods?|bod(?:y|ies)|fissures?|venom|boots?|foam|gauze|mattress|kit|pads?|patch(?:es)?|drops|ratio|"
    r"equation|nomogram|loops?|spots?|lesions?|lines?|anomaly|contractures?|repair|closure|stitch|reservoir"
)
_OF = (
    r"column|canal|sign|test|node|nodule|circle|bundle|loop|crypts?|islets?|triad|ligament|muscle|angle|foramen|gland|"
    r"tubercle|pouch|triangle|space|zone|law|tetralogy|maneuver"
)

CUES: tuple[Cue, ...] = (
    Cue("a relation", 2.5, rf"\b(?i:{KIN})(?:'s)?[,:]?\s\(?$"),
    Cue("a role, a title, a service", 2.5, rf"\b(?i:{ROLE})[.,]?\s\(?$"),
    Cue("what persons do", 1, "", rf",?\s(?i:{_DEED})\b"),
    Cue("a word that somebody follows", 1, rf"(?i)\b(?:{_FOLLOWED})[,:]?\s$"),
    Cue(
        "a credential",
        2,
        "",
        r",?\s(?:MD|DO|RN|NP|PA|PA-C|LPN|CNA|PT|OT|DPT|DPM|PharmD|RPh|LCSW|MSW|RD|RRT|PhD|M\.D|D\.O|R\.N)\b",
    ),
    Cue("somebody's relation", 3, "", rf"(?i)['\u2019]s\s(?:{KIN})\b"),
    Cue("a nickname's quotes, whose specimen is quoted", 1.5, r"[\"\u201c]$", r"[\"\u201d,]"),
    Cue("what persons do, behind brackets", 2, "", rf"\s\([^()\n]{{1,24}}\),?\s(?i:{_DEED})\b"),
    Cue("one of a family", 2, r"(?i)\b(?:children|kids|sons|daughters|siblings|family)\b[^.;\n]{0,30}$"),
    Cue("a name beside it", 0.5, r"\b(?:[A-Z][a-z]{2,}|[A-Z]{4,})[ -]$"),
    Cue("the beginning of a line", 1.5, r"(?:^|\n)\W{0,4}(?:\d{1,2}\W{1,3})?$"),
    Cue("the end of a text or a line", 1, "", r"[.\s]*(?:\n|$)"),
    Cue("alone in brackets", -1.5, r"\($", r"\)"),
    Cue("in brackets behind a value", -1, r"(?:\d|[+%]|\bneg|\bpos|\b[A-Z]{2,5}) \($", r"[ ,)]"),
    Cue("a value behind it", -2, "", rf"(?:['\u2019]s)?:?\s(?:{_VALUE})"),
    Cue("a single grade behind it", -1.5, "", r"\s[A-D](?=[,;)\n]|\.?(?:\s|$))"),
    Cue("a dose or a form", -3, "", rf"(?i)\s{_DOSE}"),
    Cue("no, without", -2, r"(?i)\b(?:no|not|neg|without|w/o|negative for|positive|absent|ruled out:?)\s$"),
    Cue(
        "in brackets behind it, what it tells",
        -1,
        "",
        r"\s?\((?:[A-Z][A-Z0-9-]{1,7}|[a-z][^()]{0,24}|\d{1,3}[a-z%.][^()]{0,12})\)",
    ),
    Cue("of a part of the body", -3, rf"(?i)\b(?:{_OF})s? of $"),
    Cue("a part, an instrument, a remedy", -3, "", rf"(?i)(?:['\u2019]s)?\s(?:{_PART})\b"),
    Cue(
        "a program that wrote it, in a version",
        -6,
        r"(?i)\b(?:generated|exported|powered) (?:by|with) $",
        r"(?i)\W{1,3}version(?: identifier)?:? (?:v?\d+\.\d|\[)",
    ),
)

KNOWN: tuple[tuple[int, float], ...] = (
    (lx.GIVEN_COMMON, 0.5),
    (lx.CITY, 0.5),
    (lx.EPONYM, -1.5),
    (lx.DRUG | lx.CLINICAL, -0.5),
    (lx.WORD_COMMON, -1),
)
LEAST = -1.5
_UNKNOWN, _ABBREVIATED, _JOINED_CASES, _TERM, _NAME = -0.5, -1.5, -3.0, -1.0, 1.0
_GIVEN_BEFORE = 2.0
_PROSE, _SHORTHAND = 0.2, -0.1  # a word of sentences around it, a mark of shorthand
_AROUND, _MOST_WORDS, _MOST_MARKS = 60, 6, 14
_BEFORE = 44
_WORD = r"[A-Z][a-z]{2,}(?:-[A-Z][a-z]+)?"
_NEIGHBOUR = re.compile(rf"\b({_WORD})(?:['\u2019]s)?(?:,| and| or|/|\s?&|;)\s?$")
_NEXT = re.compile(rf"(?:['\u2019]s)?(?:,| and| or|/|\s?&|;)\s?({_WORD})\b")
_GIVEN = re.compile(r"\b([^\W\d_]{3,})\s(?:[A-Z]\.?\s)?$")
_CASES = re.compile(r"(?!(?:Ma?c|De|La|Le|Di|Du|Van|Fitz|St|O['\u2019])[A-Z])\w*[a-z][A-Z]")
_VOWEL = re.compile(r"[aeiouy\u00e0-\u00ff]", re.IGNORECASE)
_OF_SENTENCES = re.compile(
    r"\b(?:the|an?|of|is|was|and|his|her|he|she|they|we|you|my|our|their|with|for|to|at|on|has|had|will|that|this|who|"
    r"from|by)\b",
    re.IGNORECASE,
)
_OF_SHORTHAND = re.compile(r"[;(+/=<>%\u2192]|\d\b|\b[A-Z]{2,5}\b")
_VALUED = re.compile(r"\s(?:\d{1,3}|[A-D])$")


@functools.cache
def _compiled() -> tuple[tuple[float, re.Pattern[str] | None, re.Pattern[str] | None], ...]:
    return tuple(
        (cue.weight, re.compile(cue.before) if cue.before else None, re.compile(cue.after) if cue.after else None)
        for cue in CUES
    )


def is_term(text: str, span: Span) -> bool:
    """Whether more speaks against a word's being somebody or a place than for it. Several words are never judged."""
    start, end = span.start, span.end
    valued = _VALUED.search(text, start, end)
    if valued is not None and " " not in text[start : valued.start()]:
        end = valued.start()  # `Esterman 92`: the value is no part of the word
    word = text[start:end]
    return not any(map(str.isspace, word)) and weight(text, start, end, span.score) < LEAST


def weight(text: str, start: int, end: int, score: float) -> float:
    """What speaks for a word's being somebody, less what speaks against it; in log-odds."""
    sure = min(max(score, 0.3), 0.995)
    before = text[max(0, start - _BEFORE) : start]
    total = math.log(sure / (1 - sure)) + _of_word(text, start, end)
    for worth, left, right in _compiled():
        if (left is None or left.search(before)) and (right is None or right.match(text, end)):
            total += worth
    total += _of_line(text, start, end) + _of_given(_GIVEN.search(before[-24:]))
    return total + _of_neighbour(_NEIGHBOUR.search(before[-40:])) + _of_neighbour(_NEXT.match(text, end))


def _of_word(text: str, start: int, end: int) -> float:
    """What the word itself says: what the lexicon knows of it, and how it is written."""
    word = text[start:end].removesuffix("'s").removesuffix("\u2019s")
    flags = lx.load().flags(word.casefold())
    total = sum(worth for flag, worth in KNOWN if flags & flag) + (0 if flags else _UNKNOWN)
    short = word.isupper() and max(map(len, word.split("-"))) < 6
    if (short and not line_around(text, start, end).isupper()) or not _VOWEL.search(word):
        total += _ABBREVIATED
    return total + (_JOINED_CASES if _CASES.match(word) else 0)


def _of_neighbour(found: re.Match[str] | None) -> float:
    """A word of the same list: a term speaks against, a name for."""
    if found is None:
        return 0
    flags = [lx.load().flags(part) for part in (found[1].casefold(), *found[1].casefold().split("-"))]
    if any(flag & (lx.EPONYM | lx.DRUG | lx.CLINICAL) and not flag & lx.GIVEN_COMMON for flag in flags):
        return _TERM
    return _NAME if flags[0] & lx.ANY_NAME and not flags[0] & lx.WORD else 0


def _of_given(found: re.Match[str] | None) -> float:
    """A common given name right before it."""
    return _GIVEN_BEFORE if found is not None and lx.load().flags(found[1].casefold()) & lx.GIVEN_COMMON else 0


def _of_line(text: str, start: int, end: int) -> float:
    """Persons are spoken of in sentences; between values and abbreviations stand terms."""
    left, right = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    near = text[max(left, start - _AROUND) : start] + text[end : min(right if right >= 0 else len(text), end + _AROUND)]
    words, marks = len(_OF_SENTENCES.findall(near)), len(_OF_SHORTHAND.findall(near))
    return _PROSE * min(words, _MOST_WORDS) + _SHORTHAND * min(marks, _MOST_MARKS)
