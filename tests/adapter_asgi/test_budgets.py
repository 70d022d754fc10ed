"""`limit` over time, over restarts, in several processes; in calls and in bytes of results."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import caller
from whole_gate import SSN, whole_gate

import gate
from adapter_asgi.budgets import BudgetError, Budgets
from policy_lang import Limit

HOURLY = Limit(2, 3600, "r")
ONCE = Limit(1, "run", "r")
BYTES = Limit(100, 60, "r", "bytes")


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def held(outcome: object) -> bool:
    return isinstance(outcome, gate.LimitsHeld)


def test_a_window_slides_and_says_when_the_next_call_may_go() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock)
    assert [held(budgets.spend([HOURLY], caller("a"), "s")) for _ in range(3)] == [True, True, False]
    reached = budgets.spend([HOURLY], caller("a"), "s")
    assert isinstance(reached, gate.LimitReached)
    assert reached.rule == "r"
    seconds = int(reached.message.rpartition(" in ")[2].split()[0])
    clock.now += seconds - 10
    assert not held(budgets.spend([HOURLY], caller("a"), "s"))
    clock.now += 10
    assert held(budgets.spend([HOURLY], caller("a"), "s"))


def test_a_refused_call_counts_on_no_budget() -> None:
    budgets = Budgets()
    assert held(budgets.spend([ONCE], caller("a"), "s"))
    assert not held(budgets.spend([HOURLY, ONCE], caller("a"), "s"))
    assert [held(budgets.spend([HOURLY], caller("a"), "s")) for _ in range(3)] == [True, True, False]


def test_callers_runs_and_sessions_count_for_themselves() -> None:
    budgets = Budgets()
    alice, nobody = caller("a"), replace(caller("a"), run=None)
    assert held(budgets.spend([ONCE], alice, "s"))
    assert not held(budgets.spend([ONCE], alice, "another session of the run"))
    assert held(budgets.spend([ONCE], replace(alice, run="run-2"), "s"))
    assert held(budgets.spend([ONCE], caller("b"), "s"))
    assert held(budgets.spend([ONCE], nobody, "s"))
    assert held(budgets.spend([ONCE], nobody, "t"))
    assert not held(budgets.spend([ONCE], nobody, "t"))


def test_what_was_spent_is_known_after_a_restart_and_under_a_policy_that_allows_less(tmp_path: Path) -> None:
    for times, limit in ((2, Limit(3, 3600, "r")), (0, Limit(2, 3600, "r"))):
        budgets = Budgets(tmp_path / "b.sqlite", b"k" * 32)
        assert [held(budgets.spend([limit], caller("a"), "s")) for _ in range(times)] == [True] * times
        if not times:
            assert not held(budgets.spend([limit], caller("a"), "s"))
        budgets.close()


def test_the_file_tells_nobody_who_spent(tmp_path: Path) -> None:
    budgets = Budgets(tmp_path / "b.sqlite", b"k" * 32)
    budgets.spend([Limit(3, "run", "the rule of Zanzibar")], caller("mallory-the-caller"), "s")
    budgets.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Zanzibar" not in data
    assert b"mallory" not in data


def test_a_batch_counts_every_call_of_it() -> None:
    budgets = Budgets()
    assert not held(budgets.spend([HOURLY] * 3, caller("a"), "s"))
    assert held(budgets.spend([HOURLY] * 2, caller("a"), "s"))
    assert not held(budgets.spend([HOURLY], caller("a"), "s"))


def test_two_limits_of_one_rule_count_a_call_once() -> None:
    budgets = Budgets()
    both = [HOURLY, Limit(5, 3600, "r")]
    assert [held(budgets.spend(both, caller("a"), "s")) for _ in range(3)] == [True, True, False]


def test_bytes_are_charged_when_they_go_and_what_is_left_is_told() -> None:
    budgets = Budgets()
    assert budgets.spend([BYTES, HOURLY], caller("a"), "s") == gate.LimitsHeld(100)
    budgets.charge([BYTES, HOURLY], caller("a"), "s", 60)
    assert budgets.spend([BYTES, HOURLY], caller("a"), "s") == gate.LimitsHeld(40)
    budgets.charge([BYTES], caller("a"), "s", 40)
    reached = budgets.spend([BYTES], caller("a"), "s")
    assert isinstance(reached, gate.LimitReached)
    assert "100 bytes of results" in reached.message


_WORKER = """
import sys
from adapter_asgi.budgets import Budgets
from policy_lang import Limit, Request
import gate
identity = Request.from_json({"caller": "ci", "provenance": "attested"})
who = gate.Principal(identity, "i", "s", "s", "run-1")
budgets = Budgets(sys.argv[1], b"k" * 32)
print(sum(isinstance(budgets.spend([Limit(100, "run", "r")], who, "s"), gate.LimitsHeld) for _ in range(60)))
"""


def test_processes_share_one_budget(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WORKER, str(tmp_path / "b.sqlite")]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(worker.communicate(timeout=300)[0]) for worker in workers) == 100
    assert [worker.returncode for worker in workers] == [0, 0]


def test_a_file_that_cannot_be_written_is_an_error_with_a_code(tmp_path: Path) -> None:
    budgets = Budgets(tmp_path / "b.sqlite")
    budgets._db.execute("PRAGMA query_only = 1")
    with pytest.raises(BudgetError) as error:
        budgets.spend([HOURLY], caller("a"), "s")
    assert error.value.code == "BUD01"
    budgets._db.execute("PRAGMA query_only = 0")
    assert held(budgets.spend([HOURLY], caller("a"), "s"))


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 5))
def test_no_window_ever_holds_more_calls_than_its_budget(steps: list[int], count: int) -> None:
    clock = Clock()
    budgets = Budgets(clock=clock)
    limit = Limit(count, 100, "r")
    passed: list[float] = []
    for step in steps:
        clock.now += step
        if held(budgets.spend([limit], caller("a"), "s")):
            passed.append(clock.now)
            assert sum(at > clock.now - 100 for at in passed) <= count
    budgets.close()


async def test_the_gate_counts_on_after_a_restart(tmp_path: Path) -> None:
    policy = 'rule "few" { command "ehr/read"\n    allow\n    limit 2 per run }\n'
    for answers in (["result", "result"], ["refused"]):
        async with whole_gate(tmp_path, policy) as running:
            for expected in answers:
                text = str(await running.call())
                assert ('The rule "few" allows a run 2 calls' in text) == (expected == "refused")
        assert len(running.server.bodies) == (2 if answers[0] == "result" else 0)


async def test_bytes_that_were_shown_count_and_the_rest_is_withheld(tmp_path: Path) -> None:
    policy = 'rule "small" { command "ehr/read"\n    allow\n    mask none\n    limit 150 bytes per run }\n'
    async with whole_gate(tmp_path, policy) as running:
        assert SSN in str(await running.call())
        assert "left; it was withheld" in str(await running.call())
    async with whole_gate(tmp_path, policy) as running:
        text = str(await running.call())
        assert SSN not in text
        assert "left; it was withheld" in text
