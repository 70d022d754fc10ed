"""Checks on a pattern's hit: each trims it, lowers its score, or drops it when it is plainly something else.

A labelled number is never dropped for failing a checksum. Input: the canonical text and the value's offsets; output:
new offsets and a factor for the score, or None.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from . import dates
from .model import lexicon as lx
from .wordset import word_set


class Trimmed(NamedTuple):
    """What is left of a hit: offsets and the factor for its score."""

    start: int
    end: int
    factor: float = 1.0


Check = Callable[[str, int, int], Trimmed | None]

_PUBLIC_HOSTS = re.compile(
    r"(?i)(?:^|\.)(?:hl7\.org|loinc\.org|snomed\.info|unitsofmeasure\.org|w3\.org|ihe\.net|"
    r"nema\.org|who\.int|nucc\.org|"
    r"ama-assn\.org|nlm\.nih\.gov|cms\.gov|cdc\.gov|fda\.gov|ietf\.org|iso\.org|bioontology\.org|hl7\.eu|schema\.org|"
    r"json-schema\.org|smarthealthit\.org|fhir\.org|bluebutton\.cms\.gov|synthetichealth\.github\.io|ncpdp\.org|"
    r"x12\.org|ohdsi\.org|purl\.org|oasis-open\.org|openehr\.org|dicomstandard\.org|mathml\.org|xmlsoap\.org)$"
)
_LABEL_WORDS = word_set("""
    dob mrn age sex gender date time phone tel fax email address ssn id no number room bed unit ward location
    admit admitted discharge discharged attending provider physician service department dept account acct visit
    status race language insurance patient name pt dx diagnosis reason chief complaint born birth allergies
    weight height mr title role relationship relation contact home cell work mobile signed dictated transcribed
    referring pcp npi dea license occupation married single
""")
_NOT_NAMES = word_set("""
    unknown none n/a na nil null not no yes male female unspecified unavailable pending see as above below same
    other self patient mother father spouse wife husband daughter son brother sister parent parents family
    friend here today ms mr mrs dr miss prof and or the this that these with in on at by for from to of is was
    he she they his her their it we you i my our your who which has had have will would should could may can did
    does do be been being are were a an alert well if when while during after before please note seen per via re
    cc
""")
_CREDENTIALS = word_set("""
    md do rn np pa pac phd psyd dds dmd dpm dvm pharmd rph lpn lvn cna crna cnm aprn arnp fnp dnp bsn msn lcsw
    licsw lmsw msw lmft lpc pt dpt ot otr slp rd rdn rrt rt mbbs mrcp frcp frcs facc facs facp mph esq emt jr sr
    ii iii iv mba ms bs
""")
_PARTICLES = word_set("""
    de del della la le van von der den di da dos du bin ibn al el ter ten y e st o' mc mac
""")
_CREDENTIAL = re.compile(
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-?C)?|Ph\.?D|Psy\.?D|D\.?D\.?S|D\.?M\.?D|D\.?P\.?M|"
    r"D\.?V\.?M|Pharm\.?D|R\.?Ph|LPN|LVN|"
    r"CNA|CRNA|CNM|APRN|ARNP|FNP|DNP|BSN|MSN|LCSW|LICSW|LMSW|MSW|LMFT|LPC|DPT|OTR|SLP|RDN?|"
    r"RRT|MBBS|MRCP|F[RA]C[A-Z]{1,2}|MPH|"
    r"M\.?S|B\.?S|Esq|EMT)(?:-[A-Z]{1,3})?\b\.?(?![a-z])"
)
_SKIPPED_TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "prof", "rev", "sir"})
_NAME_TOKEN = re.compile(r"[^\W\d_][\w'`\u2019-]*\.?|,|\S")
_DIGIT = re.compile(r"\d")


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def luhn_valid(digits: str) -> bool:
    """ISO/IEC 7812-1 check digit."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char)
        total += value if index % 2 == 0 else (value * 2 - 9 if value > 4 else value * 2)
    return total % 10 == 0


