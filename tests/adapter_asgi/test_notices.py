"""Notices over Apprise tell that a call waits and where to look, and nothing that identifies anybody."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from holding import Office, hold, person
from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapter_asgi import settings as configuration
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.notices import Notices

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a plugin of Apprise's, as it is imported


class Receiver:
    """What Apprise's `json://` sends; `status` is what it is answered with."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.status = 200
        self.app = Starlette(routes=[Route("/", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        self.got.put_nowait(json.loads(await request.body()))
        return Response(status_code=self.status)


async def test_it_is_told_that_a_call_waits_without_its_arguments() -> None:
    receiver, office = Receiver(), Office()
    async with serving(receiver.app) as url:
        notices = Notices([url.replace("http:", "json:")], "https://gate.example/approvals")
        office.desk.listen(notices)
        async with notices.running():
            ticket = await office.desk.submit(hold(command="ehr/<a href='https://evil'>x</a>"))
            told = await receiver.got.get()
            await office.desk.approve(ticket.id, person("dana"))
            await office.desk.revoke(ticket.id, person("omar"), "Ann Example is the wrong patient")
            taken_back = await receiver.got.get()
    assert told["title"] == "A call waits for approval"
    assert told["message"].splitlines() == [
        "ehr/?a?href??https?//evil??x?/a?",
        "1 of privacy (r)",
        "until 2027-01-15T08:30:00Z",
        f"https://gate.example/approvals/{ticket.id}",
    ]
    assert taken_back["title"] == "An approval was taken back"
    assert "Ann" not in json.dumps([told, taken_back])
    assert "alice" not in json.dumps([told, taken_back])


async def test_who_cannot_be_reached_is_logged_and_holds_nothing_up(caplog: pytest.LogCaptureFixture) -> None:
    receiver, office = Receiver(), Office()
    receiver.status = 500
    async with serving(receiver.app) as url:
        notices = Notices([url.replace("http:", "json:")])
        office.desk.listen(notices)
        async with notices.running():
            await office.desk.submit(hold())
            assert f"hoopgate approvals show {office.store.all()[0].id}" in (await receiver.got.get())["message"]
            receiver.status = 200
            await office.desk.submit(hold(digest="e" * 64, arguments={"id": 8}))
            await receiver.got.get()
    assert "did not reach everybody" in caplog.text


def test_an_address_that_nobody_knows_is_refused_without_repeating_it() -> None:
    with pytest.raises(ApprovalError, match="APR31") as caught:
        Notices(["json://127.0.0.1:1", "nonsense://s3cret@host"])
    assert "address 2" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ApprovalError, match=r"hoopgate\[notify\]"):
        Notices(["json://127.0.0.1:1"])


def test_the_addresses_are_secrets(tmp_path: Path) -> None:
    file = tmp_path / "hoopgate.toml"
    file.write_text('policy = "p"\nstore = "s"\nnotify = ["slack://t0ken"]\n[identity.unsafe_loopback]\n')
    settings = configuration.load(file, {})
    assert "t0ken" not in repr(settings)
    assert settings.notify[0].get_secret_value() == "slack://t0ken"


async def test_it_is_told_that_somebody_tries_tokens() -> None:
    receiver = Receiver()
    async with serving(receiver.app) as url:
        notices = Notices([url.replace("http:", "json:")])
        async with notices.running():
            notices.failed("2001:db8::7", 20)
            told = await receiver.got.get()
    assert (told["title"], told["message"]) == ("Somebody tries tokens", "20 failed authentications from 2001:db8::7")
