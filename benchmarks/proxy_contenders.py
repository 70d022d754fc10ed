"""The contenders of `benchmarks/proxy.py`, each a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RULES = """rule "echo" {{ command "toy/echo"
    branch "main"
    when exists args.text
    allow
    mask {0} }}
rule "listen" {{ server "toy"
    method "subscriptions/listen"
    allow
    mask {0} }}"""
ABOUT = {"capabilities": {"tools": {}}, "serverInfo": {"name": "toy", "version": "1"}}
ECHO = {"name": "echo", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}
RESULTS: dict[str, dict[str, Any]] = {
    "initialize": {"protocolVersion": "2025-11-25", **ABOUT},
    "server/discover": {"resultType": "complete", "supportedVersions": ["2026-07-28"], **ABOUT},
    "tools/list": {"resultType": "complete", "tools": [ECHO], "ttlMs": 0, "cacheScope": "private"},
}


def upstream_app() -> Any:
    """Echoes `text`, after as many notifications as `events` says."""

    async def stream(message: Any, send: Any) -> None:
        arguments = message["params"]["arguments"]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        for step in range(arguments["events"]):
            params = {"progressToken": "t", "progress": step, "message": arguments["text"]}
            note = {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}
            data = b"event: message\ndata: " + json.dumps(note, separators=(",", ":")).encode() + b"\n\n"
            await send({"type": "http.response.body", "body": data, "more_body": True})
        last = json.dumps(echo(message), separators=(",", ":")).encode()
        await send({"type": "http.response.body", "body": b"event: message\ndata: " + last + b"\n\n"})

    def echo(message: Any) -> dict[str, Any]:
        arguments = message.get("params", {}).get("arguments", {})
        content = [{"type": "text", "text": arguments.get("text", "")}]
        result = RESULTS.get(message["method"], {"resultType": "complete", "content": content})
        return {"jsonrpc": "2.0", "id": message["id"], "result": result}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = json.loads((await receive()).get("body", b"") or b"{}")
        if message.get("method") == "subscriptions/listen":
            head = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
        elif "id" not in message:
            await send({"type": "http.response.start", "status": 202 if message else 405, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif message["method"] == "tools/call" and "events" in message["params"]["arguments"]:
            await stream(message, send)
        else:
            data = json.dumps(echo(message), separators=(",", ":")).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
            if message["method"] == "initialize":
                headers.append((b"mcp-session-id", os.urandom(8).hex().encode()))
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": data})

    return app


def passthrough_app(upstream: str) -> Any:
    """As thin as a proxy over a general client can be."""
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


def fastmcp_app(upstream: str) -> Any:
    """FastMCP's proxy with its defaults, answering as JSON and without sessions, which is its quickest way."""
    from fastmcp.server import create_proxy

    return create_proxy(upstream).http_app(path="/mcp/toy", stateless_http=True, json_response=True)


class Nothing:
    """A log that keeps nothing, a desk that asks nobody."""

    def submit_to(self, entries: Any, outcome: Any) -> None:
        for _ in entries:
            outcome.set_result(None)


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
    """hoopgate: "plain" neither masks nor records, "masking" masks, "recording" records, "full" does both."""
    from proxy_memory import held  # type: ignore[import-not-found] # beside this file

    import masking
    import policy_lang
    import recorder
    from adapter_asgi.budgets import Budgets
    from adapter_asgi.context import Context
    from adapter_asgi.endpoint import Endpoint
    from adapter_asgi.memory import settle_memory
    from adapter_asgi.sessions import SessionRegistry
    from adapter_asgi.upstream import HttpUpstream, http_client

    sys.setswitchinterval(0.0005)  # as `hoopgate serve` does
    masks, records = kind in ("masking", "full"), kind in ("recording", "full")
    policy = policy_lang.compile(RULES.format("all" if masks else "none"), name="bench.hoop")
    log: Any = recorder.open(Path(folder) / kind) if records else Nothing()
    ner = masking.load_ner() if masks else "none"
    made: list[Endpoint] = []
    sessions = SessionRegistry(b"s" * 32, ner)
    settle_memory()

    class Holder:
        current = policy

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if not made:
            context = Context(log, Nothing(), Nothing(), Budgets(), asyncio.Event())  # type: ignore[arg-type] # unused
            leg = HttpUpstream("toy", upstream, http_client())
            made.append(Endpoint({"toy": leg}, Caller(), Holder(), context, sessions))
        if scope["path"] == "/open":
            told = {"exchanges": made[0].open_exchanges, "sessions": len(sessions)}
            await _tell(send, told if scope["query_string"] != b"held" else told | dict(held()))
        else:
            await made[0](scope, receive, send)

    return app


async def _tell(send: Any, what: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(what).encode()})


def serve(kind: str, port: int, upstream: str, folder: str) -> None:
    import uvicorn

    allow_files()
    made = {"upstream": upstream_app, "passthrough": lambda: passthrough_app(upstream)}
    made["fastmcp"] = lambda: fastmcp_app(upstream)
    app = made.get(kind, lambda: gate_app(kind, upstream, folder))()
    options: dict[str, Any] = {"log_level": "error", "access_log": False, "lifespan": "off"}
    if kind == "fastmcp":
        options["lifespan"] = "on"
    elif kind not in made:  # a gate: as `hoopgate serve` does
        from adapter_asgi.listener import OPTIONS

        options = {**OPTIONS, "proxy_headers": False}
    config = uvicorn.Config(app, host="127.0.0.1", port=port, backlog=16_384, timeout_graceful_shutdown=2, **options)
    uvicorn.Server(config).run()


def allow_files(wanted: int = 65_536) -> None:
    """As many open files as 10,000 streams need, or as many as this user may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(most, wanted)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def running(kind: str, port: int, upstream: str = "", folder: str = "") -> Iterator[int]:
    """The contender's process id, once it takes connections."""
    command = [sys.executable, __file__, kind, str(port), upstream, folder]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_for(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("a contender did not start")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.1)
    raise SystemExit("a contender did not start in time")


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def spent(pid: int) -> float:
    """Seconds of processor time that the process has used (Linux); it does not feel what else the machine does."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident memory in MiB (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


if __name__ == "__main__" and len(sys.argv) > 1:
    sys.path[0] = str(ROOT)  # where this file stands, a benchmark has the name of a package
    sys.path.append(str(Path(__file__).parent))
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