def alone(text: str, start: int, end: int) -> Trimmed | None:
    """Not a part of a longer number, code or version."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if (before in "-./_" and start > 1 and text[start - 2].isalnum()) or before.isalnum():
        return None
    if after in "-./_" and end + 1 < len(text) and text[end + 1].isalnum() and not text[end + 1].isupper():
        return None
    return Trimmed(start, end)


def whole_number(text: str, start: int, end: int) -> Trimmed | None:
    """Not a stretch of a longer number; a path, a file name or a word around it makes it no less an identifier."""
    before = re.search(r"\d[-.]?$", text[max(0, start - 2) : start])
    after = re.match(r"[-.]?\d", text[end : end + 2])
    return None if before or after else Trimmed(start, end)


def has_digit(text: str, start: int, end: int) -> Trimmed | None:
    """A code must hold a digit; a word after a label is no code."""
    value = text[start:end]
    trimmed = value.rstrip("-./_")
    return Trimmed(start, start + len(trimmed)) if _DIGIT.search(value) and len(trimmed) > 1 else None


def phone_length(text: str, start: int, end: int) -> Trimmed | None:
    return Trimmed(start, end) if 8 <= len(_digits(text[start:end])) <= 15 else None


def phone_label(text: str, start: int, end: int) -> Trimmed | None:
    """After a label: seven to fifteen digits, cut before a second number."""
    value = text[start:end].rstrip(" -./(")
    count = len(_digits(re.split(r"(?i)\s*(?:x|ext)", value)[0]))
    if count > 15 or re.match(r"\d+(?:\.\d+){4}", value):
        return None
    return Trimmed(start, start + len(value)) if count >= 7 else None


def ipv4(text: str, start: int, end: int) -> Trimmed | None:
    numbers = re.split(r"[./:]", text[start:end])[:4]
    if any(int(number) > 255 for number in numbers) or (start and text[start - 1] in ".-"):
        return None
    return None if end < len(text) - 1 and text[end] == "." and text[end + 1].isdigit() else Trimmed(start, end)


def ipv6(text: str, start: int, end: int) -> Trimmed | None:
    """At least two colons, and either `::`, a hex letter or eight groups: `10:30:45` is a time of day."""
    value = text[start:end]
    groups = [group for group in value.split("/")[0].split(":") if group]
    if start and (text[start - 1].isalnum() or text[start - 1] == ":"):
        return None
    if value.count(":") < 2 or ("::" not in value and len(groups) != 8) or len(groups) < 2:
        return None
    return Trimmed(start, end) if re.search(r"[a-fA-F]|\d{3}", value) else None


def public_url(text: str, start: int, end: int) -> Trimmed | None:
    """Addresses of public terminologies and standards say nothing about anybody."""
    value = text[start:end].rstrip(".,;:!?)'\"")
    host = re.split(r"[/?#]", value.split("://", 1)[-1], maxsplit=1)[0].rsplit("@", 1)[-1].split(":")[0]
    return None if _PUBLIC_HOSTS.search(host) and "?" not in value else Trimmed(start, start + len(value))


def bare_url(text: str, start: int, end: int) -> Trimmed | None:
    if start and (text[start - 1] in "@/.-_" or text[start - 1].isalnum()):
        return None
    value = text[start:end]
    if not re.search(r"[A-Za-z]", value.split("/")[0].rsplit(".", 1)[0]) or (end < len(text) and text[end] in "(@"):
        return None
    return public_url(text, start, end)


def spelled_email(text: str, start: int, end: int) -> Trimmed | None:
    """`name at place dot org`; a plain `at work.me` needs the spelled dot or a bracket."""
    value = text[start:end].lower()
    return Trimmed(start, end) if re.search(r"[(\[{<]|\sdot\s", value) else None


def iban(text: str, start: int, end: int) -> Trimmed | None:
    """ISO 13616: mod 97 is 1. Trailing groups are dropped until it is."""
    value = text[start:end]
    while len(value.replace(" ", "")) >= 15:
        compact = value.replace(" ", "")
        moved = compact[4:] + compact[:4]
        if int("".join(str(int(char, 36)) for char in moved)) % 97 == 1:
            return Trimmed(start, start + len(value))
        value = value[: value.rstrip().rfind(" ")].rstrip() if " " in value else ""
    return None


_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(text: str, start: int, end: int) -> Trimmed | None:
    """49 CFR 565.15 check digit; without it the number needs letters and digits mixed and scores lower."""
    value = text[start:end]
    if value.isdigit() or value.isalpha():
        return None
    total = sum(
        weight * (int(c) if c.isdigit() else _VIN_VALUES[c]) for weight, c in zip(_VIN_WEIGHTS, value, strict=True)
    )
    return Trimmed(start, end, 1.0 if "0123456789X"[total % 11] == value[8] else 0.7)


def dea(text: str, start: int, end: int) -> Trimmed | None:
    """21 CFR 1301: (d1+d3+d5) + 2(d2+d4+d6) ends in d7."""
    d = [int(char) for char in text[start + 2 : end]]
    return Trimmed(start, end) if (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6] else None


def nhs(text: str, start: int, end: int) -> Trimmed | None:
    """The NHS number's modulus 11."""
    d = [int(char) for char in _digits(text[start:end])]
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), d, strict=False)) % 11
    return alone(text, start, end) if check % 11 == d[9] else None


