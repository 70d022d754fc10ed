"""`hoopgate report` and `hoopgate review`, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from recorder.__main__ import run as main
from recorder.reader import Store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def go(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["recorder", *words])
        code = main()
        told = capsys.readouterr()
        return code, told.out, told.err

    return go


def test_a_report_is_shown_or_written_and_what_left_the_store_is_on_record(
    copied_store: Path, tmp_path: Path, run: Run
) -> None:
    code, out, _ = run("report", "--store", str(copied_store))
    assert code == 0
    assert "164.312(a)(1)" in out
    files = [str(tmp_path / name) for name in ("a.html", "a.json")]
    code, out, _ = run(
        "report", "--store", str(copied_store), "--out", files[0], "--out", files[1], "--framework", "soc2"
    )
    assert code == 0
    exports = [record.data for record in Store(copied_store).records() if record.kind == "export"]
    assert [data["action"] for data in exports] == ["report", "report"]
    assert all(data["digest"] in out for data in exports)
    assert json.loads(Path(files[1]).read_text())["framework"]["name"] == "soc2"


def test_an_auditor_without_the_keys_gets_the_report_and_is_told_that_it_is_on_no_record(
    copied_store: Path, tmp_path: Path, run: Run
) -> None:
    (copied_store.parent / ".hoopgate-keys").rename(tmp_path / "elsewhere")
    code, out, _ = run("report", "--store", str(copied_store), "--out", str(tmp_path / "a.csv"))
    assert code == 0
    assert "not recorded" in out


def test_strict_fails_a_build_on_exceptions(copied_store: Path, run: Run) -> None:
    assert run("report", "--store", str(copied_store), "--strict")[0] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", "x.doc"], "no report format"),
        (["--month", "2026-13"], "--month is YYYY-MM"),
        (["--month", "2026-10", "--since", "2026-10-01T00:00:00Z"], "--month stands alone"),
        (["--since", "2030-01-01T00:00:00Z", "--until", "2029-01-01T00:00:00Z"], "ends before it begins"),
        (["--framework", "hippa"], "no framework"),
    ],
)
def test_a_wrong_question_is_refused_with_its_mend(copied_store: Path, run: Run, words: list[str], says: str) -> None:
    code, out, err = run("report", "--store", str(copied_store), *words)
    assert code == 2
    assert says in err
    assert "Traceback" not in out + err


def test_a_review_is_signed_listed_and_keeps_its_reason_out_of_the_leaf(
    copied_store: Path, tmp_path: Path, run: Run
) -> None:
    at = ["--store", str(copied_store)]
    code, _, err = run("review", "sign", *at, "--since", "2020-01-01T00:00:00Z")
    assert code == 2
    assert "reason" in err
    reviewed = tmp_path / "r.json"
    run("report", *at, "--out", str(reviewed))
    words = ("--since", "2020-01-01T00:00:00Z", "--reason", "Ada looked odd", "--report", str(reviewed))
    assert run("review", "sign", *at, *words)[0] == 0
    code, out, _ = run("review", "list", *at, "--json")
    assert code == 0
    [review] = json.loads(out)["reviews"]
    assert review["action"] == "sign-off"
    assert "Ada" not in out


def test_nobody_reviews_the_future(copied_store: Path, run: Run) -> None:
    words = ("--since", "2020-01-01T00:00:00Z", "--until", "2999-01-01T00:00:00Z", "--reason", "x")
    code, _, err = run("review", "sign", "--store", str(copied_store), *words)
    assert code == 2
    assert "has not happened yet" in err
