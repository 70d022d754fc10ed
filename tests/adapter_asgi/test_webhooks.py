"""Webhooks tell, signed, again when need be, and never hold anything up."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from holding import Office, hold, person
from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from whole import whole

from adapter_asgi.approvals.webhooks import Receiver, Webhooks, signature

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


class Double:
    """A receiver that checks signatures and fails as often as it is told to."""

    def __init__(self) -> None:
        self.failures = 0
        self.got: list[tuple[str, Any]] = []
        self.tries: list[str] = []
        self.app = Starlette(routes=[Route("/hook", self.hook, methods=["POST"])])

    async def hook(self, request: Request) -> Response:
        body, sent = await request.body(), request.headers
        id_, timestamp = sent["webhook-id"], sent["webhook-timestamp"]
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        tag = hmac.digest(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256)
        assert sent["webhook-signature"] == f"v1,{base64.b64encode(tag).decode()}"
        self.tries.append(id_)
        if len(self.tries) <= self.failures:
            return Response(status_code=500)
        self.got.append((id_, json.loads(body)))
        return Response(status_code=204)


@pytest.fixture
async def double() -> AsyncIterator[tuple[Double, Webhooks, list[float]]]:
    made, pauses = Double(), []  # type: ignore[var-annotated]

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async with serving(made.app) as url, aiohttp.ClientSession() as client:
        yield made, Webhooks([Receiver(f"{url}/hook", SECRET)], client, pause=pause), pauses


def test_the_signature_is_that_of_the_specification_s_example() -> None:
    body = b'{"test": 2432232314}'
    made = signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_what_happens_to_an_approval_is_told_without_its_arguments(
    double: tuple[Double, Webhooks, list[float]],
) -> None:
    made, webhooks, _ = double
    office = Office()
    office.desk.listen(webhooks)
    ticket = await office.desk.submit(hold())
    await office.desk.refuse(ticket.id, person("dana"), "the secret reason")
    while not webhooks._waiting.empty():
        assert await webhooks.deliver(*webhooks._waiting.get_nowait())
    assert [body["type"] for _, body in made.got] == ["approval.requested", "approval.refused"]
    assert made.got[0][1]["data"]["id"] == ticket.id
    assert "Ann Example" not in repr(made.got)
    assert "secret reason" not in repr(made.got)


async def test_a_delivery_is_tried_again_under_the_same_id(double: tuple[Double, Webhooks, list[float]]) -> None:
    made, webhooks, pauses = double
    made.failures = 2
    [receiver] = webhooks._receivers
    assert await webhooks.deliver(receiver, "msg_1", b"{}")
    assert made.tries == ["msg_1"] * 3
    assert pauses == [1.0, 5.0]


async def test_a_receiver_that_never_accepts_is_given_up(
    double: tuple[Double, Webhooks, list[float]], caplog: pytest.LogCaptureFixture
) -> None:
    made, webhooks, pauses = double
    made.failures = 99
    [receiver] = webhooks._receivers
    assert not await webhooks.deliver(receiver, "msg_1", b"{}")
    assert len(pauses) == 4
    assert "msg_1" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in repr(receiver)


async def test_receivers_that_are_too_slow_lose_the_oldest_and_hold_nothing_up(
    double: tuple[Double, Webhooks, list[float]],
) -> None:
    _, webhooks, _ = double
    office = Office()
    ticket = await office.desk.submit(hold())
    asked = await office.desk.show(ticket.id)
    for _ in range(1_010):
        webhooks("requested", asked)
    assert webhooks._waiting.qsize() == 1_000


async def test_whoever_tries_tokens_raises_an_alert_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got: asyncio.Queue[Any] = asyncio.Queue()

    async def hook(request: Request) -> Response:
        got.put_nowait(await request.json())
        return Response(status_code=204)

    receiver = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    policy = 'rule "r" { command "ehr/read"\n allow\n mask all }\n'
    async with serving(receiver) as url:
        more = f'[[webhooks]]\nurl = "{url}/hook"\nsecret = "{SECRET}"\n'
        async with whole(tmp_path, monkeypatch, receiver, policy, more) as gate:
            for _ in range(30):
                async with gate.call("x.y.z") as answer:
                    assert answer.status == 401
            message = await got.get()
            assert got.empty()
    assert (message["type"], message["data"]) == ("authentication.failures", {"source_ip": "127.0.0.1", "count": 20})
