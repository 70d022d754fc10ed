"""Whether a date or an age that the prose engine proposes can be one: no score, no share, no rank, no measure."""

from __future__ import annotations

import re

from .explained import happened
from .findings import Span

_NO_DAY = re.compile(
    r"(?i)(?:of|to|in|the|at|from)?\s?\d{1,3}|\d+(?:-\d+)? to \d+|#?\d{1,2}-0|"
    r"(?:the )?(?:calendar )?year (?:19|20)\d\d|"
    r"(?:in |the )*(?:early|mid|late)[ -](?:19|20)?\d0'?s|\d\.\d{3}|(?:19|20)\d0'?s|(?:\d-){3}\d|"
    r"\d{1,3}-?(?:minute|hour|day)s?|"
    r"#?\d+(?:,\s?#?\d+)+|(?:friday|monday|tuesday|wednesday|thursday|saturday|sunday)",
    re.ASCII,
)
_RANKED = re.compile(
    r"(?i)(?:\s?(?:,|and|or|to|through|-|&)+\s?(?:the\s)?\d{1,2}(?:st|nd|rd|th))*[\s-](?!(?:of|and|or|to|through|thru|at|in|on|by|but|"
    r"with|for|from|when|where|while|because|since|if|so|as|he|she|they|we|i|it|his|her|their|the|this|that|which|is|was|will|"
    r"would|has|had|have|due|per|after|before|until|between|around|about|no|not|patient|pt|am|pm|a|an|floor|street|avenue|ave|"
    r"st|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|followup|visit|appointment)\w{0,5}\b)[a-z]"
)
_SPAN = re.compile(r"#?\d{1,3}\s?(?:-|/|to)\s?\d{1,3}", re.ASCII)
_AMOUNTS = re.compile(
    r"(?i)[\s-](?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|mos?|years?|yrs?|times|cm|mm|ml|mls|cc|mg|"
    r"mcg|units?|kg|lbs?|pounds?|inch\w*|feet|ft|miles?|meters?|packs?|ppd|beers?|drinks?|cigarettes?|cigars?|glasses|cups?|"
    r"tablets?|tabs?|capsules?|pills?|puffs?|drops?|sprays?|percent|degrees?|watts?|joules?|volts?|hz|cycles?|beats?|bpm|"
    r"sessions?|visits?|episodes?|stools?|word|words|steps|stairs|blocks?|flights?|levels?|cells?|white|weeks|strength|scale|"
    r"motor|bilateral\w*|on the right|on the left|throughout|pillow)\b|%"
)
_OF_IMAGES = re.compile(
    r"(?i)(?:images?|series|teeth|tooth|numbers?|levels?|scale of|#|distance of|last|about|"
    r"approximately)\W{0,3}(?:\w+\s)?$"
)
_GRADED = re.compile(
    r"(?i)\b(?:strength|motor|flex\w*|exten\w*|abduct\w*|adduct\w*|dorsi\w*|plantar\w*|grip|deltoids?|biceps|triceps|quad\w*|"
    r"hamstring\w*|iliopsoas|muscles?|mmt|prox\w*|dist|pain|scale|rat(?:es?|ed|ing)|severity|worst|average|least|intensity|"
    r"gleason|cores?|power|weakness|reflex\w*|dtrs?|pulses?|murmur|acuity|vision|brachial|femoral|stress|score|apgars?|patellar?|"
    r"achilles|ankles?|rotation|systolic|ejection|bue|ble|rue|lue|rle|lle|orient\w*)\b"
)
_DAY_WORD = re.compile(
    r"(?i)jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|christmas|thanksgiving|easter|"
    r"new year|halloween|day\b|eve\b|th\b|first|second|third"
)
_WEEKDAYS = re.compile(
    r"(?i)(?:(?:and|or|on|to|through|thru|every|each|next|last|this|the)\b|[\s&,/+.-]|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?|s)?\b\.?)+"
)
_DECIMALS = re.compile(r"\d?\.\d+(?:/\d?\.\d+)+", re.ASCII)
_DECIMAL = re.compile(r"\d{1,3}\.\d{1,2}\.?", re.ASCII)
_VERSION = re.compile(r"\d{1,3}\.\d{1,2}\.\d", re.ASCII)
_LED = re.compile(r"(?i)\b(?:on|since|from|until|till|by|am|vom|bis|seit|den|der|le|du|au|il|el|del|al)\s$")
_COUNTED = re.compile(r"(?:the )?\d{1,2} of(?: \d{1,3})?|\d{1,3} [A-Za-z]{2,}|[A-Za-z]{2,} \d{1,3}", re.ASCII)
_LED_MONTH = re.compile(r"(?i)\b(?:in|since|of|this|last|early|late|until|till|by|from|through|thru|\d)\W{1,2}$")
_TOMOGRAPHY = re.compile(r"(?:OCT|MAR|DEC|SEP|JAN|MAY)(?: [A-Z]{2,4})?")  # an image, a record, a syndrome
_FRACTION = re.compile(r"\d{1,2}/\d{1,2}", re.ASCII)
_HALF = 0.5
_SCORED = re.compile(
    r"(?i)(?<!next )(?<!last )(?<!prior )(?<!repeat )"
    r"(?:scores?|scale|gcs|mmse|moca|phq(?:-?[29])?|gad(?:-?7)?|tinetti|berg|strength|motor|power|pain|apgars?|day|dose|"
    r"cycle|wk|week|visit|session|step|stage|rated|rates?|vision|va|os|od|reflex\w*|pulses|murmur|sensation|monofilament|"
    r"semmes|intensity|level|about|only|ate|took|smok\w+)\s?(?:is|was|of|at|a|now|to|[:=-])?\s?$"
)
_NTH = re.compile(
    r"(?i)\s(?:degree|deg|grade|line|toe|finger|digit|rib|metatarsal|metacarpal|cranial|year|time|dose|visit|"
    r"floor|trimester|yr|ed\b|edition)"
)
_SHARED = re.compile(
    r"(?i)\s?(?:strength|murmur|motor|ppd|pain|bottles|tablets?|tabs?|caps|pulses|reflex\w*|systolic|nodes?|lns?\b|cores|"
    r"monofilament|inch|miles?|weeks?|days|doses|sessions|points|would|in (?:all|both)|throughout|bilat\w*|b/l|effort)"
)
_MEASURED = re.compile(
    r"(?i)\b(?:fever|temp\w*|t ?max|sbp|dbp|hr|bp|map|pulse|sats?|spo2|o2|rr|wt|weight|glucose|fsbg|bg|bs|upright|rom|"
    r"flexion|"
    r"hob|ldl|hdl|a1c|egfr|gfr|tsh|cr|bun|na|wbc|plt|hgb|score|dose|level|iq|rate|flow|about|ef|bmi|ferritin|psa|cholesterol|"
    r"triglycerides|room|rm|bed|unit|flex|abd|ext|rot)\b\W{0,3}(?:of|to|was|is|at|now|up to|>|<)?\W{0,3}$"
)
_UNITS = re.compile(
    r"(?i)\s?(?:-?\s?(?:mm|cm|ml|mg|cc|kg|lbs?|pounds?|inch\w*|feet|ft|fr|french|bpm|beats|cycles|watts|joules|volts|units?|"
    r"milli\w+|micro\w+|percent|degrees?|systolic|diastolic|over|fever|calories|minutes|seconds|hours|days|miles|steps)\b|"
    r"[%\xb0/+]|(?:to|-|and|or)\s?\d)"
)
_LEVEL = re.compile(
    r"(?i)\b(?:temp\w*|fever\w*|febrile|pressures?|systolic|diastolic|bp|pulse|heart rate|rate|sats?|saturat\w+|oxygen|"
    r"sugars?|glucose|weigh\w*|weight|pounds|score|level|count|range|ranging|normal|hundred|measur\w+|degrees)\b"
)
_OF_YEARS = re.compile(
    r"(?i)\b(?:years?|yrs?|y/?o|y\.o|aged?|old|birthday|turn(?:s|ed|ing)?|lived|died|passed|\d{2,3} ?[mf])\b"
)


