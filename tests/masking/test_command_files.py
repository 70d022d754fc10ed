"""`mask` on long files, directories and odd input: what a user meets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from masking import files
from masking.__main__ import run
from masking.errors import MaskingError
from masking.masker import Masker
from masking.stream import Stream

LINE = "visit {n}: SSN 123-45-6789, BP 120/80\n"


def mask(*arguments: str) -> int:
    return run(["mask", "--ner", "none", *arguments])


@pytest.fixture
def long_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WHOLE", 2000)


def text_of(name: str) -> str:
    if name.endswith(".json"):
        return json.dumps({"rows": [{"last_name": "Okafor", "n": n} for n in range(200)]})
    if name.endswith(".ndjson"):
        return "".join(json.dumps({"last_name": "Okafor", "n": n}) + "\n" for n in range(200))
    if name.endswith(".csv"):
        return "last_name,glucose\n" + "Okafor,104\n" * 300
    return "".join(LINE.format(n=n) for n in range(200))


@pytest.mark.usefixtures("long_files")
@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.ndjson", "a.csv"])
def test_a_long_file_is_masked_as_a_stream(
    tmp_path: Path, name: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    source = tmp_path / name
    source.write_text(text_of(name))
    assert mask(str(source), "-o", str(tmp_path / "out")) == 0
    assert mask(str(source)) == 0
    out = (tmp_path / "out").read_text()
    assert capsysbinary.readouterr().out.decode() == out
    assert "Okafor" not in out
    assert "123-45-6789" not in out
    assert len(out.splitlines()) == len(text_of(name).splitlines())


@pytest.mark.usefixtures("long_files")
def test_a_directory_of_long_and_short_files_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "long.txt").write_text(text_of("a.txt"))
    (source / "short.json").write_text('{"ssn": "123-45-6789"}')
    (source / "empty.txt").write_text("")
    assert mask(str(source), "-o", str(tmp_path / "out")) == 0
    assert capsys.readouterr().err == "masked 201 ssn in 3 files\n"
    assert (tmp_path / "out" / "empty.txt").read_text() == ""


@pytest.mark.usefixtures("long_files")
@pytest.mark.parametrize("option", ["--html", "--report", "--explain"])
def test_what_tells_of_every_value_wants_a_short_file(
    tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.txt"
    source.write_text(text_of("a.txt"))
    arguments = [option] if option == "--explain" else [option, str(tmp_path / "told")]
    assert mask(str(source), *arguments) == 2
    assert "HM024" in capsys.readouterr().err
    assert not (tmp_path / "told").exists()


@pytest.mark.usefixtures("long_files")
def test_a_file_that_breaks_off_leaves_no_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Masker, "stream", lambda self: Stream(self, hold=1000))
    (tmp_path / "bad.txt").write_bytes(text_of("a.txt").encode() + b"\xff")
    (tmp_path / "cut.json").write_text(text_of("a.json")[:-1])
    size = len(text_of("a.txt").encode())
    assert mask(str(tmp_path / "bad.txt"), "-o", str(tmp_path / "out")) == 2
    assert f"not UTF-8 at byte {size}" in capsys.readouterr().err
    assert mask(str(tmp_path / "cut.json"), "-o", str(tmp_path / "out")) == 2
    assert "HM032" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.txt", "cut.json"]


def test_bytes_that_are_no_text_are_told_by_their_place_however_they_are_read(tmp_path: Path) -> None:
    source = tmp_path / "b"
    source.write_bytes(b"x" * (1 << 16) + "\u00e9".encode()[:1] + b"y")
    with source.open("rb") as file, pytest.raises(MaskingError) as caught:
        list(files.pieces(file, "b"))
    assert f"byte {1 << 16}" in str(caught.value)


def test_a_character_cut_by_a_read_is_whole(tmp_path: Path) -> None:
    source = tmp_path / "b"
    text = "\ufeff" + "x" * ((1 << 16) - 4) + "\u00e9\U0001f600" * 9
    source.write_text(text)
    with source.open("rb") as file:
        assert "".join(files.pieces(file, "b")) == text[1:]


def test_a_directory_is_looked_through_before_it_is_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_text("x")
    (source / "scan.dcm").write_bytes(b"\0")
    assert mask(str(source), "-o", str(tmp_path / "out")) == 2
    assert "scan.dcm" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    (source / "scan.dcm").unlink()
    assert mask(str(source), "-o", str(tmp_path / "file")) == 2


def test_a_file_that_is_no_text_and_a_dead_link_stop_a_directory_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_text("x")
    late = source / "b.txt"
    late.write_bytes(b"\xff\xfe")
    for told in ("b.txt is not UTF-8 at byte 0", "b.txt cannot be read"):
        assert mask(str(source), "-o", str(tmp_path / "out")) == 2
        assert told in capsys.readouterr().err
        assert not (tmp_path / "out").exists()
        late.unlink()
        late.symlink_to(tmp_path / "gone")


def test_empty_input_gives_empty_output(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    (tmp_path / "e.json").write_text("")
    assert mask(str(tmp_path / "e.json")) == 0
    assert capsysbinary.readouterr().out == b""
    done = subprocess.run(
        [sys.executable, "-m", "masking", "mask", "--ner", "none"], input=b"", capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_explain_tells_a_document_by_its_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "j.json").write_text('{"last_name": "Okafor", "note": "Mrs Okafor called"}')
    assert mask(str(tmp_path / "j.json"), "--explain") == 0
    told = capsys.readouterr().err
    assert "$.last_name name by field name masked (redact)" in told
    assert "$.note name by known value masked (redact)" in told
    assert "Okafor" not in told


def test_a_mark_at_the_beginning_and_line_ends_are_no_matter(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "c.csv").write_bytes(b"\xef\xbb\xbfmrn,x\r\nA4711,1\r\n")
    assert mask(str(tmp_path / "c.csv")) == 0
    assert capsysbinary.readouterr().out == b"mrn,x\r\n[MRN],1\r\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["a.json", "-o", "a.json"],
        ["a.json", "-o", "in/../a.json"],
        ["link.json", "-o", "a.json"],
        ["a.json", "-o", "link.json"],
        ["hard.json", "-o", "a.json"],
        ["a.json", "--report", "a.json"],
        ["a.json", "--html", "a.json"],
        ["a.json", "-o", "x", "--html", "x"],
        ["a.json", "-o", "x", "--report", "in/../x"],
        ["a.json", "--key-file", "key", "-o", "key"],
        ["in", "-o", "out", "--report", "in/b.json"],
    ],
)
def test_nothing_that_is_read_is_written_and_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name in ("a.json", "in/b.json", "key"):
        Path(name).write_text('{"last_name": "Okafor"}')
    Path("link.json").symlink_to("a.json")
    Path("hard.json").hardlink_to("a.json")
    before = sorted(Path().rglob("*"))
    assert mask(*arguments) == 2
    assert "HM021" in capsys.readouterr().err
    assert sorted(Path().rglob("*")) == before
    assert all(Path(name).read_text() == '{"last_name": "Okafor"}' for name in ("a.json", "in/b.json", "key"))


def test_a_pipe_that_is_written_to_stays_one_and_a_link_stays_a_link(tmp_path: Path) -> None:
    source, pipe, link = tmp_path / "a.json", tmp_path / "pipe", tmp_path / "link"
    source.write_text('{"last_name": "Okafor"}')
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        assert mask(str(source), "-o", str(pipe)) == 0
        assert os.read(end, 100) == b'{"last_name": "[NAME]"}'
    finally:
        os.close(end)
    assert pipe.is_fifo()
    (tmp_path / "told").write_text("before")
    link.symlink_to("told")
    assert mask(str(source), "-o", str(link)) == 0
    assert link.is_symlink()
    assert (tmp_path / "told").read_text() == '{"last_name": "[NAME]"}'
