"""`mask` on the command line: files, pipes, directories, reports and pages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from masking.__main__ import run
from masking.command import plan_of

NOTE = "Patient Name: Okafor, Ngozi   MRN: 00482913\nBP 120/80, SSN 123-45-6789\n"


def command(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "masking", "mask", "--ner", "none", *arguments]
    return subprocess.run(line, input=stdin, capture_output=True, text=True, check=False)


def test_a_pipe_is_masked_as_it_comes() -> None:
    done = command("-", stdin=NOTE * 50)
    assert done.returncode == 0
    assert "Okafor" not in done.stdout
    assert done.stdout.count("BP 120/80") == 50


def test_a_directory_is_masked_into_another(tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    (source / "note.txt").write_text(NOTE)
    (source / "deep" / "rows.ndjson").write_text('{"ssn": "123-45-6789", "n": 1.0}\n{"ssn": "1", "n": 2}\n')
    (source / "rows.csv").write_text("mrn,glucose\nA4711-XQ,104\n")
    assert (
        run(["mask", "--ner", "none", str(source), "-o", str(tmp_path / "out"), "--report", str(tmp_path / "r.json")])
        == 0
    )
    assert (tmp_path / "out" / "rows.csv").read_text() == "mrn,glucose\n[MRN],104\n"
    assert '"n": 1.0' in (tmp_path / "out" / "deep" / "rows.ndjson").read_text()
    report = (tmp_path / "r.json").read_text()
    assert json.loads(report)["counts"]["mrn"] == 2
    assert "4711-" not in report
    assert "XQ" not in report  # neither can be part of a digest
    assert "Okafor" not in report


def test_the_page_shows_both_sides(tmp_path: Path) -> None:
    note = tmp_path / "n.txt"
    note.write_text(NOTE + "<b>5 & 6</b>\n")
    run(["mask", "--ner", "none", str(note), "-o", str(tmp_path / "o.txt"), "--html", str(tmp_path / "p.html")])
    page = (tmp_path / "p.html").read_text()
    assert "Okafor" in page
    assert "<ins>[NAME]</ins>" in page
    assert "<b>5" not in page


def test_explain_names_detectors_and_no_text(tmp_path: Path) -> None:
    note = tmp_path / "n.txt"
    note.write_text(NOTE)
    done = command(str(note), "--explain", "--kinds", "ssn")
    assert "ssn by ssn shape" in done.stderr
    assert "not masked: its kind is not in the plan" in done.stderr
    assert "Okafor" not in done.stderr
    assert "123-45" not in done.stderr


def test_tokens_agree_across_runs_with_one_key_file(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    first = command("-", "--kinds", "mrn=token", "--key-file", str(key), stdin=NOTE).stdout
    assert first == command("-", "--kinds", "mrn=token", "--key-file", str(key), stdin=NOTE).stdout
    assert "[MRN:" in first


@pytest.mark.parametrize(
    "arguments", [["--kinds", "nonsense"], ["--kinds", "name=shift"], ["/nowhere/at/all"], ["--ner", "nothing"]]
)
def test_bad_input_is_one_clear_error(arguments: list[str]) -> None:
    done = command(*arguments, stdin="x")
    assert done.returncode == 2
    assert done.stderr.startswith("error[HM")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\x00x")
    done = command(str(tmp_path / "b.txt"))
    assert done.returncode == 2
    assert "not UTF-8 at byte 0" in done.stderr


def test_a_plan_is_read_from_kinds() -> None:
    assert plan_of("name,date=generalize") == {"name": "redact", "date": "generalize"}
    assert plan_of("all,date=shift")["date"] == "shift"
