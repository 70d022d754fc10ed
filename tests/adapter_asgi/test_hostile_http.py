"""Requests that two readers of HTTP could read differently: none of them reaches the upstream as two things."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from loopback import Gateway, gateway
from test_endpoint_bypass import ALLOWED, DELETE, POLICY, Recorder

BODY = json.dumps(ALLOWED).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
LAST = LENGTH + b"Connection: close\r\n"
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
HEAD = (
    b"POST /mcp/toy HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer alice\r\n"
    b"Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
)
SMUGGLED = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (
    len(json.dumps(DELETE)),
    json.dumps(DELETE).encode(),
)
REFUSED = {
    "two lengths": HEAD + LENGTH + b"Content-Length: 1\r\n\r\n" + BODY,
    "two lengths in one": HEAD + b"Content-Length: %d, 1\r\n\r\n" % len(BODY) + BODY,
    "a signed length": HEAD + b"Content-Length: +%d\r\n\r\n" % len(BODY) + BODY,
    "length and chunks": HEAD + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED,
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\n" + LENGTH + b"\r\n" + CHUNKED,
    "chunked twice": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED,
    "another coding": HEAD + b"Transfer-Encoding: gzip\r\n" + LENGTH + b"\r\n" + BODY,
    "a bad chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY,
    "a space before the colon": HEAD + b"Content-Length : %d\r\n\r\n" % len(BODY) + BODY,
    "a bare CR in a value": HEAD + LENGTH + b"Mcp-Name: a\rX-Evil: b\r\n\r\n" + BODY,
    "a NUL in a value": HEAD + LENGTH + b"Mcp-Name: a\0b\r\n\r\n" + BODY,
    "a header without a name": HEAD + LENGTH + b": x\r\n\r\n" + BODY,
    "HTTP/3.0": HEAD.replace(b"HTTP/1.1", b"HTTP/3.0") + LENGTH + b"\r\n" + BODY,
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}
LENIENT = {
    "a folded value": HEAD + LAST + b"Baggage: a\r\n b=c\r\n\r\n" + BODY,
    "a folded name": HEAD + LAST + b"Mcp-Name: read\r\n x\r\n\r\n" + BODY,
    "lines that end in LF": HEAD.replace(b"\r\n", b"\n") + LAST.replace(b"\r\n", b"\n") + b"\n" + BODY,
    "no version": b"POST /mcp/toy\r\n" + HEAD.partition(b"\r\n")[2] + LAST + b"\r\n" + BODY,
}


async def _say(gated: Gateway, data: bytes, *, ends: bool = False) -> bytes:
    """All that comes back until the gate hangs up; `ends`: nothing more is sent, so that nobody waits for it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(gated.url).port)
    writer.write(data)
    if ends:
        writer.write_eof()
    try:
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.fixture
def upstream() -> Recorder:
    return Recorder()


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_is_ambiguous_never_reaches_the_upstream(tmp_path: Path, upstream: Recorder, kind: str) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        said = await _say(gated, REFUSED[kind] + SMUGGLED, ends=True)
    assert upstream.reached == []
    assert b" 200 " not in said
    assert said == b"" or said.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("kind", LENIENT)
async def test_what_a_lenient_reader_takes_is_refused_or_read_as_one_and_goes_on_as_one(
    tmp_path: Path, upstream: Recorder, kind: str
) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        said = await _say(gated, LENIENT[kind])
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 200 "))
    for _, body, headers in upstream.reached:
        assert body == BODY
        assert not any("\n" in value or "\r" in value for value in headers.values())
        assert set(headers) <= {"host", "accept", "accept-encoding", "content-type", "content-length", "baggage"}


async def test_the_second_request_on_a_connection_is_decided_like_the_first(tmp_path: Path, upstream: Recorder) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        said = await _say(gated, HEAD + LENGTH + b"\r\n" + BODY + SMUGGLED)
    assert upstream.commands() == ["read"]
    assert said.count(b"HTTP/1.1 200 ") == 2
    assert b"isError" in said


async def test_a_client_of_http_1_0_gets_its_answer_and_the_end(tmp_path: Path, upstream: Recorder) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        said = await _say(gated, HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") + LENGTH + b"\r\n" + BODY)
    assert b" 200 " in said.partition(b"\r\n")[0]
    assert b"transfer-encoding" not in said.lower()
    assert upstream.commands() == ["read"]


async def test_who_expects_to_be_told_to_go_on_is_told_once_and_the_upstream_is_not_asked_to(
    tmp_path: Path, upstream: Recorder
) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(gated.url).port)
        writer.write(HEAD + LENGTH + b"Expect: 100-continue\r\nConnection: close\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(BODY)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()
    [(_, _, headers)] = upstream.reached
    assert "expect" not in headers
