"""Where things are in a store. Pure names: nothing here touches a disk.

    segments/<log>-<number>.seg       records, the truth           checkpoints/<log>.notes   signed tree heads
    tiles/<log>/<level>               one level's tiles           keys/<log>.slots          wrapped session keys
    keys/<log>-epoch-<n>.json         wrapped epoch keys           keys/signer-<hex>.pub     public signing keys
    index.sqlite                      rebuilt from the segments    lock, reserve             empty; zeros

A level's file is its C2SP tlog-tiles in order: tile N is the bytes from 8192·N on, the last one partial.
`<log>` is the number of one writer's log, decimal, without leading zeroes. Each process writes a log of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = [
    "INDEX",
    "INDEX_SHM",
    "INDEX_WAL",
    "LOCK",
    "RESERVE",
    "checkpoints",
    "epoch",
    "is_place",
    "logs",
    "origin",
    "segment",
    "segment_numbers",
    "signer",
    "slots",
    "tile_name",
    "tiles",
]

LOCK = "lock"
RESERVE = "reserve"
INDEX = "index.sqlite"
INDEX_WAL, INDEX_SHM = f"{INDEX}-wal", f"{INDEX}-shm"  # there while somebody has the index open, or after a crash
_NUMBER = r"(?:0|[1-9]\d{0,5})"
_SEGMENT = re.compile(rf"({_NUMBER})-(\d{{8}})\.seg")


def segment(log: int, number: int) -> str:
    return f"segments/{log}-{number:08d}.seg"


def checkpoints(log: int) -> str:
    return f"checkpoints/{log}.notes"


def slots(log: int) -> str:
    return f"keys/{log}.slots"


def epoch(log: int, number: int) -> str:
    return f"keys/{log}-epoch-{number}.json"


def signer(fingerprint: str) -> str:
    return f"keys/signer-{fingerprint[:16]}.pub"


def tiles(log: int, level: int) -> str:
    return f"tiles/{log}/{level}"


def tile_name(level: int, index: int, width: int = 256) -> str:
    """`tile/<L>/<N>[.p/<W>]` of C2SP tlog-tiles: 3-digit elements, all but the last begin with x."""
    elements = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        elements.append(f"x{index % 1000:03d}")
    name = f"tile/{level}/" + "/".join(reversed(elements))
    return name if width == 256 else f"{name}.p/{width}"


def origin(store: str, log: int) -> str:
    """The checkpoint's origin line, which is the signing key's name too (C2SP tlog-checkpoint)."""
    return f"hoopgate.local/{store}/{log}"


def segment_numbers(root: Path, log: int) -> list[int]:
    """The numbers of the segment files that are there, in order."""
    found = (_SEGMENT.fullmatch(path.name) for path in (root / "segments").glob(f"{log}-*.seg"))
    return sorted(int(match[2]) for match in found if match and int(match[1]) == log)


def logs(root: Path) -> list[int]:
    """The logs that have a segment, in order."""
    found = (_SEGMENT.fullmatch(path.name) for path in (root / "segments").glob("*.seg"))
    return sorted({int(match[1]) for match in found if match})


def is_place(name: str, present: list[int]) -> bool:
    """Whether a file of that name, relative to the store, belongs there. `present`: the logs that have segments."""
    if name in (LOCK, RESERVE, INDEX, INDEX_WAL, INDEX_SHM):
        return True
    numbers = "|".join(str(log) for log in present)
    patterns = (
        rf"segments/(?:{numbers})-\d{{8}}\.seg",
        rf"tiles/(?:{numbers})/[0-7]",
        rf"checkpoints/(?:{numbers})\.notes",
        rf"keys/(?:{numbers})\.slots",
        rf"keys/(?:{numbers})-epoch-(?:0|[1-9]\d*)\.json",
        r"keys/signer-[0-9a-f]{16}\.pub",
    )
    return any(re.fullmatch(pattern, name) for pattern in patterns)
