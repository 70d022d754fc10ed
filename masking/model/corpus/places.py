"""Places that need not exist: towns, streets, postal codes, hospitals and other houses a person can be found by."""
# ruff: noqa: E501, SIM905 - lists of words are read as text

from __future__ import annotations

import functools
from pathlib import Path
from random import Random

from . import people

STATES = """AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
PA RI SC SD TN TX UT VT VA WA WV WI WY""".split()
STATE_NAMES = """Alabama|Alaska|Arizona|California|Colorado|Connecticut|Florida|Georgia|Illinois|Indiana|Iowa|Kansas|Kentucky|
Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Missouri|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|
North Carolina|Ohio|Oklahoma|Oregon|Pennsylvania|South Carolina|Tennessee|Texas|Utah|Vermont|Virginia|Washington|
West Virginia|Wisconsin""".replace("\n", "").split("|")

_TWO_WORDS = """Elk Grove|Cherry Hill|Bowling Green|Baton Rouge|Des Moines|Eau Claire|Fond du Lac|La Crosse|Coeur d'Alene|Corpus Christi|
Sioux Falls|Rapid City|Grand Forks|Cedar Rapids|Ann Arbor|Battle Creek|Traverse City|Bay City|Little Rock|Hot Springs|Pine Bluff|
Boca Raton|Key West|Daytona Beach|Winston-Salem|Chapel Hill|Rocky Mount|Myrtle Beach|Council Bluffs|Kansas City|St. Louis|St. Paul|
Salt Lake City|Las Vegas|Carson City|Palo Alto|San Jose|Long Beach|Chula Vista|Red Deer|Medicine Hat|Thunder Bay|Cape Town|Hong Kong|
Buenos Aires|Port-au-Prince|Ho Chi Minh City|Mexico City|São Paulo|Rio de Janeiro|Tel Aviv|Addis Ababa|Phnom Penh|Kuala Lumpur""".replace(
    "\n", ""
).split("|")


@functools.cache
def _lists() -> dict[str, list[str]]:
    lists = {}
    for line in Path(__file__).with_name("places.txt").read_text(encoding="utf-8").splitlines():
        key, _, names = line.partition(": ")
        lists[key] = names.split("|") if "|" in names else names.split()
    return lists


def _one(random: Random, name: str) -> str:
    return random.choice(_lists()[name])


def city(random: Random) -> str:
    draw = random.random()
    if draw < 0.25:
        return _one(random, "city")
    if draw < 0.45:
        return random.choice(_towns())
    if draw < 0.8:
        return _one(random, "head") + _one(random, "tail")
    if draw < 0.9:
        return f"{_one(random, 'prefix')} {random.choice((_one(random, 'city'), _one(random, 'head') + _one(random, 'tail')))}"
    if draw < 0.93:
        return random.choice(_TWO_WORDS)
    return people.made_up(random, "family") + random.choice(
        ("", "", "ville", "ton", " Beach", " Park", "pur", "abad", "grad")
    )


@functools.cache
def _towns() -> list[str]:
    return Path(__file__).with_name("towns.txt").read_text(encoding="utf-8").replace("\n", "|").strip("|").split("|")


def nature(random: Random) -> str:
    """What estates, schools and shops are called after: `Quail Hollow`, `Three Oaks`, `Sunset Pointe`."""
    draw = random.random()
    if draw < 0.7:
        return f"{_one(random, 'nature')} {_one(random, 'nature2')}"
    if draw < 0.8:
        return f"{_one(random, 'nature')} {_one(random, 'nature')}"
    if draw < 0.9:
        return f"{people.family_name(random, 'en')} {_one(random, 'nature2')}"
    return f"The {_one(random, 'nature2') if random.random() < 0.5 else _one(random, 'nature')}{random.choice(('s', '', ''))}"


