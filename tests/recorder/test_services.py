"""Key-encryption keys and anchors as the configuration names them, against real servers of their kind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import recorder
from adapter_asgi import evidence
from adapter_asgi.cli import run
from adapter_asgi.errors import SettingsError
from adapter_asgi.settings import Settings
from recorder.anchors import FileAnchor, Paced
from recorder.keys import Keys
from recorder.reader import Payloads, Store
from recorder.retention_plan import SIX_YEARS
from tests.recorder.conftest import call


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """moto's server, as the AWS of this process's environment."""
    server = import_module("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    yield f"http://{host}:{port}"
    server.stop()


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(policy=tmp_path, store=tmp_path / "evidence", keys=tmp_path / ".hoopgate-keys", **more)  # type: ignore[arg-type]


def test_a_store_under_aws_kms_is_written_and_its_payloads_read_on_the_command_line(
    aws: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kms = import_module("boto3").client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.close()
    keys = evidence.open_keys(settings(tmp_path, kek=f"kms:{key}"))
    with recorder.open(store, keys=keys) as log:
        log.append(call(1, payload=b"under kms"))
    assert not (tmp_path / ".hoopgate-keys" / "kek").exists()
    monkeypatch.setenv("HOOPGATE_KEK", f"kms:{key}")
    assert run(["sessions", "show", "s1", "--payloads", "--reason", "audit", "--store", str(store)]) == 0
    assert "under kms" in capsys.readouterr().out
    assert run(["keys", "list", "--store", str(store)]) == 0
    assert f"kms:{key}" in capsys.readouterr().out
    assert run(["keys", "rotate", "kek", "--store", str(store)]) == 2
    monkeypatch.setenv("HOOPGATE_KEK", "kms:alias/nobody")
    assert run(["sessions", "show", "s1", "--payloads", "--reason", "audit", "--store", str(store)]) == 2
    assert "kms:alias/nobody did not" in capsys.readouterr().err


def test_a_file_key_hands_over_to_the_key_that_the_configuration_names(store: Path, tmp_path: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1, payload=b"before"))
    keys = Keys.in_directory(tmp_path / ".hoopgate-keys", kek=evidence.key_encryption("env:K", {"K": "A" * 43 + "="}))
    with recorder.open(store, keys=keys) as log:
        log.append(call(2, payload=b"after"))
    (tmp_path / ".hoopgate-keys" / "kek").unlink()
    again = Keys.in_directory(tmp_path / ".hoopgate-keys", kek=keys.kek)
    payloads = Payloads(Store(store), again)
    assert [payloads.payload(record) for record in Store(store).records(session="s1")] == [b"before", b"after"]
    recorder.verify(store)


class _Transit(BaseHTTPRequestHandler):
    """Answers as OpenBao's transit engine does, or sends the caller elsewhere."""

    server: HTTPServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["X-Vault-Token"] != "token":
            self.send_response(307)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
            self.end_headers()
            return
        import json

        told = json.loads(body)
        data = (
            {"ciphertext": "vault:v1:" + told["plaintext"]}
            if "/encrypt/" in self.path
            else {"plaintext": told["ciphertext"].split(":")[2]}
        )
        answer = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def transit() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Transit) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"transit:http://127.0.0.1:{server.server_address[1]}/v1/transit#hoopgate"
        server.shutdown()
        thread.join()


def test_a_transit_key_is_reached_over_http_and_no_redirect_is_followed(
    store: Path, tmp_path: Path, transit: str
) -> None:
    keys = Keys.in_directory(tmp_path / "keys", kek=evidence.key_encryption(transit, {"BAO_TOKEN": "token"}))
    with recorder.open(store, keys=keys) as log:
        log.append(call(1, payload=b"text"))
    assert Payloads(Store(store), keys).payload(next(iter(Store(store).records(session="s1")))) == b"text"
    with pytest.raises(recorder.KeysError, match="did not encrypt"):
        evidence.key_encryption(transit, {"VAULT_TOKEN": "stolen"}).wrap(bytes(32))


@pytest.mark.parametrize(
    "name", ["file", "transit:http://bao.example.org/v1/transit#k", "transit:https://bao/v1/transit", "kms:", "env:"]
)
def test_a_key_encryption_key_that_cannot_be_meant_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="names no key-encryption key"):
        evidence.key_encryption(name, {"BAO_TOKEN": "x"})


def test_a_transit_key_needs_a_token() -> None:
    with pytest.raises(SettingsError, match="BAO_TOKEN"):
        evidence.key_encryption("transit:https://bao.example.org/v1/transit#hoopgate", {})


def test_anchors_come_from_the_configuration(aws: str, store: Path, tmp_path: Path) -> None:
    s3 = import_module("boto3").client("s3")
    s3.create_bucket(Bucket="kept", ObjectLockEnabledForBucket=True)
    (tmp_path / "elsewhere").mkdir()
    wanted = settings(tmp_path, anchors=(str(tmp_path / "elsewhere"), "s3://kept/gate/?days=1"))
    found = evidence.anchors(wanted)
    assert [type(anchor) for anchor in found] == [FileAnchor, Paced]
    with recorder.open(store, anchors=found) as log:
        log.append(call(1))
    assert log.unanchored == 0
    (kept,) = (tmp_path / "elsewhere").iterdir()
    recorder.verify(store, checkpoint=kept)
    objects = s3.list_objects_v2(Bucket="kept", Prefix="gate/")["Contents"]
    assert s3.get_object(Bucket="kept", Key=objects[-1]["Key"])["Body"].read() == kept.read_bytes()
    s3.close()


@pytest.mark.parametrize("text", ["s3://", "s3://kept/?days=x", "tsa:ftp://tsa", "/nowhere"])
def test_an_anchor_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="anchors"):
        evidence.anchors(settings(tmp_path, anchors=(text,)))


async def test_what_is_due_is_removed_while_the_gate_runs(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    removed = asyncio.Event()
    with recorder.open(store) as log:
        log.append(recorder.Entry("response", "s1", {}, b"short-lived", retain=0))
        expire, loop = log.expire, asyncio.get_running_loop()

        def told(*, default: int = SIX_YEARS, now: int | None = None) -> list[recorder.retention_plan.Expiry]:
            done = expire(default=default, now=now)
            loop.call_soon_threadsafe(removed.set)
            return done

        monkeypatch.setattr(log, "expire", told)
        async with evidence.retained(log, 2192):
            await asyncio.wait_for(removed.wait(), 300)
        assert [record.kind for record in Store(store).records() if record.kind == "retention.expired"]
    assert recorder.verify_report(store).removed == 1


def test_the_newest_checkpoint_is_there_for_a_job_to_print(store: Path, tmp_path: Path) -> None:
    with recorder.open(store) as log:
        client = TestClient(Starlette(routes=[evidence.checkpoint_route(log)]))
        log.append(call(1))
        signed = log.checkpoint()
        answer = client.get("/checkpoint")
        assert (answer.status_code, answer.text) == (200, signed)
        log.append(call(2))
    (tmp_path / "printed").write_text(answer.text)
    recorder.verify(store, checkpoint=tmp_path / "printed")
