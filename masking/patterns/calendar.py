"""Dates in every spelling, and ages of 90 and over."""

from __future__ import annotations

from .pattern import SEP, Pattern
from .periods import DAYS, DD, MM, MONTH, PERIODS

_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_CLOCK = (
    r"(?:T\d{2}:?\d{2}(?::?\d{2}(?:\.\d{1,9})?)?\s?(?:Z\b|[+-]\d{2}:?\d{2}\b)?"
    r"|,?\s\d{1,2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:\s?(?:[ap]\.?m\.?\b|Z\b|[A-Z]{2,4}T\b|[+-]\d{2}:?\d{2}))?)?"
)

_HOLIDAYS = (
    r"Christmas(?: (?:Day|Eve))?|Thanksgiving(?: Day)?|New Year'?s(?: (?:Day|Eve))|Halloween|Independence Day|"
    r"Labou?r Day|Memorial Day|Valentine'?s Day|Easter(?: (?:Sunday|Monday|week(?:end)?))?|"
    r"(?:Mother|Father|President|Veteran|Patriot|April Fool|St\.? (?:Patrick|Andrew|George|David|Stephen|Nicholas)|"
    r"All (?:Saint|Soul)|Indigenous People)'?s'? Day|Juneteenth|Cinco de Mayo|Boxing Day|Good Friday|Ash Wednesday|"
    r"Palm Sunday|Maundy Thursday|Shrove Tuesday|Fat Tuesday|Black Friday|Cyber Monday|Super Bowl Sunday|"
    r"(?:MLK|Martin Luther King(?:,? Jr\.?)?|Columbus|Canada|Australia|Anzac|Victoria|Waitangi|Bastille|Groundhog|Flag|"
    r"Earth|Pentecost|Ascension|Republic|Guy Fawkes) Day|(?:Bonfire|Guy Fawkes|Burns) Night|Mardi Gras(?: day)?|"
    r"Candlemas|Rosh Hashanah?|Yom Kippur|(?:Ch|H)anukk?ah|"
    r"Purim|Kwanzaa|Diwali|Deepavali|(?-i:Eid)(?: al[- ](?:Fitr|Adha))?|"
    r"(?:Lunar|Chinese) New Year|(?:the )?Fourth of July"
)

