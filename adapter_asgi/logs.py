"""The operator's log: lines for people, or one JSON object a line. Neither ever holds what a caller or a server said.

Strategy: hoopgate's own messages are written to be logged, and are whole. What libraries log is not: of theirs only
the constant text is kept, without its arguments and without anything after the first line; of an exception its type
and its places, never its message.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TextIO

import recorder

__all__ = ["JsonLines", "PlainLines", "start", "told"]

_OURS = ("hoopgate", "adapter_asgi")
_PLACES = 6
_TOLD = {
    "refusal": ("server", "command", "method", "error", "call", "decision"),
    "call.ended": ("server", "command", "method", "outcome", "call"),
    "policy.activated": ("old", "new", "who", "via"),
    "lock.activated": ("old", "new", "who", "via"),
    "session.opened": ("server", "era"),
    "session.ended": ("server", "cause"),
}
"""What `told` says of a record: names and codes of its leaf."""


def start(form: Literal["text", "json"], stream: TextIO) -> None:
    """Log to `stream` from now on; uvicorn's own access lines stay off."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in ("uvicorn", "opentelemetry"):
        logging.getLogger(name).setLevel(logging.WARNING)


class PlainLines(logging.Formatter):
    """`hoopgate: LEVEL: words`."""

    def format(self, record: logging.LogRecord) -> str:
        words, error = _words(record), _error(record)
        return f"hoopgate: {record.levelname}: {words}" + (f" [{error}]" if error else "")


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message"}`, `error` where there was an exception, and what `told` adds."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _words(record),
        }
        if error := _error(record):
            line["error"] = error
        about = getattr(record, "about", None)
        if isinstance(about, Mapping):
            line |= {key: value for key, value in about.items() if key not in line}
        return json.dumps(line, ensure_ascii=True)


def told(entry: recorder.Entry) -> None:
    """An observer of `Metrics`: one line for every call's end, refusal and change of policy."""
    names = _TOLD.get(entry.kind)
    if names is not None:
        about = {name: entry.metadata[name] for name in names if name in entry.metadata}
        logging.getLogger("hoopgate.records").info(entry.kind, extra={"about": {**about, "session": entry.session}})


def _words(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in _OURS:
        return record.getMessage()
    return str(record.msg).partition("\n")[0]


def _error(record: logging.LogRecord) -> str:
    """An exception's type and where it was raised."""
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    frames = traceback.extract_tb(record.exc_info[2])[-_PLACES:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{record.exc_info[0].__name__} at {places}"
