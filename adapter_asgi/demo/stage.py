"""The demo's stage: a CI token issuer, the clinic's MCP server and a gate, each a process of its own on loopback.

Strategy: real processes rather than objects in one loop, since that is what a user runs, what a signal can kill and
what a test can start again on the same store.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

READY_WITHIN = 120.0
"""Seconds; loading the language model dominates."""

HOLD = 600
"""Seconds for which a call waits for a person; a busy machine may need minutes to show them what waits."""


class StageError(Exception):
    """A part of the stage did not start."""

    code = "DEMO001"

    def __init__(self, message: str, help_: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help_

    def __str__(self) -> str:
        return f"error[{self.code}]: {self.message}" + (f"\n  help: {self.help}" if self.help else "")


def example() -> Path:
    """The clinic example: packaged with the library, or in the source tree beside it."""
    package = Path(__file__).resolve().parent.parent
    places = [package / "_examples" / "clinic", package.parent / "examples" / "clinic"]
    for place in places:
        if (place / "server.py").is_file():
            return place
    raise StageError("the clinic example is missing", "install hoopgate[demo] anew, or run from a source tree")


def free_port(wanted: int) -> int:
    """``wanted`` where nobody listens on it, else any free port of the loopback interface."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise StageError("no free port on 127.0.0.1")


@dataclass
class Stage:
    """Processes, their addresses, and the folder with configuration, logs and evidence.

    Use it as a context manager; leaving it ends every process it started.
    """

    folder: Path
    gate_port: int = field(default_factory=lambda: free_port(8080))
    issuer_port: int = field(default_factory=lambda: free_port(9400))
    server_port: int = field(default_factory=lambda: free_port(9000))
    server: Sequence[str] = ()
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, repr=False)

    @property
    def gate(self) -> str:
        return f"http://127.0.0.1:{self.gate_port}"

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.issuer_port}"

    @property
    def config(self) -> Path:
        return self.folder / "hoopgate.toml"

    @property
    def store(self) -> Path:
        return self.folder / "var" / "evidence"

    def __enter__(self) -> Stage:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed(list(self._children)):
            self.stop(name)

    def write_config(self) -> None:
        """The example's configuration with this stage's addresses and more patience with people, and its policies."""
        source = example()
        text = (source / "hoopgate.toml").read_text(encoding="utf-8")
        python, script = sys.executable, source / "server.py"
        for old, new in {
            "127.0.0.1:8080": f"127.0.0.1:{self.gate_port}",
            "127.0.0.1:9400": f"127.0.0.1:{self.issuer_port}",
            "127.0.0.1:9000": f"127.0.0.1:{self.server_port}",
            '["python", "server.py", "--stdio"]': f'["{python}", "{script}", "--stdio"]',
        }.items():
            text = text.replace(old, new)
        self.config.write_text(f"hold = {HOLD}\n{text}", encoding="utf-8")
        policies = self.folder / "policies"
        policies.mkdir(exist_ok=True)
        for policy in sorted((source / "policies").glob("*.hoop")):
            (policies / policy.name).write_bytes(policy.read_bytes())

    def start_world(self) -> None:
        """Start what is not the gate: the CI's token issuer and the MCP server over HTTP."""
        source = example()
        self._start("issuer", [sys.executable, str(source / "issuer.py"), "--port", str(self.issuer_port)])
        served = self.server or [sys.executable, str(source / "server.py"), "--http", str(self.server_port)]
        self._start("server", served)
        self._await("issuer", f"{self.issuer}/jwks")
        self._await("server", f"http://127.0.0.1:{self.server_port}/mcp")

    def start_gate(self) -> None:
        """Start ``hoopgate serve`` and wait until it answers calls."""
        self._start("gate", [sys.executable, "-m", "adapter_asgi", "serve", "--config", str(self.config)])
        self._await("gate", f"{self.gate}/healthz")

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        """End one process with a signal; gives its exit status."""
        child = self._children.pop(name)
        if child.poll() is None:
            child.send_signal(how)
        try:
            return child.wait(timeout=25)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()

    def log(self, name: str) -> Path:
        """Where a process's output goes."""
        return self.folder / f"{name}.log"

    def hoopgate(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``hoopgate WORDS`` in the stage's folder, as a person on the gate's machine would."""
        return subprocess.run(  # noqa: S603 - our own program with our own words
            [sys.executable, "-m", "adapter_asgi", *words], cwd=self.folder, capture_output=True, text=True, check=False
        )

    def _start(self, name: str, command: Sequence[str]) -> None:
        with self.log(name).open("ab") as output:
            self._children[name] = subprocess.Popen(  # noqa: S603 - our own programs
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=_environment()
            )

    def _await(self, name: str, url: str) -> None:
        for _ in _until(time.monotonic() + READY_WITHIN):
            if self._children[name].poll() is not None:
                break
            if _answers(url, anything=name != "gate"):
                return
        said = self.log(name).read_text(encoding="utf-8", errors="replace").strip()
        raise StageError(f"the {name} did not start:\n{said}", f"its output is in {self.log(name)}")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HOOPGATE_")}


def _until(end: float, step: float = 0.1) -> Iterator[None]:
    while time.monotonic() < end:
        yield
        time.sleep(step)


def _answers(url: str, *, anything: bool) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - a loopback address of our own making
            return True
    except urllib.error.HTTPError:
        return anything
    except OSError:
        return False
