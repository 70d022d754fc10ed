"""What language.md says for all policies and all requests ("What it means")."""

from __future__ import annotations

import random
import re
from typing import Any

from hoop_strategies import RuleText, requests, rules, text_of
from hypothesis import assume, given
from hypothesis import strategies as st

import policy_lang
from policy_lang import Decision, Request
from policy_lang.kinds import KINDS, LEVELS, METHODS

RANK = {"deny": 0, "approval": 1, "allow": 2}


def load(policy: list[RuleText]) -> policy_lang.Policy:
    try:
        return policy_lang.compile(text_of(policy))
    except policy_lang.PolicyError as error:
        assume({d.code for d in error.diagnostics} != {"HG036"})  # a drawn rule may contradict itself
        raise


def decide(policy: list[RuleText], request: dict[str, Any]) -> Decision:
    return load(policy).decide(Request.from_json(request))


def same(one: Decision, other: Decision) -> bool:
    left, right = one.to_json(), other.to_json()
    return (left | {"policy": ""}, dict(one.mask_rules)) == (right | {"policy": ""}, dict(other.mask_rules))


def keeps(decision: Decision, kind: str) -> int:
    """How much an answer may show of a kind."""
    return METHODS.index(decision.mask[kind]) if kind in decision.mask else len(METHODS)


def no_wider(narrow: Decision, wide: Decision) -> bool:
    """Whether a decision permits, shows and lends no more, and asks, records and limits no less."""
    if narrow.effect == "deny":
        return True
    return (
        RANK[narrow.effect] <= RANK[wide.effect]
        and all(keeps(narrow, kind) <= keeps(wide, kind) for kind in KINDS)
        and {(a.rule, a.from_, a.count) for a in wide.approvals}
        <= {(a.rule, a.from_, a.count) for a in narrow.approvals}
        and {(limit.rule, limit.count, limit.per) for limit in wide.limits}
        <= {(limit.rule, limit.count, limit.per) for limit in narrow.limits}
        and LEVELS.index(narrow.record) >= LEVELS.index(wide.record)
        and (narrow.retain or 0) >= (wide.retain or 0)
    )


@given(rules(), requests(), st.randoms(use_true_random=False))
def test_the_order_of_rules_lines_and_alternatives_never_changes_a_decision(
    policy: list[RuleText], request: dict[str, Any], dice: random.Random
) -> None:
    shuffled = [
        RuleText(
            rule.name,
            tuple(dice.sample([_reordered(line, dice) for line in rule.lines], len(rule.lines))),
            rule.observe,
        )
        for rule in policy
    ]
    dice.shuffle(shuffled)
    one, other = load(policy), load(shuffled)
    assert one.digest == other.digest
    assert same(one.decide(Request.from_json(request)), other.decide(Request.from_json(request)))


def _reordered(line: str, dice: random.Random) -> str:
    match = re.fullmatch(r"((?:branch|command|group|job)(?: not)?) (.*)", line)
    if not match:
        return line
    items = match.group(2).split(", ")
    return f"{match.group(1)} {', '.join(dice.sample(items, len(items)))}"


@given(rules(), requests())
def test_a_bound_policy_decides_as_the_unbound_one(policy: list[RuleText], request: dict[str, Any]) -> None:
    loaded = load(policy)
    whole = Request.from_json(request)
    call = {name: request[name] for name in ("server", "command", "resource", "prompt", "method") if name in request}
    assume(call)
    identity = {key: value for key, value in request.items() if key not in (*call, "args", "time")}
    bound = loaded.bind(Request.from_json(identity))
    for _ in range(2):
        decision = bound.decide(call.pop("command", None), request["args"], time=whole.time, **call) if call else None
        if decision is not None:
            assert decision.to_json() == loaded.decide(whole).to_json()
        call = {
            name: request[name] for name in ("server", "command", "resource", "prompt", "method") if name in request
        }
        if "command" in call:
            call.pop("server", None)


@given(rules(), requests())
def test_what_is_decided_could_be(policy: list[RuleText], request: dict[str, Any]) -> None:
    assume("command" in request)
    loaded = load(policy)
    decision = loaded.decide(Request.from_json(request))
    bound = loaded.bind(Request.from_json({k: v for k, v in request.items() if k not in ("command", "args", "time")}))
    if decision.effect != "deny":
        assert bound.could(request["command"])
        assert bound.could_server(request["command"].partition("/")[0])


@given(
    rules(),
    requests(),
    st.sampled_from(["mask name", "mask all", "limit 1 per run", "record full", "retain 6y", "require approval"]),
)
def test_adding_a_restriction_never_widens(policy: list[RuleText], request: dict[str, Any], clause: str) -> None:
    assert no_wider(decide([*policy, RuleText("z", (clause,))], request), decide(policy, request))


@given(
    rules(),
    requests(),
    st.lists(st.sampled_from(['branch "main"', 'command "ehr/*"', "when args.limit <= 10"]), max_size=2),
)
def test_adding_a_deny_never_widens(policy: list[RuleText], request: dict[str, Any], lines: list[str]) -> None:
    assert no_wider(decide([*policy, RuleText("z", (*lines, 'deny because "z"'))], request), decide(policy, request))


@given(rules(), requests())
def test_adding_an_approval_never_turns_a_deny_into_an_allow(policy: list[RuleText], request: dict[str, Any]) -> None:
    if decide(policy, request).effect == "deny":
        assert decide([*policy, RuleText("z", ("require approval",))], request).effect == "deny"


@given(rules(marked=False), requests(), st.data())
def test_making_an_attribute_unknown_never_widens(
    policy: list[RuleText], request: dict[str, Any], data: st.DataObject
) -> None:
    known = [
        name
        for name in request
        if name not in ("args", "provenance", "server", "command", "resource", "method", "prompt")
    ]
    assume(known)
    name = data.draw(st.sampled_from(known))
    less = {key: value for key, value in request.items() if key != name}
    assert no_wider(decide(policy, less), decide(policy, request))


@given(rules(marked=False), requests(), st.data())
def test_an_asserted_attribute_never_widens(
    policy: list[RuleText], request: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["branch", "repository", "environment", "group", "reviewed"]))
    less = request | {"provenance": request["provenance"] | {name: "asserted"}}
    assert no_wider(decide(policy, less), decide(policy, request))


@given(rules(marked=False), requests(), st.data())
def test_leaving_out_an_argument_never_widens(
    policy: list[RuleText], request: dict[str, Any], data: st.DataObject
) -> None:
    assume(request["args"])
    name = data.draw(st.sampled_from(sorted(request["args"])))
    less = request | {"args": {key: value for key, value in request["args"].items() if key != name}}
    assert no_wider(decide(policy, less), decide(policy, request))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["limit", "ids", "a", "b", "name", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(rules(), JSON, st.text(max_size=12), st.booleans())
def test_deciding_never_raises(policy: list[RuleText], args: Any, name: str, as_command: bool) -> None:
    loaded = load(policy)
    bound = loaded.bind(Request.from_json({}))
    decision = bound.decide(name, args) if as_command else bound.decide(resource=name, server="ehr")
    assert decision.effect in RANK
    request = {"command" if as_command else "resource": name, "args": args if isinstance(args, dict) else {}}
    assert loaded.decide(Request.from_json(request)).effect in RANK


@given(rules(), JSON)
def test_a_request_is_read_or_refused_by_name(policy: list[RuleText], data: Any) -> None:
    request = read(data)
    if request is not None:
        assert load(policy).decide(request).effect in RANK


def read(data: Any) -> Request | None:
    try:
        return Request.from_json(data)
    except policy_lang.RequestError:
        return None
