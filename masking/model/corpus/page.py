"""One note being written: its people, its text so far, and where in the text they stand.

A template is text with `{slots}` and `<one|of|these>`; a slot writes a value, and marks it when it identifies. What
each slot writes is the table `SLOTS`; a slot that is not there names a list of words.txt or technical_words.txt.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from types import MappingProxyType

from masking.model import clinical_words

from . import fillers, people, places, technical, values

_CHOICE = re.compile(r"<([^<>]*)>")
_SLOT = re.compile(r"\{(\w+)\}")


@functools.cache
def word_lists() -> Mapping[str, list[str]]:
    """The lists of words.txt, with drugs and conditions."""
    folder = Path(__file__).parent
    lists: dict[str, list[str]] = {}
    for file in ("words.txt", "technical_words.txt"):
        for line in (folder / file).read_text(encoding="utf-8").splitlines():
            key, _, words = line.partition(": ")
            lists[key] = words.split("|")
    lists["dx"] = (folder / "conditions.txt").read_text(encoding="utf-8").splitlines()
    rare = (folder / "drugs.txt").read_text(encoding="utf-8").split()
    lists["drug"] = [*clinical_words.DRUGS * (len(rare) // len(clinical_words.DRUGS)), *rare]
    lists["clinical"] = clinical_words.CLINICAL
    lists["title"] = clinical_words.SAFE_TITLES
    lists["epon"] = clinical_words.EPONYMS
    return MappingProxyType(lists)


class Page:
    """A note's text and spans; the same patient throughout, and a few people around."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.patient = people.person(random)
        self.others = [people.person(random) for _ in range(4)]
        self.text = ""
        self.spans: list[tuple[int, int, str]] = []

    def write(self, template: str) -> None:
        """Expand `template` at the end of the note."""
        chosen = self._choose(template)
        last = 0
        for slot in _SLOT.finditer(chosen):
            self.text += chosen[last : slot.start()]
            self.fill(slot[1])
            last = slot.end()
        self.text += chosen[last:]

    def _choose(self, template: str) -> str:
        while found := _CHOICE.search(template):
            template = template[: found.start()] + self.random.choice(found[1].split("|")) + template[found.end() :]
        return template

    def mark(self, value: str, kind: str) -> None:
        """Write `value` at the end, as what identifies by `kind`, or as plain text when that is empty."""
        if kind:
            self.spans.append((len(self.text), len(self.text) + len(value), kind))
        self.text += value

    def fill(self, slot: str) -> None:
        """Write what `slot` makes at the end."""
        upper = slot[0].isupper() and slot.lower() in _WORDS_OF_SEX
        entry = SLOTS.get(slot)
        if entry is not None:
            kind, make = entry
            self.mark(make(self), kind)
        elif slot.lower() in _WORDS_OF_SEX:
            word = _WORDS_OF_SEX[slot.lower()][0 if self.patient.female else 1]
            self.text += word.capitalize() if upper else word
        else:
            self.write(self.random.choice(word_lists()[slot]))

    def someone(self) -> people.Person:
        """One of the people around the patient, or another."""
        return self.random.choice(self.others) if self.random.random() < 0.6 else people.person(self.random)


_WORDS_OF_SEX = {
    "he": ("she", "he"), "his": ("her", "his"), "him": ("her", "him"), "himself": ("herself", "himself"),
    "man": ("woman", "man"), "sex": ("female", "male"), "gentleman": ("lady", "gentleman"), "mf": ("F", "M"),
    "mr": ("Mrs.", "Mr."), "ms": ("Ms", "Mr"), "girl": ("girl", "boy"),
}  # fmt: skip


def _initial(name: str) -> str:
    return name[0].upper()


def _full(page: Page, person: people.Person) -> str:
    draw = page.random.random()
    if draw < 0.68:
        return f"{person.given} {person.family}"
    if draw < 0.82:
        return f"{person.given} {_initial(person.middle)}{page.random.choice(('.', '.', ''))} {person.family}"
    if draw < 0.88:
        return f"{person.given} {person.middle} {person.family}"
    if draw < 0.93:
        return f"{_initial(person.given)}. {person.family}"
    if draw < 0.95:
        return f"{_initial(person.given)}.{_initial(person.middle)}. {person.family}"
    if draw < 0.965:
        return (
            f'{person.given} "{page.random.choice(("Buddy", "Red", "Tootsie", "Mac", "Bee", "Skip"))}" {person.family}'
        )
    if draw < 0.98:
        return f"{person.given} {person.family}{page.random.choice((', Jr.', ' Jr', ' III', ' Sr.', ' II', ', Jr'))}"
    return f"{person.given} {person.family}-{page.someone().family}"


def _reversed(page: Page, person: people.Person) -> str:
    comma = page.random.choice((", ", ", ", ", ", ","))
    return f"{person.family}{comma}{person.given}" + page.random.choice(
        ("", "", f" {_initial(person.middle)}", f" {_initial(person.middle)}.", f" {person.middle}")
    )


def _initials(page: Page, person: people.Person) -> str:
    one, two, three = _initial(person.given), _initial(person.middle), _initial(person.family)
    return page.random.choice(
        (f"{one}.{three}.", f"{one}{three}", f"{one}{two}{three}", f"{one}.{two}.{three}.", f"{one}. {three}.")
    )


