"""Checks of streets, towns, address lines and facilities."""

from __future__ import annotations

import re

from masking.chart_words import ACRONYMS, GENERIC
from masking.model import lexicon as lx
from masking.wordset import word_set

from .line_ends import last_line, last_sentence, whole_lines
from .name_words import CREDENTIAL, name_run
from .own_words import own as own_weight
from .streets import STREET_WORDS, starts_sentence
from .trimmed import DIGIT, Trimmed


def place(text: str, start: int, end: int) -> Trimmed | None:
    """`Word, ST`: the word is a place or at least no clinical word or person's credential; what follows is no number's.

    `Linh, ID 88213` and `Odyssey, MI plate` are numbers with what they are called by.
    """
    lexicon = lx.load()
    words = [word.lower().strip(".") for word in text[start:end].split()]
    flags = [lexicon.flags(word) for word in words]
    if flags[-1] & lx.CITY or lexicon.flags(" ".join(words)) & lx.CITY:
        return Trimmed(start, end)
    if _OF_A_NUMBER.match(text, end) or text[start:end].isupper():
        return None
    return None if flags[-1] & (lx.WORD_COMMON | lx.CLINICAL | lx.DRUG | lx.GIVEN) else Trimmed(start, end, 0.8)


_OF_A_NUMBER = re.compile(r",\s?(?:ID\b|[A-Z]{2}\s?(?:#|:|\d|(?:plates?|tags?|lic|dl|no)\b))|,\s?(?:MD|DO|PA|MS)\b")


def town_code(text: str, start: int, end: int) -> Trimmed | None:
    """`Brockton, MA 02301` in its line or block; of `Linh, ID 88213` the word is no town."""
    found = whole_lines(text, start, end)
    start = last_line(text, start, found.end)
    tail = _TAIL_OF_TOWN.search(text, start, found.end)
    if tail is None or not any(map(str.isdigit, text[start : found.end])):
        return None
    codes = _POSTAL.get(tail[1])
    name = text[start : tail.start()].rsplit(maxsplit=1)[-1].strip(".,").casefold()
    if codes is not None and tail[2][:2] not in codes and lx.load().flags(name) & lx.ANY_NAME:
        return None
    return Trimmed(start, found.end)


_TAIL_OF_TOWN = re.compile(r",?\s+([A-Za-z]{2}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)\.?,?\s+(\d{5})(?:-\d{4})?$")
_POSTAL = {  # states that are read as something else behind a person's name, and how their postal codes begin
    "ID": ("83",),
    "MD": ("20", "21"),
    "PA": ("15", "16", "17", "18", "19"),
    "MS": ("38", "39"),
}


def saint(text: str, start: int, end: int) -> Trimmed | None:
    """`St. Mary's`: a house called for a saint; the wort, the valve and the fire are none."""
    after = text[end : end + 12].lower().lstrip()
    if (
        text[start] == "s"
        and not lx.load().flags(text[start:end].rsplit(maxsplit=1)[-1].removesuffix("'s")) & lx.ANY_NAME
    ):
        return None
    return None if after.startswith(("wort", "fire", "dance", "day", "valve", "medical valve")) else Trimmed(start, end)


def small_town(text: str, start: int, end: int) -> Trimmed | None:
    """`port halvard`: behind a word that towns begin with stands one that is no other word."""
    word = text[start:end].rsplit(maxsplit=1)[-1]
    return Trimmed(start, end) if own_weight(word, firm=False) == 2 else None


def known_town(text: str, start: int, end: int) -> Trimmed | None:
    """Two words that are a town together: `in Las Cruces`, `to lake charles`; not two plain words in lower case."""
    value = text[start:end].casefold()
    lexicon = lx.load()
    if not lexicon.flags(value) & lx.CITY:
        return None
    if text[start].isupper() or any(not lexicon.flags(word) & lx.WORD_COMMON for word in re.split("[ -]", value)):
        return Trimmed(start, end)
    return None


def authority(text: str, start: int, end: int) -> Trimmed | None:
    """The town before `Board of Health`: known as one, or of no plain words."""
    value = text[start:end].strip()
    lexicon = lx.load()
    flags = [lexicon.flags(word.casefold()) for word in value.split()]
    plain = any(flag & (lx.WORD_COMMON | lx.CLINICAL | lx.REGION) for flag in flags)
    named = (" " in value and lexicon.flags(value.casefold()) & lx.CITY) or not plain
    return Trimmed(start, start + len(value)) if named and value.casefold() not in _GENERIC else None


def veterans(text: str, start: int, end: int) -> Trimmed | None:
    """`VA Boston`: the word after it is a place or unknown, not a chart's own (`VA Snellen`, `VA Hospital`)."""
    words = text[start:end].split()
    flags = lx.load().flags(words[1].lower())
    if flags & lx.CITY and not flags & lx.WORD_COMMON:
        return Trimmed(start, end)
    return None if flags & (lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM) else Trimmed(start, end)


