"""An export that is interrupted leaves nothing that looks whole, and goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest

import recorder
from recorder.errors import RequestError
from recorder.export import Wanted, export, records
from recorder.export.workplace import Workplace
from recorder.keys import Keys
from recorder.reader import Store
from tests.recorder.conftest import call


class InterruptedHereError(Exception):
    """Stands for whatever ends a process."""


@pytest.fixture
def filled(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(records, "PART", 10)
    with recorder.open(store) as log:
        for number in range(45):
            log.submit(call(number, f"s{number // 10}"))
    return store


def _export(store: Path, out: Path, wanted: Wanted, stop: int | None = None) -> None:
    steps = 0

    def progress(_: str) -> None:
        nonlocal steps
        steps += 1
        if stop is not None and steps > stop:
            raise InterruptedHereError

    keys = Keys.in_directory(store.parent / ".hoopgate-keys", create=False)
    export(store, out, keys, "audit 7", wanted=wanted, who="auditor", progress=progress)


@pytest.mark.parametrize("stop", [0, 1, 3, 5, 6])
def test_what_was_made_is_kept_and_the_rest_is_added(filled: Path, tmp_path: Path, stop: int) -> None:
    out, wanted = tmp_path / "a.zip", Wanted(ledgers=("decisions", "reviews"))
    with pytest.raises(InterruptedHereError):
        _export(filled, out, wanted, stop)
    assert not out.exists()
    kept = {path: path.stat().st_mtime_ns for path in Workplace(out).folder.rglob("records-*")}
    assert len(kept) == min(max(stop - 0, 0), 5)
    written: list[str] = []
    real = Workplace.write

    def counting(self: Workplace, name: str, parts: object) -> None:
        written.append(name)
        real(self, name, parts)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workplace, "write", counting)
        _export(filled, out, wanted)
    assert not {f"log-0/{path.name}" for path in kept} & set(written)
    assert recorder.verify_report(out).records == 46
    assert not Workplace(out).folder.exists()


def test_records_that_came_meanwhile_do_not_change_what_was_planned(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    with pytest.raises(InterruptedHereError):
        _export(filled, out, Wanted(), 2)
    with recorder.open(filled) as log:
        for number in range(100, 130):
            log.submit(call(number, "later"))
    _export(filled, out, Wanted())
    assert recorder.verify_report(out).records == 46


def test_another_question_does_not_go_on_with_it(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    with pytest.raises(InterruptedHereError):
        _export(filled, out, Wanted(), 2)
    with pytest.raises(RequestError, match="was interrupted"):
        _export(filled, out, Wanted(sessions=("s1",)))


def test_an_export_of_many_sessions_is_found_by_each_ones_erasure(store: Path, tmp_path: Path) -> None:
    from recorder.ledger import read_ledger

    with recorder.open(store) as log:
        for number in range(600):
            log.submit(call(number, f"s{number:03d}"))
    _export(store, tmp_path / "a.zip", Wanted(facts=(), since="2020-01-01T00:00:00Z"))
    ledger = read_ledger(Store(store))
    assert len(ledger.exports) == 3
    assert {session for _, sessions in ledger.exports for session in sessions} == {f"s{n:03d}" for n in range(600)}


def test_one_that_was_ended_behind_its_last_step_leaves_no_clear_text(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, wanted = tmp_path / "a.zip", Wanted(ledgers=("sessions",))

    def ended(_: Workplace) -> None:
        raise InterruptedHereError

    with monkeypatch.context() as patch:
        patch.setattr(Workplace, "remove", ended)
        with pytest.raises(InterruptedHereError):
            _export(filled, out, wanted)
    assert recorder.verify_report(out).records == 46
    assert Workplace(out).folder.is_dir()
    with pytest.raises(RequestError, match="exists"):
        _export(filled, out, wanted)
    assert not Workplace(out).folder.exists()
    recorder.verify(out)
