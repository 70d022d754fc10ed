"""Ways around a policy, as raw HTTP.

The policy permits the tool `read`, resources under toy://open/ and the prompt `open`. What a trick is to reach is the
tool `delete`, the resource toy://secret or the prompt `secret`, or any tool while a header says another.
"""

from __future__ import annotations

import json
from typing import Any

from tests.gate.test_messages import MALFORMED

__all__ = ["BODIES", "HEADERS", "POLICY", "RAW", "body"]

POLICY = """
rule "reads" { command "toy/read"
    when not exists args.force
    allow
    mask none }
rule "open" { server "toy"
    resource "toy://open/**"
    allow
    mask none }
rule "briefs" { server "toy"
    prompt "open"
    allow
    mask none }
"""


def body(method: str, params: Any = None, rpc_id: Any = 1, **more: Any) -> str:
    message = {"jsonrpc": "2.0", "id": rpc_id, "method": method, "params": params or {}, **more}
    return json.dumps({key: value for key, value in message.items() if value is not ...})


def call(name: str, arguments: Any = None, rpc_id: Any = 1, **more: Any) -> str:
    return body("tools/call", {"name": name, "arguments": arguments or {}, **more}, rpc_id)


def uri(value: str) -> str:
    return body("resources/read", {"uri": value})


READ, DELETE = call("read"), call("delete", rpc_id=2)
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
MODERN = call("delete", _meta=META)

