"""Labelled clinical notes for measuring: formats and phrasings that no training template has (unseen_notes.txt).

A template marks what identifies as `{{kind:text}}`; `@Last`, `@num` … inside are drawn. What is not marked is a
clinical fact, a label or a hard negative, and must stay. `notes(seed, count)` is deterministic.
"""

from __future__ import annotations

import calendar
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_BLOCKS = Path(__file__).with_name("unseen_notes.txt").read_text(encoding="utf-8").split("===\n")
LISTS = {key: values.split("|") for key, _, values in (line.partition(": ") for line in _BLOCKS[0].splitlines())}
TEMPLATES = tuple(_BLOCKS[1:])
DRAW = re.compile(
    r"@(Last|First|LAST|FIRST|last|first|num4|num|longday|longnoyear|long|monthyear|mmdd|iso|"
    r"mrn|phone|email|street|suffix|"
    r"city|state|zip|place|old|ssn|acct|mbi|job|acc|serial|dl|plate|octet|I\b)"
)
MARK = re.compile(r"\{\{(\w+):(.*?)\}\}", re.DOTALL)


class Note(NamedTuple):
    """A text and its labelled stretches: start, end, kind."""

    text: str
    spans: list[tuple[int, int, str]]


def _draw(what: str, rng: random.Random) -> str:
    if what in LISTS:
        return rng.choice(LISTS[what])
    if what.lower() in ("last", "first"):
        name = rng.choice(LISTS["family" if what.lower() == "last" else "given"])
        return name.upper() if what.isupper() else name.lower() if what.islower() else name
    return _date(what, rng) or _number(what, rng)


def _date(what: str, rng: random.Random) -> str:
    day, month = rng.randint(1, 28), rng.randint(1, 12)
    year, name = rng.choice([1938, 1951, 1967, 1984, 2003, 2019, 2021, 2023]), calendar.month_name[month]
    numeric = (
        f"{month}/{day}/{year}",
        f"{month:02d}/{day:02d}/{year}",
        f"{month}/{day}/{year % 100:02d}",
        f"{month:02d}-{day:02d}-{year}",
    )
    forms = {
        "num": rng.choice(numeric),
        "long": f"{name} {day}, {year}",
        "longday": f"{day} {name} {year}",
        "longnoyear": f"{name} {day}",
        "monthyear": f"{name} {year}",
        "mmdd": f"{month}/{day}",
        "iso": f"{year}-{month:02d}-{day:02d}",
    }
    return forms.get(what, "")


def _number(what: str, rng: random.Random) -> str:
    def digits(count: int) -> str:
        return str(rng.randint(10 ** (count - 1), 10**count - 1))

    area = str(rng.randint(201, 989))
    mail = rng.choice(["n.okoye", "agnes.w", "t_haile", "drlinh", "xio.marquez"])
    forms = {
        "I": rng.choice("ABCDEJKLMRST"),
        "num4": digits(rng.randint(2, 4)),
        "mrn": rng.choice([digits(7), rng.choice("EMH") + digits(7), f"{digits(3)}-{digits(2)}-{digits(2)}"]),
        "phone": rng.choice(
            [f"({area}) 555-{digits(4)}", f"{area}-{digits(3)}-{digits(4)}", f"{area}.555.{digits(4)}"]
        ),
        "email": f"{mail}@{rng.choice(['example.org', 'mail.example.com', 'clinic.example'])}",
        "zip": digits(5),
        "old": str(rng.randint(90, 102)),
        "ssn": f"9{digits(2)}-{digits(2)}-{digits(4)}",
        "acct": digits(9),
        "mbi": f"{rng.randint(1, 9)}EG{rng.randint(0, 9)}-TE{rng.randint(0, 9)}-MK{digits(2)}",
        "job": digits(6),
        "acc": f"{rng.choice(['S', 'MR', 'CT'])}{rng.randint(18, 24)}-{digits(5)}",
        "serial": f"PJN{digits(6)}S",
        "dl": rng.choice("DKS") + digits(8),
        "plate": f"{rng.randint(1, 9)}{rng.choice(['KLM', 'TRB', 'WXY'])}{digits(3)}",
        "octet": str(rng.randint(2, 250)),
    }
    return forms[what]


def note(template: str, rng: random.Random) -> Note:
    """Fill one template."""
    out: list[str] = []
    spans: list[tuple[int, int, str]] = []
    cursor = size = 0
    for match in MARK.finditer(template):
        before = template[cursor : match.start()]
        value = DRAW.sub(lambda part: _draw(part[1], rng), match[2])
        size += len(before)
        spans.append((size, size + len(value), match[1]))
        size += len(value)
        out += (before, value)
        cursor = match.end()
    return Note("".join((*out, template[cursor:])), spans)


def notes(seed: int = 7, count: int = 120) -> Iterator[Note]:
    """`count` notes, the templates in turn."""
    rng = random.Random(seed)
    for index in range(count):
        yield note(TEMPLATES[index % len(TEMPLATES)], rng)
