"""What is refused before anything is decided: messages that are none, or that two readers could read differently."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gate
from gate.strict_json import canonical, parse, write
from tests.gate.conftest import call, modern

LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
MALFORMED = {
    "two methods": '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{"name":"delete"}}',
    "two methods, one escaped": '{"jsonrpc":"2.0","id":1,"method":"tools/list","\\u006dethod":"tools/call"}',
    "two keys deep in the arguments": '{"jsonrpc":"2.0","id":1,"method":"tools/call",'
    '"params":{"name":"echo","arguments":{"a":[{"x":1,"x":2}]}}}',
    "a member in another case": '{"jsonrpc":"2.0","id":1,"method":"tools/list","Method":"tools/call"}',
    "a parameter in another case": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}',
    "a parameter only in another case": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"NAME":"b"}}',
    "a long s in arguments": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","argument\u017f":{}}}',
    "meta keys that differ in case": '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"a":1,"A":2}}}',
    "an unknown member": '{"jsonrpc":"2.0","id":1,"method":"tools/list","extra":1}',
    "another jsonrpc": '{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
    "no jsonrpc": '{"id":1,"method":"tools/list"}',
    "an id that is an object": '{"jsonrpc":"2.0","id":{},"method":"tools/list"}',
    "an id that is a list": '{"jsonrpc":"2.0","id":[1],"method":"tools/list"}',
    "an id that is true": '{"jsonrpc":"2.0","id":true,"method":"tools/list"}',
    "an id that is null": '{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
    "an id that is a fraction": '{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}',
    "an oversized id": '{"jsonrpc":"2.0","id":"' + "x" * 300 + '","method":"tools/list"}',
    "a huge number as id": '{"jsonrpc":"2.0","id":1' + "0" * 60 + ',"method":"tools/list"}',
    "a method that is no string": '{"jsonrpc":"2.0","id":1,"method":["tools/list"]}',
    "params that are a list": '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}',
    "a request and an answer at once": '{"jsonrpc":"2.0","id":1,"method":"tools/list","result":{}}',
    "an answer that nobody asked for": '{"jsonrpc":"2.0","id":1,"result":{}}',
    "neither": '{"jsonrpc":"2.0","id":1}',
    "a number": "1",
    "an empty batch": "[]",
    "a batch with a list in it": f"[{LIST},[{LIST}]]",
    "a batch with the same id twice": f"[{LIST},{LIST}]",
    "not JSON": "{",
    "two values": LIST + LIST,
    "NaN": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"x":NaN}}}',
    "nesting": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"x":'
    + "[" * 200
    + "]" * 200
    + "}}}",
    "deeper nesting": "[" * 100_000,
    "a tool name that is a list": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":["echo"]}}',
    "a tool without a name": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}',
    "arguments that are a list": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":[]}}',
    "dot segments": '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a/../b"}}',
    "encoded dot segments": '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a/%2e%2E/b"}}',
    "twice encoded": '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a/%252e%252e/b"}}',
    "dots in a tool's name": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read/../delete"}}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_malformed_gets_400_and_nothing_goes_upstream(script: Any, body: str) -> None:
    run = script()
    run.asks(body.encode())
    assert run.forwarded == []
    assert run.status == 400
    assert run.reply["error"]["message"]
    assert run.records[-1] == "refusal"


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b'{"jsonrpc":"2.0","id":1,"method":"\xff"}', b"\xef\xbb\xbf" + LIST.encode()]
)
def test_what_is_not_utf8_gets_400(script: Any, body: bytes) -> None:
    run = script()
    run.asks(body)
    assert run.status == 400


@pytest.mark.parametrize(
    "headers",
    [
        [("mcp-method", "tools/list"), ("mcp-method", "tools/call")],
        [("mcp-method", "tools/call")],
        [("mcp-protocol-version", "2025-11-25"), ("mcp-protocol-version", "2026-07-28")],
        [("mcp-protocol-version", "2099-01-01")],
        [("mcp-session-id", "a"), ("mcp-session-id", "b")],
        [("mcp-param-x", "a"), ("mcp-param-x", "b")],
        [("content-type", "application/json")],
        [("content-encoding", "gzip")],
    ],
    ids=str,
)
def test_duplicate_contradicting_and_unknown_headers_get_400(script: Any, headers: list[tuple[str, str]]) -> None:
    run = script()
    run.asks(LIST.encode(), *headers)
    assert run.status == 400
    assert run.forwarded == []


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=latin-1", "", "application/jsonx"])
def test_another_content_type_gets_400(script: Any, kind: str) -> None:
    run = script()
    run.happens(gate.ClientRequest([("content-type", kind)], LIST.encode()))
    assert run.status == 400


@pytest.mark.parametrize(
    ("key", "value"), [("mcp-method", "tools/list"), ("mcp-name", "delete"), ("mcp-protocol-version", "2025-11-25")]
)
def test_modern_headers_that_say_something_else_than_the_body_get_the_protocols_own_code(
    script: Any, key: str, value: str
) -> None:
    request, headers = modern(call("echo"))
    run = script()
    run.asks(request, *[(name, value if name == key else held) for name, held in headers])
    assert run.status == 400
    assert run.reply["error"]["code"] == -32020
    run = script()
    run.asks(request, *[(name, held) for name, held in headers if name != key])
    assert run.status == 400


def test_a_name_that_no_header_could_carry_may_come_wrapped(script: Any) -> None:
    request, headers = modern(call("écho"))
    run = script()
    run.asks(request, *[(n, "=?base64?w6ljaG8=?=" if n == "mcp-name" else v) for n, v in headers])
    assert run.forwarded


def test_a_parameter_header_must_equal_the_argument_that_the_schema_mirrors(script: Any) -> None:
    run = script()
    properties = {"region": {"type": "string", "x-mcp-header": "Region"}}
    run.session.tools["echo"] = {"inputSchema": {"type": "object", "properties": properties}}
    request, headers = modern(call("echo", {"region": "eu"}))
    run.asks(request, *headers, ("mcp-param-region", "us"))
    assert run.status == 400
    assert run.reply["error"]["code"] == -32020


def test_an_unknown_version_is_answered_with_what_is_supported(script: Any) -> None:
    request, headers = modern(call("echo"))
    request["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2099-01-01"
    run = script()
    run.asks(request, *[(n, "2099-01-01" if n == "mcp-protocol-version" else v) for n, v in headers])
    assert run.reply["id"] == 1
    assert run.reply["error"]["code"] == -32022
    assert run.reply["error"]["data"] == {"supported": ["2026-07-28"], "requested": "2099-01-01"}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_modern_protocol_has_neither_get_nor_delete(script: Any, method: str) -> None:
    run = script()
    run.happens(gate.ClientRequest([("mcp-protocol-version", "2026-07-28")], b"", method))
    assert run.status == 405
    assert ("allow", "POST") in run.of(gate.Start)[0].headers


def test_the_upstream_gets_an_allow_list_of_headers_and_never_the_callers_token(script: Any) -> None:
    run = script()
    secret = [("authorization", "Bearer x"), ("cookie", "a=b"), ("x-forwarded-for", "1.2.3.4"), ("user-agent", "u")]
    run.asks(call(), *secret, ("traceparent", "00-1-2-01"), ("mcp-method", "tools/call"))
    names = {name for name, _ in run.forwarded[0].headers}
    assert names == {"accept", "content-type", "traceparent", "mcp-method"}


def test_the_client_never_gets_the_upstreams_location_cookies_or_session(script: Any) -> None:
    run = script()
    run.asks(call())
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"content": []}}
    run.answers(answer, 200, "application/json", ("set-cookie", "a=b"), ("location", "/x"), ("mcp-session-id", "s"))
    assert {name for name, _ in run.of(gate.Start)[0].headers} == {"content-type"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_the_upstream_is_not_followed_and_not_passed_on(script: Any, status: int) -> None:
    run = script()
    run.asks(call())
    run.happens(gate.UpstreamStarted(status, [("location", "http://elsewhere.example/")]))
    assert run.status == 502
    assert b"elsewhere" not in run.sent


def test_a_compressed_answer_is_withheld(script: Any) -> None:
    run = script()
    run.asks(call())
    run.happens(gate.UpstreamStarted(200, [("content-type", "application/json"), ("content-encoding", "gzip")]))
    assert run.status == 502
    assert isinstance(run.last[0], gate.CancelUpstream)


# -- batches -----------------------------------------------------------------------------------------------------------

READS = 'rule "reads" { command "ehr/read_*"\n allow\n mask none }'


def test_every_element_of_a_batch_is_decided_and_only_what_is_permitted_goes_upstream(script: Any) -> None:
    run = script(READS)
    run.asks([call("read_one", rpc_id=1), call("delete_all", rpc_id=2), call("read_two", rpc_id=3)])
    sent = json.loads(run.forwarded[0].body)
    assert [item["params"]["name"] for item in sent] == ["read_one", "read_two"]
    run.answers([{"jsonrpc": "2.0", "id": key, "result": {"content": []}} for key in (1, 3)])
    assert sorted(item["id"] for item in run.reply) == [1, 2, 3]
    [refused] = [item for item in run.reply if item["id"] == 2]
    assert refused["result"]["isError"]


def test_a_batch_of_which_nothing_is_permitted_goes_nowhere(script: Any) -> None:
    run = script(READS)
    run.asks([call("delete_all", rpc_id=1), call("delete_more", rpc_id=2)])
    assert run.forwarded == []
    assert [item["result"]["isError"] for item in run.reply] == [True, True]


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
def test_versions_without_batches_refuse_them(script: Any, version: str) -> None:
    run = script()
    run.asks([call()], ("mcp-protocol-version", version))
    assert run.status == 400


def test_a_batch_that_goes_through_whole_goes_as_the_bytes_that_came(script: Any) -> None:
    run = script()
    body = b"[" + LIST.encode() + b" ]"
    run.asks(body)
    assert run.forwarded[0].body == body


# -- strict JSON -------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_whatever_json_writes_is_read_back_as_it_was(value: Any) -> None:
    try:
        spaced = json.dumps(value).encode()
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return  # a lone surrogate is no text
    assert parse(spaced) == value
    assert parse(write(value)) == value


@given(JSON)
def test_the_canonical_form_does_not_depend_on_layout_or_order(value: Any) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False).encode()
        shuffled = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode()
    except UnicodeEncodeError:
        return
    assert canonical(parse(text)) == canonical(parse(shuffled))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"9007199254740993", b"9007199254740992"),
        (b"0.1", b"0.10000000000000000001"),
        (b"1", b'"1"'),
        (b"1", b"1.0"),
        (b"1e2", b"100"),
        (b"[null]", b"[false]"),
    ],
)
def test_different_values_have_different_canonical_forms(one: bytes, other: bytes) -> None:
    assert canonical(parse(one)) != canonical(parse(other))


def test_numbers_keep_their_value_exactly() -> None:
    assert parse(b"[12345678901234567890123, 0.1]") == [12345678901234567890123, 0.1]
    assert parse(b"[0.10000000000000000001]") == [Decimal("0.10000000000000000001")]
    assert write(parse(b"[12345678901234567890123]")) == b"[12345678901234567890123]"
