"""Starting and ending the processes of `appender.py`, and holding what they were promised against what is on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import recorder
from recorder.reader import Store
from recorder.rfc6962 import leaf_hash

HERE = Path(__file__).parent
ROOT = Path(recorder.__file__).parent.parent


@dataclass(slots=True)
class Told:
    """What a life told before it ended: calls acknowledged (seq, leaf hash), calls refused, other failures,
    and whether it came to its end."""

    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ended: bool = False

    @classmethod
    def read(cls, path: Path) -> Told:
        """A last line without its end was never told: the writer was killed while it wrote."""
        told = cls()
        for line in path.read_text().split("\n")[:-1]:
            kind, *rest = line.split(" ")
            if kind == "ack":
                told.acknowledged[rest[0]] = (int(rest[1]), rest[2])
            elif kind == "ref":
                told.refused.append(rest[0])
            elif kind == "end":
                told.ended = True
            else:
                told.notes.append(" ".join(rest))
        return told


class Nursery:
    """One process of `appender.py`, which forks lives."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._born = 0

    def born(self, store: Path, told: Path, work: str = "live") -> tuple[int, Path]:
        """A life that waits for its start: its pid, and the pipe that starts it."""
        self._born += 1
        go = told.with_name(f"{told.name}.go")
        os.mkfifo(go)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{work} {store} {told} {go}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the nursery ended"
        return int(line), go


def start(go: Path) -> None:
    """Let a life begin."""
    go.write_bytes(b"go")


@contextmanager
def nursery() -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "appender.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield Nursery(process)
    finally:
        process.communicate()


def check(store: Path, told: Told) -> None:
    """The store opens without help and verifies; what was acknowledged is there, as it was, and what was refused is
    not.
    """
    recorder.open(store).close()
    recorder.verify(store)
    there = {record.data["call"]: record for record in Store(store).records() if record.kind == "request"}
    for call, (seq, value) in told.acknowledged.items():
        assert call in there, f"{call} was acknowledged as record {seq} and is not in the store"
        assert (there[call].seq, leaf_hash(there[call].raw).hex()) == (seq, value), call
    for call in told.refused:
        assert call not in there, f"{call} was refused and is in the store"
