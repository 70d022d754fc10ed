"""Telling people that a call waits, over whatever they read: Slack, Teams, e-mail and the rest that Apprise speaks.

Notices tell and never decide. They hold the tool's name, the rule, the groups and where to look: no argument, no
reason, nothing of the caller's choosing but the tool's name, and of that no character that could make a link. Whoever
cannot be reached is logged; nothing in the gate waits for it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from adapter_asgi.approvals.asked import Asked, moment
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.background import in_background

__all__ = ["Notices"]

_TITLES = {
    "requested": "A call waits for approval",
    "break-glass": "The glass was broken: a call was approved in an emergency",
    "revoked": "An approval was taken back",
}
_QUEUE = 1_000
_LONGEST = 120
_UNSAFE = re.compile(r"[^A-Za-z0-9_./-]")

_log = logging.getLogger(__name__)


class Notices:
    """A `Listener` of the desk. `urls` are Apprise's; `where` is the page on which one decides, "" where there is none.

    Raises `ApprovalError` APR30 (Apprise is not installed), APR31 (it does not know one of the addresses).
    """

    def __init__(self, urls: Sequence[str], where: str = "") -> None:
        try:
            from apprise import Apprise
        except ImportError:
            raise ApprovalError("APR30", "notify needs Apprise", "pip install 'hoopgate[notify]'") from None
        self._apprise, self._where = Apprise(), where
        for number, url in enumerate(urls, 1):
            if not self._apprise.add(url):
                help_ = "https://appriseit.com lists what it can be"
                raise ApprovalError("APR31", f"notify: address {number} is not one that Apprise knows", help_)
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_QUEUE)

    def __call__(self, event: str, asked: Asked) -> None:
        """Queue a notice, where the event is one that people should hear of."""
        if event in _TITLES:
            self._queue(_TITLES[event], self._body(asked))

    def failed(self, peer: str, count: int) -> None:
        """Failed authentications from one address passed the threshold."""
        self._queue("Somebody tries tokens", f"{count} failed authentications from {_address(peer)}")

    def _queue(self, title: str, body: str) -> None:
        if self._waiting.full():
            self._waiting.get_nowait()
            _log.warning("a notice was lost: those who are told are too slow")
        self._waiting.put_nowait((title, body))

    def running(self) -> AbstractAsyncContextManager[None]:
        """Deliver while inside."""
        return in_background(self._deliver_all)

    async def _deliver_all(self) -> None:
        while True:
            title, body = await self._waiting.get()
            if not await self._apprise.async_notify(title=title, body=body, body_format="text"):
                _log.warning("a notice did not reach everybody: %s", title)

    def _body(self, asked: Asked) -> str:
        needs = [f"{demand.count} of {', '.join(demand.groups)} ({demand.rule})" for demand in asked.demands]
        look = f"{self._where}/{asked.id}" if self._where else f"hoopgate approvals show {asked.id}"
        lines = [_safe(asked.command), *map(_words, needs), f"until {moment(asked.expires)}", look]
        return "\n".join(lines)


def _address(peer: str) -> str:
    try:
        return str(ipaddress.ip_address(peer))
    except ValueError:
        return "nowhere"


def _safe(name: str) -> str:
    return _UNSAFE.sub("?", name)[:_LONGEST]


def _words(text: str) -> str:
    """The policy's own words, on one line."""
    return "".join(c if c.isprintable() else "?" for c in text)[: 2 * _LONGEST]
