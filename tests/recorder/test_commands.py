"""The command line: exit 0 fine, 1 findings, 2 usage; errors on stderr, without tracebacks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import recorder
from recorder import layout
from recorder.__main__ import run
from recorder.note import parse_note
from recorder.reader import Payloads, Store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hoopgate(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hoopgate", *(str(argument) for argument in arguments)])
        status = run()
        out = capsys.readouterr()
        assert "Traceback" not in out.err
        return status, out.out, out.err

    return call


@pytest.fixture
def filled(store: Path) -> Path:
    with recorder.open(store) as log:
        for number, session in enumerate(("s1", "s2")):
            told = {"call": f"c{number}", "server": "ehr", "command": "ehr/search"}
            log.append(recorder.Entry("session.identity", session, {"subject": "repo:acme/etl"}))
            log.append(recorder.Entry("decision", session, {**told, "effect": "allow", "rules": ["etl reads"]}))
            log.append(recorder.Entry("request", session, told, b'{"jsonrpc":"2.0","id":1,"method":"tools/call"}'))
            masked = {"call": f"c{number}", "masked": {"name": 2}}
            log.append(recorder.Entry("response", session, masked, b'{"jsonrpc":"2.0","id":1,"result":"\x1b[31m"}'))
    return store


def test_verify_says_what_it_verified_and_what_it_did_not(filled: Path, hoopgate: Run) -> None:
    status, out, _ = hoopgate("verify", filled)
    assert status == 0
    assert out.startswith("verified: 9 records, checkpoint 9:")
    assert "0 after the last checkpoint" in out
    assert "not checked: signer not pinned" in out
    status, out, _ = hoopgate("verify", filled, "--json")
    assert json.loads(out)["records"] == 9


def test_verify_of_altered_evidence_names_the_record_and_exits_1(filled: Path, hoopgate: Run) -> None:
    path = filled / layout.segment(0, 0)
    data = path.read_bytes()
    path.write_bytes(data[:-5] + bytes([data[-5] ^ 1]) + data[-4:])
    status, out, err = hoopgate("verify", filled)
    assert (status, out) == (1, "")
    assert "error[HR010]: record 8" in err
    status, _, err = hoopgate("verify", filled / "missing")
    assert status == 1
    assert "is no store" in err


def test_verify_tells_of_one_session_and_one_record(filled: Path, hoopgate: Run) -> None:
    _, out, _ = hoopgate("verify", filled, "--session", "s1", "--record", 2)
    assert "session s1: 4 records, 1 to 4" in out
    assert "record 2: " in out
    assert "etl reads" in out
    assert hoopgate("verify", filled, "--session", "nobody")[0] == 1
    assert hoopgate("verify", filled, "--record", "77")[0] == 1


def test_sessions_are_listed_and_shown(filled: Path, hoopgate: Run) -> None:
    _, out, _ = hoopgate("sessions", "list", "--store", filled, "--json")
    assert [item["id"] for item in json.loads(out)] == ["s1", "s2"]
    _, out, _ = hoopgate("sessions", "show", "s1", "--store", filled, "--json")
    told = json.loads(out)
    assert [item["kind"] for item in told] == ["session.identity", "decision", "request", "response"]
    assert [item.get("command") for item in told] == [None, "ehr/search", "ehr/search", "ehr/search"]
    assert all({"seq", "time", "kind"} <= set(item) for item in told)
    _, out, _ = hoopgate("sessions", "show", "s1", "--store", filled)
    assert "masked 2 name" in out
    _, out, _ = hoopgate("sessions", "list", "--command", "ehr/s*", "--run", "none", "--store", filled, "--json")
    assert json.loads(out) == []


def test_the_store_may_come_from_the_configuration(filled: Path, hoopgate: Run, tmp_path: Path) -> None:
    (tmp_path / "hoopgate.toml").write_text('store = "evidence"\n')
    assert hoopgate("sessions", "list")[0] == 0
    (tmp_path / "hoopgate.toml").unlink()
    status, _, err = hoopgate("sessions", "list")
    assert status == 2
    assert "no store is named" in err


def test_payloads_need_a_reason_which_is_recorded(filled: Path, hoopgate: Run) -> None:
    status, _, err = hoopgate("sessions", "show", "s1", "--payloads", "--store", filled)
    assert status == 2
    assert "--reason" in err
    assert not [item for item in Store(filled).records() if item.kind == "read"]
    _, out, _ = hoopgate("sessions", "show", "s1", "--payloads", "--reason", "incident 9", "--store", filled)
    assert '"method":"tools/call"' in out
    (read,) = [item for item in Store(filled).records() if item.kind == "read"]
    assert (read.data["action"], read.data["target"], read.data["count"]) == ("show", "s1", 2)
    assert hoopgate("verify", filled)[0] == 0


def test_a_look_at_metadata_is_on_record_with_what_was_asked_for(filled: Path, hoopgate: Run, tmp_path: Path) -> None:
    hoopgate("sessions", "list", "--text", "Jane Roe", "--store", filled)
    hoopgate("sessions", "show", "s1", "--store", filled)
    reads = [record for record in Store(filled).records() if record.kind == "read"]
    assert [(item.data["action"], item.data.get("target"), item.data["count"]) for item in reads] == [
        ("list", None, 0),
        ("show", "s1", 4),
    ]
    keys = recorder.Keys.in_directory(filled.parent / ".hoopgate-keys")
    assert b"Jane Roe" in (Payloads(Store(filled), keys).payload(reads[0]) or b"")
    assert b"Jane" not in b"".join(record.raw for record in reads)  # what people look for may name somebody
    assert hoopgate("verify", filled)[0] == 0
    copied = shutil.copytree(filled, tmp_path / "copy" / "evidence")
    status, out, err = hoopgate("sessions", "list", "--json", "--store", copied)
    assert (status, len(json.loads(out))) == (0, 2)
    assert err.startswith("note: this look at the metadata is not on record: cannot read the key")


def test_a_terminal_gets_no_escape_sequences_from_payloads(filled: Path, hoopgate: Run) -> None:
    _, out, _ = hoopgate("sessions", "show", "s1", "--payloads", "--reason", "x", "--store", filled)
    assert "\x1b" not in out
    assert "\\x1b[31m" in out


def test_a_session_replays_at_once_and_as_a_mock_server(
    filled: Path, hoopgate: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, _ = hoopgate("sessions", "replay", "s1", "--speed", "0", "--store", filled)
    assert status == 0
    assert len(out.splitlines()) == 4
    script = [
        sys.executable,
        "-m",
        "recorder",
        "sessions",
        "replay",
        "s1",
        "--serve",
        "--reason",
        "x",
        "--store",
        str(filled),
    ]
    ran = subprocess.run(
        script, input='{"jsonrpc":"2.0","id":5,"method":"ping"}\n', capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == {"jsonrpc": "2.0", "id": 5, "result": {}}


def test_an_export_and_a_proof_are_made_and_verified(filled: Path, hoopgate: Run, tmp_path: Path) -> None:
    out_file = tmp_path / "s1.zip"
    assert hoopgate("export", out_file, "--session", "s1", "--reason", "audit", "--store", filled)[0] == 0
    status, out, _ = hoopgate("verify", out_file)
    assert (status, out.split(",")[0]) == (0, "verified: 4 records")
    _, text, _ = hoopgate("proof", "3", "--store", filled)
    (tmp_path / "record.tlog-proof").write_text(text)
    assert hoopgate("verify", tmp_path / "record.tlog-proof")[0] == 0
    assert hoopgate("proof", "300", "--store", filled)[0] == 2


def test_verify_names_a_session_and_a_record_of_an_export_and_of_a_proof(
    filled: Path, hoopgate: Run, tmp_path: Path
) -> None:
    out_file, proof = tmp_path / "s1.zip", tmp_path / "record.tlog-proof"
    hoopgate("export", out_file, "--session", "s1", "--reason", "audit", "--store", filled)
    proof.write_text(hoopgate("proof", "3", "--store", filled)[1])
    _, out, _ = hoopgate("verify", out_file, "--session", "s1", "--record", "2", "--steps")
    assert "session s1: 4 records, 1 to 4" in out
    assert "record 2: " in out
    assert "step 3: the leaves" in out
    assert "record 3: " in hoopgate("verify", proof, "--record", "3")[1]
    assert hoopgate("verify", out_file, "--session", "s2")[0] == 1
    assert hoopgate("verify", proof, "--record", "4")[0] == 1
    assert "step 8: the log continues" in hoopgate("verify", filled, "--steps")[1]


def test_retention_shows_first_and_acts_only_when_told(filled: Path, hoopgate: Run) -> None:
    status, out, _ = hoopgate("retain", "--days", "0", "--store", filled)
    assert status == 0
    assert "nothing was changed" in out
    assert hoopgate("retain", "--store", filled)[1].startswith("due (nothing was changed; --do removes it): 0 payloads")
    _, out, _ = hoopgate("retain", "--days", "0", "--do", "--json", "--store", filled)
    assert json.loads(out)[0]["records"] == 4
    assert "4 are not here" in hoopgate("verify", filled)[1]


def test_holds_and_erasure(filled: Path, hoopgate: Run, tmp_path: Path) -> None:
    _, out, _ = hoopgate("hold", "set", "s1", "--reason", "litigation", "--store", filled)
    hold = out.split()[1].rstrip(":")
    status, _, err = hoopgate("erase", "s1", "--reason", "asked", "--store", filled)
    assert status == 2
    assert hold in err
    assert hoopgate("hold", "lift", hold, "--reason", "settled", "--store", filled)[0] == 0
    listed = json.loads(hoopgate("hold", "list", "--json", "--store", filled)[1])
    assert [(item["id"], item["state"]) for item in listed] == [(hold, "lifted")]
    certificate = tmp_path / "certificate"
    assert hoopgate("erase", "s1", "--reason", "asked", "--certificate", certificate, "--store", filled)[0] == 0
    assert "session s1" in parse_note(certificate.read_text()).text
    assert hoopgate("verify", filled)[0] == 0


def test_keys_are_listed_rotated_and_never_shown(filled: Path, hoopgate: Run) -> None:
    _, out, _ = hoopgate("keys", "list", "--store", filled)
    assert "losing the key-encryption key: no recorded payload can be read again" in out
    assert hoopgate("keys", "rotate", "kek", "--store", filled)[0] == 0
    assert hoopgate("keys", "rotate", "signer", "--store", filled)[0] == 0
    recorder.open(filled).close()
    assert hoopgate("verify", filled)[0] == 0


def test_reindex_says_how_many(filled: Path, hoopgate: Run) -> None:
    assert hoopgate("reindex", "--store", filled)[1] == "indexed: 9 records\n"
