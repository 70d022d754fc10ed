"""The person in the demo: someone of the privacy office who looks at what waits, and approves it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from adapter_asgi.demo.stage import Stage, StageError

APPROVER = "dana@clinic.example"
_LOOKS = 100


async def approve_next(stage: Stage) -> dict[str, Any]:
    """Wait until a call waits, then approve it with ``hoopgate approvals``; gives the approval as it was listed."""
    for _ in range(_LOOKS):
        waiting = [approval for approval in await _listed(stage) if approval["state"] == "pending"]
        if waiting:
            await _run(stage, "approvals", "approve", waiting[0]["id"], "--as", APPROVER)
            return dict(waiting[0])
        await asyncio.sleep(0.2)
    raise StageError("no call came to wait for an approval")


async def _listed(stage: Stage) -> list[dict[str, Any]]:
    return list(json.loads(await _run(stage, "approvals", "list", "--json")))


async def _run(stage: Stage, *words: str) -> str:
    ran = await asyncio.to_thread(stage.hoopgate, *words)
    if ran.returncode != 0:
        raise StageError(f"`hoopgate {' '.join(words)}` failed: {ran.stderr.strip()}")
    return ran.stdout
