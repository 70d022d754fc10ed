"""Large payloads are compressed ahead, in another thread: what is recorded is the same, whoever did it."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from threading import Event

import pytest
import zstandard

import recorder
from recorder.payload import Compressor, _decompress
from recorder.pending import Pending
from recorder.press import LARGE, Press
from recorder.reader import Payloads, Store


def pending(payload: bytes) -> Pending:
    return Pending(recorder.Entry("response", "s", {}, payload), b"{}", Future())


def large(number: int) -> bytes:
    return b"%6d " % number * (LARGE // 4)


@pytest.mark.parametrize("started", [True, False])
def test_everything_offered_is_compressed_when_it_is_taken(started: bool) -> None:
    press = Press(Compressor())
    items = [pending(large(number)) for number in range(200)]
    for item in items[:100]:
        press.offer(item)
    if started:
        press.start()
    for item in items[100:]:
        press.offer(item)
    press.take(items[:150])
    assert [_decompress(item.packed) for item in items[:150]] == [item.entry.payload for item in items[:150]]
    press.close()
    press.take(items)
    assert [_decompress(item.packed) for item in items] == [item.entry.payload for item in items]


def test_what_is_offered_after_the_end_is_left_to_the_writer() -> None:
    press = Press(Compressor())
    press.start()
    press.close()
    item = pending(large(1))
    press.offer(item)
    assert not item.offered
    press.take([item])
    assert not item.packed


@pytest.mark.parametrize("error", [MemoryError, zstandard.ZstdError])
def test_what_the_thread_cannot_compress_the_writer_does(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    press = Press(Compressor())
    met, compress = Event(), Compressor.compress

    def breaks(own: Compressor, payloads: list[bytes]) -> list[bytes]:
        if own is not press._compressor:
            met.set()
            raise error
        return compress(own, payloads)

    monkeypatch.setattr(Compressor, "compress", breaks)
    items = [pending(large(number)) for number in range(40)]
    press.start()
    for item in items:
        press.offer(item)
    assert met.wait(10)
    press.take(items)
    assert [_decompress(item.packed) for item in items] == [item.entry.payload for item in items]
    press.close()


def test_large_and_small_records_keep_their_order_and_their_bytes(tmp_path: Path) -> None:
    payloads = [large(number) if number % 3 else b"small %d" % number for number in range(300)]
    levels = ("masked", "masked", "digest", "off")
    with recorder.open(tmp_path / "store") as log:
        first = log.size
        futures = [
            log.submit(recorder.Entry("response", f"s{at % 5}", {}, payload, level=levels[at % 4]))  # type: ignore[arg-type]
            for at, payload in enumerate(payloads)
        ]
        assert [future.result().seq for future in futures] == list(range(first, first + 300))
    recorder.verify(tmp_path / "store")
    opened = Store(tmp_path / "store")
    read = Payloads(opened, recorder.Keys.in_directory(tmp_path / ".hoopgate-keys", create=False))
    records = [record for record in opened.records() if record.session]
    kept = [payload if levels[at % 4] == "masked" else None for at, payload in enumerate(payloads)]
    assert [read.payload(record) for record in records] == kept
