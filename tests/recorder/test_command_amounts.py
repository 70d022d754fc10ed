"""Amounts on the command line are refused before anything is done with them."""

from __future__ import annotations

from pathlib import Path

import pytest

import recorder
from adapter_asgi import cli

WRONG = [
    ("sessions", "list", "--limit", "-3"),
    ("sessions", "show", "s1", "--speed", "1"),
    ("sessions", "replay", "s1", "--speed", "nan"),
    ("sessions", "replay", "s1", "--max-idle", "-1"),
    ("retain", "--days", "-1"),
    ("retain", "--days", "inf"),
    ("proof", "-1"),
    ("report", "--review-days", "-1"),
    ("report", "--idle-minutes", "x"),
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_an_amount_that_is_none_is_a_usage_error(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run([*words])
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_nothing_is_removed_for_a_negative_time(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    with recorder.open(store) as log:
        log.append(recorder.Entry("session.opened", "s1", {}, b"what was said"))
    before = sorted(path.name for path in store.rglob("*"))
    with pytest.raises(SystemExit):
        cli.run(["retain", "--store", str(store), "--do", "--days", "-1"])
    assert sorted(path.name for path in store.rglob("*")) == before
