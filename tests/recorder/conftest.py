"""A store in a directory of its own, with its keys beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import recorder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
def log(store: Path) -> Iterator[recorder.Log]:
    with recorder.open(store) as opened:
        yield opened


def call(number: int, session: str = "s1", payload: bytes | None = None) -> recorder.Entry:
    """A request as the gate records it."""
    metadata = {"call": f"{number:032x}", "server": "ehr", "command": "ehr/search", "decision": f"d{number}"}
    return recorder.Entry("request", session, metadata, payload or b'{"number": %d}' % number)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 41 records in two sessions and two retention classes, cleanly closed. Copy it before altering it."""
    path = tmp_path_factory.mktemp("finished") / "evidence"
    with recorder.open(path) as opened:
        for number in range(20):
            opened.submit(call(number, f"s{number % 2}"))
            opened.submit(recorder.Entry("response", f"s{number % 2}", {"call": f"{number:032x}"}, b"{}", retain=60))
        opened.end_session("s1").result()
    return path


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Callable[[], Path]:
    """A fresh copy of the finished store, without its keys, each time it is called."""
    made = 0

    def copy() -> Path:
        nonlocal made
        made += 1
        return Path(shutil.copytree(finished, tmp_path / f"copy{made}" / "evidence"))

    return copy
