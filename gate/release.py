"""What the upstream says, on its way to the client: matched, filtered, masked, recorded; or withheld.

What this module does not do: decide on calls (judge), keep the exchange's state (exchange), find text (walk).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gate.allowance import charge
from gate.call import Call, key_of, merge_plans
from gate.effects import Answer, Effect, Record
from gate.errors import REFUSED, UPSTREAM_WITHHELD, GateError, RefusedError
from gate.judge import allows_from_server
from gate.lockfile import fingerprint
from gate.messages import Message
from gate.session import keep
from gate.shapes import REQUESTS, notification_shape
from gate.strict_json import write
from gate.walk import Masked, mask_message
from gate.wire import error_answer, refusal_answer

if TYPE_CHECKING:
    import masking
    from gate.ledger import Ledger
    from gate.session import Session

__all__ = ["Release"]

_CACHEABLE = frozenset(
    {
        "tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read",
        "server/discover",
    }
)  # fmt: skip


class Release:
    """Releases the upstream's messages of one exchange.

    `calls` are the client's requests that this exchange forwarded, by id. `stream` is the call that everything else
    on the stream is recorded under.
    """

    def __init__(self, session: Session, ledger: Ledger, calls: Mapping[Any, Call], stream: Call, modern: bool) -> None:
        self._session, self._ledger, self._modern = session, ledger, modern
        self._calls = calls
        self._stream = stream
        self._known: frozenset[str] | None = None  # the client's own words, once they are asked for
        self._merged: Mapping[str, str] | None = None
        self.unanswered: set[Any] = set(calls)

    @property
    def _plan(self) -> Mapping[str, str]:
        """What is masked in the answer to any of the calls."""
        if self._merged is None:
            self._merged = {}
            for call in self._calls.values():
                self._merged = merge_plans(self._merged, call.plan)
        return self._merged

    def event_id(self, value: bytes) -> bytes:
        """An event's id, sealed where the masker finds something in it."""
        masker = self._session.masker(self._plan or self._stream.plan)
        if masker is None:
            return value
        text = value.decode("utf-8", "surrogateescape")
        return self._session.sealer.seal(text, "value").encode() if masker.mask_text(text).changed else value

    def message(
        self, message: Message, raw: bytes, now: datetime, out: list[Effect], *, lenient: bool = False
    ) -> bytes | None:
        """The bytes to release for `message`, after their records were appended to `out`; None where it is withheld.

        `raw` is what came. `lenient` takes an error under any id as the answer to the only call (HTTP 4xx bodies).
        Raises RefusedError where nothing of the stream may be released any more.
        """
        if message.kind == "notification":
            return self._notification(message, raw, now, out)
        if message.kind == "request":
            return self._server_request(message, raw, now, out)
        return self._answer(message, raw, now, out, lenient)

    # -- answers ---------------------------------------------------------------------------------------------------

    def _answer(self, message: Message, raw: bytes, now: datetime, out: list[Effect], lenient: bool) -> bytes | None:
        key = key_of(message.id)
        call = self._calls.get(key) if key in self.unanswered else self._session.unfinished.pop(key, None)
        if call is None and message.kind == "error" and (lenient or message.id is None) and len(self.unanswered) == 1:
            key = next(iter(self.unanswered))
            call = self._calls[key]
        if call is None:
            self._withhold("an answer to a request that nobody made", out)
            return None
        filtered = False
        if message.kind == "result":
            refusal = self._check_inputs(message, call, now)
            if refusal is not None:
                return self._refuse_answer(refusal, call, key, out)
            filtered = self._take_result(message, call, now, out)
        schema = self._session.tools.get(call.tool, {}).get("outputSchema") if call.tool else None
        masker = self._session.masker(call.plan)
        masked = self._mask(message, call.plan, masker, call.method, call.known, schema)
        changed = filtered or (masked is not None and masked.changed)
        if changed and self._modern and call.method in _CACHEABLE and isinstance(message.tree.get("result"), dict):
            message.tree["result"].update(ttlMs=0, cacheScope="private")
        self.unanswered.discard(key)
        released = write(message.tree) if changed else raw
        outcome = "complete" if message.kind == "result" else "error"
        self._record(call, released, masked, raw if changed else None, out, outcome)
        out.append(Record(self._ledger.ended(call, outcome)))
        return released

    def _take_result(self, message: Message, call: Call, now: datetime, out: list[Effect]) -> bool:
        """Note what the session needs to know of a result; filter lists. True if something was taken out."""
        result = message.tree["result"]
        if not isinstance(result, dict):
            return False
        match call.method:
            case "initialize":
                version = result.get("protocolVersion")
                self._session.version = version if isinstance(version, str) else None
            case "tools/list":
                self._note_tools(result.get("tools"), call)
                return self._filter(result, "tools", lambda item: self._could(item) and self._is_as_locked(item, out))
            case "prompts/list":
                return self._filter(result, "prompts", lambda item: self._may(now, prompt=item.get("name")))
            case "resources/list":
                return self._filter(result, "resources", lambda item: self._may(now, resource=item.get("uri")))
            case "tools/call":
                self._note_task(result, call)
            case "tasks/list":
                return self._filter(result, "tasks", lambda item: item.get("taskId") in self._session.tasks)
        return False

    def _note_tools(self, tools: Any, call: Call) -> None:
        for tool in tools if isinstance(tools, list) else ():
            if isinstance(tool, dict) and isinstance(tool.get("name"), str):
                schemas = {key: tool[key] for key in ("inputSchema", "outputSchema") if key in tool}
                keep(self._session.tools, tool["name"], copy.deepcopy(schemas) if call.plan else schemas)

    def _note_task(self, result: dict[str, Any], call: Call) -> None:
        task = result.get("task")
        found = task.get("taskId") if isinstance(task, dict) else result.get("taskId")
        if isinstance(found, str):
            keep(self._session.tasks, found, call.plan)

    def _filter(self, result: dict[str, Any], key: str, keep: Any) -> bool:
        items = result.get(key)
        if not isinstance(items, list):
            return False
        kept = [item for item in items if isinstance(item, dict) and keep(item)]
        if len(kept) == len(items):
            return False
        result[key] = kept
        return True

    def _could(self, tool: dict[str, Any]) -> bool:
        name = tool.get("name")
        return isinstance(name, str) and self._session.bound.could(f"{self._session.server}/{name}")

    def _is_as_locked(self, tool: dict[str, Any], out: list[Effect]) -> bool:
        lock = self._session.lock
        if lock is None:
            return True
        how, news = lock.notice(tool)
        if news:
            out.append(Record(self._ledger.tool_changed(self._stream, str(tool["name"]), how, fingerprint(tool))))
        return lock.passes(how)

    def _may(self, now: datetime, **address: Any) -> bool:
        if not all(isinstance(value, str) for value in address.values()):
            return False
        decision = self._session.bound.decide(server=self._session.server, time=now, **address)
        return decision.effect != "deny"

    def _check_inputs(self, message: Message, call: Call, now: datetime) -> RefusedError | None:
        """The requests inside an `input_required` result need a rule each, as any request of the upstream's."""
        result = message.tree["result"]
        requests = result.get("inputRequests") if isinstance(result, dict) else None
        if not requests:
            return None
        for request in requests.values() if isinstance(requests, dict) else [None]:
            method = request.get("method") if isinstance(request, dict) else None
            allowed = isinstance(method, str) and allows_from_server(method, self._session, now)[0]
            if not allowed:
                return _not_allowed(method, call)
        return None

    def _refuse_answer(self, error: RefusedError, call: Call, key: Any, out: list[Effect]) -> bytes:
        self.unanswered.discard(key)
        out += [Record(self._ledger.refusal(error, call)), Record(self._ledger.ended(call, "refused"))]
        return write(refusal_answer(error, call.message, modern=self._modern))

    # -- what the upstream says of its own accord ------------------------------------------------------------------

    def _notification(self, message: Message, raw: bytes, now: datetime, out: list[Effect]) -> bytes | None:
        plan = self._plan
        allowed, own_plan = True, plan
        if notification_shape(message.method) is None or not self.unanswered:
            allowed, own_plan = allows_from_server(message.method, self._session, now)
        if notification_shape(message.method) is None and not allowed:
            self._withhold(f"a notification that no rule allows ({message.method[:64]})", out)
            return None
        return self._pass(message, raw, merge_plans(plan, own_plan), out)

    def _server_request(self, message: Message, raw: bytes, now: datetime, out: list[Effect]) -> bytes | None:
        if self._modern:
            self._withhold("a request, which MCP 2026-07-28 does not allow on a stream", out)
            return None
        plan: Mapping[str, str] = self._plan
        if message.method != "ping":
            allowed, own_plan = allows_from_server(message.method, self._session, now)
            if not allowed:
                self._decline(message, out)
                return None
            plan = merge_plans(plan, own_plan)
        if self._tells(message.id, plan):
            self._decline(message, out)
            return None
        released = self._pass(message, raw, plan, out)
        keep(self._session.awaited, key_of(message.id), message.method)
        token = message.meta.get("progressToken")
        if isinstance(token, (str, int)):
            keep(self._session.tokens, key_of(token), None)
        return released

    def _tells(self, rpc_id: Any, plan: Mapping[str, str]) -> bool:
        """Whether the upstream's own id, which the client has to repeat, says something that is masked."""
        masker = self._session.masker(plan)
        return masker is not None and isinstance(rpc_id, str) and masker.mask_text(rpc_id).changed

    def _decline(self, message: Message, out: list[Effect]) -> None:
        """Tell the upstream, which waits for an answer, that its request went no further."""
        error = _not_allowed(message.method, self._stream)
        headers = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")]
        if self._session.upstream_id is not None:
            headers.append(("mcp-session-id", self._session.upstream_id))
        if self._session.version is not None:
            headers.append(("mcp-protocol-version", self._session.version))
        out.append(Record(self._ledger.refusal(error, self._stream)))
        out.append(Answer(headers, write(error_answer(error, message.id))))

    def _pass(self, message: Message, raw: bytes, plan: Mapping[str, str], out: list[Effect]) -> bytes:
        if self._known is None:
            told = (word for call in self._calls.values() for word in call.known)
            self._known = frozenset(word for word in told if isinstance(word, str))
        masked = self._mask(message, plan, self._session.masker(plan), message.method, self._known, None)
        changed = masked is not None and masked.changed
        released = write(message.tree) if changed else raw
        self._record(self._stream, released, masked, raw if changed else None, out)
        return released

    # -- together --------------------------------------------------------------------------------------------------

    def _mask(
        self,
        message: Message,
        plan: Mapping[str, str],
        masker: masking.Masker | None,
        method: str,
        known: Any,
        schema: Any,
    ) -> Masked | None:
        if masker is None:
            return None
        return mask_message(
            message, masker=masker, plan=plan, sealer=self._session.sealer, method=method, known=known, schema=schema
        )

    def _record(
        self,
        call: Call,
        released: bytes,
        masked: Masked | None,
        original: bytes | None,
        out: list[Effect],
        outcome: str = "",
    ) -> None:
        charge(call, len(released), out)
        out.append(Record(self._ledger.response(call, released, masked, original, outcome)))
        if masked is not None and (masked.findings or masked.withheld):
            out.append(Record(self._ledger.masking(call, masked)))

    def _withhold(self, what: str, out: list[Effect]) -> None:
        error = RefusedError("GT301", f"The server sent {what}; it was withheld.", rpc_code=UPSTREAM_WITHHELD)
        out.append(Record(self._ledger.refusal(error, self._stream)))


def _not_allowed(method: Any, call: Call) -> RefusedError:
    """Only names of MCP's own are repeated: what else a server says is not for the client."""
    name = method if isinstance(method, str) and method in REQUESTS and method else "something"
    return RefusedError(
        "GT202",
        f"The server asked for {name}, which no rule allows.",
        f'A rule with `method "{name}"` would.',
        rpc_code=REFUSED,
        decision=call.decision_id,
    )


def withheld(error: GateError) -> RefusedError:
    """What a client is told of an upstream's message that cannot be read."""
    return RefusedError("GT301", f"The server's answer was withheld: {error.message}", rpc_code=UPSTREAM_WITHHELD)
