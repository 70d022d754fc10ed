"""Pages and records through the index equal what a reading of everything gives, however they are cut and filtered."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recorder
from recorder import layout
from recorder.clock import Clock
from recorder.erasure import erase
from recorder.errors import RequestError
from recorder.index import Index, Query, reindex, update
from recorder.index_acts import ledger_of
from recorder.index_tables import BLOCK, FORMAT, SCHEMA, Filler
from recorder.ledger import read_ledger
from recorder.reader import Store
from recorder.retention import expire, lift_hold, set_hold

JOBS, EFFECTS, COMMANDS = ("nightly-etl", "nightly-load", "docs"), ("allow", "deny"), ("ehr/read", "ehr/search")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 sessions in small segments of two classes and two logs, interleaved."""
    path = tmp_path_factory.mktemp("pages") / "evidence"
    with recorder.open(path, segment_bytes=60_000) as log, recorder.open(path, segment_bytes=60_000) as other:
        for number in range(120):
            identity = {"job": JOBS[number % 3], "run": str(number), "branch": "main" if number % 2 else "dev"}
            log.submit(recorder.Entry("session.identity", f"s{number}", identity))
        for number in range(240):
            told = {
                "command": COMMANDS[number % 7 == 0],
                "effect": EFFECTS[number % 5 == 0],
                "rules": [f"r{number % 4}"],
            }
            (log if number % 3 else other).submit(recorder.Entry("decision", f"s{number % 120}", told))
            log.submit(recorder.Entry("response", f"s{number % 120}", {}, b"{}", retain=60 if number % 2 else None))
        other.checkpoint()
    update(path)
    return path


@pytest.fixture
def index(filled: Path) -> Iterator[Index]:
    with Index.open(filled) as opened:
        yield opened


def fits(records: list[recorder.reader.Record], wanted: Query) -> bool:
    """What a session's records say about a query, without an index."""
    facts: set[tuple[str, str]] = set()
    for record in records:
        facts |= {
            (name, str(record.data[name]))
            for name in ("job", "run", "branch", "command", "effect")
            if name in record.data
        }
        facts |= {("rule", rule) for rule in record.data.get("rules", ())}
    if any(not any(name == n and fnmatchcase(v, value) for n, v in facts) for name, value in wanted.facts):
        return False
    if wanted.session is not None and not fnmatchcase(records[0].session, wanted.session):
        return False
    return wanted.text is None or any(wanted.text in text for text in (records[0].session, *(v for _, v in facts)))


FACTS = st.sampled_from(
    [
        *[("job", value) for value in (*JOBS, "nightly-*", "*o*")],
        *[("effect", value) for value in EFFECTS],
        *[("command", "ehr/*"), ("command", "ehr/search"), ("rule", "r1"), ("rule", "r*"), ("branch", "main")],
        *[("run", "7"), ("run", "1*"), ("run", "none")],
    ]
)
QUERIES = st.builds(
    Query,
    facts=st.lists(FACTS, max_size=3),
    text=st.sampled_from([None, None, "night", "s11", "main"]),
    session=st.sampled_from([None, None, "s3", "s1*"]),
)


