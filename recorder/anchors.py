"""Anchors: places outside the store where checkpoints are kept, so that a store rolled back or rewritten is found out.

`recorder.open(…, anchors=[…])` hands every checkpoint to each anchor, in the notary's thread, after it is durable. An
anchor that fails is tried again with the next checkpoint, which covers what the failed one did. The CI job's log is one
more anchor: the gate returns the checkpoint to the client, which prints it. Nothing here opens a connection.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from recorder.errors import WriteError

__all__ = ["Anchor", "FileAnchor", "ObjectAnchor", "TimestampAnchor", "timestamp_request"]


class Anchor(Protocol):
    """Keeps checkpoints."""

    def keep(self, checkpoint: str) -> None:
        """Keep this signed note. Raises OSError or WriteError where it cannot."""


class FileAnchor:
    """The newest checkpoint of each log, as `<directory>/<origin with slashes as dots>`: on another disk, or a
    share.
    """

    def __init__(self, directory: str | Path) -> None:
        self._directory = Path(directory)

    def keep(self, checkpoint: str) -> None:
        """Put the note in its file, whole or not at all, and sync."""
        name = checkpoint.partition("\n")[0].replace("/", ".")
        aside = self._directory / f"{name}.new"
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            os.write(fd, checkpoint.encode())
            os.fsync(fd)
        finally:
            os.close(fd)
        aside.replace(self._directory / name)


class ObjectAnchor:
    """One object for each checkpoint in an S3-compatible bucket, never overwritten (`If-None-Match: *`).

    `put(key, body, headers)` stores it; boto3's `put_object` wrapped in three lines, or any other client. Object Lock
    is the bucket's own setting.
    """

    def __init__(self, put: Callable[[str, bytes, dict[str, str]], Any], prefix: str = "checkpoints/") -> None:
        self._put, self._prefix = put, prefix

    def keep(self, checkpoint: str) -> None:
        """Store the note under its origin and size."""
        origin, size, *_ = checkpoint.split("\n")
        self._put(f"{self._prefix}{origin}/{int(size):020d}", checkpoint.encode(), {"If-None-Match": "*"})


class TimestampAnchor:
    """An RFC 3161 timestamp for each checkpoint, kept as `<directory>/<origin>.<size>.tsr` beside the checkpoint.

    `post(request)` sends the DER request to the authority and returns the DER answer. Only the answer's status is
    looked at here; `openssl ts -verify` checks it against the authority's certificate.
    """

    def __init__(self, post: Callable[[bytes], bytes], directory: str | Path) -> None:
        self._post, self._directory = post, Path(directory)

    def keep(self, checkpoint: str) -> None:
        """Ask for a timestamp over the note's bytes and keep both."""
        origin, size, *_ = checkpoint.split("\n")
        answer = self._post(timestamp_request(checkpoint.encode()))
        if not _granted(answer):
            raise WriteError("the timestamp authority did not grant a timestamp")
        base = self._directory / f"{origin.replace('/', '.')}.{size}"
        base.with_name(base.name + ".checkpoint").write_text(checkpoint, encoding="utf-8")
        base.with_name(base.name + ".tsr").write_bytes(answer)


def timestamp_request(data: bytes) -> bytes:
    """An RFC 3161 TimeStampReq for SHA-256 of the data, asking for the authority's certificate (DER)."""
    algorithm = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier: id-sha256, NULL
    imprint = algorithm + b"\x04\x20" + sha256(data).digest()
    body = b"\x02\x01\x01" + b"\x30" + bytes([len(imprint)]) + imprint + b"\x01\x01\xff"
    return b"\x30" + bytes([len(body)]) + body


def _granted(answer: bytes) -> bool:
    """Whether a TimeStampResp's PKIStatus is granted (0) or grantedWithMods (1)."""
    at = answer.find(b"\x02\x01", 0, 12)
    return answer[:1] == b"\x30" and at >= 0 and answer[at + 2 : at + 3] in (b"\x00", b"\x01")
