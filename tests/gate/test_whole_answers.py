"""An answer that comes at once is what it is in pieces: the same records, the same release, the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import gate
from tests.gate.conftest import Script, call, result, sse

JSON, STREAM = ("content-type", "application/json"), ("content-type", "text/event-stream")
CLEAR = result("nothing to see")
SECRET = result("SSN 123-45-6789")
POLICY = 'rule "all" { server "ehr"\n allow\n mask all }'
ANSWERS: dict[str, tuple[int, list[tuple[str, str]], bytes]] = {
    "clear": (200, [JSON], json.dumps(CLEAR).encode()),
    "masked": (200, [JSON], json.dumps(SECRET).encode()),
    "a stream": (200, [STREAM], sse(SECRET)),
    "an error": (200, [JSON], b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}'),
    "another's": (200, [JSON], json.dumps(result("x", 2)).encode()),
    "nonsense": (200, [JSON], b"<html>"),
    "nothing": (200, [JSON], b""),
    "accepted": (202, [], b""),
    "a redirect": (302, [("location", "http://elsewhere.example/")], b""),
    "compressed": (200, [JSON, ("content-encoding", "gzip")], b"\x1f\x8b"),
    "not allowed": (401, [JSON], b"{}"),
    "an error's page": (500, [("content-type", "text/plain")], b"ask 123-45-6789"),
    "too large": (200, [JSON], json.dumps(result("x" * 5000)).encode()),
}


def _said(run: Script) -> list[Any]:
    """What the exchange asked for, without the ids that differ by chance; an upstream that is done needs no cancel."""
    ids = ("call", "decision")
    said: list[Any] = []
    for effect in run.effects:
        if isinstance(effect, gate.Record):
            about = {name: value for name, value in effect.entry.metadata.items() if name not in ids}
            said.append((effect.entry.kind, about, effect.entry.original))
        elif not isinstance(effect, gate.CancelUpstream):
            said.append(effect)
    return [one for one in said if not isinstance(one, gate.Send)]


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_that_comes_at_once_is_what_it_is_in_pieces(script: Callable[..., Script], kind: str) -> None:
    status, headers, body = ANSWERS[kind]
    pieces, whole = (script(POLICY, gate.Limits(message=4096)) for _ in range(2))
    for run in (pieces, whole):
        run.asks(call())
        assert run.exchange.state == "forwarding"
    for event in (gate.UpstreamStarted(status, headers), gate.UpstreamData(body), gate.UpstreamEnded()):
        if not pieces.exchange.done and event != gate.UpstreamData(b""):
            pieces.happens(event)
    whole.happens(gate.UpstreamAnswered(status, headers, body))
    assert whole.exchange.done
    assert _said(whole) == _said(pieces)
    assert b"123-45-6789" not in whole.sent + pieces.sent
    if b"decision" not in whole.sent:
        assert whole.sent == pieces.sent
    assert whole.records.count("call.ended") == 1


def test_a_stream_that_came_at_once_and_answers_nothing_is_refused_before_it_begins(
    script: Callable[..., Script],
) -> None:
    run = script(POLICY)
    run.asks(call())
    run.happens(gate.UpstreamAnswered(200, [STREAM], b": nothing\n\n"))
    assert (run.status, run.reply["error"]["data"]["code"]) == (502, "GT300")


def test_only_an_upstream_that_was_asked_answers(script: Callable[..., Script]) -> None:
    run = script(POLICY)
    run.happens(gate.UpstreamAnswered(200, [JSON], json.dumps(SECRET).encode()))
    assert run.exchange.done
    assert b"SSN" not in run.sent


def test_its_weight_is_its_body_where_something_is_masked(script: Callable[..., Script]) -> None:
    event = gate.UpstreamAnswered(200, [JSON], b"x" * 100)
    for policy, weight in ((POLICY, 100), (POLICY.replace("all }", "none }"), 0)):
        run = script(policy)
        assert run.exchange.weight(event) == 0
        run.asks(call())
        assert run.exchange.weight(event) == weight
