"""A time limit that is set only where something waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapter_asgi.promptly import promptly


async def test_what_does_not_wait_sets_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def seven() -> int:
        return 7

    monkeypatch.setattr(asyncio, "timeout", None)
    assert await promptly(seven(), 1.0) == 7


async def test_what_waits_gets_what_it_waited_for() -> None:
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()

    async def work() -> list[Any]:
        return [await first, await second]

    task = asyncio.create_task(promptly(work(), 60.0))
    await asyncio.sleep(0)
    first.set_result("a")
    await asyncio.sleep(0)
    second.set_result("b")
    assert await task == ["a", "b"]


async def test_what_waits_too_long_is_ended_where_it_stands() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("here")

    with pytest.raises(TimeoutError):
        await promptly(work(), 0.0)
    assert ended == ["here"]


async def test_whoever_cancels_ends_what_is_inside() -> None:
    seen: list[BaseException] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError as error:
            seen.append(error)
            raise

    task = asyncio.create_task(promptly(work(), 60.0))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(seen) == 1


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_comes_out(waits: bool) -> None:
    async def work() -> None:
        if waits:
            await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await promptly(work(), 60.0)
