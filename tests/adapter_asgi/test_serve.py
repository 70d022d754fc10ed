"""`hoopgate serve` refuses whole, reloads only what is good, and ends when it is told to."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import masking
from adapter_asgi import cli
from adapter_asgi.state import State
from tests.ports import free_port

POLICY = 'rule "reading" {\n    command "ehr/read"\n    allow\n    mask all\n}\n'
ASKING = 'rule "asking" {\n    command "ehr/read"\n    allow\n    require approval from "privacy" within 10m\n}\n'
CONFIG = """
listen = "127.0.0.1:{port}"
policy = "policy.hoop"
store = "var/evidence"
[identity.unsafe_loopback]
repository = "acme/etl"
[server.ehr]
url = "http://127.0.0.1:1/mcp"
[approvers]
privacy = ["dana"]
"""


class Served:
    """A gate in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.store = folder / "var" / "evidence"
        (folder / "hoopgate.toml").write_text(CONFIG.format(port=self.port))
        self.policy = folder / "policy.hoop"
        self.policy.write_text(POLICY)
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []

    def start(self) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("HOOPGATE_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "adapter_asgi", "serve"],
            cwd=self.folder,
            stderr=subprocess.PIPE,
            text=True,
            env=environ,
        )
        self.await_line("serving http://")

    def await_line(self, words: str) -> str:
        assert self.process is not None
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError("".join(self.said))

    def get(self, path: str) -> tuple[int, Any]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        link.request("GET", path)
        answer = link.getresponse()
        body = json.loads(answer.read())
        link.close()
        return answer.status, body

    def call(self, tool: str) -> tuple[int, str]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        body = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": tool, "arguments": {}, "_meta": {}},
        }
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        link.request("POST", "/mcp/ehr", json.dumps(body), {**headers, "MCP-Protocol-Version": "2025-06-18"})
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        return answer.status, text

    def hoopgate(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "adapter_asgi", *words], cwd=self.folder, capture_output=True, text=True, check=False
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        status = self.process.wait(timeout=300)
        assert self.process.stderr is not None
        self.said.extend(self.process.stderr)
        self.process.stderr.close()
        self.process = None
        return status


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    gate = Served(tmp_path)
    yield gate
    if gate.process is not None:
        gate.stop(signal.SIGKILL)


# --- refusing to start ------------------------------------------------------------------------------------------------


