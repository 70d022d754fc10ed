"""What somebody kept elsewhere, a checkpoint or receipts, against a store, an export or a proof."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import recorder
from recorder.errors import VerificationError
from recorder.export import export
from recorder.export.asking import Wanted
from recorder.key_files import rotate_signer
from recorder.keys import Keys, Signer
from recorder.note import parse_checkpoint, parse_note
from recorder.proof import record_proof
from recorder.reader import Store
from recorder.receipt import NAME
from tests.recorder.conftest import call

UNKNOWN = "its signer is no key of this log"


@pytest.fixture
def filled(store: Path) -> tuple[Path, list[str], str]:
    """A store of 31 records; the receipts of some; a checkpoint of about half of it."""
    receipts = []
    with recorder.open(store) as log:
        for number in range(30):
            receipt = log.append(call(number, f"s{number // 10}"))
            if number % 5 == 2:
                receipts.append(log.signed_receipt(receipt))
            if number == 14:
                kept = log.checkpoint()
    return store, receipts, kept


def keys(store: Path) -> Keys:
    return Keys.in_directory(store.parent / ".hoopgate-keys", create=False)


def made(store: Path, sessions: tuple[str, ...] | None = None) -> Path:
    out = store.parent / "out.zip"
    out.unlink(missing_ok=True)
    export(store, out, keys(store), "audit 7", wanted=Wanted(sessions=sessions), who="auditor")
    return out


def file(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def job(path: Path, *receipts: str) -> Path:
    return file(path, "".join(f"{NAME}: {receipt}\n" for receipt in receipts))


def signed_by_another(note: str) -> str:
    """The same text and name, signed by a key that the log never announced."""
    text = parse_note(note).text
    return Signer(Ed25519PrivateKey.generate()).sign(parse_checkpoint(text).origin, text)


@pytest.mark.parametrize("exported", [False, True])
def test_a_kept_checkpoints_signature_is_checked(
    filled: tuple[Path, list[str], str], tmp_path: Path, exported: bool
) -> None:
    store, _, note = filled
    path = made(store) if exported else store
    report = recorder.verify_report(path, checkpoint=file(tmp_path / "kept", note))
    assert (report.checkpoint_pinned, report.checkpoint_signed) == (True, True)
    assert not any(UNKNOWN in said for said in report.unchecked())
    line = note.rindex(" ") + 1
    for at in range(line + 6, len(note) - 3, 7):
        altered = note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :]
        with pytest.raises(VerificationError, match="signature does not fit"):
            recorder.verify(path, checkpoint=file(tmp_path / "kept", altered))


@pytest.mark.parametrize("exported", [False, True])
def test_a_kept_checkpoint_of_an_unknown_signer_is_compared_and_the_report_says_what_was_not(
    filled: tuple[Path, list[str], str], tmp_path: Path, exported: bool
) -> None:
    store, _, note = filled
    path = made(store) if exported else store
    report = recorder.verify_report(path, checkpoint=file(tmp_path / "kept", signed_by_another(note)))
    assert (report.checkpoint_pinned, report.checkpoint_signed) == (True, False)
    assert any(UNKNOWN in said for said in report.unchecked())


def test_a_checkpoint_of_before_the_signer_changed_is_known_still(
    filled: tuple[Path, list[str], str], tmp_path: Path
) -> None:
    store, _, note = filled
    rotate_signer(store.parent / ".hoopgate-keys")
    with recorder.open(store) as log:
        log.append(call(99))
        later = log.checkpoint()
    for kept in (note, later):
        assert recorder.verify_report(store, checkpoint=file(tmp_path / "kept", kept)).checkpoint_signed


def test_an_export_bears_out_the_receipts_whose_records_it_holds(
    filled: tuple[Path, list[str], str], tmp_path: Path
) -> None:
    store, receipts, _ = filled
    report = recorder.verify_report(made(store), receipts=job(tmp_path / "job", *receipts))
    assert (report.receipts, report.receipts_outside) == (6, 0)
    assert (report.signer_pinned, report.checkpoint_pinned) == (True, True)
    part = made(store, ("s1",))
    assert recorder.verify_report(part, receipts=job(tmp_path / "job", *receipts[2:4])).receipts == 2
    with pytest.raises(VerificationError, match="does not hold record 3 ") as refused:
        recorder.verify(part, receipts=job(tmp_path / "job", *receipts))
    assert refused.value.record == 3


def test_an_export_of_after_the_signer_changed_bears_out_what_the_key_before_signed(
    filled: tuple[Path, list[str], str], tmp_path: Path
) -> None:
    store, receipts, checkpoint = filled
    rotate_signer(store.parent / ".hoopgate-keys")
    with recorder.open(store) as log:
        later = log.signed_receipt(log.append(call(99, "s9")))
    out = made(store)
    assert recorder.verify_report(out, checkpoint=file(tmp_path / "kept", checkpoint)).checkpoint_signed
    before = recorder.verify_report(out, receipts=job(tmp_path / "job", *receipts))
    assert (before.receipts, before.checkpoint_pinned) == (6, True)
    assert not before.signer_pinned  # only the later key says that it follows the one before
    assert recorder.verify_report(out, receipts=job(tmp_path / "job", receipts[0], later)).signer_pinned
    altered = receipts[0].replace("v1 ", "v1 1")
    with pytest.raises(VerificationError):
        recorder.verify(out, receipts=job(tmp_path / "job", altered))


def test_a_key_that_no_record_of_an_export_names_signs_no_receipt_of_it(
    filled: tuple[Path, list[str], str], tmp_path: Path
) -> None:
    store, receipts, _ = filled
    rotate_signer(store.parent / ".hoopgate-keys")
    with recorder.open(store) as log:
        log.append(call(99, "s9"))
    with pytest.raises(VerificationError, match=r"not signed by a key that out\.zip names"):
        recorder.verify(made(store, ("s1",)), receipts=job(tmp_path / "job", *receipts[2:4]))


def test_no_character_of_a_receipt_can_be_changed_before_an_export(
    filled: tuple[Path, list[str], str], tmp_path: Path
) -> None:
    store, receipts, _ = filled
    out, receipt = made(store), receipts[3]
    for at in range(0, len(receipt), 5):
        altered = receipt[:at] + ("A" if receipt[at] != "A" else "B") + receipt[at + 1 :]
        with pytest.raises(VerificationError):
            recorder.verify(out, receipts=job(tmp_path / "job", altered))


def test_a_receipt_of_another_store_is_told_from_an_export(filled: tuple[Path, list[str], str], tmp_path: Path) -> None:
    with recorder.open(tmp_path / "other" / "store") as log:
        strange = log.signed_receipt(log.append(call(1)))
    with pytest.raises(VerificationError, match="does not hold record 1 of"):
        recorder.verify(made(filled[0]), receipts=job(tmp_path / "job", strange))


def test_a_proof_bears_out_the_receipt_of_its_record(filled: tuple[Path, list[str], str], tmp_path: Path) -> None:
    store, receipts, _ = filled
    record = next(record for record in Store(store).records() if record.seq == 3)
    proof = file(tmp_path / "proof", record_proof(store, 0, 3, record.raw).render())
    report = recorder.verify_report(proof, receipts=job(tmp_path / "job", receipts[0]))
    assert (report.receipts, report.receipts_outside, report.checkpoint_pinned) == (1, 1, False)
    assert any("lies outside of this file" in said for said in report.unchecked())
    with pytest.raises(VerificationError, match="does not hold record 8"):
        recorder.verify(proof, receipts=job(tmp_path / "job", receipts[1]))
