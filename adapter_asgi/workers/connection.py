"""A connection that can go to another worker before its request is answered.

Strategy: what was read since the first request that is not yet known to stay is kept. To move, reading stops, the
socket and the bytes from the request's first on are sent to the other worker (unix(7), SCM_RIGHTS), and this side lets
go of it without a word on the wire. The other side begins with those bytes as if it had read them. Nothing else is sent
along but that the client was told to go on (100 Continue): who calls, and whether it may, is asked there anew. Where a
request that came behind another begins (HTTP pipelining), the parser is asked (`boundary`).

What it does not do: move a request behind so many bytes that they were not kept. Its client is told to come again on a
fresh connection.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from adapter_asgi.listener import Listener
from adapter_asgi.workers.boundary import behind

__all__ = ["ARRIVAL", "Arrival", "Connection", "Inbox", "Outboxes", "has_moved"]

ARRIVAL = "hoopgate.arrival"
"""The scope's extension under which a request's `Arrival` stands."""
_MOST = 20 << 20
"""Bytes that are kept while a request in them may go: more than any body may have."""
_INLINE = 64 << 10
"""Bytes that are kept of a request that stays until it is whole, for another may come in one piece with its end."""
_WITHIN, _APART, _TOLD_WITHIN, _TOLD_APART = b".", b"+", b":", b"*"
_FILES = {_WITHIN: 1, _APART: 2, _TOLD_WITHIN: 1, _TOLD_APART: 2}
"""How a connection is sent, and how many files come: what was read of it stands behind the mark, or in a file; its
client was told to go on, or was not."""
_AT_ONCE = 32
"""Connections taken in one turn of the loop, so that those that are here are served between."""
_FLUSH = 5.0
_FULL = 5.0
"""Seconds that a worker may leave what is sent to it where it is, once no more has room."""


class Connection(Listener):
    """The gate's own, which keeps what it reads until every request in it is known to stay."""

    kept: list[bytes] | None = None  # from the first byte of a request on
    moved_in = b""
    told = False  # the client of what was moved in was told to go on
    _arrivals: list[Arrival]  # in what is kept
    _size = 0
    _whole = True  # nothing of a request was read that is not complete
    _moved = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.moved_in:
            self.loop.call_soon(self.data_received, b"")  # reading begins after this call, and what comes stands behind

    def data_received(self, data: bytes) -> None:
        if self.moved_in:
            data, self.moved_in, self._moved = self.moved_in + data, b"", True
        if not data or self.parser is None:  # the client left before its request was taken up
            return
        if self.kept is not None:
            self.kept.append(data)
            self._size += len(data)
        elif self._whole:
            self.kept, self._size, self._arrivals = [data], len(data), []
        super().data_received(data)
        self.let_go()

    def let_go(self) -> None:
        """Keep no more than there is a use for."""
        if self.kept is not None and (
            self._size > _MOST or (all(one.settled for one in self._arrivals) and (self._whole or self._size > _INLINE))
        ):
            self.kept = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        arrival = Arrival(self, self.kept, moved=self._moved)
        if self.kept is not None:
            arrival.number = len(self._arrivals)
            self._arrivals.append(arrival)
        self._arriving = arrival
        self.scope["extensions"] = {ARRIVAL: arrival}  # type: ignore[dict-item] # ASGI lets servers add theirs
        self._whole = self._moved = False

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        arrival = self._arriving
        arrival.expects = self.expect_100_continue
        arrival.cycle = self.cycle  # its own: another request may come behind it
        self.cycle.on_response = arrival.answered
        if arrival.moved and self.told:
            self.cycle.waiting_for_100_continue = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._whole = True


class Arrival:
    """How a request came: by a client, or `moved` here by another worker.

    It is request `number` of those that begin in what is `kept`; None where its beginning was not.
    """

    cycle: RequestResponseCycle
    expects = False
    number = 0

    def __init__(self, connection: Connection, kept: list[bytes] | None, *, moved: bool) -> None:
        self._connection, self._kept, self.moved = connection, kept, moved
        self.settled = self.gone = False

    def stays(self) -> None:
        """It is this worker's: what was kept of it goes."""
        self.settled, self._kept = True, None
        self._connection.let_go()

    def answered(self) -> None:
        """Its answer has been given."""
        self.stays()
        self._connection.on_response_complete()

    async def move(self, outboxes: Outboxes, worker: int) -> bool:
        """Send it to that worker; then there is nothing to answer here. False where it cannot go, for good.

        Raises OSError, TimeoutError where the worker takes nothing; it may be tried again.
        """
        link = self._connection
        link.flow.pause_reading()
        data = await self._data()
        if data is None:
            self.stays()
            self.cycle.keep_alive = False
            link.flow.resume_reading()
            return False
        told = self.expects and not self.cycle.waiting_for_100_continue
        own = os.dup(link.transport.get_extra_info("socket").fileno())  # stays this socket's, whatever closes meanwhile
        try:
            await outboxes.send(worker, own, data, told=told)
        finally:
            os.close(own)
        self.stays()
        self.gone = True
        self.cycle.disconnected = True
        link.transport.abort()
        return True

    async def _data(self) -> bytes | None:
        """All that was read from its first byte on, once all answers before have gone out."""
        link = self._connection
        if self._kept is None or not await _written(link.transport) or self._kept is not link.kept:
            return None
        return behind(b"".join(self._kept), self.number)