# Each of these is one POST with the usual headers.
BODIES: dict[str, bytes] = {name: text.encode() for name, text in MALFORMED.items()} | {
    name: text if isinstance(text, bytes) else text.encode()
    for name, text in {
        "plain": DELETE,
        "a batch": f"[{READ},{DELETE}]",
        "a batch of one": f"[{DELETE}]",
        "a batch with a notification": f"[{READ},{body('tools/call', {'name': 'delete'}, ...)}]",
        "a batch in a batch": f"[{READ},[{DELETE}]]",
        "a batch whose ids are 1 and 1.0": f"[{READ},{call('delete', rpc_id=1.0)}]",
        "an object of messages": f'{{"0":{READ},"1":{DELETE},"length":2}}',
        "a notification": body("tools/call", {"name": "delete"}, ...),
        "UTF-16": DELETE.encode("utf-16"),
        "UTF-16 without a mark": DELETE.encode("utf-16-le"),
        "UTF-32": DELETE.encode("utf-32"),
        "a byte order mark": b"\xef\xbb\xbf" + DELETE.encode(),
        "overlong UTF-8": READ.encode().replace(b'"read"', b'"re\xc1\xa1d"'),
        "two lines": f"{READ}\n{DELETE}",
        "two values and a NUL": f"{READ}\0{DELETE}",
        "trailing words": READ + " " + DELETE,
        "a record separator": f"\x1e{READ}\n\x1e{DELETE}",
        "an event stream": f"data: {DELETE}\n\n",
        "a form": "jsonrpc=2.0&method=tools/call",
        "comments": READ.replace('"read"', '"read"/*","name":"delete*/'),
        "a line comment": READ[:-1] + "//\n}",
        "a trailing comma": READ[:-1] + ",}",
        "single quotes": DELETE.replace('"', "'"),
        "bare keys": DELETE.replace('"method"', "method"),
        "hexadecimal": call("read", {"n": 1}).replace('"n": 1', '"n": 0x1'),
        "Infinity": call("read", {"n": 1}).replace('"n": 1', '"n": Infinity'),
        "a plus sign": call("read", {"n": 1}).replace('"n": 1', '"n": +1'),
        "a leading zero": call("read", {"n": 1}).replace('"n": 1', '"n": 01'),
        "a number out of range": call("read", {"n": 1}).replace('"n": 1', '"n": 1e999'),
        "a lone surrogate": DELETE.replace('"delete"', '"delete\\ud800"'),
        "a raw newline in a string": DELETE.replace("delete", "dele\nte"),
        "an id that is 1.0": READ.replace('"id": 1', '"id": 1.0'),
        "an id that is 1e0": READ.replace('"id": 1', '"id": 1e0'),
        "an id that is -0": READ.replace('"id": 1', '"id": -0.0'),
        "an id over 64 bits": READ.replace('"id": 1', '"id": 18446744073709551617'),
        "an escaped method": DELETE.replace("tools/call", "\\u0074ools\\/call"),
        "an escaped name": DELETE.replace('"delete"', '"d\\u0065lete"'),
        "an escaped key": DELETE.replace('"name"', '"n\\u0061me"'),
        "an escaped second name": DELETE.replace('"name": "delete"', '"name": "read", "n\\u0061me": "delete"'),
        "a second params": READ[:-1] + ', "params": {"name": "delete"}}',
        "a second id": READ[:-1] + ', "id": 2}',
        "a prototype": body("tools/call", {"__proto__": {"name": "delete"}, "arguments": {}}),
        "a prototype beside a name": body("tools/call", {"name": "read", "__proto__": {"name": "delete"}}),
        "a prototype of the arguments": call("read", {"__proto__": {"force": True}}),
        "an escaped prototype": call("read", {"X": {"force": True}}).replace("X", "\\u005f_proto__"),
        "a condition's argument twice": call("read", {"x": 1}).replace('"x": 1', '"x": 1, "force": 1, "x": 1'),
        "a condition's argument": call("read", {"force": True}),
        "a method with a NUL": body("tools/call\0", {"name": "delete"}),
        "a method with a space": body("tools/call ", {"name": "delete"}),
        "a method in capitals": body("TOOLS/CALL", {"name": "delete"}),
        "a method with two slashes": body("tools//call", {"name": "delete"}),
        "a method with a dot": body("tools/./call", {"name": "delete"}),
        "an old name of the method": body("callTool", {"name": "delete"}),
        "a method of the runtime": body("constructor", {"name": "delete"}),
        "a method of JSON-RPC's own": body("rpc.call", {"name": "delete"}),
        "a name in capitals": call("DELETE"),
        "a name with a space": call("delete "),
        "a name with a NUL": call("read\0delete"),
        "a name with a line break": call("read\ndelete"),
        "a name with another e": call("d\u0435lete"),
        "a wide name": call("\uff44\uff45\uff4c\uff45\uff54\uff45"),
        "a name with a joiner": call("delete\u200d"),
        "a name with a server": call("toy/delete"),
        "a name with a slash": call("read/../delete"),
        "a name with an encoded slash": call("read%2f..%2fdelete"),
        "a name with a glob": call("*"),
        "a name in a list": body("tools/call", {"name": ["delete"]}),
        "a name in an object": body("tools/call", {"name": {"toString": "delete"}}),
        "arguments in a list": body("tools/call", {"name": "read", "arguments": [{"name": "delete"}]}),
        "params in a list": body("tools/call", ["delete", {}]),
        "params in a string": body("tools/call", json.dumps({"name": "delete"})),
        "a task": body("tools/call", {"name": "delete", "arguments": {}, "task": {"ttl": 1000}}),
        "another's task": body("tasks/result", {"taskId": "1"}),
        "a decision in _meta": call("delete", _meta={"hoopgate/decision": "allow", "hoopgate/approval": "AP1"}),
        "a state of the gate's": call("delete", requestState="approval:AP1"),
        "input responses": call("delete", inputResponses={"a": {"method": "tools/call", "params": {"name": "read"}}}),
        "a completion of a prompt": body(
            "completion/complete",
            {"ref": {"type": "ref/prompt", "name": "secret"}, "argument": {"name": "topic", "value": "a"}},
        ),
        "a completion of a resource": body(
            "completion/complete",
            {"ref": {"type": "ref/resource", "uri": "toy://secret"}, "argument": {"name": "x", "value": "a"}},
        ),
        "a prompt": body("prompts/get", {"name": "secret"}),
        "a prompt by its uri": body("prompts/get", {"uri": "open", "name": "secret"}),
        "a prompt in capitals": body("prompts/get", {"name": "SECRET"}),
        "a subscription": body("resources/subscribe", {"uri": "toy://secret"}),
        "a listener": body("subscriptions/listen", {"notifications": {"resourceSubscriptions": ["toy://secret"]}}),
        "sampling": body("sampling/createMessage", {"messages": [], "maxTokens": 1}),
        "a question": body("elicitation/create", {"message": "delete?", "requestedSchema": {}}),
        "an answer to sampling": json.dumps({"jsonrpc": "2.0", "id": 0, "result": {"role": "user"}}),
        "a refusal of a question": json.dumps({"jsonrpc": "2.0", "id": "0", "error": {"code": 1, "message": "x"}}),
        "a resource": uri("toy://secret"),
        "a resource in capitals": uri("TOY://SECRET"),
        "a resource by dots": uri("toy://open/../secret"),
        "a resource by encoded dots": uri("toy://open/%2e%2E/secret"),
        "a resource by half-encoded dots": uri("toy://open/.%2e/secret"),
        "a resource by an encoded slash": uri("toy://open/..%2fsecret"),
        "a resource by dots encoded twice": uri("toy://open/%252e%252e/secret"),
        "a resource by dots encoded five times": uri("toy://open/%2525252525252e%2e/secret"),
        "a resource by a backslash": uri("toy://open\\..\\secret"),
        "a resource by a tab": uri("toy://open/.\t./secret"),
        "a resource by an encoded tab": uri("toy://open/.%09./secret"),
        "a resource by a line break": uri("toy://secret\n/toy://open/"),
        "a resource by a broken code": uri("toy://open/%ff%2e%2e/secret"),
        "a resource with a user": uri("toy://open@secret"),
        "a resource with a space": uri(" toy://secret"),
        "a resource without slashes": uri("toy:secret"),
        "a resource in a list": body("resources/read", {"uri": ["toy://secret"]}),
        "a resource by two uris": body("resources/read", {"uri": "toy://open/a", "URI": "toy://secret"}),
        "the newest version's envelope without its headers": MODERN,
        "an unfinished body": DELETE[:-1],
        "nothing": "",
        "a NUL": "\0",
        "many brackets": "[" * 5000 + DELETE + "]" * 5000,
        "many keys": body("tools/call", {"name": "read", "arguments": {"a": "["}})[:-3] + "{" * 500,
    }.items()
}

