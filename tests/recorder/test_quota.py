"""One caller cannot fill the disk for the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import recorder
from recorder.disk import PosixDisk
from recorder.errors import QuotaError
from recorder.quota import DAY, Quota
from recorder.reader import Store
from tests.recorder.conftest import call


def who(session: str, repository: str) -> recorder.Entry:
    metadata = {"issuer": "https://ci", "subject": f"{repository}:{session}", "repository": repository}
    return recorder.Entry("session.identity", session, metadata)


def test_a_caller_over_its_quota_is_refused_and_nobody_else(store: Path) -> None:
    with recorder.open(store, quota=10_000) as log:
        for session, repository in (("s1", "acme/etl"), ("s2", "acme/etl"), ("s3", "acme/docs")):
            log.append(who(session, repository))
        log.append(call(1, "s1", os.urandom(12_000)))
        for session in ("s1", "s2"):  # the same caller, whichever session it uses
            with pytest.raises(QuotaError, match="as much as it may"):
                log.append(call(2, session))
        log.append(call(3, "s3"))
        log.append(recorder.Entry("response", "s1", {"call": "1"}, b"what was forwarded is recorded to its end"))
    refused = [record.data["call"] for record in Store(store).records() if record.data.get("error") == "HR008"]
    assert refused == [f"{2:032x}"] * 2
    recorder.verify(store)


def test_without_a_quota_one_caller_takes_what_the_disk_has_left_at_most(store: Path) -> None:
    class Small(PosixDisk):
        def free(self) -> int:
            return 5_000

    store.mkdir()
    with recorder.open(store, disk=Small(store)) as log:
        log.append(who("s1", "acme/etl"))
        log.append(call(1, "s1", os.urandom(6_000)))
        with pytest.raises(QuotaError):
            log.submit(call(2, "s1"))


def test_a_quota_is_for_a_day_and_what_nobody_is_known_for_is_not_counted() -> None:
    now = 0.0
    quota = Quota(1_000, lambda: 10**9, lambda: now)
    quota.count("unknown", 5_000)
    quota.check(call(1, "unknown"))
    quota.check(who("s1", "acme/etl"))
    quota.count("s1", 5_000)
    with pytest.raises(QuotaError):
        quota.check(call(3, "s1"))
    quota.forget("s1")
    quota.check(who("s9", "acme/etl"))
    with pytest.raises(QuotaError):
        quota.check(call(3, "s9"))
    now = DAY
    quota.check(call(4, "s9"))
