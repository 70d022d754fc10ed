"""What a caller keeps of an answer: the store has to bear it out, and whatever was done to either is found."""

from __future__ import annotations

import json
import shutil
import string
import threading
from pathlib import Path

import pytest

import recorder
from recorder import layout, retention
from recorder import log as log_module
from recorder.command import add_commands
from recorder.erasure import erase
from recorder.errors import VerificationError
from recorder.key_files import rotate_signer
from recorder.keys import Keys
from recorder.receipt import NAME, find_receipts
from tests.recorder.conftest import call


def kept(path: Path, *receipts: str) -> Path:
    """A job's log in which these were printed."""
    path.write_text("$ run tests\n" + "".join(f"{NAME}: {receipt}\n" for receipt in receipts) + "done\n")
    return path


@pytest.fixture
def given(store: Path, tmp_path: Path) -> tuple[Path, str]:
    """A closed store, and the receipt of one of its records."""
    with recorder.open(store) as log:
        for number in range(5):
            log.append(call(number))
        receipt = log.signed_receipt(log.append(call(5)))
        log.append(call(6))
    return store, receipt


def test_a_receipt_holds_while_the_store_is_written_after_it_closed_and_after_it_opened_again(
    store: Path, tmp_path: Path
) -> None:
    job = tmp_path / "job.log"
    receipts = []
    for _ in range(3):
        with recorder.open(store) as log:
            for number in range(40):
                (made,) = log.submit_all([call(number)]).result()
                receipts.append(log.signed_receipt(made))
            recorder.verify(store, receipts=kept(job, *receipts))
    report = recorder.verify_report(store, receipts=job)
    assert (report.receipts, report.signer_pinned, report.checkpoint_pinned) == (120, True, True)


def test_receipts_of_a_group_of_entries_come_in_their_order(store: Path) -> None:
    with recorder.open(store) as log:
        made = log.submit_all([call(number) for number in range(9)]).result()
    first = made[0].seq
    assert [receipt.seq for receipt in made] == list(range(first, first + 9))


def test_receipts_are_found_in_a_jobs_log_however_it_was_printed(given: tuple[Path, str], tmp_path: Path) -> None:
    store, receipt = given
    job = tmp_path / "job.log"
    job.write_text(
        f"HTTP/1.1 200 OK\r\nHoopgate-Receipt: {receipt}\r\n\r\n: {NAME} {receipt}\n"
        f"{json.dumps({NAME: receipt})}\n2026-11-22T10:00:00Z {{'{NAME}': '{receipt}'}}\nwhat is a {NAME}?\n"
    )
    assert recorder.verify_report(store, receipts=job).receipts == 1


def test_no_character_of_a_receipt_can_be_changed(given: tuple[Path, str], tmp_path: Path) -> None:
    store, receipt = given
    alphabet = string.ascii_letters + string.digits + "+/="
    for at, old in enumerate(receipt):
        new = alphabet[(alphabet.find(old) + 1) % len(alphabet)]
        altered = receipt[:at] + new + receipt[at + 1 :]
        with pytest.raises(VerificationError):
            recorder.verify(store, receipts=kept(tmp_path / "job.log", altered))


def test_a_receipt_that_was_cut_is_not_overlooked(given: tuple[Path, str], tmp_path: Path) -> None:
    store, receipt = given
    for end in range(2, len(receipt)):
        with pytest.raises(VerificationError, match="line 2: the receipt"):
            recorder.verify(store, receipts=kept(tmp_path / "job.log", receipt[:end]))


def test_a_file_without_receipts_is_refused(given: tuple[Path, str], tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="there is no receipt"):
        recorder.verify(given[0], receipts=kept(tmp_path / "job.log"))


def test_a_receipt_of_another_record_is_told_from_a_store_that_was_altered(
    given: tuple[Path, str], tmp_path: Path
) -> None:
    store, receipt = given
    _, index, leaf, note = receipt.split(" ")
    swapped = f"v1 {int(index) - 1} {leaf} {note}"
    with pytest.raises(VerificationError, match="so the receipt was altered") as refused:
        recorder.verify(store, receipts=kept(tmp_path / "job.log", swapped))
    assert refused.value.record == int(index) - 1