def _owner(random: Random) -> str:
    """Who houses and shops are called after."""
    name = people.family_name(random, random.choice(("en", "en", "it", "de")))
    draw = random.random()
    if draw < 0.4:
        return name
    if draw < 0.6:
        return name + random.choice(
            (
                " & Sons",
                " and Sons",
                " & Son",
                " Brothers",
                " Bros",
                " Bros.",
                " & Daughters",
                " Family",
                " & Co",
                " & Co.",
            )
        )
    if draw < 0.75:
        return f"{name} {random.choice(('&', 'and', '-', '+'))} {people.family_name(random, 'en')}".replace(" - ", "-")
    if draw < 0.9:
        return f"{people.common_given(random) if random.random() < 0.6 else name}'s"
    return f"{people.common_given(random)} {name}"


def _called(random: Random) -> str:
    draw = random.random()
    if draw < 0.35:
        return nature(random)
    if draw < 0.60:
        return _owner(random)
    if draw < 0.85:
        return city(random)
    if draw < 0.93:
        return _one(random, "nature")
    return random.choice(
        (
            _one(random, "holy"),
            f"{random.choice(('St.', 'St', 'Saint'))} {_one(random, 'saint')}",
            people.made_up(random, "family"),
        )
    )


def house(random: Random) -> str:
    """A house of any kind that a person can be found by: a school, a chemist, a funeral home, a jail."""
    draw = random.random()
    if draw < 0.25:
        return facility(random)
    if draw < 0.32:
        return nature(random)
    name = f"{_called(random)} {_one(random, 'house')}"
    return f"The {name}" if draw > 0.97 else name


def business(random: Random) -> str:
    """A shop, works or office with a name of its own."""
    draw = random.random()
    if draw < 0.12:
        return employer(random)
    if draw < 0.22:
        return _owner(random) + random.choice(("", "", " Inc", " LLC", " Ltd", " Corp."))
    if draw < 0.28:
        return nature(random)
    return f"{_called(random)} {_one(random, 'business')}"


def county(random: Random) -> str:
    return f"{city(random)} {random.choice(('County', 'County', 'Parish', 'Township'))}"


def street(random: Random) -> str:
    """A house number and a street, in many shapes."""
    number = str(random.choice((random.randint(1, 99), random.randint(100, 999), random.randint(1000, 19999))))
    if random.random() < 0.06:
        number += random.choice(("A", "B", "-2", " 1/2"))
    draw = random.random()
    if draw < 0.09:
        place = f"{_one(random, 'abroad')} {people.family_name(random, 'es')}"
        return random.choice(
            (
                f"{number} {place}",
                f"{place} {number}",
                f"{place}, {number}",
                f"{number} {place} {random.randint(1, 400)}",
            )
        )
    if draw < 0.17:
        place = f"{people.made_up(random, 'family')}{random.choice(('', '', '', ' '))}{_one(random, 'abroadtail')}"
        return random.choice((f"{place} {number}", f"{place} {number}", f"{number} {place} {random.randint(1, 120)}"))
    if draw < 0.185:
        unit_no, box = random.randint(1000, 9999), random.randint(1, 9999)
        return random.choice(
            (f"PSC {unit_no}, Box {box}", f"Unit {unit_no} Box {box}", f"CMR {unit_no // 10} Box {box}")
        )
    if draw < 0.23:
        return random.choice(
            (f"P.O. Box {number}", f"PO Box {number}", f"RR {number[:1]} Box {number}", f"Box {number}")
        )
    if draw < 0.28:
        name = random.choice(
            (f"{random.randint(1, 180)}th", f"{random.randint(2, 9)}1st", "1st", "2nd", "3rd", "Fifth")
        )
    elif draw < 0.5:
        name = _one(random, "road")
    elif draw < 0.6:
        name = nature(random)
    elif draw < 0.8:
        name = city(random)
    else:
        name = people.family_name(random, "en")
    side = random.choice(("N ", "S ", "E ", "West ", "North ", "NW ", "S. ")) if random.random() < 0.2 else ""
    return f"{number} {side}{name} {_one(random, 'street')}{unit(random) if random.random() < 0.25 else ''}"