def luhn(text: str, start: int, end: int) -> Trimmed | None:
    return alone(text, start, end) if luhn_valid(_digits(text[start:end])) else None


def card(text: str, start: int, end: int) -> Trimmed | None:
    digits = _digits(text[start:end])
    if (
        (digits[0] not in "23456" and digits[:4] not in ("1800", "2131"))
        or not luhn_valid(digits)
        or len(set(digits)) < 3
    ):
        return None
    return alone(text, start, end)


def card_label(text: str, start: int, end: int) -> Trimmed | None:
    return Trimmed(start, end) if 3 <= len(_digits(text[start:end])) <= 19 else None


def mixed_hex(text: str, start: int, end: int) -> Trimmed | None:
    value = text[start:end]
    return None if value.isalpha() or len(set(value)) < 8 else Trimmed(start, end)


def code_number(text: str, start: int, end: int) -> Trimmed | None:
    """A letter-and-number code that is no vaccine, virus, isotope, grade or standard."""
    value = text[start:end]
    letters = re.match(r"[A-Z]*", value)
    prefix = letters[0] if letters else ""
    if prefix in (
        "COVID",
        "SARS",
        "CA",
        "CD",
        "HLA",
        "IL",
        "ICD",
        "CPT",
        "LOINC",
        "ISO",
        "RFC",
        "HCPCS",
        "DSM",
        "TYPE",
        "USP",
        "FDA",
        "NCT",
        "NDA",
        "ANDA",
        "BLA",
        "NDC",
        "PMID",
        "DOI",
        "ASTM",
        "HL",
    ):
        return None
    if start and text[start - 1] in "-/.:_":
        return None
    return alone(text, start, end)


def long_number(text: str, start: int, end: int) -> Trimmed | None:
    return alone(text, start, end)


def date(text: str, start: int, end: int) -> Trimmed | None:
    """A calendar date; a plausible one only when it stands as digits alone."""
    value = text[start:end]
    head = re.match(r"\d{4}[-/.]?\d{1,2}[-/.]?\d{1,2}", value)
    return Trimmed(start, end) if head and dates.parse(head[0]) and (not start or text[start - 1] not in "-.") else None


def date_numeric(text: str, start: int, end: int) -> Trimmed | None:
    """Day and month in range, one separator throughout."""
    value = text[start:end]
    head = re.search(r"(\d{1,2})([-/.])(\d{1,2})([-/.])'?(\d{2,4})", value)
    if head is None or head[2] != head[4] or (start and (text[start - 1] in "-/.")):
        return None
    first, second = int(head[1]), int(head[3])
    if not (1 <= min(first, second) <= 12 and 1 <= max(first, second) <= 31):
        return None
    if head[2] == "." and len(head[5]) == 2 and start and text[start - 1].isalpha():
        return None
    return Trimmed(start, end)


