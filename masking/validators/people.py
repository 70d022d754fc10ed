"""Checks of names: where a run of name words begins and ends."""

from __future__ import annotations

import re
from collections.abc import Callable

from masking.chart_words import ACRONYMS, DOSES
from masking.instruments import is_used
from masking.model import lexicon as lx
from masking.turns import is_said
from masking.wordset import word_set

from .ailments import is_ailment, is_scored
from .trimmed import Trimmed

_LABEL_WORDS = word_set("""
    dob mrn age sex gender date time phone tel fax email address ssn id no number room bed unit ward location
    admit admitted discharge discharged attending provider physician service department dept account acct visit
    status race language insurance patient name pt dx diagnosis reason chief complaint born birth allergies
    weight height mr title role relationship relation contact home cell work mobile signed dictated transcribed
    referring pcp npi dea license occupation married single father's mother's spouse's
""")
_NOT_NAMES = word_set("""
    unknown none n/a na nil null not no yes male female unspecified unavailable pending see as above below same
    other self patient mother father spouse wife husband daughter son brother sister parent parents family
    friend here today ms mr mrs dr miss prof and or the this that these with in on at by for from to of is was
    he she they his her their it we you i my our your who which has had have will would should could may can did
    does do be been being are were a an alert well if when while during after before please note seen per via re
    cc child sob cp ams ha fx employee self-pay monday tuesday wednesday thursday friday saturday sunday january
    february july august september october november december
""")
_CREDENTIALS = word_set("""
    md do rn np pa pac phd psyd dds dmd dpm dvm pharmd rph lpn lvn cna crna cnm aprn arnp fnp dnp bsn msn lcsw
    licsw lmsw msw lmft lpc pt dpt ot otr slp rd rdn rrt rt mbbs mrcp frcp frcs facc facs facp mph esq emt jr sr
    ii iii iv mba ms bs
""")
_LANGUAGES = word_set("""
    english spanish french german italian portuguese russian ukrainian polish czech romanian hungarian greek turkish
    arabic farsi persian dari pashto urdu hindi bengali punjabi gujarati tamil telugu nepali mandarin cantonese chinese
    japanese korean vietnamese khmer hmong lao thai burmese tagalog filipino somali amharic tigrinya swahili yoruba
    igbo hausa haitian creole hebrew yiddish armenian albanian bosnian serbian croatian asl sign
""")
_PARTICLES = word_set("""
    de del della la le van von der den di da dos du bin ibn al el ter ten y e st o' mc mac
""")
CREDENTIAL = re.compile(
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-?C)?|Ph\.?D|Psy\.?D|D\.?D\.?S|D\.?M\.?D|D\.?P\.?M|"
    r"D\.?V\.?M|Pharm\.?D|R\.?Ph|LPN|LVN|"
    r"CNA|CRNA|CNM|APRN|ARNP|FNP|DNP|BSN|MSN|LCSW|LICSW|LMSW|MSW|LMFT|LPC|DPT|OTR|SLP|RDN?|"
    r"RRT|MBBS|MRCP|F[RA]C[A-Z]{1,2}|MPH|"
    r"M\.?S|B\.?S|Esq|EMT)(?:-[A-Z]{1,3})?\b\.?(?![a-z])"
)
_MILLISECONDS = re.compile(r"\d\s?ms,?\s{1,2}$")
_OF_A_PERSON = re.compile(r"\b(?:Mr|Mrs|Ms|Mx)\.\s{1,2}$")
_INTRODUCED = re.compile(r"(?i)\bname(?:['\u2019]s| is|d)\s$")
_NAMES_TOO = word_set("do no an so to in may will child well friend friday sunday")
_FORM_OF_ADDRESS = re.compile(r"\b(?:Dr|Drs|Mr|Mrs|Ms|Mx|Miss)\.?\s{1,2}$")
_SKIPPED_TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "prof", "rev", "sir", "doctor", "mister", "professor"})
_NAME_TOKEN = re.compile(r"[^\W\d_][\w'`\u2019-]*\.?|,|\S")


