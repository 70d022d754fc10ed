"""The upstream's answer as it comes in: its headers, its body in pieces, its end; JSON, a stream, or neither.

What is released, and how, is `Release`'s; what the client has been sent is `Reply`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from gate import wire
from gate.allowance import charge
from gate.call import Call, key_of, merge_plans
from gate.effects import Effect, Record
from gate.errors import UPSTREAM_FAILED, UPSTREAM_WITHHELD, GateError, MalformedError, RefusedError
from gate.messages import read_server_data
from gate.release import Release, withheld
from gate.routing import headers_for_client
from gate.sse import Reader, ServerEvent
from gate.strict_json import parse, write

if TYPE_CHECKING:
    from gate import events as ev
    from gate.ledger import Ledger
    from gate.reply import Reply
    from gate.session import Session

__all__ = ["Inflow"]


class Inflow:
    """One answer of the upstream's to `calls`. Every method may raise RefusedError: nothing more is released then."""

    def __init__(
        self,
        session: Session,
        ledger: Ledger,
        calls: list[Call],
        reply: Reply,
        out: list[Effect],
        *,
        modern: bool,
        limit: int,
        now: datetime,
    ) -> None:
        self._session, self._ledger, self._reply, self._out, self._limit = session, ledger, reply, out, limit
        self.calls = calls
        asked = {key_of(call.message.id): call for call in calls if call.message.kind == "request"}
        self._release = Release(session, ledger, asked, calls[0], modern)
        self._status, self._kind = 0, ""
        self._body = bytearray()
        self._reader: Reader | None = None
        self._resumable = False
        self._empty = False  # the last event that said something of the stream itself had no message
        self.now = now

    def unanswered(self) -> list[Call]:
        """The requests that the upstream has not answered yet."""
        return [call for call in self.calls if key_of(call.message.id) in self._release.unanswered]

    def state(self) -> set[object]:
        """What `restore` needs to take back everything that was computed since."""
        return set(self._release.unanswered)

    def restore(self, state: set[object]) -> None:
        """These requests are unanswered: what was computed for them was never performed."""
        self._release.unanswered = state

    def is_open(self, call: Call) -> bool:
        """Whether the client still waits for this call."""
        return not call.ended and (
            call.message.kind != "request" or key_of(call.message.id) in self._release.unanswered
        )

    def weight(self, data: bytes | None) -> int:
        """About the bytes that are masked when `data` comes, or the end (None)."""
        if self._reader is not None:
            size = self._reader.held + len(data or b"")
        else:
            size = len(self._body) if data is None else 0
        return self.masked(size)

    def masked(self, size: int) -> int:
        """`size`, or 0 where nothing is masked."""
        return size if size and (self._session.leases or any(call.plan for call in self.calls)) else 0

    # -- its beginning and its pieces ------------------------------------------------------------------------------

    def begin(self, event: ev.UpstreamStarted | ev.UpstreamAnswered) -> None:
        """The status and headers: redirects, challenges and encodings end here."""
        headers = dict(event.headers)
        self._status, self._kind = event.status, headers.get("content-type", "").partition(";")[0].strip().lower()
        if 300 <= event.status < 400:
            raise self.failed("answered with a redirect, which is not followed.")
        if event.status in (401, 407):
            raise self.failed("does not accept the gate's credential.")
        if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise self.failed("sent a compressed answer, which cannot be masked; it was withheld.")
        self._reply.headers = headers_for_client(event.headers)
        self._take_session(headers.get("mcp-session-id"))
        if self._kind == "text/event-stream" and event.status == 200:
            self._reader = Reader(self._limit)
            self._reply.start_stream()
            self._reply.flush_refusals()

    def _take_session(self, upstream_id: str | None) -> None:
        """The client never sees the upstream's session id: it gets the gate's, which only it can use."""
        if upstream_id is None or self._session.client_id is None:
            return
        if self.calls[0].method == "initialize" and self._status == 200:
            self._session.upstream_id = upstream_id
        self._reply.headers = [*self._reply.headers, ("mcp-session-id", self._session.client_id)]

    def feed(self, data: bytes) -> None:
        """Some of the body. At most `limit` bytes of a message are kept."""
        if self._reader is not None:
            for event in self._reader.feed(data):
                self._pass_event(event)
            return
        self._body += data
        self._check_size(len(self._body))

    def _check_size(self, size: int) -> None:
        if size > self._limit:
            raise RefusedError(
                "GT302",
                f"The server's answer is larger than {self._limit >> 20} MiB; it was withheld.",
                "Ask for less at once.",
                rpc_code=UPSTREAM_WITHHELD,
            )

    def _pass_event(self, event: ServerEvent) -> None:
        if not event.data and self._empty:
            event.id = None
        sealed = None if event.id is None else self._release.event_id(event.id)
        if event.id is not None:
            self._resumable = True
            coding = "latin-1" if sealed == event.id else "utf-8"  # as a header carries it, or as the sealer opens it
            self._session.sent_event(event.id.decode(coding, "surrogateescape"))
        plain = event.plain and sealed == event.id
        event.id = sealed
        if not event.data:
            self._pass_empty(event, plain)
            return
        self._empty = False
        if event.name != b"message":
            raise withheld(GateError("GT301", "an event of an unknown kind."))
        released = self._release_data(event.data)
        if released is event.data and plain:
            self._reply.raw(event.raw)
        elif released is not None:
            self._reply.event(released, event)

    def _pass_empty(self, event: ServerEvent, plain: bool) -> None:
        """What has no message has no record: an id or a delay passes once between two messages, and nothing else."""
        if self._empty or (event.id is None and event.retry is None):
            self._reply.keep_alive()
            return
        self._empty = True
        if plain:
            self._reply.raw(event.raw)
        else:
            self._reply.event(b"", event)

    def _release_data(self, data: bytes, *, lenient: bool = False) -> bytes | None:
        """What may be released of one body or one event: `data` itself where nothing changed."""
        try:
            batch = read_server_data(data)
        except MalformedError as error:
            raise withheld(error) from None
        if not batch.array:
            return self._release.message(batch.messages[0], data, self.now, self._out, lenient=lenient)
        passed = []
        for message in batch.messages:
            raw = write(message.tree)
            passed.append((raw, self._release.message(message, raw, self.now, self._out)))
        if all(raw is released for raw, released in passed):
            return data
        kept = [released for _, released in passed if released is not None]
        return b"[" + b",".join(kept) + b"]" if kept else None

    # -- its end ---------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """The body is complete; the client's answer is, too, after this."""
        if self._reader is not None:
            self._end_stream(self._reader)
        else:
            self._end_body(bytes(self._body))

    def whole(self, event: ev.UpstreamAnswered) -> None:
        """Its beginning, its body and its end at once."""
        self.begin(event)
        if self._reader is not None:
            self.feed(event.body)
            self._end_stream(self._reader)
        else:
            self._check_size(len(event.body))
            self._end_body(event.body)

    def _end_body(self, body: bytes) -> None:
        if not body or (self._status < 300 and self.calls[0].method == "DELETE"):  # says nothing of MCP's
            self._end_empty()
        elif self._kind == "application/json":
            self._end_json(body)
        else:
            self._end_other(body)

    def _end_json(self, body: bytes) -> None:
        if self._status >= 400 and not _is_message(body):
            self._end_other(body)
            return
        released = self._release_data(body, lenient=self._status >= 400)
        if released is None:
            raise withheld(GateError("GT301", "it does not answer the request."))
        if self._reply.refusals:
            inner = released[1:-1] if released[:1] == b"[" else released
            released = b"[" + b",".join([inner, *map(write, self._reply.refusals)]) + b"]"
        self.end_calls("cut")
        self._reply.body(self._status, wire.JSON, released)

    def _end_empty(self) -> None:
        """No body: an acknowledgement (202), or a status alone."""
        if self._reply.streaming or self._reply.refusals:
            raise self.failed(f"answered with HTTP {self._status} and nothing else.")
        self.end_calls("complete" if self._status < 400 else "error")
        self._reply.body(self._status, (), b"")

    def _end_other(self, body: bytes) -> None:
        """A body that is no message: only an error's text is passed, masked as the calls are."""
        if self._status < 400 or self._reply.streaming:
            raise self.failed(f"answered with HTTP {self._status} and no MCP message; it was withheld.")
        masked = self._mask_other(body)
        for call in self.calls:
            original = body if masked != body else None
            charge(call, len(masked), self._out)
            self._out.append(Record(self._ledger.response(call, masked, None, original, "error")))
        self.end_calls("error")
        kind = "application/json" if self._kind == "application/json" else "text/plain; charset=utf-8"
        self._reply.body(self._status, [("content-type", kind)], masked)

    def _mask_other(self, body: bytes) -> bytes:
        plan: Mapping[str, str] = {}
        for call in self.calls:
            plan = merge_plans(plan, call.plan)
        masker = self._session.masker(plan)
        if masker is None:
            return body
        if self._kind == "application/json":
            try:
                return write(masker.mask_json(parse(body)).value)
            except MalformedError:
                return write({"error": "withheld"})
        try:
            return str(masker.mask_text(body.decode()).value).encode()
        except UnicodeDecodeError:
            return b"withheld"

    def _end_stream(self, reader: Reader) -> None:
        for event in reader.close():
            self._pass_event(event)
        if not self.leave_unfinished() and self.unanswered():
            raise self.failed("closed the stream before it answered.")
        self.end_calls("complete")
        self._reply.close()

    def leave_unfinished(self) -> bool:
        """Legacy streams may end before the answer; it comes to a GET with Last-Event-ID (MCP 2025-11-25)."""
        if not self._resumable or self._session.client_id is None:
            return False
        for call in self.unanswered():
            self.calls.remove(call)
            oldest = self._session.leave_unfinished(key_of(call.message.id), call)
            if oldest is not None:
                self._out.append(Record(self._ledger.ended(oldest, "cut")))
        return True

    def end_calls(self, outcome: str) -> None:
        """Record the end of every call that has none yet."""
        self._out += [Record(self._ledger.ended(call, outcome)) for call in self.calls if not call.ended]

    def failed(self, what: str) -> RefusedError:
        """What the client is told of the upstream."""
        name = self._session.server
        return RefusedError("GT300", f'The server "{name}" {what}', rpc_code=UPSTREAM_FAILED, status=502)


def _is_message(body: bytes) -> bool:
    try:
        read_server_data(body)
    except MalformedError:
        return False
    return True
