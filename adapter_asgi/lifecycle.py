"""What a gate does before it serves and after: the store and its state opened, what was left open ended, all recorded.

`hoopgate serve` and the ASGI middleware share it: the one has a listener and signals of its own, the other a host's.
"""

from __future__ import annotations

import contextlib
import getpass
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from importlib.metadata import version

import masking
import policy_lang
import recorder
from adapter_asgi.app import Gate, opened
from adapter_asgi.errors import AdapterError
from adapter_asgi.evidence import anchors, open_keys, retained
from adapter_asgi.settings import Settings
from adapter_asgi.sole_path import open_upstreams
from adapter_asgi.state import State
from adapter_asgi.upstream import Upstream
from adapter_asgi.workers.seat import Seat, logs_of

__all__ = ["opened_log", "opened_store", "standing"]

_log = logging.getLogger("hoopgate")


@contextlib.contextmanager
def opened_store(settings: Settings) -> Iterator[tuple[recorder.Log, State]]:
    """The evidence and the state beside it, for this process alone; what an earlier one left open has its end."""
    with contextlib.closing(State(settings.state, settings.keys)) as state, opened_log(settings, state) as log:
        yield log, state


@contextlib.contextmanager
def opened_log(settings: Settings, state: State, seat: Seat | None = None) -> Iterator[recorder.Log]:
    """The log that this process writes, as one of several workers where it has a `seat`; no call is open in it.

    Whoever opens the gate also ends what workers left open that there are no more.
    """
    keys, number, count = open_keys(settings), *((0, 1) if seat is None else (seat.number, seat.count))
    with _first_whole(settings, keys, logs_of(number)) as log:
        _recover(log)
        if seat is None or seat.leads:
            for gone in range(count, state.workers):
                _recover_gone(settings, keys, gone)
            state.settle(count)
        yield log


def _first_whole(settings: Settings, keys: recorder.Keys, numbers: Sequence[int]) -> recorder.Log:
    """The first of these logs that is not damaged, which says so of those before it; without any, the store's first."""
    damaged: list[int] = []
    for number in numbers or (None,):
        try:
            log = recorder.open(settings.store, keys=keys, log=number, anchors=anchors(settings), quota=settings.quota)
        except recorder.DamageError:
            if number is None or number == numbers[-1]:
                raise
            damaged.append(number)
            continue
        for other in damaged:
            log.note("gap", {"cause": "damaged", "log": str(other)})
        return log
    raise AssertionError("a last log raises or is opened")


def _recover_gone(settings: Settings, keys: recorder.Keys, worker: int) -> None:
    """End the calls that a worker left open which the gate has no more, in each log that it wrote."""
    there = [number for number in logs_of(worker) if (settings.store / "tiles" / str(number)).is_dir()]
    for number in there:
        try:
            with recorder.open(settings.store, keys=keys, log=number) as log:
                _recover(log)
        except recorder.DamageError as error:
            _log.error("log %d, of a worker that is no more, stays as it is: %s", number, error)


@contextlib.asynccontextmanager
async def standing(
    settings: Settings,
    policy: policy_lang.Policy,
    ner: masking.Engine | None,
    store: tuple[recorder.Log, State],
    via: str,
    inner: Mapping[str, Upstream] | None = None,
    seat: Seat | None = None,
) -> AsyncIterator[Gate]:
    """A gate that is ready to serve, its start and its end on record. `inner` are servers in this process."""
    log, state = store
    async with retained(log, settings.retain_days), opened(settings, policy, ner, log, state, inner, seat) as gate:
        if seat is None or seat.leads:
            await gate.policy.activate(log, getpass.getuser(), via)
        else:
            await gate.policy.adopt()
            if not gate.policy.texts:
                raise AdapterError("SRV05", "the policy that the other workers have cannot be found")
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