def date_words(text: str, start: int, end: int) -> Trimmed | None:
    """`may 2` is a verb and a number unless it is capitalised or has a year."""
    value = text[start:end]
    if re.search(r"\bmay\b|\bmar\b|\bdec\b|\bmarch\b", value) and not re.search(r"\d{4}|(?:st|nd|rd|th)\b|\d-", value):
        return None
    numbers = [int(number) for number in re.findall(r"(?<![\d:.])\d{1,2}(?![\d:])", value)]
    return Trimmed(start, end) if not numbers or min(numbers) <= 31 else None


def month_day(text: str, start: int, end: int) -> Trimmed | None:
    """Not a fraction, a strength, a murmur or a score."""
    after = text[end : end + 24].lower()
    if re.match(
        r"\s*(?:/\d|strength|murmur|motor|tablet|tab\b|cup|inch|mile|dose|of (?:the|a)|systolic|"
        r"diastolic|pain|in all|bilat|pulses|reflex|scale|mg|ml|%)",
        after,
    ):
        return None
    return Trimmed(start, end)


def age_context(text: str, start: int, end: int) -> Trimmed | None:
    """90 and over, said to be years."""
    value = text[start:end].lower()
    if re.search(r"[a-z]", value):
        return alone(text, start, end) if not re.search(r"\d$", value) else None
    after = text[end : end + 16].lower()
    return (
        Trimmed(start, end)
        if re.match(r"\s?-?\s?(?:[mf]\b|(?:wm|wf|bm|bf|male|female)\b|years? of age)", after)
        else None
    )


_UNITS = word_set("""
    mg mcg ml units unit tablets tab tabs puffs day days week weeks wk wks month months mo mos hours hour hrs hr
    year years yr yrs yo y am pm pt pts the and or in to of on at x min mins g kg cm mm patients times percent
    lb lbs beats bpm drops
""")


def street(text: str, start: int, end: int) -> Trimmed | None:
    """A house number, words that begin with a capital (or all lower case after an address label), a street word."""
    value = text[start:end]
    number = re.match(r"\d+[A-Za-z]?(?:-\d+)?,?\s+", value)
    if number is None:
        return None
    words = re.findall(r"[A-Za-z][A-Za-z'.-]*", value[number.end() :])
    if not words or (words[0].islower() and not (value.islower() and len(words) > 1)):
        return None
    lexicon = lx.load()
    first = lexicon.flags(words[0].strip(".'").lower())
    if words[0].lower().strip(".") in _UNITS:
        return None
    if value.islower() and first & lx.WORD_COMMON and not first & lx.CITY:
        return None
    return Trimmed(start, end)


def place(text: str, start: int, end: int) -> Trimmed | None:
    """`Word, ST`: the word is a place or at least no clinical word or person's credential."""
    lexicon = lx.load()
    words = [word.lower().strip(".") for word in text[start:end].split()]
    flags = [lexicon.flags(word) for word in words]
    if flags[-1] & lx.CITY or lexicon.flags(" ".join(words)) & lx.CITY:
        return Trimmed(start, end)
    return None if flags[-1] & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG | lx.GIVEN) else Trimmed(start, end, 0.8)


def place_line(text: str, start: int, end: int) -> Trimmed | None:
    return _name_run(
        text,
        start,
        end,
        keep=lambda flags: not flags & (lx.WORD_COMMON | lx.DRUG) or bool(flags & lx.CITY),
    )


def address_line(text: str, start: int, end: int) -> Trimmed | None:
    value = re.split(
        r"\s{2,}(?=[A-Z][a-z]+\s*$)|\s(?:phone|tel|fax|email|dob|mrn|ssn)\s*$",
        text[start:end],
        maxsplit=1,
        flags=re.IGNORECASE,
    )[0].rstrip(" ,.")
    return (
        Trimmed(start, start + len(value))
        if len(value) > 3 and (_DIGIT.search(value) or re.search(r"[A-Z]", value))
        else None
    )


def secret_like(text: str, start: int, end: int) -> Trimmed | None:
    value = text[start:end]
    return (
        Trimmed(start, end)
        if _DIGIT.search(value) or (re.search(r"[A-Z]", value) and re.search(r"[a-z]", value[1:]))
        else None
    )


