"""Approvals over HTTP, for whoever is not on the gate's machine: the same commands, with a person's token alone.

A name is never believed here, and nobody sees a call that does not wait for a group of theirs. There is no cookie, so
a browser that is led here carries nothing along. A request with an `Idempotency-Key` is done once for its person: sent
again it gets the first answer (draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import recorder
from adapter_asgi.approvals.asked import spell
from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.doors import Doors
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.people import Approver
from adapter_asgi.errors import AdapterError
from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.token import bearer

__all__ = ["PATH", "Api"]

PATH = "/api/approvals"
_MAX = 16 * 1024
_MAX_KEY = 255
_MOST_DONE = 10_000
_STATUS = {"APR01": 404, "APR02": 409, "APR05": 409, "APR08": 400, "APR10": 400, "APR11": 409, "APR13": 422}


class Api:
    """`POST /api/approvals` with `{"do": COMMAND, …}` and a Bearer token; the answers of the local socket.

    `refused(error, peer)` hears of every token that is not accepted, and says in the error where the metadata is.
    """

    def __init__(
        self, desk: ApprovalDesk, doors: Doors, refused: Callable[[IdentityError, str], None] = lambda *_: None
    ) -> None:
        self._desk, self._doors, self._refused = desk, doors, refused
        self._done: OrderedDict[tuple[str, str], tuple[str, asyncio.Task[Any]]] = OrderedDict()

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route(PATH, self._serve, methods=["POST"])]

    async def _serve(self, http: Request) -> Response:
        try:
            asked = {**await _body(http), "token": bearer(http.headers.get("authorization")), "as": ""}
            return _answer({"ok": await self._do_once(http.headers.get("idempotency-key", ""), asked)})
        except IdentityError as error:
            self._refused(error, http.client.host if http.client else "")
            return _failed("APR12", error.public, error.status, {"WWW-Authenticate": error.challenge})
        except AdapterError as error:
            return _failed(error.code, error.message, _STATUS.get(error.code, 403), help_=error.help)
        except recorder.RecorderError:
            return _failed("ADM05", "nothing was done, for it cannot be recorded", 503)

    async def _do_once(self, key: str, asked: Mapping[str, Any]) -> Any:
        person = await self._doors.who(asked, "")
        if not key:
            return await self._do(asked, person)
        if len(key) > _MAX_KEY:
            raise ApprovalError("APR10", "the Idempotency-Key is too long")
        what = spell({name: value for name, value in asked.items() if name != "token"})
        place = (person.ids[0], key)
        if place not in self._done:
            task = asyncio.ensure_future(self._do(asked, person))
            task.add_done_callback(lambda done: self._forget_failure(place, done))
            self._done[place] = what, task
            if len(self._done) > _MOST_DONE:
                self._done.popitem(last=False)
        first, task = self._done[place]
        if first != what:
            raise ApprovalError("APR13", "this Idempotency-Key was used for another request")
        return await asyncio.shield(task)

    def _forget_failure(self, place: tuple[str, str], task: asyncio.Task[Any]) -> None:
        """What the gate could not do may be tried again; a refusal is an answer."""
        if task.cancelled() or not isinstance(task.exception(), AdapterError | None):
            self._done.pop(place, None)

    async def _do(self, asked: Mapping[str, Any], person: Approver) -> Any:
        handler = self._doors.handlers().get(str(asked.get("do")))
        if handler is None:
            raise ApprovalError("APR10", "there is no such command")
        if asked["do"] == "approvals.list":
            return [row for row in await handler(asked, "") if await self._concerns(row["id"], person)]
        if not await self._concerns(str(asked.get("id")), person):
            raise ApprovalError("APR04", "this call does not wait for a group of yours")
        return await handler(asked, "")

    async def _concerns(self, id_: str, person: Approver) -> bool:
        return self._desk.concerns(await self._desk.show(id_), person)


async def _body(http: Request) -> dict[str, Any]:
    length = http.headers.get("content-length", "")
    if not length.isdigit() or int(length) > _MAX:
        raise ApprovalError("APR10", "the request is too large, or does not say how large it is")
    try:
        value = json.loads(await http.body())
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ApprovalError("APR10", "the request is not a JSON object")
    return value


def _failed(
    code: str, message: str, status: int, headers: Mapping[str, str] | None = None, help_: str = ""
) -> Response:
    return _answer({"error": {"code": code, "message": message, "help": help_}}, status, headers)


def _answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    more = {"Cache-Control": "no-store", **(headers or {})}
    return Response(spell(body), status, more, media_type="application/json")
