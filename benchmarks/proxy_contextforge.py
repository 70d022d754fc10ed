"""mcp-contextforge-gateway as a contender of `benchmarks/proxy.py`: from a virtual environment of its own.

Its dependencies do not go with ours: python -m venv cf && cf/bin/pip install mcp-contextforge-gateway, then
`--contextforge cf/bin/python`. SQLite, one worker, no authentication, no plugins: its quickest way.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

_READY_WITHIN = 120.0
_SETTINGS = {
    "AUTH_REQUIRED": "false", "MCP_REQUIRE_AUTH": "false", "ALLOW_UNAUTHENTICATED_ADMIN": "true",
    "MCPGATEWAY_UI_ENABLED": "false", "MCPGATEWAY_ADMIN_API_ENABLED": "true", "JSON_RESPONSE_ENABLED": "true",
    "USE_STATEFUL_SESSIONS": "false", "PLUGINS_ENABLED": "false", "CACHE_TYPE": "memory", "LOG_LEVEL": "ERROR",
    "SSRF_PROTECTION_ENABLED": "false", "JWT_SECRET_KEY": secrets.token_hex(32),
    "AUTH_ENCRYPTION_SECRET": secrets.token_hex(32), "PLATFORM_ADMIN_EMAIL": "bench@example.com",
    "REQUIRE_USER_IN_DB": "false", "RATE_LIMITING_ENABLED": "false",
}  # fmt: skip


@contextlib.contextmanager
def contextforge(python: Path, port: int, upstream: str, folder: str) -> Iterator[int]:
    """Its process id, once it knows the upstream as `toy`."""
    settings = {**os.environ, **_SETTINGS, "DATABASE_URL": f"sqlite:///{folder}/contextforge.db"}
    command = [str(python), "-m", "uvicorn", "mcpgateway.main:app", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--log-level", "critical"],
        cwd=folder,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process)
        body = {"name": "toy", "url": upstream, "transport": "STREAMABLEHTTP"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/gateways", json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30):
            yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _READY_WITHIN
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise SystemExit("mcp-contextforge-gateway did not start")
