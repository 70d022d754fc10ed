"""Whether what the prose engine says can be: eponyms, abbreviations, codes and plain words are no people and places.

Only the engine's own spans are judged here; what a label, a title, a field or a known value says stands.
"""

from __future__ import annotations

import re

from .findings import Span
from .model import lexicon as lx

_DAY_WORD = re.compile(
    r"(?i)jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|christmas|thanksgiving|easter|"
    r"new year|halloween|day\b|eve\b|th\b|first|second|third"
)
_HEAD = re.compile(
    r"\s(?:sign|disease|syndrome|scale|score|criteria|classification|grade|stage|procedure|maneuver|manoeuvre|reflex|palsy|"
    r"catheter|drain|tube|clamp|forceps|retractor|bougie|needle|cyst|nodes?|nodules?|waves?|index|correction|survival|"
    r"regression|distribution|fracture|deformity|contracture|lymphoma|sarcoma|tumou?r|ulcer|esophagus|diverticulum|hernia|"
    r"ligament|tendon|gland|duct|bodies|stain|agar|equation|formula|phenomenon|pattern|respirations?|thyroiditis|"
    r"encephalopathy|dementia|chorea|ataxia|aphasia|gangrene|angina|incision|repair|fundoplication|resection|graft|stent|"
    r"pump|pacemaker|prosthesis|mesh|lamp|questionnaire|inventory|regimen|malformation|test|fever|virus|phase|effect)\b"
)
_CODE_SYSTEM = re.compile(
    r"(?i)(?:rxnorm|rxcui|loinc|snomed(?: ct)?|cpt|icd(?:-?\d\d?)?|ndc|cvx|hcpcs|drg|series|image)\W{1,3}$"
)
_TITLE = re.compile(r"(?i)\b(?:dr|mr|mrs|ms|miss|pt|patient|nurse)\.?\s$")
_CERTAIN = 0.95
_NAMED = lx.GIVEN_COMMON | lx.SURNAME_COMMON | lx.WORLD_NAME | lx.CITY | lx.GIVEN
_PLAIN = lx.WORD_COMMON | lx.CLINICAL | lx.DRUG


def plausible(text: str, span: Span) -> bool:
    """Whether `span` of `text`, proposed by the prose engine, may stand."""
    value = text[span.start : span.end]
    if span.kind == "date":
        return any(map(str.isdigit, value)) or _DAY_WORD.search(value) is not None
    if value.replace("-", "").isdigit():
        return _CODE_SYSTEM.search(text, max(0, span.start - 16), span.start) is None
    if span.kind not in ("name", "address") or any(map(str.isspace, value)):
        return True
    return not _is_eponym(text, span, value) and _is_named(text, span, value)


def _is_eponym(text: str, span: Span, value: str) -> bool:
    """`Osborn waves`, `Swan-Ganz`: before the noun an eponym goes with, or two eponyms joined."""
    if span.kind == "name" and _HEAD.match(text, span.end):
        return True
    parts = [lx.load().flags(part) for part in re.split(r"[-\u2013]", value.casefold()) if part]
    return len(parts) > 1 and all(flags & lx.EPONYM for flags in parts)


def _is_named(text: str, span: Span, value: str) -> bool:
    flags = lx.load().flags(value.casefold())
    if value.islower():
        lowered = text.islower()
        if span.kind == "address":
            return not flags & (lx.WORD | lx.CLINICAL | lx.DRUG) or bool(flags & lx.CITY)
        return lowered or not flags & lx.WORD or _TITLE.search(text, max(0, span.start - 9), span.start) is not None
    if value.isupper() and len(value) <= 4 and not _line(text, span).isupper():
        before = text[max(0, span.start - 6) : span.start].rstrip()
        return before.endswith((".", ",", ":")) or before[-2:].lower() in ("mr", "ms", "dr", "rs")
    return bool(flags & _NAMED) or not flags & _PLAIN or span.score >= _CERTAIN


def _line(text: str, span: Span) -> str:
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    return text[start : end if end >= 0 else len(text)]
