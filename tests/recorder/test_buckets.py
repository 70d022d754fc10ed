"""Checkpoints in a bucket with Object Lock, on moto's S3 server: kept once, and for as long as was asked."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import recorder
from recorder.anchors import BucketAnchor
from recorder.errors import WriteError
from tests.recorder.conftest import call

NOTE = "hoopgate.local/store/0\n{size}\n{root}\n\n— hoopgate.local/store/0 {signature}\n"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        boto3 = import_module("boto3")
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        named = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        made = boto3.client("s3", endpoint_url=f"http://{host}:{port}", **named)
        made.create_bucket(Bucket="kept", ObjectLockEnabledForBucket=True)
        yield made
        made.close()
        server.stop()


def note(size: int, root: str = "cm9vdA==", signature: str = "c2ln") -> str:
    return NOTE.format(size=size, root=root, signature=signature)


def test_each_checkpoint_is_an_object_under_compliance_lock(client: Any, store: Path, tmp_path: Path) -> None:
    with recorder.open(store, anchors=[BucketAnchor(client, "kept", days=7)]) as log:
        log.append(call(1))
        log.checkpoint()
        assert log.unanchored == 0
    found = client.list_objects_v2(Bucket="kept", Prefix="checkpoints/")["Contents"]
    last = client.get_object(Bucket="kept", Key=found[-1]["Key"])
    assert last["ObjectLockMode"] == "COMPLIANCE"
    (tmp_path / "kept").write_bytes(last["Body"].read())
    recorder.verify(store, checkpoint=tmp_path / "kept")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket="kept", Key=found[-1]["Key"], VersionId=last["VersionId"])


def test_a_checkpoint_is_never_written_over(client: Any) -> None:
    anchor = BucketAnchor(client, "kept", prefix="again/")
    anchor.keep(note(7))
    anchor.keep(note(7, signature="YWdhaW4="))  # the same tree, signed anew after a restart
    with pytest.raises(WriteError, match="PreconditionFailed"):
        anchor.keep(note(7, root="b3RoZXI="))
    key = "again/hoopgate.local/store/0/" + "0" * 19 + "7"
    assert client.get_object(Bucket="kept", Key=key)["Body"].read().decode() == note(7)


def test_a_bucket_that_is_not_there_is_said(client: Any) -> None:
    with pytest.raises(WriteError, match="NoSuchBucket"):
        BucketAnchor(client, "missing").keep(note(1))
