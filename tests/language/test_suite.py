"""Runs the language's portable suite: all of it is data beside this file, in the format of README.md."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import policy_lang
from policy_lang import Policy, Request
from policy_lang.examination import examination
from policy_lang.files import read_sources

SUITE = Path(__file__).parent
ADDRESSES = ("command", "resource", "prompt", "method")


def cases(key: str) -> list[Any]:
    """Every case of a kind, with the file it stands in."""
    found = []
    for path in sorted(SUITE.glob("*/*.json")):
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        name = path.relative_to(SUITE).with_suffix("")
        found += [pytest.param(path, case, id=f"{name}: {case['says']}") for case in data.get(key, ())]
    return found


@cache
def policy(path: Path) -> Policy:
    """The policy beside a file of cases."""
    return policy_lang.load(path.with_suffix(".hoop"))


@pytest.mark.parametrize(("path", "case"), cases("decisions"))
def test_a_decision_is_as_the_suite_says(path: Path, case: dict[str, Any]) -> None:
    decision = policy(path).decide(Request.from_json(case["request"])).to_json()
    assert {key: decision.get(key) for key in case["decision"]} == case["decision"], decision


@pytest.mark.parametrize(
    ("path", "case"), [one for one in cases("decisions") if set(ADDRESSES) & set(one.values[1]["request"])]
)
def test_a_bound_decision_is_the_same(path: Path, case: dict[str, Any]) -> None:
    request = Request.from_json(case["request"])
    address = {key: case["request"][key] for key in ADDRESSES if key in case["request"]}
    command = address.pop("command", None)
    server = None if command is not None else case["request"].get("server")
    session = policy(path).bind(request)
    decision = session.decide(command, request.args, server=server, time=request.time, **address)
    assert decision == policy(path).decide(request)
    if decision.effect != "deny" and command is not None:
        assert session.could(command)
        assert session.could_server(command.partition("/")[0])


@pytest.mark.parametrize(("path", "case"), cases("requests"))
def test_a_request_that_cannot_be_read_is_refused_by_the_name_of_its_field(path: Path, case: dict[str, Any]) -> None:
    with pytest.raises(policy_lang.RequestError) as refusal:
        Request.from_json(case["request"])
    assert refusal.value.field == case["field"]
    assert refusal.value.code == "HG060"


@pytest.mark.parametrize(("path", "case"), cases("digests"))
def test_digests_are_the_same_where_the_meaning_is(path: Path, case: dict[str, Any]) -> None:
    digests = {policy_lang.compile(text).digest for text in case["policies"]}
    assert len(digests) == (1 if case["same"] else len(case["policies"]))


def examined() -> list[Any]:
    """Every policy that something is said about, with what is said."""
    found = []
    for path in sorted(SUITE.glob("*/*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        if "diagnostics" in data:
            found.append(pytest.param(path, data, id=str(path.relative_to(SUITE).with_suffix(""))))
    return found


@pytest.mark.parametrize(("path", "said"), examined())
def test_the_checker_says_what_the_suite_says(path: Path, said: dict[str, Any]) -> None:
    source = path.with_suffix("") if path.with_suffix("").is_dir() else path.with_suffix(".hoop")
    sources, unread = read_sources(source)
    found = unread or examination(sources).diagnostics
    places = {(one.code, one.line, one.column) for one in found if one.severity == said["severity"]}
    wanted = {(one["code"], one["line"], one["column"]) for one in said["diagnostics"]}
    shown = "\n\n".join(map(str, found))
    if said["severity"] == "error":
        assert places == wanted, shown
    else:
        assert wanted <= places, shown
        assert not [one for one in found if one.severity == "error"], shown
    assert not {one.code for one in found} & set(said.get("silent", ())), shown


@pytest.mark.parametrize(("path", "said"), examined())
def test_what_has_an_error_is_not_loaded(path: Path, said: dict[str, Any]) -> None:
    source = path.with_suffix("") if path.with_suffix("").is_dir() else path.with_suffix(".hoop")
    if said["severity"] == "warning" or said.get("loads"):
        policy_lang.load(source)
        return
    with pytest.raises(policy_lang.PolicyError) as refusal:
        policy_lang.load(source)
    codes = {one.code for one in refusal.value.diagnostics}
    assert codes <= {one["code"] for one in said["diagnostics"]}
