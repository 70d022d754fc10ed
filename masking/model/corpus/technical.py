"""Values of technical text that identify nobody: identifiers, paths, hosts, versions, ports, hashes and the like."""
# ruff: noqa: E501, SIM905 - lists of words are read as text

from __future__ import annotations

import functools
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from . import fillers

_SUFFIXES = "Error|Exception|Handler|Manager|Service|Client|Server|Config|Factory|Request|Response|Type|Model|Builder|Provider|Adapter|Warning|Context|Stream|Reader|Writer|Parser|Resource|Session|Controller|Repository|Info|Status|Result".split(
    "|"
)
_FILES = (
    "py js ts go rs java c h cpp json yaml yml toml md txt log sql sh html css lock csv xml conf ini tsx rb".split()
)
_FOLDERS = "src app lib tests docs internal pkg cmd api usr var etc opt home bin node_modules build dist core models routes data tmp main public config scripts web site-packages local share".split()
_DOMAINS = "com org net io dev internal local example.com example.org svc.cluster.local localdomain".split()


@functools.cache
def _vocabulary() -> list[str]:
    return Path(__file__).with_name("technical_vocabulary.txt").read_text(encoding="utf-8").split()


def tech(random: Random) -> str:
    """A plain or technical word in lower case."""
    draw = random.random()
    if draw < 0.7:
        return random.choice(_vocabulary())
    return fillers.english(random) if draw < 0.92 else fillers.scramble(random)


def part(random: Random) -> str:
    """A short word that identifiers are made of."""
    word = random.choice(_vocabulary()) if random.random() < 0.85 else fillers.english(random)
    return word if len(word) < 13 else word[:4]


def snake(random: Random) -> str:
    return "_".join(part(random) for _ in range(random.choice((1, 2, 2, 2, 3, 3, 4))))


def pascal(random: Random) -> str:
    made = "".join(part(random).capitalize() for _ in range(random.choice((1, 1, 2, 2, 3))))
    if random.random() < 0.1:
        made = random.choice(("HTTP", "JSON", "SQL", "IO", "URL", "API", "DB", "XML", "TCP", "FHIR", "MCP")) + made
    return made + (random.choice(_SUFFIXES) if random.random() < 0.5 else "")


def camel(random: Random) -> str:
    return part(random) + pascal(random)


def kebab(random: Random) -> str:
    return "-".join(part(random) for _ in range(random.choice((1, 2, 2, 3))))


def identifier(random: Random) -> str:
    """The name of a variable, function, column, tool or field."""
    make = random.choice((snake, snake, snake, camel, pascal, kebab, constant, dotted, called))
    return make(random)


def constant(random: Random) -> str:
    return snake(random).upper()


def dotted(random: Random) -> str:
    return ".".join(part(random) for _ in range(random.choice((2, 2, 3, 4)))) + (
        "." + pascal(random) if random.random() < 0.25 else ""
    )


def called(random: Random) -> str:
    return random.choice((snake, camel, dotted))(random) + "()"


def path(random: Random) -> str:
    """A file's path on some system."""
    folders = [random.choice(_FOLDERS) if random.random() < 0.6 else part(random) for _ in range(random.randint(0, 4))]
    file = random.choice((snake, kebab, part, pascal))(random) + "." + random.choice(_FILES)
    if random.random() < 0.1:
        return "C:\\" + "\\".join([*map(str.capitalize, folders), file])
    return random.choice(("/", "/", "", "./", "../", "~/")) + "/".join([*folders, file])


def host(random: Random) -> str:
    name = random.choice((part, kebab, part, fillers.scramble))(random)
    if random.random() < 0.3:
        name += f"-{random.randint(0, 20):02d}"
    return random.choice(
        ("localhost", name, f"{name}.{random.choice(_DOMAINS)}", f"{part(random)}.{name}.{random.choice(_DOMAINS)}")
    )


def url(random: Random) -> str:
    tail = "/".join(
        random.choice((part, kebab, part, lambda r: str(r.randint(1, 9999))))(random)
        for _ in range(random.randint(0, 4))
    )
    question = (
        f"?{part(random)}={random.choice((part(random), str(random.randint(1, 500))))}" if random.random() < 0.3 else ""
    )
    return f"{random.choice(('http', 'https', 'https', 'postgresql', 'redis', 'ws', 'file'))}://{host(random)}{random.choice(('', '', ':' + port(random)))}/{tail}{question}"


def route(random: Random) -> str:
    steps = [
        random.choice(
            (
                part,
                kebab,
                part,
                lambda r: str(r.randint(1, 9999)),
                lambda r: "{" + part(r) + "}",
                lambda r: "v" + str(r.randint(1, 4)),
                lambda r: part(r).capitalize(),
            )
        )(random)
        for _ in range(random.randint(1, 4))
    ]
    return (
        "/"
        + "/".join(steps)
        + (
            f"?{part(random)}={random.choice((part(random), str(random.randint(1, 99))))}"
            if random.random() < 0.25
            else ""
        )
    )


