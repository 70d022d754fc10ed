"""Ways around the policy, over real HTTP: an upstream writes down whatever reaches it, and nothing undecided does."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import pytest
from loopback import Gateway, gateway

POLICY = 'rule "reads" { command "toy/read"\n allow\n mask none }'
ALLOWED = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "read", "arguments": {}}}
DELETE = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "delete", "arguments": {}}}


def _malformed() -> dict[str, str]:
    path = Path(__file__).parents[1] / "gate" / "test_messages.py"
    spec = importlib.util.spec_from_file_location("gate_malformed", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, str] = module.MALFORMED
    return found


MALFORMED = _malformed()


class Recorder:
    """An upstream that answers every request with an empty result, and keeps what it was sent."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, bytes, dict[str, str]]] = []
        self.headers: list[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]
        self.status = 200
        self.before: asyncio.Event | None = None  # set: wait for it before the answer begins
        self.dies = ""  # "before", "within": break the connection there
        self.gone = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                message = await receive()
                await send({"type": message["type"] + ".complete"})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        self.reached.append((scope["method"], body, headers))
        if self.before is not None:
            while (await receive())["type"] != "http.disconnect":
                pass
            self.gone.set()
            return
        if self.dies == "before":
            raise ConnectionError
        tree = json.loads(body) if body else {}
        trees = tree if isinstance(tree, list) else [tree]
        answers = [{"jsonrpc": "2.0", "id": t["id"], "result": {"content": []}} for t in trees if "id" in t]
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        if self.dies == "within":
            await send({"type": "http.response.body", "body": b'{"jsonrpc"', "more_body": True})
            raise ConnectionError
        data = json.dumps(answers if isinstance(tree, list) else answers[0]).encode()
        await send({"type": "http.response.body", "body": data})

    def commands(self) -> list[str]:
        """The tools that were called, in the order in which they arrived."""
        found = []
        for _, body, _ in self.reached:
            tree = json.loads(body)
            found += [t["params"]["name"] for t in (tree if isinstance(tree, list) else [tree]) if "params" in t]
        return found


async def _post(gated: Gateway, body: bytes | Any, **headers: str) -> tuple[int, str]:
    data = body if isinstance(body, (bytes, io.BytesIO)) else json.dumps(body).encode()
    async with gated.http() as http, http.post(gated.url, data=data, headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.fixture
def upstream() -> Recorder:
    return Recorder()


async def test_no_malformed_message_reaches_the_upstream(tmp_path: Path, upstream: Recorder) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        for name, body in MALFORMED.items():
            status, said = await _post(gated, body.encode())
            assert (name, status) == (name, 400)
            assert "error" in json.loads(said)
    assert upstream.reached == []


async def test_of_a_batch_only_what_is_permitted_reaches_the_upstream(tmp_path: Path, upstream: Recorder) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        status, said = await _post(gated, [ALLOWED, DELETE])
    assert status == 200
    assert upstream.commands() == ["read"]
    assert {answer["id"]: answer["result"].get("isError", False) for answer in json.loads(said)} == {1: False, 2: True}


@pytest.mark.parametrize(
    "method",
    ["resources/read", "prompts/get", "completion/complete", "tasks/result", "sampling/createMessage", "x/unknown"],
)
async def test_no_other_method_is_a_way_to_what_is_not_permitted(
    tmp_path: Path, upstream: Recorder, method: str
) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"name": "delete", "uri": "x://delete"}}
    async with gateway(tmp_path, upstream, POLICY) as gated:
        status, said = await _post(gated, message)
    assert status == 200
    assert "error" in json.loads(said)
    assert upstream.reached == []


async def test_what_reaches_the_upstream_has_no_authorization_no_cookie_and_asks_for_no_encoding(
    tmp_path: Path, upstream: Recorder
) -> None:
    secret = {"Cookie": "a=b", "X-Forwarded-For": "10.0.0.1", "Proxy-Authorization": "x", "Accept-Encoding": "gzip"}
    async with gateway(tmp_path, upstream, POLICY) as gated:
        await _post(gated, ALLOWED, **secret)
    [(_, _, headers)] = upstream.reached
    assert headers.pop("accept-encoding") == "identity"
    assert set(headers) <= {"host", "accept", "content-type", "content-length"}


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (302, [(b"location", b"http://elsewhere.example/")]),
        (200, [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]),
        (200, [(b"content-type", b"text/html")]),
    ],
    ids=["redirect", "compressed", "html"],
)
async def test_what_the_gate_cannot_read_is_withheld(
    tmp_path: Path, upstream: Recorder, status: int, headers: list[tuple[bytes, bytes]]
) -> None:
    upstream.status, upstream.headers = status, headers
    async with gateway(tmp_path, upstream, POLICY) as gated:
        code, said = await _post(gated, ALLOWED)
    assert code == 502
    assert "elsewhere" not in said
    assert len(upstream.reached) == 1


async def test_a_compressed_or_oversized_request_is_refused(tmp_path: Path, upstream: Recorder) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        assert (await _post(gated, ALLOWED, **{"Content-Encoding": "gzip"}))[0] == 400
        assert (await _post(gated, io.BytesIO(b" " * (17 << 20))))[0] == 413
    assert upstream.reached == []


@pytest.mark.parametrize("where", ["before", "within"])
@pytest.mark.filterwarnings("ignore")
async def test_an_upstream_that_dies_leaves_a_clear_error_and_an_ended_call(
    tmp_path: Path, upstream: Recorder, where: str
) -> None:
    upstream.dies = where
    async with gateway(tmp_path, upstream, POLICY) as gated:
        status, _ = await _post(gated, ALLOWED)
    assert status == {"before": 500, "within": 502}[where]
    assert [e.metadata["outcome"] for e in gated.entries if e.kind == "call.ended"] == ["error"]


async def test_a_client_that_leaves_leaves_no_upstream_call_behind_and_an_ended_one(
    tmp_path: Path, upstream: Recorder
) -> None:
    upstream.before = asyncio.Event()
    async with gateway(tmp_path, upstream, POLICY) as gated:
        post = asyncio.create_task(_post(gated, ALLOWED))
        while not upstream.reached:
            await asyncio.sleep(0.01)
        post.cancel()
        await upstream.gone.wait()
        while "call.ended" not in gated.kinds():
            await asyncio.sleep(0.01)
    assert [e.metadata["outcome"] for e in gated.entries if e.kind == "call.ended"] == ["cut"]


async def test_when_nothing_can_be_recorded_nothing_reaches_the_upstream(tmp_path: Path, upstream: Recorder) -> None:
    async with gateway(tmp_path, upstream, POLICY) as gated:
        gated.log.close()
        status, said = await _post(gated, ALLOWED)
    assert status == 503
    assert "recorded" in said
    assert upstream.reached == []


async def test_a_large_request_goes_through_whole(tmp_path: Path, upstream: Recorder) -> None:
    large = {**ALLOWED, "params": {"name": "read", "arguments": {"text": "x" * (3 << 20)}}}
    async with gateway(tmp_path, upstream, POLICY) as gated:
        status, _ = await _post(gated, io.BytesIO(json.dumps(large).encode()))
    assert status == 200
    assert json.loads(upstream.reached[0][1]) == large
