"""What the store says of the demo's calls, read the way an auditor would: with ``hoopgate sessions``."""

from __future__ import annotations

import json
from typing import Any

from adapter_asgi.demo.stage import Stage, StageError

Record = dict[str, Any]


def records(stage: Stage) -> list[Record]:
    """Every record of every session, in order."""
    listed = _json(stage, "sessions", "list")
    shown = [record for session in listed for record in _json(stage, "sessions", "show", session["id"])]
    return sorted(shown, key=lambda record: int(record["seq"]))


def last_decision(stage: Stage, command: str) -> Record:
    """The newest decision on ``command``: its ``effect``, ``rules`` and whatever else the record holds."""
    made = [record for record in records(stage) if record["kind"] == "decision" and record.get("command") == command]
    if not made:
        raise StageError(f"the store holds no decision on {command}", "this is a fault of the gate; please report it")
    return made[-1]


def _json(stage: Stage, *words: str) -> Any:
    ran = stage.hoopgate(*words, "--json")
    if ran.returncode != 0:
        raise StageError(f"`hoopgate {' '.join(words)}` failed: {ran.stderr.strip()}")
    return json.loads(ran.stdout)
