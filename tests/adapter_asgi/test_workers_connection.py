"""A connection that goes to another worker: whole, once, and with nothing of another request in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from adapter_asgi.workers import connection as handing
from adapter_asgi.workers.board import Board
from adapter_asgi.workers.by_path import ByPath
from adapter_asgi.workers.connection import ARRIVAL, Arrival, Connection, Inbox, Outboxes
from adapter_asgi.workers.placing import Placing
from adapter_asgi.workers.seat import Seat

Application = Callable[[Any, Any, Any], Awaitable[None]]
ONE = b"GET /one HTTP/1.1\r\nHost: gate\r\n\r\n"


@contextlib.contextmanager
def way() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A worker's inbox, and the outbox that leads there."""
    inbox, outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with inbox, outbox:
        inbox.setblocking(False)
        outbox.setblocking(False)
        yield inbox, outbox


@contextlib.asynccontextmanager
async def listening(app: Application) -> AsyncIterator[tuple[list[Connection], int]]:
    """The connections that were made, and the port."""
    made: list[Connection] = []
    about = {"config": uvicorn.Config(app, log_config=None, lifespan="off"), "server_state": ServerState()}

    def connection() -> Connection:
        made.append(Connection(**about, app_state={}))  # type: ignore[arg-type] # as told
        return made[-1]

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
    try:
        yield made, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        for one in made:
            if one.timeout_keep_alive_task is not None:
                one.timeout_keep_alive_task.cancel()


async def _until(holds: Callable[[], object]) -> None:
    while not holds():
        await asyncio.sleep(0)


async def test_what_came_behind_a_request_goes_with_it_and_nothing_is_said_here(caplog: Any) -> None:
    go, over = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, _: Any, __: Any) -> None:
        arrival: Arrival = scope["extensions"][ARRIVAL]
        await go.wait()
        assert await arrival.move(Outboxes((outbox,)), 0)
        over.set()

    with way() as (inbox, outbox):
        async with listening(app) as (made, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ONE)
            await _until(lambda: made and made[0].kept)
            writer.write(ONE.replace(b"one", b"two"))
            await _until(lambda: len(made[0].kept or []) == 2)
            go.set()
            await over.wait()
            data, files, _, _ = socket.recv_fds(inbox, 1 << 16, 2)
            assert data == b"." + ONE + ONE.replace(b"one", b"two")
            await _until(lambda: not made[0].tasks)
            with socket.socket(fileno=files[0]) as link:
                link.setblocking(True)
                link.sendall(b"from there")
            assert await reader.read() == b"from there"
            writer.close()
            await writer.wait_closed()
    assert "ASGI callable" not in caplog.text


async def test_a_request_never_takes_the_bytes_of_a_later_one_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "_MOST", 2 * len(ONE) - 1)
    moved: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        arrival: Arrival = scope["extensions"][ARRIVAL]
        if scope["path"] == "/one":
            await _until(lambda: made[0].pipeline)
            await receive()  # reads on, though another request waits
            await _until(lambda: made[0].kept)  # of the third
            moved.append(await arrival.move(Outboxes((outbox,)), 0))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    with way() as (inbox, outbox):
        async with listening(app) as (made, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ONE)
            await _until(lambda: made and made[0].cycle)
            writer.write(ONE.replace(b"one", b"two"))  # more than is kept
            await _until(lambda: made[0].pipeline)
            writer.write(ONE.replace(b"one", b"three"))
            await _until(lambda: moved)
            assert moved == [False]
            with pytest.raises(BlockingIOError):
                inbox.recv(1)
            writer.close()
            await writer.wait_closed()


BEHIND = (
    ONE.replace(b"one", b"two"),
    b"POST /two HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
    b"POST /two HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"POST /two HTTP/1.1\r\nContent-Length: 300\r\n\r\nabc",
    b"POST /two HTTP/1.1\r\nContent-Le",
)


