"""What is in force is so in every worker, from the moment at which one took it up: the policy and the tools' lock."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import toy_server
from loopback import serving as serving_whole
from workers import ACCEPT, Session, Together, spread, together

import policy_lang
import recorder
from adapter_asgi.errors import AdapterError
from adapter_asgi.locks import Locks
from adapter_asgi.policy import PolicyHolder
from adapter_asgi.sessions import SessionError
from adapter_asgi.state import State
from adapter_asgi.workers.board import Board
from adapter_asgi.workers.circle import Circle
from adapter_asgi.workers.in_force import LOCK, InForce
from adapter_asgi.workers.seat import Seat
from gate.lockfile import Lockfile, locked
from recorder.reader import Store

OPEN = 'rule "open" { command "ehr/echo", "ehr/record"\n    allow\n    mask none }\n'
CLOSED = 'rule "closed" { command "ehr/record"\n    allow\n    mask none }\n'
READ = {"name": "read", "description": "Reads.", "inputSchema": {"type": "object"}}


class Log:
    """Records at once."""

    def __init__(self) -> None:
        self.entries: list[recorder.Entry] = []

    def submit(self, entry: recorder.Entry) -> Any:
        self.entries.append(entry)
        done: Future[Any] = Future()
        done.set_result(None)
        return done


class Desk:
    def look(self) -> list[tuple[str, str]]:
        return []


class Worker:
    """One worker's part in a process that has several."""

    def __init__(self, seat: Seat, state: State, folder: Path) -> None:
        self.circle, self.log = Circle(seat, state), Log()
        path = folder / "p.hoop"
        self.holder = PolicyHolder(path, policy_lang.load(path), self.circle.policy, self.circle.policy_turn)
        turn = self.circle.policy_turn
        self.locks = Locks(folder / "hoopgate.lock", common=self.circle.lock, changing=turn)
        self.renewed = 0

    async def renew(self) -> None:
        self.renewed += 1

    def answering(self) -> contextlib.AbstractAsyncContextManager[None]:
        desk: Any = Desk()
        return self.circle.answering(desk, (self.holder, self.locks), lambda *_: None, self.renew, {})

    @property
    def allows(self) -> bool:
        """By the policy that it has."""
        return self.holder.current.digest == policy_lang.compile(OPEN, name="p.hoop").digest


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path / "state", tmp_path / "keys")
    yield made
    made.close()


@contextlib.asynccontextmanager
async def two(tmp_path: Path, state: State) -> AsyncIterator[tuple[Worker, Worker]]:
    """Two workers that serve, both by `OPEN` and a lock of one tool."""
    (tmp_path / "p.hoop").write_text(OPEN)
    lock(tmp_path, READ)
    board = Board(2)
    async with contextlib.AsyncExitStack() as stack:
        made = []
        for number in range(2):
            worker = Worker(Seat(number, 2, board, (), (), None), state, tmp_path)  # type: ignore[arg-type] # no admin
            stack.callback(worker.circle.close)
            await stack.enter_async_context(worker.answering())
            await worker.locks.activate(worker.log, "root")
            if number == 0:
                await worker.holder.activate(worker.log, "root", "serve")
            else:
                await worker.holder.adopt()
            board.put(number, "up", 1)
            made.append(worker)
        yield made[0], made[1]


def lock(folder: Path, *tools: dict[str, Any]) -> None:
    held = Lockfile({"ehr": {tool["name"]: locked(tool) for tool in tools}})
    (folder / "hoopgate.lock").write_text(json.dumps(held.to_json()))


async def test_from_its_publication_on_every_request_is_decided_by_it(tmp_path: Path, state: State) -> None:
    async with two(tmp_path, state) as (one, other):
        await other.circle.current()
        assert (one.allows, other.allows) == (True, True)
        (tmp_path / "p.hoop").write_text(CLOSED)
        lock(tmp_path, READ, {**READ, "name": "write"})
        await one.holder.reload(one.log, "ann", "reload")  # nobody has told the other yet
        assert await one.locks.renew(one.log, "ann", "reload")
        assert (one.allows, other.allows) == (False, True)
        await other.circle.current()  # as before each request
        assert not other.allows
        assert set(other.locks._held.servers["ehr"]) == {"read", "write"}
    assert [entry.kind for entry in other.log.entries] == []  # on record where it was taken up
    kinds = ["lock.activated", "policy.activated"] * 2
    assert sorted(entry.kind for entry in one.log.entries) == sorted(kinds)


async def test_all_have_taken_it_up_and_renewed_their_keys_when_a_reload_is_done(tmp_path: Path, state: State) -> None:
    async with two(tmp_path, state) as (one, other):
        (tmp_path / "p.hoop").write_text(CLOSED)
        await other.holder.reload(other.log, "ann", "reload")
        renewed = one.renewed
        assert await other.circle.all_renew() == []
        assert not one.allows
        assert one.renewed > renewed


async def test_a_worker_that_cannot_take_it_up_refuses_calls_and_is_named(
    tmp_path: Path, state: State, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _: killed.append(pid))
    async with two(tmp_path, state) as (one, other):
        (tmp_path / "p.hoop").write_text(CLOSED)
        await one.holder.reload(one.log, "ann", "reload")
        good = state.file("policy.json").read_text()
        state.file("policy.json").write_text("{")
        for _ in range(8):
            with pytest.raises(SessionError, match="SES05"):
                await other.circle.current()
        assert killed == []  # a request ends no worker
        assert await one.circle.all_renew() == [1]
        assert "worker 1 has not taken up yet what is in force" in caplog.text
        assert other.allows  # the last good one, by which nothing is decided any more
        state.file("policy.json").write_text(good)
        await other.circle.current()
        assert other.holder.current.digest == one.holder.current.digest
        told = json.loads(good)
        state.file("policy.json").write_text(json.dumps({**told, "mark": "x", "digest": "sha256:0"}))
        one.circle.seat.board.publish()
        assert await one.circle.all_renew() == [1]
        assert killed == [os.getpid()]  # it will never know: another takes its place


