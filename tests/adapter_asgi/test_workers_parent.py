"""The start and the end of a gate with several workers, seen from the process that starts them."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from adapter_asgi import serve
from adapter_asgi.errors import AdapterError
from adapter_asgi.serve import _Server
from adapter_asgi.state import State


def parent(folder: Path, work: str) -> subprocess.Popen[str]:
    """A parent of two workers that do this."""
    lines = f"""
import sys, time
from pathlib import Path
from adapter_asgi.errors import AdapterError
from adapter_asgi.state import State
from adapter_asgi.workers.parent import Parent
def work(seat):
    {work}
folder = Path({str(folder)!r})
made = Parent(2, State(folder / "state", folder / "keys"), work)
sys.exit(made.run(lambda: print("all serve", flush=True)))
"""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", lines], stdout=pipe, stderr=pipe, text=True)


def test_a_worker_that_never_starts_ends_the_gate_and_says_why(tmp_path: Path) -> None:
    with parent(tmp_path, 'raise AdapterError("X01", f"worker {seat.number} cannot")') as process:
        out, said = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert said.count("error[X01]: worker 0 cannot") == 1  # and nobody else was started
    assert "Traceback" not in said


def test_a_gate_that_is_stopped_before_it_serves_ends_well(tmp_path: Path) -> None:
    with parent(tmp_path, 'print("begun", flush=True); time.sleep(3600)') as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert (process.returncode, said) == (0, "")


def test_what_the_workers_of_a_killed_gate_still_hold_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = State(tmp_path / "state", tmp_path / "keys")
    before.settle(2)
    before.close()
    held = os.open(tmp_path / "state" / "lock", os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    monkeypatch.setattr(time, "sleep", lambda _: os.close(held))
    State(tmp_path / "state", tmp_path / "keys").close()
    taken = [OSError(errno.EADDRINUSE, "in use"), None]

    def bind(self: socket.socket, address: Any) -> None:
        if (error := taken.pop(0)) is not None:
            raise error

    monkeypatch.setattr(socket.socket, "bind", bind)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    settings: Any = type("S", (), {"host": "127.0.0.1", "port": 0, "state": tmp_path / "state", "listen": "here"})
    serve._listener(settings).close()
    assert taken == []


def test_where_one_process_served_nothing_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("there is nothing to wait for"))
    first = State(tmp_path / "state", tmp_path / "keys")
    with pytest.raises(AdapterError, match="STA03"):
        State(tmp_path / "state", tmp_path / "keys")
    first.close()
    with socket.create_server(("127.0.0.1", 0)) as other:
        about = {"host": "127.0.0.1", "port": other.getsockname()[1], "state": tmp_path / "state", "listen": "here"}
        settings: Any = type("S", (), about)
        with pytest.raises(AdapterError, match="SRV01"):
            serve._listener(settings)


async def test_many_signals_while_the_policy_is_read_have_it_read_once_more() -> None:
    begun, go, read = asyncio.Event(), asyncio.Event(), 0

    class Reloader:
        async def by_signal(self) -> None:
            nonlocal read
            read += 1
            begun.set()
            await go.wait()

    server = object.__new__(_Server)
    made: Any = type("Gate", (), {"reloader": Reloader()})
    server._gate, server._hung_up, server._reading = made, False, None
    server._hang_up()
    await begun.wait()
    for _ in range(100):
        server._hang_up()
    go.set()
    assert server._reading is not None
    await server._reading
    assert read == 2
    server._hang_up()
    await server._reading
    assert read == 3
