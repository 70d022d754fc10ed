"""HTTP/1.1 to an upstream: what comes is what was sent, and what is no HTTP breaks only its own connection."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

import gate
from adapter_asgi.deadlines import Deadlines
from adapter_asgi.upstream import HttpUpstream, UpstreamError, http_client
from adapter_asgi.upstream.connection import Connection
from adapter_asgi.upstream.pool import Origin, Pool

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
ANSWERS = {
    "length": (OK + b"content-length: 5\r\n\r\nhello", True),
    "chunks": (OK + b"transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", True),
    "trailers": (OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nset-cookie: a\r\n\r\n", True),
    "interim": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK
                + b"content-length: 5\r\n\r\nhello", True),
    "closing": (OK + b"connection: close\r\ncontent-length: 5\r\n\r\nhello", False),
    "to the end": (OK + b"\r\nhello", False),
    "old": (b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\nhello", False),
}  # fmt: skip
NOT_HTTP = {
    "nonsense": b"SSH-2.0-OpenSSH\r\n\r\n",
    "two lengths": OK + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
    "length and chunks": OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "an upgrade": b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    "headers without end": OK + b"x: y\r\n" * 20_000,
    "a bare CR in a header": OK + b"x: a\rset-cookie: b\r\ncontent-length: 5\r\n\r\nhello",
    "a NUL in a header": OK + b"x: a\0b\r\ncontent-length: 5\r\n\r\nhello",
    "a space before the colon": OK + b"content-length : 5\r\n\r\nhello",
    "chunked, and more": OK + b"transfer-encoding: chunked, identity\r\ncontent-length: 5\r\n\r\nhello",
    "a length that is none": OK + b"content-length: five\r\n\r\nhello",
    "one header without end": OK + b"x: " + b"y" * 100_000,
    "nothing": b"",
    "half a head": OK,
}
BROKEN = {
    "half a body": OK + b"content-length: 5\r\n\r\nhel",
    "half a chunk": OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhel",
    "a second answer": OK + b"content-length: 5\r\n\r\nhello" + OK + b"content-length: 0\r\n\r\n",
    "a bad chunk": OK + b"transfer-encoding: chunked\r\n\r\nzz\r\nhello",
}
POST = gate.Forward("POST", [("accept", "application/json")], b"{}")
Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SESSION: Any = None  # an HTTP upstream does not look at it


class Wire:
    """A server on loopback that does what `answer` says with every connection, and counts them."""

    def __init__(self, answer: Answering) -> None:
        self._answer = answer
        self.connections = 0
        self._tasks: list[Any] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()

    @contextlib.asynccontextmanager
    async def upstream(
        self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", **options: Any
    ) -> AsyncIterator[tuple[HttpUpstream, Pool]]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=tls)
        scheme = "http" if tls is None else "https"
        port = server.sockets[0].getsockname()[1]
        async with http_client() as client:
            yield HttpUpstream("toy", f"{scheme}://{host}:{port}/mcp?a=b", client, **options), client
        server.close()
        await asyncio.gather(*self._tasks)


def says(data: bytes, *, kept: bool = False, heard: list[bytes] | None = None) -> Answering:
    """Answer every request with `data`; close the connection after the first unless it is `kept`."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        more = True
        while more:
            request = await reader.readuntil(b"\r\n\r\n{}")
            if heard is not None:
                heard.append(request)
            writer.write(data)
            await writer.drain()
            more = kept

    return answer


async def to_the_end(leg: Any) -> None:
    while await leg.read():
        pass


async def begun(upstream: HttpUpstream, forward: gate.Forward) -> Any:
    """An answer whose head came in time, which a busy machine may not bring at once."""
    while True:
        with contextlib.suppress(UpstreamError):
            return await upstream.open(forward, SESSION)


async def whole(upstream: HttpUpstream) -> bytes:
    leg = await upstream.open(POST, SESSION)
    body = b""
    while piece := await leg.read():
        body += piece
    await leg.close()
    return body


@pytest.mark.parametrize("kind", ANSWERS)
async def test_every_way_to_frame_a_body_is_read_and_the_connection_kept_where_it_may_be(kind: str) -> None:
    data, kept = ANSWERS[kind]
    wire = Wire(says(data, kept=kept))
    async with wire.upstream() as (upstream, _):
        for _ in range(3):
            leg = await upstream.open(POST, SESSION)
            assert leg.status == 200
            assert leg.headers == [("content-type", "application/json")]
            body = b""
            while piece := await leg.read():
                body += piece
            await leg.close()
            assert body == b"hello"
    assert wire.connections == (1 if kept else 3)


