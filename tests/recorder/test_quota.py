"""One caller cannot fill the disk for the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import recorder
from recorder.disk import PosixDisk
from recorder.errors import QuotaError
from recorder.quota import Quota
from recorder.reader import Store
from recorder.usage import DAY, Usage
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


LIFE = """
import os, sys
from pathlib import Path
import recorder
from tests.recorder.conftest import call
from tests.recorder.test_quota import used, who
store, life, limit = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
log = recorder.open(store, segment_bytes=limit, quota=1 << 30)
strange = f'a "quoted" \\\\ one {life}'
log.append(who(strange, "acme/etl"))
log.append(who(f"s{life}", "acme/docs"))
for number in range(12):
    log.append(call(number, strange, os.urandom(1_000)))
    log.append(recorder.Entry("response", f"s{life}", {"call": "c"}, os.urandom(500), retain=60 * number))
log.append(call(99, "of nobody", os.urandom(700)))
print(used(log))
if life % 2:
    log.close()
sys.stdout.flush()
os._exit(0)
"""


def used(log: recorder.Log) -> dict[str, int]:
    """What each caller recorded, as far as this log knows."""
    return {caller: size for caller, (_, size) in sorted(log._quota.usage.used.items())}


@pytest.mark.parametrize("segment_bytes", [1 << 26, 20_000, 3_000])
def test_what_was_recorded_counts_after_a_restart_and_after_a_kill(store: Path, segment_bytes: int) -> None:
    """A process ends, in order or not, and the next one knows what it knew."""
    for life in range(4):
        arguments = [sys.executable, "-c", LIFE, str(store), str(life), str(segment_bytes)]
        told = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.strip()
        with recorder.open(store, segment_bytes=segment_bytes) as log:
            known = used(log)
        assert str(known) == told
        assert known["https://ci acme/etl"] > 12_000 * (life + 1)
        assert known["https://ci acme/docs"] > 6_000 * (life + 1)


def test_a_caller_over_its_quota_is_still_over_it_after_a_restart(store: Path) -> None:
    with recorder.open(store, quota=10_000) as log:
        log.append(who("s1", "acme/etl"))
        log.append(call(1, "s1", os.urandom(12_000)))
    with recorder.open(store, quota=10_000) as log:
        log.append(who("s2", "acme/etl"))
        with pytest.raises(QuotaError):
            log.append(call(2, "s2"))
        log.append(who("s3", "acme/docs"))
        log.append(call(3, "s3"))


def test_a_header_carries_the_newest_sessions_and_those_who_recorded_most_and_nothing_a_day_old() -> None:
    usage = Usage()
    for number in range(5_000):
        usage.learn(f"s{number}", {"issuer": "i", "subject": f"u{number}"})
        usage.add(f"s{number}", number, 1_000.0 + DAY if number % 2 else 1_000.0)
    carried = usage.carried(1_000.0 + DAY)
    assert len(carried["callers"]) == 4_096
    assert "s4999" in carried["callers"]
    assert len(carried["used"]) == 2_500
    assert "i u4998" not in carried["used"]
    assert Usage.of_header(carried).used == usage.used
    assert Usage.of_header({}).used == {}
