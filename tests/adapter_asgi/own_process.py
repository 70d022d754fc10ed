"""`hoopgate serve` in a process of its own, while the test's event loop serves its upstream."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

CONFIG = """
listen = "127.0.0.1:{port}"
policy = "p.hoop"
store = "store"
[identity.unsafe_loopback]
repository = "acme/etl"
[server.ehr]
url = "{url}/mcp"
"""


@dataclass
class OwnProcess:
    port: int
    process: asyncio.subprocess.Process
    said: bytes = b""

    @property
    def pid(self) -> int:
        return self.process.pid

    async def said_line(self, words: bytes) -> bytes:
        """The next line on stderr that has these words."""
        assert self.process.stderr is not None
        while words not in (line := await self.process.stderr.readline()):
            assert line, self.said.decode()
            self.said += line
        return line


@asynccontextmanager
async def own_process(
    folder: Path, upstream: str, policy: str, first: str = "", config: str = CONFIG
) -> AsyncIterator[OwnProcess]:
    """It serves while inside, and has ended after."""
    port = free_port()
    (folder / "p.hoop").write_text(policy)
    (folder / "hoopgate.toml").write_text(first + config.format(port=port, url=upstream))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HOOPGATE_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapter_asgi", "serve"), cwd=folder, env=environ, stderr=asyncio.subprocess.PIPE
    )
    made = OwnProcess(port, process)
    try:
        await made.said_line(b"serving http")
        yield made
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
