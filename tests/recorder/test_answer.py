"""The recorder's own future behaves as the one of the standard library, whoever asks it what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError, as_completed, wait
from threading import Thread
from typing import Any

import pytest

from recorder.answer import Answer
from recorder.entry import Receipt
from recorder.errors import WriteError

RECEIPT, ERROR = Receipt(7, b"h" * 32), WriteError("the disk is full")
Made = Future[Receipt]
ENDS: dict[str, Callable[[Made], object]] = {
    "open": lambda future: None,
    "result": lambda future: future.set_result(RECEIPT),
    "error": lambda future: future.set_exception(ERROR),
    "given up": lambda future: future.cancel(),
}
ASKED: dict[str, Callable[[Made], object]] = {
    "done": lambda future: future.done(),
    "cancelled": lambda future: future.cancelled(),
    "running": lambda future: future.running(),
    "cancel": lambda future: future.cancel(),
    "result": lambda future: future.result(timeout=0),
    "exception": lambda future: future.exception(timeout=0),
    "set_result": lambda future: future.set_result(RECEIPT),
    "set_exception": lambda future: future.set_exception(ERROR),
    "wait": lambda future: len(wait([future], timeout=0).done),
    "as_completed": lambda future: [each is future for each in as_completed([future], timeout=0)],
    "state": lambda future: repr(future).partition("state=")[2],
}
FAILS = (CancelledError, InvalidStateError, TimeoutError, WriteError)


def told(ask: Callable[[Made], object], future: Made) -> object:
    try:
        return ask(future)
    except FAILS as error:
        return type(error)


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("asked", ASKED)
def test_it_answers_as_a_future_of_the_standard_library_does(asked: str, end: str, watched: bool) -> None:
    answers = []
    for kind in (Future, Answer):
        future: Made = kind()
        heard: list[Made] = []
        future.add_done_callback(heard.append)
        if watched:
            assert not wait([future], timeout=0).done
        ENDS[end](future)
        first = told(ASKED[asked], future)
        future.add_done_callback(heard.append)
        answers.append(
            (first, told(ASKED["done"], future), [each is future for each in heard], told(ASKED["result"], future))
        )
    assert answers[0] == answers[1]


def test_one_that_runs_can_not_be_given_up() -> None:
    answer = Answer()
    assert answer.set_running_or_notify_cancel()
    assert answer.running()
    assert not answer.cancel()
    assert not answer.done()
    answer.set_result(RECEIPT)
    assert answer.result() == RECEIPT


@pytest.mark.parametrize("end", ["result", "error", "given up"])
def test_a_thread_that_waits_is_woken(end: str) -> None:
    answer: Made = Answer()
    heard: list[object] = []
    threads = [
        Thread(daemon=True, target=lambda: heard.append(told(lambda future: future.result(), answer))),
        Thread(daemon=True, target=lambda: heard.append(len(wait([answer]).done))),
        Thread(daemon=True, target=lambda: heard.append(len(list(as_completed([answer]))))),
    ]
    for thread in threads:
        thread.start()
    ENDS[end](answer)
    if end == "given up":
        answer.set_running_or_notify_cancel()  # who waits in `wait` hears of it from the one who would have run it
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(map(str, heard)) == sorted(map(str, [told(ASKED["result"], answer), 1, 1]))


async def test_an_event_loop_waits_for_it() -> None:
    answers = [Answer() for _ in range(100)]
    waiting = [asyncio.wrap_future(answer) for answer in answers]

    def decide() -> None:
        for at, answer in enumerate(answers):
            answer.set_exception(ERROR) if at % 2 else answer.set_result(RECEIPT)

    thread = Thread(target=decide)
    thread.start()
    found: list[Any] = await asyncio.gather(*waiting, return_exceptions=True)
    thread.join()
    assert found == [RECEIPT, ERROR] * 50


async def test_what_an_event_loop_gives_up_is_given_up() -> None:
    answer = Answer()
    waiting = asyncio.wrap_future(answer)
    waiting.cancel()
    await asyncio.sleep(0)
    assert answer.cancelled()
    with pytest.raises(InvalidStateError):
        answer.set_result(RECEIPT)


def test_a_callback_that_fails_does_not_stop_those_behind_it(caplog: pytest.LogCaptureFixture) -> None:
    answer, heard = Answer(), list[Made]()
    answer.add_done_callback(lambda _: 1 / 0)
    answer.add_done_callback(heard.append)
    answer.set_result(RECEIPT)
    assert heard == [answer]
    assert "exception calling callback" in caplog.text
