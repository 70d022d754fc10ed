"""From nodes to meaning: which entry belongs where, which names exist, what may stand beside what.

Everything found here is an error; what is merely unwise is found by lint.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from policy_lang import nodes
from policy_lang.conditions import Conditions
from policy_lang.diagnostic import did_you_mean
from policy_lang.effects import EffectReader
from policy_lang.formula import leaves
from policy_lang.literals import described
from policy_lang.meaning import Condition, Detector, Meaning, Never, Rule, Trial
from policy_lang.outcomes import Outcomes, outcomes_of
from policy_lang.pattern import Pattern
from policy_lang.portable import portable
from policy_lang.scope import Problems, Scope, declare, expand
from policy_lang.source import Source
from policy_lang.trial import TrialReader

_CONDITIONS = (nodes.Line, nodes.When, nodes.During, nodes.Unless)
_EFFECTS = (
    nodes.Allow, nodes.Deny, nodes.Require, nodes.Mask, nodes.Record, nodes.Retain, nodes.Grant, nodes.Limit,
)  # fmt: skip
_UNLESS_SIZE = 5000  # tests of one rule, exceptions of exceptions written out
_UNLESS_DEPTH = 40

Files = Sequence[tuple[Source, nodes.File]]


def meaning_of(files: Files, problems: Problems) -> tuple[Meaning, Scope]:
    """What the files say together. Read `problems` before believing it."""
    scope = declare(files, problems)
    _check_lets(scope, problems)
    detectors = tuple(_detector(scope, source, node, problems) for _, (source, node) in sorted(scope.detectors.items()))
    rules = _Rules(scope, problems).read()
    nevers, trials = [], []
    outcomes: Outcomes | None = None
    for (kind, _), (source, block) in sorted(scope.blocks.items(), key=lambda entry: entry[0]):
        if kind == "never":
            nevers.append(_never(scope, source, block, problems))
        elif kind == "test":
            outcomes = outcomes or outcomes_of(scope)
            trials.append(TrialReader(scope, source, problems, outcomes).test(block))
        elif kind == "given":
            TrialReader(scope, source, problems).given(block)
    kept_trials: tuple[Trial, ...] = tuple(trial for trial in trials if trial)
    return Meaning(rules, detectors, tuple(nevers), kept_trials, scope.kinds), scope


def _check_lets(scope: Scope, problems: Problems) -> None:
    known = {*scope.kinds, *scope.lets, "all"}
    for source, let in list(scope.lets.values()):
        for item in let.items:
            if isinstance(item, nodes.Name) and item.name not in known and not problems.full:
                near = did_you_mean(item.name, [*scope.kinds, *scope.lets]) or 'a text stands in "double quotes"'
                problems.add(source, item.span, "HG014", f'"{item.name}" is not declared', near)


def _detector(scope: Scope, source: Source, node: nodes.Detector, problems: Problems) -> Detector:
    pattern = ""
    if Conditions(scope, source, problems).regular(node.pattern):
        written = Pattern("regex", node.pattern.pattern)
        pattern = portable(written.tree())
        if written.automaton().nullable:
            message, help_ = "a detector that finds the empty text", "let it match at least one character"
            problems.add(source, node.pattern.span, "HG023", message, help_)
    words = []
    for item in expand(scope, source, node.near, problems):
        if isinstance(item, nodes.Literal) and isinstance(item.value, str) and item.value.strip():
            words.append(item.value)
        else:
            message = f"near takes words, found {described(item)}"
            problems.add(source, item.span, "HG020", message, 'a text stands in "double quotes"')
    return Detector(node.name.name, pattern, tuple(sorted(set(words))))


# ---- rules ---------------------------------------------------------------------------------------------------------


@dataclass
class _Rules:
    scope: Scope
    problems: Problems
    done: dict[str, Rule] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def read(self) -> tuple[Rule, ...]:
        waiting: list[tuple[str, Source, nodes.Block, tuple[str, ...]]] = []
        for (kind, name), (source, block) in self.scope.blocks.items():
            if kind == "rule":
                rule, unless = self._rule(source, block)
                self.done[name] = rule
                if unless:
                    waiting.append((name, source, block, unless))
        self._resolve(waiting)
        return tuple(rule for _, rule in sorted(self.done.items()))

    def _rule(self, source: Source, block: nodes.Block) -> tuple[Rule, tuple[str, ...]]:
        reader = Conditions(self.scope, source, self.problems)
        conditions: list[Condition] = []
        clauses: list[nodes.Effect] = []
        unless: list[str] = []
        for entry in block.entries:
            if isinstance(entry, nodes.Unless):
                unless += self._exceptions(source, entry)
            elif isinstance(entry, (nodes.Line, nodes.When, nodes.During)):
                conditions.append(reader.condition(entry))
                _check_with(source, entry, self.problems)
            elif isinstance(entry, _EFFECTS):
                clauses.append(entry)
            else:
                _misplaced(source, entry, "rule", self.problems)
        effects = EffectReader(self.scope, source, self.problems).effects(block, clauses)
        granted = next((c.span for c in clauses if isinstance(c, nodes.Grant)), nodes.NOWHERE)
        name = str(block.name.value)
        rule = Rule(name, tuple(conditions), effects, (), block.observe, source, block.span, granted)
        if not effects.allow:
            _refuse_asserted(source, block, rule.conditions, self.problems)
        return rule, tuple(dict.fromkeys(unless))

    def _exceptions(self, source: Source, entry: nodes.Unless) -> list[str]:
        names = []
        for item in expand(self.scope, source, entry.rules, self.problems):
            name = item.value if isinstance(item, nodes.Literal) else None
            if isinstance(name, str) and ("rule", name) in self.scope.blocks:
                names.append(name)
            else:
                near = did_you_mean(name, self.scope.names("rule")) if isinstance(name, str) else ""
                self.problems.add(source, item.span, "HG015", f"{described(item)} is not a rule", near)
        return names

    def _resolve(self, waiting: list[tuple[str, Source, nodes.Block, tuple[str, ...]]]) -> None:
        """Put the exceptions in, those first that others need; what is left over forms a cycle."""
        open_names = {name for name, *_ in waiting}
        while waiting:
            ready = [entry for entry in waiting if not open_names & set(entry[3])]
            if not ready:
                name, source, block, unless = min(waiting, key=lambda entry: entry[0])
                self.problems.add(
                    source,
                    block.name.span,
                    "HG034",
                    f'the exceptions of "{name}" lead back to it or to a circle: {", ".join(unless)}',
                    "an unless may not lead back to its own rule",
                )
                return
            for name, source, block, unless in ready:
                if not self._attach(name, source, block, unless):
                    return
                open_names.discard(name)
            waiting = [entry for entry in waiting if entry[0] in open_names]

    def _attach(self, name: str, source: Source, block: nodes.Block, unless: tuple[str, ...]) -> bool:
        """Give a rule its exceptions; False where they become too large."""
        others = [self._measure(other) for other in unless]
        depth = 1 + max(depth for _, depth in others)
        total = self._own(name) + sum(size for size, _ in others)
        self.sizes[name] = (total, depth)
        if depth > _UNLESS_DEPTH or total > _UNLESS_SIZE:
            message, help_ = "exceptions of exceptions become too large", "write fewer unless"
            self.problems.add(source, block.name.span, "HG005", message, help_)
            return False
        rule = self.done[name]
        others_sorted = tuple(self.done[other] for other in sorted(unless))
        if not rule.effects.allow:
            self._refuse_asserted_exceptions(source, block, others_sorted)
        self.done[name] = replace(rule, unless=others_sorted)
        return True

    def _refuse_asserted_exceptions(self, source: Source, block: nodes.Block, others: tuple[Rule, ...]) -> None:
        """An exception on the caller's word lifts a restriction from whoever gives his word."""
        for entry in block.entries:
            for item in entry.rules if isinstance(entry, nodes.Unless) else ():
                named = [rule for rule in others if isinstance(item, nodes.Literal) and rule.name == item.value]
                if any(_rests_on_a_word(rule) for rule in named):
                    message = f"an exception that is asserted, in a rule without allow: {described(item)}"
                    help_ = "the caller would only have to assert it; leave asserted out of the exception"
                    self.problems.add(source, item.span, "HG033", message, help_)

    def _own(self, name: str) -> int:
        return 1 + sum(1 for c in self.done[name].conditions for _ in leaves(c.formula))

    def _measure(self, name: str) -> tuple[int, int]:
        return self.sizes.get(name) or (self._own(name), 0)


