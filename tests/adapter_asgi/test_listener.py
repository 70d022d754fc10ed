"""An answer's head goes out with the first of its body; whatever ends before that still says what it began with."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from serving import serving

from adapter_asgi.listener import Listener, _Joined

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}


async def said(app: Any, *requests: bytes) -> bytes:
    """What comes back for these requests over one connection, the last of which asks for its end."""
    async with serving(app) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"".join(requests))
        answer = await reader.read()
        writer.close()
    return answer


def request(method: str = "GET", more: str = "connection: close\r\n", body: str = "") -> bytes:
    return f"{method} / HTTP/1.1\r\nhost: a\r\n{more}\r\n{body}".encode()


class _Transport:
    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def joined() -> tuple[_Joined, _Transport]:
    transport = _Transport()
    return _Joined(transport), transport  # type: ignore[arg-type] # as much of a transport as is needed


def test_the_head_is_written_with_what_follows_and_only_once() -> None:
    to, transport = joined()
    for data in (b"head|", b"one", b"two", b""):
        to.write(data)
    assert transport.written == [b"head|one", b"two", b""]


def test_a_client_that_waits_to_be_told_to_go_on_is_told_at_once() -> None:
    to, transport = joined()
    to.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    to.write(b"head|")
    assert transport.written == [b"HTTP/1.1 100 Continue\r\n\r\n"]
    to.close()
    assert transport.written[1:] == [b"head|"]
    assert to.is_closing()


def test_an_empty_body_lets_the_head_go() -> None:
    to, transport = joined()
    to.write(b"head|")
    to.write(b"")
    assert transport.written == [b"head|"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("pieces", [[b""], [b"hello"], [b"he", b"llo"]])
async def test_every_answer_is_whole(method: str, pieces: list[bytes]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        for index, piece in enumerate(pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": index < len(pieces) - 1})

    answer = await said(app, request(method, "content-length: 0\r\n"), request(method))
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answer.count(b"0\r\n\r\n") == (0 if method == "HEAD" else 2)
    assert b"".join(pieces) in answer.replace(b"\r\n3\r\n", b"") or method == "HEAD"


async def test_an_application_that_fails_after_its_head_is_seen_to_have_begun() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)

    answer = await said(app, request())
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert not answer.endswith(b"0\r\n\r\n")


async def test_a_body_is_asked_for_where_the_client_waits_for_that() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        await send(START)
        await send({"type": "http.response.body", "body": body})

    async with serving(app) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request("POST", "connection: close\r\ncontent-length: 5\r\nexpect: 100-continue\r\n"))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hello")
        assert b"hello" in await reader.read()
        writer.close()


def test_workers_connections_are_listeners_too() -> None:
    from adapter_asgi.workers.connection import Connection

    assert issubclass(Connection, Listener)
