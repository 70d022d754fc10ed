"""`hoopgate backtest`: what was recorded, decided again; the same policy changes nothing, another what it should."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from whole_gate import SSN, Running, whole_gate

import policy_lang
import recorder
from adapter_asgi.backtest.candidate import open_tests, possible
from adapter_asgi.backtest.recorded import Identity
from adapter_asgi.cli import run
from policy_lang.evaluate import compiled
from recorder.reader import Payloads, Store

sys.path.insert(0, str(Path(__file__).parents[1] / "policy_lang"))
from hoop_strategies import RuleText, requests, rules, text_of

POLICY = """
rule "small readings" {
    repository "acme/*"
    branch     not "dev"
    command    "ehr/read"
    when       args.limit <= 10
    allow
    mask       ssn
}
rule "quiet" { command "ehr/quiet"  allow  mask all  record digest }
rule "files" { resource "file:///open/*"  allow  mask all }
"""
STRICTER = POLICY.replace("<= 10", "<= 5").replace("mask       ssn", "mask       ssn, name")
WIDER = POLICY.replace('"ehr/quiet"', '"ehr/quiet", "ehr/other"').replace("mask       ssn", "mask       none")


async def send(gate: Running, method: str, params: Mapping[str, Any]) -> None:
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-11-25"}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{gate.url}/mcp/ehr", json=message, headers=headers) as answer,
    ):
        await answer.read()


async def record(folder: Path) -> None:
    async with whole_gate(folder, POLICY) as gate:
        for limit in (3, 8, 50):
            await send(gate, "tools/call", {"name": "read", "arguments": {"limit": limit, "note": f"Zenobia {SSN}"}})
        await send(gate, "tools/call", {"name": "quiet", "arguments": {"limit": 1}})
        await send(gate, "tools/call", {"name": "other", "arguments": {}})
        await send(gate, "tools/list", {})
        await send(gate, "resources/read", {"uri": "file:///open/a"})
        await send(gate, "resources/read", {"uri": "file:///closed/a"})


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    asyncio.run(record(folder))
    return folder


@pytest.fixture
def store(recorded: Path, tmp_path: Path) -> Path:
    """Each test reads, and so records, in a copy of its own."""
    shutil.copytree(recorded, tmp_path / "all")
    return tmp_path / "all" / "store"


def backtest(store: Path, policy: str, *words: str) -> int:
    path = store.parent / "candidate.hoop"
    path.write_text(policy, encoding="utf-8")
    return run(["backtest", str(path), "--store", str(store), "--reason", "a new policy", *words])


def told(store: Path, policy: str, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert backtest(store, policy, "--json", *words) == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def test_the_same_policy_changes_nothing(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(store, POLICY, capsys)
    assert (found["calls"], found["changed"], found["changes"]) == (8, 0, [])
    # what a refused resource was called is not in any leaf, and what was asked of `read` decides
    assert found["undecided"] == {"what a refused call asked for is not recorded": 2}
    assert found["compared_in_part"] == 2  # the refused call of `other` and `quiet`, of which digests are kept


def test_a_stricter_policy_narrows_what_it_should(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(store, STRICTER, capsys)
    assert (found["widened"], found["narrowed"]) == (0, 2)
    effects = {(one["what"], one["before"], one["after"], *one["facets"]) for one in found["changes"]}
    assert ("ehr/read", "allow", "deny", "allow → deny") in effects
    assert any(one["after"] == "allow" and "name" in one["facets"][0] for one in found["changes"])
    assert found["rules"] == {"small readings": {"widening": 0, "narrowing": 2}}
    (session,) = {name for one in found["changes"] for name in one["sessions"]}
    assert run(["sessions", "show", session, "--store", str(store)]) == 0


def test_a_wider_policy_widens_what_it_should(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(store, WIDER, capsys)
    assert {(one["what"], tuple(one["directions"])) for one in found["changes"]} == {
        ("ehr/read", ("widening",)),
        ("ehr/other", ("widening",)),
    }
    assert backtest(store, WIDER, "--fail-on", "widening") == 1
    assert backtest(store, WIDER, "--fail-on", "narrowing") == 0
    text = capsys.readouterr().out
    assert "3 would be decided differently: 3 widened, 0 narrowed" in text
    assert '"quiet"' in text


def test_what_decides_without_arguments_is_decided(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The refused reading of 50 has no arguments on record; a policy that never looks at them needs none."""
    found = told(store, POLICY.replace("when       args.limit <= 10", ""), capsys)
    assert [(one["what"], one["before"], one["after"]) for one in found["changes"]] == [("ehr/read", "deny", "allow")]