@pytest.fixture(scope="module")
def by_session(filled: Path) -> dict[str, list[recorder.reader.Record]]:
    found: dict[str, list[recorder.reader.Record]] = {}
    for record in Store(filled).records():
        if record.session:
            found.setdefault(record.session, []).append(record)
    return found


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=QUERIES, limit=st.integers(1, 50), newest=st.booleans(), small=st.sampled_from([0, 5, 4000]))
def test_pages_of_any_size_give_each_session_that_fits_once_and_in_order(
    index: Index,
    by_session: dict[str, list[recorder.reader.Record]],
    wanted: Query,
    limit: int,
    newest: bool,
    small: int,
) -> None:
    starts = {name: min(record.leaf["time"] for record in records) for name, records in by_session.items()}
    expected = sorted((name for name, records in by_session.items() if fits(records, wanted)), key=lambda n: starts[n])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recorder.index_query.SMALL", small)
        found, after = [], None
        while True:
            page = index.page(wanted, after=after, limit=limit, newest=newest)
            assert len(page.sessions) <= limit
            found += [session["id"] for session in page.sessions]
            after = page.next
            if after is None:
                break
    assert found == (expected[::-1] if newest else expected)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=QUERIES, kinds=st.sampled_from([(), ("decision",), ("response", "decision")]), few=st.sampled_from([0, 2000])
)
def test_records_of_chosen_sessions_are_those_that_a_reading_of_everything_gives(
    filled: Path,
    index: Index,
    by_session: dict[str, list[recorder.reader.Record]],
    wanted: Query,
    kinds: tuple[str, ...],
    few: int,
) -> None:
    chosen = {name for name, records in by_session.items() if fits(records, wanted)}
    expected = [
        (record.log, record.seq)
        for record in Store(filled).records()
        if record.session in chosen and (not kinds or record.kind in kinds)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recorder.index_records._FEW", few)
        assert [(record.log, record.seq) for record in index.records(wanted, kinds=kinds)] == expected


def test_records_of_a_period_are_cut_at_their_own_times(filled: Path, index: Index) -> None:
    every = list(Store(filled).records())
    assert [record.raw for record in index.records()] == [record.raw for record in every]
    middle = sorted(every, key=lambda record: int(record.leaf["time"]))[len(every) // 2]
    late = [record.raw for record in index.records(since=middle.time)]
    early = [record.raw for record in index.records(until=middle.time)]
    assert sorted(late + early) == sorted(record.raw for record in every)
    assert all(record.time < middle.time for record in index.records(until=middle.time))


def test_sessions_of_a_period_are_those_that_were_active_in_it(index: Index) -> None:
    every = list(index.sessions())
    middle = every[60]["started"]
    expected = [session["id"] for session in every if session["last"] >= middle]
    assert [session["id"] for session in index.sessions(Query(since=middle))] == expected
    before = [session["id"] for session in every if session["started"] < middle]
    assert [session["id"] for session in index.sessions(Query(until=middle))] == before


def test_a_sessions_records_come_by_time_from_all_logs(filled: Path, index: Index) -> None:
    found = index.session_records("s9")
    assert {record.log for record in found} == {0, 1}
    assert [record.leaf["time"] for record in found] == sorted(record.leaf["time"] for record in found)
    assert {(record.log, record.seq) for record in found} == {
        (record.log, record.seq) for record in Store(filled).records(session="s9")
    }
    assert index.session_records("nobody") == []


def test_the_values_of_a_field_are_listed_a_page_at_a_time(index: Index) -> None:
    assert index.values("job") == sorted(JOBS)
    assert index.values("job", prefix="nightly") == ["nightly-etl", "nightly-load"]
    assert index.values("run", limit=3) == ["0", "1", "10"]
    assert index.values("run", after="10", limit=2) == ["100", "101"]


@pytest.mark.parametrize(
    ("wanted", "after", "what"),
    [
        (Query([("colour", "red")]), None, "no field"),
        (Query(since="yesterday"), None, "no point in time"),
        (Query(), "{", "no cursor"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(index: Index, wanted: Query, after: str | None, what: str) -> None:
    with pytest.raises(RequestError, match=what):
        index.page(wanted, after=after)


def test_an_index_that_grew_in_small_portions_equals_one_made_anew(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the clock goes back, and a session's start moves."""
    clock = iter([5, 5, 5, 9, 8, 7, 3, 4, 2, 11, *range(20, 4000)])
    monkeypatch.setattr(Clock, "jump", lambda _: 0)
    monkeypatch.setattr("recorder.index_tables.PORTION", 3)
    with recorder.open(store) as log:
        log._writer._clock.wall = lambda: next(clock) * 1_000_000_000
        for number in range(40):
            log.append(recorder.Entry("decision", f"s{number % 5}", {"effect": EFFECTS[number % 2]}))
            if number % 7 == 0:
                update(store)
    update(store)
    recorder.verify(store)
    with Index.open(store) as grown:
        before = list(grown.sessions())
    reindex(store)
    with Index.open(store) as anew:
        assert list(anew.sessions()) == before


def test_blocks_stay_good_after_payloads_were_removed(store: Path) -> None:
    with recorder.open(store) as log:
        for number in range(3 * BLOCK):
            log.submit(recorder.Entry("response", f"s{number % 2}", {}, b"x" * 50, retain=1))
    with Index.open(store) as index:
        before = [record.raw for record in index.records(Query([]), kinds=["response"])]
    expire(store, recorder.Keys.in_directory(store.parent / ".hoopgate-keys"), now=time.time_ns() * 2, who="test")
    with Index.open(store) as index:
        assert [record.raw for record in index.records(Query([]), kinds=["response"])] == before
    recorder.verify(store)


def test_what_is_new_is_taken_without_reading_what_is_not(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorder.open(store) as log:
        for number in range(5 * BLOCK):
            log.submit(recorder.Entry("decision", f"s{number}"))
    update(store)
    with recorder.open(store) as log:
        log.append(recorder.Entry("decision", "new"))
    seen, stream = 0, recorder.frames.stream

    def counted(file: Any, at: int) -> Any:
        nonlocal seen
        for frame in stream(file, at):
            seen += 1
            yield frame

    monkeypatch.setattr("recorder.reader.frames.stream", counted)
    update(store)
    assert seen <= 2 * BLOCK
    with Index.open(store, update=False) as index:
        assert index.session("new") is not None


@pytest.mark.parametrize("at", [-1, 7, "'x'", 1 << 40])
def test_a_hint_that_is_wrong_costs_time_alone(store: Path, at: object) -> None:
    with recorder.open(store) as log:
        log.append(recorder.Entry("decision", "a"))
    update(store)
    with closing(sqlite3.connect(store / layout.INDEX)) as base, base:
        base.execute(f"UPDATE blocks SET at = {at}")
    with recorder.open(store) as log:
        log.append(recorder.Entry("decision", "b"))
    with Index.open(store) as index:
        assert [session["id"] for session in index.sessions()] == ["a", "b"]


def test_an_index_in_use_has_a_write_ahead_log_and_is_verified_with_it(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(recorder.Entry("session.opened", "a"))
        with Index.open(store) as held:
            assert held.page().sessions
            log.append(recorder.Entry("session.opened", "b"))
            update(store)
            assert (store / layout.INDEX_WAL).stat().st_size
            recorder.verify(store)
            with Index.open(store) as index:
                assert [session["id"] for session in index.sessions()] == ["a", "b"]
    recorder.verify(store)


def test_a_reader_sees_one_state_while_another_process_is_at_the_index(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(recorder.Entry("session.opened", "a"))
        update(store)
        log.append(recorder.Entry("session.opened", "b"))
        lock = recorder.lock.Lock.take(store, recorder.lock.INDEXER)
        assert lock is not None
        with Index.open(store) as index:
            assert [session["id"] for session in index.sessions()] == ["a"]
        lock.release()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_pages_of_a_million_sessions_cost_what_they_hold(tmp_path: Path) -> None:
    """A synthetic index of 1,000,000 sessions; SQLite's own steps are counted, so that the bound is not one of time."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(sqlite3.connect(tmp_path / "index")) as base:
        base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;" + SCHEMA)
        base.execute(f"PRAGMA user_version = {FORMAT}")
        filler = Filler(base)
        for number in range(1_000_000):
            leaf = {"time": number * 10**9, "kind": "session.identity", "session": f"{number:032x}"}
            data = {"job": f"job{number % 1000}", "run": f"run{number}", "branch": "main" if number % 100 else "hot"}
            filler.take(0, 0, number, 0, {**leaf, "data": data})
        filler.flush()
        base.commit()
        index = Index(object.__new__(Store), base)
        base.set_progress_handler(step, 1000)  # thousands of virtual machine steps
        deep = f'[{999_000 * 10**9}, "{999_000:032x}"]'
        for wanted, after in (
            (Query(), None),
            (Query(), deep),
            (Query([("job", "job7")]), None),
            (Query([("branch", "main")]), deep),
            (Query([("run", "run77777")]), None),
            (Query([("branch", "main"), ("job", "job7")]), None),
            (Query(session=f"{77:032x}"), None),
            (Query(since="1970-01-12T00:00:00Z"), None),
            (Query([("run", "run9999*")]), None),
        ):
            steps = 0
            page = index.page(wanted, after=after, limit=100)
            assert page.sessions
            assert steps < 150, (wanted, steps)
        steps = 0
        assert index.page(Query(text="run999999")).sessions
        assert steps < 40_000


def test_the_standing_of_a_store_through_the_index_is_what_a_reading_of_everything_gives(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(recorder.Entry("response", "a", {}, b"x", retain=1))
        log.append(recorder.Entry("response", "b", {}, b"x"))
    keys = recorder.Keys.in_directory(store.parent / ".hoopgate-keys")
    held = set_hold(store, keys, ["a"], "litigation", who="test")
    update(store)
    erase(store, keys, "b", "asked", who="test")
    lift_hold(store, keys, held.id, "settled", who="test")
    expire(store, keys, now=time.time_ns() * 2, who="test")
    lock = recorder.lock.Lock.take(store, recorder.lock.INDEXER)
    assert lock is not None  # so the index stays behind, and the rest comes from the segments
    assert ledger_of(store) == read_ledger(Store(store))
    assert ledger_of(store).expired
    lock.release()
    assert ledger_of(store) == read_ledger(Store(store))
    recorder.verify(store)
