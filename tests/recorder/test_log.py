"""What a process that records can rely on."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

import recorder
from recorder.keys import Keys
from recorder.reader import Payloads, Store
from tests.recorder.conftest import call


def read(store: Path) -> list[tuple[str, bytes | None]]:
    opened = Store(store)
    payloads = Payloads(opened, Keys.in_directory(store.parent / ".hoopgate-keys", create=False))
    return [(record.kind, payloads.payload(record)) for record in opened.records() if record.session]


def test_what_was_appended_reads_back_in_order_with_its_exact_bytes(store: Path) -> None:
    with recorder.open(store) as log:
        receipts = [log.append(call(number, payload=b"\x00\xff" * number)) for number in range(1, 5)]
    assert [receipt.seq for receipt in receipts] == [1, 2, 3, 4]
    assert read(store) == [("request", b"\x00\xff" * number) for number in range(1, 5)]


def test_an_append_is_on_disk_when_it_returns(store: Path, log: recorder.Log) -> None:
    receipt = log.append(call(1))
    found = [record.seq for record in Store(store).records() if record.kind == "request"]
    assert found == [receipt.seq]


def test_submits_of_many_threads_are_all_recorded_each_threads_in_its_order(store: Path) -> None:
    with recorder.open(store) as log:

        def write(name: str) -> None:
            for number in range(50):
                log.submit(call(number, name))

        threads = [threading.Thread(target=write, args=(f"s{name}",)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    recorder.verify(store)
    for name in range(8):
        calls = [record.data["call"] for record in Store(store).records(session=f"s{name}")]
        assert calls == [f"{number:032x}" for number in range(50)]


def test_a_later_opening_continues_the_log(store: Path) -> None:
    for number in range(3):
        with recorder.open(store) as log:
            log.append(call(number))
    report = recorder.verify_report(store)
    assert (report.records, report.after, report.logs) == (6, 0, 1)


def test_two_processes_write_two_logs_of_one_store(store: Path) -> None:
    with recorder.open(store) as first, recorder.open(store) as second:
        assert (first.number, second.number) == (0, 1)
        first.append(call(1))
        second.append(call(2))
        with pytest.raises(recorder.StoreError, match="another process"):
            recorder.open(store, log=0)
    assert recorder.verify_report(store).logs == 2
    assert len(read(store)) == 2


def test_levels_keep_what_they_say(store: Path) -> None:
    secret = b"the patient's name"
    with recorder.open(store) as log:
        for level in ("masked", "digest", "off"):
            log.append(recorder.Entry("response", level, {}, payload=secret, level=level))  # type: ignore[arg-type]
    opened = Store(store)
    payloads = Payloads(opened, Keys.in_directory(store.parent / ".hoopgate-keys"))
    kept = {record.session: record for record in opened.records() if record.session}
    assert payloads.payload(kept["masked"]) == secret
    assert payloads.payload(kept["digest"]) is None
    assert kept["digest"].leaf["payload"]["absent"] == "level digest"
    assert "commitment" in kept["digest"].leaf["payload"]
    assert kept["off"].leaf["payload"] == {"absent": "level off"}
    assert kept["off"].body == b""


def test_an_original_is_not_kept_without_an_auditor_and_the_leaf_says_why(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(recorder.Entry("response", "s", {}, payload=b"masked", original=b"raw", level="full"))
        log.append(recorder.Entry("response", "s", {}, payload=b"masked", original=b"raw", level="masked"))
    absent = [record.leaf["original"] for record in Store(store).records(session="s")]
    assert absent == [{"absent": "no auditor key"}, {"absent": "level masked"}]


def test_calls_without_an_end_are_open_after_a_restart(store: Path) -> None:
    with recorder.open(store, segment_bytes=600) as log:
        for number in range(12):
            log.append(call(number))
        for number in range(12):
            if number not in (3, 7):
                log.append(recorder.Entry("call.ended", "s1", {"call": f"{number:032x}", "outcome": "complete"}))
    with recorder.open(store) as log:
        opened = log.open_calls()
        assert [(item.call, item.session, item.command) for item in opened] == [
            (f"{number:032x}", "s1", "ehr/search") for number in (3, 7)
        ]
        for item in opened:
            log.append(recorder.Entry("call.interrupted", item.session, {"call": item.call}))
    with recorder.open(store) as log:
        assert log.open_calls() == []


def test_a_checkpoint_covers_what_was_appended_before_it(store: Path, log: recorder.Log) -> None:
    log.append(call(1))
    lines = log.checkpoint().split("\n")
    assert lines[0] == f"hoopgate.local/{log.store}/0"
    assert lines[1] == "2"
    assert recorder.verify_report(store).after == 0


def test_the_end_of_a_session_signs_a_checkpoint(log: recorder.Log) -> None:
    log.append(call(1))
    assert log.end_session("s1").result().split("\n")[1] == "2"


def test_a_closed_log_takes_nothing(log: recorder.Log) -> None:
    log.close()
    with pytest.raises(recorder.ClosedError):
        log.append(call(1))
    log.close()


def test_a_caller_that_gives_up_on_its_future_disturbs_nobody(store: Path, log: recorder.Log) -> None:
    futures: list[Future[recorder.Receipt]] = [log.submit(call(number)) for number in range(50)]
    for future in futures[::2]:
        future.cancel()
    assert futures[-1].result().seq == 50
    assert len(read(store)) == 50


def test_a_store_in_which_something_else_lives_is_refused(store: Path) -> None:
    store.mkdir()
    (store / "notes.txt").write_text("mine")
    with pytest.raises(recorder.StoreError, match=r"notes\.txt"):
        recorder.open(store)


def test_a_store_whose_keys_are_gone_is_refused_and_no_new_keys_are_made(store: Path) -> None:
    recorder.open(store).close()
    keys = store.parent / ".hoopgate-keys"
    keys.rename(store.parent / "moved")
    with pytest.raises(recorder.KeysError, match="keys are not in"):
        recorder.open(store)
    assert not keys.exists()


def test_a_store_is_not_opened_with_another_stores_keys(store: Path, tmp_path: Path) -> None:
    recorder.open(store).close()
    with pytest.raises(recorder.KeysError, match="does not open this store's keys"):
        recorder.open(store, keys=Keys.in_directory(tmp_path / "other"))


def test_keys_and_store_are_for_their_owner_only(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
    for path in [*store.rglob("*"), *(store.parent / ".hoopgate-keys").glob("[!R]*")]:
        assert path.stat().st_mode & 0o077 == 0, path
