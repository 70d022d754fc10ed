"""The parts that several workers are made of, each alone."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import gate
import policy_lang
from adapter_asgi.approvals.asked import Asked, Demand, Requester
from adapter_asgi.approvals.store import ApprovalStore
from adapter_asgi.errors import AdapterError
from adapter_asgi.policy import PolicyHolder
from adapter_asgi.workers.board import Board
from adapter_asgi.workers.connection import ARRIVAL
from adapter_asgi.workers.in_force import InForce
from adapter_asgi.workers.pages import merged
from adapter_asgi.workers.placing import Placing, mark_of
from adapter_asgi.workers.seat import Seat, logs_of
from adapter_asgi.workers.turnstile import Turnstile


class Came:
    """An arrival that notes where it is sent."""

    def __init__(self, moved: bool = False) -> None:
        self.moved, self.settled, self.to = moved, False, -1

    def stays(self) -> None:
        self.settled = True

    async def move(self, _: Any, worker: int) -> bool:
        self.to = worker
        return True


def principal(name: str, repository: str = "acme/etl") -> gate.Principal:
    identity = policy_lang.Request.from_json({"caller": "ci", "repository": repository, "provenance": "attested"})
    return gate.Principal(identity, "https://ci.example", name, name, name, same_as=(name,))


def seats(count: int) -> list[Seat]:
    board = Board(count)
    for worker in range(count):
        board.put(worker, "up", 1)
    return [Seat(worker, count, board, (), (), socket.socket()) for worker in range(count)]


async def place(
    placing: Placing, who: gate.Principal, begins: bool | None = None, moved: bool = False, **headers: str
) -> tuple[Came, int]:
    """The arrival, and the worker that has it after."""
    came = Came(moved)
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    gone = await placing.moved({"extensions": {ARRIVAL: came}}, who, "ehr", found, begins)
    return came, came.to if gone else placing.number


async def test_all_workers_say_the_same_of_a_run_and_runs_are_spread() -> None:
    made = seats(4)
    workers = [Placing(seat, (), by_caller=False) for seat in made]
    spread: Counter[int] = Counter()
    for number in range(200):
        told = {(await place(one, principal(f"run-{number}"), mcp_protocol_version=gate.MODERN))[1] for one in workers}
        assert len(told) == 1
        spread.update(told)
    assert min(spread[worker] for worker in range(4)) > 20
    for seat in made:
        seat.admin.close()


async def test_a_session_goes_where_its_id_says_and_a_new_one_where_the_fewest_are() -> None:
    made = seats(3)
    here = Placing(made[0], (), by_caller=False)
    held = "0" * 30 + mark_of(2) + "f" * 32
    assert (await place(here, principal("a"), mcp_session_id=held))[1] == 2
    made[0].board.put(2, "up", 0)
    came, worker = await place(here, principal("a"), mcp_session_id=held)
    assert (worker, came.settled) == (0, True)  # its worker has ended: it is found nowhere
    made[0].board.put(2, "up", 1)
    for strange in ("", "zz", "0" * 30 + "ff" + "f" * 32, "é" * 40):
        assert (await place(here, principal("a"), mcp_session_id=strange))[1] == 0
    for worker in (0, 2):  # the digits alone are a worker's: what else Python reads as a number leads nowhere
        one = Placing(made[worker], (), by_caller=False)
        for strange in ("-1", "-f", "+1", " 1", "1_", "0X", "é1"):
            came, there = await place(one, principal("a"), mcp_session_id="0" * 30 + strange + "f" * 32)
            assert (there, came.settled) == (worker, True), strange
    begun = [(await place(here, principal("a"), begins=True))[1] for _ in range(9)]
    assert Counter(begun) == {0: 3, 1: 3, 2: 3}
    exact = Placing(made[0], (), by_caller=True)
    callers = {(await place(exact, principal(f"{number}"), begins=True))[1] for number in range(30)}
    assert len(callers) == 1  # one repository: its quota is counted in one worker
    for seat in made:
        seat.admin.close()


@pytest.mark.parametrize("by_caller", [False, True])
async def test_what_was_sent_here_is_not_sent_on_though_its_caller_looks_otherwise_here(by_caller: bool) -> None:
    made = seats(4)
    for seat in made:
        one = Placing(seat, (), by_caller=by_caller)
        for number in range(8):
            who = principal(f"run-{number}", f"acme/{number}")
            for begins, headers in ((None, {"mcp_protocol_version": gate.MODERN}), (True, {}), (False, {})):
                came, there = await place(one, who, begins, moved=True, **headers)
                assert (there, came.settled) == (seat.number, True)
        seat.admin.close()


def test_no_worker_writes_a_log_of_another_or_of_a_command() -> None:
    logs = [log for worker in range(64) for log in logs_of(worker)]
    assert logs_of(0) == []
    assert len(logs) == len(set(logs))
    assert min(logs) > 500
    assert max(logs) < 1024


def test_pages_are_joined_with_a_label_for_the_worker() -> None:
    page = """# HELP hoopgate_calls_total calls
