"""Whatever ends an exchange, wherever: no upstream call is left running, none unrecorded, nothing released unseen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gate
from gate.exchange import TABLE
from tests.gate.conftest import DEFAULT, NOW, call, modern, result, session, sse

POLICY = """rule "updates" { command "ehr/echo"
    allow
    mask ssn
    limit 5 per 1h
    grant "writer" for 10m
    require approval from "privacy" }
rule "reads" { command "ehr/read"
    allow
    mask ssn }"""
SECRET = "123-45-6789"
ANSWER = result(f"SSN {SECRET} in the answer")
JSON, STREAM = [("content-type", "application/json")], [("content-type", "text/event-stream")]


def _requests() -> dict[str, gate.ClientRequest]:
    one, headers = modern(call())
    body = json.dumps(call()).encode()
    return {
        "legacy": gate.ClientRequest(DEFAULT, body),
        "modern": gate.ClientRequest((*DEFAULT, *headers), json.dumps(one).encode()),
        "with progress": gate.ClientRequest(DEFAULT, json.dumps(call(_meta={"progressToken": 1})).encode()),
        "a batch": gate.ClientRequest(DEFAULT, json.dumps([call("read", rpc_id=1), call("read", rpc_id=2)]).encode()),
        "a batch, partly refused": gate.ClientRequest(
            DEFAULT, json.dumps([call("read", rpc_id=1), call("delete", rpc_id=2)]).encode()
        ),
        "a notification": gate.ClientRequest(DEFAULT, b'{"jsonrpc":"2.0","method":"notifications/initialized"}'),
        "a stream of the session's": gate.ClientRequest(DEFAULT, b"", "GET"),
    }


REQUESTS = _requests()
BODIES = {
    "json": (JSON, json.dumps(ANSWER).encode()),
    "stream": (STREAM, sse(ANSWER)),
    "resumable": (STREAM, b"id: 1\ndata: \n\n" + sse(ANSWER, event_id="2")),
    "nonsense": (JSON, b"<html>"),
    "empty": (JSON, b""),
}


ENDS = (gate.UpstreamEnded, gate.UpstreamAnswered, gate.UpstreamFailed)


class World:
    """Performs effects as the pump does, and remembers what could not be taken back.

    The answer comes in pieces of `size` bytes, and whole where that is 0.
    """

    def __init__(self, request: str, body: str, size: int = 1 << 20) -> None:
        self.session = session(POLICY, client_id="c", upstream_id="u", version=None)
        self.exchange = gate.open(self.session.principal, self.session, NOW)
        self.request = REQUESTS[request]
        headers, data = BODIES[body]
        self._whole = data if size == 0 else None
        self._pieces = [data[at : at + size] for at in range(0, len(data), size)] if size else []
        self._headers = headers
        self.durable: list[Any] = []
        self.upstream = ""  # "", "running", "ended" or "cancelled"
        self.starts = 0
        self.sent = b""
        self.gone = self.unrecordable = False

    def happens(self, event: gate.Event) -> None:
        self.gone |= isinstance(event, gate.ClientGone)
        self.unrecordable |= isinstance(event, gate.RecordFailed) and (self.exchange.state, type(event)) in TABLE
        if isinstance(event, ENDS) and self.upstream == "running":
            self.upstream = "ended"
        for effect in self.exchange.receive(event):
            self._perform(effect)

    def _perform(self, effect: gate.Effect) -> None:
        match effect:
            case gate.Record():
                assert not self.unrecordable
                self.durable.append(effect.entry)
            case gate.Forward():
                assert self.calls("request"), "forwarded before it was recorded"
                assert self.upstream == ""
                self.upstream = "running"
            case gate.CancelUpstream():
                self.upstream = "cancelled" if self.upstream == "running" else self.upstream
            case gate.Start():
                self.starts += 1
            case gate.Send():
                assert b"in the answer" not in effect.data or self.calls("response"), "released before it was recorded"
                self.sent += effect.data

    def calls(self, kind: str) -> list[str]:
        return [entry.metadata["call"] for entry in self.durable if entry.kind == kind]

    def next(self) -> gate.Event:
        """What happens if all goes well."""
        match self.exchange.state:
            case "new":
                return self.request
            case "holding":
                return gate.ApprovalGiven("AP1", ("dana",))
            case "spending":
                return gate.LimitsHeld()
            case "consuming":
                return gate.ApprovalConsumed("AP1")
            case "leasing":
                return gate.Leased([("authorization", "Bearer lent")], "L1")
            case "forwarding" if self._whole is not None:
                return gate.UpstreamAnswered(200, self._headers, self._whole)
            case "forwarding":
                return gate.UpstreamStarted(200, self._headers)
            case _:
                return gate.UpstreamData(self._pieces.pop(0)) if self._pieces else gate.UpstreamEnded()

    def check(self) -> None:
        """Everything that must hold once the exchange is over."""
        assert self.exchange.done
        assert self.upstream != "running", "the upstream's call is an orphan"
        assert SECRET.encode() not in self.sent
        assert self.gone or self.starts == 1
        assert len(self.session.underway) == 0, "an id that is never free again"
        ended = self.calls("call.ended")
        assert len(set(ended)) == len(ended), "a call ended twice"
        if not self.unrecordable:
            kept = {call.id for call in self.session.unfinished.values()}
            assert set(self.calls("request")) <= set(ended) | kept, "a call that never ended"
            assert not set(ended) & kept


EVENTS: dict[type, Any] = {
    gate.ClientGone: gate.ClientGone(),
    gate.RecordFailed: gate.RecordFailed("The disk is full."),
    gate.Revoked: gate.Revoked("The approval was taken back."),
    gate.SessionOver: gate.SessionOver(),
    gate.UpstreamFailed: gate.UpstreamFailed("The server broke off."),
    gate.UpstreamStarted: gate.UpstreamStarted(500, JSON),
    gate.UpstreamData: gate.UpstreamData(b"{"),
    gate.UpstreamEnded: gate.UpstreamEnded(),
    gate.UpstreamAnswered: gate.UpstreamAnswered(200, *BODIES["json"]),
    gate.ApprovalWaiting: gate.ApprovalWaiting("AP1", 5.0),
    gate.ApprovalGiven: gate.ApprovalGiven("AP1", ("dana",)),
    gate.ApprovalConsumed: gate.ApprovalConsumed("AP1"),
    gate.ApprovalRefused: gate.ApprovalRefused("AP1", "no", "dana"),
    gate.ApprovalPending: gate.ApprovalPending("AP1"),
    gate.LimitsHeld: gate.LimitsHeld(),
    gate.LimitReached: gate.LimitReached("updates", "spent"),
    gate.Leased: gate.Leased([], "L2"),
    gate.LeaseFailed: gate.LeaseFailed("none"),
    gate.ClientRequest: REQUESTS["legacy"],
}
STATES = [state for state in dict.fromkeys(state for state, _ in TABLE) if state != "done"]


def _to(world: World, state: str) -> None:
    while world.exchange.state != state:
        world.happens(world.next())


def test_every_event_of_the_gate_is_tried_here() -> None:
    assert set(EVENTS) == {event for _, event in TABLE}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("request_", ["legacy", "modern", "with progress"])
def test_every_event_in_every_state_expected_or_not_leaves_nothing_behind(
    request_: str, state: str, event: type
) -> None:
    world = World(request_, "stream")
    _to(world, state)
    world.happens(EVENTS[event])
    for _ in range(10):
        if not world.exchange.done:
            world.happens(world.next())
    world.check()
    if event in (gate.ClientGone, gate.RecordFailed, gate.Revoked, gate.SessionOver):
        assert world.exchange.failure == "" or (state, event) not in TABLE


@given(
    request=st.sampled_from(sorted(REQUESTS)),
    body=st.sampled_from(sorted(BODIES)),
    size=st.integers(0, 60),
    steps=st.integers(0, 30),
    event=st.sampled_from(sorted(EVENTS, key=lambda kind: kind.__name__)),
    after=st.lists(st.sampled_from(sorted(EVENTS, key=lambda kind: kind.__name__)), max_size=4),
)
def test_whatever_happens_whenever_leaves_nothing_behind(
    request: str, body: str, size: int, steps: int, event: type, after: list[type]
) -> None:
    world = World(request, body, size)
    for _ in range(steps):
        if not world.exchange.done:
            world.happens(world.next())
    if not world.exchange.done:
        world.happens(EVENTS[event])
    for _ in range(400):
        if not world.exchange.done:
            world.happens(world.next())
    world.check()
    for kind in after:
        if kind is not gate.RecordFailed:  # that of the last effects, which is tried above
            before = len(world.durable), world.sent
            world.happens(EVENTS[kind])
            assert world.upstream != "running"
            assert world.exchange.done
            assert (
                kind not in (gate.ClientGone, gate.Revoked, gate.SessionOver)
                or (len(world.durable), world.sent) == before
            )