def password(text: str, start: int, end: int) -> Trimmed | None:
    """Not a word of prose (`token: none`) and not a placeholder of ours."""
    value = text[start:end].rstrip(".,)]}")
    lowered = value.lower()
    if not value or lowered in (
        "none",
        "null",
        "true",
        "false",
        "required",
        "string",
        "expired",
        "invalid",
        "missing",
        "reset",
        "changed",
        "the",
        "not",
    ):
        return None
    return Trimmed(start, start + len(value))


def entropy(text: str, start: int, end: int) -> Trimmed | None:
    """Over 3.7 bits a character, three classes of characters, no words run together, no path."""
    value = text[start:end]
    counts = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    if bits < 3.7 or not (_DIGIT.search(value) and re.search(r"[a-z]", value) and re.search(r"[A-Z]", value)):
        return None
    token = text[text.rfind(" ", 0, start) + 1 : start]
    if "://" in token or token.endswith((".", "/")):
        return None
    if re.search(r"[a-z]{9,}|_[a-z]{3,}_|/[a-z]{3,}/", value):
        return None
    changes = sum(1 for a, b in itertools.pairwise(value) if (a.isdigit(), a.isupper()) != (b.isdigit(), b.isupper()))
    return Trimmed(start, end) if changes > len(value) * 0.25 else None


def name_words(text: str, start: int, end: int) -> Trimmed | None:
    """A run of name words after a title or before a credential; stops at the first word that is plainly none."""
    return _name_run(text, start, end)


def name_line(text: str, start: int, end: int) -> Trimmed | None:
    """The rest of a labelled line, cut where the name ends."""
    segment = re.split(r"\s{3,}|\s\s(?=\S+\s*$)", text[start:end], maxsplit=1)[0]
    if end < len(text) and text[end] in ":=":
        words = segment.split()
        while words and (words[-1].lower().strip(".#") in _LABEL_WORDS):
            segment = segment[: segment.rstrip().rfind(words[-1])]
            words.pop()
    return _name_run(text, start, start + len(segment), lower=True)


def likely_person(text: str, start: int, end: int) -> Trimmed | None:
    """After a verb or preposition: the first word must be a known given name, the last one no plain word."""
    lexicon = lx.load()
    last_word = text.rfind(" ", start, end) + 1
    if last_word > start and _CREDENTIAL.match(text, last_word):
        end = last_word - 1
    words = [word.strip(".'").lower() for word in text[start:end].split()]
    if len(words) < 2:
        return None
    flags = [lexicon.flags(word) for word in words]
    if not flags[0] & lx.GIVEN or any(flag & (lx.DRUG | lx.EPONYM) for flag in flags) or words[0] in _NOT_NAMES:
        return None
    if flags[0] & lx.WORD_COMMON and not flags[0] & lx.GIVEN_COMMON:
        return None
    last = flags[-1]
    if last & (lx.CLINICAL | lx.WORD) and not last & lx.SURNAME_COMMON:
        return None
    return Trimmed(start, end)


def lower_name(text: str, start: int, end: int) -> Trimmed | None:
    """A lower-case name after a lower-case title: its words are names and nothing else."""
    lexicon = lx.load()
    last = start - 1
    for match in re.finditer(r"[a-z'-]+", text[start:end]):
        flags = lexicon.flags(match[0])
        if not flags & lx.ANY_NAME or flags & (lx.WORD | lx.CLINICAL | lx.DRUG) or match[0] in _NOT_NAMES:
            break
        last = start + match.end()
    return Trimmed(start, last) if last > start else None


_GENERIC = word_set("""
    off on campus site based provider level trauma unspecified other free standing
    emergency general family primary urgent acute critical intensive community regional local outside our the
    this that same day hospital medical center clinic department unit internal pediatric surgical oncology
    cardiology orthopedic rehab health care home nursing pharmacy outpatient inpatient ambulatory pain wound
    sleep eye dental women womens children childrens cancer heart transferred admitted discharged to from at in
    of and patient nearest another any discharge admission previous prior psychiatric long term skilled facility
    memorial
""")


