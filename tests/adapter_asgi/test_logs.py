"""The operator's log holds nothing that a caller, a server or an exception said."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whole_gate import SSN, whole_gate

from adapter_asgi.logs import JsonLines, PlainLines

PLANTED = (SSN, "Zenobia", "secret-token", "Bearer")


@pytest.fixture(params=[JsonLines, PlainLines])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What is logged, as it would go to stderr."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def clean(text: str) -> str:
    assert [word for word in PLANTED if word in text] == []
    return text


async def test_calls_and_refusals_are_lines_without_payloads(tmp_path: Path, lines: io.StringIO) -> None:
    async with whole_gate(tmp_path, first='log = "json"\n') as running:
        await running.call()
        await running.call("forbidden", headers={"Authorization": "Bearer secret-token"})
    text = clean(lines.getvalue())
    if not text.startswith("{"):
        assert "call.ended" in text
        return
    told = [json.loads(line) for line in text.splitlines()]
    [ended] = [line for line in told if line["message"] == "call.ended"]
    assert (ended["server"], ended["command"], ended["outcome"]) == ("ehr", "ehr/read", "complete")
    [refused] = [line for line in told if line["message"] == "refusal"]
    assert (refused["command"], refused["error"]) == ("ehr/forbidden", "GT201")
    assert {"time", "level", "logger", "session", "call", "decision"} <= refused.keys()


async def test_what_libraries_log_loses_what_they_were_told(lines: io.StringIO) -> None:
    async def fails() -> None:
        raise ValueError(f"{SSN} of Zenobia")

    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "a task failed", "exception": ValueError(SSN), "context": "Zenobia"})
    try:
        await fails()
    except ValueError:
        logging.getLogger("asgi.host").exception("Exception in ASGI application")
    logging.getLogger("somewhere").error("about %s", "Zenobia")
    text = clean(lines.getvalue())
    assert "a task failed" in text
    assert "ValueError at test_logs.py:" in text
    assert "about %s" in text


async def test_an_upstream_that_fails_is_told_without_its_words(tmp_path: Path, lines: io.StringIO) -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError(f"{SSN} of Zenobia")

    async with whole_gate(tmp_path, first='log = "json"\n') as running:
        running.server.answer = breaks
        answer = await running.call()
    assert answer == {"text": "Internal Server Error"}
    assert "call.ended" in clean(lines.getvalue())