async def test_a_lock_counts_in_all_workers_though_the_policy_has_errors(tmp_path: Path, state: State) -> None:
    async with two(tmp_path, state) as (one, other):
        (tmp_path / "p.hoop").write_text("rule")
        lock(tmp_path, READ, {**READ, "name": "write"})
        with pytest.raises(policy_lang.PolicyError):
            await one.holder.reload(one.log, "ann", "reload")
        await one.locks.renew(one.log, "ann", "reload")
        assert await one.circle.all_renew() == []
        assert other.allows
        assert set(other.locks._held.servers["ehr"]) == {"read", "write"}
        (tmp_path / "hoopgate.lock").write_text("{}")
        assert not await other.locks.renew(other.log, "ann", "reload")
        assert other.locks.stale
        assert not one.locks.stale
        late = Locks(tmp_path / "hoopgate.lock", common=InForce(state.file(LOCK)))  # begins while the file is none
        assert set(late._held.servers["ehr"]) == {"read", "write"}


async def test_a_lock_that_was_published_by_halves_is_no_lock(tmp_path: Path, state: State) -> None:
    async with two(tmp_path, state) as (one, other):
        text = (tmp_path / "hoopgate.lock").read_text()
        for digest, said in (("sha256:0", text), ("x", "{}")):
            one.circle.lock.publish(digest, [("hoopgate.lock", said)], "")
            with pytest.raises(AdapterError, match="SRV05"):
                await other.locks.adopt()
        assert set(other.locks._held.servers["ehr"]) == {"read"}


def test_the_first_worker_that_serves_looks_at_the_files() -> None:
    board = Board(3)
    seats = [Seat(number, 3, board, (), (), None) for number in range(3)]  # type: ignore[arg-type] # no admin
    assert [seat.looks for seat in seats] == [False] * 3
    board.put(1, "up", 1)
    board.put(2, "up", 1)
    assert [seat.looks for seat in seats] == [False, True, False]
    board.put(0, "up", 1)
    assert [seat.looks for seat in seats] == [True, False, False]


# -- the whole gate ------------------------------------------------------------------------------------------------


def toy() -> Any:
    return serving_whole(toy_server.build().streamable_http_app())


async def reload(folder: Path) -> tuple[int, str]:
    words = (sys.executable, "-m", "adapter_asgi", "reload", "--as", "ann")
    process = await asyncio.create_subprocess_exec(*words, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=2)
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def refused(sessions: list[Session]) -> list[bool]:
    answers = await asyncio.gather(*(one.call("echo", text="now") for one in sessions))
    return [bool(message["result"].get("isError")) for _, _, message in answers]


async def test_a_worker_that_stood_still_meanwhile_answers_nothing_by_the_old_policy(tmp_path: Path) -> None:
    async with toy() as upstream, together(tmp_path, upstream, OPEN, 2) as gate:
        sessions = await spread(gate, 2)
        assert not any(await refused(sessions))
        with gate.only(0):
            (tmp_path / "p.hoop").write_text(CLOSED)
            reloading = asyncio.create_task(reload(tmp_path))
            while not all(await refused([one for one in sessions if one.worker == 0])):
                pass
            # these wait in front of the other worker, which has not heard of anything
            waiting = [await asked(gate, one) for one in sessions if one.worker == 1 for _ in range(8)]
        for reader, writer in waiting:
            assert b'"isError":true' in await reader.read()
            writer.close()
            await writer.wait_closed()
        assert (await reloading)[0] == 0
    recorder.verify(tmp_path / "store")


async def asked(gate: Together, one: Session) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A call that was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.gate.port)
    params = {"name": "echo", "arguments": {"text": "late"}}
    body = json.dumps({"jsonrpc": "2.0", "id": next(one.numbers), "method": "tools/call", "params": params})
    about = {**ACCEPT, **one.headers, "Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in about.items())
    writer.write(f"POST /mcp/ehr HTTP/1.1\r\n{head}\r\n{body}".encode())
    return reader, writer


async def test_a_new_lock_counts_in_every_worker_when_its_reload_is_done(tmp_path: Path) -> None:
    tools = [{"name": "echo"}, {"name": "record"}]
    lock(tmp_path, *tools)
    async with toy() as upstream, together(tmp_path, upstream, OPEN, 3) as gate:
        sessions = await spread(gate, 3)
        assert not any(await refused(sessions))
        lock(tmp_path, *tools[1:])
        assert (await reload(tmp_path))[0] == 0
        assert all(await refused(sessions))
        lock(tmp_path, *tools)
        (tmp_path / "p.hoop").write_text("rule")
        assert (await reload(tmp_path))[0] == 2
        assert not any(await refused(sessions))
        (tmp_path / "hoopgate.lock").write_text("{")
        os.kill(gate.pids[1], signal.SIGKILL)
        assert await gate.again() == 1
        assert not any(await refused(await spread(gate, 3)))
    recorder.verify(tmp_path / "store")
    locks = [one for one in Store(tmp_path / "store").records() if one.kind == "lock.activated"]
    assert [one.data["who"].split()[0] for one in locks[1:]] == ["ann", "ann"]  # once each, not once a worker
