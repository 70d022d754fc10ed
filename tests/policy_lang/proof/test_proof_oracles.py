"""The prover's classes of texts against automata-lib, and its answers against z3."""

from __future__ import annotations

import random
from functools import reduce
from typing import Any

import pytest
import z3
from automata.fa.dfa import DFA
from automata.fa.nfa import NFA
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_lang.automaton import TooLargeError
from policy_lang.load import examine
from policy_lang.pattern import Pattern
from policy_lang.policy import Policy
from policy_lang.proof import prove
from policy_lang.proof.languages import text_classes
from policy_lang.source import Source

ALPHABET = {"a", "b", "/", "z"}  # z stands for every other character
GLOBS = st.text(alphabet="ab/*", min_size=1, max_size=6)
PATTERNS = st.lists(GLOBS.map(lambda text: Pattern("glob", text)), min_size=1, max_size=4, unique=True)


def dfa(glob: str) -> DFA:
    """A glob as automata-lib writes it."""
    flat = "(a|b|z)*"
    regex = "".join({"*": flat, "**": "(a|b|z|/)*"}.get(part, part) for part in _parts(glob))
    return DFA.from_nfa(NFA.from_regex(regex, input_symbols=ALPHABET))


def _parts(glob: str) -> list[str]:
    out: list[str] = []
    for character in glob:
        if character == "*" and out and out[-1].startswith("*"):
            out[-1] = "**"
        else:
            out.append(character)
    return out


@settings(max_examples=150)
@given(PATTERNS, st.frozensets(st.text(alphabet="ab/", max_size=3), max_size=3))
def test_a_combination_of_patterns_has_a_class_exactly_where_automata_lib_finds_a_text(
    patterns: list[Pattern], exact: frozenset[str]
) -> None:
    classes = text_classes(tuple(patterns), exact)
    others = [one for one in classes if one.text not in exact]
    automata = [dfa(pattern.text) for pattern in patterns]
    words = reduce(DFA.union, [DFA.from_finite_language(input_symbols=ALPHABET, language=set(exact))])
    for meets in range(1 << len(patterns)):
        chosen = [one if meets >> i & 1 else one.complement() for i, one in enumerate(automata)]
        joint = reduce(DFA.intersection, chosen).difference(words)
        assert joint.isempty() == (meets not in {one.meets for one in others}), (patterns, exact, meets)
    for one in classes:
        assert one.text is not None
        text = "".join(c if c in ALPHABET else "z" for c in one.text)
        for i, automaton in enumerate(automata):
            assert automaton.accepts_input(text) == bool(one.meets >> i & 1)


@settings(max_examples=100)
@given(GLOBS, GLOBS)
def test_a_permit_lies_within_a_deny_exactly_where_automata_lib_says_that_one_language_lies_in_the_other(
    narrow: str, wide: str
) -> None:
    text = f"""
        rule "permit" {{ branch "{narrow}*" command "s/t" allow }}
        rule "deny" {{ branch "{wide}*" deny because "no" }}
        never "reached" {{ command "s/t" allowed }}
    """
    (proof,) = prove(Policy(examine([Source("x.hoop", text)])[0]))
    assert (proof.verdict == "proved") == dfa(f"{narrow}*").issubset(dfa(f"{wide}*"))


def test_infixes_without_end_are_too_many_and_not_wrong() -> None:
    patterns = tuple(Pattern("glob", f"*{chr(97 + n)}{chr(98 + n)}*") for n in range(20))
    with pytest.raises(TooLargeError):
        text_classes(patterns, frozenset())


# ---- z3 --------------------------------------------------------------------------------------------------------------


def glob_z3(text: str, glob: str) -> Any:
    slash, any_ = z3.Re("/"), z3.AllChar(z3.ReSort(z3.StringSort()))
    flat = z3.Star(z3.Intersect(any_, z3.Complement(slash)))
    parts = [{"*": flat, "**": z3.Full(z3.ReSort(z3.StringSort()))}.get(part, z3.Re(part)) for part in _parts(glob)]
    return z3.InRe(z3.String(text), parts[0] if len(parts) == 1 else z3.Concat(*parts))


class Asked:
    """Drawn rules over known attributes, both as text and as z3 sees them: every attribute has a value."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.permits, self.denies, texts = [], [], []
        for number in range(chance.randint(2, 6)):
            conditions, lines = self._conditions(chance)
            denies = chance.random() < 0.4
            (self.denies if denies else self.permits).append(z3.And(*conditions))
            effect = 'deny because "n"' if denies else "allow"
            texts.append(f'rule "r{number}" {{ {" ".join(lines)} {effect} }}')
        self.meant, lines = self._conditions(chance)
        self.text = "\n".join(
            [*texts, 'rule "unknown" { unless "known" deny because "unknown" }',
             'rule "known" { when exists branch and exists repository when args.n < 0 or args.n >= 0 record masked }',
             f'never "n" {{ command "s/t" {" ".join(lines)} allowed }}']
        )  # fmt: skip

    def _conditions(self, chance: random.Random) -> tuple[list[Any], list[str]]:
        conditions, lines = [z3.BoolVal(True)], []
        for attribute in ("branch", "repository"):
            if chance.random() < 0.7:
                glob = "".join(chance.choice(["a", "b", "/", "*", "**"]) for _ in range(chance.randint(1, 4)))
                negated = chance.random() < 0.3
                matched = glob_z3(attribute, glob)
                conditions.append(z3.Not(matched) if negated else matched)
                lines.append(f'{attribute} {"not " if negated else ""}"{glob}"')
        if chance.random() < 0.6:
            number, bound = z3.Real("n"), chance.randint(0, 4)
            operator = chance.choice(["<", "<=", ">", ">=", "=="])
            conditions.append({"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound,
                               "==": number == bound}[operator])  # fmt: skip
            lines.append(f"when args.n {operator} {bound}")
        return conditions, lines

    def reachable(self) -> Any:
        asked = z3.Solver()
        asked.add(*self.meant, z3.Or(*self.permits), *(z3.Not(deny) for deny in self.denies))
        solver = z3.Solver(ctx=z3.Context())  # as long however many were asked before
        solver.from_string(asked.to_smt2())
        return solver.check()


@pytest.mark.parametrize("seed", range(40))
def test_z3_finds_a_request_exactly_where_the_prover_does(seed: int) -> None:
    asked = Asked(seed)
    meaning, _, _, found = examine([Source("z3.hoop", asked.text)])
    assert not [one for one in found if one.severity == "error"], found
    (proof,) = prove(Policy(meaning))
    answer = asked.reachable()
    assert answer != z3.unknown
    assert (proof.verdict == "violated") == (answer == z3.sat), asked.text
