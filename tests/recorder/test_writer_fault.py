"""A fault in the writer's own thread refuses what waits and what comes; it never leaves anybody waiting."""

from __future__ import annotations

from pathlib import Path

import pytest

import recorder
from recorder.writer import Writer

ENTRY = recorder.Entry("decision", "s", {"effect": "allow"})


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unexpected_fault_ends_the_log_for_every_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = recorder.open(tmp_path / "store")
    log.append(ENTRY)

    def fails(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(Writer, "_write", fails)
        with pytest.raises(recorder.ClosedError):
            log.submit(ENTRY).result(timeout=10)
    with pytest.raises(recorder.ClosedError):
        log.append(ENTRY)
    with pytest.raises(recorder.ClosedError):
        log.close()
    recorder.verify(tmp_path / "store")
    with recorder.open(tmp_path / "store") as again:
        again.append(ENTRY)
