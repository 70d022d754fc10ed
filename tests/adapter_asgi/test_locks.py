"""The tools' lock while the gate serves: a new one counts in every session, a broken one changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import caller, gateway
from test_endpoint_bypass import ALLOWED, POLICY, Recorder, _post

import gate
import policy_lang
import recorder
from adapter_asgi.locking import LockError
from adapter_asgi.locks import Locks
from adapter_asgi.policy import PolicyHolder
from adapter_asgi.reach import Reach
from adapter_asgi.reloading import Reloader
from adapter_asgi.sessions import SessionRegistry
from adapter_asgi.upstream import HttpUpstream, http_client
from gate.lockfile import Lockfile, locked
from recorder.reader import Store

READ = {"name": "read", "description": "Reads.", "inputSchema": {"type": "object"}}
OTHER = {**READ, "description": "Reads, and tells somebody."}


def write(path: Path, *tools: dict[str, Any], server: str = "toy") -> None:
    held = Lockfile({server: {tool["name"]: locked(tool) for tool in tools}})
    path.write_text(json.dumps(held.to_json()))
    path.chmod(0o644)


def refuses(session: gate.Session) -> bool:
    return session.lock is not None and session.lock.refusal("write") != ""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "hoopgate.lock"
    write(made, READ)
    return made


@pytest.fixture
def log(tmp_path: Path) -> Iterator[recorder.Log]:
    with recorder.open(tmp_path / "evidence") as opened:
        yield opened


async def test_each_lock_in_force_is_on_record_before_it_counts(path: Path, log: recorder.Log, tmp_path: Path) -> None:
    locks = Locks(path)
    await locks.activate(log, "root")
    write(path, READ, OTHER | {"name": "tell"})
    assert await locks.renew(log, "dana", "reload")
    assert not await locks.renew(log, "dana", "reload")  # as it was
    found = [one.data for one in Store(tmp_path / "evidence").records() if one.kind == "lock.activated"]
    assert [(one.get("old"), one["who"], one["via"]) for one in found] == [
        (None, "root", "serve"),
        (found[0]["new"], "dana", "reload"),
    ]
    log.close()
    write(path, READ)
    before = locks.current
    assert not await locks.renew(log, "dana", "reload")  # it cannot be recorded
    assert locks.current is before
    assert locks.stale


async def test_a_new_lock_counts_in_the_sessions_that_there_are(path: Path, log: recorder.Log) -> None:
    locks = Locks(path)
    sessions = SessionRegistry(bytes(32), "none", locks=locks.current)
    locks.listen(sessions.lock)
    policy = policy_lang.compile(POLICY, name="test.hoop")
    held = sessions.of_run(caller("alice"), "toy", policy)
    free = sessions.of_run(caller("alice"), "free", policy)
    assert refuses(held)
    assert not refuses(free)
    write(path, READ, {**READ, "name": "write"})
    assert await locks.renew(log, "dana", "reload")
    assert not refuses(held)
    write(path, READ, server="free")
    assert await locks.renew(log, "dana", "reload")
    assert not refuses(held)
    assert refuses(free)
    assert not await locks.renew(log, "dana", "reload")  # as it was


@pytest.mark.parametrize("broken", ["", "{}", '{"servers":{"toy":{"tools":{"read":{"digest":"sha256:0"}}}}}'])
async def test_a_broken_lock_changes_nothing_and_says_so(
    path: Path, log: recorder.Log, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    locks = Locks(path)
    before = locks.current
    path.write_text(broken)
    assert not await locks.renew(log, "dana", "reload")
    assert locks.current is before
    assert locks.stale
    assert "the last good one stays" in caplog.text
    path.unlink()
    assert not await locks.renew(log, "dana", "reload")
    assert locks.current is before
    write(path, READ)
    assert not await locks.renew(log, "dana", "reload")  # the very same again
    assert not locks.stale


def test_a_gate_does_not_begin_with_a_broken_lock(path: Path) -> None:
    path.write_text("{}")
    with pytest.raises(LockError):
        Locks(path)
    assert Locks(None).current == {}


async def test_what_was_noticed_to_differ_does_so_until_it_is_locked_as_it_is(path: Path, log: recorder.Log) -> None:
    locks = Locks(path)
    locks.current["toy"].notice(OTHER)
    write(path, READ, {**READ, "name": "write"})
    assert await locks.renew(log, "dana", "reload")
    assert "has changed" in locks.current["toy"].refusal("read")
    write(path, OTHER)
    assert await locks.renew(log, "dana", "reload")
    assert locks.current["toy"].refusal("read") == ""


async def test_the_lock_is_read_with_the_policy_and_when_its_file_settles(tmp_path: Path, path: Path) -> None:
    rules = tmp_path / "p.hoop"
    rules.write_text(POLICY)
    rules.chmod(0o644)
    tmp_path.chmod(0o755)
    locks, looked = Locks(path), 0

    async def renew(who: str, via: str) -> None:
        nonlocal looked
        looked += 1
        await locks.renew(log, who, via)

    with recorder.open(tmp_path / "store") as log:
        holder = PolicyHolder(rules, policy_lang.load(rules))
        await holder.activate(log, "somebody", "serve")
        reloader = Reloader(holder, log, renew, names="owner", development=False, beside=path)
        await reloader.by_signal()
        write(path, READ, {**READ, "name": "write"})
        await reloader.look()
        await reloader.look()
        assert locks.current["toy"].refusal("write") == ""
        before = looked
        await reloader.look()
        assert looked == before  # nothing has changed since
        path.write_text("{}")
        await reloader.look()
        await reloader.look()
        assert locks.stale
        assert locks.current["toy"].refusal("write") == ""


async def test_a_server_is_down_from_a_call_that_does_not_reach_it_to_one_that_does(tmp_path: Path) -> None:
    async with http_client() as client:
        nobody = HttpUpstream("toy", "http://127.0.0.1:9/mcp", client)
        async with gateway(tmp_path, None, POLICY, upstream=nobody) as gated:
            reach: Reach = gated.context.reach
            assert reach.down == {}
            assert (await _post(gated, ALLOWED))[0] == 502
            assert reach.down == {"toy": "UP01"}
    async with gateway(tmp_path / "up", Recorder(), POLICY) as gated:
        gated.context.reach.failed("toy", "UP02")
        assert (await _post(gated, ALLOWED))[0] == 200
        assert gated.context.reach.down == {}


def test_a_lock_that_follows_another_only_alerts_where_that_was_asked_for(path: Path) -> None:
    locks = Locks(path, alert=True)
    lock: gate.ServerLock = locks.current["toy"]
    assert lock.refusal("unknown") == ""
