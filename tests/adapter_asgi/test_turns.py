"""Large answers are masked beside the loop: nobody else waits, and a session never has two at work in it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
import toy_server
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Gateway, gateway
from mcp_types import TextContent

import masking
from adapter_asgi.turns import LARGE, Turns

MASKED = """rule "reads" { command "toy/echo"
    allow
    mask all }"""
PROSE = "The patient slept well and was seen again in the morning. "


async def _said(gated: Gateway, who: str, text: str) -> str:
    async with gated.client("2026-07-28", who=who) as client:
        result = await client.call_tool("echo", {"text": text})
        return "".join(part.text for part in result.content if isinstance(part, TextContent))


@dataclass
class Still:
    """A masker that stands still in whatever thread is not the loop's."""

    loop: asyncio.AbstractEventLoop
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = masking.Masker.mask_json

        def mask_json(masker: masking.Masker, *given: Any, **named: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                self.loop.call_soon_threadsafe(self.entered.set)
                assert self.go_on.wait(300)
            return real(masker, *given, **named)

        monkeypatch.setattr(masking.Masker, "mask_json", mask_json)


async def test_a_megabyte_of_prose_holds_up_its_own_session_only(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = Still(asyncio.get_running_loop())
    still.patch(monkeypatch)
    large = PROSE * ((1 << 20) // len(PROSE))
    app = toy_server.build().streamable_http_app(json_response=True)
    async with gateway(tmp_path, app, MASKED) as gated:
        first = asyncio.create_task(_said(gated, "alice", large))
        await still.entered.wait()
        try:
            assert await _said(gated, "bob", "123-45-6789") == "[SSN]"
            behind = asyncio.create_task(_said(gated, "alice", "123-45-6789"))
            assert await _said(gated, "bob", "again") == "again"
            assert not first.done()
            assert not behind.done()
        finally:
            still.go_on.set()
        assert await first == large
        assert await behind == "[SSN]"


async def test_what_a_large_answer_teaches_is_known_in_the_small_one_behind_it(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = Still(asyncio.get_running_loop())
    still.patch(monkeypatch)
    teaches = '{"last_name": "Quillfeather", "note": "' + PROSE * 400 + '"}'
    app = toy_server.build().streamable_http_app(json_response=True)
    async with gateway(tmp_path, app, MASKED) as gated:
        first = asyncio.create_task(_said(gated, "alice", teaches))
        await still.entered.wait()
        behind = asyncio.create_task(_said(gated, "alice", "seen by quillfeather today"))
        assert await _said(gated, "bob", "seen by quillfeather today") == "seen by quillfeather today"
        still.go_on.set()
        assert "Quillfeather" not in await first
        assert "quillfeather" not in await behind


@dataclass
class Steps:
    """Stands for an exchange: what it does to its session takes two steps that must not be parted."""

    session: str
    size: int
    shared: Counter[str]
    inside: Counter[str]

    def weight(self, _: Any) -> int:
        return self.size

    def receive(self, event: Any, _: Any) -> list[Any]:
        self.inside[self.session] += 1
        assert self.inside[self.session] == 1
        before = self.shared[self.session]
        time.sleep(0)  # lets another thread in, if any is there
        self.shared[self.session] = before + 1
        self.inside[self.session] -= 1
        return [event]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, LARGE - 1, LARGE, 10 * LARGE])), max_size=60))
def test_a_session_is_never_at_work_twice_and_no_step_is_lost(steps: list[tuple[str, int]]) -> None:
    shared: Counter[str] = Counter()
    inside: Counter[str] = Counter()

    async def run() -> list[Any]:
        turns = Turns()
        made = [Steps(session, size, shared, inside) for session, size in steps]
        return await asyncio.gather(
            *(turns.receive(one, one.session, number) for number, one in enumerate(made))  # type: ignore[arg-type]
        )

    assert asyncio.run(run()) == [[number] for number in range(len(steps))]
    assert shared == Counter(session for session, _ in steps)


async def test_who_stops_waiting_does_not_give_the_session_free() -> None:
    turns, loop = Turns(), asyncio.get_running_loop()
    entered, go_on, order = asyncio.Event(), threading.Event(), list[str]()

    class Slow(Steps):
        def receive(self, event: Any, _: Any) -> list[Any]:
            loop.call_soon_threadsafe(entered.set)
            assert go_on.wait(300)
            order.append("slow")
            return []

    shared: Counter[str] = Counter()
    slow: Any = Slow("a", LARGE, shared, Counter())
    quick: Any = Steps("a", 0, shared, Counter())
    first = asyncio.create_task(turns.receive(slow, "a", None))  # type: ignore[arg-type]
    await entered.wait()
    first.cancel()
    behind = asyncio.create_task(turns.receive(quick, "a", None))  # type: ignore[arg-type]
    with pytest.raises(asyncio.CancelledError):
        await first
    assert not behind.done()
    go_on.set()
    await behind
    assert order == ["slow"]
