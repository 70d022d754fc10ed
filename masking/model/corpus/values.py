"""Numbers, dates and times of notes, each in the many ways people write them."""
# ruff: noqa: E501, SIM905 - lists of words are read as text

from __future__ import annotations

import string
from random import Random

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_NUMBER_WORDS = "one two three four five six seven eight nine ten eleven twelve".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def month(random: Random) -> str:
    name = random.choice(MONTHS)
    if name == "September" and random.random() < 0.4:
        return random.choice(("Sept", "Sept."))
    return name if random.random() < 0.6 or name == "May" else name[:3] + random.choice(("", "."))


def nth(day: int) -> str:
    return f"{day}{'th' if 10 <= day % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def date(random: Random) -> str:
    """A full date."""
    day, number, year = random.randint(1, 28), random.randint(1, 12), random.randint(1930, 2026)
    short, name = f"{year % 100:02d}", month(random)
    if random.random() < 0.3:
        return _other_date(random, day, number, year, name)
    return random.choice((
        f"{number}/{day}/{year}", f"{number:02d}/{day:02d}/{year}", f"{number}/{day}/{short}", f"{number:02d}/{day:02d}/{short}",
        f"{number}-{day}-{year}", f"{number:02d}-{day:02d}-{short}", f"{year}-{number:02d}-{day:02d}", f"{day:02d}.{number:02d}.{year}",
        f"{name} {day}, {year}", f"{name} {day} {year}", f"{name} {nth(day)}, {year}", f"{day} {name} {year}",
        f"{nth(day)} {name} {year}", f"the {nth(day)} of {name} {year}", f"{day:02d}-{name[:3]}-{year}", f"{day:02d}-{name[:3].upper()}-{short}",
        f"{day}{name[:3].upper()}{year}", f"{year}{number:02d}{day:02d}", f"{random.choice(DAYS)}, {name} {day}, {year}", f"{name} {day}, '{short}",
    ))  # fmt: skip


def _other_date(random: Random, day: int, number: int, year: int, name: str) -> str:
    """A full date as it is written elsewhere, or by machines."""
    short, weekday = f"{year % 100:02d}", random.choice(DAYS)[: random.choice((3, 9))]
    return random.choice((
        f"{day}/{number}/{year}", f"{day:02d}/{number:02d}/{year}", f"{day}/{number}/{short}", f"{day:02d}/{number:02d}/{short}",
        f"{day}.{number}.{year}", f"{day}.{number}.{short}", f"{number}.{day}.{short}", f"{number:02d}.{day:02d}.{year}", f"{day:02d}-{number:02d}-{year}", f"{day}-{number}-{short}",
        f"{year}/{number:02d}/{day:02d}", f"{year}.{number:02d}.{day:02d}", f"{name[:3]}-{day:02d}-{year}", f"{name[:3]} {day} {short}", f"{day} {name[:3]} {short}",
        f"{day}{name[:3].lower()}{short}", f"{weekday} {number}/{day}/{short}", f"{weekday} {day} {name} {year}", f"{weekday}, {day} {name[:3]} {year}", f"{name} the {nth(day)}, {year}",
        f"{day} of {name}, {year}", f"{nth(day)} of {name} {year}", f"{name}.{day}.{year}", f"{year} {name[:3]} {day:02d}", f"{year}-{number}-{day}", f"{name} {day} of {year}",
    ))  # fmt: skip


def short_date(random: Random) -> str:
    """A date without its year."""
    day, number, name = random.randint(1, 28), random.randint(1, 12), month(random)
    if random.random() < 0.3:
        weekday = random.choice(DAYS)[: random.choice((3, 4, 9))]
        return random.choice((f"{day}/{number}", f"{day:02d}/{number:02d}", f"{day}.{number}.", f"{day:02d}.{number:02d}.", f"{name[:3]}-{day}", f"{day}-{name[:3]}", f"{day}{name[:3].upper()}",
                              f"{weekday} {number}/{day}", f"{weekday} {name} {day}", f"{weekday} {day} {name}", f"{weekday} the {nth(day)}", f"the {nth(day)}", f"{nth(day)} {name}", f"{nth(day)} of {name}",
                              f"{name} the {nth(day)}", f"{name.lower()} {day}", f"{weekday} {nth(day)}"))  # fmt: skip
    return random.choice((f"{number}/{day}", f"{number}/{day}", f"{number:02d}/{day:02d}", f"{name} {day}", f"{name} {nth(day)}",
                          f"{day} {name}", f"the {nth(day)} of {name}", f"{number}-{day}"))  # fmt: skip


