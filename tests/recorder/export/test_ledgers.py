"""The ledgers of an export: the same cells in every format, and an archive that verifies until a byte is changed."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pyarrow.parquet as parquet
import pytest
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

import recorder
from recorder.entry import Entry
from recorder.errors import RequestError, VerificationError
from recorder.export import LEDGERS, Wanted, export, ocsf
from recorder.export.ledgers import COLUMNS
from recorder.keys import Keys
from recorder.reader import Store

FORMATS = ("ndjson", "json", "csv", "xlsx", "parquet")
HOSTILE = '=HYPERLINK("http://evil.example")'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledgers") / "evidence"
    with recorder.open(path) as log:
        for number, branch in enumerate(("main", "dev", "main")):
            _session(log, f"s{number}", branch)
        log.append(Entry("review", "", {"user": "dana", "action": "sign-off"}, b"looks good"))
    return path


def _session(log: recorder.Log, session: str, branch: str) -> None:
    who = {"subject": "repo:acme/etl", "issuer": "https://ci.example"}
    log.append(Entry("session.identity", session, {**who, "branch": branch}))
    about = {**who, "call": session * 4, "server": "ehr", "command": "ehr/search"}
    log.append(Entry("decision", session, {**about, "effect": "allow", "rules": [HOSTILE, "b"]}, b"{}"))
    log.append(Entry("request", session, about, b'{"name": "Ada"}'))
    log.append(Entry("response", session, {**about, "masked": {"name": 1}}, "[NAME] \u202e\x1b[31m".encode()))
    findings = [{"kind": "name", "where": "$.a", "detector": "d", "method": "redact", "digest": "ab", "rules": ["b"]}]
    log.append(Entry("masking", session, about, json.dumps({"findings": findings * 2}).encode()))
    log.append(Entry("approval.given", session, {**about, "approval": "a1", "approver": "dana"}, b'{"reason": "ok"}'))
    log.append(Entry("lease.issued", session, {**about, "lease": "l1", "grant": "reader"}))
    log.append(Entry("session.ended", session, {**who, "cause": "deleted"}))


def _keys(store: Path) -> Keys:
    return Keys.in_directory(store.parent / ".hoopgate-keys", create=False)


def _made(store: Path, out: Path, wanted: Wanted) -> zipfile.ZipFile:
    export(store, out, _keys(store), "audit 7", wanted=wanted, who="auditor")
    recorder.verify(out)
    return zipfile.ZipFile(out)


def _table(archive: zipfile.ZipFile, ledger: str, format_: str) -> list[dict[str, str]]:
    """The rows as text, in whatever form they are kept."""
    data = archive.read(f"ledgers/{ledger}.{format_}")
    if format_ == "ndjson":
        found: list[dict[str, Any]] = [json.loads(line) for line in data.decode().splitlines()]
    elif format_ == "json":
        found = json.loads(data)
    elif format_ == "csv":
        found = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    elif format_ == "parquet":
        found = parquet.read_table(io.BytesIO(data)).to_pylist()
    else:
        lines = list(openpyxl.load_workbook(io.BytesIO(data), read_only=True).active.values)
        found = [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]  # empty cells at an end are left out
    return [{name: _text(row.get(name)) for name in COLUMNS[ledger]} for row in found]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


@pytest.fixture(scope="module")
def everything(store: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    wanted = Wanted(facts=(("branch", "main"),), ledgers=tuple(LEDGERS), formats=FORMATS)
    return _made(store, tmp_path_factory.mktemp("out") / "main.zip", wanted)


@pytest.mark.parametrize("ledger", sorted(LEDGERS))
def test_every_format_holds_the_same_cells(everything: zipfile.ZipFile, ledger: str) -> None:
    rows = _table(everything, ledger, "ndjson")
    assert rows == _table(everything, ledger, "json") == _table(everything, ledger, "parquet")
    guarded = [{k: f"'{v}" if v.startswith("=") else v for k, v in row.items()} for row in rows]
    assert guarded == _table(everything, ledger, "csv")
    assert [row["seq"] for row in rows] == [row["seq"] for row in _table(everything, ledger, "xlsx")]


def test_each_ledger_reconciles_with_the_segments(everything: zipfile.ZipFile, store: Path) -> None:
    chosen = [record for record in Store(store).records() if record.session in ("s0", "s2")]
    kinds = {"decisions": "decision", "grants": "lease.issued", "approvals": "approval.given"}
    for ledger, kind in kinds.items():
        rows = _table(everything, ledger, "ndjson")
        assert [row["seq"] for row in rows] == [str(record.seq) for record in chosen if record.kind == kind]
    assert len(_table(everything, "masking", "ndjson")) == 4
    assert [row["seq"] for row in _table(everything, "sessions", "ndjson")] == [str(record.seq) for record in chosen]


def test_an_export_of_everything_gives_each_record_its_own_place_in_every_format(store: Path, tmp_path: Path) -> None:
    archive = _made(store, tmp_path / "all.zip", Wanted(ledgers=("sessions",), formats=FORMATS))
    expected = [(str(one.log), str(one.seq), one.kind) for one in Store(store).records()]
    for format_ in FORMATS:
        rows = [(row["log"], row["seq"], row["kind"]) for row in _table(archive, "sessions", format_)]
        assert rows == expected[: len(rows)]
        assert {"log.opened", "log.seen"} <= {kind for _, _, kind in rows}
        assert len(rows) > 20


def test_archives_hold_what_was_released_and_words_are_readable(everything: zipfile.ZipFile) -> None:
    rows = _table(everything, "sessions", "ndjson")
    assert {row["payload"] for row in rows if row["kind"] == "response"} == {"[NAME] \u202e\x1b[31m"}
    assert {row["masked"] for row in rows if row["kind"] == "response"} == {"name: 1"}
    assert {row["words"] for row in _table(everything, "approvals", "csv")} == {'{"reason": "ok"}'}
    assert not any("\x1b" in row["payload"] for row in _table(everything, "sessions", "xlsx"))


def test_a_decision_is_an_ocsf_event(store: Path, tmp_path: Path) -> None:
    archive = _made(store, tmp_path / "o.zip", Wanted(ledgers=("decisions",), formats=("ocsf",), payloads=False))
    events = [json.loads(line) for line in archive.read("ledgers/decisions.ocsf.ndjson").decode().splitlines()]
    assert len(events) == 3
    for event in events:
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"] == 600302
        assert event["actor"]["user"]["uid"] == "repo:acme/etl"
        assert event["action"] == "Allowed"


ROWS = {"log": 0, "seq": 1, "time": "2026-11-22T14:00:00.000000Z", "kind": "decision", "session": "s"}
WHO = {"subject": "repo:acme/etl", "issuer": "https://ci.example", "run": "7", "server": "ehr", "call": "c1"}


@pytest.mark.parametrize("effect", ["allow", "deny", "approval", "", "?"])
@pytest.mark.parametrize(
    "about", [{"command": "ehr/delete_patient"}, {"method": "tools/list"}, {"command": HOSTILE}, {}]
)
@pytest.mark.parametrize("who", [WHO, {}])
def test_an_event_is_valid_by_the_published_schema(effect: str, about: dict[str, str], who: dict[str, str]) -> None:
    made = ocsf.event({**ROWS, **who, **about, "effect": effect, "rules": "a, b", "policy": "sha256:00"})
    assert [error.message for error in _published().iter_errors(made)] == []
    made["actor"]["nobody"] = 1
    assert list(_published().iter_errors(made))


@cache
def _published() -> Any:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.5.0")).get_class_schema("api_activity", ["security_control"])
    return jsonschema.Draft202012Validator(schema)


def test_a_ledger_without_payloads_leaves_ciphertexts_out(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "d.zip"
    _made(store, out, Wanted(ledgers=("decisions",), payloads=False))
    report = recorder.verify_report(out)
    assert report.payloads == 0
    assert report.records > 20


def test_every_changed_byte_of_a_ledger_is_found(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "d.zip"
    archive = _made(store, out, Wanted(ledgers=("decisions",), formats=("csv",), payloads=False))
    whole, row = out.read_bytes(), archive.read("ledgers/decisions.csv")
    begin = whole.index(row)
    for at in range(begin, begin + len(row), 7):
        out.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VerificationError):
            recorder.verify(out)


def test_a_changed_byte_of_any_member_is_found(everything: zipfile.ZipFile, tmp_path: Path) -> None:
    whole, out = Path(str(everything.filename)).read_bytes(), tmp_path / "changed.zip"
    members = [item for item in everything.infolist() if item.file_size]
    assert len(members) > 20
    for item in members:
        begin = whole.index(item.filename.encode(), item.header_offset) + len(item.filename)
        for at in (begin, begin + item.file_size // 2, begin + item.file_size - 1):
            out.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            with pytest.raises(VerificationError):
                recorder.verify(out)
    out.write_bytes(whole)
    recorder.verify(out)


def test_reading_payloads_is_on_record_before_the_export_is(store: Path, tmp_path: Path) -> None:
    _made(store, tmp_path / "a.zip", Wanted(ledgers=("sessions",)))
    kinds = [(record.kind, record.data.get("action")) for record in Store(store).records(log=1)]
    assert ("read", "export") in kinds
    assert kinds.index(("read", "export")) < max(at for at, kind in enumerate(kinds) if kind[0] == "export")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ledgers": ("secrets",)}, "no ledger"),
        ({"formats": ("doc",)}, "no format"),
        ({"formats": ("ocsf",), "ledgers": ("grants",)}, "OCSF"),
        ({"originals": True}, "originals belong"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        Wanted(**changes)


def test_originals_need_the_auditors_key(store: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="sealed to the auditor"):
        _made(store, tmp_path / "a.zip", Wanted(ledgers=("sessions",), originals=True))
    assert list(tmp_path.iterdir()) == []
