"""What a gate records of its own life: that it starts and on what, what an earlier one left open, that it stops."""

from __future__ import annotations

from importlib.metadata import version

import recorder
from adapter_asgi.settings import Settings

__all__ = ["recover", "started", "stopped"]


def recover(log: recorder.Log) -> None:
    """Calls that a killed gate left open get their end in the evidence, before the first new call."""
    for call in log.open_calls():
        about = {"call": call.call, "server": call.server, "command": call.command, "method": call.method}
        metadata = {name: value for name, value in about.items() if value is not None}
        log.append(recorder.Entry("call.interrupted", call.session, {**metadata, "outcome": "interrupted"}))


def started(log: recorder.Log, settings: Settings, **more: object) -> None:
    """It serves from now on; `more` is what its start found."""
    _note(log, "gate.started", settings, **more)


def stopped(log: recorder.Log, settings: Settings) -> None:
    """It serves no more, on its own will."""
    _note(log, "gate.stopped", settings)


def _note(log: recorder.Log, kind: str, settings: Settings, **more: object) -> None:
    log.append(recorder.Entry(kind, "", {"listen": settings.listen, "version": version("hoopgate"), **more}))