def name_words(text: str, start: int, end: int) -> Trimmed | None:
    """A run of name words after a title or before a credential; stops at the first word that is plainly none."""
    if _MILLISECONDS.search(text, max(0, start - 8), start):
        return None
    found = name_run(text, start, end)
    if found is not None and is_ailment(text, found.start, found.end):
        return None
    if found is None and _INTRODUCED.search(text, max(0, start - 8), start):
        given = lx.load().flags(text[start:end].split(maxsplit=1)[0].casefold()) & lx.GIVEN_COMMON
        return Trimmed(start, end) if given and text[start].isupper() else None
    if found is None:
        word = _NAME_TOKEN.match(text, start, end)
        titled = _FORM_OF_ADDRESS.search(text, max(0, start - 6), start)
        person = _OF_A_PERSON.search(text, max(0, start - 6), start) is not None
        if word is not None and titled is not None and (_may_be_surname(word[0]) or (person and _is_cast(word[0]))):
            return Trimmed(start, start + len(word[0].rstrip(".")))
    return found


def _may_be_surname(word: str) -> bool:
    """Whether a plain word where a name must stand is somebody's: `Dr. Nurse`."""
    plain = word.rstrip(".").casefold()
    return (
        word[:1].isupper()
        and not word.isupper()
        and plain not in _NOT_NAMES
        and bool(lx.load().flags(plain) & lx.SURNAME)
    )


def _is_cast(word: str) -> bool:
    """`Mr. Target`, `Mrs. Do`: whatever begins with a capital after a form of address, save a word that joins."""
    plain = word.rstrip(".").casefold()
    return word.istitle() and len(plain) > 1 and (plain not in _NOT_NAMES or plain in _NAMES_TOO)


def name_credential(text: str, start: int, end: int) -> Trimmed | None:
    """A run of name words that reaches its credential; a full stop between them ends it."""
    if text[end - 1] == "." and (end - start < 3 or (end - start > 3 and text[end - 3].isalpha())):
        return None
    last_stop = max(text.rfind(". ", start + 3, end), start - 2)
    if last_stop > start and len(text[start:last_stop].rsplit(maxsplit=1)[-1]) > 3:
        start = last_stop + 2
    if (
        _is_acronym(text, start, end)
        or CREDENTIAL.match(text, start)
        or (text[start:end].isupper() and end - start < 5 and text[end : end + 1] == "\n")
    ):
        return None
    found = name_run(text, start, end)
    if found is not None and found.end < end - 1 and _NAME_TOKEN.fullmatch(text, found.end + 1, end):
        found = Trimmed(found.start, end) if _may_be_surname(text[found.end + 1 : end]) else found
    return found if found is not None and found.end >= end - 1 else None


def _is_acronym(text: str, start: int, end: int) -> bool:
    """`CBC, GS, PT`, `OD MD -16.8`, `MED-SURG CNA`: a few capitals in a line that has small letters, a ward."""
    value = text[start:end]
    if not value.isupper():
        return False
    parts = [part.casefold() for part in re.split(r"[-/]", value) if part]
    if len(parts) > 1 and all(part in ACRONYMS or lx.load().flags(part) & lx.PLAIN for part in parts):
        return True
    if end - start > 4:
        return False
    if value.casefold() in DOSES:
        return True
    if end - start < 4 and text[end : end + 1] == " " and not lx.load().flags(value.casefold()) & lx.SURNAME_COMMON:
        stop = text.find("\n", end)
        if not text[text.rfind("\n", 0, start) + 1 : stop if stop >= 0 else len(text)].isupper():
            return True
    last = text.find("\n", end)
    line = text[text.rfind("\n", 0, start) + 1 : last if last >= 0 else len(text)]
    return not line.isupper() and "," in text[max(0, start - 2) : start]


def name_line(text: str, start: int, end: int) -> Trimmed | None:
    """The rest of a labelled line, cut where the name ends."""
    segment = re.split(r"\s{3,}|\s\s(?=\S+\s*$)", text[start:end], maxsplit=1)[0]
    if end < len(text) and text[end] in ":=":
        words = segment.split()
        while words and (words[-1].lower().strip(".#") in _LABEL_WORDS):
            segment = segment[: segment.rstrip().rfind(words[-1])]
            words.pop()
    found = name_run(text, start, start + len(segment), lower=True)
    if found is not None and (
        is_said(text, found.start, found.end)
        or is_scored(text, found.start, found.end)
        or is_ailment(
            text, found.start, found.start + len(text[found.start : found.end].split(maxsplit=1)[0]), known=True
        )
    ):
        return None
    return found