def test_claims_are_not_recorded_and_that_is_said(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(store, POLICY.replace("branch     not", 'claim("x") "y"\n    branch     not'), capsys)
    assert found["undecided"]["what the token's raw claims said is not recorded"] == 2
    assert found["changed"] == 0


def test_nothing_that_was_sent_is_shown_and_reading_is_on_record(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert backtest(store, STRICTER) == 0
    printed = capsys.readouterr()
    assert "Zenobia" not in printed.out + printed.err
    assert SSN not in printed.out + printed.err
    (read,) = [one.data for one in Store(store).records() if one.kind == "read"]
    assert (read["action"], read["count"] > 0, read["target"][:7]) == ("backtest", True, "sha256:")
    recorder.verify(str(store))


def test_what_it_is_for_is_reason_enough(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (store.parent / "p.hoop").write_text(STRICTER, encoding="utf-8")
    assert run(["backtest", str(store.parent / "p.hoop"), "--store", str(store)]) == 0
    shown = capsys.readouterr().out
    (line,) = [one for one in shown.splitlines() if one.startswith("a session: hoopgate sessions show ")]
    assert run(line.split()[3:]) == 0
    (read,) = [one for one in Store(store).records() if one.kind == "read" and one.data["action"] == "backtest"]
    reason = Payloads(Store(store), recorder.Keys.in_directory(store.parent / ".hoopgate-keys", create=False))
    assert str(reason.payload(read), "utf-8").startswith("to decide recorded calls again under the policy sha256:")


def test_of_a_copy_without_keys_the_leaves_are_read(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "elsewhere" / "store"
    shutil.copytree(store, copy)
    found = told(copy, WIDER.replace("when       args.limit <= 10", ""), capsys)
    assert {one["what"] for one in found["changes"]} == {"ehr/read", "ehr/other"}
    assert found["undecided"] == {"the store's keys are not here, so that only its leaves were read": 1,
                                  "what a refused call asked for is not recorded": 1}  # fmt: skip
    assert backtest(copy, WIDER, "--keys", str(tmp_path / "nowhere")) == 2


def test_what_is_no_store_is_named(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (store.parent / "candidate.hoop").write_text(POLICY, encoding="utf-8")
    assert backtest(store.parent / "missing", POLICY) == 2
    for segment in (store / "segments").iterdir():
        segment.write_bytes(b"x" + segment.read_bytes()[1:])
    assert backtest(store, POLICY) in (1, 2)
    assert "Traceback" not in capsys.readouterr().err


def test_sessions_and_times_narrow_what_is_read(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(store, STRICTER, capsys, "--where", "repository=other/*")["calls"] == 0
    assert told(store, STRICTER, capsys, "--where", "repository=acme/*")["calls"] == 8
    assert told(store, STRICTER, capsys, "--until", "2020-01-01T00:00:00Z")["calls"] == 0
    assert backtest(store, STRICTER, "--where", "nothing") == 2
    assert backtest(store, STRICTER, "--since", "yesterday") == 2


def test_erased_payloads_are_counted(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = json.loads(_listed(store, capsys))[0]["id"]
    assert run(["erase", session, "--store", str(store), "--reason", "asked for"]) == 0
    capsys.readouterr()
    found = told(store, POLICY, capsys)
    assert found["undecided"]["its payload was removed or its key destroyed"] >= 2
    assert found["changed"] == 0


def _listed(store: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["sessions", "list", "--json", "--store", str(store)]) == 0
    return capsys.readouterr().out


@settings(max_examples=150, deadline=None)
@given(rules(), requests())
def test_what_is_open_may_come_out_in_every_way_that_it_can(drawn: list[RuleText], data: dict[str, Any]) -> None:
    """The truths of a formula without its arguments and claims hold the one that it has with them."""
    try:
        policy = policy_lang.compile(text_of(drawn))
    except policy_lang.PolicyError:
        return
    whole = policy_lang.Request.from_json(data)
    without = policy_lang.Request(whole.values, {}, whole.time)
    identity = Identity(whole, "", "", frozenset({"branch"}))
    for rule in policy.meaning.rules:
        for formula in rule.formulas():
            truth = compiled(formula)(whole.values, whole.args, whole.time)
            assert truth in possible(formula, without, open_tests(identity, arguments=True))


def test_a_held_call_is_decided_by_what_people_were_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        POLICY
        + 'rule "asks" { command "ehr/asks"  when args.limit <= 10  allow  mask all\n'
        + ('    require approval from "office" }\n')
    )
    policy = policy_lang.compile(text)
    asked = {"branch": "main", "command": "ehr/asks", "args": {"limit": 7}, "provenance": "attested"}
    decision = policy.decide(policy_lang.Request.from_json(asked))
    call = {"call": "c1", "server": "ehr", "command": "ehr/asks"}
    about = {"method": "tools/call", "effect": decision.effect, "rules": list(decision.rules), "record": "masked"}
    with recorder.open(tmp_path / "store") as log:
        who = {"caller": "ci", "subject": "s", "issuer": "i", "branch": "main", "none": ["tag"]}
        log.append(recorder.Entry("session.identity", "one", who))
        said = json.dumps(decision.to_json()).encode()
        log.append(recorder.Entry("decision", "one", {**call, **about, "policy": policy.digest}, said))
        question = json.dumps({"arguments": asked["args"]}).encode()
        log.append(recorder.Entry("approval.requested", "one", {**call, "approval": "a1"}, question))
    store = tmp_path / "store"
    assert told(store, text, capsys)["changed"] == 0
    (change,) = told(store, text.replace("limit <= 10  allow", "limit <= 5  allow"), capsys)["changes"]
    assert (change["before"], change["after"]) == ("approval", "deny")
    (change,) = told(store, text.replace('from "office"', 'from "office" count 2'), capsys)["changes"]
    assert change["directions"] == ["narrowing"]
