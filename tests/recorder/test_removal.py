"""What is removed is removed for good, on record, and what is held stays."""

from __future__ import annotations

from pathlib import Path

import pytest

import recorder
from recorder import layout
from recorder.erasure import erase
from recorder.errors import VerificationError
from recorder.keys import Keys
from recorder.ledger import read_ledger
from recorder.note import parse_note
from recorder.proof import parse_proof, record_proof
from recorder.reader import Payloads, Record, Store
from recorder.retention import expire, lift_hold, plan, set_hold
from recorder.rfc6962 import leaf_hash
from tests.recorder.conftest import call

DAY = 86400 * 1_000_000_000


@pytest.fixture
def kept(store: Path) -> Path:
    """Two sessions, each with two payloads to be kept for a day and one for the default time."""
    with recorder.open(store) as log:
        for session in ("s1", "s2"):
            for _ in range(2):
                log.append(recorder.Entry("response", session, {}, b"%s short" % session.encode(), retain=86400))
            log.append(call(9, session, b"long"))
    return store


def keys(store: Path) -> Keys:
    return Keys.in_directory(store.parent / ".hoopgate-keys", create=False)


def readable(store: Path, session: str) -> list[bytes | None]:
    payloads = Payloads(Store(store), keys(store))
    found: list[bytes | None] = []
    for record in Store(store).records(session=session, log=0):
        try:
            found.append(payloads.payload(record))
        except recorder.KeysError:
            found.append(None)
    return found


def later(store: Path, days: int) -> int:
    last = max(int(record.leaf["time"]) for record in Store(store).records())
    return last + days * DAY


def test_an_erased_session_cannot_be_read_again_and_the_store_still_verifies(kept: Path) -> None:
    assert readable(kept, "s1") == [b"s1 short", b"s1 short", b"long"]
    certificate = erase(kept, keys(kept), "s1", "the patient asked", who="dpo")
    assert readable(kept, "s1") == [None, None, None]
    assert readable(kept, "s2") == [b"s2 short", b"s2 short", b"long"]
    recorder.verify(kept)
    assert "session s1\n" in certificate.note
    assert certificate.records == 3


def test_a_deletion_certificate_is_signed(kept: Path) -> None:
    certificate = erase(kept, keys(kept), "s1", "the patient asked", who="dpo")
    note = parse_note(certificate.note)
    signer = keys(kept).signer
    assert note.signed_by(note.signatures[0][0], signer.public)
    with pytest.raises(VerificationError):
        parse_note(certificate.note.replace("session s1", "session s2")).signed_by(note.signatures[0][0], signer.public)


def test_old_proofs_verify_after_an_erasure(kept: Path) -> None:
    (first, *_) = Store(kept).records(session="s1")
    proof = record_proof(kept, 0, first.seq, first.raw).render()
    erase(kept, keys(kept), "s1", "the patient asked", who="dpo")
    parse_proof(proof).check(leaf_hash(first.raw))


def test_bringing_back_an_erased_key_from_a_backup_is_found(kept: Path) -> None:
    path = kept / layout.slots(0)
    backup = path.read_bytes()
    erase(kept, keys(kept), "s1", "the patient asked", who="dpo")
    path.write_bytes(backup)
    with pytest.raises(VerificationError, match="was to be destroyed"):
        recorder.verify(kept)


def test_an_erasure_cut_by_a_crash_is_finished_when_the_log_opens(kept: Path) -> None:
    path = kept / layout.slots(0)
    before = path.read_bytes()
    erase(kept, keys(kept), "s1", "the patient asked", who="dpo")
    erased = path.read_bytes()
    path.write_bytes(before)  # as if the machine died between the record and the tombstone
    recorder.open(kept, acting=True).close()
    assert path.read_bytes() == erased
    recorder.verify(kept)


def test_an_erasure_needs_a_reason_a_session_and_no_hold(kept: Path) -> None:
    with pytest.raises(recorder.RequestError, match="needs a reason"):
        erase(kept, keys(kept), "s1", " ", who="dpo")
    with pytest.raises(recorder.RequestError, match="no session"):
        erase(kept, keys(kept), "s9", "because", who="dpo")
    hold = set_hold(kept, keys(kept), ["s1"], "litigation", who="counsel")
    with pytest.raises(recorder.RequestError, match=hold.id):
        erase(kept, keys(kept), "s1", "because", who="dpo")
    lift_hold(kept, keys(kept), hold.id, "settled", who="counsel")
    erase(kept, keys(kept), "s1", "because", who="dpo")
    with pytest.raises(recorder.RequestError, match="erased already"):
        erase(kept, keys(kept), "s1", "because", who="dpo")


