"""`hoopgate token` in every CI, and `hoopgate connect` for clients that speak only stdio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from adapter_asgi.connect import Connection
from adapter_asgi.identity.ci_tokens import TokenError, exchange, fetch


class Gate:
    """Stands for a gate: remembers headers, refuses the first token, speaks both kinds of answers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.tokens = {"good"}
        self.app = Starlette(
            routes=[
                Route("/mcp/ehr", self.mcp, methods=["POST", "GET", "DELETE"]),
                Route("/token", self.token, methods=["POST"]),
                Route("/ci", self.ci),
            ]
        )

    async def mcp(self, request: Request) -> Response:
        self.seen.append((request.method, dict(request.headers)))
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return JSONResponse({"error": {"message": "no"}}, 401)
        if request.method == "GET":
            return StreamingResponse(
                iter([b'data: {"jsonrpc":"2.0","method":"hello"}\r\n\r\n']), media_type="text/event-stream"
            )
        if request.method == "DELETE":
            return Response(status_code=204)
        message = await request.json()
        if "id" not in message:
            return Response(status_code=202)
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": {"protocolVersion": "2025-06-18"}}
        if message["method"] == "initialize":
            return JSONResponse(answer, headers={"Mcp-Session-Id": "s-1"})
        if message["method"] == "bad":
            return JSONResponse({"error": {"message": "because of a rule"}}, 403)
        lines = f": note\n\nevent: message\nid: 1\ndata: {json.dumps(answer)}\n\ndata:\n\n"
        return StreamingResponse(iter([lines[:20].encode(), lines[20:].encode()]), media_type="text/event-stream")

    async def token(self, request: Request) -> Response:
        body = (await request.body()).decode()
        return JSONResponse({"access_token": "own"} if "subject_token=good" in body else {"error": "x"}, 200)

    async def ci(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer request-secret":
            return Response(status_code=401)
        return JSONResponse({"count": 1, "value": f"for {request.query_params['audience']}"})


@pytest.fixture
async def gate() -> AsyncIterator[tuple[Gate, str]]:
    made = Gate()
    async with serving(made.app) as url:
        yield made, url


async def _talk(url: str, *messages: Any, tokens: tuple[str, ...] = ("good",)) -> list[Any]:
    out: list[str] = []
    given = iter(tokens)

    async def write(line: str) -> None:
        out.append(line)

    async def lines() -> AsyncIterator[str]:
        for message in messages:
            yield json.dumps(message)

    async with aiohttp.ClientSession() as client:
        await Connection(f"{url}/mcp/ehr", lambda: next(given), client, write).run(lines())
    assert all("\n" not in line for line in out)
    return [json.loads(line) for line in out]


async def test_a_legacy_session_is_kept_and_closed(gate: tuple[Gate, str]) -> None:
    made, url = gate
    answers = await _talk(
        url,
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    )
    assert {answer.get("id") for answer in answers} >= {1, 2}
    post = next(headers for method, headers in reversed(made.seen) if method == "POST")
    assert (post["mcp-session-id"], post["mcp-protocol-version"]) == ("s-1", "2025-06-18")
    assert made.seen[-1][0] == "DELETE"


async def test_a_modern_message_s_headers_equal_its_body(gate: tuple[Gate, str]) -> None:
    made, url = gate
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    for name, header in (("read", "read"), ("lies mir vör", "=?base64?bGllcyBtaXIgdsO2cg==?=")):
        params = {"name": name, "arguments": {}, "_meta": meta}
        [answer] = await _talk(url, {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": params})
        assert answer["id"] == 3
        headers = made.seen[-1][1]
        assert (headers["mcp-protocol-version"], headers["mcp-method"]) == ("2026-07-28", "tools/call")
        assert headers["mcp-name"] == header


async def test_a_token_that_has_ended_is_fetched_anew_once(gate: tuple[Gate, str]) -> None:
    _, url = gate
    [answer] = await _talk(url, {"jsonrpc": "2.0", "id": 1, "method": "x"}, tokens=("ended", "good"))
    assert "result" in answer
    [answer] = await _talk(url, {"jsonrpc": "2.0", "id": 1, "method": "x"}, tokens=("ended", "ended"))
    assert answer["error"]["message"] == "no"


async def test_a_refusal_is_an_error_with_the_gate_s_words(gate: tuple[Gate, str]) -> None:
    _, url = gate
    [answer] = await _talk(url, {"jsonrpc": "2.0", "id": 7, "method": "bad"})
    assert (answer["id"], answer["error"]["message"]) == (7, "because of a rule")


async def test_a_gate_that_is_down_is_an_error_for_requests_alone() -> None:
    answers = await _talk("http://127.0.0.1:1", {"jsonrpc": "2.0", "id": 1, "method": "x"}, {"method": "y"})
    assert [answer["id"] for answer in answers] == [1]


# --- hoopgate token -------------------------------------------------------------------------------------------------


async def test_github_hands_out_a_token_for_the_audience(gate: tuple[Gate, str]) -> None:
    _, url = gate
    environ = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/ci?v=2", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-secret"}
    assert await asyncio.to_thread(fetch, "https://gate.example", environ) == "for https://gate.example"
    with pytest.raises(TokenError) as caught:
        await asyncio.to_thread(fetch, "x", {**environ, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "other-secret"})
    assert "other-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        (
            {"BUILDKITE": "true"},
            "buildkite-agent oidc request-token --audience aud --claim organization_id --claim pipeline_id",
        ),
        ({"CIRCLECI": "true"}, 'circleci run oidc get --claims {"aud": "aud"}'),
    ],
)
def test_other_ci_s_are_asked_by_their_own_command(environ: dict[str, str], command: str) -> None:
    assert fetch("aud", environ, lambda words: " ".join(words)) == command


def test_gitlab_kubernetes_and_a_given_token(tmp_path: Path) -> None:
    assert fetch("aud", {"GITLAB_CI": "true", "HOOPGATE_ID_TOKEN": "t\n"}) == "t"
    (tmp_path / "token").write_text("projected\n")
    assert fetch("aud", {"HOOPGATE_TOKEN_FILE": str(tmp_path / "token")}) == "projected"
    assert fetch("aud", {"HOOPGATE_TOKEN": " given "}) == "given"


@pytest.mark.parametrize(
    ("environ", "help_"), [({"GITHUB_ACTIONS": "true"}, "id-token"), ({"GITLAB_CI": "true"}, "id_tokens")]
)
def test_a_ci_that_gives_none_is_told_how(environ: dict[str, str], help_: str) -> None:
    with pytest.raises(TokenError) as caught:
        fetch("aud", {**environ, "HOOPGATE_TOKEN_FILE": "/nowhere"})
    assert (caught.value.code, help_ in caught.value.help) == ("TOK01", True)


async def test_an_exchange_gives_the_gate_s_token(gate: tuple[Gate, str]) -> None:
    _, url = gate
    assert await asyncio.to_thread(exchange, url, "good") == "own"
    with pytest.raises(TokenError, match="TOK03"):
        await asyncio.to_thread(exchange, url, "bad")
