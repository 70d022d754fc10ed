"""Days as other countries and other hands write them, bare days of a month, and ranges of days and months."""

from __future__ import annotations

from .pattern import Pattern

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_MONTH_ABROAD = (  # German, French, Spanish, Italian, Dutch, Portuguese; a letter with an accent is any character
    r"(?:janu?ar|j.nner|februar|m.rz|mai|juni|juli|oktober|dezember|janvier|f.vrier|mars|avril|juin|juillet|ao.t|"
    r"septembre|octobre|novembre|d.cembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|"
    r"diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|januari|februari|maart|mei|augustus|"
    r"janeiro|fevereiro|mar.o|maio|junho|julho|setembro|outubro|novembro|dezembro|april|august|september|november)"
)
_TO = r"\s?(?:-|->|to|through|thru|until|till)\s?"
DD, MM = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEARS = r"(?:19|2[01])\d\d"  # and years to come: research moves its notes a century on
_NTH = r"\d{1,2}(?:st|nd|rd|th)"
_SPELT_NTH = (
    r"(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth|"
    r"(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
)

DAYS: tuple[Pattern, ...] = (
    Pattern(
        "date apart",
        "date",
        rf"\b(?:{DD} ?\. ?{MM} ?\. ?{_YEARS}|{DD}\.\s{{1,2}}{MM}\.\s{{1,2}}{_YEARS}|"
        rf"{DD} / ?{MM} / ?{_YEARS}|{MM} / ?{DD} / ?{_YEARS})\b",
        "3. 4. 2025",
        "date_apart",
        score=0.85,
    ),
    Pattern(
        "date apart year first",
        "date",
        rf"\b{_YEARS}\.\s(?:{MM}\.\s{DD}\.|(?:0[1-9]|1[0-2])\.\s(?:0[1-9]|[12]\d|3[01])\b)",
        "2025. 4. 3.",
        score=0.8,
    ),
    Pattern(
        "date dotted range",
        "date",
        rf"\b{DD}\.\s?(?:{MM}\.)?\s?-\s?{DD}\.\s?{MM}\.(?:\s?(?:{_YEARS}|\d\d)\b)?",
        "12.-19.3.2024",
        "date_apart",
        score=0.85,
    ),
    Pattern(
        "date dotted",
        "date",
        r"(?i)\b(?:on|from|to|until|till|since|dated?|as of|seen|admi(?:tted|ssion)|discharged?|operat(?:ed|ion)|"
        r"surgery|appointment|appt|born|last|due|scan|mri|ct|x-?ray|removed|out|received|clinic|review(?:ed)?)"
        rf"(?: on| of)?(?: the)?[ :(]{{1,2}}({DD}\.\s?{MM}\.)",
        "seen on 3. 4. in the ward",
        "date_dotted",
        score=0.75,
    ),
    Pattern(
        "date clock",
        "date",
        r"\b((?:0[1-9]|[12]\d|3[01])[.-](?:0[1-9]|1[0-2])\.?),?\s(?:at\s|@\s?)?(?:[01]?\d|2[0-3])"
        r"(?::[0-5]\d|[.:]?[0-5]\d\s?(?:h|hrs?|Uhr|uhr)\b)",
        "called, 10.04 17:55",
        "date_clock",
        score=0.75,
    ),
    Pattern(
        "date behind clock",
        "date",
        r"(?m)^\s{0,4}(?:[01]\d|2[0-3]):[0-5]\d\s?h?,?\s((?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.?)\s?[:,;-]",
        "17:55 10.04: read back",
        "date_clock",
        score=0.7,
    ),
    Pattern(
        "date day month",
        "date",
        r"(?i)\b(?:on|since|until|till|dated?|(?:week|wk) of|seen|reviewed|admitted|discharged|due|next|"
        r"last|repeat|bloods|labs|clinic|opened|"
        r"transferred|removed|placed|started|stopped|appt|appointment|visit|scan|cxr|ct|mri|echo|born|died|fell)"
        rf"(?: [a-z&/+]{{1,9}})?[ :(]{{1,2}}((?:1[3-9]|2\d|3[01])/{MM})\b",
        "seen 23/11 on the ward",
        "date_day_month",
        score=0.7,
    ),
    Pattern(
        "date ordinal",
        "date",
        r"(?i)\b(?:on|until|till|til|by|since|before|after|due|from|for|seen|between|back|starting|through|thru|appt|appointment|"
        r"(?:morning|evening|afternoon|night|day|week|as) of|set for|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
        rf"\s(the\s(?:{_NTH}|{_SPELT_NTH}))\b",
        "seen on the 7th.",
        "date_ordinal",
        score=0.7,
    ),
    Pattern(
        "date ordinal next",
        "date",
        rf"(?i)\bthe\s{_NTH}\s?(?:to|through|thru|until|till|and|or|-)\s?(the\s{_NTH})\b",
        "from the 2nd to the 5th",
        "date_ordinal",
        score=0.7,
    ),
    Pattern(
        "date ordinal of month",
        "date",
        rf"(?i)\b(the\s(?:{_SPELT_NTH}|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth))"
        r"\sof (?:this|next|last|the|each|every) month\b",
        "on the first of the month",
        score=0.75,
    ),
    Pattern(
        "date ordinal works",
        "date",
        rf"(?i)\b(the\s{_NTH})\s(?:works?\b|"
        r"(?:is|was|looks|would be) (?:fine|good|ok|okay|better|best|full|open|booked|taken)\b|"
        r"of (?:this|next|last|the|each|every) month\b)",
        "the 6th works for me",
        score=0.75,
    ),
)