CALENDAR: tuple[Pattern, ...] = (
    Pattern(
        "date iso",
        "date",
        r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}" + _CLOCK + r"\b",
        "2019-03-05T10:00:00Z",
        "date",
        score=0.95,
    ),
    Pattern(
        "date numeric",
        "date",
        r"(?i)" + r"\b" + _WEEKDAY + r"\d{1,2}([-/.])\d{1,2}[-/.](?:\d{4}|'?\d{2})" + _CLOCK + r"\b",
        "3/5/2019",
        "date_numeric",
        score=0.85,
    ),
    Pattern(
        "date misread",
        "date",
        r"\b[\dOIl]{1,2}[-/.][\dOIl]{1,2}[-/.](?:[12lI][\dOIl]{3}|[\dOIl]{2})\b",
        "O3/l8/l95l",
        "misread",
        score=0.6,
    ),
    Pattern(
        "date starred",
        "date",
        r"\b(?:0?[1-9]|[12]\d|3[01])\*(?:0?[1-9]|[12]\d|3[01])\*(?:19|2[01])\d\d\b",
        "03*18*1951",
        score=0.7,
    ),
    Pattern(
        "date roman",
        "date",
        r"(?i)\b(?:0?[1-9]|[12]\d|3[01])(?:[./-]\s?(?:I{1,3}|IV|VI{0,3}|IX|XI{0,2})[./-]\s?|\s(?:III|VI{1,3}|IX|XI{1,2})\s)"
        r"(?:1[89]|2[01])\d\d\b",
        "12.III.1948",
        score=0.8,
    ),
    *DAYS,
    Pattern(
        "date season",
        "date",
        r"(?i)\b(?:early |late |mid[- ])?(?:spring|summer|fall|autumn|winter) (?:of )?(?:19|2[01])\d\d\b",
        "spring of 2022",
        score=0.8,
    ),
    Pattern(
        "date series",
        "date",
        r"(?:[A-Z][\w-]{1,8}:?\s|->\s?)((?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])) "
        r"\d{1,5}(?:\.\d{1,3})?(?:\s?->|[,;.])",
        "CA-125 8/6 412 -> 9/3 88",
        score=0.75,
    ),
    Pattern(
        "date compact",
        "date",
        (
            r"\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:T?\d{4,6}(?:\.\d{1,6})?(?:Z|"
            r"[+-]\d{4})?)?\b"
        ),
        "20190305",
        "date",
        score=0.7,
    ),
    Pattern(
        "date month first",
        "date",
        r"(?i)\b"
        + _WEEKDAY
        + MONTH
        + r"\.?[ -]{1,2}(?:the )?\d{1,2}(?:st|nd|rd|th)?(?:\s?(?:-|to|and|through|thru|&)\s?(?:"
        + MONTH
        + r"\.?\s)?\d{1,2}(?:st|nd|rd|th)?)?(?:(?:,\s{0,2}|\s{1,2}|-)'?(?:\d{4}|\d{2}))?"
        + _CLOCK
        + r"\b",
        "March 5, 2019",
        "date_words",
        score=0.9,
    ),
    Pattern(
        "date day first",
        "date",
        r"(?i)\b"
        + _WEEKDAY
        + r"(?:the )?\d{1,2}(?:st|nd|rd|th)?(?:[- /.]| day of | of )"
        + MONTH
        + r"\.?(?:(?:,\s{0,2}|[- /.]{1,2})'?(?:\d{4}|\d{2}))?"
        + _CLOCK
        + r"\b",
        "5 March 2019",
        "date_words",
        score=0.9,
    ),
    *PERIODS,
    Pattern(
        "date month year",
        "date",
        r"(?i)\b(?:early |mid[- ]|late )?" + MONTH + r"\.?(?:,? (?:of )?|-|/|')(?:19|2[01])\d{2}\b",
        "March 2019",
        "date_words",
        score=0.85,
    ),
    Pattern(
        "date year first",
        "date",
        r"(?i)\b(?:19|2[01])\d{2}[- ,/]{1,2}" + MONTH + r"(?:[- ,/]{1,2}\d{1,2})?\b",
        "2019 March 5",
        "date_words",
        score=0.85,
    ),
    Pattern(
        "date number year",
        "date",
        r"\b(?:0?[1-9]|1[0-2])[/-](?:19|2[01])\d{2}\b|\b(?:19|2[01])\d{2}-(?:0[1-9]|1[0-2])\b|\b(?:0?[1-9]|1[0-2])/'\d\d\b",
        "03/2019",
        "alone",
        score=0.75,
    ),
    Pattern(
        "date month day",
        "date",
        (
            r"(?i)\b(?:on|since|from|until|till|til|through|thru|before|after|by|dated?|"
            r"d\.?o\.?[bsad]\.?|of|due|last|to|between|and|effective|seen|admitted|discharged|"
            r"starting|started|stopped|next|appt|appointment|week of|labs?|ct|mri|cxr|echo|ekg|"
            r"ecg|xr|us|lmp|edd|edc|rtc|f/?u|neg|pos|planning|mbss|nst|cultures?|bcx|ucx|or|pod|postop|surgery|"
            r"collected|drawn|notified|called|faxed|off|held|hold|stop|stopped|started|start|restart(?:ed)?|resumed?|finish(?:ed)?|completed?|"
            r"d/?c\'?d|dc|removed|placed|inserted|out|extubated|intubated|bm|expired|died|born|filled|refilled|"
            r"mailed|texted|emailed|paged|spoke|given|rec\'?d|received|changed|increased|decreased|begun|began|"
            r"ended|signed|dictated|week of|as of|x-?ray|bx|biopsy|egd|colonoscopy|cath|tte|tee|pet|hsg|"
            r"mammo\w*|eeg|psg|mva|mvc|doi|injury|accident|operates|reviewed|(?:next|last|prior|repeat|"
            r"recent) [a-z]{2,12}|[a-z]{3,12}(?:ectomy|otomy|ostomy|plasty|desis|scopy)|"
            r"done)[ :(]{1,2}((?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|[12]\d|3[01]))\b"
        ),
        "seen on 3/5",
        "month_day",
        score=0.7,
    ),
    Pattern(
        "date course end",
        "date",
        r"(?i)\b\d{1,3}\s?-?(?:d|days?|wks?|weeks?|mos?|months?)\s?(?:->|\xa4|until|till|thru|through|to|ending)\s?"
        rf"({MM}/{DD})\b",
        "x 90 d -> 8/19",
        "month_day",
        score=0.75,
    ),
    Pattern(
        "date weekday",
        "date",
        rf"(?i)\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s({MM}-{DD})"
        r"(?:\sat|\s?@)\s?(?:[012]\d[0-5]\d\b|\d{1,2}:\d\d|\d{1,2}\s?[ap]\.?m?\b)",
        "Tuesday 5-6 @ 0830",
        score=0.75,
    ),
    Pattern(
        "date event",
        "date",
        r"\b(?:EDD|DOS|DOI|DOA|DOD|LKW|LKN|CBC|BMP|CMP|PCP|AXR|KUB|CTA|MRA|MRCP|ERCP|DE?XA|PFTs?|EMG|TVUS|COVID ?\+|"
        r"(?:ED|ER|clinic|office) visit|[Ss]poke (?:w/|with) ?\w{2,12})[ :(]{1,2}"
        r"((?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))\b",
        "EDD 4/6",
        "month_day",
        score=0.7,
    ),
    Pattern(
        "date slash",
        "date",
        r"\b(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])\b",
        "TB neg 2/14",
        "date_slash",
        score=0.5,
    ),
    Pattern(
        "date line",
        "date",
        r"(?m)^\s{0,4}(?:[-*] )?((?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))\s?[:)-]",
        "3/5: afebrile",
        "month_day",
        score=0.7,
    ),
    Pattern(
        "date short year",
        "date",
        r"(?i)\b(?:in|since|until|till|thru|through|from|of|by|late|early|mid|around|circa|after|before|"
        r"between|and|to)[ -]"
        r"((?:0?[1-9]|1[0-2])/(?:3[2-9]|[4-9]\d|0\d))(?:[\s.,;:)?!]|$)",
        "worse since 9/93",
        "month_year",
        score=0.7,
    ),
    Pattern(
        "date range",
        "date",
        (
            r"\b(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])\s?(?:-|to|through|thru)\s?(?:0?[1-9]|"
            r"1[0-2])/(?:0?[1-9]|[12]\d|3[01])(?:/(?:\d{4}|\d{2}))?\b"
        ),
        "3/5-3/9",
        "date_range",
        score=0.75,
    ),
    Pattern(
        "date label",
        "date",
        r"(?i)\b(?:d\.?o\.?b\.?|birth[ _]?dates?|date[ _]of[ _](?:birth|service|admission|"
        r"discharge|death|visit|procedure|surgery|exam(?:ination)?|injury|consult(?:ation)?|"
        r"encounter|report|onset|diagnosis)|born(?: on)?|admit(?:ted|[ _]date)?|"
        r"admission[ _]?date|discharge[ _]?date|expir(?:y|es|ation)(?:[ _]date)?|visit[ _]?date|"
        r"service[ _]?date|dos|dod|doa|dod|date)"
        + SEP
        + r"(\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{6,8}|\d{1,2}[/-]\d{2,4})\b",
        "DOB 03 05 61",
        labelled=True,
        score=0.95,
    ),
    Pattern(
        "holiday",
        "date",
        rf"(?i)\b(?:{_HOLIDAYS})(?:,? (?:of )?(?:19|2[01])\d\d)?\b",
        "Thanksgiving",
        "holiday",
        score=0.6,
    ),
    Pattern(
        "age digits",
        "age",
        (
            r"(?i)\b((?:9\d|1[0-4]\d)(?:\s?-?\s?(?:years?|yrs?|y/?o[mf]?|yo[mf]?|y\.o\.|y-o|y\b|"
            r"year-old)?(?:[ -](?:old|young))?)?)"
        ),
        "93-year-old",
        "age_context",
        score=0.8,
    ),
    Pattern(
        "age label",
        "age",
        (
            r"(?i)\b(?:aged?|age[ _]at[ _][a-z]{3,12}|turn(?:ed|ing|s))(?:\s{0,2}(?:[:=(]|is|was|"
            r"of)){0,2}\s{0,2}(9\d|1[0-4]\d)\b"
        ),
        "Age: 93",
        labelled=True,
        score=0.9,
    ),
    Pattern(
        "age titled",
        "age",
        r"\b(?:Mr|Mrs|Ms|Miss)\.? [A-Z][\w'-]{1,20}(?: [A-Z][\w'-]{1,20})?,? \(?(9\d|1[01]\d)[,)]",
        "Mrs Villalobos, 96, lives alone",
        score=0.8,
    ),
    Pattern(
        "age ordinal",
        "age",
        r"(?i)\b((?:9\d|1[01]\d)(?:th|st|nd|rd)|ninet(?:ieth|y-(?:first|second|third|fourth|fifth|sixth|seventh|eighth|"
        r"ninth))|(?:one )?hundredth)\b",
        "before my 95th in the autumn",
        "age_ordinal",
        score=0.7,
    ),
    Pattern(
        "age decade",
        "age",
        r"(?i)\b(?:in|into|reached|of) (?:his|her|their|my) (?:early |mid[- ]?|late )?((?:90'?s|nineties|hundreds)\b)"
        r"|\b(?:(?:super)?centenarian|nonagenarian)s?\b",
        "a nonagenarian",
        score=0.8,
    ),
    Pattern(
        "age said",
        "age",
        r"(?i)\b(?:he|she|they|who|patient|pt|mother|father|mom|mum|dad|wife|husband|spouse|aunt|uncle|sister|brother|"
        r"grand\w+|gma|gpa|neighbor|friend|[A-Z]\w+'s)(?:'s| is| was| will be| would be| turned| turns|"
        r" turning| just turned|, now| now|"
        r" is now| lived to(?: be)?| died at(?: age)?| d\.(?: at)?| alive at| passed(?: away)? at| living at)"
        r"(?: about| nearly| almost| now| already| aged?)? (9\d|1[01]\d|ninety(?:[- ]\w{3,5})?)\b",
        "she will be 92 in the spring",
        "age_said",
        score=0.8,
    ),
    Pattern(
        "age of kin",
        "age",
        r"\b(?i:wife|husband|spouse|mother|father|mom|mum|dad|sister|brother|aunt|uncle|grandm\w+|grandf\w+|"
        r"gma|gpa|neighbor|"
        r"friend|partner|caregiver)(?: [A-Z][\w'-]{1,20}){0,3},? ?\(?(?i:age |aged )?(9\d|1[01]\d)(?:[),;.]|"
        r"\s(?:with|w/|has|who|and|lives|in|alive|healthy|well|deceased|dec|yo)\b)",
        "wife Ottoline (91)",
        "age_said",
        score=0.8,
    ),
    Pattern(
        "age reached",
        "age",
        r"(?i)\b(?:died|passed(?: away)?|deceased|d\.|lived|alive|living|well|until|expired|turn(?:s|ed|ing)?)"
        r"(?: \w{2,12})?(?: at(?: age)?| to(?: be)?| aged?| age) (9\d|1[01]\d)\b",
        "father died at 97",
        "age_said",
        score=0.8,
    ),
    Pattern(
        "age words",
        "age",
        (
            r"(?i)\b(?:ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|"
            r"one hundred(?:(?: and)?[- ](?:one|two|three|four|five|six|seven|eight|nine|"
            r"ten))?)[- ](?:years?|yrs?)(?:[- ](?:olds?|young|of age))?\b"
        ),
        "ninety-three-year-old",
        score=0.85,
    ),
)