def _login(page: Page) -> str:
    person = page.someone()
    given, family = (re.sub(r"\W", "", name).lower() for name in (person.given, person.family))
    return page.random.choice(
        (
            given[:1] + family,
            f"{given}.{family}",
            f"{family}{given[:1]}",
            f"{given[:1]}{family}{page.random.randint(1, 99)}",
            f"{given}_{family}",
        )
    )


def _nickname(page: Page) -> str:
    return page.patient.given if page.random.random() < 0.7 else people.common_given(page.random)


def _eponym(page: Page) -> str:
    """A name that something is called after: of the lists, or of anybody."""
    if page.random.random() < 0.5:
        return page.random.choice(word_lists()["epon"])
    return people.person(page.random).family


def _brand(page: Page) -> str:
    """What is sold under a given name, or under one that nobody has heard of."""
    return people.common_given(page.random) if page.random.random() < 0.6 else fillers.drug(page.random).capitalize()


Make = Callable[[Page], str]


def _drawn(make: Callable[[Random], str]) -> Make:
    return lambda page: make(page.random)


SLOTS: Mapping[str, tuple[str, Make]] = MappingProxyType({
    "patient": ("name", lambda page: _full(page, page.patient)),
    "lastfirst": ("name", lambda page: _reversed(page, page.patient)),
    "first": ("name", _nickname),
    "last": ("name", lambda page: page.patient.family),
    "initials": ("name", lambda page: _initials(page, page.patient)),
    "person": ("name", lambda page: _full(page, page.someone())),
    "personrev": ("name", lambda page: _reversed(page, page.someone())),
    "given": ("name", lambda page: people.common_given(page.random)),
    "family": ("name", lambda page: page.someone().family),
    "wordname": ("name", lambda page: people.word_given(page.random)),
    "wordlast": ("name", lambda page: people.word_family(page.random)),
    "theirinitials": ("name", lambda page: _initials(page, page.someone())),
    "initial": ("name", lambda page: _initial(page.someone().family)),
    "kin": ("name", lambda page: f"{people.common_given(page.random)} {page.patient.family}"),
    "login": ("name", _login),
    "business": ("name", lambda page: places.business(page.random)),
    "house": ("address", lambda page: places.house(page.random)),
    "nature": ("address", lambda page: places.nature(page.random)),
    "road": ("address", lambda page: places.road(page.random)),
    "employer": ("name", lambda page: places.employer(page.random)),
    "address": ("address", lambda page: places.address(page.random)),
    "street": ("address", lambda page: places.street(page.random)),
    "unit": ("address", lambda page: places.unit(page.random).strip(" ,")),
    "city": ("address", lambda page: places.city(page.random)),
    "county": ("address", lambda page: places.county(page.random)),
    "zip": ("address", lambda page: places.zip_code(page.random)),
    "facility": ("address", lambda page: places.facility(page.random)),
    "date": ("date", lambda page: values.date(page.random)),
    "md": ("date", lambda page: values.short_date(page.random)),
    "my": ("date", lambda page: values.month_year(page.random)),
    "month": ("date", lambda page: page.random.choice(values.MONTHS)),
    "range": ("date", lambda page: values.date_range(page.random)),
    "age": ("age", lambda page: values.age(page.random)),
    "agewords": ("age", lambda page: values.age_words(page.random)),
    "phone": ("phone", lambda page: values.phone(page.random)),
    "ext": ("phone", lambda page: str(page.random.randint(100, 99999))),
    "id": ("id", lambda page: values.record(page.random)),
    "w": ("", lambda page: fillers.word(page.random)),
    "W": ("", lambda page: fillers.word(page.random).capitalize()),
    "rare": ("", lambda page: fillers.rare(page.random)),
    "Rare": ("", lambda page: fillers.rare(page.random).capitalize()),
    "RARE": ("", lambda page: fillers.rare(page.random).upper()),
    "nth": ("date", lambda page: values.nth(page.random.randint(1, 31))),
    "four": ("id", lambda page: f"{page.random.randint(0, 9999):04d}"),
    "Fakes": ("", lambda page: fillers.drug(page.random).capitalize()),
    "eponame": ("", _eponym),
    "brandname": ("", _brand),
    "ratio": ("", lambda page: values.ratio(page.random)),
    "five": ("", lambda page: f"{page.random.randint(10004, 99607)}"),
    "Foreign": ("", lambda page: page.random.choice(word_lists()["foreign"]).capitalize()),
    "FOREIGN": ("", lambda page: page.random.choice(word_lists()["foreign"]).upper()),
    "term": ("", lambda page: fillers.term(page.random)),
    "fake": ("", lambda page: fillers.drug(page.random)),
    "acro": ("", lambda page: fillers.acronym(page.random)),
    "state": ("", lambda page: places.state(page.random)),
    "statename": ("", lambda page: places.state_name(page.random)),
    "year": ("", lambda page: str(page.random.randint(1950, 2026))),
    "weekday": ("", lambda page: page.random.choice(values.DAYS)),
    "time": ("", lambda page: values.clock(page.random)),
    "t4": ("", lambda page: f"{page.random.randint(0, 23):02d}{page.random.randint(0, 59):02d}"),
    "n": ("", lambda page: values.number(page.random)),
    "bp": ("", lambda page: values.pressure(page.random)),
    "code": ("", lambda page: values.code(page.random)),
    **{slot: ("", _drawn(make)) for slot, make in technical.MAKERS.items()},
    **{slot: ("date", _drawn(make)) for slot, make in technical.DATES.items()},
})  # fmt: skip
