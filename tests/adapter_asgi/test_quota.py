"""A caller that has used up its quota of evidence is refused through the gate; the next caller is not."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

import recorder
from recorder.quota import Quota
from recorder.reader import Store
from tests.adapter_asgi import toy_server
from tests.adapter_asgi.loopback import gateway


async def test_a_caller_over_its_quota_is_told_and_recorded_and_the_next_is_served(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "open", partial(recorder.open, quota=40_000))
    monkeypatch.setattr(Quota, "_learn", by_subject)
    async with gateway(tmp_path, toy_server.build().streamable_http_app()) as gated:
        async with gated.client(who="alice") as client:
            assert not (await client.call_tool("record", {"number": 1})).is_error
            with pytest.raises(MCPError, match="HR008"):
                await call_for_long(client)
        async with gated.client(who="bob") as client:
            assert not (await client.call_tool("record", {"number": 1})).is_error
    recorder.verify(tmp_path / "store")
    refused = [record.data for record in Store(tmp_path / "store").records() if record.data.get("error") == "HR008"]
    assert [told["command"] for told in refused] == ["toy/record"]


async def call_for_long(client: Client) -> None:
    for number in range(200):
        await client.call_tool("record", {"number": number})


def by_subject(self: Quota, session: str, entry: recorder.Entry) -> None:
    """The toy's callers share a repository."""
    self.usage.callers[session] = str(entry.metadata.get("subject"))
