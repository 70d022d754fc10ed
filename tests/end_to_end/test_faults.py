"""What goes wrong around a gate, and that it is said clearly, leaves nothing half-way, and loses no record."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from adapter_asgi.demo import evidence, job
from adapter_asgi.demo.stage import Stage

HERE = Path(__file__).parent
CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'


def _serve(stage: Stage) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "adapter_asgi", "serve", "--config", str(stage.config)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _refused_to_start(ran: subprocess.CompletedProcess[str], *said: str) -> None:
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    for words in said:
        assert words in ran.stderr


def test_a_bad_policy_is_named_with_its_place_and_nothing_starts(fresh: Stage) -> None:
    policy = fresh.folder / "policies" / "clinic.hoop"
    policy.write_text(policy.read_text().replace("environment", "enviroment"))
    ran = _serve(fresh)
    _refused_to_start(ran, "clinic.hoop", "enviroment", "environment")
    assert not fresh.store.exists()


def test_a_wrong_key_in_the_configuration_is_named_with_its_mend(fresh: Stage) -> None:
    fresh.config.write_text('polcy = "policies/"\n' + fresh.config.read_text())
    ran = _serve(fresh)
    _refused_to_start(ran, "polcy", "policy", "hoopgate.toml")
    assert not fresh.store.exists()


async def test_an_upstream_that_is_down_gives_one_clear_message(fresh: Stage) -> None:
    fresh.start_world()
    fresh.start_gate()
    fresh.stop("server")
    token = job.fetch_token(fresh.issuer, fresh.gate)
    async with job.connect(f"{fresh.gate}/mcp/ehr", token, "2026-07-28") as client:
        with contextlib.suppress(Exception):
            seen = await job.call(client, "search_patients", {"limit": 1})
            assert seen.refused
    ended = [record for record in evidence.records(fresh) if record["kind"] == "call.ended"]
    assert ended[-1]["outcome"] == "error"
    with urllib.request.urlopen(f"{fresh.gate}/healthz") as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "claims", [{"exp": 1_700_000_000, "iat": 1_699_999_000, "nbf": 1_699_999_000}, {"aud": "https://elsewhere.example"}]
)
def test_a_token_that_does_not_hold_is_answered_with_401_and_a_challenge(stage: Stage, claims: dict[str, Any]) -> None:
    token = job.fetch_token(stage.issuer, stage.gate, **claims)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{stage.gate}/mcp/ehr", data=CALL, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 401
    assert "resource_metadata=" in refused.value.headers["WWW-Authenticate"]
    assert token.encode() not in refused.value.read()
    assert token not in stage.log("gate").read_text()


async def test_a_gate_killed_between_a_call_and_its_answer_shows_the_call_as_interrupted(fresh: Stage) -> None:
    fresh.server = [sys.executable, str(HERE / "gated_server.py"), str(fresh.server_port), str(fresh.folder)]
    fresh.start_world()
    fresh.start_gate()
    token = job.fetch_token(fresh.issuer, fresh.gate)

    async def wait_for_call() -> None:
        async with job.connect(f"{fresh.gate}/mcp/ehr", token, "2026-07-28") as client:
            await job.call(client, "read_slowly", {"patient_id": "p-1"})

    running = asyncio.create_task(wait_for_call())
    while not (fresh.folder / "reached").exists():
        await asyncio.sleep(0.02)
    fresh.stop("gate", signal.SIGKILL)
    with contextlib.suppress(Exception, asyncio.CancelledError):
        await running

    fresh.start_gate()
    verified = fresh.hoopgate("verify", str(fresh.store))
    assert verified.returncode == 0, verified.stderr
    records = evidence.records(fresh)
    [intent] = [
        record for record in records if record["kind"] == "request" and record.get("command") == "ehr/read_slowly"
    ]
    [ending] = [record for record in records if record["kind"] == "call.interrupted"]
    assert ending["call"] == intent["call"]
    fresh.stop("gate")
    assert "0 after the last checkpoint" in fresh.hoopgate("verify", str(fresh.store)).stdout


async def test_a_flipped_byte_of_the_store_fails_verification_and_names_the_record(
    stage: Stage, token: str, tmp_path: Path
) -> None:
    async with job.connect(f"{stage.gate}/mcp/ehr", token) as client:
        await job.call(client, "search_patients", {"limit": 2})
    copy = tmp_path / "copy"
    shutil.copytree(stage.store, copy)
    assert stage.hoopgate("verify", str(copy)).returncode == 0
    segment = max((copy / "segments").rglob("*.seg*"), key=lambda path: path.stat().st_size)
    whole = bytearray(segment.read_bytes())
    whole[len(whole) // 2] ^= 1
    segment.write_bytes(whole)
    ran = stage.hoopgate("verify", str(copy))
    assert ran.returncode == 1
    assert "record" in ran.stderr


def test_a_stop_ends_the_gate_cleanly_and_leaves_nothing_after_the_last_checkpoint(fresh: Stage) -> None:
    fresh.start_world()
    fresh.start_gate()
    assert fresh.stop("gate") == 0
    assert "0 after the last checkpoint" in fresh.hoopgate("verify", str(fresh.store)).stdout