PERIODS: tuple[Pattern, ...] = (
    Pattern(
        "date days first",
        "date",
        rf"(?i)\b(?:the )?{_DAY}(?:\s?(?:-|to|and|&|through|thru|until)\s?(?:the )?|, (?:and )?){_DAY}"
        r"(?: | day of | of )" + MONTH + r"\b\.?(?:(?:,\s{0,2}|\s)'?(?:\d{4}|\d{2})\b)?",
        "14 to 19 March",
        "date_words",
        score=0.9,
    ),
    Pattern(
        "date days of a month",
        "date",
        r"(?i)\b" + MONTH + rf"\.? {_DAY}(?:, {_DAY}){{1,4}},? (?:and|&) {_DAY}\b",
        "March 3, 5 and 9",
        "date_words",
        score=0.9,
    ),
    Pattern(
        "date months",
        "date",
        r"(?i)\b"
        + MONTH
        + r"\.?(?:[ /]?'?(?:(?:19|2[01])\d\d|\d\d))?(?:"
        + _TO
        + r"|\s?[/&]\s?|\sand\s)"
        + MONTH
        + r"\.?,?[ /]?(?:(?:19|2[01])\d\d|'\d\d)\b",
        "Mar-Jun 2024",
        "date_words",
        score=0.85,
    ),
    Pattern(
        "date abroad",
        "date",
        r"(?i)\b(?:\d{1,2}\.?\s?-\s?)?(?:0?[1-9]|[12]\d|3[01])(?:er|\.|\xba)?\s(?:de |di )?"
        + _MONTH_ABROAD
        + rf"\.?,?(?: de| del)? {_YEARS}\b",
        "14 de marzo de 2024",
        score=0.85,
    ),
    Pattern(
        "date joined",
        "date",
        r"\b(?:0?[1-9]|[12]\d|3[01])(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(?:\d{4}|\d{2})\b",
        "14MAR24",
        "alone",
        score=0.8,
    ),
    Pattern(
        "date months and years",
        "date",
        rf"(?i)\b{MM}/{_YEARS}{_TO}{MM}/{_YEARS}\b",
        "5/2021-8/2022",
        score=0.85,
    ),
    Pattern(
        "date month to now",
        "date",
        rf"(?i)\b({MM}/{_YEARS})\s?-\s?(?:present|now|current|ongoing|today|date)\b",
        "5/2021-present",
        score=0.8,
    ),
    Pattern(
        "date quarter",
        "date",
        rf"\bQ[1-4][ /-]?(?:of )?{_YEARS}\b",
        "Q3 2022",
        "date_quarter",
        score=0.7,
    ),
)
