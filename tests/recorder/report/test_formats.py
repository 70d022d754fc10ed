"""Each format holds the same figures, opens in an independent reader, and shows hostile names harmlessly."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest

from recorder import report
from recorder.errors import RequestError
from recorder.report.write import render, write

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def made(eventful: Path) -> report.Report:
    return report.build(eventful, until="2999-01-01T00:00:00Z")


def test_json_has_each_control_and_each_figure(made: report.Report) -> None:
    told = json.loads(render(made, "x.json"))
    assert told["format"] == "hoopgate report v1"
    assert [item["id"] for item in told["controls"]] == [finding.control.id for finding in made.findings]
    assert told["summary"]["exceptions"] == sum(item["exceptions"] for item in told["controls"])


def test_csv_has_the_same_counts_and_no_formula(made: report.Report) -> None:
    rows = list(csv.DictReader(io.StringIO(render(made, "x.csv").decode(), newline="")))
    counts = {(row["control"], row["measure"]): row["count"] for row in rows if row["measure"]}
    for finding in made.findings:
        for figure in finding.figures:
            assert counts[finding.control.id, figure.measure.name] == str(figure.count)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(
            name.startswith("on") or (name == "href" and not str(value).startswith("#")) for name, value in attrs
        )

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_shows_hostile_names_and_runs_nothing(made: report.Report) -> None:
    reader = _Reader()
    reader.feed(render(made, "x.html").decode())
    assert "script" not in reader.tags
    assert HOSTILE in reader.text
    assert "\u202e" not in reader.text
    for finding in made.findings:
        assert finding.control.id in reader.text


def test_text_fits_a_terminal_and_sends_it_no_escapes(made: report.Report) -> None:
    shown = render(made, "x.txt").decode()
    assert max(map(len, shown.splitlines())) <= 100
    assert all(c.isprintable() or c == "\n" for c in shown)


def test_the_pdf_opens_and_holds_each_control(made: report.Report) -> None:
    document = pypdfium2.PdfDocument(render(made, "x.pdf"))
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    for finding in made.findings:
        assert finding.control.id.split(",")[0] in text
    assert "not a finding of compliance" in text


def test_the_oscal_document_is_valid_and_complete(made: report.Report, tmp_path: Path) -> None:
    from trestle.oscal.assessment_results import AssessmentResults

    path = tmp_path / "x.json"
    path.write_bytes(render(made, "x.oscal.json"))
    document = AssessmentResults.oscal_read(path)
    assert document is not None
    [result] = document.results
    states = {str(finding.title).split(" ")[0]: finding.target.status.state for finding in result.findings or []}
    assert len(result.findings or []) == sum(f.status != "not covered by this tool" for f in made.findings)
    assert {str(getattr(state, "value", state)) for state in states.values()} == {"satisfied", "not-satisfied"}


def test_a_file_is_written_whole_or_not_at_all(made: report.Report, tmp_path: Path) -> None:
    write(made, tmp_path / "a.json")
    with pytest.raises(RequestError, match="exists"):
        write(made, tmp_path / "a.json")
    with pytest.raises(RequestError, match="no report format"):
        write(made, tmp_path / "a.doc")
    with pytest.raises(RequestError, match="cannot write"):
        write(made, tmp_path / "missing" / "a.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json"]
