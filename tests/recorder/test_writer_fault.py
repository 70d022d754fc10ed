"""A fault in one of the recorder's own threads refuses what waits and what comes; it never leaves anybody waiting."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

import recorder
from recorder.encoder import Encoder
from recorder.notary import Notary
from recorder.payload import Compressor
from recorder.writer import Writer

ENTRY = recorder.Entry("decision", "s", {"effect": "allow"}, b"payload")
UNHANDLED = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


def fails(*_: object) -> None:
    raise MemoryError


@UNHANDLED
@pytest.mark.parametrize("place", [(Writer, "_write"), (Writer, "_notes"), (Encoder, "_encode_some")])
def test_an_unexpected_fault_ends_the_log_for_every_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: tuple[type, str]
) -> None:
    log = recorder.open(tmp_path / "store")
    log.append(ENTRY)

    def breaks(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(*place, breaks)
        waiting = [log.submit(ENTRY)]
        for future in waiting:
            with pytest.raises(recorder.WriteError, match="the recorder ended: RuntimeError"):
                future.result(timeout=300)
    with pytest.raises(recorder.WriteError, match="the recorder ended"):
        log.append(ENTRY)
    with pytest.raises(recorder.WriteError, match="the recorder ended"):
        log.close()
    recorder.verify(tmp_path / "store")
    with recorder.open(tmp_path / "store") as again:
        again.append(ENTRY)


@pytest.mark.parametrize("error", [MemoryError, zstandard.ZstdError])
def test_a_group_that_cannot_be_encoded_is_refused_and_the_next_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def breaks(*_: object) -> None:
        raise error

    with recorder.open(tmp_path / "store") as log:
        with monkeypatch.context() as broken:
            broken.setattr(Compressor, "compress", breaks)
            with pytest.raises(recorder.WriteError, match="could not be encoded"):
                log.append(ENTRY)
        assert log.append(ENTRY).seq == 1
    recorder.verify(tmp_path / "store")


@UNHANDLED
def test_a_fault_of_the_notary_fails_checkpoints_and_then_appends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = recorder.open(tmp_path / "store")
    with monkeypatch.context() as broken:
        broken.setattr(Notary, "_sign", fails)
        log.append(ENTRY)
        with pytest.raises(recorder.WriteError, match="the recorder ended: MemoryError"):
            log.checkpoint()
    with pytest.raises(recorder.WriteError, match="the recorder ended"):
        log.append(ENTRY)  # durable, and refused all the same: no checkpoint would ever cover it
    with pytest.raises(recorder.WriteError):
        log.close()
    with recorder.open(tmp_path / "store") as again:
        again.append(ENTRY)
    recorder.verify(tmp_path / "store")
