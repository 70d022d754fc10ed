"""What a gate does before it serves and after: the store and its state opened, what was left open ended, all recorded.

`hoopgate serve` and the ASGI middleware share it: the one has a listener and signals of its own, the other a host's.
"""

from __future__ import annotations

import contextlib
import getpass
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from importlib.metadata import version

import masking
import policy_lang
import recorder
from adapter_asgi.app import Gate, opened
from adapter_asgi.evidence import anchors, open_keys, retained
from adapter_asgi.settings import Settings
from adapter_asgi.sole_path import open_upstreams
from adapter_asgi.state import State
from adapter_asgi.upstream import Upstream

__all__ = ["opened_store", "standing"]

_log = logging.getLogger("hoopgate")


@contextlib.contextmanager
def opened_store(settings: Settings) -> Iterator[tuple[recorder.Log, State]]:
    """The evidence and the state beside it, for this process alone; what an earlier one left open has its end."""
    keys = open_keys(settings)
    with (
        contextlib.closing(State(settings.state, settings.keys)) as state,
        recorder.open(settings.store, keys=keys, anchors=anchors(settings), quota=settings.quota) as log,
    ):
        _recover(log)
        yield log, state


@contextlib.asynccontextmanager
async def standing(
    settings: Settings,
    policy: policy_lang.Policy,
    ner: masking.Engine | None,
    store: tuple[recorder.Log, State],
    via: str,
    inner: Mapping[str, Upstream] | None = None,
) -> AsyncIterator[Gate]:
    """A gate that is ready to serve, its start and its end on record. `inner` are servers in this process."""
    log, state = store
    async with retained(log, settings.retain_days), opened(settings, policy, ner, log, state, inner) as gate:
        await gate.policy.activate(log, getpass.getuser(), via)
        _note(log, "gate.started", settings, **await _sole_path(settings))
        yield gate
    _note(log, "gate.stopped", settings)


def _recover(log: recorder.Log) -> None:
    """Calls that a killed gate left open get their end in the evidence, before the first new call."""
    for call in log.open_calls():
        about = {"call": call.call, "server": call.server, "command": call.command, "method": call.method}
        metadata = {name: value for name, value in about.items() if value is not None}
        log.append(recorder.Entry("call.interrupted", call.session, {**metadata, "outcome": "interrupted"}))


async def _sole_path(settings: Settings) -> dict[str, object]:
    """What the start's record says of upstreams that can be reached around the gate."""
    urls = {name: table.url for name, table in settings.server.items() if table.url is not None}
    names = await open_upstreams(urls)
    for name in names:
        _log.warning("server %s answers without a credential: it can be reached around the gate", name)
    return {"targets": names, "cause": "sole path: not evidenced"} if names else {}


def _note(log: recorder.Log, kind: str, settings: Settings, **more: object) -> None:
    log.append(recorder.Entry(kind, "", {"listen": settings.listen, "version": version("hoopgate"), **more}))
