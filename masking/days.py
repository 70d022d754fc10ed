"""Whether a date or an age that the prose engine proposes can be one: no score, no share, no rank, no measure."""

from __future__ import annotations

import re

from .explained import happened, scored_before
from .findings import Span

_NO_DAY = re.compile(
    r"(?i)(?:of|to|in|the|at|from)?\s?\d{1,3}|\d+(?:-\d+)? to \d+|#?\d{1,2}-0|"
    r"(?:the )?(?:calendar )?year (?:19|20)\d\d|"
    r"(?:in |the )*(?:early|mid|late)[ -](?:19|20)?\d0'?s|\d\.\d{3}|(?:19|20)\d0'?s|(?:\d-){3}\d|"
    r"\d{1,3}-?(?:minute|hour|day)s?|"
    r"#?\d+(?:,\s?#?\d+)+|(?:friday|monday|tuesday|wednesday|thursday|saturday|sunday)",
    re.ASCII,
)
_FOLLOWS = (  # what may follow a bare day of the month; a noun may not
    r"(?:of|and|or|to|through|thru|until|till?|at|in|on|by|but|with|without|for|from|when|where|while|because|bc|cuz|since|if|so|"
    r"as|he|she|they|we|i|im|ill|ive|hes|shes|theyre|it|his|her|their|my|our|your|you|u|the|this|that|these|those|which|who|is|"
    r"was|were|will|would|has|had|have|can|cant|could|may|might|should|must|did|didnt|does|do|dont|due|per|after|afterwards|"
    r"before|between|around|about|no|not|nor|noon|patient|pt|am|pm|a|an|any|asap|please|pls|plz|thanks|thx|instead|also|then|via|"
    r"too|re|both|only|just|though|tho|unless|once|again|now|today|tonight|tomorrow|yesterday|onwards?|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day|here|there|early|late|"
    r"inst|ult|inclusive|yet|showed|shows|revealed|demonstrated|noted|found|reports?|reported|came|went|got|felt|called|said|"
    r"states|stated|began|started|stopped|presents|presented|dr|one (?:week|day|month|year|hour))"
)
_RANKED = re.compile(
    r"(?i)(?:\s?(?:,|and|or|to|through|-|&){1,3}\s?(?:the\s)?\d{1,2}(?:st|nd|rd|th)){0,8}[\s-](?!(?:"
    + _FOLLOWS
    + r"|(?:floor|street|"
    r"avenue|ave|st|followup|visit|appointment|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w{0,6})\b)[a-z]"
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


WHOLES = frozenset((1, 2, 3, 4, 5, 6, 8, 10, 12, 20))  # what scores, strengths and shares are out of
SHARES = frozenset(("1/2", "1/3", "2/3", "1/4", "3/4", "1/5", "1/8", "3/8", "5/8", "7/8", "1/10", "1/12"))
_FRACTIONS = re.compile(r"\d{1,2}/\d{1,2}\s?(?:-|to|through|thru)\s?\d{1,2}/\d{1,2}", re.ASCII)
_SHARED_OUT = re.compile(
    r"(?i)\s?(?:strength|cups?\b|tsp|tbsp|tab|inch|\"|full\b|(?:of )?the way\b|"
    r"of (?!(?:[a-z]+ )?month)(?:the |a |an |his |her |their )?[a-z]|on the [a-z]+ scale\b)"
)
_EATEN = re.compile(r"(?i)\b(?:ate|eats?|took|drank|ratio|i:e|filled)\s(?:about\s|only\s)?$")
_LEVELS = re.compile(
    r"(?i)\b(?:iddsi|textures?|diet|liquids?|fluids?|consistenc\w*|dysphagia|swallow\w*)\b[^.;\n]{0,24}\blevels?\s$"
)
_HIGHEST_LEVEL = 7


_PAIRS = frozenset(("15/5", "15/10", "16/8", "18/6", "20/4", "20/10", "24/7", "25/10"))  # settings, hours, strengths
_SET = re.compile(  # and what may stand between the word and its figures; `CPAP download 17/5` is a day
    r"(?i)\b(?:bi-?pap|cpap|niv|pressures?|bp|fasting|sinemet|levodopa|mix|humalog|novolog|settings?|ipap|pap|vision|ratio|"
    r"score|moca|mmse|slums|scored|peep|psv?|support|rate)"
    r"(?:[\s,:=(]{1,3}(?:is|was|of|at|on|to|from|and|with|now|then|set|up|via|mask|the|a|pressures?|settings?|nightly|overnight|"
    r"ipap|epap|s/?t|auto|cm|h2o|ratio|score|total|still|\d{1,2}/\d{1,2}|cr|er|ir|window|schedule|tabs?)){0,5}"
    r"[\s:=(]{1,3}$"
)


_SEEN = re.compile(
    r"(?i)\b(?:seen|admitted|discharged|born|died|dated|dob|appt|appointment|visit\w*|due|next|last|since|until|till|by|labs?|"
    r"clinic|review\w*|recheck\w*|repeat\w*|f/?u|follow-?up|(?:appt|group|clinic|visit|surgery|scan|labs|review|booked|due|"
    r"scheduled|seen|came|fell) on)\s$"
)


_ON = re.compile(r"(?i)\bon\s$")
_RUN_ON = re.compile(  # machines run on two pressures; `fasting on 22/4` and `BP on 17/3` are days
    r"(?i)\b(?:bi-?pap|cpap|niv|ipap|psv?|settings?|vent|ventilator|him|her|pt|patient)"
    r"(?: (?:is|was|now|still|set|kept|nightly|overnight|stayed|remains)){0,2} on\s$"
)


def are_settings(text: str, start: int, end: int, *, told: bool = False) -> bool:
    """Whether `n/m`, its first part over 12, is two pressures, the strength of two remedies or hours of fasting.

    Where the figures are `told` to be a day, only a word before them says that they are none.
    """
    if _SEEN.search(text, max(0, start - 20), start):
        return False
    if _ON.search(text, max(0, start - 4), start) and not _RUN_ON.search(text, max(0, start - 32), start):
        return False
    pair = text[start:end] == "24/7" if told else text[start:end] in _PAIRS
    return pair or _SET.search(text, max(0, start - 80), start) is not None


_NUMBERED_PARTS = re.compile(
    r"(?i)\b(?:policy|section|sec|version|ver|v|rev|release|guideline|chapter|clause|rule|item|art)\.?\s$"
)


_IN_A_YEAR = re.compile(r"\d{1,2}\.\d{1,2}\.(?:19|20)\d\d(?!\d)", re.ASCII)


def in_a_version(text: str, start: int) -> bool:
    """Whether a word before `start` says that a number with dots is a version's or a clause's; none ends in a year."""
    numbered = _NUMBERED_PARTS.search(text, max(0, start - 16), start) is not None
    return numbered and _IN_A_YEAR.match(text, start) is None


def are_scores(text: str, start: int, end: int, *, told: bool = False) -> bool:
    """Whether a range of two `n/m` is one of scores (`8/10 to 3/10`), levels (`IDDSI 5/2-4/2`) or shares.

    What is `told` to be days, and could be (`on leave 4/8 - 6/8`), is no range of scores of its own.
    """
    ends = re.findall(r"(\d{1,2})/(\d{1,2})", text[start:end])
    (month, day), (later, other) = ends[0], ends[1]
    if (day == other or month == later == "6") and scored_before(text, start, end):
        return True
    if max(map(int, (month, day, later, other))) <= _HIGHEST_LEVEL and _LEVELS.search(text, max(0, start - 60), start):
        return True
    if all("/".join(one) in SHARES for one in ends):
        return bool(_SHARED_OUT.match(text, end) or _EATEN.search(text, max(0, start - 8), start))
    whole = day == other and int(day) in WHOLES and month != later
    return whole and int(month) <= int(day) and int(later) <= int(day) and not (told and int(month) < int(later))


_GOES_ON = re.compile(
    r"(?i)\s?(?:[.,;:!?)\]\"'/@(&-]|$)|\s{1,2}\d|\s{1,2}of (?:(?:the|this|last|next|each|every) (?:\w+ )?month|jan|"
    r"feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\s{1,2}(?!of\b)" + _FOLLOWS + r"\b"
)
_RANKS = re.compile(
    r"(?i)\b(?:fingers?|toes?|digits?|rays?|metatars\w*|metacarp\w*|mtpj?s?|mcps?|[pd]ips?|ribs?|interspaces?|ics|intercostal|"
    r"nerves?|cn|floors?|percentiles?|%ile|centiles?|webspaces?|molars?|premolars?|teeth|tooth|vertebra\w*|ventricles?|"
    r"degree|grade|trimester|lives?|living|apt|apartment|street|avenue|corner|ranked|heart sounds?|hallux|phalan\w*|"
    r"knuckles?|inning)\b"
)
_OF_SEVERAL = re.compile(
    r"(?i)\sof\s(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|several|many|his|her|their|my|our|all|them|these|those)\b|"
    r"\sones?\b(?! (?:weeks?|days?|months?|hours?|years?|nights?|more)\b)"
)
_NEXT_NTH = re.compile(
    r"(?i)\s?(?:,|and|or|to|through|thru|until|till|-|&|/){1,2}\s?(?:the\s)?(?:\d{1,2}(?:st|nd|rd|th))\b"
)
_ARTICLE = re.compile(r"(?i)\bthe\s$")
_BEGINS_NTH = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)\b", re.IGNORECASE)