def test_planning_an_expiry_changes_nothing(kept: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*")}
    due = plan(kept, now=later(kept, 2))
    assert [(item.retention, item.records) for item in due] == [("keep-86400", 4)]
    assert {path: path.stat().st_mtime_ns for path in kept.rglob("*")} == before


def test_an_expiry_removes_one_class_and_says_so(kept: Path) -> None:
    assert expire(kept, keys(kept), now=later(kept, 0), who="schedule") == []
    done = expire(kept, keys(kept), now=later(kept, 2), who="schedule")
    assert [item.retention for item in done] == ["keep-86400"]
    assert readable(kept, "s1") == [None, None, b"long"]
    report = recorder.verify_report(kept)
    assert report.removed == 4
    assert expire(kept, keys(kept), now=later(kept, 2), who="schedule") == []


def test_the_default_class_is_kept_six_years(kept: Path) -> None:
    assert [item.retention for item in plan(kept, now=later(kept, 2190))] == ["keep-86400"]
    assert {item.retention for item in plan(kept, now=later(kept, 2193))} >= {"keep-86400", "default"}


def test_a_hold_keeps_its_sessions_payloads_through_an_expiry(kept: Path) -> None:
    hold = set_hold(kept, keys(kept), ["s2"], "litigation", who="counsel")
    expire(kept, keys(kept), now=later(kept, 2), who="schedule")
    assert readable(kept, "s1") == [None, None, b"long"]
    assert readable(kept, "s2") == [b"s2 short", b"s2 short", b"long"]
    recorder.verify(kept)
    lift_hold(kept, keys(kept), hold.id, "settled", who="counsel")
    expire(kept, keys(kept), now=later(kept, 2), who="schedule")
    assert readable(kept, "s2") == [None, None, b"long"]
    recorder.verify(kept)
    assert [item.lifted is not None for item in read_ledger(Store(kept)).holds.values()] == [True]


def test_removing_payloads_without_a_record_is_found(kept: Path) -> None:
    from recorder.retention_plan import strip

    (due,) = plan(kept, now=later(kept, 2))
    strip(kept, due)
    with pytest.raises(VerificationError, match="no record says why"):
        recorder.verify(kept)


def test_a_log_that_was_expired_goes_on(kept: Path) -> None:
    expire(kept, keys(kept), now=later(kept, 2), who="schedule")
    with recorder.open(kept) as log:
        assert log.number == 0
        log.append(recorder.Entry("response", "s3", {}, b"new", retain=86400))
    recorder.verify(kept)
    assert readable(kept, "s3") == [b"new"]


def test_who_acted_and_how_is_a_record_and_why_is_encrypted(kept: Path) -> None:
    erase(kept, keys(kept), "s1", "a very private reason", who="dpo")
    (record,) = [item for item in Store(kept).records() if item.kind == "session.erased"]
    assert (record.data["user"], record.data["target"]) == ("dpo", "s1")
    assert Payloads(Store(kept), keys(kept)).payload(record) == b"a very private reason"
    assert not any(b"private reason" in path.read_bytes() for path in kept.rglob("*") if path.is_file())


def test_records_are_read_across_classes_in_order(kept: Path) -> None:
    found: list[Record] = list(Store(kept).records())
    assert [record.seq for record in found] == list(range(7))


def test_a_gate_that_runs_expires_by_schedule_without_missing_a_record(kept: Path) -> None:
    moment = later(kept, 2)
    with recorder.open(kept) as log:
        log.append(recorder.Entry("response", "s3", {}, b"before", retain=86400))
        done = log.expire(now=moment)
        assert [item.retention for item in done] == ["keep-86400"]
        assert log.expire(now=moment) == []
        log.append(recorder.Entry("response", "s3", {}, b"after", retain=86400))
        recorder.verify(kept)
    recorder.verify(kept)
    assert readable(kept, "s3") == [b"before", b"after"] or readable(kept, "s3") == [None, b"after"]
    assert readable(kept, "s1") == [None, None, b"long"]
    with recorder.open(kept) as log:
        log.append(recorder.Entry("response", "s3", {}, b"again", retain=86400))
    recorder.verify(kept)
