"""The ways in which a decision reaches the desk: the local socket and the HTTP API, with one set of handlers.

A handler takes the request as JSON and says who decides: a person's token (`token`), or on the local socket a name that
is only asserted (`as`). The name is never believed from anywhere else.

Arguments are shown whole on the socket: whoever can open it has the gate's keys, and what they see is on record. From
elsewhere what identifies patients is masked until the approver says why they need to see it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from adapter_asgi.approvals.asked import STATES
from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.people import Approver, from_token, locally
from adapter_asgi.identity.authenticator import Verified

__all__ = ["Doors", "Verify"]

Verify = Callable[[str], Awaitable[Verified]]


class Doors:
    """Handlers for what people do with approvals. `mask` takes arguments and gives them masked whole."""

    def __init__(self, desk: ApprovalDesk, verify: Verify, mask: Callable[[Any], Any] = lambda _: None) -> None:
        self._desk, self._verify, self._mask = desk, verify, mask

    def handlers(self) -> dict[str, Callable[[Mapping[str, Any], str], Awaitable[Any]]]:
        """By name, for the local socket."""
        return {
            "approvals.list": self.list,
            "approvals.show": self.show,
            "approvals.approve": self.approve,
            "approvals.refuse": self.refuse,
            "approvals.revoke": self.revoke,
            "approvals.break-glass": self.break_glass,
            "approvals.review": self.review,
        }

    async def list(self, request: Mapping[str, Any], _: str) -> Any:
        """Every approval, without arguments; `states` narrows it."""
        states = request.get("states") or []
        if not isinstance(states, list) or any(state not in STATES for state in states):
            raise ApprovalError("APR10", "there is no such state", f"states are {', '.join(STATES)}")
        return [asked.to_json() for asked in await self._desk.list(states)]

    async def show(self, request: Mapping[str, Any], user: str) -> Any:
        """One approval with its arguments; who saw them unmasked, and why, is a record."""
        who = (await self.who(request, user)).name if request.get("token") else user
        asked, reason = await self._desk.show(_id(request)), _reason(request)
        masked = not user and not reason.strip()
        if masked:
            asked = replace(asked, arguments=self._mask(asked.arguments))
        else:
            await self._desk.record_reading(asked, who, reason, via="command line" if user else "api")
        return {**asked.to_json(whole=True), "masked": masked}

    async def approve(self, request: Mapping[str, Any], user: str) -> Any:
        """Count a word."""
        approver = await self.who(request, user)
        return (await self._desk.approve(_id(request), approver)).to_json()

    async def refuse(self, request: Mapping[str, Any], user: str) -> Any:
        """Refuse, with the reason."""
        approver = await self.who(request, user)
        return (await self._desk.refuse(_id(request), approver, _reason(request))).to_json()

    async def revoke(self, request: Mapping[str, Any], user: str) -> Any:
        """Take an approval back."""
        approver = await self.who(request, user)
        return (await self._desk.revoke(_id(request), approver, _reason(request))).to_json()

    async def break_glass(self, request: Mapping[str, Any], user: str) -> Any:
        """Approve alone, for review later."""
        approver = await self.who(request, user)
        return (await self._desk.break_glass(_id(request), approver, _reason(request))).to_json()

    async def review(self, request: Mapping[str, Any], user: str) -> Any:
        """Sign off a broken glass."""
        return (await self._desk.review(_id(request), await self.who(request, user))).to_json()

    async def who(self, request: Mapping[str, Any], user: str) -> Approver:
        """Whose decision this is. A token goes before a name. Raises `ApprovalError` APR10, `IdentityError`."""
        token, name = request.get("token"), request.get("as")
        if isinstance(token, str) and token:
            verified = await self._verify(token)
            if verified.issuer.caller != "person":
                help_ = 'sign in where people do: an [identity.…] table with caller = "person"'
                raise ApprovalError("APR04", "the token is not a person's, and only people approve", help_)
            return from_token(verified)
        if user and isinstance(name, str) and name.strip():
            return locally(name.strip(), user)
        raise ApprovalError("APR10", "who decides?", "set HOOPGATE_TOKEN, or name yourself with --as NAME")


def _id(request: Mapping[str, Any]) -> str:
    return str(request.get("id"))


def _reason(request: Mapping[str, Any]) -> str:
    return str(request.get("reason") or "")