def test_a_store_that_was_rolled_back_behind_a_receipt_is_found(store: Path, tmp_path: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
    before = tmp_path / "before"
    shutil.copytree(store, before)
    with recorder.open(store) as log:
        receipt = log.signed_receipt(log.append(call(2)))
    job = kept(tmp_path / "job.log", receipt)
    recorder.verify(store, receipts=job)
    recorder.verify(before)
    with pytest.raises(VerificationError, match="rolled back"):
        recorder.verify(before, receipts=job)


def test_a_store_that_took_another_course_is_found(store: Path, tmp_path: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
    other = tmp_path / "other" / "evidence"
    shutil.copytree(store.parent, other.parent, ignore=shutil.ignore_patterns("other"))
    with recorder.open(store) as log:
        receipt = log.signed_receipt(log.append(call(2)))
    with recorder.open(other) as log:  # with the same keys: only what somebody kept can tell
        for number in range(3, 9):
            log.append(call(number))
    job = kept(tmp_path / "job.log", receipt)
    recorder.verify(other)
    with pytest.raises(VerificationError, match="rewritten"):
        recorder.verify(other, receipts=job)


def test_a_store_that_was_signed_anew_is_found(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorder.open(store) as log:
        receipt = log.signed_receipt(log.append(call(1)))
        ident = log.store
    forged = tmp_path / "forged" / "evidence"
    monkeypatch.setattr(log_module, "store_id", lambda _: ident)
    with recorder.open(forged) as log:
        for number in range(4):
            log.append(call(number))
    recorder.verify(forged)
    with pytest.raises(VerificationError, match="not signed by a key of log 0"):
        recorder.verify(forged, receipts=kept(tmp_path / "job.log", receipt))


def test_a_receipt_of_another_store_is_told(given: tuple[Path, str], tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "evidence"
    with recorder.open(other) as log:
        log.append(call(1))
    with pytest.raises(VerificationError, match="which is not in this store"):
        recorder.verify(other, receipts=kept(tmp_path / "job.log", given[1]))


def test_a_receipt_holds_when_the_signer_changed_the_session_was_erased_and_payloads_expired(
    store: Path, tmp_path: Path
) -> None:
    with recorder.open(store) as log:
        short = recorder.Entry("response", "s2", {"call": "c"}, b"soon gone", retain=1)
        receipts = [log.signed_receipt(made) for made in log.submit_all([call(1), short]).result()]
    rotate_signer(store.parent / ".hoopgate-keys")
    with recorder.open(store) as log:
        receipts.append(log.signed_receipt(log.append(call(2))))
    keys = Keys.in_directory(store.parent / ".hoopgate-keys", create=False)
    erase(store, keys, "s1", reason="asked for", who="officer")
    assert retention.expire(store, keys, now=2**62, who="officer")
    assert recorder.verify_report(store, receipts=kept(tmp_path / "job.log", *receipts)).receipts == 3


def test_each_log_of_a_store_gives_receipts_of_its_own(store: Path, tmp_path: Path) -> None:
    with recorder.open(store) as one, recorder.open(store) as two:
        receipts = [log.signed_receipt(log.append(call(number))) for number, log in enumerate((one, two))]
    found = find_receipts(kept(tmp_path / "job.log", *receipts).read_text())
    assert {receipt.checkpoint.origin for receipt in found} == {layout.origin(one.store, n) for n in (0, 1)}
    recorder.verify(store, receipts=tmp_path / "job.log")


def test_receipts_are_given_while_others_write_and_checkpoints_are_signed(store: Path, tmp_path: Path) -> None:
    receipts: list[str] = []
    with recorder.open(store) as log:

        def work(worker: int) -> None:
            for number in range(60):
                made = log.append(call(worker * 100 + number))
                if number % 3 == 0:
                    receipts.append(log.signed_receipt(made))
                if number % 7 == 0:
                    log.checkpoint()

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    report = recorder.verify_report(store, receipts=kept(tmp_path / "job.log", *receipts))
    assert report.receipts == 8 * 20


def test_the_command_says_so(given: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    store, receipt = given
    job = kept(tmp_path / "job.log", receipt)
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    args = parser.parse_args(["verify", str(store), "--receipt", str(job), "--steps"])
    assert args.run(args) == 0
    said = capsys.readouterr().out
    assert "receipts borne out: 1," in said
    assert "step 9" in said
    assert "not pinned" not in said
    args = parser.parse_args(["verify", str(store), "--receipt", str(kept(job, receipt.replace("v1 ", "v1 1")))])
    assert args.run(args) == 1
    assert "error[HR010]" in capsys.readouterr().err
