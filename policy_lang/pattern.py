"""Globs and regexes as values: one frozen object a pattern, and the quickest test for it that is still linear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from policy_lang.automaton import Automaton, Matcher, glob_automaton, regex_automaton
from policy_lang.regular import Tree, glob_tree, regex_tree

TextTest: TypeAlias = Callable[[str], bool]


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """`kind` is "glob" or "regex"."""

    kind: str
    text: str

    def tree(self) -> Tree:
        """Raises NotRegularError for a regex outside the subset."""
        return glob_tree(self.text) if self.kind == "glob" else regex_tree(self.text)

    def automaton(self) -> Automaton:
        return glob_automaton(self.text) if self.kind == "glob" else regex_automaton(self.text)

    def __str__(self) -> str:
        return f'"{self.text}"' if self.kind == "glob" else f"/{self.text}/"


def matcher(pattern: Pattern) -> TextTest:
    """The test of a pattern. Globs of the common shapes need no automaton."""
    return _matcher(pattern)


@lru_cache(maxsize=16384)
def _matcher(pattern: Pattern) -> TextTest:
    if pattern.kind == "glob":
        head, stars, tail = _shape(pattern.text)
        if not stars:
            return pattern.text.__eq__
        if "*" not in tail:
            return _ends(head, tail) if len(stars) > 1 else _flat(head, tail)
    return Matcher(pattern.tree())


def _shape(glob: str) -> tuple[str, str, str]:
    """Head, the first run of stars, and the rest."""
    head, star, rest = glob.partition("*")
    tail = rest.lstrip("*")
    return head, star + "*" * (len(rest) - len(tail)), tail


def _ends(head: str, tail: str) -> TextTest:
    least = len(head) + len(tail)

    def test(text: str) -> bool:
        return len(text) >= least and text.startswith(head) and text.endswith(tail)

    return test


def _flat(head: str, tail: str) -> TextTest:
    size, end = len(head), len(tail)

    def test(text: str) -> bool:
        stop = len(text) - end
        return stop >= size and text.startswith(head) and text.endswith(tail) and text.find("/", size, stop) < 0

    return test