def has_moved(scope: Any) -> bool:
    """Whether another worker has the request of this scope now."""
    arrival = scope.get("extensions", {}).get(ARRIVAL)
    return arrival is not None and arrival.gone


async def _written(transport: asyncio.Transport) -> bool:
    """Whether all of the answers before has gone out; a client that asks on has read them, so this is soon."""
    try:
        async with asyncio.timeout(_FLUSH):
            while transport.get_write_buffer_size():  # noqa: ASYNC110 (uvloop tells nobody)
                await asyncio.sleep(0.005)
    except TimeoutError:
        return False
    return not transport.is_closing()


class Outboxes:
    """The ways to the other workers; a worker that is being started finds what was sent meanwhile."""

    def __init__(self, boxes: tuple[socket.socket, ...]) -> None:
        self._boxes = boxes
        self._turns = [asyncio.Lock() for _ in boxes]

    async def send(self, worker: int, connection: int, data: bytes, *, told: bool = False) -> None:
        """Give a connection (its file descriptor) and what was read of it to a worker; `told`: its client, to go on.

        Raises OSError, and TimeoutError where the worker takes nothing.
        """
        files, piece = [connection], (_TOLD_WITHIN if told else _WITHIN) + data
        if len(data) > _INLINE:
            files.append(_in_memory(data))
            piece = _TOLD_APART if told else _APART
        try:
            async with asyncio.timeout(_FULL), self._turns[worker]:
                while not _sent(self._boxes[worker], piece, files):
                    await _writable(self._boxes[worker])
        finally:
            for file in files[1:]:
                os.close(file)


class Inbox:
    """Takes the connections that other workers send. `made()` is a fresh `Connection`."""

    def __init__(self, box: socket.socket, made: Callable[[], Any]) -> None:
        self._box, self._made = box, made
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()

    def open(self) -> None:
        """Take them from now on."""
        self._loop.add_reader(self._box.fileno(), self._read)

    def close(self) -> None:
        """Take no more."""
        self._loop.remove_reader(self._box.fileno())

    def _read(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, files, _, _ = socket.recv_fds(self._box, _INLINE + 1, 2, socket.MSG_CMSG_CLOEXEC)
            except (BlockingIOError, InterruptedError):
                return
            if len(files) != _FILES.get(data[:1]):  # no room for more: without its beginning it is not read on
                for file in files:
                    os.close(file)
                continue
            link = socket.socket(fileno=files[0])
            link.setblocking(False)
            whole = data[1:] if len(files) == 1 else _out_of_memory(files[1])
            task = self._loop.create_task(self._take(link, whole, told=data[:1] in (_TOLD_WITHIN, _TOLD_APART)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _take(self, link: socket.socket, data: bytes, *, told: bool) -> None:
        def made() -> Any:
            connection = self._made()
            connection.moved_in, connection.told = data, told
            return connection

        try:
            await self._loop.connect_accepted_socket(made, link)
        except OSError:  # the client has left meanwhile
            link.close()


def _sent(box: socket.socket, data: bytes, files: list[int]) -> bool:
    try:
        socket.send_fds(box, [data], files)
    except (BlockingIOError, InterruptedError):
        return False
    return True


async def _writable(box: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def go() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_writer(box.fileno(), go)
    try:
        await ready
    finally:
        loop.remove_writer(box.fileno())


def _in_memory(data: bytes) -> int:
    file = os.memfd_create("hoopgate-request", os.MFD_CLOEXEC)
    try:
        with open(file, "wb", closefd=False) as whole:
            whole.write(data)
    except OSError:
        os.close(file)
        raise
    return file


def _out_of_memory(file: int) -> bytes:
    with open(file, "rb") as whole:
        whole.seek(0)
        return whole.read()