def _refuse_asserted(source: Source, block: nodes.Block, conditions: tuple[Condition, ...], problems: Problems) -> None:
    if not any(_is_asserted(condition) for condition in conditions):
        return
    where = block.kind if block.kind == "never" else "rule without allow"
    for condition in conditions:
        if _is_asserted(condition):
            problems.add(
                source,
                condition.span,
                "HG033",
                f"asserted in a {where}",
                "the caller would only have to assert something else; leave asserted out",
            )


def _rests_on_a_word(rule: Rule) -> bool:
    return any(map(_is_asserted, rule.conditions)) or any(map(_rests_on_a_word, rule.unless))


def _is_asserted(condition: Condition) -> bool:
    return any(getattr(getattr(leaf, "subject", None), "asserted", False) for leaf in leaves(condition.formula))


def _check_with(source: Source, entry: nodes.Line | nodes.When | nodes.During, problems: Problems) -> None:
    if isinstance(entry, nodes.Line) and entry.arguments is not None:
        problems.add(
            source,
            entry.arguments.span,
            "HG018",
            "the arguments of a call in a rule",
            "with { … } belongs in a test; a rule asks: when args.limit <= 10",
        )


_WORDS = {
    nodes.Allowed: ("allowed", "allowed belongs in a never"),
    nodes.As: ("as", "as belongs in a test"),
    nodes.Expect: ("expect", "expect belongs in a test"),
    nodes.Unless: ("unless", "unless belongs in a rule"),
}


