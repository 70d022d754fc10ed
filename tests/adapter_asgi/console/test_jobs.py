"""What the console builds: in processes of their own, few, for a day; a part of a file is never offered."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from office import Office
from test_evidence_page import post

import recorder
from adapter_asgi.console import building, jobs
from adapter_asgi.console.jobs import Job, Jobs, TooManyError, sweep

ROLES = frozenset({"auditor"})
WRITES = "import json, pathlib, sys; a = json.loads(sys.stdin.readline()); pathlib.Path(a['file']).write_text('x'); "
TELLS = WRITES + "pathlib.Path(a['status']).write_text(json.dumps({'digest': 'd'}))"
WAITS = WRITES + "pathlib.Path(a['status']).write_text(json.dumps({'progress': '1 of 2'})); sys.stdin.read()"


@pytest.fixture
def made() -> Iterator[Jobs]:
    one = Jobs()
    yield one
    one.close()


def _builds(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(jobs, "BUILDER", (sys.executable, "-S", "-c", program))


def _begin(one: Jobs, folder: Path, **asked: Any) -> Job:
    return one.begin(folder / "console", "file", "Export", "aud", ROLES, asked)


def _until(job: Job, state: str) -> None:
    while job.state != state:
        os.sched_yield()


def test_files_are_bounded_and_go_with_the_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _builds(monkeypatch, TELLS)
    monkeypatch.setattr(jobs, "_KEPT", 3)
    one = Jobs()
    for _ in range(6):
        job = _begin(one, tmp_path)
        job.process.wait()
        assert (job.state, job.digest, job.size) == ("done", "d", 1)
    assert len(one.all()) == 3
    (own,) = (path for path in (tmp_path / "console").iterdir() if path.is_dir())
    assert len([path for path in own.iterdir() if path.is_dir()]) == 3
    one.close()
    assert not own.exists()


def test_a_file_goes_after_a_day(made: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _builds(monkeypatch, TELLS)
    job = _begin(made, tmp_path)
    job.process.wait()
    job.made -= 86_401
    assert made.all() == []
    assert not job.folder.exists()


async def test_a_file_goes_after_a_day_though_nobody_looks(
    made: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _builds(monkeypatch, TELLS)
    monkeypatch.setattr(jobs, "_SECONDS", 0)
    monkeypatch.setattr(jobs, "_ROUND", 0.0)
    job = await made.start(tmp_path / "console", "file", "Export", "aud", ROLES, {})
    while job.folder.exists():
        await asyncio.sleep(0)


def test_no_more_wait_than_a_few(made: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _builds(monkeypatch, WAITS)
    for _ in range(4):
        _begin(made, tmp_path)
    with pytest.raises(TooManyError):
        _begin(made, tmp_path)


def test_one_that_was_killed_failed_and_leaves_nothing(
    made: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _builds(monkeypatch, WAITS)
    job = _begin(made, tmp_path)
    _until(job, "running")
    assert job.file.is_file()
    assert job.progress == "1 of 2"
    os.kill(job.process.pid, signal.SIGKILL)
    job.process.wait()
    assert (job.state, job.size) == ("failed", 0)
    assert "was ended before the file was whole" in job.fault
    assert made.get(job.id) is job
    assert [path.name for path in job.folder.iterdir()] == ["status"]


def test_closing_ends_what_is_being_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _builds(monkeypatch, WAITS)
    one = Jobs()
    job = _begin(one, tmp_path)
    _until(job, "running")
    one.close()
    assert job.process.returncode == -signal.SIGKILL
    assert not job.folder.exists()


def test_what_a_killed_gate_left_is_removed_and_nothing_of_one_that_lives(
    made: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _builds(monkeypatch, WAITS)
    job = _begin(made, tmp_path)
    left = tmp_path / "console" / "0123" / "4567"
    left.mkdir(parents=True)
    (left / "export.zip").write_text("x")
    sweep(tmp_path / "console")
    assert not left.parent.exists()
    assert job.folder.is_dir()
    sweep(tmp_path / "nowhere")


def test_a_builder_ends_with_its_gate(tmp_path: Path) -> None:
    process = subprocess.Popen(jobs.BUILDER, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b'{"turn": "%s", "status": "%s"}\n' % (bytes(tmp_path / "turn"), bytes(tmp_path / "status")))
    process.stdin.close()
    assert process.wait() != 0


def _told(tmp_path: Path, **more: Any) -> building._Status:
    return building._Status(tmp_path / "status")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (recorder.RequestError("the store is full", "make room"), "the store is full. make room"),
        (MemoryError(), "more memory"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (KeyError("Zenobia Quill"), "a fault of the gate (KeyError)"),
    ],
)
def test_what_failed_is_told_without_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    def fail(*_: object) -> str:
        raise error

    monkeypatch.setattr(building, "_export", fail)
    assert says in building._built({"kind": "export"}, _told(tmp_path))["fault"]


def test_progress_is_told_now_and_then(tmp_path: Path) -> None:
    status = _told(tmp_path)
    status.tell("1")
    status.tell("2")
    assert (tmp_path / "status").read_text() == '{"progress": "1"}'


def _watched(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs that are begun."""
    begun: list[Job] = []
    real = Jobs.begin

    def begin(*args: Any) -> Job:
        begun.append(real(*args))
        return begun[-1]

    monkeypatch.setattr(Jobs, "begin", begin)
    return begun


async def test_a_builder_gives_way_and_its_files_are_for_the_gates_user_alone(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.log.checkpoint()
    begun = _watched(monkeypatch)
    browser = await busy.signed_in("auditor")
    form = {"reason": "a reason to keep", "ledger-sessions": "yes", "payloads": "yes"}
    assert (await post(browser, "/exports", **form)).status_code == 303
    (job,) = begun
    nice = []
    while job.process.poll() is None:
        nice.append(os.getpriority(os.PRIO_PROCESS, job.process.pid))
        await asyncio.sleep(0)
    assert (job.state, job.fault) == ("done", "")
    assert max(nice) >= 15
    assert job.file.stat().st_mode & 0o777 == 0o600
    for path in (busy.settings.state / "console").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or not path.is_dir()
        assert not path.is_file() or b"a reason to keep" not in path.read_bytes()


async def test_the_page_says_that_a_build_was_killed(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    _builds(monkeypatch, WAITS)
    begun = _watched(monkeypatch)
    browser = await busy.signed_in("auditor")
    await post(browser, "/exports", reason="Case 7")
    (job,) = begun
    _until(job, "running")
    assert "running 1 of 2" in (await browser.get("/console/evidence")).text
    os.kill(job.process.pid, signal.SIGKILL)
    job.process.wait()
    text = (await browser.get("/console/evidence")).text
    assert "was ended before the file was whole" in text
    assert f"files/{job.id}" not in text
    assert (await browser.get(f"/console/evidence/files/{job.id}")).status_code == 404
