"""Made-up texts and JSON values in which everything is mixed: prose, fields, formats, other spellings, older masks.

`texts(seed, count)` and `values(seed, count)` give the same for the same seed. Nothing of it says what identifies: it
is for properties that hold for every input.
"""

# ruff: noqa: E501 - tables of made-up pieces, a few lines each

from __future__ import annotations

import base64
import functools
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import masking
from tests.masking.structured import person, records

DATA = Path(__file__).with_name("data")
METHODS = ("redact", "token", "partial", "generalize", "shift")
ASIDE = (
    "[NAME]", "[SSN]", "[DATE]", "[MRN:", "[NAME:0123456789abcdef01234567]", "***-**-6789", "(***) ***-**38", "90+", "1961",
    "m***@***.org", "021", "000", "[ADDRESS], MA 021", "[NAME], [NAME]", "[WITHHELD]", "Dr. [NAME]", "born 1961",
    "seen in 2019", "[DATE] at 10:30", "ZIP 021", "age 90+", "[PHOTO]", "MRN ******13", "x***@***.com",
)  # fmt: skip
FIELDS = (
    "name", "id", "value", "text", "note", "message", "subject", "title", "dob", "birthDate", "when", "who", "city", "q", "data",
    "line1", "zip", "phone", "mrn", "contact", "author", "display", "code", "status", "result", "rows", "age", "x", "comment",
)  # fmt: skip
_SLOT = re.compile(r"\{([a-z])\d\}|\[\[(?:\?|[a-z]+):([^\]]*)\]\]")
_GLUE = (" ", "\n", ", ", "; ", "\n\n", " - ", ": ", "|", "", "\t", " and ", "/", ". ")


def plans(random: Random) -> dict[str, str]:
    """Every kind by one method where it can, or by any at random."""
    wanted = random.choice((*METHODS, "any"))
    out = {}
    for kind, one in masking.CATALOGUE.items():
        method = random.choice(one.methods) if wanted == "any" else wanted
        out[kind] = method if method in one.methods else "redact"
    return out


def _filled(slot: re.Match[str], lists: dict[str, list[str]], random: Random) -> str:
    """What stands in a template's slot, or under its label."""
    return slot[2] or random.choice(lists[slot[1]])


@functools.cache
def prose() -> tuple[str, ...]:
    """The notes of the data, their slots filled in, without their labels."""
    random = Random(7)
    out: list[str] = []
    for path in sorted(DATA.glob("prose_*.txt")):
        head, *blocks = path.read_text(encoding="utf-8").split("\n===\n")
        lists = {
            line[0]: line[3:].split("|" if "|" in line else None) for line in head.splitlines() if line[1:2] == ":"
        }
        fill = functools.partial(_filled, lists=lists, random=random)
        out += (_SLOT.sub(fill, block.strip("\n")) for block in blocks or head.splitlines())
    return tuple(out)


class Messages:
    """Draws texts and JSON values. Deterministic in `seed`."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._notes = prose()

    def text(self) -> str:
        """A text of one to four pieces, perhaps cut somewhere, perhaps in another spelling."""
        pieces = [self._piece() for _ in range(self.random.randint(1, 4))]
        text = self.random.choice(_GLUE).join(pieces)
        if self.random.random() < 0.4:
            start, end = sorted(self.random.randrange(len(text) + 1) for _ in range(2))
            text = text[start:end]
        return text[:1500]

    def value(self, depth: int = 0) -> Any:
        """A JSON value, its texts in fields of any name."""
        draw = self.random.random()
        if depth > 3 or draw < 0.5:
            return self._leaf()
        if draw < 0.65:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 4))]
        return {self._key(): self.value(depth + 1) for _ in range(self.random.randint(1, 5))}

    def _key(self) -> str:
        return self.random.choice(FIELDS) if self.random.random() < 0.93 else self.text()[:40]

    def _leaf(self) -> Any:
        random = self.random
        draw = random.random()
        if draw < 0.5:
            return self.text()[: random.choice((20, 80, 400))]
        if draw < 0.7:
            return self._fact()
        return random.choice(
            (None, True, random.randint(0, 130), random.randint(10**6, 10**10), random.random() * 100, "", "ok")
        )

    def _piece(self) -> str:
        random = self.random
        draw = random.random()
        if draw < 0.35:
            note = random.choice(self._notes)
            start = random.randrange(max(1, len(note) - 60))
            return note[start : start + random.choice((30, 90, 300))]
        if draw < 0.5:
            return self._fact()
        if draw < 0.62:
            return random.choice(ASIDE)
        if draw < 0.78:
            return self._sentence()
        if draw < 0.88:
            return self._format()
        return self._hidden(self._fact())

    def _fact(self) -> str:
        someone = person(self.random)
        day = someone.born
        return str(
            self.random.choice(
                (
                    f"{someone.given} {someone.family}", f"{someone.family}, {someone.given}", someone.ssn, someone.phone,
                    someone.email, someone.street, f"{someone.city}, MA {someone.zip}", someone.mrn, someone.account,
                    f"{day}", f"{day:%m/%d/%Y}", f"{day:%B %d, %Y}", f"{day:%d %b %Y}", f"{day:%Y%m%d}", f"{day:%m/%d}",
                    f"{day:%Y-%m-%d}T10:30:00Z", f"https://portal.example.org/p/{someone.account}", "10.20.30.40",
                    f"{someone.given[0]}. {someone.family}", someone.given, someone.family.upper(), someone.zip, "93",
                    f"Mar {day.year}", f"{day:%m/%Y}", str(day.year), someone.member, someone.npi,
                )
            )
        )  # fmt: skip

    def _sentence(self) -> str:
        label = self.random.choice(
            (
                "Patient: ", "Dr. ", "DOB ", "SSN ", "MRN: ", "call ", "seen on ", "lives at ", "from ", "Mrs. ", "on ", "acct # ",
                "name=", "ID ", "in ", "by ", "since ", "her mother ", "age ", "born ", "cc: ", "phone ", "fax: ", "email ", "Re: ",
                "transferred from ", "zip ", "signed by ", "date: ", "Attending: ", "SMITH, ", "Room 412, ", "@ ",
            )
        )  # fmt: skip
        return label + self._fact()

    def _format(self) -> str:
        random = self.random
        return random.choice(list(records(random.randrange(40)))).text[: random.choice((120, 400, 1200))]

    def _hidden(self, value: str) -> str:
        how = self.random.randrange(8)
        if how == 0:
            return "\u200b".join(value)
        if how == 1:
            return "".join(f"&#{ord(char)};" for char in value)
        if how == 2:
            return quote(value, safe="")
        if how == 3:
            return base64.b64encode(f"patient {value}".encode()).decode()
        if how == 4:
            return f"<b>{html.escape(value)}</b>"
        if how == 5:
            return " ".join(value)
        if how == 6:
            return json.dumps({self.random.choice(FIELDS): value})
        return value.encode().hex()


def texts(seed: int, count: int) -> Iterator[tuple[dict[str, str], str]]:
    """`count` plans and texts."""
    messages = Messages(seed)
    for _ in range(count):
        yield plans(messages.random), messages.text()


def values(seed: int, count: int) -> Iterator[tuple[dict[str, str], Any]]:
    """`count` plans and JSON values."""
    messages = Messages(seed)
    for _ in range(count):
        yield plans(messages.random), messages.value()