@pytest.fixture
def refused(served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    def run() -> str:
        monkeypatch.chdir(served.folder)
        assert cli.run(["serve"]) == 2
        said = capsys.readouterr().err
        assert said.count("error[") == 1
        assert "Traceback" not in said
        return said

    return run


def test_a_policy_with_an_error_is_not_served(served: Served, refused: Callable[[], str]) -> None:
    served.policy.write_text(POLICY.replace("allow", "alow"))
    said = refused()
    assert "policy.hoop:" in said
    assert '"alow"' in said
    assert not served.store.exists()


def test_a_missing_policy_is_named(served: Served, refused: Callable[[], str]) -> None:
    served.policy.unlink()
    assert "policy.hoop" in refused()


def test_without_its_detectors_nothing_is_served(
    served: Served, refused: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise masking.MaskingError("MK001", "the model is not there", "install it")

    monkeypatch.setattr(masking, "load_ner", gone)
    assert "the model is not there" in refused()
    assert not served.store.exists()


def test_an_address_that_is_taken_is_named(served: Served, refused: Callable[[], str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", served.port))
        other.listen()
        said = refused()
    assert f"127.0.0.1:{served.port}" in said
    assert not served.store.exists()


def test_a_store_that_is_something_else_is_refused(served: Served, refused: Callable[[], str]) -> None:
    served.store.parent.mkdir()
    served.store.write_text("a file")
    assert "evidence" in refused()


def test_a_store_that_another_gate_writes_is_refused(served: Served, refused: Callable[[], str]) -> None:
    with contextlib.closing(State(served.folder / "var" / "evidence.state", served.folder / "var" / "keys")):
        assert "evidence" in refused()
    assert not served.store.exists()


# --- running ----------------------------------------------------------------------------------------------------------


def test_health_policy_state_and_files_of_a_running_gate(served: Served) -> None:
    served.start()
    assert served.get("/healthz") == (200, {"status": "ok"})
    status, ready = served.get("/readyz")
    assert (status, ready["ready"], ready["stale"]) == (200, True, False)
    assert ready["policy"].startswith("sha256:")
    for path in (served.folder / "var" / "evidence.state").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert served.get("/.well-known/oauth-protected-resource/mcp/ehr")[1]["resource"].endswith("/mcp/ehr")
    assert served.get("/.well-known/oauth-protected-resource/mcp/other")[0] == 404
    assert served.stop() == 0


def test_a_good_policy_is_taken_up_and_a_bad_one_is_not(served: Served) -> None:
    served.start()
    first = served.get("/readyz")[1]["policy"]
    assert served.process is not None
    served.policy.write_text(POLICY.replace("allow", "alow"))
    served.process.send_signal(signal.SIGHUP)
    served.await_line("the last good one stays")
    ready = served.get("/readyz")[1]
    assert (ready["policy"], ready["stale"], ready["ready"]) == (first, True, True)
    served.policy.write_text(ASKING)
    served.process.send_signal(signal.SIGHUP)
    served.await_line("is in force")
    ready = served.get("/readyz")[1]
    assert ready["policy"] != first
    assert not ready["stale"]
    served.policy.write_text(POLICY)
    ran = served.hoopgate("reload", "--as", "ann")
    assert (ran.returncode, "is in force" in ran.stdout) == (0, True), ran.stderr
    assert served.get("/readyz")[1]["policy"] == first
    served.policy.write_text("rule")
    assert served.hoopgate("reload", "--as", "ann").returncode == 2
    assert served.get("/readyz")[1]["stale"]
    assert served.stop() == 0


def test_in_production_nobody_who_is_not_named_changes_the_policy(served: Served) -> None:
    config = served.folder / "hoopgate.toml"
    config.write_text('environment = "production"\n' + config.read_text())
    served.start()
    first = served.get("/readyz")[1]["policy"]
    served.policy.write_text(ASKING)
    assert served.process is not None
    served.process.send_signal(signal.SIGHUP)
    served.await_line("SIGHUP names nobody")
    assert "SRV02" in served.hoopgate("reload").stderr
    assert served.get("/readyz")[1]["policy"] == first
    assert served.hoopgate("reload", "--as", "ann").returncode == 0
    assert served.get("/readyz")[1]["policy"] != first
    assert served.stop() == 0


def test_the_owner_of_the_files_is_named_on_their_change_and_on_a_signal(served: Served) -> None:
    config = served.folder / "hoopgate.toml"
    config.write_text('environment = "production"\nreload = "owner"\n' + config.read_text())
    served.folder.chmod(0o755)
    served.policy.chmod(0o644)
    served.start()
    first = served.get("/readyz")[1]["policy"]
    served.policy.write_text(ASKING)
    served.await_line("is in force")
    assert served.get("/readyz")[1]["policy"] != first
    assert served.process is not None
    served.process.send_signal(signal.SIGHUP)
    served.await_line("is unchanged")
    assert served.stop() == 0


@pytest.mark.slow
def test_a_held_call_does_not_keep_the_gate_from_ending_and_is_told_how_to_come_back(served: Served) -> None:
    served.policy.write_text(ASKING)
    served.start()
    answers: list[tuple[int, str]] = []
    caller = threading.Thread(target=lambda: answers.append(served.call("read")))
    caller.start()
    while '"pending"' not in served.hoopgate("approvals", "list", "--json").stdout:
        assert caller.is_alive(), answers
    [waiting] = json.loads(served.hoopgate("approvals", "list", "--json").stdout)
    assert served.stop() == 0
    caller.join(300)
    [(status, text)] = answers
    assert status == 200
    assert waiting["id"] in text
    assert "0 after the last checkpoint" in served.hoopgate("verify", "var/evidence").stdout
    served.start()
    [kept] = json.loads(served.hoopgate("approvals", "list", "--json").stdout)
    assert (kept["id"], kept["state"]) == (waiting["id"], "pending")
    assert served.hoopgate("approvals", "approve", waiting["id"], "--as", "dana").returncode == 0
    served.call("read")
    [spent] = json.loads(served.hoopgate("approvals", "list", "--json").stdout)
    assert spent["state"] == "consumed"
    assert served.stop() == 0


def test_a_killed_gate_starts_again_on_the_same_store(served: Served) -> None:
    served.start()
    served.call("read")
    served.stop(signal.SIGKILL)
    served.start()
    assert served.get("/healthz")[0] == 200
    assert served.stop() == 0
    assert served.hoopgate("verify", "var/evidence").returncode == 0
