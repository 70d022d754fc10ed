"""What an approval's end ends: once, though it is told twice, and without remembering every approval for ever."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from adapter_asgi.approvals import ending as module
from adapter_asgi.approvals.ending import Ending
from adapter_asgi.running import Running


class Lender:
    def __init__(self) -> None:
        self.ended: list[str] = []

    async def end_approval(self, approval: str) -> tuple[str, ...]:
        self.ended.append(approval)
        return ()


def revoked(id_: str) -> Any:
    return SimpleNamespace(id=id_, decider="omar", reason="wrong patient")


def ending(lender: Lender, running: Running | None = None) -> Ending:
    return Ending(running or Running(), lender, SimpleNamespace(all=list), SimpleNamespace())


async def test_an_approval_told_twice_is_ended_once() -> None:
    lender, running, cut = Lender(), Running(), []
    running.enter("AP1", cut.append)
    ends = ending(lender, running)
    for event in ("approved", "revoked", "revoked"):
        ends(event, revoked("AP1"))
    await ends.finish()
    assert lender.ended == ["AP1"]
    assert cut == ["Approval AP1 was taken back by omar: wrong patient"]


async def test_only_the_newest_are_remembered_and_to_end_one_again_does_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 8)
    lender = Lender()
    ends = ending(lender)
    for number in range(100):
        ends("revoked", revoked(f"AP{number}"))
    assert [*ends._ended] == [f"AP{number}" for number in range(92, 100)]
    ends("revoked", revoked("AP99"))
    ends("revoked", revoked("AP0"))
    await ends.finish()
    assert lender.ended == [*(f"AP{number}" for number in range(100)), "AP0"]
