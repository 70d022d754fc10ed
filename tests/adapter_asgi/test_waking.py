"""What another thread makes durable, waited for in a loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

import recorder
from adapter_asgi.waking import Waking


def receipt(number: int) -> recorder.Receipt:
    return recorder.Receipt(number, b"")


async def test_many_that_end_together_wake_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waking = Waking()
    outcomes = [waking.expect(1) for _ in range(50)]
    tasks = [asyncio.create_task(outcome.wait()) for outcome in outcomes]
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    asked: list[Any] = []
    real = loop.call_soon_threadsafe

    def counted(callback: Any, *rest: Any, **named: Any) -> Any:
        asked.append(callback)
        return real(callback, *rest, **named)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    for number, outcome in enumerate(outcomes):  # in this thread: the loop cannot run in between
        outcome.set_result(receipt(number))
    assert await asyncio.gather(*tasks) == [[receipt(number)] for number in range(50)]
    assert len(asked) == 1


async def test_nobody_is_missed_while_a_thread_and_the_loop_take_turns() -> None:
    waking = Waking()
    outcomes = [waking.expect(2) for _ in range(2_000)]

    def complete() -> None:
        for number, outcome in enumerate(outcomes):
            outcome.set_result(receipt(number))
            outcome.set_result(receipt(-number))

    thread = threading.Thread(target=complete)
    thread.start()
    for number, outcome in enumerate(outcomes):  # the loop comes to each before, while or after the thread does
        assert await outcome.wait() == [receipt(number), receipt(-number)]
    thread.join()


async def test_it_is_durable_only_when_all_of_it_is() -> None:
    outcome = Waking().expect(3)
    task = asyncio.create_task(outcome.wait())
    for number in range(2):
        outcome.set_result(receipt(number))
        await asyncio.sleep(0)
        assert not task.done()
    outcome.set_result(receipt(2))
    assert [made.seq for made in await task] == [0, 1, 2]
    assert [made.seq for made in await outcome.wait()] == [0, 1, 2]  # a second look does not wait


async def test_the_first_error_is_the_outcome_of_all_and_what_was_durable_stays_so() -> None:
    outcome, whole = Waking().expect(3), Waking().expect(1)
    outcome.set_result(receipt(0))
    outcome.set_exception(ValueError("no"))
    outcome.set_exception(ValueError("later"))
    outcome.set_result(receipt(2))
    with pytest.raises(ValueError, match="no"):
        await outcome.wait()
    whole.set_result(receipt(1))
    whole.set_exception(ValueError("the thread ended"))
    assert await whole.wait() == [receipt(1)]


async def test_giving_up_the_wait_changes_nothing() -> None:
    outcome = Waking().expect(1)
    task = asyncio.create_task(outcome.wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    outcome.set_result(receipt(1))
    await asyncio.sleep(0)
    assert await outcome.wait() == [receipt(1)]