def _first_end(text: str, found: Trimmed) -> int:
    """Where the first word ends."""
    return found.start + len(text[found.start : found.end].split(maxsplit=1)[0])


def likely_person(text: str, start: int, end: int) -> Trimmed | None:
    """After a verb or preposition: the first word must be a known given name, the last one no plain word."""
    lexicon = lx.load()
    last_word = text.rfind(" ", start, end) + 1
    if last_word > start and CREDENTIAL.match(text, last_word):
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


def name_alone(text: str, start: int, end: int) -> Trimmed | None:
    """After `per`, `by`, `with`: one word that is a name and nothing else."""
    flags = lx.load().flags(text[start:end].casefold())
    if is_used(text, end):
        return None
    if flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON) and _between_words(text, start, end):
        return (
            Trimmed(start, end)
            if flags & lx.GIVEN_COMMON or not flags & lx.EPONYM or text[end : end + 1] in ".,;)\n"
            else None
        )
    if not flags & lx.ANY_NAME or flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION):
        return None
    if (flags & lx.CITY and not flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)) or text[start:end].casefold() in _MONTHS:
        return None
    return Trimmed(start, end) if not text[start:end].isupper() or end - start > 4 else None


_AGENT = re.compile(r"(?:\bper|\bd/w|\bby|\bfrom|\bto|(?<![a-z])with)\s$")
_AFTER_AGENT = re.compile(r"\s?(?:[.,;)\n]|$)|\s[a-z]")


def _between_words(text: str, start: int, end: int) -> bool:
    """`per Hope.`: a capital in the midst of a sentence, after a word that a person follows, is a name's."""
    if not text[start].isupper() or text[start:end].isupper() or not _AFTER_AGENT.match(text, end):
        return False
    return _AGENT.search(text, max(0, start - 6), start) is not None and text[start:end].casefold() not in _MONTHS


_MONTHS = word_set("""
    may march april june august sat sun wed mon christian german french english spring summer mom dad monday tuesday
    wednesday thursday friday saturday sunday
""")


def login(text: str, start: int, end: int) -> Trimmed | None:
    """A log-in after its label: letters with digits, or a word that nobody knows; no word and no code."""
    value = text[start:end]
    letters = re.sub(r"[\d_.-]+", "", value)
    if re.match(r"[@(.=/]\w", text[end : end + 2]):
        return None
    if len(letters) < 4 or value.isupper() or lx.load().flags(letters) & (lx.WORD | lx.CLINICAL | lx.DRUG):
        return None
    return Trimmed(start, end)


def name_aware(text: str, start: int, end: int) -> Trimmed | None:
    """`MD Small aware.`: a surname after a credential; else a word that is a name or unknown, and no other word."""
    word = text[start:end]
    flags = lx.load().flags(word.casefold())
    if word.casefold() in _NOT_NAMES or word.casefold() in _LABEL_WORDS or word.isupper():
        return None
    if text[start - 1 : start] == " " and text[start - 2 : start - 1].isalpha() and word[0].isupper():
        return Trimmed(start, end) if flags & lx.SURNAME else None
    if flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION):
        return None
    return Trimmed(start, end) if flags & lx.ANY_NAME or (not flags and len(word) > 4) else None


def name_signed(text: str, start: int, end: int) -> Trimmed | None:
    """The last word of a text, alone and in lower case: a name that is no other word."""
    flags = lx.load().flags(text[start:end])
    if flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION | lx.PROPER):
        return None
    return Trimmed(start, end) if flags & lx.ANY_NAME and start > 40 else None


_AFTER_NAME = re.compile(
    r"\s?(?:[,;)]|\.\s|\.?$)|"
    r"\s(?:and|aware|at bedside|present|updated|notified|here|called|states|says|will|who|\d{1,2}\b)"
)


_DEEDS = frozenset({"called", "aware", "updated", "notified", "states", "says", "said", "reports"})


