"""Failed authentications are counted over all workers: an attacker gains nothing by reaching several."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

from adapter_asgi.identity.error import IdentityError
from adapter_asgi.identity.failures import ALERT, WINDOW, Failures
from adapter_asgi.identity.tally import Tally


class Workers:
    """Two, on one file and one clock."""

    def __init__(self, path: Path) -> None:
        self.now, self.entries, self.alerts = 1000.0, [], []  # type: ignore[var-annotated] # filled as told
        about: Any = {"window": WINDOW, "most": ALERT, "clock": lambda: self.now}
        self.tallies = [Tally(path, b"k" * 32, **about) for _ in range(2)]
        self.both = [Failures(self, self.alert, lambda: self.now, tally) for tally in self.tallies]

    def submit(self, entry: Any) -> Any:
        self.entries.append(entry)
        return Future[Any]()

    def alert(self, peer: str, count: int) -> None:
        self.alerts.append((peer, count))

    def fail(self, times: int, peer: str = "192.0.2.1") -> None:
        for number in range(times):
            self.both[number % 2](IdentityError("ID10", "the token's issuer is not configured"), peer)


def test_the_alert_is_raised_once_however_the_attempts_are_spread(tmp_path: Path) -> None:
    workers = Workers(tmp_path / "failures.sqlite")
    workers.fail(ALERT - 1)
    workers.fail(3, "192.0.2.2")
    assert workers.alerts == []
    workers.fail(1)
    assert workers.alerts == [("192.0.2.1", ALERT)]
    workers.fail(50)
    assert len(workers.alerts) == 1
    assert len([one for one in workers.entries if one.metadata["source_ip"] == "192.0.2.1"]) == 10
    workers.now += WINDOW + 1
    workers.fail(ALERT)
    assert len(workers.alerts) == 2
    workers.now -= 3600  # a clock that was set back does not count for ever
    workers.fail(ALERT)
    assert len(workers.alerts) == 3
    assert b"192.0.2.1" not in (tmp_path / "failures.sqlite").read_bytes()
    for tally in workers.tallies:
        tally.close()


def test_what_cannot_be_counted_together_is_counted_by_each_worker(tmp_path: Path) -> None:
    workers = Workers(tmp_path / "failures.sqlite")
    for tally in workers.tallies:
        tally._db.execute("PRAGMA query_only = 1")
    workers.fail(2 * ALERT)
    assert workers.alerts == [("192.0.2.1", ALERT)] * 2
    for tally in workers.tallies:
        tally.close()