def is_day(text: str, span: Span, value: str) -> bool:
    """Digits or a day's word; not a score, a share or two numbers that only stand together."""
    if not any(map(str.isdigit, value)):
        if _WEEKDAYS.fullmatch(value) or (
            _TOMOGRAPHY.fullmatch(value) and not _LED_MONTH.search(text, max(0, span.start - 8), span.start)
        ):
            return False
        return _DAY_WORD.search(value) is not None
    if value[-1] == "0" and text[span.end : span.end + 2].strip("'\u2019")[:1] == "s":  # a decade
        return False
    if value.endswith(("/40", "/52")) or _is_amount(text, span, value):
        return False
    if value[-2:] in ("st", "nd", "rd", "th") and _RANKED.match(text, span.end):
        return False
    if _SPAN.fullmatch(value) and (
        _AMOUNTS.match(text, span.end) or _OF_IMAGES.search(text, max(0, span.start - 40), span.start)
    ):
        return False
    if not _FRACTION.fullmatch(value):
        return re.fullmatch(r"\d{1,2} \d{1,2}|[A-Za-z]{1,2}\d\w*|(?:last|past|next|first) \d+", value) is None and not (
            value[-2:] in ("st", "nd", "rd", "th") and _NTH.match(text, span.end)
        )
    if happened(text, span.start, span.end):
        return True
    if int(value.partition("/")[2]) in (4, 5, 6, 10) and value[0] != "0":  # strength, pulses, murmurs, pain
        if span.score < _HALF:
            return False
        before = text[max(0, span.start - 90) : span.start]
        if _GRADED.search(before) or _GRADED.search(text, span.end, span.end + 40):
            return False
    return not (_SCORED.search(text, max(0, span.start - 24), span.start) or _SHARED.match(text, span.end))


def _is_amount(text: str, span: Span, value: str) -> bool:
    """Decimals, versions, one of several, a psalm: digits that are written as no day is; `on` may lead a decimal."""
    if _DECIMAL.fullmatch(value):
        return not _LED.search(text, max(0, span.start - 8), span.start)
    counted = _COUNTED.fullmatch(value) is not None and not _DAY_WORD.search(value)
    return counted or any(shape.fullmatch(value) for shape in (_DECIMALS, _NO_DAY, _VERSION))


def is_age(text: str, span: Span) -> bool:
    """A number of years, not a measure: nothing that is measured before it, no unit and no range behind it."""
    if _MEASURED.search(text, max(0, span.start - 24), span.start) or _UNITS.match(text, span.end):
        return False
    around = text[max(0, span.start - 60) : span.end + 40]
    return _OF_YEARS.search(around) is not None or _LEVEL.search(text, max(0, span.start - 60), span.start) is None
