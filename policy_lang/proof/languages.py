"""All strings, split into classes that no pattern in use tells apart; each class with a readable member.

Strategy: the position automata of all patterns run side by side as one automaton whose state is one integer; its
reachable states, walked breadth first, give for every combination of "matches" and "does not" a shortest string. Whole
values that a policy names are classes of their own; a class whose only members are such values is no further class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias

from policy_lang.automaton import Automaton, TooLargeError
from policy_lang.formula import Affix, Contains
from policy_lang.pattern import Pattern
from policy_lang.regular import ANYTHING, TOP, Chars, Choice, Sequence, Star, Tree, merged
from policy_lang.segments import has_dot_segments

MOST_STATES = 6_000
MOST_WORK = 1_500_000  # states times positions times letters, roughly
MOST_CLASSES = 2_048
_ROUNDS = 24
_SEPARATORS = "/\\?#;"
_PLAIN = ("other/x", "other", "x/y/z", "x")

Language: TypeAlias = Pattern | Affix | Contains | Tree


@dataclass(frozen=True, slots=True)
class TextClass:
    """`text` is a member, None where none is known to be askable; `meets` has a bit for each language it lies in."""

    text: str | None
    meets: int


def language_tree(language: Language) -> Tree:
    """The tree of a language. `startswith`, `endswith` and `contains` are languages too."""
    anything = Star(Chars(ANYTHING))
    if isinstance(language, Pattern):
        return language.tree()
    if isinstance(language, Affix):
        text = word(language.text)
        return Sequence((text, anything) if language.where == "startswith" else (anything, text))
    if isinstance(language, Contains):
        return Sequence((anything, word(str(language.value)), anything))
    return language


def word(text: str) -> Tree:
    """The language of one text."""
    return Sequence(tuple(Chars(((ord(c), ord(c)),)) for c in text))


@lru_cache(maxsize=8192)
def _automaton(language: Language) -> Automaton:
    return language.automaton() if isinstance(language, Pattern) else Automaton(language_tree(language))


class Joint:
    """Several automata side by side. A state is a set of positions of all of them."""

    def __init__(self, automata: Iterable[Automaton]) -> None:
        self._follow: list[int] = []
        self._accepts: dict[int, int] = {}  # an accepting position's bit, to the languages that it accepts for
        self.start = 0
        parts = list(automata)
        offsets = []
        for number, automaton in enumerate(parts):
            offset = len(self._follow)
            offsets.append(offset)
            self.start |= 1 << offset
            size = len(automaton.chars) + 1
            self._follow += [automaton.reach(1 << bit) << offset for bit in range(size)]
            for bit in range(size):
                if automaton.accepting >> bit & 1:
                    self._accepts[offset + bit] = 1 << number
        self._accepting = sum(1 << bit for bit in self._accepts)
        edges = sorted({0, *(edge for automaton in parts for edge in automaton.edges)})
        self.letters = [_letter(low, edges[i + 1] - 1 if i + 1 < len(edges) else TOP) for i, low in enumerate(edges)]
        pairs = list(zip(parts, offsets, strict=True))
        self.masks = [_mask(pairs, code) for code in self.letters]
        self._pairs = pairs
        self._reached: dict[int, int] = {}
        self._by_letter: dict[str, int] = {}

    def reach(self, state: int) -> int:
        """The positions that some character leads to."""
        known = self._reached.get(state)
        if known is None:
            known, left = 0, state
            while left:
                low = left & -left
                known |= self._follow[low.bit_length() - 1]
                left ^= low
            self._reached[state] = known
        return known

    def meets(self, state: int) -> int:
        """The languages that a text which leads here lies in."""
        left, out = state & self._accepting, 0
        while left:
            low = left & -left
            out |= self._accepts[low.bit_length() - 1]
            left ^= low
        return out

    def meets_of(self, text: str) -> int:
        """The languages that a text lies in."""
        state = self.start
        for character in text:
            mask = self._by_letter.get(character)
            if mask is None:
                mask = self._by_letter[character] = _mask(self._pairs, ord(character))
            state = self.reach(state) & mask
            if not state:
                return 0
        return self.meets(state)

    def shortest(self) -> dict[int, str]:
        """A shortest text of each combination of languages that has one. Raises TooLargeError."""
        steps = list(dict(zip(reversed(self.masks), reversed(self.letters), strict=True)).items())
        steps.reverse()
        room = min(MOST_STATES, MOST_WORK // max(1, len(steps)))
        queue: list[tuple[int, str]] = [(self.start, "")]
        seen = {self.start}
        found: dict[int, str] = {}
        for state, text in queue:
            found.setdefault(self.meets(state), text)
            if len(found) > MOST_CLASSES:
                raise TooLargeError
            reached = self.reach(state)
            for mask, code in steps:
                following = reached & mask
                if following not in seen:
                    if len(seen) >= room:
                        raise TooLargeError
                    seen.add(following)
                    queue.append((following, text + chr(code)))
        return found


def _mask(pairs: list[tuple[Automaton, int]], code: int) -> int:
    mask = 0
    for automaton, offset in pairs:
        mask |= automaton.mask(code) << offset
    return mask


def _letter(low: int, high: int) -> int:
    """A readable character of a range, where there is one."""
    for start, end in ((120, 122), (97, 119), (48, 57), (65, 90), (45, 47), (32, 126)):
        if max(low, start) <= min(high, end):
            return max(low, start)
    return low if not 0xD800 <= low <= 0xDFFF else min(high, 0xE000)


# ---- classes ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def text_classes(
    languages: tuple[Language, ...],
    exact: frozenset[str],
    inside: Tree | None = None,
    outside: Tree | None = None,
    address: bool = False,
) -> tuple[TextClass, ...]:
    """The classes of all strings (of the language `inside`, not of `outside`) under `languages` and whole values.

    Whole values come first, in order. `address`: strings with dot segments are refused before anything is decided; a
    class of which no other member was found has no text. Raises TooLargeError past a bound.
    """
    extra: tuple[Language, ...] = tuple(tree for tree in (inside, outside) if tree is not None)
    extra += (_dotted(),) if address else ()
    own = (1 << len(languages)) - 1
    yes = 1 << len(languages) if inside is not None else 0
    no = 1 << len(languages) + (inside is not None) if outside is not None else 0
    no |= 1 << len(languages) + len(extra) - 1 if address else 0
    joint = Joint(_automaton(language) for language in (*languages, *extra))
    found: dict[int, str | None] = {}
    out = []
    for text in sorted(exact):
        meets = joint.meets_of(text)
        if meets & yes == yes and not meets & no and not (address and has_dot_segments(text)):
            out.append(TextClass(text, meets & own))
    for meets, member in _members(languages, extra, joint, exact).items():
        if meets & yes == yes and not meets & no:
            askable = member if member is not None and not (address and has_dot_segments(member)) else None
            if found.get(meets & own) is None:
                found[meets & own] = askable
    return (*out, *(TextClass(text, meets) for meets, text in sorted(found.items(), reverse=True)))


def _members(
    languages: tuple[Language, ...], extra: tuple[Language, ...], joint: Joint, exact: frozenset[str]
) -> dict[int, str | None]:
    """For each combination of languages a text that is none of the whole values; None where the search was cut."""
    members: dict[int, str | None] = {}
    nice: dict[int, str] = {}
    for text in (*_readable(languages), *_PLAIN):
        if text not in exact:
            nice.setdefault(joint.meets_of(text), text)
    taken: set[str] = set()
    count = len(languages) + len(extra)
    every = (1 << count) - 1
    for _ in range(_ROUNDS):
        met = joint.shortest()
        members = {}
        clashes = set()
        for meets, text in met.items():
            if meets >> count:
                continue  # one of the whole values that were in the way
            chosen: str = nice.get(meets & every, text)
            members[meets & every] = chosen
            if chosen in exact:
                clashes.add(chosen)
        if not clashes:
            return members
        taken |= clashes
        joint = Joint(
            [*map(_automaton, languages), *map(_automaton, extra), Automaton(Choice(tuple(map(word, sorted(taken)))))]
        )
    return {meets: None if member in exact else member for meets, member in members.items()}


def _readable(languages: tuple[Language, ...]) -> Iterable[str]:
    """Texts that a person would write: patterns with their stars filled in."""
    for fill in ("x", "x-1", "other"):
        for language in languages:
            if isinstance(language, Pattern) and language.kind == "glob":
                yield language.text.replace("**", "*").replace("*", fill)
            elif isinstance(language, Affix):
                yield language.text + fill if language.where == "startswith" else fill + language.text
            elif isinstance(language, Contains):
                yield f"{fill}{language.value}{fill}"


@cache
def _dotted() -> Tree:
    """Names that have dot segments as they stand or decoded once; of the others few have them decoded twice."""
    anything = Star(Chars(ANYTHING))
    dot = Choice((word("."), _coded("2", "eE")))
    cut = Choice((Chars(merged([(ord(c), ord(c)) for c in _SEPARATORS])), _coded("2", "fF"), _coded("5", "cC")))
    before, after = Choice((Sequence(()), Sequence((anything, cut)))), Choice((Sequence(()), Sequence((cut, anything))))
    return Sequence((before, dot, Choice((Sequence(()), dot)), after))


def _coded(first: str, second: str) -> Tree:
    return Sequence((word(f"%{first}"), Chars(merged([(ord(c), ord(c)) for c in second]))))


def on_server(tree: Tree) -> Tree:
    """The commands whose server lies in a language: what stands before the first slash, or all where there is none."""
    tail = Choice((Sequence(()), Sequence((Chars(((47, 47),)), Star(Chars(ANYTHING))))))
    return Sequence((_without_slash(tree), tail))


def _without_slash(tree: Tree) -> Tree:
    if isinstance(tree, Chars):
        kept = []
        for low, high in tree.ranges:
            kept += [(a, b) for a, b in ((low, min(high, 46)), (max(low, 48), high)) if a <= b]
        return Chars(tuple(kept))
    if isinstance(tree, Star):
        return Star(_without_slash(tree.part))
    parts = tuple(map(_without_slash, tree.parts))
    return Choice(parts) if isinstance(tree, Choice) else Sequence(parts)
