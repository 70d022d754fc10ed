"""How long proofs, whole-policy analysis and semantic differences take, and whether the goals are met.

    python benchmarks/analysis.py
    python benchmarks/analysis.py --rules 100 1000

For each size: a policy over many servers (as decisions.py measures, fifty rules a server) and one over ten crowded
ones; 20 `never`s, some of which are broken on purpose. `check` is everything that `hoopgate check` does but reading the
file. First a pathological policy, 20 patterns with an infix on one attribute, which must end in bounded time with "not
proved". Times are of one process, in CPU-seconds.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from typing import TypeVar

from decision_workload import hoop, workload

from policy_lang.examination import examination
from policy_lang.load import examine
from policy_lang.policy import Policy
from policy_lang.proof import diff, equivalent, prove
from policy_lang.source import Source

GOALS = {1_000: 0.5, 10_000: 10.0}
BOUND = 10.0  # seconds for the pathological policy
_NEVERS = 20
T = TypeVar("T")


def timed(job: Callable[[], T]) -> tuple[float, T]:
    """CPU-seconds of a job, and what it gave."""
    start = time.process_time()
    out = job()
    return time.process_time() - start, out


def spread(rules: int) -> str:
    """The workload of decisions.py."""
    return hoop(workload(rules, 0).rules)


def crowded(rules: int, seed: int = 11) -> str:
    """Ten servers, whatever the number of rules; teams, branches and tools in all mixtures."""
    chance = random.Random(seed)
    return "\n".join(_crowd_rule(number, chance) for number in range(rules))


def _crowd_rule(number: int, chance: random.Random) -> str:
    server = f"srv{number % 10}"
    tool = f"{chance.choice(['read', 'search', 'update', 'delete'])}_{chance.choice(['patient', 'claim', 'bill'])}"
    lines = [f'command "{server}/{tool}{chance.choice(["", "_*", "s", "_v*"])}"']
    if chance.random() < 0.8:
        lines.append(f'repository "acme/{chance.choice(["etl", "app", "web"])}{chance.randrange(max(5, 1))}{number}"')
    if chance.random() < 0.5:
        lines.append(
            f'branch {chance.choice(["", "not "])}"{chance.choice(["main", "release/*", "dev", "hotfix/**"])}"'
        )
    if chance.random() < 0.4:
        lines.append(f"when args.limit {chance.choice(['<=', '>'])} {chance.choice([10, 50, 100, 500])}")
    effect = chance.choice(
        ["allow mask ssn", "allow mask all", "allow mask none", "require approval", "mask ssn, name"]
    )
    if chance.random() < 0.15:
        effect = 'deny because "closed"'
    return f'rule "r{number:05}" {{\n    ' + "\n    ".join([*lines, effect]) + "\n}\n"


def nevers(servers: int) -> str:
    """Twenty questions of several kinds, over servers that exist."""
    out = []
    for number in range(_NEVERS):
        server = f"srv{number % servers}"
        body = [
            f'command "{server}/delete_*" branch not "main", "release/**" allowed',
            f'command "{server}/update_*" repository "other/**" allowed without approval',
            f'server "{server}" reviewed false environment "production" allowed',
            "allowed without mask ssn" if number == 3 else f'command "{server}/read_**" allowed without mask ssn',
        ][number % 4]
        out.append(f'never "n{number:02}" {{ {body} }}')
    return "\n".join(out)


def pathological() -> str:
    """Twenty patterns with an infix on one attribute: a million ways for a text to match or not."""
    rules = [
        f'rule "p{n}" {{ command "ehr/read" repository "*{chr(97 + n)}{chr(98 + n)}*" allow mask none }}'
        for n in range(20)
    ]
    rules.append('rule "d" { repository "*x*y*" deny because "no" }')
    return "\n".join([*rules, 'never "any" { repository "*m*" command "ehr/read" allowed without approval }'])


def measure(name: str, text: str, rules: int) -> bool:
    """One line of the table; whether the goal of its size is met."""
    source = Source("policy.hoop", text + nevers(max(1, min(10, rules // 50))))
    load, examined = timed(lambda: examine([source]))
    policy = Policy(examined[0])
    proofs, answers = timed(lambda: prove(policy))
    check, found = timed(lambda: examination([source]))
    other = Policy(examine([Source("new.hoop", _changed(source.text))])[0])
    differing, regions = timed(lambda: diff(policy, other))
    alike, _ = timed(lambda: equivalent(policy, other))
    verdicts = {
        verdict: sum(one.verdict == verdict for one in answers) for verdict in ("proved", "violated", "not proved")
    }
    goal = GOALS.get(rules)
    met = goal is None or check < goal
    shown = "" if goal is None else f"   goal {goal:g} s: {'met' if met else 'MISSED'}"
    print(
        f"{name:9} {rules:6,} rules: load {load:6.3f}  prove {proofs:6.3f} {verdicts}  check {check:6.3f}"
        f" ({len(found.diagnostics)} findings)  diff {differing:6.3f} ({regions.summary})  "
        f"equivalent {alike:6.3f}{shown}",
        flush=True,
    )
    return met


def _changed(text: str) -> str:
    """Three rules say something else."""
    return text.replace("mask ssn", "mask ssn, mrn", 1).replace('"main"', '"main", "next"', 1) + (
        'rule "added" { command "srv1/delete_*" branch "feature/*" allow }\n'
    )


def pathology() -> bool:
    """The policy that no exact method can enumerate."""
    policy = Policy(examine([Source("pathological.hoop", pathological())])[0])
    seconds, (answer,) = timed(lambda: prove(policy))
    met = seconds < BOUND and answer.verdict != "proved"
    said = f"20 infix patterns: {seconds:.3f} s, {answer.verdict}: {answer.because}"
    print(f"{said}   goal {BOUND:g} s: {'met' if met else 'MISSED'}")
    return met


def run() -> int:
    parser = argparse.ArgumentParser(description="Seconds for proofs, analysis and differences.")
    parser.add_argument("--rules", type=int, nargs="+", default=[100, 1_000, 10_000])
    met = [pathology()]
    for rules in parser.parse_args().rules:
        met += [measure("spread", spread(rules), rules), measure("crowded", crowded(rules), rules)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(run())