def role_name(text: str, start: int, end: int) -> Trimmed | None:
    """After a role or relation, in any casing: a word that is a name and no plain word, perhaps a surname behind it."""
    words = text[start:end].split(" ")
    first, flags = words[0].casefold(), lx.load().flags(words[0].casefold())
    if is_ailment(text, start, start + len(words[0])):
        return None
    title = words[0][0].isupper() and not words[0].isupper()
    if flags & lx.GIVEN_COMMON and len(words) > 1 and words[1] in _DEEDS:
        return Trimmed(start, start + len(words[0]))
    given = title and flags & lx.GIVEN_COMMON
    if (
        first in _LANGUAGES
        or (not given and first in _NOT_NAMES)
        or (not given and (first in _LABEL_WORDS or first in _CREDENTIALS))
    ):
        return None
    if flags & (lx.DRUG | lx.REGION) and not given:
        return None
    plain = flags & (lx.WORD | lx.CLINICAL | lx.EPONYM)
    if plain and not given and not (title and flags & lx.GIVEN and not flags & (lx.WORD_COMMON | lx.CLINICAL)):
        return None
    if not title and not flags & lx.ANY_NAME and (flags or not _AFTER_NAME.match(text, start + len(words[0]))):
        return None
    if title and not flags and "-" not in first and first.endswith(("ed", "ing", "ly")):
        return None
    if len(words) > 1 and _follows(words[0], words[1]):
        return Trimmed(start, end)
    return Trimmed(start, start + len(words[0]))


def _follows(first: str, second: str) -> bool:
    """Whether a second word is cast like the first and can be a surname."""
    flags = lx.load().flags(second.casefold())
    if first.isupper() != second.isupper() or first[0].isupper() != second[0].isupper():
        return False
    if first[0].isupper() and not first.isupper():
        return bool(flags & lx.SURNAME) or not flags
    return bool(flags & lx.ANY_NAME) and not flags & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG)


_SCRIBES = re.compile(r"(?i),? scrib(?:e|ing|ed)$|^scribed? (?:by|is|was) ")


def name_scribe(text: str, start: int, end: int) -> Trimmed | None:
    """Who wrote for somebody else: `Linnet Gauthier-Moss scribe`."""
    value = text[start:end]
    words = _SCRIBES.sub("", value)
    at = start + value.index(words)
    flags = [lx.load().flags(word.casefold()) for word in words.split()]
    if len(flags) == 2 and not any(flag & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG) for flag in flags):
        return Trimmed(at, at + len(words))
    return name_run(text, at, at + len(words))


