"""What of an upstream's answer is waited for: all of it, where nothing can be done about less."""

from __future__ import annotations

import asyncio

import pytest
from test_upstream_http import OK, POST, SESSION, STREAM, Wire


async def test_an_answer_that_is_no_stream_is_waited_for_as_a_whole() -> None:
    begun, more = asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(OK + b"content-length: 10\r\n\r\nhello")
        begun.set()
        await more.wait()
        writer.write(b"world")

    wire = Wire(answer)
    async with wire.upstream() as (upstream, pool):
        opening = asyncio.create_task(upstream.open(POST, SESSION))
        await begun.wait()
        while not any(connection._begun for connection in pool._used):
            await asyncio.sleep(0)
        assert not opening.done()
        more.set()
        leg = await opening
        assert (leg.status, leg.whole(), leg.at_once(), await leg.read()) == (200, b"helloworld", b"", b"")
        assert not pool._used


@pytest.mark.parametrize("kind", ["a stream", "larger than is kept", "an error", "to the end"])
async def test_an_answer_is_begun_before_it_is_whole_where_something_can_be_done_about_it(kind: str) -> None:
    size = 1 << 20
    head, first = {
        "a stream": (STREAM + b"content-length: %d\r\n\r\n" % size, b"hello"),
        "larger than is kept": (OK + b"content-length: %d\r\n\r\n" % size, b"x" * (300 << 10)),
        "an error": (OK.replace(b"200 OK", b"500 No") + b"content-length: %d\r\n\r\n" % size, b"hello"),
        "to the end": (OK + b"\r\n", b"hello"),
    }[kind]
    rest = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(head + first)
        await rest.wait()
        writer.write(b"x" * (size - len(first)))

    async with Wire(answer).upstream() as (upstream, _):
        leg = await upstream.open(POST, SESSION)
        assert leg.whole() is None
        body = await leg.read()
        rest.set()
        while piece := await leg.read():
            body += piece
        assert len(body) == size
