"""Each sink against a real receiver on loopback; nothing is skipped, whatever fails."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import recorder
from adapter_asgi.approvals.webhooks import signature
from adapter_asgi.errors import AdapterError
from adapter_asgi.sinks import ship as shipping
from adapter_asgi.sinks.cursor import Cursor
from adapter_asgi.sinks.target import Target, target
from recorder.entry import Entry

SECRET = "whsec_" + "QUJD" * 10
PLANTED = "Ada Lovelace 1815"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "evidence"
    with recorder.open(path) as log:
        _calls(log, 30)
    return path


def _calls(log: recorder.Log, count: int) -> None:
    for number in range(count):
        about = {"call": f"{number:016x}", "command": "ehr/search", "effect": "allow", "rules": ["a", "b"]}
        retain = 60 if number % 3 else None
        log.submit(Entry("decision", "s1", about, PLANTED.encode(), retain=retain))


def _ship(store: Path, to: Target, cursor: Path, **options: Any) -> int:
    return shipping(store, "st", to, Cursor(cursor, "st", "t"), once=True, **options)


def _ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["id"] for event in events]


def _expected(store: Path) -> list[str]:
    return [f"st/{record.log}/{record.seq}" for record in recorder.reader.Store(store).records()]


@pytest.fixture
def posted() -> Iterator[tuple[str, list[tuple[dict[str, str], str, bytes]], list[int]]]:
    """An HTTP receiver: its address, what it got, and the statuses that it answers with before it says 200."""
    got: list[tuple[dict[str, str], str, bytes]] = []
    statuses: list[int] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(({name.lower(): value for name, value in self.headers.items()}, self.path, body))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}", got, statuses
        server.shutdown()


def test_a_file_gets_each_record_once_and_goes_on_after_a_cut_line(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "siem.ndjson"
    out.write_bytes(b'{"id": "cu')
    assert _ship(store, target(f"file://{out}", None), tmp_path / "c") == 31
    lines = out.read_text().splitlines()
    assert _ids([json.loads(line) for line in lines[1:]]) == _expected(store)
    with recorder.open(store) as log:
        _calls(log, 7)
    assert _ship(store, target(f"file://{out}", None), tmp_path / "c") >= 7
    assert sorted(_ids([json.loads(line) for line in out.read_text().splitlines()[1:]])) == sorted(_expected(store))


def test_no_payload_leaves(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "siem.ndjson"
    _ship(store, target(f"file://{out}", None), tmp_path / "c")
    assert PLANTED not in out.read_text()
    assert "Ada" not in out.read_text()


def test_a_webhook_is_signed_and_a_repeated_batch_keeps_its_id(
    store: Path, tmp_path: Path, posted: tuple[str, list[Any], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, got, statuses = posted
    statuses.append(503)
    hook = target(f"http://{place}/hook?x=1", SECRET)
    with pytest.raises(OSError, match="503"):
        _ship(store, hook, tmp_path / "c")
    _ship(store, hook, tmp_path / "c")
    (first, path, body), (again, _, _) = got[:2]
    assert path == "/hook?x=1"
    assert first["webhook-id"] == again["webhook-id"]
    stamp = int(first["webhook-timestamp"])
    assert first["webhook-signature"] == signature(SECRET, first["webhook-id"], stamp, body)
    assert _ids([event for _, _, data in got[1:] for event in json.loads(data)["data"]]) == _expected(store)


def test_otlp_log_records(store: Path, tmp_path: Path, posted: tuple[str, list[Any], list[int]]) -> None:
    place, got, _ = posted
    _ship(store, target(f"otlp+http://{place}", None), tmp_path / "c")
    assert {path for _, path, _ in got} == {"/v1/logs"}
    [scope] = json.loads(got[0][2])["resourceLogs"][0]["scopeLogs"]
    decision = scope["logRecords"][-1]
    named = {item["key"]: item["value"] for item in decision["attributes"]}
    assert decision["eventName"] == "hoopgate.decision"
    assert named["hoopgate.command"] == {"stringValue": "ehr/search"}
    assert named["hoopgate.rules"] == {"arrayValue": {"values": [{"stringValue": "a"}, {"stringValue": "b"}]}}
    assert int(decision["timeUnixNano"]) > 10**18


def test_otlp_is_what_the_protocols_own_definition_reads(store: Path, tmp_path: Path, posted: Any) -> None:
    from google.protobuf import json_format
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

    place, got, _ = posted
    _ship(store, target(f"otlp+http://{place}", None), tmp_path / "c")
    request = json_format.Parse(got[0][2], ExportLogsServiceRequest())
    assert len(request.resource_logs[0].scope_logs[0].log_records) == 31


def test_syslog_counts_octets_and_a_batch_ends_with_the_receivers_end(store: Path, tmp_path: Path) -> None:
    got: list[bytes] = []

    class Receiver(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            got.append(self.rfile.read())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _ship(store, target(f"syslog+tcp://127.0.0.1:{server.server_address[1]}", None), tmp_path / "c")
        server.shutdown()
    events = []
    for data in got:
        while data:
            size, _, rest = data.partition(b" ")
            text, data = rest[: int(size)], rest[int(size) :]
            head, _, body = text.partition(b"\xef\xbb\xbf")
            assert head.startswith((b"<110>1 ", b"<108>1 "))
            events.append(json.loads(body))
    assert _ids(events) == _expected(store)


def test_a_receiver_that_dies_after_taking_a_batch_gets_it_again(store: Path, tmp_path: Path) -> None:
    taken: list[str] = []

    class Flaky:
        failures = 2

        def deliver(self, events: Any) -> None:
            taken.extend(event["id"] for event in events)
            if self.failures:
                self.failures -= 1
                raise ConnectionResetError

    flaky = Flaky()
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            _ship(store, flaky, tmp_path / "c")
    _ship(store, flaky, tmp_path / "c")
    assert list(dict.fromkeys(taken)) == _expected(store)
    assert len(taken) == 3 * 31


def test_it_follows_until_it_is_told_to_stop(store: Path, tmp_path: Path) -> None:
    stop, seen = threading.Event(), []

    class Seeing:
        def deliver(self, events: Any) -> None:
            seen.extend(events)
            if len(seen) >= 31:
                stop.set()

    cursor = Cursor(tmp_path / "c", "st", "t")
    assert shipping(store, "st", Seeing(), cursor, once=False, stop=stop) == 31


@pytest.mark.parametrize(
    ("url", "secret", "says"),
    [
        ("ftp://x/y", None, "no sink"),
        ("http://x/y", None, "needs a secret"),
        ("https://u:p@x/y", SECRET, "carries a password"),
        ("syslog+tcp://", None, "names no host"),
    ],
)
def test_an_address_that_cannot_be_is_refused(url: str, secret: str | None, says: str) -> None:
    with pytest.raises(AdapterError, match=says) as caught:
        target(url, secret)
    assert "p@x" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"store": "other", "target": "t", "next": {}}'])
def test_a_cursor_that_is_damaged_or_anothers_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "c").write_text(text)
    with pytest.raises(AdapterError, match="not this target's cursor"):
        Cursor(tmp_path / "c", "st", "t")


@pytest.fixture
def command(store: Path) -> Callable[..., list[str]]:
    def words(*more: str) -> list[str]:
        return [sys.executable, "-m", "adapter_asgi", "ship", "--store", str(store), *more]

    return words


def test_the_command_delivers_what_is_there(store: Path, tmp_path: Path, command: Callable[..., list[str]]) -> None:
    out = tmp_path / "out.ndjson"
    ran = subprocess.run(command("--to", f"file://{out}", "--once"), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "delivered: 31 records\n"), ran.stderr
    refused = command("--to", "syslog+tcp://127.0.0.1:1", "--once")
    ran = subprocess.run(refused, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "SNK04" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_killed_at_any_time_it_goes_on_without_a_gap(
    store: Path, tmp_path: Path, command: Callable[..., list[str]]
) -> None:
    out = tmp_path / "out.ndjson"
    words = command("--to", f"file://{out}")
    for _ in range(2):
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        while not (out.exists() and out.stat().st_size):
            assert child.poll() is None
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        with recorder.open(store) as log:
            _calls(log, 5)
    subprocess.run([*words, "--once"], check=True, stdout=subprocess.DEVNULL)
    whole, cut = [], 0
    for line in out.read_text().splitlines():
        try:
            whole.append(json.loads(line)["id"].partition("/")[2])
        except json.JSONDecodeError:  # a kill cut it: the next delivery ends the line and sends the event again
            cut += 1
    assert cut <= 2
    assert set(whole) == {one.partition("/")[2] for one in _expected(store)}
