"""Who is named for a change of the policy that nobody announced, and what happens where nobody can be."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

import policy_lang
import recorder
from adapter_asgi.errors import AdapterError
from adapter_asgi.policy import PolicyHolder
from adapter_asgi.reloading import Reloader
from adapter_asgi.watch import authors, look

FIRST = 'rule "reading" {\n    command "ehr/read"\n    allow\n}\n'
SECOND = FIRST.replace("ehr/read", "ehr/write")


class Log:
    """The real log, and what went into it."""

    def __init__(self, log: recorder.Log) -> None:
        self.log = log
        self.entries: list[recorder.Entry] = []

    def submit(self, entry: recorder.Entry) -> Any:
        self.entries.append(entry)
        return self.log.submit(entry)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with recorder.open(tmp_path / "store") as opened:
        yield Log(opened)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "policies"
    made.mkdir(mode=0o755)
    (made / "p.hoop").write_text(FIRST)
    (made / "p.hoop").chmod(0o644)
    return made


class Keys:
    renewed = 0

    async def __call__(self, who: str, via: str) -> None:
        self.renewed += 1


async def reloader(
    folder: Path, log: Any, names: Literal["named", "owner"] = "owner", *, development: bool = False
) -> tuple[Reloader, PolicyHolder, Keys]:
    holder, keys = PolicyHolder(folder, policy_lang.load(folder)), Keys()
    await holder.activate(log, "somebody", "serve")
    return Reloader(holder, log, keys, names=names, development=development), holder, keys


async def test_a_settled_change_is_taken_up_and_names_the_owner_of_the_file(folder: Path, log: Log) -> None:
    watching, holder, keys = await reloader(folder, log)
    (folder / "p.hoop").write_text(SECOND)
    before = holder.current.digest
    await watching.look()
    assert holder.current.digest == before  # it may still be written to
    await watching.look()
    assert holder.current.digest == policy_lang.load(folder).digest != before
    entry = log.entries[-1]
    assert entry.kind == "policy.activated"
    assert entry.metadata["who"] == f"{getpass.getuser()} (owner of the files)"
    assert (entry.metadata["via"], entry.metadata["old"], entry.metadata["new"]) == (
        "file change",
        before,
        holder.current.digest,
    )
    assert entry.payload is not None
    diff = json.loads(entry.payload)["diff"]
    assert '-    command "ehr/read"\n+    command "ehr/write"\n' in diff
    assert keys.renewed == 1
    for _ in range(3):
        await watching.look()
    assert len(log.entries) == 2


async def test_a_file_that_others_may_write_names_nobody(
    folder: Path, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    watching, holder, _ = await reloader(folder, log)
    before = holder.current.digest
    (folder / "p.hoop").write_text(SECOND)
    (folder / "p.hoop").chmod(0o664)
    for _ in range(3):
        await watching.look()
    assert holder.current.digest == before
    assert caplog.text.count("SRV04") == 1
    await watching.by_signal()
    assert holder.current.digest == before


async def test_a_broken_policy_is_told_once_and_the_last_good_one_stays(
    folder: Path, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    watching, holder, _ = await reloader(folder, log)
    before = holder.current.digest
    (folder / "p.hoop").write_text("rule")
    for _ in range(4):
        await watching.look()
    assert (holder.current.digest, bool(holder.stale)) == (before, True)
    assert caplog.text.count("the last good one stays") == 1
    (folder / "q.hoop").write_text(SECOND.replace("reading", "more"))
    (folder / "p.hoop").write_text(FIRST)
    await watching.look()
    await watching.look()
    assert (holder.current.digest, holder.stale) == (policy_lang.load(folder).digest, "")


async def test_outside_development_a_signal_names_nobody_unless_owners_do(folder: Path, log: Log) -> None:
    watching, holder, keys = await reloader(folder, log, "named")
    before = holder.current.digest
    (folder / "p.hoop").write_text(SECOND)
    await watching.by_signal()
    assert (holder.current.digest, keys.renewed) == (before, 0)
    async with watching.watching():
        pass
    watching, holder, keys = await reloader(folder, log, "named", development=True)
    (folder / "p.hoop").write_text(FIRST)
    await watching.by_signal()
    assert holder.current.digest == before
    assert (log.entries[-1].metadata["who"], log.entries[-1].metadata["via"]) == (getpass.getuser(), "SIGHUP")


async def test_a_command_names_somebody_or_is_refused(folder: Path, log: Log) -> None:
    watching, _, _ = await reloader(folder, log, "named")
    (folder / "p.hoop").write_text(SECOND)
    with pytest.raises(AdapterError, match="who changes the policy"):
        await watching.by_command({}, "root")
    assert (await watching.by_command({"as": "ann"}, "root"))["changed"]
    assert log.entries[-1].metadata["who"] == "ann (root)"
    (folder / "p.hoop").write_text("rule")
    with pytest.raises(AdapterError, match="SRV03"):
        await watching.by_command({"as": "ann"}, "root")


async def test_a_policy_that_cannot_be_recorded_does_not_decide(folder: Path, log: Log) -> None:
    watching, holder, _ = await reloader(folder, log)
    before = holder.current.digest
    log.log.close()
    (folder / "p.hoop").write_text(SECOND)
    await watching.look()
    await watching.look()
    assert holder.current.digest == before


def test_what_was_replaced_or_deleted_is_a_change_of_its_author(folder: Path) -> None:
    before = look(folder)
    (folder / "new").write_text(FIRST)
    (folder / "new").rename(folder / "p.hoop")
    assert look(folder) != before
    assert authors(before, look(folder)) == getpass.getuser()
    (folder / "p.hoop").unlink()
    assert authors(before, look(folder)) == getpass.getuser()
    assert look(folder / "nothing" / "there") == {}