@pytest.mark.parametrize("kind", NOT_HTTP)
async def test_what_is_no_http_is_an_upstream_that_cannot_be_reached(kind: str) -> None:
    async with Wire(says(NOT_HTTP[kind])).upstream() as (upstream, _):
        with pytest.raises(UpstreamError) as caught:
            await upstream.open(POST, SESSION)
    assert caught.value.code == "UP01"


@pytest.mark.parametrize("kind", BROKEN)
async def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(kind: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(BROKEN[kind])
        await writer.drain()

    async with Wire(answer).upstream() as (upstream, _):
        with pytest.raises(UpstreamError) as caught:
            await whole(upstream)
    assert caught.value.code in ("UP01", "UP03")


async def test_a_request_says_what_was_asked_and_nothing_of_its_own() -> None:
    heard: list[bytes] = []
    async with Wire(says(ANSWERS["length"][0], heard=heard)).upstream() as (upstream, _):
        await whole(upstream)
    head, _, body = heard[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /mcp?a=b HTTP/1.1"
    names = {line.partition(b":")[0] for line in lines[1:]}
    assert names == {b"host", b"accept-encoding", b"accept", b"content-length"}
    assert b"accept-encoding: identity" in lines
    assert body == b"{}"


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "a\rb", "a\0b", "\u20ac"])
async def test_a_header_that_would_be_two_is_not_sent(value: str) -> None:
    heard: list[bytes] = []
    async with Wire(says(ANSWERS["length"][0], heard=heard)).upstream() as (upstream, _):
        for headers in ([("mcp-name", value)], [(f"x{value}", "y")]):
            with pytest.raises(UpstreamError):
                await upstream.open(gate.Forward("POST", headers, b"{}"), SESSION)
    assert heard == []


async def test_an_upstream_that_says_nothing_is_too_slow() -> None:
    forever = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await forever.wait()

    async with Wire(answer).upstream(first_byte=0.01) as (upstream, _):
        with pytest.raises(UpstreamError) as caught:
            await upstream.open(POST, SESSION)
        forever.set()
    assert caught.value.code == "UP02"


@pytest.mark.parametrize("kind", [b"application/json", b"text/event-stream"])
async def test_what_one_call_leaves_unread_is_never_the_beginning_of_anothers_answer(kind: bytes) -> None:
    answers = iter([b"for alice", b"for bob"])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n{}")
            said = next(answers)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n" % (kind, len(said)))
            writer.write(said)

    async with Wire(answer).upstream() as (upstream, _):
        left = await upstream.open(POST, SESSION)
        connection: Any = left._connection
        while not connection.complete:  # the whole answer is here, and alice goes without reading it
            await asyncio.sleep(0)
        await left.close()
        assert await whole(upstream) == b"for bob"


@pytest.mark.parametrize("dribble", [b"", b" "])
async def test_an_answer_that_stalls_or_trickles_is_given_up_and_a_stream_is_not(dribble: bytes) -> None:
    late = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n{}")
        kind = b"text/event-stream" if b"accept: text/event-stream" in request else b"application/json"
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: " + kind + b"\r\ncontent-length: 900000\r\n\r\n: \n")
        gone = asyncio.create_task(reader.read())
        if kind == b"application/json":
            while not gone.done():
                writer.write(dribble)
                await asyncio.wait([gone], timeout=0.002)
        await late.wait()
        writer.write(b"data: 1\n\n")
        await gone

    async with Wire(answer).upstream(first_byte=0.05) as (upstream, _):
        stream = await begun(upstream, gate.Forward("POST", [("accept", "text/event-stream")], b"{}"))
        assert await stream.read() == b": \n"
        leg = await begun(upstream, POST)
        with pytest.raises(UpstreamError) as caught:
            await to_the_end(leg)
        assert caught.value.code == "UP02"
        await leg.close()
        late.set()
        assert await stream.read() == b"data: 1\n\n"
        await stream.close()


async def test_whoever_stops_waiting_or_reading_closes_the_connection() -> None:
    asked, closed = asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        if wire.connections == 2:
            writer.write(STREAM + b"content-length: 10\r\n\r\nhello")
        asked.set()
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        closed.set()

    wire = Wire(answer)
    async with wire.upstream() as (upstream, _):
        waiting = asyncio.create_task(upstream.open(POST, SESSION))
        await asked.wait()
        waiting.cancel()
        await closed.wait()
        asked.clear(), closed.clear()
        leg = await upstream.open(POST, SESSION)
        assert await leg.read() == b"hello"
        await leg.close()
        await closed.wait()


