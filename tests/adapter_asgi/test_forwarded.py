"""Behind a balancer: whose forwarded address is believed. A caller's own word about its address never is."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from test_serve import CONFIG, Served

from adapter_asgi import settings
from recorder.reader import Store

REMOTE, SPOOFED = "203.0.113.9", "127.0.0.7"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    gate = Served(tmp_path)
    yield gate
    if gate.process is not None:
        gate.stop()


def _status(gate: Served, *forwarded: str) -> int:
    """A call with these X-Forwarded-For lines; 401 where the gate takes the caller for somebody not on loopback."""
    link = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=300)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).encode()
    link.putrequest("POST", "/mcp/ehr")
    headers = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")]
    headers += [("MCP-Protocol-Version", "2025-06-18"), ("Content-Length", str(len(body)))]
    for name, value in [*headers, *(("X-Forwarded-For", line) for line in forwarded)]:
        link.putheader(name, value)
    link.endheaders(body)
    status = link.getresponse().status
    link.close()
    return status


def _sources(gate: Served) -> list[object]:
    return [record.data.get("source_ip") for record in Store(gate.store).records() if record.kind == "session.identity"]


def test_without_trusted_proxies_nobody_s_word_is_taken(served: Served) -> None:
    served.start()
    assert _status(served, REMOTE) != 401
    assert _status(served, SPOOFED) != 401
    served.stop()
    assert set(_sources(served)) == {"127.0.0.1"}


def test_a_trusted_proxy_s_word_is_taken_and_what_came_before_it_is_not(served: Served) -> None:
    config = 'trusted_proxies = ["127.0.0.1", "10.1.0.0/16"]\n' + CONFIG.format(port=served.port)
    (served.folder / "hoopgate.toml").write_text(config)
    served.start()
    for chain in (
        [REMOTE],
        [f"{SPOOFED}, {REMOTE}"],
        [SPOOFED, REMOTE],
        [f"{SPOOFED}, {REMOTE}, 10.1.2.3"],
        ["nonsense"],
    ):
        assert _status(served, *chain) == 401, chain
    assert _status(served, f"{REMOTE}, {SPOOFED}") != 401  # the proxy says that the caller is on loopback
    served.stop()
    assert set(_sources(served)) == {SPOOFED}


@pytest.mark.parametrize("proxies", [["*"], ["0.0.0.0/0"], ["::/0"], ["proxy.internal"], ["10.0.0.1/8"]])
def test_what_would_believe_everybody_or_nobody_is_refused(tmp_path: Path, proxies: Sequence[str]) -> None:
    file = tmp_path / "hoopgate.toml"
    text = f"trusted_proxies = {json.dumps(proxies)}\n" + CONFIG.format(port=8080)
    file.write_text(text)
    with pytest.raises(settings.SettingsError, match="trusted_proxies"):
        settings.load(file, {})
