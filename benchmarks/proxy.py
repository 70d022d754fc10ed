"""Requests a second and latency of the gate against a bare passthrough, on one machine, in one run.

    python benchmarks/proxy.py [--seconds 4] [--clients 1,16,64] [--only passthrough,full] [--json FILE]

Every contender is a process of its own (uvicorn, uvloop, httptools) in front of the same upstream process: an ASGI
application that answers `tools/call` with the text it was sent. The load comes from this process over plain sockets,
each client with one request in flight. Figures of one run compare; those of two runs on a shared machine do not.

direct        the upstream itself
passthrough   bare ASGI over one aiohttp client, as thin as a proxy in Python can be
plain         hoopgate: identity, policy; nothing masked, nothing recorded
masking       hoopgate: the same, and every kind masked in every answer
full          hoopgate: the same, and every record durable before the next step
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).parent.parent)
CONTENDERS = ("direct", "passthrough", "plain", "masking", "full")
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
TEXTS = [
    f"Visit {n}: blood pressure 128/82, weight stable, follow-up in six weeks. Reviewed by the care team."
    for n in range(64)
]
NAMES = """rule "echo" {{ command "toy/echo"
    branch "main"
    when exists args.text
    allow
    mask {0} }}
rule "listen" {{ server "toy"
    method "subscriptions/listen"
    allow
    mask {0} }}"""


def request(text: str) -> bytes:
    return post("tools/call", {"name": "echo", "arguments": {"text": text}, "_meta": META}, "Mcp-Name: echo\r\n")


def post(method: str, params: dict[str, Any], more: str = "") -> bytes:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, separators=(",", ":"))
    head = (
        "POST /mcp/toy HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json, text/event-stream\r\n"
        "Content-Type: application/json\r\nAuthorization: Bearer alice\r\nMCP-Protocol-Version: 2026-07-28\r\n"
        f"Mcp-Method: {method}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def hold_streams(port: int, count: int) -> list[asyncio.StreamWriter]:
    """Open `count` subscriptions and leave them open."""
    held = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post("subscriptions/listen", {"notifications": {"toolsListChanged": True}, "_meta": META}))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head:
            raise SystemExit(f"the contender answered {head[:300]!r}")
        held.append(writer)
    return held


# -- the load ----------------------------------------------------------------------------------------------------------


async def client(port: int, until: float, number: int, took: list[float], most: float = math.inf) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    requests = [request(text) for text in TEXTS]
    turn = number
    while (begun := time.perf_counter()) < until and len(took) < most:
        writer.write(requests[turn % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"the contender answered {head[:300]!r} {await reader.read(500)!r}")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
        if b'"result"' not in body or b'"isError":true' in body:
            raise SystemExit(f"the contender answered {body[:300]!r}")
        turn += 1
    writer.close()


async def warm(port: int) -> None:
    """Every text a few times: what is measured is the steady state. A text never seen before costs the masker more."""
    await client(port, math.inf, 0, [], 4 * len(TEXTS))


async def load(port: int, clients: int, seconds: float) -> dict[str, float]:
    took: list[float] = []
    begun = time.perf_counter()
    await asyncio.gather(*(client(port, begun + seconds, n, took) for n in range(clients)))
    spent = time.perf_counter() - begun
    took.sort()
    return {
        "requests_per_second": round(len(took) / spent),
        "p50_ms": round(statistics.median(took) * 1000, 3),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 3),
        "requests": len(took),
    }


# -- the contenders, each in a process of its own ----------------------------------------------------------------------


def upstream_app() -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive()).get("body", b"")
        message = json.loads(body)
        if message["method"] == "subscriptions/listen":
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
            )
            await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        content = [{"type": "text", "text": message["params"]["arguments"]["text"]}]
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": {"resultType": "complete", "content": content}}
        data = json.dumps(answer, separators=(",", ":")).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    return app


def passthrough_app(upstream: str) -> Any:
    import aiohttp

    hop = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"host", b"te", b"upgrade"}
    held: list[aiohttp.ClientSession] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if not held:
            connector = aiohttp.TCPConnector(limit=0)
            held.append(aiohttp.ClientSession(auto_decompress=False, connector=connector))
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = [(k.decode("latin1"), v.decode("latin1")) for k, v in scope["headers"] if k not in hop]
        async with held[0].request(scope["method"], upstream, data=body, headers=headers) as answer:
            kept = [(k.lower(), v) for k, v in answer.raw_headers if k.lower() not in hop - {b"content-length"}]
            await send({"type": "http.response.start", "status": answer.status, "headers": kept})
            async for piece in answer.content.iter_any():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    return app


class Nothing:
    """A log that keeps nothing, a desk that asks nobody."""

    def __init__(self) -> None:
        from concurrent.futures import Future

        self._done: Future[Any] = Future()
        self._done.set_result(None)

    def submit(self, entry: Any) -> Any:
        return self._done


class Caller:
    """One verified caller, as the authenticator's cache would give it."""

    def __init__(self) -> None:
        import gate
        import policy_lang

        attributes = {"caller": "ci", "branch": "main", "repository": "acme/etl", "provenance": "attested"}
        identity = policy_lang.Request.from_json(attributes)
        self._principal = gate.Principal(identity, "https://ci.example", "acme/etl", "acme/etl", "1", same_as=("a",))

    async def authenticate(self, authorization: str | None, peer: str, *, server: str = "") -> Any:
        return self._principal


