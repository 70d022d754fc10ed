"""Runs the language's portable suite: the data is beside this file, which only compares."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import policy_lang
from policy_lang import Policy, Request

SUITE = Path(__file__).parent
DECISIONS = sorted((SUITE / "decisions").glob("*.hoop"))
CASES = [
    (path, case)
    for path in DECISIONS
    for case in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"), parse_float=Decimal)
]


@cache
def policy(path: Path) -> Policy:
    return policy_lang.load(path)


@pytest.mark.parametrize(("path", "case"), CASES, ids=[f"{path.stem}: {case['says']}" for path, case in CASES])
def test_a_decision_is_as_the_suite_says(path: Path, case: dict[str, Any]) -> None:
    decision = policy(path).decide(Request.from_json(case["request"])).to_json()
    assert {key: decision.get(key) for key in case["decision"]} == case["decision"]


ADDRESSES = ("command", "resource", "prompt", "method")
CALLS = [(path, case) for path, case in CASES if any(key in case["request"] for key in ADDRESSES)]


@pytest.mark.parametrize(("path", "case"), CALLS, ids=[f"{path.stem}: {case['says']}" for path, case in CALLS])
def test_a_bound_decision_is_the_same(path: Path, case: dict[str, Any]) -> None:
    request = Request.from_json(case["request"])
    address = {key: case["request"][key] for key in ADDRESSES if key in case["request"]}
    bound = policy(path).bind(request)
    server = None if "command" in address else case["request"].get("server")
    decision = bound.decide(address.pop("command", None), request.args, server=server, time=request.time, **address)
    assert decision.to_json() == policy(path).decide(request).to_json()


@pytest.mark.parametrize("path", sorted((SUITE / "refused").glob("*.hoop")), ids=lambda path: path.stem)
def test_a_refused_policy_is_refused_for_what_the_suite_says(path: Path) -> None:
    with pytest.raises(policy_lang.PolicyError) as caught:
        policy_lang.load(path)
    listed = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    expected = {(entry["code"], entry["line"]) for entry in listed}
    assert {(d.code, d.line) for d in caught.value.diagnostics} == expected, str(caught.value)