def month_year(random: Random) -> str:
    year, number = random.randint(1960, 2026), random.randint(1, 12)
    name = month(random)
    if random.random() < 0.25:
        season = random.choice(("spring", "summer", "autumn", "winter", "fall"))
        return random.choice((f"{season} {year}", f"the {season} of {year}", f"{season} '{year % 100:02d}", f"late {season} {year}", f"end of {name}", f"mid-{name}", f"mid-{name} {year}", f"{name[:3]} {year}", f"{name[:3]}-{year % 100:02d}", f"{name[:3]}/{year}", f"{number}-{year}",
                              f"{name} '{year % 100:02d}", f"{year}/{number:02d}", f"the first week of {name}", f"the end of {name} {year}", f"beginning of {name}", f"this {name}", f"next {name}"))  # fmt: skip
    return random.choice((f"{name} {year}", f"{name} {year}", f"{name} of {year}", f"{number}/{year}", f"{number:02d}/{year}",
                          f"{name} of last year", f"last {name}", f"{random.choice(('spring', 'summer', 'fall', 'winter'))} of {year}",
                          f"early {name}", f"{number}/{year % 100:02d}", f"{name}, {year}", f"{name[:3]} '{year % 100:02d}", f"{year}-{number:02d}", f"late {name}", f"mid {name}", f"early {name} {year}", f"{random.choice(('Spring', 'Winter', 'Fall'))} {year}"))  # fmt: skip


def date_range(random: Random) -> str:
    day, number, year = random.randint(1, 20), random.randint(1, 12), random.randint(1990, 2026)
    name = month(random)
    return random.choice((f"{number}/{day}/{year}-{number}/{day + 7}/{year}", f"{name} {day}-{day + 4}, {year}", f"{day}-{day + 3} {name} {year}", f"{name} {day} through {day + 6}", f"{day}\u2013{day + 2} {name}", f"{number}/{day}-{day + 3}", f"{name} to {month(random)} {year}", f"{name} and {month(random)}",
                          f"{number}/{day}-{number}/{day + 7}", f"{number}/{day} - {number}/{day + 5}", f"{name} {day}-{day + 3}",
                          f"{name} {day} to {day + 6}", f"{number}/{day} to {number}/{day + 4}"))  # fmt: skip


def phone(random: Random) -> str:
    area, middle, last = random.randint(201, 989), random.randint(200, 999), random.randint(0, 9999)
    number = random.choice((
        f"({area}) {middle}-{last:04d}", f"{area}-{middle}-{last:04d}", f"{area}.{middle}.{last:04d}", f"{area} {middle} {last:04d}",
        f"{area}{middle}{last:04d}", f"+1 {area} {middle} {last:04d}", f"1-{area}-{middle}-{last:04d}", f"{middle}-{last:04d}",
        f"({area}){middle}-{last:04d}", f"{area}/{middle}-{last:04d}", f"x{last:04d}", f"x{middle}{last % 100:02d}", f"+44 20 {random.randint(7000, 8999)} {last:04d}", f"0{area} {middle} {last:04d}",
        _abroad(random), _abroad(random), _abroad(random),
    ))  # fmt: skip
    return (
        number + random.choice((" x", " ext. ", " ext ")) + str(random.randint(10, 9999))
        if random.random() < 0.08
        else number
    )


def _abroad(random: Random) -> str:
    """A telephone number in groups, as other countries write them."""
    gap = random.choice("   .-")
    groups = random.choice(
        (
            (3, 3, 3),
            (2, 2, 2, 2, 2),
            (3, 4),
            (2, 3, 3),
            (4, 3, 3),
            (2, 6),
            (3, 2, 2),
            (4, 4),
            (5, 5),
            (3, 3, 2, 2),
            (2, 4, 4),
        )
    )
    parts = ["".join(random.choice(string.digits) for _ in range(size)) for size in groups]
    lead = random.choice(
        (
            "",
            "",
            f"+{random.randint(20, 99)} ",
            f"+{random.randint(20, 98)}{gap}",
            f"({random.randint(2, 99)}) ",
            f"+{random.randint(20, 420)} (0)",
        )
    )
    return lead + gap.join(parts)


