"""`hoopgate serve` with one worker and with several, same upstream, in one run: requests and processor time.

    python benchmarks/workers.py                       # 1 and 2 workers, about half a minute
    python benchmarks/workers.py --workers 1 2 4 --clients 64 --rounds 9

Each gate is the real command: loopback identity, everything masked, everything recorded. Each client has a legacy
session and a connection of its own, with one request in flight; the load comes from two processes. They take turns,
so that what else the machine does strikes all alike. The upstream and the load need processors too: on few of them the
ratio is below what the gate alone would give. The processor time of a request says what several workers cost beside.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(Path(__file__).parent)
from proxy_contenders import free_port, spent  # noqa: E402 - beside this file
from proxy_load import TEXTS, answer  # noqa: E402

CONFIG = """
listen = "127.0.0.1:{port}"
policy = "p.hoop"
store = "store"
workers = {workers}
[identity.unsafe_loopback]
repository = "acme/etl"
[server.toy]
url = "http://127.0.0.1:{upstream}/mcp"
"""
POLICY = 'rule "echo" { command "toy/echo"\n    when exists args.text\n    allow\n    mask all }\n'
ABOUT = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "toy", "version": "1"}}


async def upstream(scope: Any, receive: Any, send: Any) -> None:
    """Echoes, with sessions."""
    message = json.loads((await receive()).get("body", b"") or b"{}")
    begins = message.get("method") == "initialize"
    content = [{"type": "text", "text": message.get("params", {}).get("arguments", {}).get("text", "")}]
    told = {"jsonrpc": "2.0", "id": message.get("id"), "result": ABOUT if begins else {"content": content}}
    data = json.dumps(told, separators=(",", ":")).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    if begins:
        headers.append((b"mcp-session-id", secrets.token_hex(8).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": data})


def post(method: str, params: dict[str, Any], more: str = "") -> bytes:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, separators=(",", ":"))
    accept = "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
    head = f"POST /mcp/toy HTTP/1.1\r\nHost: 127.0.0.1\r\n{accept}{more}Content-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


async def client(port: int, seconds: float, number: int) -> int:
    """One session's requests; how many."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "load", "version": "1"}}
    writer.write(post("initialize", hello))
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
    held = head.split("mcp-session-id: ")[1].split("\r\n")[0]
    more = f"Mcp-Session-Id: {held}\r\nMCP-Protocol-Version: 2025-06-18\r\n"
    requests = [post("tools/call", {"name": "echo", "arguments": {"text": text}}, more) for text in TEXTS]
    done, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        writer.write(requests[(number + done) % len(requests)])
        if b'"result"' not in await answer(reader):
            raise SystemExit("the gate refused")
        done += 1
    writer.write(post("ping", {}, more).replace(b"POST", b"DELETE", 1))
    writer.close()
    return done


def load(about: tuple[int, int, float]) -> int:
    """Requests of so many clients, in a process of its own."""
    port, clients, seconds = about

    async def all_() -> int:
        return sum(await asyncio.gather(*(client(port, seconds, number) for number in range(clients))))

    return asyncio.run(all_())


@contextlib.contextmanager
def gate(workers: int, upstream_port: int) -> Iterator[tuple[int, list[int]]]:
    """Its port and the processes that serve."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "p.hoop").write_text(POLICY)
        Path(folder, "hoopgate.toml").write_text(CONFIG.format(port=port, workers=workers, upstream=upstream_port))
        command = [sys.executable, "-m", "adapter_asgi", "serve"]
        process = subprocess.Popen(
            command, cwd=folder, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert process.stderr is not None
        while b"serving http" not in (line := process.stderr.readline()):
            if not line:
                raise SystemExit("a gate did not start")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        try:
            yield port, [int(child) for child in children] or [process.pid]
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()


def serve_upstream(port: int) -> None:
    import uvicorn

    uvicorn.Server(uvicorn.Config(upstream, host="127.0.0.1", port=port, log_level="error", lifespan="off")).run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    figures: dict[int, list[tuple[float, float]]] = {count: [] for count in told.workers}
    at = free_port()
    behind = multiprocessing.Process(target=serve_upstream, args=(at,), daemon=True)
    behind.start()
    with contextlib.ExitStack() as stack, multiprocessing.Pool(2) as pool:
        gates = {count: stack.enter_context(gate(count, at)) for count in told.workers}
        for turn in range(told.rounds + 1):
            for count, (port, pids) in gates.items():
                before, begun = sum(map(spent, pids)), time.perf_counter()
                done = sum(pool.map(load, [(port, told.clients // 2, told.seconds)] * 2))
                took, used = time.perf_counter() - begun, sum(map(spent, pids)) - before
                if turn:  # the first fills what is kept between requests
                    figures[count].append((done / took, used / done * 1e6))
    first = statistics.median(rate for rate, _ in figures[told.workers[0]])
    for count, found in figures.items():
        rate, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{count} workers: {rate:6.0f} requests/s ({rate / first:.2f} of the first), {cpu:4.0f} µs of CPU each")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, {told.clients} clients")
    behind.kill()


if __name__ == "__main__":
    main()
