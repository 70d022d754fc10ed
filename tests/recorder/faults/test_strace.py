"""Every system call by which the recorder writes fails in turn, or is its last: nothing acknowledged is lost.

strace injects EIO, ENOSPC and SIGKILL at the N-th write, sync, rename, open, truncate, unlink and mkdir of each thread
of a process that records (strace counts for each thread apart); afterwards the store opens without help, verifies, and
holds each acknowledged record and none that was refused.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder import RecorderError
from tests.recorder.faults.lives import Nursery, Told, check, nursery, start

CALLS = ("pwrite64", "write", "fdatasync", "fsync", "rename", "openat", "ftruncate", "unlink", "mkdir")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
QUICK = 20


@pytest.fixture(scope="module")
def strace() -> str:
    """The path of strace; installed with apt where that is possible. There is no run without it."""
    if shutil.which("strace") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-qq", "-y", "strace"], check=False, stdout=subprocess.DEVNULL)
    found = shutil.which("strace")
    if found is None:
        pytest.fail("these tests inject faults with strace: install it (`apt-get install strace`) and run them again")
    return found


@pytest.fixture(scope="module")
def lives() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


def traced(strace: str, lives: Nursery, place: Path, *options: str) -> Told:
    """One life under strace with these options, in a new store `place/evidence`."""
    place.mkdir(parents=True)
    told = place / "told"
    pid, go = lives.born(place / "evidence", told)
    command = [strace, "-f", "-p", str(pid), "-o", str(place / "trace"), "-e", f"trace={','.join(CALLS)}", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if "attached" not in said:
            tracer.kill()
            os.kill(pid, 9)
            pytest.fail(f"strace cannot trace a process here: {said.strip()}")
        start(go)
        tracer.communicate()
    return Told.read(told)


@pytest.fixture(scope="module")
def turns(strace: str, lives: Nursery, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How often the busiest thread of an undisturbed life makes each system call."""
    place = tmp_path_factory.mktemp("undisturbed") / "life"
    told = traced(strace, lives, place)
    assert (len(told.acknowledged), told.refused, told.notes) == (24, [], [])
    check(place / "evidence", told)
    made: Counter[tuple[str, str]] = Counter()
    for line in (place / "trace").read_text().splitlines():
        found = re.match(r"(\d+) +(\w+)\(", line)
        if found:
            made[found[1], found[2]] += 1
    return {name: max((count for (_, call), count in made.items() if call == name), default=0) for name in CALLS}


def single(turns: dict[str, int]) -> list[list[str]]:
    """Each fault at each turn of each system call."""
    return [
        [f"inject={call}:{fault}:when={turn}"]
        for call in CALLS
        for turn in range(1, turns[call] + 1)
        for fault in FAULTS
    ]


def double(turns: dict[str, int]) -> list[list[str]]:
    """A fault, and another while the recorder still deals with the first; and faults that stay."""
    behind = ("ftruncate:error=EIO", "ftruncate:signal=KILL", "unlink:error=EIO")
    pairs = [
        [f"inject={call}:error=EIO:when={turn}", f"inject={other}:when=1"]
        for call in ("fdatasync", "pwrite64")
        for turn in range(2, turns[call] + 1, 2)
        for other in behind
    ]
    lasting = [
        [f"inject={call}:{fault}:when={turn}+"]
        for call in ("pwrite64", "fdatasync", "openat")
        for turn in range(1, turns[call] + 1, 3)
        for fault in FAULTS[:2]
    ]
    return [*pairs, *lasting]


def broken(strace: str, lives: Nursery, path: Path, cases: list[list[str]]) -> list[str]:
    """Run each case; the ones that broke a promise, and how."""
    found = []
    for number, case in enumerate(cases):
        place = path / str(number)
        told = traced(strace, lives, place, *(word for option in case for word in ("-e", option)))
        try:
            assert told.ended or any("KILL" in option for option in case), "the process died of it"
            check(place / "evidence", told)
        except (AssertionError, RecorderError) as error:
            found.append(f"{' '.join(case)}: {type(error).__name__}: {error} (notes: {told.notes})")
        shutil.rmtree(place)
    return found


def unsynced(trace: str, told: Path) -> list[str]:
    """Names that were new when an acknowledgement was told and that no fsync of their directory had made durable."""
    pending: set[Path] = set()
    left: list[str] = []
    for line in trace.splitlines():
        made = re.search(r'mkdir\("([^"]+)".* = 0$|openat\(\w+(?:<[^>]*>)?, "([^"]+)", [^,]*O_CREAT.* = \d+', line)
        moved = re.search(r'rename\("([^"]+)", "([^"]+)"\) += 0', line)
        synced = re.search(r"fsync\(\d+<([^>]+)>", line)
        if made:
            pending.add(Path(made[1] or made[2]))
        elif moved:
            pending.discard(Path(moved[1]))
            pending.add(Path(moved[2]))
        elif synced:
            pending -= {path for path in pending if path.parent == Path(synced[1])}
        elif "writev(" in line and "ack " in line:
            needed = {path for path in pending if path.name not in ("lock", "README", told.name)}
            left += sorted(str(path) for path in needed if not {"tiles", "checkpoints"} & set(path.parts))
            pending.clear()
    return left


def test_every_name_that_a_record_needs_is_durable_before_the_record_is_acknowledged(
    strace: str, lives: Nursery, tmp_path: Path
) -> None:
    """Tiles and checkpoints are left out: they are made again from the segments."""
    told = traced(strace, lives, tmp_path / "life", "-y", "-s", "256", "-e", f"trace={','.join(CALLS)},writev")
    assert len(told.acknowledged) == 24
    trace = (tmp_path / "life" / "trace").read_text()
    assert "ack " in trace
    assert unsynced(trace, tmp_path / "life" / "told") == []


def tell(found: list[str], tried: int) -> None:
    if found:
        pytest.fail(f"{len(found)} of {tried} broke a promise:\n" + "\n".join(found), pytrace=False)


def test_a_fault_at_twenty_places_loses_nothing_acknowledged(
    strace: str, lives: Nursery, turns: dict[str, int], tmp_path: Path
) -> None:
    cases = [*single(turns), *double(turns)]
    tell(broken(strace, lives, tmp_path, cases[:: len(cases) // QUICK]), QUICK)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_fault_at_every_system_call_loses_nothing_acknowledged(
    strace: str, lives: Nursery, turns: dict[str, int], tmp_path: Path
) -> None:
    cases = [*single(turns), *double(turns)]
    assert len(cases) >= 200
    tell(broken(strace, lives, tmp_path, cases), len(cases))