def version(random: Random) -> str:
    parts = ".".join(
        str(random.choice((random.randint(0, 9), random.randint(0, 30), random.randint(0, 130))))
        for _ in range(random.choice((2, 3, 3, 3, 4)))
    )
    return (
        random.choice(("", "", "", "v"))
        + parts
        + random.choice(("", "", "", "", "-alpine", "-rc1", "-beta.2", "a1", ".dev0", "-slim", "rc2"))
    )


def port(random: Random) -> str:
    return str(
        random.choice(
            (
                80,
                443,
                8080,
                8000,
                3000,
                5432,
                6379,
                27017,
                9090,
                22,
                3306,
                8443,
                5000,
                9200,
                1433,
                50051,
                random.randint(1024, 65535),
            )
        )
    )


def line_number(random: Random) -> str:
    return str(random.choice((random.randint(1, 99), random.randint(1, 400), random.randint(400, 9999))))


def count(random: Random) -> str:
    return random.choice((str(random.randint(0, 20)), str(random.randint(0, 130)), str(random.randint(100, 99999)), f"{random.randint(1, 999)},{random.randint(0, 999):03d}",
                          f"{random.randint(0, 99)}.{random.randint(0, 999)}", str(random.randint(10**5, 10**10))))  # fmt: skip


def many(random: Random) -> str:
    """A count that could be taken for an age."""
    return str(random.randint(0, 130) if random.random() < 0.5 else random.randint(88, 115))


def hexadecimal(random: Random) -> str:
    made = "".join(random.choice("0123456789abcdef") for _ in range(random.choice((4, 7, 8, 12, 16, 32, 40))))
    return random.choice(("", "", "0x")) + made


def uuid(random: Random) -> str:
    return "-".join("".join(random.choice("0123456789abcdef") for _ in range(size)) for size in (8, 4, 4, 4, 12))


def ip(random: Random) -> str:
    address = ".".join(str(random.choice((10, 0, 127, 192, 168, random.randint(1, 254)))) for _ in range(4))
    return address + random.choice(("", "", ":" + port(random), "/24"))


def clock(random: Random) -> str:
    hour, minute, second = random.randint(0, 23), random.randint(0, 59), random.randint(0, 59)
    return f"{hour:02d}:{minute:02d}:{second:02d}" + random.choice(
        (
            "",
            "",
            f".{random.randint(0, 999):03d}",
            f",{random.randint(0, 999):03d}",
            "Z",
            "+00:00",
            f".{random.randint(0, 999999):06d}Z",
        )
    )


def duration(random: Random) -> str:
    value = random.choice((str(random.randint(1, 999)), f"{random.randint(0, 60)}.{random.randint(0, 999)}"))
    return value + random.choice(("ms", " ms", "s", " seconds", "us", "m", "min", " minutes", "h"))


def size(random: Random) -> str:
    value = random.choice((str(random.randint(1, 9999)), f"{random.randint(0, 99)}.{random.randint(0, 99)}"))
    return value + random.choice(("MB", " MB", "kB", " KB", "GB", " GiB", " bytes", "B", "Mi", "K", "%"))


def flag(random: Random) -> str:
    return "-" + random.choice(string.ascii_letters) if random.random() < 0.3 else "--" + kebab(random)


def iso_date(random: Random) -> str:
    return f"{random.randint(2005, 2027)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"


def log_date(random: Random) -> str:
    """A date as log lines write it."""
    month = random.choice("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
    year, day = random.randint(2005, 2027), random.randint(1, 28)
    return random.choice(
        (
            f"{month} {day}",
            f"{month} {day:2d}",
            f"{day:02d}/{month}/{year}",
            f"{year}/{random.randint(1, 12):02d}/{day:02d}",
            iso_date(random),
            f"{month} {day}, {year}",
            f"{day} {month} {year}",
        )
    )


Make = Callable[[Random], str]
MAKERS: Mapping[str, Make] = {
    "tw": tech, "Tw": lambda random: tech(random).capitalize(), "TW": lambda random: tech(random).upper(), "snake": snake, "Pascal": pascal,
    "camel": camel, "kebab": kebab, "ident": identifier, "called": called, "CONST": constant, "dotted": dotted, "path": path, "host": host, "url": url,
    "route": route, "ver": version, "port": port, "line": line_number, "count": count,
    "many": many, "hex": hexadecimal, "uuid": uuid, "ip": ip,
    "hms": clock, "ms": duration, "size": size, "flag": flag, "lt": lambda _: "<", "gt": lambda _: ">", "bar": lambda _: "|",
}  # fmt: skip
DATES: Mapping[str, Make] = {"isodate": iso_date, "logdate": log_date}
