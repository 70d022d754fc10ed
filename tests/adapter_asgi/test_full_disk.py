"""A full disk, seen through the gate: it refuses, says so in its evidence, and goes on by itself when there is room."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from whole_gate import whole_gate

import recorder
from recorder.disk import PosixFile
from recorder.reader import Store


class Small:
    """Every write of the recorder's while `full` finds no room."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        write = PosixFile.write

        def limited(file: PosixFile, data: bytes, offset: int) -> None:
            if self.full and len(data) > 4096:  # what the reserve held is there for a few words
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            write(file, data, offset)

        monkeypatch.setattr(PosixFile, "write", limited)


def text(answer: dict[str, Any]) -> str:
    return str(answer.get("error") or answer["result"]["content"][0]["text"])


async def test_the_gate_refuses_while_nothing_can_be_recorded_and_resumes_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with whole_gate(tmp_path) as running:
        disk = Small(monkeypatch)
        assert "the number is" in text(await running.call())
        reached = len(running.server.bodies)
        disk.full = True
        for _ in range(3):
            said = text(await running.call(meta={"large": os.urandom(5_000).hex()}))
            assert "cannot be recorded" in said
        assert len(running.server.bodies) == reached, "nothing was forwarded that could not be recorded"
        assert "hoopgate_recording 0" in (await running.page("/metrics"))[1]
        disk.full = False
        assert "the number is" in text(await running.call())
        assert len(running.server.bodies) == reached + 1
    gaps = [record.data for record in Store(tmp_path / "store").records() if record.kind == "gap"]
    assert [gap["cause"] for gap in gaps] == ["stopped", "resumed"]
    assert gaps[1]["refused"] >= 3
    recorder.verify(tmp_path / "store")