def is_bare_day(text: str, start: int, end: int) -> bool:
    """Whether an ordinal alone is a day of the month: no noun behind it, nothing nearby that is counted so."""
    number = re.search(r"\d+", text[start:end])
    if number is not None and not 1 <= int(number[0]) <= 31:
        return False
    at = end
    for _ in range(4):
        following = _NEXT_NTH.match(text, at)
        if following is None:
            break
        at = following.end()
    if not _GOES_ON.match(text, at) or _OF_SEVERAL.match(text, at):
        return False
    left = max(text.rfind(mark, max(0, start - 40), start) for mark in (". ", "; ", "\n\n"))
    left = max(left + 1, start - 40)
    if any(_RANKED.match(text, other.end()) for other in _BEGINS_NTH.finditer(text, left, start)):
        return False  # `since the 1st dose, and after the 2nd`
    return not (_RANKS.search(text, left, start) or _RANKS.search(text, at, at + 24))


def with_article(text: str, span: Span) -> Span:
    """A bare ordinal day with the article before it: `on the 7th` becomes `on [DATE]`."""
    if _BEGINS_NTH.match(text, span.start, span.end):
        article = _ARTICLE.search(text, max(0, span.start - 5), span.start)
        if article is not None:
            return span._replace(start=article.start())
    return span


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
    if value[-2:] in ("st", "nd", "rd", "th") and _is_rank(text, span.end):
        return False
    if _is_series(text, span, value):
        return False
    if not _FRACTION.fullmatch(value):
        return re.fullmatch(r"\d{1,2} \d{1,2}|[A-Za-z]{1,2}\d\w*|(?:last|past|next|first) \d+", value) is None
    if happened(text, span.start, span.end):
        return True
    if int(value.partition("/")[2]) in (4, 5, 6, 10) and value[0] != "0":  # strength, pulses, murmurs, pain
        if span.score < _HALF:
            return False
        before = text[max(0, span.start - 90) : span.start]
        if _GRADED.search(before) or _GRADED.search(text, span.end, span.end + 40):
            return False
    return not (_SCORED.search(text, max(0, span.start - 24), span.start) or _SHARED.match(text, span.end))


def _is_rank(text: str, end: int) -> bool:
    """Whether a noun that is counted stands behind an ordinal, or how many there are of it."""
    return any(shape.match(text, end) for shape in (_RANKED, _OF_SEVERAL, _NTH))


def _is_series(text: str, span: Span, value: str) -> bool:
    """`2-3 weeks`, `images 4-6`, a version, two pressures, a range of scores."""
    if _SPAN.fullmatch(value) and (
        _AMOUNTS.match(text, span.end) or _OF_IMAGES.search(text, max(0, span.start - 40), span.start)
    ):
        return True
    if value.replace(".", "").isdigit() and in_a_version(text, span.start):
        return True
    if _FRACTION.fullmatch(value):
        return int(value.partition("/")[0]) > 12 and are_settings(text, span.start, span.end, told=True)
    return _FRACTIONS.fullmatch(value) is not None and are_scores(text, span.start, span.end, told=True)


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