@pytest.mark.parametrize("first", [ONE, b"POST /one HTTP/1.1\r\nContent-Length: 2\r\n\r\nok"])
@pytest.mark.parametrize("second", BEHIND)
@pytest.mark.parametrize("cut", [0, 1, 4, 30])
async def test_a_request_behind_another_goes_whole_and_the_one_before_is_answered_here(
    first: bytes, second: bytes, cut: int
) -> None:
    """`cut` bytes of the first come before the rest of both, which is one piece."""
    begun = asyncio.Event()

    async def app(scope: Any, _: Any, send: Any) -> None:
        arrival: Arrival = scope["extensions"][ARRIVAL]
        if scope["path"] == "/one":
            arrival.stays()
            await begun.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})
        else:
            assert await arrival.move(Outboxes((outbox,)), 0)

    async with contextlib.AsyncExitStack() as stack:
        inbox, outbox = stack.enter_context(way())
        made, port = await stack.enter_async_context(listening(app))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if cut:
            writer.write(first[:-cut])
            await _until(lambda: made and made[0].kept)
        writer.write((first[-cut:] if cut else first) + second)
        await _until(lambda: made and len(made[0].kept or []) == (2 if cut else 1))
        begun.set()
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
        if b"\r\n\r\n" in second:
            await _until(lambda: _waits(inbox))
            data, files, _, _ = socket.recv_fds(inbox, 1 << 16, 2)
            assert data == b"." + second
            os.close(files[0])
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


def _waits(box: socket.socket) -> bool:
    try:
        return bool(box.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False


async def test_a_client_is_told_to_go_on_once() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        arrival: Arrival = scope["extensions"][ARRIVAL]
        body = (await receive())["body"]
        if not arrival.moved:
            assert await arrival.move(Outboxes((outbox,)), 0)
            return
        arrival.stays()
        while len(body) < 5:
            body += (await receive())["body"]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": body})

    with way() as (inbox, outbox):
        async with listening(app) as (made, port):
            about = {"config": uvicorn.Config(app, log_config=None, lifespan="off"), "server_state": ServerState()}

            def connection() -> Connection:
                made.append(Connection(**about, app_state={}))  # type: ignore[arg-type] # as told
                return made[-1]

            taking = Inbox(inbox, connection)
            taking.open()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /one HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"he")
            await _until(lambda: len(made) == 2)
            writer.write(b"llo")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(5) == b"hello"
            assert made[1].kept is None
            writer.close()
            await writer.wait_closed()
            taking.close()


@pytest.mark.parametrize("size", [1 << 10, 300 << 10])
async def test_what_is_answered_before_it_was_read_is_not_kept_while_it_comes(size: int) -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async with listening(app) as (made, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /one HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (2 * size))
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(2):
            writer.write(b"x" * size)
            await writer.drain()
            assert sum(map(len, made[0].kept or [])) <= 64 << 10
        writer.write(ONE)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 401")
        assert made[0].kept is None
        writer.close()
        await writer.wait_closed()


async def test_a_worker_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "_FULL", 0.01)
    with way() as (_, outbox):
        while handing._sent(outbox, b"." + b"x" * 1000, [outbox.fileno()]):
            pass
        boxes = Outboxes((outbox,))
        for _ in range(2):  # the turn is free again, and nothing waits for the socket
            with pytest.raises(TimeoutError):
                await boxes.send(0, outbox.fileno(), b"x" * 1000)


async def test_what_has_lost_its_beginning_is_closed_and_not_read_on() -> None:
    made: list[Any] = []

    def never() -> Any:
        made.append(None)
        raise AssertionError("no connection is made of it")

    with way() as (inbox, outbox):
        taking = Inbox(inbox, never)
        taking.open()
        for mark in (b"+", b"", b"?"):  # a process that may open no more files gets the first of two
            client, link = socket.socketpair()
            with client:
                client.setblocking(False)
                socket.send_fds(outbox, [mark], [link.fileno()])
                link.close()
                client_reader, client_writer = await asyncio.open_connection(sock=client)
                assert await client_reader.read() == b""
                client_writer.close()
                await client_writer.wait_closed()
        taking.close()
    assert made == []


@pytest.mark.parametrize("said", ["9" * 5000, "-1", "2", "²", "", "01"])
async def test_a_number_that_is_no_workers_is_answered_here(said: str) -> None:
    board, answered = Board(2), []

    async def app(scope: Any, _: Any, __: Any) -> None:
        answered.append(scope["path"])

    with socket.socket() as admin:
        placing = Placing(Seat(1, 2, board, (), (), admin), (), by_caller=False)
        query = f"worker={said}".encode("latin-1") if said else b"worker=+"
        extensions = {ARRIVAL: object()}
        scope = {"type": "http", "path": "/checkpoint", "query_string": query, "extensions": extensions}
        await ByPath(app, placing)(scope, None, None)
    assert answered == ["/checkpoint"]


def test_a_request_that_cannot_be_written_to_memory_leaves_no_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def full(*about: Any) -> int:
        made.append(os.open("/dev/full", os.O_WRONLY | os.O_CLOEXEC))
        return made[-1]

    monkeypatch.setattr(os, "memfd_create", full)
    with pytest.raises(OSError, match="space"):
        handing._in_memory(b"x" * 70_000)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(made[0])