async def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    closing = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(ANSWERS["length"][0])
        await closing.wait()

    wire = Wire(answer)
    async with wire.upstream() as (upstream, pool):
        assert await whole(upstream) == b"hello"
        [[idle]] = pool._idle.values()
        closing.set()
        while idle.reusable:
            await asyncio.sleep(0)
        assert await whole(upstream) == b"hello"
    assert wire.connections == 2


async def test_an_idle_connection_is_dropped_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter_asgi.upstream.pool._KEPT", 0.01)
    async with Wire(says(ANSWERS["length"][0], kept=True)).upstream() as (upstream, pool):
        await whole(upstream)
        while pool._idle:
            await asyncio.sleep(0)
        assert pool._sweep is None


async def test_a_slow_reader_makes_the_upstream_wait() -> None:
    body = b"x" * (64 << 20)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(OK + b"content-length: %d\r\n\r\n" % len(body))
        writer.write(body)
        await writer.drain()

    async with Wire(answer).upstream() as (upstream, _):
        leg: Any = await upstream.open(POST, SESSION)
        while not leg._connection._paused:
            await asyncio.sleep(0)
        assert leg._connection._held < 2 << 20
        got = 0
        while piece := await leg.read():
            got += len(piece)
        assert got == len(body)


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("http://a.example/mcp", "a.example", "/mcp"),
        ("http://a.example:80", "a.example:80", "/"),
        ("https://[::1]:8443/x?y=z", "[::1]:8443", "/x?y=z"),
        ("https://b\u00fccher.example/", "xn--bcher-kva.example", "/"),
    ],
)
def test_a_url_is_a_host_and_a_target(url: str, host: str, target: str) -> None:
    assert (Origin.of(url).authority, Origin.of(url).target) == (host, target)


@pytest.mark.parametrize("url", ["ftp://a/", "http:///x", "http://u:p@a/", "http://a/b c", "a", "http://a/\u00e9"])
def test_what_is_no_url_of_an_upstream_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="upstream's URL"):
        Origin.of(url)


class _Transport:
    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


@given(kind=st.sampled_from(sorted(ANSWERS)), cuts=st.lists(st.integers(1, 150), max_size=8))
def test_where_the_network_cuts_an_answer_makes_no_difference(kind: str, cuts: list[int]) -> None:
    async def read() -> tuple[int, list[tuple[str, str]], bytes]:
        connection = Connection()
        connection.connection_made(_Transport())  # type: ignore[arg-type] # as much of a transport as is needed
        asking = asyncio.ensure_future(connection.ask(b"", b"", Deadlines(60.0)))
        await asyncio.sleep(0)
        data = ANSWERS[kind][0]
        at = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
        for start, end in itertools.pairwise(at):
            connection.data_received(data[start:end])
        connection.eof_received()
        connection.connection_lost(None)
        await asking
        body = b""
        while piece := await connection.read():
            body += piece
        return connection.status, connection.headers, body

    status, headers, body = asyncio.run(read())
    assert (status, body) == (200, b"hello")
    assert dict(headers)["content-type"] == "application/json"


@given(st.binary(max_size=300), st.sampled_from([b"", OK + b"\r\n", OK + b"transfer-encoding: chunked\r\n\r\n"]))
def test_whatever_an_upstream_sends_ends_in_an_answer_or_a_broken_connection(noise: bytes, start: bytes) -> None:
    connection = Connection()
    connection.connection_made(_Transport())  # type: ignore[arg-type] # as much of a transport as is needed

    async def read() -> None:
        asking = asyncio.ensure_future(connection.ask(b"", b"", Deadlines(60.0)))
        await asyncio.sleep(0)
        connection.data_received(start + noise)
        connection.eof_received()
        connection.connection_lost(None)
        with contextlib.suppress(Exception):
            await asking
            while await connection.read():
                pass

    asyncio.run(read())
    assert not connection.reusable


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(("host", "trusted"), [("localhost", True), ("localhost", False), ("127.0.0.1", True)])
async def test_over_tls_the_certificate_must_be_trusted_and_name_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool
) -> None:
    certificate, key = _certificate(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    heard: list[bytes] = []
    wire = Wire(says(ANSWERS["length"][0], heard=heard))
    async with wire.upstream(tls=context, host=host) as (upstream, _):
        if trusted and host == "localhost":
            assert await whole(upstream) == b"hello"
        else:
            with pytest.raises(UpstreamError):
                await whole(upstream)
            assert heard == []
