"""A session's records are found whatever its name is made of, beside others whose names and values look like it."""

from __future__ import annotations

from pathlib import Path

import pytest

import recorder
from recorder.index import Index
from recorder.reader import Store

NAMES = ("s", "ss", "é", "漢字", "a/b", "s:s", "data", "S")


@pytest.fixture
def named(store: Path) -> Path:
    with recorder.open(store) as log:
        for number in range(600):
            name = NAMES[number % len(NAMES)]
            log.submit(recorder.Entry("decision", name, {"command": '"session":"s"', "effect": "allow"}))
    return store


@pytest.mark.parametrize("name", NAMES)
def test_all_of_its_records_and_no_others(named: Path, name: str) -> None:
    expected = [(one.log, one.seq) for one in Store(named).records() if one.session == name]
    assert len(expected) >= 60
    with Index.open(named) as index:
        assert [(one.log, one.seq) for one in index.session_records(name)] == expected
    assert [(one.log, one.seq) for one in Store(named).records(session=name)] == expected