_SIDE = re.compile(r"(?:[RL]|Rt|Lt|RT|LT|[Rr]ight|[Ll]eft|[Bb]ilat\w*)\.?\s")


def place_line(text: str, start: int, end: int) -> Trimmed | None:
    """What stands behind a place's label; `Site: R IJ` is where on the body."""
    if _SIDE.match(text, start, end):
        return None
    return name_run(
        text,
        start,
        end,
        keep=lambda flags: not flags & (lx.WORD_COMMON | lx.DRUG) or bool(flags & lx.CITY),
    )


def address_line(text: str, start: int, end: int) -> Trimmed | None:
    value = re.split(
        r"\s{2,}(?=[A-Z][a-z]+\s*$)|\s{2,}(?=[A-Za-z][A-Za-z /#']{1,20}[:=])|\s(?:phone|tel|fax|email|dob|mrn|ssn)\s*$",
        text[start:end],
        maxsplit=1,
        flags=re.IGNORECASE,
    )[0].rstrip(" ,.")
    value = value[: _sentence(value)].rstrip(" ,.")
    return (
        Trimmed(start, start + len(value))
        if len(value) > 3 and (DIGIT.search(value) or re.search(r"[A-Z]", value))
        else None
    )


_FULL_STOP = re.compile(r"([A-Za-z\d]+)\.\s+([A-Z][a-z]+)\b")


def _sentence(value: str) -> int:
    """Where a sentence begins behind an address: `Rm 118B. Admitted from …`, not `St. Louis`, `Ave. Apt 2`."""
    for stop in _FULL_STOP.finditer(value):
        before, plain = stop[1].lower(), stop[2].lower()
        if before in STREET_WORDS or (len(before) < 3 and not before.isdigit()):
            continue
        if starts_sentence(stop[2], plain, lx.load().flags(plain)):
            return stop.end(1)
    return len(value)


_GENERIC = GENERIC | {"memorial", "family", "womens", "heart"}


def facility(text: str, start: int, end: int) -> Trimmed | None:
    """A facility's own name: one word of it at least says which, and leading generic words are cut."""
    start = last_line(text, start, end)
    start = last_sentence(text, start, end)
    words = list(re.finditer(r"[A-Za-z][\w'.&-]*", text[start:end]))
    words = _after_leads(words)
    own = [
        w
        for w in words[:-1]
        if not _GENERIC.issuperset(re.split(r"[-/.]", w[0].strip(".'").lower()))
        and (own_weight(w[0], firm=True, caps=True) or w[0].casefold() in _HOUSE_WORDS)
        and (len(w[0]) > 2 or w[0][0].isupper())
    ]
    if not own or not any(word[0][0].isupper() for word in own):
        return None
    first = next(word for word in words if word[0][0].isupper() and not _is_lead(word[0]))
    start += first.start()
    return Trimmed(start - 4 if _ARTICLE.search(text, max(0, start - 6), start) else start, end)


def _is_lead(word: str) -> bool:
    """What only leads to a facility: a small word, a service or a credential in capitals (`GP Pine Street Clinic`)."""
    plain = word.lower()
    initials = word.isupper() and (plain in ACRONYMS or CREDENTIAL.fullmatch(word) is not None)
    return plain in _LEADS or initials


_HOUSE_WORDS = word_set("university state samaritan city county good st saint mt mount")
_ARTICLE = re.compile(r"[\w(:,]\s?The $")


def _after_leads(words: list[re.Match[str]]) -> list[re.Match[str]]:
    """The words after the last one that only leads to a facility: `REC PSYCH AT …`, `Dr. Lee and …`."""
    for at in range(len(words) - 2, -1, -1):
        plain = words[at][0].strip(".").lower()
        if plain in _LEADS:
            return words[at + 1 :]
        if plain in _PERSONS:
            return words[at + 2 :] if len(words) > at + 3 else words[at + 1 :]
    return words


_PERSONS = frozenset({"dr", "mr", "mrs", "ms", "drs"})
_LEADS = frozenset(
    {
        "transferred",
        "admitted",
        "discharged",
        "the",
        "to",
        "from",
        "at",
        "in",
        "our",
        "outside",
        "patient",
        "via",
        "w",
        "with",
        "per",
        "gp",
        "pcp",
    }
)


_THEATRE = re.compile(
    r"(?i)\b(?:endoscopy|operating|operative|surgical|procedure|angio\w*|cath|or|imaging|birthing|delivery|sleep)\s$"
)


_CLAUSE = re.compile(r"(?i)\b(?:in|at|to|from|of|address|lives)\W{0,2}$|\d\w? [^.;\n]{2,20},\s$|^\s*$")


def unit(text: str, start: int, end: int) -> Trimmed | None:
    """`Apt. 864`, `suite 4`, but not the room where one operates, nor a retina that is `flat 360`."""
    if text[start : start + 4] == "flat" and _CLAUSE.search(text, max(0, start - 24), start) is None:
        return None
    return None if _THEATRE.search(text, max(0, start - 14), start) else Trimmed(start, end)