# Each of these is one POST of a body with these headers added; the body is what the upstream must not run.
_MODERN = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "delete"}
HEADERS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "another method": (DELETE, [("Mcp-Method", "tools/list")]),
    "another name": (DELETE, [("Mcp-Name", "read")]),
    "two methods": (DELETE, [("Mcp-Method", "tools/call"), ("Mcp-Method", "tools/list")]),
    "two methods in two cases": (DELETE, [("mcp-method", "tools/call"), ("MCP-METHOD", "tools/list")]),
    "two methods in one": (DELETE, [("Mcp-Method", "tools/list, tools/call")]),
    "an underscore": (DELETE, [("Mcp_Method", "tools/list"), ("Mcp_Name", "read")]),
    "a name in base64": (DELETE, [("Mcp-Name", "=?base64?cmVhZA==?=")]),
    "a name in loose base64": (DELETE, [("Mcp-Name", "=?base64?cmVhZB==?=")]),
    "a name in capital base64": (DELETE, [("Mcp-Name", "=?BASE64?cmVhZA==?=")]),
    "the newest version": (MODERN, list(_MODERN.items())),
    "the newest version, another name": (MODERN, [*_MODERN.items(), ("Mcp-Name", "read")]),
    "the newest version in two": (MODERN, [*_MODERN.items(), ("Mcp-Protocol-Version", "2025-11-25")]),
    "the newest version, a batch": (f"[{MODERN}]", list(_MODERN.items())),
    "the newest version, an answer": ('{"jsonrpc":"2.0","id":1,"result":{}}', list(_MODERN.items())),
    "an unknown version": (DELETE, [("MCP-Protocol-Version", "2031-01-01")]),
    "a version with a space": (DELETE, [("MCP-Protocol-Version", "2026-07-28 x")]),
    "two versions in one": (DELETE, [("MCP-Protocol-Version", "2025-11-25, 2026-07-28")]),
    "a batch where there are none": (f"[{READ}]", [("MCP-Protocol-Version", "2025-06-18")]),
    "a forged session": (READ, [("Mcp-Session-Id", "0" * 64)]),
    "a session with a line": (READ, [("Mcp-Session-Id", "a\tb")]),
    "two sessions": (READ, [("Mcp-Session-Id", "a"), ("mcp-session-id", "b")]),
    "another method of HTTP": (DELETE, [("X-HTTP-Method-Override", "DELETE"), ("X-Method-Override", "GET")]),
    "another address": (DELETE, [("X-Original-URL", "/mcp/other"), ("X-Rewrite-URL", "/mcp/other")]),
    "a compressed body": (DELETE, [("Content-Encoding", "gzip")]),
    "two encodings": (READ, [("Content-Encoding", "identity"), ("Content-Encoding", "gzip")]),
    "a charset": (DELETE, [("Content-Type", "application/json; charset=utf-7")]),
    "two types": (READ, [("Content-Type", "application/json"), ("content-type", "text/plain")]),
    "two authorizations": (READ, [("Authorization", "Bearer mallory")]),
    "another origin": (READ, [("Origin", "http://evil.example")]),
    "two origins": (READ, [("Origin", "http://127.0.0.1"), ("Origin", "http://evil.example")]),
    "two hosts": (READ, [("Host", "evil.example")]),
}


