"""Each mutant against the policy's own tests and `never`s; for a survivor the test that would have caught it.

Strategy: tests are cheap and come first. What they let through is compared with the original by the prover, which
either shows that no request is decided differently (the mutant is the same policy in other words, and is not counted)
or finds one. That request is judged by the `never`s, and else becomes a `test` block, which is read back and must pass
on the original and fail on the mutant before anybody is shown it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from policy_lang import nodes
from policy_lang.meaning import Trial
from policy_lang.mutation.blocks import block_for
from policy_lang.mutation.mutants import Mutant, mutants
from policy_lang.outcomes import outcomes_of
from policy_lang.parse import parse
from policy_lang.policy import Policy
from policy_lang.proof.difference import difference
from policy_lang.proof.never import breaks, may_hold, proofs
from policy_lang.request import Request
from policy_lang.scope import Problems, Scope
from policy_lang.source import Source
from policy_lang.trial import TrialReader
from policy_lang.variant import Workbench
from policy_lang.verdict import run

Fate: TypeAlias = Literal["killed", "survived", "equivalent"]
MOST = 2_000  # mutants of a small policy that are tried; each costs more the more rules there are
LEAST = 100
STEPS = 20_000  # of one comparison of small policies: a step costs more the more rules there are
_SEARCH = 20  # times fewer, for a request that tells more


@dataclass(frozen=True)
class Tried:
    """`by` names the test or never that killed it. A survivor has a `request` that is decided differently (None where
    none was found, and `because` says so) and, where a test can state it, the `test` to paste.
    """

    mutant: Mutant
    fate: Fate
    by: str = ""
    request: dict[str, Any] | None = None
    test: str = ""
    because: str = ""


@dataclass(frozen=True)
class Outcome:
    """`left_out` is how many mutants were not tried: there are more than are tried in bounded time."""

    tried: tuple[Tried, ...]
    left_out: int = 0

    def count(self, fate: Fate) -> int:
        return sum(one.fate == fate for one in self.tried)

    @property
    def survivors(self) -> tuple[Tried, ...]:
        return tuple(one for one in self.tried if one.fate == "survived")

    @property
    def score(self) -> float:
        """Killed of those that count, in percent; 100 where none counts."""
        killed, survived = self.count("killed"), self.count("survived")
        return 100.0 * killed / (killed + survived) if killed + survived else 100.0


def mutate(
    bench: Workbench, only: str = "", most: int | None = None, told: Callable[[int, int], None] | None = None
) -> Outcome:
    """Try the mutants of the rules whose names hold `only`, at most so many. `told` hears how many of all are done.

    The bound is a number, not a time, so that the same policy has the same score everywhere.
    """
    if most is None:
        most = max(LEAST, min(MOST, 60_000 // max(1, len(bench.meaning.rules))))
    chosen, left_out = _spread([one for one in mutants(bench) if only in one.rule], most)
    found = []
    taken = set(bench.scope.names("test"))  # all tests that are offered can be pasted together
    for number, mutant in enumerate(chosen, 1):
        tried = _tried(bench, mutant, taken)
        if tried is not None:
            found.append(tried)
        if told is not None:
            told(number, len(chosen))
    return Outcome(tuple(found), left_out)


def _spread(all_: list[Mutant], most: int) -> tuple[list[Mutant], int]:
    """At most so many, evenly spread over the policy."""
    if len(all_) <= most:
        return all_, 0
    return [all_[at * len(all_) // most] for at in range(most)], len(all_) - most


def _tried(bench: Workbench, mutant: Mutant, taken: set[str]) -> Tried | None:
    """What became of a mutant; None where it is no policy. The name of a test that is offered is `taken` then."""
    policy = bench.varied({mutant.rule: mutant.entries})
    if policy is None:
        return None
    if policy.digest == bench.policy.digest:
        return Tried(mutant, "equivalent")
    failed = next((t.name for t in bench.meaning.trials if not run(policy, bench.scope, t).passed), None)
    if failed is not None:
        return Tried(mutant, "killed", f'the test "{failed}"')
    steps = max(500, min(STEPS, 1_000_000 // max(1, len(bench.meaning.rules))))
    found = difference(bench.policy, policy, first=True, steps=steps)
    if not found.changes and found.complete and not found.notes:
        return Tried(mutant, "equivalent")
    change = found.changes[0] if found.changes else None
    request = change.request if change else None
    broken = _broken(bench, policy, request)
    if broken is not None:
        return Tried(mutant, "killed", f'the never "{broken}"')
    if change is None or request is None:
        return Tried(mutant, "survived", because=found.reasons[0] if found.reasons else "no request was found")
    tells = change.before.effect == "deny" and change.after.effect != "deny"
    telling = request if tells else _telling(bench.policy, policy, steps // _SEARCH) or request
    name = next(name for name in _names(mutant) if name not in taken)
    test = _catching(bench, name, policy, telling) or _catching(bench, name, policy, request)
    if test:
        taken.add(name)
    return Tried(mutant, "survived", "", telling if test else request, test)


def _telling(old: Policy, new: Policy, steps: int) -> dict[str, Any] | None:
    """A request whose verdict differs, where there is one: a reader sees at once what the mistake would do."""
    changes = difference(old, new, steps=steps).changes
    verdicts = [change for change in changes if change.before.effect != change.after.effect]
    worst = [change for change in verdicts if change.before.effect == "deny"]
    return next((change.request for change in (*worst, *verdicts, *changes)), None)


def _broken(bench: Workbench, policy: Policy, request: dict[str, Any] | None) -> str | None:
    """A never that the mutant breaks, or that is not proved of it: `check` would refuse either."""
    if not bench.meaning.nevers:
        return None
    if request is not None:
        read = Request.from_json(request)
        decision = policy.decide(read)
        for never in bench.meaning.nevers:
            if breaks(decision, never) and may_hold(never, read):
                return never.name
    return next((proof.never.name for proof in proofs(policy.meaning, policy) if proof.verdict != "proved"), None)


# ---- the test that would have caught it ------------------------------------------------------------------------------


def _catching(bench: Workbench, name: str, policy: Policy, request: dict[str, Any]) -> str:
    """The block, confirmed; "" where no test can say it."""
    read = Request.from_json(request)
    text = block_for(name, request, bench.policy.decide(read), policy.decide(read))
    trial = _read(bench.scope, text)
    caught = trial is not None and _passes(bench, bench.policy, trial) and not _passes(bench, policy, trial)
    return text if caught else ""


def _read(scope: Scope, text: str) -> Trial | None:
    """The block as a test of the policy; None where it is none."""
    source, problems = Source("<more>", text), Problems()
    file, found = parse(source)
    blocks = [one for one in file.declarations if isinstance(one, nodes.Block)]
    if found or len(blocks) != 1:
        return None
    trial = TrialReader(scope, source, problems, outcomes_of(scope)).test(blocks[0])
    return None if problems.found else trial


def _passes(bench: Workbench, policy: Policy, trial: Trial) -> bool:
    return run(policy, bench.scope, trial).passed


def _names(mutant: Mutant) -> Iterator[str]:
    what = f"{mutant.rule}: {mutant.kind}, line {mutant.line}"
    yield what
    for number in range(2, 10_000):
        yield f"{what} ({number})"
