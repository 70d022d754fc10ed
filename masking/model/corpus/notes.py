"""Put lines together into notes of many shapes, then spoil casing and spelling as real notes do.

Strategy: what decides a tag stands within a line, so variety of lines and of their joints matters more than the plan
of a whole note: any line may follow any other, with or without headings, bullets and full stops.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from . import fillers, written
from .page import Page

_HEADING = re.compile(r"# ([a-z]+)")
Labelled = tuple[int, int, str]


class Note(NamedTuple):
    """A text and the spans `(start, end, kind)` in it that identify."""

    text: str
    spans: list[Labelled]


@functools.cache
def _lines() -> Mapping[str, list[str]]:
    lines: dict[str, list[str]] = {}
    current: list[str] = []
    for file in ("lines.txt", "settings.txt", "terms.txt", "technical.txt"):
        for line in Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines():
            if heading := _HEADING.fullmatch(line):
                current = lines.setdefault(heading[1], [])
            elif line:
                current.append(line.replace("\\n", "\n").replace("\\t", "\t"))
    return MappingProxyType(lines)


def notes(seed: int, count: int) -> Iterator[Note]:
    """`count` notes; the same seed gives the same notes."""
    for number in range(count):
        yield note(Random(f"{seed}/{number}"))  # noqa: S311 - notes are to be the same every time


def note(random: Random) -> Note:
    """One note."""
    page = Page(random)
    form = random.choices(_FORMS, _WEIGHTS)[0]
    form(page)
    return _spoil(random, page, random.choice(_FEW if form is written.write else _MANY))


def _line(page: Page, *kinds: str) -> None:
    page.write(page.random.choice(_lines()[page.random.choice(kinds)]))


def _chart(page: Page) -> None:
    random = page.random
    if random.random() < 0.75:
        gap = random.choice(("\n", "\n", "\n", "   ", "\t", " | ", "; "))
        for _ in range(random.randint(1, 7)):
            _line(page, "header")
            page.text += gap
        page.text += random.choice(("\n", "\n\n", "\n---\n"))
    for _ in range(random.randint(1, 4)):
        _paragraph(page)
    if random.random() < 0.7:
        page.text += "\n"
        for _ in range(random.randint(1, 2)):
            _line(page, "sign")
            page.text += "\n"


def _paragraph(page: Page) -> None:
    random = page.random
    if random.random() < 0.6:
        start = len(page.text)
        page.write("{head}")
        if random.random() < 0.4:
            page.text = page.text[:start] + page.text[start:].upper()
        page.text += random.choice((": ", ":\n", "\n", " - ", ":  "))
    bullet = random.choice(("- ", "* ", "• ", "1. ", "1) ", "[ ] ")) if random.random() < 0.25 else ""
    joint = "\n" + bullet if bullet else random.choice((" ", " ", " ", "\n", "\n", "  ", "; ", " / "))
    page.text += bullet
    for at in range(random.randint(1, 6)):
        if at:
            page.text += joint
        _line(page, "phi", "phi", "phi", "loose", "loose", "plain", "plain", "plain", "plain", "bare", "terse")
    page.text += random.choice(("\n", "\n\n"))


def _letter(page: Page) -> None:
    random = page.random
    page.write(
        random.choice(
            (
                "{facility}\n{street}\n{city}, {state} {zip}\n\n",
                "{date}\n\n",
                "",
                "{person}, {cred}\n{address}\n\n{date}\n\n",
            )
        )
    )
    page.write(random.choice(("Re: {patient}\n", "RE: {lastfirst} DOB {date}\n", "", "Subject: {patient} ({id})\n")))
    page.write(
        random.choice(
            (
                "Dear Dr. {family}:\n\n",
                "Dear {given},\n\n",
                "Dear {mr} {last},\n",
                "To Whom It May Concern:\n",
                "Hi {given},\n\n",
            )
        )
    )
    for _ in range(random.randint(2, 5)):
        _line(page, "phi", "phi", "plain", "loose", "bare")
        page.text += random.choice((" ", " ", "\n\n"))
    page.text += "\n"
    _line(page, "sign")


def _talk(page: Page) -> None:
    for _ in range(page.random.randint(1, 6)):
        _line(page, "chat", "chat", "terse", "phi", "loose", "bare")
        page.text += "\n"


def _short(page: Page) -> None:
    for _ in range(page.random.randint(1, 2)):
        _line(page, "phi", "phi", "phi", "loose", "loose", "plain", "bare", "terse", "sign", "header")
        page.text += page.random.choice((" ", "\n"))


def _plain(page: Page) -> None:
    joint = page.random.choice((" ", "\n"))
    for _ in range(page.random.randint(2, 10)):
        _line(page, "plain", "plain", "bare")
        page.text += joint


def _log(page: Page) -> None:
    for _ in range(page.random.randint(2, 8)):
        _line(page, "terse", "terse", "plain", "header")
        page.text += "\n"


_ALONE = (*("describe",) * 3, *("everyday",) * 2, "log", "failure", "document", "shell", "true")
_LOGGED = (*("log",) * 3, *("failure",) * 2, *("shell",) * 2, "true")
_PAGES = ((*("everyday",) * 3, "true"), ("describe", *("document",) * 3, "true"))


def _technical(page: Page) -> None:
    """What machines write, and plain English: alone as one string, as a log, or as a page."""
    random = page.random
    draw = random.random()
    if draw < 0.40:
        _line(page, *_ALONE)
    elif draw < 0.70:
        for _ in range(random.randint(2, 7)):
            _line(page, *_LOGGED)
            page.text += "\n"
    else:
        joint = random.choice((" ", "\n", "\n", "\n\n"))
        kinds = random.choice(_PAGES)
        for _ in range(random.randint(2, 6)):
            _line(page, *kinds)
            page.text += joint


_FORMS = (_chart, _letter, _talk, _short, _plain, _log, _technical, written.write)
_WEIGHTS = (46, 10, 12, 16, 8, 8, 40, 210)
_MANY = (0.0, 0.05, 0.15, 0.3, 0.5)  # of the plain words other ones are put in their place
_FEW = (0.0, 0.0, 0.03, 0.08, 0.2)  # in notes that were written out, whose words vary by themselves


def _spoil(random: Random, page: Page, share: float) -> Note:
    text, spans = _loosen(random, page.text, page.spans, share)
    draw = random.random()
    if draw < 0.10:
        text = fillers.same_length(text, str.upper)
    elif draw < 0.22:
        text = fillers.same_length(text, str.lower)
    elif draw < 0.28:
        change = random.choice((str.upper, str.upper, str.lower))
        text = "".join(
            fillers.same_length(line, change) if random.random() < 0.4 else line
            for line in text.splitlines(keepends=True)
        )
    elif draw < 0.36:
        change = random.choice((str.upper, str.lower, str.lower))
        for start, end, kind in spans:
            if kind in ("name", "address") and random.random() < 0.7:
                text = text[:start] + fillers.same_length(text[start:end], change) + text[end:]
    if random.random() < 0.25:
        text = _mistype(random, text, spans)
    return Note(text, spans)


def _loosen(random: Random, text: str, spans: list[Labelled], share: float) -> Note:
    """The note with a share of its plain words replaced."""
    out, moved, last = "", [], 0
    for start, end, kind in spans:
        out += fillers.loosen(random, text[last:start], share)
        moved.append((len(out), len(out) + end - start, kind))
        out, last = out + text[start:end], end
    return Note(out + fillers.loosen(random, text[last:], share), moved)


def _mistype(random: Random, text: str, spans: list[Labelled]) -> str:
    """Swap two letters here and there, outside what identifies."""
    chars = list(text)
    for _ in range(max(len(text) // 120, 1)):
        at = random.randrange(max(len(text) - 1, 1))
        pair = text[at : at + 2]
        if (
            len(pair) == 2
            and pair.isalpha()
            and pair.isascii()
            and not any(start - 2 < at < end for start, end, _ in spans)
        ):
            chars[at], chars[at + 1] = chars[at + 1], chars[at]
    return "".join(chars)
