"""Anchors: places outside the store where checkpoints are kept, so that a store rolled back or rewritten is found out.

`recorder.open(…, anchors=[…])` hands every checkpoint to each anchor, in the notary's thread, after it is durable. An
anchor that fails is tried again with the next checkpoint, which covers what the failed one did. The CI job's log is one
more anchor: the gate returns the checkpoint to the client, which prints it. Nothing here opens a connection: the caller
gives what does.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from recorder.boto import client_errors
from recorder.errors import VerificationError, WriteError
from recorder.timestamp import check_timestamp, timestamp_request

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["Anchor", "BucketAnchor", "FileAnchor", "Paced", "TimestampAnchor"]


class Anchor(Protocol):
    """Keeps checkpoints."""

    def keep(self, checkpoint: str) -> None:
        """Keep this signed note. Raises OSError or WriteError where it cannot."""


class Paced:
    """Another anchor, asked once in `seconds` at most; `flush` hands it what was held back. For what costs money."""

    def __init__(self, anchor: Anchor, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._anchor, self._seconds, self._clock = anchor, seconds, clock
        self._due, self._held = 0.0, ""

    def keep(self, checkpoint: str) -> None:
        """Hand it on if it is time; else hold it, in place of the one before."""
        self._held = checkpoint
        if self._clock() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Hand on what is held. Raises as the anchor does; it is held still."""
        if self._held:
            self._due = self._clock() + self._seconds
            self._anchor.keep(self._held)
            self._held = ""


class FileAnchor:
    """The newest checkpoint of each log, as `<directory>/<origin with slashes as dots>`: on another disk, or a
    share.
    """

    def __init__(self, directory: str | Path) -> None:
        self._directory = Path(directory)

    def keep(self, checkpoint: str) -> None:
        """Put the note in its file, whole or not at all, and sync."""
        _place(self._directory / checkpoint.partition("\n")[0].replace("/", "."), checkpoint.encode())


class BucketAnchor:
    """One object for each checkpoint in an S3-compatible bucket: never overwritten (`If-None-Match: *`), and under
    Object Lock in compliance mode for `days` where that is given, so that nobody can remove it before.

    `client`: boto3's S3 client, or anything with its `put_object` and `get_object`.
    """

    def __init__(self, client: Any, bucket: str, prefix: str = "checkpoints/", days: int | None = None) -> None:
        self._client, self._bucket, self._prefix, self._days = client, bucket, prefix, days
        self._errors = client_errors()

    def keep(self, checkpoint: str) -> None:
        """Store the note under its origin and size. One that is there already must be the same."""
        origin, size, *_ = checkpoint.split("\n")
        key = f"{self._prefix}{origin}/{int(size):020d}"
        request: dict[str, Any] = {"Bucket": self._bucket, "Key": key, "Body": checkpoint.encode(), "IfNoneMatch": "*"}
        if self._days is not None:
            until = datetime.now(UTC) + timedelta(days=self._days)
            request |= {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
        try:
            self._client.put_object(**request, ChecksumAlgorithm="SHA256")
        except self._errors as error:
            told = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
            if told in ("PreconditionFailed", "412") and self._is_there(key, checkpoint):
                return
            raise WriteError(f"the bucket {self._bucket} did not keep the checkpoint: {told}") from None

    def _is_there(self, key: str, checkpoint: str) -> bool:
        """Whether the object has this checkpoint's text; the signature may be another of the same key."""
        try:
            body: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._errors:
            return False
        return body.partition(b"\n\n")[0] == checkpoint.encode().partition(b"\n\n")[0]


class TimestampAnchor:
    """An RFC 3161 timestamp for each checkpoint: `<directory>/<origin>.<size>.tsr`, and the checkpoint beside it.

    `post(request)` sends the DER request to the authority and returns the DER answer; it raises OSError. The answer is
    checked (`recorder/timestamp.py`) before it is kept. `authorities`: certificates that may vouch for the signer.
    """

    def __init__(
        self, post: Callable[[bytes], bytes], directory: str | Path, authorities: Sequence[Certificate] = ()
    ) -> None:
        self._post, self._directory, self._authorities = post, Path(directory), authorities

    def keep(self, checkpoint: str) -> None:
        """Ask for a timestamp over the note's bytes and keep both."""
        origin, size, *_ = checkpoint.split("\n")
        data, nonce = checkpoint.encode(), os.urandom(8)
        answer = self._post(timestamp_request(data, nonce))
        try:
            check_timestamp(answer, data, nonce=nonce, authorities=self._authorities)
        except VerificationError as error:
            raise WriteError(error.message, "the checkpoint stands; the next one is tried again") from None
        base = f"{origin.replace('/', '.')}.{size}"
        _place(self._directory / f"{base}.checkpoint", data)
        _place(self._directory / f"{base}.tsr", answer)


def _place(path: Path, data: bytes) -> None:
    """A file with this content, whole or not at all, synced."""
    aside = path.with_name(f"{path.name}.new")
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    aside.replace(path)
