"""Hostile framing is answered alike whichever worker a connection reaches, and ends nobody else's exchange."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import toy_server
from loopback import serving as serving_whole
from workers import ACCEPT, Session, Together, spread, text_of, together

import recorder

POLICY = 'rule "open" { command "ehr/echo"\n    allow\n    mask none }\n'
LAST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def call(one: Session, text: str = "hello") -> bytes:
    params = {"name": "echo", "arguments": {"text": text}}
    return json.dumps({"jsonrpc": "2.0", "id": next(one.numbers), "method": "tools/call", "params": params}).encode()


def head(one: Session, *more: bytes, line: bytes = b"POST /mcp/ehr HTTP/1.1") -> bytes:
    about = {"Host": "127.0.0.1", **ACCEPT, **one.headers}
    return b"\r\n".join([line, *(f"{name}: {value}".encode() for name, value in about.items()), *more, b"", b""])


def sized(body: bytes) -> bytes:
    return b"Content-Length: %d" % len(body)


def chunks(body: bytes, size: int = 20, extension: bytes = b"") -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x%b\r\n%b\r\n" % (len(one), extension, one) for one in pieces) + b"0\r\n"


def tricks(one: Session, other: Session) -> Iterator[tuple[str, bytes]]:
    """What is sent in the session `one`; `other` is another worker's."""
    chunked = b"Transfer-Encoding: chunked"
    body = call(one)
    plain = head(one, sized(body)) + body
    yield "plain", plain
    yield "behind another worker's", head(other, sized(body := call(other))) + body + plain
    yield (
        "three in turn",
        plain + head(other, sized(body := call(other))) + body + head(one, sized(body := call(one))) + body,
    )
    yield "chunked", head(one, chunked) + chunks(call(one)) + b"\r\n"
    yield "chunked, then another", head(one, chunked) + chunks(call(one)) + b"\r\n" + plain
    yield "extensions and a trailer", head(one, chunked) + chunks(call(one), 7, b";a=b") + b"Mcp-Session-Id: x\r\n\r\n"
    yield "both lengths", head(one, sized(body := call(one)), chunked) + chunks(body) + b"\r\n"
    yield "two lengths", head(one, sized(body := call(one)), b"Content-Length: 3") + body
    yield "the same length twice", head(one, sized(body := call(one)), sized(body)) + body
    yield "a length with a sign", head(one, b"Content-Length: +%d" % len(body := call(one))) + body
    yield "an unknown coding", head(one, b"Transfer-Encoding: xchunked") + chunks(call(one)) + b"\r\n"
    yield "chunked twice", head(one, chunked, chunked) + chunks(call(one)) + b"\r\n"
    yield "a space before the colon", head(one, b"Transfer-Encoding : chunked") + chunks(call(one)) + b"\r\n"
    yield "a folded header", head(one, b"X-Folded: a\r\n b", sized(body := call(one))) + body
    yield "bare line feeds", (head(one, sized(body := call(one))).replace(b"\r\n", b"\n")) + body
    yield "a NUL in a value", head(one, b"X-Nul: a\0b", sized(body := call(one))) + body
    yield "a request in the body", head(one, sized(body := call(one) + LAST.replace(b"close", b"keep-alive"))) + body
    yield "two sessions", head(one, b"Mcp-Session-Id: " + other.id.encode(), sized(body := call(one))) + body
    yield "two sessions, the other first", head(other, b"Mcp-Session-Id: " + one.id.encode(), sized(body)) + body
    yield (
        "an absolute target",
        head(one, sized(body := call(one)), line=b"POST http://127.0.0.1/mcp/ehr HTTP/1.1") + body,
    )
    yield (
        "an old version",
        head(one, b"Connection: keep-alive", sized(body := call(one)), line=b"POST /mcp/ehr HTTP/1.0") + body,
    )
    yield "an upgrade", head(one, b"Connection: upgrade", b"Upgrade: h2c", sized(body := call(one))) + body
    yield "line breaks before", b"\r\n\r\n" + head(one, sized(body := call(one))) + body
    yield "a large head", head(one, b"X-Large: " + b"x" * 30_000, sized(body := call(one))) + body
    yield "a large body", head(one, sized(body := call(one, "much " * 30_000))) + body
    yield "a large body behind", plain + head(one, chunked) + chunks(call(one, "more " * 30_000), 5000) + b"\r\n"
    yield "another protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield "a CONNECT", head(one, line=b"CONNECT 127.0.0.1:80 HTTP/1.1")


async def told(gate: Together, data: bytes, worker: int) -> list[str]:
    """The statuses and errors of all answers, once nothing more comes, where that worker took the connection."""
    with gate.only(worker):
        reader, writer = await asyncio.open_connection("127.0.0.1", gate.gate.port)
        writer.write(data + LAST)
        await asked(gate, worker)
    found = await reader.read()
    writer.close()
    await writer.wait_closed()
    return re.findall(r'HTTP/1\.[01] \d+|"code": ?"\w+"|"text": ?"\w+', found.decode("latin-1"))


async def asked(gate: Together, worker: int) -> None:
    """That worker has taken every connection that was opened before, for it has answered one that came after."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.gate.port)
    writer.write(LAST)
    assert b"200 OK" in await reader.read(), worker
    writer.close()
    await writer.wait_closed()


async def test_every_trick_is_answered_as_in_the_worker_that_has_the_session(tmp_path: Path) -> None:
    app: Any = toy_server.build().streamable_http_app()
    async with serving_whole(app) as upstream, together(tmp_path, upstream, POLICY, 2) as gate:
        sessions = await spread(gate, 2)
        one = next(found for found in sessions if found.worker == 1)
        other = next(found for found in sessions if found.worker == 0)
        names = [name for name, _ in tricks(one, other)]
        here = [await told(gate, data, 1) for _, data in tricks(one, other)]
        there = [await told(gate, data, 0) for _, data in tricks(one, other)]
        assert dict(zip(names, there, strict=True)) == dict(zip(names, here, strict=True))
        assert here[0][-1].startswith("HTTP/1.1 200")
        for found in (one, other):
            assert text_of((await found.call("echo", text="still here"))[2]) == "still here"
    recorder.verify(tmp_path / "store")