def road(random: Random) -> str:
    """A road without a number."""
    if random.random() < 0.12:
        return random.choice(("Route ", "Rte ", "Highway ", "Hwy ", "County Road ", "CR ", "US ", "State Road ")) + str(
            random.randint(1, 400)
        )
    name = random.choice((_one(random, "road"), nature(random), city(random), people.family_name(random, "en")))
    return f"{name} {_one(random, 'street')}"


def unit(random: Random) -> str:
    value = random.choice(
        (str(random.randint(1, 40)), f"{random.randint(1, 20)}{random.choice('ABCD')}", random.choice("ABCD"))
    )
    return (
        random.choice((" Apt ", ", Apt. ", " #", ", Unit ", " Suite ", ", Ste ", ", Apartment ", " apt ", ", Flat "))
        + value
    )


def zip_code(random: Random) -> str:
    code = f"{random.randint(501, 99950):05d}"
    if random.random() < 0.12:
        return f"{code}-{random.randint(1, 9999):04d}"
    if random.random() < 0.06:
        return random.choice(("SW1A 2AA", "M14 5RT", "EH3 9HX", "K1A 0B1", "V6B 4Y8", "LS7 4QD", "BT9 6AP"))
    return code


def state(random: Random) -> str:
    return random.choice(STATES) if random.random() < 0.75 else random.choice(STATE_NAMES)


def address(random: Random) -> str:
    """Street, town, state and code, on one line or two."""
    between = random.choice((", ", ", ", ", ", "\n", " "))
    tail = random.choice(
        ("{c}, {s} {z}", "{c}, {s} {z}", "{c} {s} {z}", "{c}, {s}", "{c}", "{c}, {z}", "{c} {z}", "{c}, {s}, {z}")
    )
    return street(random) + between + tail.format(c=city(random), s=state(random), z=zip_code(random))


def facility(random: Random) -> str:
    """A hospital, clinic, nursing home, school or other house with a name of its own."""
    if random.random() < 0.06:
        return random.choice("ABCDEHJLMNPRSTUVW") + random.choice(
            ("GH", "MC", "UMC", "RMC", "CH", "BMC", "SU", "PMC", "HMC", "CSF", "MH", "UH")
        )
    if random.random() < 0.06:
        return f"{_one(random, 'head')}{random.choice(('view', 'haven', 'crest', 'lawn', 'side', 'care', 'brook', 'gate', 'dale'))}"
    if random.random() < 0.12:
        return f"{nature(random) if random.random() < 0.7 else _owner(random)} {_one(random, 'facility')}"
    if random.random() < 0.10:
        own = random.choice(
            (_one(random, "road"), city(random), people.family_name(random, "en"), _one(random, "city"))
        )
        return random.choice(
            (
                f"{_one(random, 'chain')} {own}",
                f"{_one(random, 'chain')} {own}",
                f"{own} General",
                f"{own} Memorial",
                f"{own} Regional",
                f"{own} Children's",
                f"{own} Health",
                f"{own} Clinic",
            )
        )
    draw = random.random()
    if draw < 0.30:
        name = city(random)
    elif draw < 0.42:
        name = f"{random.choice(('St.', 'St', 'Saint'))} {_one(random, 'saint')}"
        if random.random() < 0.4:
            return name
    elif draw < 0.62:
        name = _one(random, "holy")
    elif draw < 0.75:
        name = county(random)
    elif draw < 0.9:
        name = people.family_name(random, "en")
    else:
        return random.choice(
            (
                f"University of {state_name(random)} {_one(random, 'facility')}",
                f"{_one(random, 'holy')} of {city(random)}",
            )
        )
    return f"{name} {_one(random, 'facility')}"


def state_name(random: Random) -> str:
    return random.choice(STATE_NAMES)


def employer(random: Random) -> str:
    if random.random() < 0.4:
        return _one(random, "company")
    return f"{random.choice((people.family_name(random, 'en'), city(random)))} {_one(random, 'companytail')}"
