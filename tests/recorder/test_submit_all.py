"""Several entries under one future."""

from __future__ import annotations

from pathlib import Path

import pytest

import recorder
from recorder.entry import Entry
from recorder.reader import Store


def calls(store: Path) -> list[object]:
    return [record.leaf["data"]["call"] for record in Store(store).records() if record.session]


def test_they_are_records_in_their_order_and_durable_when_the_future_is_done(store: Path) -> None:
    with recorder.open(store) as log:
        futures = [
            log.submit_all([Entry("decision", "s", {"call": f"{n}{m}"}, b"x") for m in "abc"]) for n in range(40)
        ]
        assert len(futures[-1].result()) == 3
        assert calls(store) == [f"{n}{m}" for n in range(40) for m in "abc"]
        assert all(future.done() for future in futures)
    recorder.verify(store)


def test_one_that_may_not_be_recorded_stops_those_behind_it_only(store: Path) -> None:
    with recorder.open(store) as log:
        entries = [Entry("decision", "s", {"call": "a"}), Entry("nonsense", "s"), Entry("decision", "s", {"call": "c"})]
        with pytest.raises(recorder.EntryError, match="nonsense"):
            log.submit_all(entries)
        log.checkpoint()
        assert calls(store) == ["a"]


def test_one_whose_leaf_is_too_large_fails_all_of_them(store: Path) -> None:
    large = Entry("decision", "s", {"call": "b", "rules": ["r" * 1024] * 100})
    with recorder.open(store) as log:
        future = log.submit_all([Entry("decision", "s", {"call": "a"}), large, Entry("decision", "s", {"call": "c"})])
        with pytest.raises(recorder.EntryError, match="leaf"):
            future.result()
        log.append(Entry("decision", "s", {"call": "d"}))
    assert calls(store) == ["a", "c", "d"]


def test_a_future_that_was_given_up_changes_nothing(store: Path) -> None:
    with recorder.open(store) as log:
        log.submit_all([Entry("decision", "s", {"call": "a"}), Entry("decision", "s", {"call": "b"})]).cancel()
        log.append(Entry("decision", "s", {"call": "c"}))
    assert calls(store) == ["a", "b", "c"]


class Told:
    """An outcome that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def set_result(self, receipt: recorder.Receipt, /) -> None:
        self.told.append(receipt.seq)

    def set_exception(self, error: BaseException, /) -> None:
        self.told.append(error)


def test_an_outcome_of_ones_own_is_told_of_each_entry(store: Path) -> None:
    large = Entry("decision", "s", {"call": "b", "rules": ["r" * 1024] * 100})
    told = Told()
    with recorder.open(store) as log:
        begun = log.size
        log.submit_to([Entry("decision", "s", {"call": "a"}), large, Entry("decision", "s", {"call": "c"})], told)
        log.checkpoint()
        assert calls(store) == ["a", "c"]
        assert sorted(seq for seq in told.told if isinstance(seq, int)) == [begun, begun + 1]
        assert len([error for error in told.told if isinstance(error, recorder.EntryError)]) == 1
