"""An upstream that is a child process: one JSON-RPC message a line (MCP, "Transports", stdio).

Strategy: a legacy session has a child of its own; the modern calls of one session share one. Ids and progress tokens
are rewritten to numbers of ours, so that calls of several clients cannot be taken for each other, and every message is
one line, written anew. An answer begins as JSON if the child's first word is the answer itself, else as a stream.
What belongs to no single call goes to the session's GET stream, where it is decided on by method.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gate
from adapter_asgi.upstream.leg import UpstreamError
from gate.messages import Batch, Message, read_client_body, read_server_data
from gate.strict_json import write

__all__ = ["StdioUpstream"]

_LINE = 64 << 20
_QUEUED = 64  # messages that wait for a slow client before the child has to wait
_KEPT = 256  # messages of a child that nobody listens to
_GRACE = 2.0
_PASSED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")
_STREAM = [("content-type", "text/event-stream")]
_JSON = [("content-type", "application/json")]


class StdioUpstream:
    """The server that `command` starts, in `cwd`, with nothing of the gate's environment but paths and language."""

    def __init__(
        self, name: str, command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._command, self._cwd, self._env = tuple(command), cwd, dict(env or {})
        self._children: dict[str, _Child] = {}
        self._turns: dict[str, asyncio.Lock] = {}  # by session: held while its child is started or stopped

    async def open(self, forward: gate.Forward, session: gate.Session) -> _Answer:
        """Write the message's lines to the session's child, started if need be. Raises UpstreamError UP01, UP04."""
        if forward.method == "GET":
            return await self._listen(session)
        if forward.method == "DELETE":
            await self.end_session(session)
            return _status(200)
        batch = read_client_body(forward.body)
        modern = dict(forward.headers).get("mcp-protocol-version", "") >= "2026"
        child = await self._child(session, batch, modern)
        if child is None:
            return _status(404)
        return await child.ask(batch, modern)

    async def tell(self, answer: gate.Answer, session: gate.Session) -> None:
        """Write the gate's answer as a line. Raises UpstreamError."""
        child = self._children.get(session.id)
        if child is not None:
            await child.write(answer.body)

    async def end_session(self, session: gate.Session) -> None:
        """Stop the session's child."""
        turn = self._turns.get(session.id)
        if turn is None:
            return
        async with turn:
            child = self._children.pop(session.id, None)
            if child is not None:
                await child.stop()
        self._turns.pop(session.id, None)

    async def close(self) -> None:
        """Stop all children, those too that are being started."""
        for turn in list(self._turns.values()):
            async with turn:
                pass
        children, self._children = list(self._children.values()), {}
        await asyncio.gather(*(child.stop() for child in children))

    async def _listen(self, session: gate.Session) -> _Answer:
        child = self._children.get(session.id)
        return child.listen() if child is not None and child.alive else _status(404)

    async def _child(self, session: gate.Session, batch: Batch, modern: bool) -> _Child | None:
        """The session's child; None for a legacy session whose child has died: the client has to begin again."""
        begins = any(message.method == "initialize" for message in batch.messages)
        async with self._turns.setdefault(session.id, asyncio.Lock()):  # calls that come at once start one child
            child = self._children.get(session.id)
            if child is not None and child.alive and not begins:
                return child
            if child is not None:
                del self._children[session.id]
                await child.stop()
            if not modern and not begins:
                return None
            child = self._children[session.id] = await _Child.start(self.name, self._command, self._cwd, self._env)
            return child


class _Answer:
    """One answer in pieces: a queue that the child's reader fills."""

    def __init__(
        self, child: _Child | None, status: int, headers: Sequence[tuple[str, str]], body: bytes = b""
    ) -> None:
        self.status, self.headers = status, list(headers)
        self._child, self._body = child, body
        self.queue: asyncio.Queue[bytes | UpstreamError | None] = asyncio.Queue(_QUEUED)
        self.waiting: set[int] = set()
        self.array = False
        self.modern = False
        self.ended = False

    def whole(self) -> bytes | None:
        return None

    def at_once(self) -> bytes | None:
        if self._body:
            body, self._body = self._body, b""
            return body
        return b"" if self.ended and self.queue.empty() else None

    async def read(self) -> bytes:
        if (piece := self.at_once()) is not None:
            return piece
        item = await self.queue.get()
        if isinstance(item, UpstreamError):
            self.ended = True
            raise item
        if item is None:
            self.ended = True
            return b""
        return b"data: " + item + b"\n\n"

    async def close(self) -> None:
        if self._child is not None:
            await self._child.leave(self)


def _status(status: int, child: _Child | None = None) -> _Answer:
    answer = _Answer(child, status, ())
    answer.ended = True
    return answer


class _Child:
    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self._name, self._process = name, process
        self._answers: dict[int, tuple[_Answer, Any, Any]] = {}  # our id → answer, the client's id, its token
        self._next = 0
        self._listener: _Answer | None = None
        self._kept: deque[bytes] = deque(maxlen=_KEPT)
        self._session_id = secrets.token_hex(16)
        self._writing = asyncio.Lock()
        self._reader = asyncio.create_task(self._read_lines())

    @classmethod
    async def start(cls, name: str, command: Sequence[str], cwd: Path | None, env: Mapping[str, str]) -> _Child:
        clean = {key: os.environ[key] for key in _PASSED if key in os.environ} | dict(env)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=cwd,
                env=clean,
                limit=_LINE,
                start_new_session=True,
            )
        except OSError as error:
            raise UpstreamError("UP01", f'The server "{name}" cannot be started: {error.strerror}.') from None
        return cls(name, process)

    @property
    def alive(self) -> bool:
        return not self._reader.done()

    # -- to the child ----------------------------------------------------------------------------------------------

    async def ask(self, batch: Batch, modern: bool) -> _Answer:
        """Write every message; wait for the child's first word where one of them is a request."""
        answer = _Answer(self, 200, _STREAM)
        answer.array, answer.modern = batch.array, modern
        lines = [self._rewrite(message, answer) for message in batch.messages]
        for line in lines:
            await self.write(line)
        if not answer.waiting:
            return _status(202)
        if any(message.method == "initialize" for message in batch.messages):
            answer.headers.append(("mcp-session-id", self._session_id))
        try:
            return await self._begin(answer)
        except asyncio.CancelledError:
            await self.leave(answer)
            raise

    async def write(self, line: bytes) -> None:
        """One line. Raises UpstreamError UP04 where the child is gone."""
        assert self._process.stdin is not None  # noqa: S101 - asked for in start
        try:
            async with self._writing:
                self._process.stdin.write(line + b"\n")
                await self._process.stdin.drain()
        except (ConnectionError, RuntimeError):
            raise self._died() from None

    def _rewrite(self, message: Message, answer: _Answer) -> bytes:
        tree = dict(message.tree)
        params = dict(message.params)
        if message.kind == "request":
            self._next += 1
            meta = params.get("_meta")
            token = meta.get("progressToken") if isinstance(meta, dict) else None
            if token is not None:
                params["_meta"] = {**message.meta, "progressToken": self._next}
                tree["params"] = params
            tree["id"] = self._next
            self._answers[self._next] = (answer, message.id, token)
            answer.waiting.add(self._next)
        elif message.method == "notifications/cancelled":
            params["requestId"] = self._ours(params.get("requestId"))
            tree["params"] = params
        return write(tree)

    def _ours(self, theirs: Any) -> Any:
        for ours, (_, original, _) in self._answers.items():
            if original == theirs and type(original) is type(theirs):
                return ours
        return -1

    async def _begin(self, answer: _Answer) -> _Answer:
        """Whether it is JSON or a stream shows with the first message."""
        first = await answer.queue.get()
        if isinstance(first, UpstreamError):
            raise first
        if first is None:
            raise self._died()
        if answer.ended and not answer.array and answer.queue.qsize() <= 1:
            answer.headers = [*_JSON, *(pair for pair in answer.headers if pair[0] == "mcp-session-id")]
            answer._body = first
            while not answer.queue.empty():
                answer.queue.get_nowait()
        else:
            answer._body = b"data: " + first + b"\n\n"
        return answer

    async def leave(self, answer: _Answer) -> None:
        """The client reads no further. In MCP 2026-07-28 that cancels what it asked for."""
        if self._listener is answer:
            self._listener = None
        for ours in list(answer.waiting):
            self._answers.pop(ours, None)
            if answer.modern and self.alive:
                cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": ours}}
                with contextlib.suppress(UpstreamError):
                    await self.write(write(cancel))
        answer.waiting.clear()
        while not answer.queue.empty():  # let the reader go on, should it wait for room
            answer.queue.get_nowait()

    def listen(self) -> _Answer:
        """The session's GET stream; a new one takes the place of an old one."""
        if self._listener is not None:
            self._put_now(self._listener, None)
        self._listener = _Answer(self, 200, _STREAM)
        while self._kept and not self._listener.queue.full():
            self._listener.queue.put_nowait(self._kept.popleft())
        return self._listener

    # -- from the child --------------------------------------------------------------------------------------------

    async def _read_lines(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - asked for in start
        try:
            while line := await self._process.stdout.readline():
                if line.strip():
                    await self._route(line.strip())
        except (ValueError, gate.GateError):
            # A line over the limit, or one that is no message: nothing that follows can be trusted to be framed.
            self._kill()
        finally:
            self._end_all()

    async def _route(self, line: bytes) -> None:
        for message in read_server_data(line).messages:
            if message.kind in ("result", "error"):
                await self._answered(message)
            else:
                await self._said(message)

    async def _answered(self, message: Message) -> None:
        found = self._answers.pop(message.id, None) if isinstance(message.id, int) else None
        if found is None:
            return  # the answer to a call whose client has left
        answer, theirs, _ = found
        answer.waiting.discard(message.id)
        message.tree["id"] = theirs
        answer.ended = not answer.waiting
        await answer.queue.put(write(message.tree))
        if answer.ended:
            await answer.queue.put(None)

    async def _said(self, message: Message) -> None:
        """A notification or a request of the child's: to the call that it names, to the only one, or to the GET."""
        answer = None
        if message.method == "notifications/progress":
            found = self._answers.get(message.params.get("progressToken", -1))
            if found is None:
                return  # about a call that is over
            answer = found[0]
            message.params["progressToken"] = found[2]
        elif len(self._answers) == 1:
            answer = next(iter(self._answers.values()))[0]
        line = write(message.tree)
        if answer is not None:
            await answer.queue.put(line)
        elif self._listener is not None and not self._listener.queue.full():
            self._listener.queue.put_nowait(line)
        else:
            self._kept.append(line)

    def _end_all(self) -> None:
        for answer in {id(found[0]): found[0] for found in self._answers.values()}.values():
            self._put_now(answer, self._died())
        self._answers.clear()
        if self._listener is not None:
            self._put_now(self._listener, None)

    def _put_now(self, answer: _Answer, item: UpstreamError | None) -> None:
        """Also into a full queue: what is lost then is what a dead child or a replaced stream had left to say."""
        if answer.queue.full():
            answer.queue.get_nowait()
        answer.queue.put_nowait(item)

    def _died(self) -> UpstreamError:
        code = self._process.returncode
        how = "" if code is None else f" (exit code {code})"
        return UpstreamError("UP04", f'The process of the server "{self._name}" ended{how} before it answered.')

    # -- the end ---------------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """End the child: its input first, then a signal, then another (MCP, "Lifecycle", stdio shutdown)."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        for ending in (None, signal.SIGTERM, signal.SIGKILL):
            if ending is not None:
                self._kill(ending)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GRACE):
                    await self._process.wait()
                    break
        self._kill(signal.SIGKILL)
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader

    def _kill(self, ending: signal.Signals = signal.SIGKILL) -> None:
        """The child and what it started: it leads a process group of its own."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, ending)