# TYPE hoopgate_calls_total counter
hoopgate_calls_total{server="a } b",outcome="complete"} 2
# HELP hoopgate_sessions_open open
# TYPE hoopgate_sessions_open gauge
hoopgate_sessions_open 3
# HELP hoopgate_approvals_pending wait
# TYPE hoopgate_approvals_pending gauge
hoopgate_approvals_pending 1
"""
    lines = merged({0: page, 2: page}, [1, 0, 1], [0, 4, 0]).splitlines()
    assert [line for line in lines if line.startswith("hoopgate_calls_total")] == [
        'hoopgate_calls_total{worker="0",server="a } b",outcome="complete"} 2',
        'hoopgate_calls_total{worker="2",server="a } b",outcome="complete"} 2',
    ]
    assert 'hoopgate_sessions_open{worker="2"} 3' in lines
    assert lines.count("hoopgate_approvals_pending 1") == 1
    assert 'hoopgate_worker_up{worker="1"} 0' in lines
    assert 'hoopgate_worker_restarts_total{worker="1"} 4' in lines
    assert lines.count("# TYPE hoopgate_calls_total counter") == 1


async def test_one_at_a_time_passes_whatever_its_process_and_a_killed_one_gives_way(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from adapter_asgi.workers.turnstile import Turnstile\n"
        "async def hold():\n"
        f"    async with Turnstile(Path({str(tmp_path / 'turn')!r})):\n"
        "        print('inside', flush=True); await asyncio.sleep(3600)\n"
        "asyncio.run(hold())\n"
    )
    turn = Turnstile(tmp_path / "turn")
    other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "inside\n"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), turn:
            raise AssertionError("somebody else is inside")
    other.kill()
    other.communicate()
    async with turn, asyncio.timeout(5):
        pass
    turn.close()


async def test_the_policy_that_one_took_up_is_adopted_to_the_letter_or_not_at_all(tmp_path: Path) -> None:
    file, path = tmp_path / "p.hoop", tmp_path / "policy.json"
    file.write_text('rule "one" { command "ehr/read"\n    allow }\n')
    first, second = InForce(path), InForce(path)
    policy = policy_lang.load(file)
    holder = PolicyHolder(file, policy, first)
    assert not await holder.adopt()
    told: list[str] = []

    async def listener(found: policy_lang.Policy) -> None:
        told.append(found.digest)

    holder.listen(listener)
    text = 'rule "two" { command "ehr/write"\n    allow }\n'
    other = policy_lang.compile(text)
    second.publish(other.digest, [("p.hoop", text)], "-one\n+two")
    assert second.newer() is None
    assert await holder.adopt()
    assert (holder.current.digest, holder.changed, told) == (other.digest, "-one\n+two", [other.digest])
    assert not await holder.adopt()
    second.publish(policy.digest, [("p.hoop", text)], "")
    with pytest.raises(AdapterError, match="SRV05"):
        await holder.adopt()
    assert holder.current.digest == other.digest
    path.write_text("{")
    with pytest.raises(AdapterError, match="STA01"):
        await holder.adopt()


def test_what_changes_in_one_store_is_heard_in_another_once(tmp_path: Path) -> None:
    key, file = b"k" * 32, tmp_path / "approvals.sqlite"
    one, other = ApprovalStore(file, key, followed=True), ApprovalStore(file, key, followed=True)
    who = Requester("https://ci.example", "job", "job", ("job",))
    about = {"digest": "d", "call_key": "c", "run": "r", "session": "s", "call": "1", "policy": "p"}
    what: dict[str, Any] = {
        "server": "ehr",
        "command": "ehr/read",
        "rules": (),
        "demands": (Demand("r", ("g",)),),
        "arguments": {},
    }
    one.add(Asked(id="a1", requester=who, created=1.0, expires=9e9, **about, **what))
    assert other.moved() == []
    assert one.move("a1", ("pending",), "refused", reason="no")
    assert not other.move("a1", ("pending",), "approved")
    assert other.moved() == [("a1", "refused")]
    assert other.moved() == []
    assert one.moved() == [("a1", "refused")]
    late = ApprovalStore(file, key, followed=True)
    assert late.moved() == []
    for store in (one, other, late):
        store.close()
