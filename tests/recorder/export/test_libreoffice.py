"""The CSV and XLSX files of an export open in LibreOffice with the cells that were written."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

import recorder
from recorder.entry import Entry
from recorder.export import Wanted, export
from recorder.keys import Keys

pytestmark = pytest.mark.slow

HOSTILE = (
    *('=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(1)", "00123", "1e5", "2026-11-22", "TRUE", "a,b;c"),
    *('"quoted"', "semi;colon", "  spaces  ", "é ü 漢字", "1.10", "=cmd|' /C calc'!A0", "'apostrophe"),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("calc")
    store = folder / "evidence"
    with recorder.open(store) as log:
        for number, text in enumerate(HOSTILE):
            about = {"call": f"{number:016x}", "command": text, "effect": "allow", "rules": [text]}
            log.append(Entry("decision", f"s{number}", about))
    keys = Keys.in_directory(store.parent / ".hoopgate-keys", create=False)
    wanted = Wanted(ledgers=("decisions",), formats=("csv", "xlsx"), payloads=False)
    export(store, folder / "x.zip", keys, "audit 7", wanted=wanted, who="auditor")
    return zipfile.ZipFile(folder / "x.zip")


def _opened(path: Path) -> list[list[str]]:
    """The cells as LibreOffice has them, all columns taken as text (RFC 4180, UTF-8)."""
    office = shutil.which("soffice")
    assert office, "LibreOffice opens the tables: install libreoffice-calc-nogui"
    text_filter = "CSV:44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 40))
    given = ["--infilter=" + text_filter] if path.suffix == ".csv" else []
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    out = path.parent / "out"
    command = [office, profile, "--headless", *given, "--convert-to", "xlsx", "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    sheet = openpyxl.load_workbook(io.BytesIO((out / f"{path.stem}.xlsx").read_bytes()), read_only=True).active
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.values]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_cells_are_the_ones_that_were_written(archive: zipfile.ZipFile, tmp_path: Path, kind: str) -> None:
    data = archive.read(f"ledgers/decisions.{kind}")
    path = tmp_path / f"decisions.{kind}"
    path.write_bytes(data)
    rows = list(csv.reader(io.StringIO(archive.read("ledgers/decisions.csv").decode(), newline="")))
    opened = _opened(path)
    assert len(opened) == len(rows) == len(HOSTILE) + 1
    for expected, found in zip(rows, opened, strict=True):
        assert [cell for cell in found if cell] == [cell for cell in expected if cell]
    commands = [row[rows[0].index("command")] for row in opened[1:]]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in commands)