def name_doing(text: str, start: int, end: int) -> Trimmed | None:
    """A sentence's first word that does what only people do, when it is a common name; or a given name and surname."""
    given, _, surname = text[start:end].partition(" ")
    if surname:
        named = lx.load().flags(given) & lx.GIVEN_COMMON and lx.load().flags(surname) & lx.SURNAME_COMMON
        return Trimmed(start, end) if named else None
    flags = lx.load().flags(text[start:end].casefold())
    common = flags & (lx.GIVEN_COMMON if flags & (lx.CLINICAL | lx.WORD) else lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    return Trimmed(start, end) if common and text[start:end].casefold() not in _MONTHS else None


_DOES_SOMETHING = re.compile(r"\s(?:his|her|their|the|a|an|up|out|off|down|it|that|and|with)\b")
_OF_A_PATIENT = re.compile(r"(?i)\b(?:pt\.?|patient)\s$")


def lower_name(text: str, start: int, end: int) -> Trimmed | None:
    """A lower-case name after a lower-case title: its words are names and nothing else; not `pt shook his head`."""
    lexicon = lx.load()
    first = start + len(text[start:end].partition(" ")[0])
    if _OF_A_PATIENT.search(text, max(0, start - 9), start) and _DOES_SOMETHING.match(text, first):
        return None
    last = start - 1
    for match in re.finditer(r"[a-z'-]+", text[start:end]):
        flags = lexicon.flags(match[0])
        if last < start and flags & lx.SURNAME_COMMON and _is_addressed(text, start, match):
            return Trimmed(start, start + match.end())
        if not flags & lx.ANY_NAME or flags & (lx.WORD | lx.CLINICAL | lx.DRUG) or match[0] in _NOT_NAMES:
            break
        last = start + match.end()
    return Trimmed(start, last) if last > start else None


_ADDRESSED = re.compile(r"\b(mrs?|ms|dr|doctor|mister)(?:\s?\.)?\s$")
_CLAUSE_END = re.compile(r"\s?(?:[.,;)?!\n]|$)|\s(?:and|is|was|has|correct|or|told|said|here|today)\b")


def _is_addressed(text: str, start: int, match: re.Match[str]) -> bool:
    """`mrs ward`, or `dr. short` and `doctor white` where the clause ends: a word that is a surname too."""
    title = _ADDRESSED.search(text, max(0, start - 11), start)
    if title is None or match[0] in _NOT_NAMES:
        return False
    return title[1] in ("mr", "mrs", "ms") or _CLAUSE_END.match(text, start + match.end()) is not None


def last_first(text: str, start: int, end: int) -> Trimmed | None:
    """`Surname, Given`: both must be known as such, and not as plain or clinical words unless all is in capitals."""
    lexicon = lx.load()
    last, _, given = text[start:end].partition(",")
    last_words, given_words = last.split(), given.split()
    if len(last) < 4 and len(given.strip()) < 4 and text[start:end].isupper():
        return None
    if len(last_words) > 1 and _is_role(last_words[0].lower()):
        start += text[start:end].index(last_words[1], len(last_words[0]))
    if not given_words:
        return None
    last_flags, given_flags = lexicon.flags(last_words[-1].lower()), lexicon.flags(given_words[0].lower())
    if last_flags & lx.SURNAME_COMMON:
        last_flags &= ~lx.CLINICAL
    if given_flags & lx.GIVEN_COMMON:
        given_flags &= ~lx.CLINICAL
    if (last_flags | given_flags) & (lx.DRUG | lx.CLINICAL) or (
        given_flags & (lx.REGION | lx.WORD_COMMON) and not given_flags & lx.GIVEN_COMMON
    ):
        return None
    if not (given_flags & lx.GIVEN and last_flags & (lx.SURNAME | lx.WORLD_NAME)):
        return None
    if last_flags & lx.WORD_COMMON and not last_flags & lx.SURNAME_COMMON:
        return None
    return Trimmed(start, end)


def name_run(
    text: str, start: int, end: int, *, lower: bool = False, keep: Callable[[int], bool] | None = None
) -> Trimmed | None:
    """The leading run of name words, at most five; titles before it are skipped, credentials and a full stop end it."""
    first = last = -1
    count = commas = 0
    before = ""
    for token in _NAME_TOKEN.finditer(text, start, end):
        word = token[0]
        plain = word.rstrip(".").lower()
        if word == "," and 0 < count <= 3:
            commas = count
            continue
        if plain in _SKIPPED_TITLES and not count:
            continue
        if count and CREDENTIAL.match(text, token.start()):
            break
        if count == 5 or not word[0].isalpha() or not _is_name_word(word, plain, count, lower=lower, keep=keep):
            break
        if count and _is_no_more(word, plain, before, after_comma=commas == count):
            break
        if not count and (_is_role(plain) or plain in _LANGUAGES):
            break
        first, last, count, before = (token.start() if first < 0 else first), token.end(), count + 1, word
        if word[-1] == "." and len(plain) > 3:
            break
    if first < 0 or text[first:last].lower() in _PARTICLES or last - first == 1:
        return None
    if text[last - 1] == "." and last - first > 3 and text[last - 3] not in " .":
        last -= 1
    return Trimmed(first, last)


def is_no_name(plain: str) -> bool:
    """Whether a word stands where names do and is none: a label, a language, a small word, a credential."""
    return plain in _NOT_NAMES or plain in _LABEL_WORDS or plain in _LANGUAGES or plain in _CREDENTIALS


def _is_role(plain: str) -> bool:
    """Whether a first word is a word and nothing else: `Utilization`, `Referring`."""
    flags = lx.load().flags(plain)
    return bool(flags & lx.WORD) and not flags & (lx.ANY_NAME | lx.EPONYM | lx.CITY | lx.PROPER)


def _is_no_more(word: str, plain: str, before: str, *, after_comma: bool) -> bool:
    """Whether a word after a name word only follows the name: a verb in capitals, a role after a comma."""
    flags = lx.load().flags(plain)
    if len(plain) < 2 or flags & lx.ANY_NAME or not flags & (lx.WORD | lx.CLINICAL):
        return False
    return after_comma or word.isupper() or not before.isupper()


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
