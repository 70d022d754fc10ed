"""Threads that share what is remembered never take one engine's verdicts for another's."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from masking.remembered import NOTHING, Remembered

THREADS, ROUNDS = 4, 300


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads change places as often as the interpreter lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried")
def test_each_engine_has_tables_of_its_own_whoever_comes_first() -> None:
    """Each thread brings an engine of its own at the same moment, many times over."""
    tables = Remembered()
    mine: list[list[tuple[int, object]]] = [[] for _ in range(THREADS)]
    ready = threading.Barrier(THREADS)

    def bring(found: list[tuple[int, object]]) -> None:
        for _ in range(ROUNDS):
            engine = object()
            ready.wait()
            found.append((id(tables.verdicts(engine, prose=True)), engine))

    threads = [threading.Thread(target=bring, args=(found,)) for found in mine]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [number for found in mine for number, _ in found]
    assert len(set(given)) == THREADS * ROUNDS
    assert all(id(tables.verdicts(engine, prose=True)) == number for found in mine for number, engine in found)


def test_what_one_engine_was_silent_about_another_still_reads() -> None:
    tables = Remembered()
    quiet, real = object(), object()
    tables.verdicts(quiet, prose=True).put(b"k", NOTHING, 1)
    assert tables.verdicts(real, prose=True).get(b"k") is None
