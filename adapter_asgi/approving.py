"""The approvals' part of the gate, put together: the desk, what it keeps, who decides there and who is told."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, nullcontext
from typing import NamedTuple

import aiohttp

import gate
from adapter_asgi.approvals.desk import ApprovalDesk, Evidence
from adapter_asgi.approvals.freeze import Freeze
from adapter_asgi.approvals.notices import Notices
from adapter_asgi.approvals.people import People
from adapter_asgi.approvals.reconcile import end, ended_in
from adapter_asgi.approvals.store import ApprovalStore
from adapter_asgi.approvals.webhooks import Receiver, Webhooks
from adapter_asgi.identity.failures import Failures
from adapter_asgi.policy import PolicyHolder
from adapter_asgi.settings import Settings
from adapter_asgi.signing_in import decisions_page
from adapter_asgi.state import State
from adapter_asgi.workers.circle import Circle

__all__ = ["Approving", "approving"]


class Approving(NamedTuple):
    """Where calls wait for persons."""

    desk: ApprovalDesk
    store: ApprovalStore
    people: People


async def approving(
    settings: Settings,
    state: State,
    log: Evidence,
    holder: PolicyHolder,
    failures: Failures,
    client: aiohttp.ClientSession,
    circle: Circle | None,
    stack: AsyncExitStack,
) -> Approving:
    """What waits is as the evidence says, people are told, another policy voids; `stack` closes what was opened."""
    file, key = state.file("approvals.sqlite"), state.key("approvals")
    store = ApprovalStore(file, key, followed=circle is not None)
    stack.callback(store.close)
    ended = await asyncio.to_thread(ended_in, store, settings.store)
    async with nullcontext() if circle is None else circle.desk_turn:  # what another worker is about to end has ended
        end(store, ended)
    people = People(settings.approvers, settings.people, settings.roles.get("auditor", ()))
    freezes = [Freeze(start, end) for start, end in settings.freeze]
    desk = ApprovalDesk(
        store,
        log,
        people,
        proven=settings.independence == "proven",
        freezes=freezes,
        changing=None if circle is None else circle.desk_turn,
        news=_nobody if circle is None else circle.peers.tell,
    )
    holder.listen(lambda policy: desk.adopt(lambda asked: gate.digest_under(asked.basis, policy)))
    webhooks = Webhooks([Receiver(hook.url, hook.secret.get_secret_value()) for hook in settings.webhooks], client)
    desk.listen(webhooks)
    failures.listen(webhooks.failed)
    await stack.enter_async_context(webhooks.running())
    if settings.notify:
        notices = Notices([url.get_secret_value() for url in settings.notify], decisions_page(settings))
        desk.listen(notices)
        failures.listen(notices.failed)
        await stack.enter_async_context(notices.running())
    return Approving(desk, store, people)


def _nobody() -> None:
    """There is no other worker to tell."""
