"""Futures of another thread, waited for in a loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

import pytest

from adapter_asgi.waking import Waking


async def test_many_that_end_together_wake_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waking = Waking()
    futures: list[Future[int]] = [Future() for _ in range(50)]
    tasks = [asyncio.create_task(waking.wait(future)) for future in futures]
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    asked: list[Any] = []
    real = loop.call_soon_threadsafe

    def counted(callback: Any, *rest: Any, **named: Any) -> Any:
        asked.append(callback)
        return real(callback, *rest, **named)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    for number, future in enumerate(futures):  # in this thread: the loop cannot run in between
        future.set_result(number)
    assert await asyncio.gather(*tasks) == list(range(50))
    assert len(asked) == 1


async def test_nobody_is_missed_while_a_thread_and_the_loop_take_turns() -> None:
    waking = Waking()
    futures: list[Future[int]] = [Future() for _ in range(2_000)]

    def complete() -> None:
        for number, future in enumerate(futures):
            future.set_result(number)

    tasks = [asyncio.create_task(waking.wait(future)) for future in futures]
    thread = threading.Thread(target=complete)
    thread.start()
    assert await asyncio.gather(*tasks) == list(range(2_000))
    thread.join()


async def test_an_error_is_raised_and_giving_up_leaves_the_future_alone() -> None:
    waking = Waking()
    failed: Future[None] = Future()
    failed.set_exception(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await waking.wait(failed)
    open_: Future[None] = Future()
    task = asyncio.create_task(waking.wait(open_))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not open_.cancelled()
    open_.set_result(None)
    await asyncio.sleep(0)
