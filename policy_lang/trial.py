"""Reading `test` and `given` blocks: the request that a test sends, and what it expects."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from policy_lang import nodes
from policy_lang.attributes import ATTESTS, ATTRIBUTES, CALL, CALLER, GROUPS, TEXT, TRUTH, TYPES
from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.effects import EffectReader
from policy_lang.errors import RequestError
from policy_lang.literals import described
from policy_lang.meaning import Trial
from policy_lang.outcomes import Outcomes, place_of
from policy_lang.request import Request
from policy_lang.scope import Problems, Scope
from policy_lang.source import Source

_ADDRESSES = ("command", "resource", "prompt", "method")


@dataclass
class TrialReader:
    """Reads the tests of one source. Findings go to `problems`."""

    scope: Scope
    source: Source
    problems: Problems
    outcomes: Outcomes = field(default_factory=Outcomes)

    def _add(self, span: nodes.Span, code: str, message: str, help: str = "") -> None:  # noqa: A002
        self.problems.add(self.source, span, code, message, help)

    def given(self, block: nodes.Block) -> dict[str, Any]:
        """The facts of a `given`, as JSON; `provenance` maps what is marked asserted."""
        facts: dict[str, Any] = {}
        for entry in block.entries:
            if isinstance(entry, nodes.Line):
                self._fact(entry, facts)
            else:
                self._misplaced(entry, block.kind)
        return facts

    def test(self, block: nodes.Block) -> Trial | None:
        """The trial, or None after an error."""
        before = len(self.problems.found)
        given: dict[str, Any] = {}
        facts: dict[str, Any] = {}
        expectations: list[nodes.Expect] = []
        for entry in block.entries:
            if isinstance(entry, nodes.As):
                given = overlaid(given, self._as(entry))
            elif isinstance(entry, nodes.Line):
                self._fact(entry, facts)
            elif isinstance(entry, nodes.Expect):
                expectations.append(entry)
                self._expectation(entry)
            else:
                self._misplaced(entry, block.kind)
        facts = overlaid(given, facts)
        self._check_whole(block, facts, expectations)
        if len(self.problems.found) > before:
            return None
        request = in_production(facts)
        try:
            Request.from_json(request)
        except RequestError as error:
            self._add(block.name.span, "HG042", f"the test's request cannot be: {error.message}", error.help)
            return None
        return Trial(str(block.name.value), request, tuple(expectations), self.source, block.span)

    def _as(self, entry: nodes.As) -> dict[str, Any]:
        name = str(entry.given.value)
        found = self.scope.blocks.get(("given", name))
        if found is None:
            self._add(
                entry.given.span, "HG044", f'there is no given "{name}"', did_you_mean(name, self.scope.names("given"))
            )
            return {}
        self.scope.used.add(f"given {name}")
        source, block = found
        return TrialReader(self.scope, source, Problems()).given(block)

    def _misplaced(self, entry: nodes.Entry, kind: str) -> None:
        if isinstance(entry, (nodes.When, nodes.During, nodes.Unless)):
            self._add(
                entry.span,
                "HG018",
                f"a condition in a {kind}",
                f'a {kind} states facts: branch "main", time "2026-11-22T03:00:00Z"',
            )
        else:
            word = type(entry).__name__.lower()
            help_ = "in a test write expect before it" if kind == "test" else f"{word} does not belong in a {kind}"
            self._add(entry.span, "HG018", f"{word} in a {kind}", help_)

    # ---- facts

    def _fact(self, line: nodes.Line, facts: dict[str, Any]) -> None:
        if isinstance(line.subject, nodes.Claim):
            value = self._value(line.items[0])
            claims = facts.setdefault("claims", {})
            claims[line.subject.name] = value
            self._provenance(facts, "claims", line.subject.asserted)
            return
        name = line.subject.name
        if name not in (*ATTRIBUTES, "time"):
            near = did_you_mean(name, [*ATTRIBUTES, "time"]) or f"there are {listing(ATTRIBUTES)} and time"
            self._add(line.subject.span, "HG010", f'"{name}" is not an attribute', near)
            return
        if line.negated or (len(line.items) > 1 and TYPES.get(name) != GROUPS):
            self._add(
                line.span,
                "HG042",
                f"a fact about {name} is one value",
                f'write {name} "…", {name} none or {name} unknown',
            )
            facts.setdefault(name, "")
            return
        if name in facts:
            self._add(
                line.subject.span, "HG017", f"{name} is stated twice", "a request has one value for each attribute"
            )
        self._state(line, name, facts)

    def _state(self, line: nodes.Line, name: str, facts: dict[str, Any]) -> None:
        item = line.items[0]
        if isinstance(item, nodes.Name) and item.name == "unknown":
            facts[name] = ...
        elif isinstance(item, nodes.Name) and item.name == "none":
            facts[name] = None
        elif TYPES.get(name) == GROUPS:
            facts[name] = [self._value(one) for one in line.items]
        else:
            facts[name] = self._value(item)
            wanted = bool if TYPES.get(name, TEXT) == TRUTH else str
            if facts[name] is not None and not isinstance(facts[name], wanted):
                what = "true or false" if wanted is bool else "a string"
                self._add(item.span, "HG020", f"{name} is {what}, found {described(item)}")
        if name == "command" and isinstance(facts[name], str) and "/" not in facts[name]:
            message, help_ = (
                f'a command is "server/tool"; "{facts[name]}" has no slash',
                "a test sends one call of one tool",
            )
            self._add(item.span, "HG024", message, help_)
        if name in CALLER:
            self._provenance(facts, name, line.subject.asserted)
        if line.arguments is not None:
            if name not in _ADDRESSES:
                self._add(
                    line.arguments.span, "HG018", f"arguments of {name}", 'write command "server/tool" with { … }'
                )
            facts["args"] = self._json(line.arguments)

    def _provenance(self, facts: dict[str, Any], name: str, asserted: bool) -> None:
        if asserted:
            facts.setdefault("provenance", {})[name] = "asserted"

    def _value(self, item: nodes.Item) -> Any:
        if isinstance(item, nodes.Literal):
            return item.value
        self._add(
            item.span, "HG020", f"a fact is a plain value, found {described(item)}", 'a text stands in "double quotes"'
        )
        return None

    def _json(self, node: nodes.Value) -> Any:
        if isinstance(node, nodes.Object):
            seen: dict[str, Any] = {}
            for pair in node.pairs:
                if pair.key in seen:
                    self._add(pair.span, "HG017", f'the key "{pair.key}" stands twice')
                seen[pair.key] = self._json(pair.value)
            return seen
        if isinstance(node, nodes.Array):
            return [self._json(value) for value in node.values]
        if isinstance(node, nodes.Literal):
            return node.value
        self._add(
            node.span, "HG020", f"arguments are JSON, found {described(node)}", 'a text stands in "double quotes"'
        )
        return None

    # ---- expectations

    def _expectation(self, node: nodes.Expect) -> None:
        """What is expected must be possible: known kinds, methods, levels, rules."""
        outcome = node.outcome
        effects = EffectReader(self.scope, self.source, self.problems)
        if isinstance(outcome, nodes.Mask):
            effects.masked(outcome)
        elif isinstance(outcome, nodes.Approval):
            effects.approval(outcome, "")
        elif isinstance(outcome, nodes.Record):
            effects.level(outcome)
        elif isinstance(outcome, nodes.Limit):
            effects.limit(outcome, "")
        elif isinstance(outcome, nodes.Named) and ("rule", outcome.rule.value) not in self.scope.blocks:
            name = str(outcome.rule.value)
            self._add(
                outcome.rule.span, "HG015", f'there is no rule "{name}"', did_you_mean(name, self.scope.names("rule"))
            )
        message, help_ = self.outcomes.impossible(outcome)
        if message and not node.negated:
            self._add(place_of(outcome), "HG042", message, help_)

    def _check_whole(self, block: nodes.Block, facts: dict[str, Any], expectations: list[nodes.Expect]) -> None:
        addresses = [name for name in _ADDRESSES if facts.get(name) not in (None, ...)]
        if not addresses and "server" not in facts:
            self._add(
                block.name.span,
                "HG042",
                "a test without a call",
                'write command "server/tool" with { … }, or a resource, prompt or method',
            )
        if not expectations:
            self._add(
                block.name.span,
                "HG042",
                "a test that expects nothing",
                "write expect allow, expect deny or expect approval",
            )
        verdicts = [
            e
            for e in expectations
            if not e.negated and isinstance(e.outcome, (nodes.Allow, nodes.Deny, nodes.Approval))
        ]
        for extra in verdicts[1:]:
            if type(extra.outcome) is not type(verdicts[0].outcome):
                self._add(
                    extra.span,
                    "HG042",
                    "two verdicts are expected of one decision",
                    "a decision is allow, deny or approval",
                )
        if verdicts and isinstance(verdicts[0].outcome, nodes.Deny):
            for other in expectations:
                if not other.negated and isinstance(other.outcome, (nodes.Mask, nodes.Grant, nodes.Limit)):
                    self._add(
                        other.span, "HG042", "a denial carries no masks, grants or limits", "leave this expectation out"
                    )


def overlaid(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Facts with others over them: whoever states an attribute anew states its provenance anew."""
    kept = {name: word for name, word in below.get("provenance", {}).items() if name not in above}
    claims = {**below.get("claims", {}), **above.get("claims", {})}
    facts = {**below, **above, "provenance": {**kept, **above.get("provenance", {})}}
    return {**facts, "claims": claims} if claims else facts


def in_production(facts: dict[str, Any]) -> dict[str, Any]:
    """The whole request of a test: what is not stated is none where the provider attests it, else unknown."""
    request = {name: value for name, value in facts.items() if value is not ...}
    provider = request.get("provider")
    attested = ATTESTS.get(provider, frozenset()) if isinstance(provider, str) else frozenset()
    for name in attested:
        if name not in facts:
            request[name] = None
    if provider in ATTESTS and "caller" not in facts:
        request["caller"] = "ci"
    provenance = request.pop("provenance", {})
    request["provenance"] = {"default": "attested", **provenance}
    if any(isinstance(request.get(name), str) for name in _ADDRESSES):
        for name in CALL:
            request.setdefault(name, None)
        if request["server"] is None:
            del request["server"]
    return request


def exact_json(value: Any) -> Any:
    """A request with its Decimals as JSON can show them."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: exact_json(inner) for key, inner in value.items()}
    return [exact_json(inner) for inner in value] if isinstance(value, list) else value