def _post(
    data: bytes, *headers: str, line: str = "POST /mcp/toy HTTP/1.1", length: int | None = None, more: bool = False
) -> bytes:
    usual = ["Host: 127.0.0.1", "Authorization: Bearer alice", "Content-Type: application/json"]
    usual.append("Accept: application/json, text/event-stream")
    if not more:
        usual.append("Connection: close")
    size = [] if length == -1 else [f"Content-Length: {len(data) if length is None else length}"]
    return "\r\n".join([line, *usual, *size, *headers, "", ""]).encode("latin-1") + data


_D, _R = DELETE.encode(), READ.encode()
_BARE = (b"POST /mcp/toy HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
         b"Content-Length: "
         + str(len(_R)).encode() + b"\r\n\r\n" + _R)  # fmt: skip
_CHUNKED = "Transfer-Encoding: chunked"

# Each of these is what goes over one connection, byte for byte.
RAW: dict[str, bytes] = {
    "a second request without a token": _post(_D, more=True) + _BARE,
    "two lengths": _post(_R + _D, f"Content-Length: {len(_R + _D)}", length=len(_R)),
    "length and chunks": _post(f"{len(_D):x}\r\n{DELETE}\r\n0\r\n\r\n".encode(), _CHUNKED, length=3),
    "chunks and a request after them": _post(b"0\r\n\r\n" + _BARE, _CHUNKED, length=-1, more=True),
    "chunks of another spelling": _post(_D, "Transfer-Encoding: xchunked"),
    "chunks twice": _post(f"{len(_D):x}\r\n{DELETE}\r\n0\r\n\r\n".encode(), _CHUNKED, _CHUNKED, length=-1),
    "a space before the colon": _post(_D, "Transfer-Encoding : chunked"),
    "a folded header": _post(_D, "Mcp-Method: tools/call", " tools/list"),
    "a header with a bare line feed": _post(_D, "X: y\nMcp-Method: tools/list"),
    "a header with a NUL": _post(_D, "Mcp-Name: re\0ad"),
    "a header named by the connection": _post(_D, "Connection: mcp-method", "Mcp-Method: tools/list"),
    "an upgrade": _post(_D, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
    "trailers": _post(f"{len(_D):x}\r\n{DELETE}\r\n0\r\nMcp-Name: read\r\n\r\n".encode(), _CHUNKED, length=-1),
    "a body that is too short": _post(_D, length=len(_D) + 100),
    "a GET with a body": _post(_D, line="GET /mcp/toy HTTP/1.1"),
    "a DELETE with a body": _post(_D, line="DELETE /mcp/toy HTTP/1.1"),
    "a PUT": _post(_D, line="PUT /mcp/toy HTTP/1.1"),
    "a PATCH": _post(_D, line="PATCH /mcp/toy HTTP/1.1"),
    "OPTIONS": _post(_D, line="OPTIONS /mcp/toy HTTP/1.1"),
    "HTTP/1.0": _post(_D, line="POST /mcp/toy HTTP/1.0"),
    "an absolute target": _post(_D, line="POST http://evil.example/mcp/toy HTTP/1.1"),
    "another path": _post(_R, line="POST /mcp/toy/../other HTTP/1.1"),
    "an encoded path": _post(_R, line="POST /mcp/toy%2f..%2fother HTTP/1.1"),
    "a query": _post(_D, line="POST /mcp/toy?method=tools/list&name=read HTTP/1.1"),
}
