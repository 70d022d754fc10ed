"""Matching and comparing regular languages, in time linear in the text.

Strategy: a tree becomes a position automaton (Glushkov): every character of the pattern is one bit, a set of states one
int. The deterministic automaton is built on the way, one transition when it is first taken, and forgotten when it has
grown past a bound, so that neither a pattern nor a text can take more than linear time or bounded memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache

from policy_lang.regular import TOP, Chars, Choice, Star, Tree, glob_tree, regex_tree
from policy_lang.regular import Sequence as Run

_TRANSITIONS = 20_000


class Automaton:
    """A position automaton. Bit 0 is the start; `chars[i]` belongs to bit i + 1."""

    def __init__(self, tree: Tree) -> None:
        self.chars: list[Chars] = []
        self._follow: list[int] = [0]
        self.nullable, first, last = self._build(tree)
        self._follow[0] = first
        self.accepting = last | (1 if self.nullable else 0)
        edges = {0}
        for chars in self.chars:
            for low, high in chars.ranges:
                edges |= {low, high + 1}
        self.edges = sorted(edge for edge in edges if edge <= TOP)
        self._masks = self._edge_masks()

    def _edge_masks(self) -> list[int]:
        masks = [0] * len(self.edges)
        for position, chars in enumerate(self.chars):
            for low, high in chars.ranges:
                for slot in range(bisect_right(self.edges, low) - 1, bisect_right(self.edges, high)):
                    masks[slot] |= 2 << position
        return masks

    def _build(self, tree: Tree) -> tuple[bool, int, int]:
        """Nullable, first and last positions; fills the follow sets."""
        if isinstance(tree, Chars):
            self.chars.append(tree)
            self._follow.append(0)
            bit = 1 << len(self.chars)
            return False, bit, bit
        if isinstance(tree, Star):
            _, first, last = self._build(tree.part)
            self._link(last, first)
            return True, first, last
        if isinstance(tree, Choice):
            built = [self._build(part) for part in tree.parts]
            firsts = lasts = 0
            for _, first, last in built:
                firsts, lasts = firsts | first, lasts | last
            return any(n for n, _, _ in built), firsts, lasts
        return self._build_run(tree)

    def _build_run(self, tree: Run) -> tuple[bool, int, int]:
        nullable, firsts, lasts = True, 0, 0
        for part in tree.parts:
            empty, first, last = self._build(part)
            self._link(lasts, first)
            firsts |= first if nullable else 0
            lasts = lasts | last if empty else last
            nullable = nullable and empty
        return nullable, firsts, lasts

    def _link(self, froms: int, to: int) -> None:
        while froms:
            low = froms & -froms
            self._follow[low.bit_length() - 1] |= to
            froms ^= low

    def reach(self, state: int) -> int:
        """The positions that any character may lead to from a set of positions."""
        out, follow = 0, self._follow
        while state:
            low = state & -state
            out |= follow[low.bit_length() - 1]
            state ^= low
        return out

    def mask(self, code: int) -> int:
        """The positions that read this character."""
        return self._masks[bisect_right(self.edges, code) - 1]


class Matcher:
    """Whether a text is in a language. Calling it costs one table look-up a character."""

    def __init__(self, tree: Tree) -> None:
        self.automaton = Automaton(tree)
        self._forget()

    def _forget(self) -> None:
        self._tables: dict[int, dict[str, int]] = {}
        self._count = 0

    def __call__(self, text: str) -> bool:
        state, tables = 1, self._tables
        for character in text:
            table = tables.get(state)
            following = table.get(character) if table is not None else None
            if following is None:
                following = self._step(state, character)
                tables = self._tables
            if not following:
                return False
            state = following
        return bool(state & self.automaton.accepting)

    def _step(self, state: int, character: str) -> int:
        if self._count >= _TRANSITIONS:
            self._forget()
        self._count += 1
        following = self.automaton.reach(state) & self.automaton.mask(ord(character))
        self._tables.setdefault(state, {})[character] = following
        return following


class TooLargeError(Exception):
    """A question about languages that would take more than its bound."""


def shortest(
    automata: Sequence[Automaton], wanted: Callable[[tuple[bool, ...]], bool], bound: int = 4000
) -> str | None:
    """A shortest text whose membership in each language is as wanted; None if there is none. Raises TooLargeError.

    Strategy: breadth first over joint states of the subset constructions; one character stands for each class of
    characters that no pattern tells apart.
    """
    edges = sorted({edge for a in automata for edge in a.edges})
    letters = [_letter(low, edges[i + 1] - 1 if i + 1 < len(edges) else TOP) for i, low in enumerate(edges)]
    masks = [[a.mask(code) for a in automata] for code in letters]
    start = tuple(1 for _ in automata)
    queue: list[tuple[tuple[int, ...], str]] = [(start, "")]
    seen = {start}
    for states, text in queue:
        if wanted(tuple(bool(s & a.accepting) for s, a in zip(states, automata, strict=True))):
            return text
        reached = [a.reach(s) for s, a in zip(states, automata, strict=True)]
        for code, mask in zip(letters, masks, strict=True):
            following = tuple(r & m for r, m in zip(reached, mask, strict=True))
            if following not in seen:
                if len(seen) >= bound:
                    raise TooLargeError
                seen.add(following)
                queue.append((following, text + chr(code)))
    return None


def _letter(low: int, high: int) -> int:
    """A readable character of a range, where there is one."""
    for start, end in ((97, 122), (48, 57), (65, 90), (45, 47), (32, 126)):
        if max(low, start) <= min(high, end):
            return max(low, start)
    return low if not 0xD800 <= low <= 0xDFFF else min(high, 0xE000)


@lru_cache(maxsize=4096)
def glob_automaton(text: str) -> Automaton:
    return Automaton(glob_tree(text))


@lru_cache(maxsize=4096)
def regex_automaton(text: str) -> Automaton:
    return Automaton(regex_tree(text))