def record(random: Random) -> str:
    """A record number."""
    digits = "".join(random.choice(string.digits) for _ in range(random.randint(5, 10)))
    letters = "".join(random.choice(string.ascii_uppercase) for _ in range(random.randint(1, 3)))
    if random.random() < 0.25:
        year = random.randint(2015, 2026)
        return random.choice((f"{letters}{year % 100:02d}-{digits[:5]}", f"{year}-{letters}-{digits[:5]}", f"{year % 100:02d}-{letters}-{digits[:4]}", f"{letters}-{year}-{digits[:4]}", f"{digits[:3]} {digits[3:]}", f"{digits[:3]} {digits[2:5]} {digits[1:5]}", f"{letters} {digits[:4]} {digits[1:4]}", digits[:4], digits[:3] + letters, f"{letters}{digits[:3]}{letters[:1]}{digits[3:]}", f"{digits[:2]}{letters}{digits[2:]}", f"{letters.lower()}{digits}", f"{letters}/{digits[:4]}/{year % 100}", f"{digits[0]}{letters}{digits[1]}-{letters}{digits[2]}-{letters}{digits[3:5]}", f"{letters}.{digits[:3]}.{digits[2:5]}", f"{digits}/{random.randint(1, 9)}", f"{letters}-{letters}-{digits[:4]}"))  # fmt: skip
    return random.choice((digits, digits, digits, f"{digits[:3]}-{digits[3:]}", f"{digits[:2]}-{digits[2:4]}-{digits[4:]}", letters + digits,
                          f"{letters}-{digits}", f"{letters}{digits[:2]}-{digits[2:]}", f"#{digits}", f"0{digits}", f"{digits}{letters[0]}"))  # fmt: skip


def age(random: Random) -> str:
    years = random.randint(18, 89) if random.random() < 0.55 else random.randint(90, 108)
    return str(years)


def age_words(random: Random) -> str:
    ten = random.choice([*_TENS, "ninety", "ninety"])
    return ten if random.random() < 0.2 else f"{ten}{random.choice('- ')}{random.choice(_NUMBER_WORDS[:9])}"


def clock(random: Random) -> str:
    hour, minute = random.randint(0, 23), random.randint(0, 59)
    return random.choice((f"{hour:02d}:{minute:02d}", f"{hour:02d}{minute:02d}", f"{hour % 12 or 12}:{minute:02d} {random.choice(('AM', 'PM', 'am', 'pm'))}",
                          f"{hour % 12 or 12}{random.choice(('am', 'pm', ' PM'))}", f"{hour:02d}:{minute:02d}:{minute:02d}", f"{hour:02d}{minute:02d}h"))  # fmt: skip


def number(random: Random) -> str:
    return random.choice((str(random.randint(1, 9)), str(random.randint(1, 120)), str(random.randint(100, 999)), f"{random.randint(0, 20)}.{random.randint(0, 99)}",
                          f"{random.randint(1, 5)}-{random.randint(6, 12)}", f"{random.randint(1, 9)}/{random.choice((5, 10))}", f"1,{random.randint(100, 999)}"))  # fmt: skip


def ratio(random: Random) -> str:
    """So many of so many: a score, joints, nodes."""
    whole = random.choice((5, 7, 10, 11, 12, 14, 15, 18, 20, 21, 24, 28, 30, 36, 40, 50, 52, 56, 60, 66, 80, 100))
    return f"{random.randint(0, whole)}/{whole}"


def pressure(random: Random) -> str:
    return f"{random.randint(84, 198)}/{random.randint(44, 110)}"


def code(random: Random) -> str:
    """A code that says nothing about a person: diagnosis, procedure, drug or laboratory."""
    return random.choice((f"{random.choice('ABCDEFGHIJKLMNRSTZ')}{random.randint(0, 99):02d}.{random.randint(0, 9)}", str(random.randint(10004, 99499)),
                          f"{random.randint(1000, 99999)}-{random.randint(0, 9)}", f"{random.choice('AGJL')}{random.randint(1000, 9999)}",
                          f"{random.randint(1000, 69999)}-{random.randint(100, 999)}-{random.randint(10, 99)}", f"{random.randint(100000, 9999999)}"))  # fmt: skip
