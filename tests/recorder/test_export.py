"""What leaves the store verifies on its own, and an omission shows."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import recorder
from recorder.errors import VerificationError
from recorder.export import export
from recorder.keys import Keys
from recorder.proof import parse_proof, record_proof
from recorder.reader import Payloads, Store
from tests.recorder.conftest import call


@pytest.fixture
def filled(store: Path) -> Path:
    with recorder.open(store) as log:
        for number in range(30):
            log.submit(call(number, f"s{number // 10}"))
    return store


def keys(store: Path) -> Keys:
    return Keys.in_directory(store.parent / ".hoopgate-keys", create=False)


def made(store: Path, *sessions: str) -> Path:
    out = store.parent / ("-".join(sessions) + ".zip" if sessions else "all.zip")
    export(store, out, keys(store), "audit 7", sessions=sessions or None, who="auditor")
    return out


def test_an_export_of_everything_verifies_alone(filled: Path, tmp_path: Path) -> None:
    out = made(filled).rename(tmp_path / "moved.zip")
    report = recorder.verify_report(out)
    assert (report.records, report.payloads) == (31, 30)
    recorder.verify(out, signer=keys(filled).signer.fingerprint)
    with pytest.raises(VerificationError, match="pinned"):
        recorder.verify(out, signer="0" * 64)


def test_an_export_of_one_session_brings_its_periods_leaves_and_only_its_payloads(filled: Path) -> None:
    report = recorder.verify_report(made(filled, "s1"))
    assert (report.records, report.payloads, report.removed) == (10, 10, 0)
    report = recorder.verify_report(made(filled, "s0", "s2"))
    assert (report.records, report.payloads, report.removed) == (30, 20, 0)


def test_an_export_opens_in_any_zip_tool(filled: Path) -> None:
    with zipfile.ZipFile(made(filled, "s1")) as archive:
        assert archive.testzip() is None
        assert "manifest" in archive.namelist()


def test_every_byte_of_an_export_counts(filled: Path) -> None:
    out = made(filled, "s1")
    whole = out.read_bytes()
    for at in range(0, len(whole), 11):
        out.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        with pytest.raises(VerificationError):
            recorder.verify(out)
    for size in range(0, len(whole), 401):
        out.write_bytes(whole[:size])
        with pytest.raises(VerificationError):
            recorder.verify(out)


def test_the_export_itself_is_a_record(filled: Path) -> None:
    digest = export(filled, filled.parent / "x.zip", keys(filled), "audit 7", sessions=["s1"], who="auditor")
    (record,) = [item for item in Store(filled).records() if item.kind == "export"]
    assert (record.data["digest"], record.data["targets"], record.data["user"]) == (digest, ["s1"], "auditor")
    assert Payloads(Store(filled), keys(filled)).payload(record) == b"audit 7"
    recorder.verify(filled)


def test_an_export_without_a_reason_or_over_an_existing_file_is_refused(filled: Path) -> None:
    out = filled.parent / "x.zip"
    with pytest.raises(recorder.RequestError, match="reason"):
        export(filled, out, keys(filled), "", who="auditor")
    with pytest.raises(recorder.RequestError, match="no such session"):
        export(filled, out, keys(filled), "audit", sessions=["s9"], who="auditor")
    assert not out.exists()
    out.write_text("mine")
    with pytest.raises(recorder.RequestError, match="exists"):
        export(filled, out, keys(filled), "audit", who="auditor")


def test_one_record_is_proved_by_one_text_file(filled: Path, tmp_path: Path) -> None:
    record = next(item for item in Store(filled).records() if item.seq == 7)
    proof = tmp_path / "record.tlog-proof"
    proof.write_text(record_proof(filled, 0, 7, record.raw).render())
    report = recorder.verify_report(proof, signer=keys(filled).signer.fingerprint)
    assert (report.records, report.signer_pinned) == (1, True)
    whole = proof.read_bytes()
    for at in range(len(whole)):
        proof.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VerificationError):
            recorder.verify(proof)


def test_a_proof_reads_back_as_it_was_written(filled: Path) -> None:
    record = next(item for item in Store(filled).records() if item.seq == 7)
    proof = record_proof(filled, 0, 7, record.raw)
    assert parse_proof(proof.render()) == proof
