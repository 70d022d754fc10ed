"""The endpoint in front of a real MCP server, driven by the real MCP client over loopback, in both eras."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import toy_server
from loopback import Gateway, gateway
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitResult, TextContent

import policy_lang
import recorder
from adapter_asgi.errors import AdapterError

MODES = ["2026-07-28", "legacy"]
MASKED = """
rule "reads" { command "toy/echo", "toy/record", "toy/steps", "toy/fails"
    allow
    mask ssn }
rule "resources" { server "toy"
    resource "toy://**"
    allow
    mask ssn }
rule "prompts" { server "toy"
    prompt "*"
    allow
    mask ssn }
"""
ASKS = """rule "echo" { command "toy/echo"
    allow
    mask none
    require approval from "privacy" }"""


def _text(result: Any) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("json_response", [False, True])
async def test_with_masking_off_a_client_sees_what_it_would_see_without_a_gate(
    tmp_path: Any, mode: str, json_response: bool
) -> None:
    app = toy_server.build().streamable_http_app(json_response=json_response)
    async with gateway(tmp_path, app) as gated, gated.client(mode) as client:
        tools = await client.list_tools()
        through = await client.call_tool("record", {"number": 7})
        resource = await client.read_resource("toy://patient/ann")
        prompt = await client.get_prompt("brief", {"topic": "care"})
        failed = await client.call_tool("fails", {})
    assert {tool.name for tool in tools.tools} >= {"echo", "record", "steps"}
    assert through.structured_content == {"number": 7, "ssn": toy_server.SSN, "note": f"SSN {toy_server.SSN}"}
    assert resource.contents[0].text == f"ann has {toy_server.SSN}"  # type: ignore[union-attr] # text, as served
    assert toy_server.SSN in prompt.messages[0].content.text  # type: ignore[union-attr] # text, as served
    assert failed.is_error


@pytest.mark.parametrize("mode", MODES)
async def test_no_surface_shows_an_identifying_number_where_the_policy_masks_it(tmp_path: Any, mode: str) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app(), MASKED) as gated:
        seen: list[str] = []

        async def progress(_: float, __: float | None, message: str | None) -> None:
            seen.append(message or "")

        async with gated.client(mode) as client:
            seen.append(str(client.instructions))
            seen.append(str(await client.list_tools()))
            seen.append(str(await client.list_resources()))
            seen.append(str(await client.call_tool("record", {"number": 7})))
            seen.append(str(await client.call_tool("steps", {"count": 2}, progress_callback=progress)))
            seen.append(str(await client.call_tool("fails", {})))
            seen.append(str(await client.read_resource("toy://patient/ann")))
            seen.append(str(await client.get_prompt("brief", {"topic": "care"})))
    assert not [text for text in seen if toy_server.SSN in text]
    assert "masking" in gated.kinds()


@pytest.mark.parametrize("mode", MODES)
async def test_a_tool_that_no_rule_permits_is_not_listed_and_never_reached(tmp_path: Any, mode: str) -> None:
    toy_server.SEEN.clear()
    async with (
        gateway(tmp_path, toy_server.build().streamable_http_app(), MASKED) as gated,
        gated.client(mode) as client,
    ):
        names = {tool.name for tool in (await client.list_tools()).tools}
        refused = await client.call_tool("delete", {"text": "x"})
    assert "delete" not in names
    assert refused.is_error
    assert "No rule allows toy/delete" in _text(refused)
    assert toy_server.SEEN == []


@pytest.mark.parametrize("mode", MODES)
async def test_a_held_call_runs_once_when_people_agree(tmp_path: Any, mode: str) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app(), ASKS) as gated, gated.client(mode) as client:
        call = asyncio.create_task(client.call_tool("echo", {"text": "now"}))
        await gated.desk.asked.wait()
        gated.desk.decide("approved", approvers=("dana",))
        assert _text(await call) == "now"
    assert gated.desk.spent == ["AP1"]


async def test_a_held_call_is_decided_by_the_policy_that_is_in_force_when_people_agree(tmp_path: Any) -> None:
    toy_server.SEEN.clear()
    app = toy_server.build().streamable_http_app()
    async with gateway(tmp_path, app, ASKS) as gated, gated.client("2026-07-28") as client:
        call = asyncio.create_task(client.call_tool("echo", {"text": "now"}))
        await gated.desk.asked.wait()
        denies = 'rule "stop" { command "toy/echo"\n deny because "Not any more." }'
        gated.policies.current = policy_lang.compile(ASKS + denies, name="new.hoop")
        gated.desk.decide("approved", approvers=("dana",))
        assert "Not any more." in _text(await call)
    assert toy_server.SEEN == []
    assert gated.desk.spent == []


@pytest.mark.parametrize("mode", MODES)
async def test_a_refused_call_says_why(tmp_path: Any, mode: str) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app(), ASKS) as gated, gated.client(mode) as client:
        call = asyncio.create_task(client.call_tool("echo", {"text": "now"}))
        await gated.desk.asked.wait()
        gated.desk.decide("refused", reason="Not today.", decider="omar")
        assert "Not today." in _text(await call)


async def test_server_to_client_requests_need_a_rule(tmp_path: Any) -> None:
    asks = []

    async def elicit(_: Any, params: Any) -> Any:
        asks.append(params)
        return ElicitResult(action="decline")

    rules = """rule "tools" { command "toy/*"
        allow
        mask none }"""
    allowed = (
        rules
        + """
    rule "may ask" { server "toy"
        method "elicitation/create"
        allow
        mask none }"""
    )
    async with (
        gateway(tmp_path, toy_server.build().streamable_http_app(), rules) as gated,
        gated.client("legacy", elicitation_callback=elicit) as client,
    ):
        with pytest.raises(MCPError, match="no rule allows"):
            await client.call_tool("ask", {"question": "ok?"})
    assert asks == []
    async with (
        gateway(tmp_path / "b", toy_server.build().streamable_http_app(), allowed) as gated,
        gated.client("legacy", elicitation_callback=elicit) as client,
    ):
        result = await client.call_tool("ask", {"question": "ok?"})
        assert _text(result) == "decline"
    assert len(asks) == 1


async def test_no_token_is_401_with_a_challenge(tmp_path: Any) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app()) as gated, gated.http() as http:
        answer = await http.post(gated.url, data=b"{}", headers={"Authorization": "no"})
        assert answer.status == 401
        assert "resource_metadata" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}], ids=str
)
async def test_a_bad_host_or_origin_is_403(tmp_path: Any, headers: dict[str, str]) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app()) as gated, gated.http() as http:
        gated.endpoint._hosts = frozenset({"127.0.0.1", "localhost"})
        async with http.post(gated.url, data=b"{}", headers=headers) as answer:
            assert answer.status == 403


async def _initialize(gated: Gateway, http: Any) -> str:
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    body = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}
    async with http.post(gated.url, json=body) as answer:
        assert answer.status == 200
        await answer.read()
        return str(answer.headers["mcp-session-id"])


async def test_another_callers_session_id_and_a_forged_one_are_refused(tmp_path: Any) -> None:
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with gateway(tmp_path, toy_server.build().streamable_http_app()) as gated:  # noqa: SIM117 - readable so
        async with gated.http() as alice, gated.http("mallory") as mallory:
            held = await _initialize(gated, alice)
            for http, name, status in (
                (alice, held, 200),
                (mallory, held, 400),
                (alice, "f" * 64, 400),
                (alice, held[:-1] + "x", 400),
            ):
                async with http.post(gated.url, json=listing, headers={"Mcp-Session-Id": name}) as answer:
                    assert answer.status == status
            async with alice.delete(gated.url, headers={"Mcp-Session-Id": held}) as answer:
                assert answer.status == 200
            async with alice.post(gated.url, json=listing, headers={"Mcp-Session-Id": held}) as answer:
                assert answer.status == 404
    assert "session.ended" in gated.kinds()


async def test_a_modern_client_that_leaves_cancels_the_call_upstream(tmp_path: Any) -> None:
    toy_server.SEEN.clear()
    async with (
        gateway(tmp_path, toy_server.build().streamable_http_app()) as gated,
        gated.client("2026-07-28") as client,
    ):
        call = asyncio.create_task(client.call_tool("forever", {}))
        while "forever began" not in toy_server.SEEN:
            await asyncio.sleep(0.01)
        call.cancel()
        while "forever was cancelled" not in toy_server.SEEN:
            await asyncio.sleep(0.01)
        while "call.ended" not in gated.kinds():
            await asyncio.sleep(0.01)
    assert [e.metadata["outcome"] for e in gated.entries if e.kind == "call.ended" and "command" in e.metadata] == [
        "cut"
    ]


async def test_the_evidence_of_a_session_verifies(tmp_path: Any) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app(), MASKED) as gated, gated.client() as client:
        await client.call_tool("record", {"number": 1})
    recorder.verify(tmp_path / "store")
    kinds = gated.kinds()
    assert kinds.index("request") < kinds.index("response") < kinds.index("call.ended")


async def test_a_draining_gate_takes_no_more_calls_and_lets_held_ones_go(tmp_path: Any) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app(), ASKS) as gated, gated.http() as http:
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "echo", "arguments": {"text": "x"}},
        }
        held = asyncio.create_task(http.post(gated.url, json=message))
        await gated.desk.asked.wait()
        gated.context.draining.set()
        answer = await held
        assert "AP1" in await answer.text()
        async with http.post(gated.url, json=message) as late:
            assert late.status == 503


async def test_an_answer_that_is_fetched_later_is_masked_and_recorded_as_the_calls(tmp_path: Any) -> None:
    app = toy_server.build().streamable_http_app(event_store=toy_server.Events(), retry_interval=10)
    policy = 'rule "all" { server "toy"\n allow\n mask ssn }'
    async with gateway(tmp_path, app, policy) as gated, gated.client("legacy") as client:
        seen = _text(await client.call_tool("polls", {}))
    assert seen.startswith("fetched")
    assert toy_server.SSN not in seen
    [asked] = [e.metadata["call"] for e in gated.entries if e.kind == "request" and "command" in e.metadata]
    about = [(e.kind, e.metadata.get("outcome")) for e in gated.entries if e.metadata.get("call") == asked]
    assert ("response", "complete") in about
    assert about[-1] == ("call.ended", "complete")


async def test_a_call_whose_answer_is_never_fetched_ends_with_its_session(tmp_path: Any) -> None:
    app = toy_server.build().streamable_http_app(event_store=toy_server.Events(), retry_interval=10)
    async with gateway(tmp_path, app) as gated, gated.http() as http:
        held = await _initialize(gated, http)
        params = {"name": "polls", "arguments": {}}
        message = {"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": params}
        headers = {"Mcp-Session-Id": held, "MCP-Protocol-Version": "2025-11-25"}
        answer = await http.post(gated.url, json=message, headers=headers)
        assert "fetched" not in await answer.text()
        await http.delete(gated.url, headers=headers)
    ended = [e.metadata for e in gated.entries if e.kind == "call.ended" and "command" in e.metadata]
    assert [entry["outcome"] for entry in ended] == ["cut"]


async def test_what_the_server_says_on_its_own_reaches_the_sessions_stream(tmp_path: Any) -> None:
    heard = asyncio.Event()

    async def hears(message: Any) -> None:
        if "list_changed" in str(getattr(message, "method", "")):
            heard.set()

    app = toy_server.build().streamable_http_app()
    async with gateway(tmp_path, app) as gated, gated.client("legacy", message_handler=hears) as client:
        while "GET" not in [e.metadata.get("method") for e in gated.entries if e.kind == "request"]:
            await asyncio.sleep(0.01)
        await client.call_tool("changes", {})
        await heard.wait()


async def test_approvals_that_cannot_be_reached_refuse_the_call(tmp_path: Any, monkeypatch: Any) -> None:
    async with gateway(tmp_path, toy_server.build().streamable_http_app(), ASKS) as gated, gated.client() as client:

        async def breaks(hold: Any) -> Any:
            raise AdapterError("STA01", "no disk")

        monkeypatch.setattr(gated.desk, "submit", breaks)
        refused = await client.call_tool("echo", {"text": "x"})
    assert refused.is_error
    assert "cannot be reached" in _text(refused)


async def test_an_approval_that_cannot_be_spent_frees_nothing(tmp_path: Any, monkeypatch: Any) -> None:
    toy_server.SEEN.clear()
    async with gateway(tmp_path, toy_server.build().streamable_http_app(), ASKS) as gated, gated.client() as client:

        async def breaks(id_: str, digest: str) -> bool:
            raise AdapterError("STA05", "approvals.sqlite cannot be used: database is locked")

        monkeypatch.setattr(gated.desk, "consume", breaks)
        call = asyncio.create_task(client.call_tool("echo", {"text": "x"}))
        await gated.desk.asked.wait()
        gated.desk.decide("approved", approvers=("dana",))
        refused = await call
    assert refused.is_error
    assert "cannot be reached" in _text(refused)
    assert toy_server.SEEN == []
    assert "refusal" in gated.kinds()


async def test_a_server_without_sessions_leaves_none_behind(tmp_path: Any) -> None:
    app = toy_server.build().streamable_http_app(stateless_http=True)
    async with gateway(tmp_path, app) as gated, gated.client("legacy") as client:
        await client.call_tool("echo", {"text": '"initialize"'})
        assert [session.client_id for session in gated.endpoint._sessions.all()] == [None]
    assert gated.kinds().count("session.opened") == gated.kinds().count("session.ended")