def gate_app(kind: str, upstream: str, folder: str) -> Any:
    import masking
    import policy_lang
    import recorder
    from adapter_asgi.budgets import Budgets
    from adapter_asgi.endpoint import Endpoint
    from adapter_asgi.pump import Services
    from adapter_asgi.sessions import SessionRegistry
    from adapter_asgi.upstream import HttpUpstream, http_client

    policy = policy_lang.compile(NAMES.format("none" if kind == "plain" else "all"), name="bench.hoop")
    log: Any = recorder.open(Path(folder) / "store") if kind == "full" else Nothing()
    ner = "none" if kind == "plain" else masking.load_ner()
    made: list[Endpoint] = []

    class Holder:
        current = policy

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if not made:
            services = Services(log, Nothing(), Nothing(), Budgets(), asyncio.Event())  # type: ignore[arg-type] # unused
            leg = HttpUpstream("toy", upstream, http_client())
            made.append(Endpoint({"toy": leg}, Caller(), Holder(), services, SessionRegistry(b"s" * 32, ner)))
        await made[0](scope, receive, send)

    return app


def serve(kind: str, port: int, upstream: str, folder: str) -> None:
    import uvicorn

    if kind == "upstream":
        app = upstream_app()
    elif kind == "passthrough":
        app = passthrough_app(upstream)
    else:
        app = gate_app(kind, upstream, folder)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False, lifespan="off")


@contextlib.contextmanager
def running(kind: str, port: int, upstream: str = "", folder: str = "") -> Iterator[int]:
    command = [
        sys.executable,
        __file__,
        "--serve",
        kind,
        "--port",
        str(port),
        "--upstream",
        upstream,
        "--folder",
        folder,
    ]
    process = subprocess.Popen(command, cwd=Path(__file__).parent.parent)
    try:
        wait_for(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    import socket

    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("a contender did not start")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.1)
    raise SystemExit("a contender did not start in time")


def free_port() -> int:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def spent(pid: int) -> float:
    """Seconds of processor time that the process has used (Linux); it does not feel what else the machine does."""
    if not pid:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Resident memory in MiB (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


# -- the run -----------------------------------------------------------------------------------------------------------


def measure(names: list[str], clients: list[int], seconds: float) -> dict[str, Any]:
    results: dict[str, Any] = {}
    port = free_port()
    with running("upstream", port), tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{port}/mcp"
        for name in names:
            results[name] = {}
            with contextlib.ExitStack() as stack:
                at, pid = port, 0
                if name != "direct":
                    at = free_port()
                    pid = stack.enter_context(running(name, at, url, folder))
                asyncio.run(warm(at))
                for count in clients:
                    before = spent(pid)
                    figures = asyncio.run(load(at, count, seconds))
                    if pid:
                        figures["cpu_us"] = round((spent(pid) - before) * 1e6 / figures["requests"])
                    results[name][str(count)] = figures
                    print(f"{name:12} {count:4} clients  {figures}", flush=True)
                if pid:
                    results[name]["memory_mib"] = memory(pid)
    return results


def idle_streams(name: str, count: int) -> None:
    """How much memory `count` idle streams take in the contender."""
    port = free_port()
    with running("upstream", port), tempfile.TemporaryDirectory() as folder:
        at = free_port()
        with running(name, at, f"http://127.0.0.1:{port}/mcp", folder) as pid:

            async def run() -> None:
                held = await hold_streams(at, 10)
                before = memory(pid)
                held += await hold_streams(at, count)
                after = memory(pid)
                print(f"{name}: {count} idle streams take {after - before} MiB ({before} MiB before them)")
                for writer in held:
                    writer.close()

            asyncio.run(run())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--clients", default="1,16,64")
    parser.add_argument("--only", default=",".join(CONTENDERS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--idle", type=int, default=0, metavar="N", help="measure the memory of N idle streams instead")
    for hidden in ("--serve", "--upstream", "--folder"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.port, options.upstream, options.folder)
        return
    if options.idle:
        for name in options.only.split(","):
            if name != "direct":
                idle_streams(name, options.idle)
        return
    clients = [int(count) for count in options.clients.split(",")]
    results = measure(options.only.split(","), clients, options.seconds)
    for name in ("plain", "masking", "full"):
        for count in map(str, clients):
            if name in results and "passthrough" in results:
                share = (
                    results[name][count]["requests_per_second"] / results["passthrough"][count]["requests_per_second"]
                )
                print(f"{name} keeps {share:.0%} of the passthrough's requests per second at {count} clients")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