def _misplaced(source: Source, entry: nodes.Entry, kind: str, problems: Problems) -> None:
    word, help_ = _WORDS.get(
        type(entry), (type(entry).__name__.lower(), "effects belong in a rule; in a test write expect before them")
    )
    article = "an" if kind[0] in "aeiou" else "a"
    problems.add(source, entry.span, "HG018", f"{word} in {article} {kind}", help_)


# ---- never ---------------------------------------------------------------------------------------------------------


def _never(scope: Scope, source: Source, block: nodes.Block, problems: Problems) -> Never:
    reader = Conditions(scope, source, problems)
    conditions: list[Condition] = []
    allowed: list[nodes.Allowed] = []
    for entry in block.entries:
        if isinstance(entry, (nodes.Line, nodes.When, nodes.During)):
            conditions.append(reader.condition(entry))
            _check_with(source, entry, problems)
        elif isinstance(entry, nodes.Allowed):
            allowed.append(entry)
        else:
            _misplaced(source, entry, "never", problems)
    if len(allowed) != 1:
        problems.add(
            source,
            block.name.span,
            "HG043",
            f"a never says once what may not be allowed, found {len(allowed)} times",
            "write allowed, allowed without approval or allowed without mask ssn",
        )
    _refuse_asserted(source, block, tuple(conditions), problems)
    approval: tuple[str, ...] | None = None
    mask: tuple[str, ...] | None = None
    method: str | None = None
    effects = EffectReader(scope, source, problems)
    for without in allowed[0].without if allowed else ():
        if without.what == "approval":
            approval = effects.approval(nodes.Approval(without.items, span=without.span), "").from_
        else:
            clause = nodes.Mask(without.items, (), without.method, without.span)
            masked = effects.masked(clause)
            mask, method = tuple(masked), without.method.name if without.method else None
    name = str(block.name.value)
    return Never(name, tuple(conditions), approval, mask, method, source, block.span)


def rules_of(scope: Scope, problems: Problems) -> tuple[Rule, ...]:
    """The rules that a scope's blocks say, in the order of their names. Read `problems` before believing them."""
    return _Rules(scope, problems).read()
