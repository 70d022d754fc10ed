"""Notes that were written out whole, each as somebody else writes: their people, places, dates and numbers drawn anew.

A note of `written/*.txt` is plain text with `{slots}` of page.SLOTS and literals `[[slot|text]]`. Strategy: what stands
around a value is to be learnt and the value is not: a literal stays in a part of its readings only, else
another literal of its slot, or what the slot makes, stands there; digits of numbers and days of dates are drawn anew.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Mapping
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Final

from . import fillers, values
from .page import SLOTS, Page

_PLACE = re.compile(r"\{(\w+)\}|\[\[(\w+)\|([^\[\]]+)\]\]")
_LINE_END = re.compile(r"\n(?![^\[\]]*\]\])")  # a literal is not cut where its line is wrapped
_NUMBERED: Final = frozenset({"id", "phone", "ext", "four", "zip", "age"})
_DATED: Final = frozenset({"date", "md", "my", "month", "range", "nth"})
_MONTH = re.compile(r"(?i)\b(?:" + "|".join(name[:3] for name in values.MONTHS) + r")[a-z]*")
_NUMBER = re.compile(r"\d+")
_CASED, _FEW, _NEARLY_NONE = 0.9, 12, 0.02
_KEPT, _SWAPPED = 0.35, 0.70  # up to which draw a literal stays as it is, or gives way to another of its slot


@functools.cache
def _notes() -> list[str]:
    files = sorted(Path(__file__).with_name("written").glob("*.txt"))
    texts = (file.read_text(encoding="utf-8").partition("\n")[2] for file in files)
    return [note.strip("\n") for text in texts for note in re.split(r"(?m)^===$", text) if note.strip()]


@functools.cache
def _literals() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for note in _notes():
        for place in _PLACE.finditer(note):
            if place[2] and "\n" not in place[3]:
                found.setdefault(place[2], []).append(place[3])
    return MappingProxyType(found)


def write(page: Page) -> None:
    """Write one of the notes, or some of its lines, at the end of `page`."""
    template = _part(page.random, page.random.choice(_notes()))
    last = 0
    for place in _PLACE.finditer(template):
        page.text += template[last : place.start()]
        if place[1]:
            page.fill(place[1])
        else:
            _literal(page, place[2], place[3])
        last = place.end()
    page.text += template[last:]
    if page.random.random() < _CASED:
        page.text = _cased(page.text, _PLACE.sub("", template))


def _cased(text: str, plain: str) -> str:
    """`text` in one casing, where what is written out of it has one."""
    letters = [char for char in plain if char.isalpha()]
    capitals = sum(map(str.isupper, letters)) / max(len(letters), 1)
    if len(letters) < _FEW or _NEARLY_NONE < capitals < 1 - _NEARLY_NONE:
        return text
    return fillers.same_length(text, str.upper if capitals > _NEARLY_NONE else str.lower)


def _part(random: Random, note: str) -> str:
    """The whole note one time in three, else some of its lines in a row."""
    lines = _LINE_END.split(note)
    if len(lines) < 3 or random.random() < 0.33:
        return note
    size = random.randint(1, max(len(lines) * 2 // 3, 1))
    first = random.randint(0, len(lines) - size)
    return "\n".join(lines[first : first + size])


def _literal(page: Page, slot: str, text: str) -> None:
    random, draw = page.random, page.random.random()
    kind = SLOTS[slot][0]
    if slot in _NUMBERED:
        page.mark(_renumbered(random, text), kind)
    elif slot in _DATED:
        page.mark(_redated(random, text), kind)
    elif draw < _KEPT or "\n" in text:
        page.mark(text, kind)
    elif draw < _SWAPPED:
        page.mark(random.choice(_literals()[slot]), kind)
    else:
        page.fill(slot)


def _renumbered(random: Random, text: str) -> str:
    """Other digits in the same form, and other capitals in what has digits too."""
    if "@" in text or not any(map(str.isdigit, text)):
        return text
    capitals = random.random() < 0.5
    return "".join(
        random.choice("123456789" if not at or text[at - 1] in "( +-" else string.digits)
        if char.isdigit()
        else random.choice(string.ascii_uppercase)
        if capitals and char.isascii() and char.isupper()
        else char
        for at, char in enumerate(text)
    )


def _redated(random: Random, text: str) -> str:
    """Another day in the same form: what can be a month stays one, and what cannot stays a day or a year."""
    if random.random() < 0.2:
        return text
    if random.random() < 0.9:
        text = _MONTH.sub(lambda found: _month_like(random, found[0]), text)
    return _NUMBER.sub(lambda found: _day_like(random, found[0]), text)


def _month_like(random: Random, written: str) -> str:
    name = random.choice(values.MONTHS)
    if len(written) <= 4:
        name = name[:3]
    return name.upper() if written.isupper() else name.lower() if written.islower() else name


def _day_like(random: Random, digits: str) -> str:
    number = int(digits)
    if len(digits) > 2 or number > 31:
        return digits[:-1] + random.choice(string.digits) if len(digits) in (2, 4) else digits
    other = random.randint(1, 12) if number <= 12 else random.randint(13, 28)
    return f"{other:0{len(digits)}d}" if digits[0] == "0" or (len(digits) == 2 and other > 9) else str(other)