def facility(text: str, start: int, end: int) -> Trimmed | None:
    """A facility's own name: one word of it at least says which, and leading generic words are cut."""
    words = list(re.finditer(r"[A-Za-z][\w'.&-]*", text[start:end]))
    own = [
        w
        for w in words[:-1]
        if not _GENERIC.issuperset(re.split(r"[-/.]", w[0].strip(".'").lower()))
        and (len(w[0]) > 2 or w[0][0].isupper())
    ]
    if not own or not any(word[0][0].isupper() for word in own):
        return None
    first = next(word for word in words if word[0][0].isupper() and word[0].lower() not in _LEADS)
    return Trimmed(start + first.start(), end)


_LEADS = frozenset(
    {"transferred", "admitted", "discharged", "the", "to", "from", "at", "in", "our", "outside", "patient"}
)


def last_first(text: str, start: int, end: int) -> Trimmed | None:
    """`Surname, Given`: both must be known as such, and not as plain or clinical words unless all is in capitals."""
    lexicon = lx.load()
    last, _, given = text[start:end].partition(",")
    last_words, given_words = last.split(), given.split()
    if not given_words:
        return None
    last_flags, given_flags = lexicon.flags(last_words[-1].lower()), lexicon.flags(given_words[0].lower())
    if (last_flags | given_flags) & (lx.DRUG | lx.CLINICAL) or (
        given_flags & (lx.REGION | lx.WORD_COMMON) and not given_flags & lx.GIVEN_COMMON
    ):
        return None
    if not (given_flags & lx.GIVEN and last_flags & (lx.SURNAME | lx.WORLD_NAME)):
        return None
    if last_flags & lx.WORD_COMMON and not last_flags & lx.SURNAME_COMMON:
        return None
    return Trimmed(start, end)


def _name_run(
    text: str, start: int, end: int, *, lower: bool = False, keep: Callable[[int], bool] | None = None
) -> Trimmed | None:
    """The leading run of name words, at most five; titles before it are skipped, credentials end it."""
    first = last = -1
    count = 0
    for token in _NAME_TOKEN.finditer(text, start, end):
        word = token[0]
        plain = word.rstrip(".").lower()
        if word == "," and 0 < count <= 3:
            continue
        if plain in _SKIPPED_TITLES and not count:
            continue
        if count and _CREDENTIAL.match(text, token.start()):
            break
        if count == 5 or not word[0].isalpha() or not _is_name_word(word, plain, count, lower=lower, keep=keep):
            break
        first, last, count = (token.start() if first < 0 else first), token.end(), count + 1
    if first < 0 or text[first:last].lower() in _PARTICLES or last - first == 1:
        return None
    if text[last - 1] == "." and last - first > 3 and text[last - 3] not in " .":
        last -= 1
    return Trimmed(first, last)


def _is_name_word(word: str, plain: str, count: int, *, lower: bool, keep: Callable[[int], bool] | None) -> bool:
    if plain in _PARTICLES:
        return True
    if plain in _CREDENTIALS and (count or len(plain) == 2) and (word.isupper() or plain in ("jr", "sr")):
        return False
    if plain in _NOT_NAMES and (len(plain) > 1 or word.islower()):
        return False
    flags = lx.load().flags(plain)
    if word[0].islower() and not (lower and flags & lx.ANY_NAME and not flags & (lx.WORD_COMMON | lx.CLINICAL)):
        return False
    return (keep is None or keep(flags)) and not (len(plain) > 1 and _reads_as_prose(flags))


def _reads_as_prose(flags: int) -> bool:
    if flags & lx.DRUG:
        return True
    if flags & (lx.CLINICAL | lx.WORD_COMMON):
        return not flags & (lx.SURNAME_COMMON | lx.GIVEN_COMMON | lx.WORLD_NAME | lx.EPONYM)
    return False


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        alone,
        whole_number,
        has_digit,
        phone_length,
        phone_label,
        ipv4,
        ipv6,
        public_url,
        bare_url,
        spelled_email,
        iban,
        vin,
        dea,
        nhs,
        luhn,
        card,
        card_label,
        mixed_hex,
        code_number,
        long_number,
        date,
        date_numeric,
        date_words,
        month_day,
        age_context,
        street,
        place,
        place_line,
        address_line,
        likely_person,
        lower_name,
        facility,
        secret_like,
        password,
        entropy,
        name_words,
        name_line,
        last_first,
    )
}
