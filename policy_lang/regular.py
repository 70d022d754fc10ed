"""Regular languages: the syntax trees of globs and of /regexes/, as both matching and proving need them.

Only what is truly regular has a tree: no look-around, no back-references, no anchors inside (a pattern always covers
the whole value). Characters are ranges of code points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

TOP = 0x10FFFF
Ranges: TypeAlias = tuple[tuple[int, int], ...]
LIMIT = 2000  # positions of one pattern, after repetitions are written out
_NESTING = 50

DIGITS: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
BLANKS: Ranges = ((9, 13), (32, 32))
ANYTHING: Ranges = ((0, TOP),)
NO_SLASH: Ranges = ((0, 46), (48, TOP))


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of sorted, disjoint ranges."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Star:
    part: Tree


Tree: TypeAlias = Chars | Sequence | Choice | Star
NOTHING = Sequence(())


class NotRegularError(ValueError):
    """A pattern that cannot be read; `at` is the character, the text says why."""

    def __init__(self, at: int, message: str, help: str = "") -> None:  # noqa: A002
        self.at, self.message, self.help = at, message, help
        super().__init__(message)


def glob_tree(text: str) -> Tree:
    """`*` is any run without a slash, `**` any run; everything else is itself."""
    parts: list[Tree] = []
    at = 0
    while at < len(text):
        stars = len(text[at:]) - len(text[at:].lstrip("*"))
        if stars:
            parts.append(Star(Chars(NO_SLASH if stars == 1 else ANYTHING)))
        else:
            parts.append(Chars(((ord(text[at]), ord(text[at])),)))
        at += stars or 1
    return Sequence(tuple(parts))


def regex_tree(text: str) -> Tree:
    """The tree of a regex in the regular subset. Raises NotRegularError."""
    return _Reader(text).read()


def merged(ranges: list[tuple[int, int]]) -> Ranges:
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def complement(ranges: Ranges) -> Ranges:
    out: list[tuple[int, int]] = []
    at = 0
    for low, high in ranges:
        if low > at:
            out.append((at, low - 1))
        at = high + 1
    return (*out, (at, TOP)) if at <= TOP else tuple(out)


def both_cases(ranges: Ranges) -> Ranges:
    """The ranges with the other case of every cased letter in them (single characters only)."""
    out = list(ranges)
    for low, high in ranges:
        for code in range(low, min(high, low + 0x2FF) + 1):
            others = (chr(code).lower(), chr(code).upper())
            out += [(ord(other), ord(other)) for other in others if len(other) == 1]
    return merged(out)


def size(tree: Tree) -> int:
    """The number of character positions."""
    if isinstance(tree, Chars):
        return 1
    if isinstance(tree, Star):
        return size(tree.part)
    return sum(size(part) for part in tree.parts)


_CLASSES: dict[str, Ranges] = {"d": DIGITS, "w": WORD, "s": BLANKS}
_SIGNS: dict[str, int] = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "0": 0}
_REFUSED: dict[str, str] = {
    "b": "a word boundary", "B": "a word boundary", "A": "an anchor", "Z": "an anchor", "z": "an anchor",
    "p": "a Unicode property", "P": "a Unicode property", "G": "an anchor", "k": "a back-reference",
}  # fmt: skip


class _Reader:
    """Recursive descent over choice → sequence → repeated atom."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth, self.ignore_case = text, 0, 0, False

    def read(self) -> Tree:
        if self.text.startswith("(?i)"):
            self.ignore_case, self.at = True, 4
        tree = self._choice()
        if self.at < len(self.text):
            raise NotRegularError(self.at, 'a ")" that closes nothing', r"a literal parenthesis is written \)")
        return tree

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _choice(self) -> Tree:
        parts = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _sequence(self) -> Tree:
        parts: list[Tree] = []
        total = 0
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated())
            total += size(parts[-1])
            if total > LIMIT:
                raise NotRegularError(self.at, "the pattern is too large when its repetitions are written out")
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self) -> Tree:
        tree = self._atom()
        sign = self._peek()
        if sign not in ("*", "+", "?", "{"):
            return tree
        start = self.at
        low, high = self._counts(sign)
        if self._peek() in ("?", "+", "*", "{") and self._peek():
            raise NotRegularError(
                self.at,
                "a repetition of a repetition",
                "lazy and possessive forms mean nothing here: a pattern covers the whole value or does not match",
            )
        if size(tree) * max(low, high or 1) > LIMIT:
            raise NotRegularError(start, "the pattern is too large when its repetitions are written out")
        if high is None:
            return Sequence((*[tree] * low, Star(tree)))
        option = Choice((tree, NOTHING))
        return Sequence((*[tree] * low, *[option] * (high - low)))

    def _counts(self, sign: str) -> tuple[int, int | None]:
        self.at += 1
        if sign != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at : end].partition(",") if end > 0 else ("", "", "")
        if not (
            low.isdecimal() and low.isascii() and len(low) < 5 and (not high or (high.isdecimal() and len(high) < 5))
        ):
            raise NotRegularError(
                self.at - 1, 'a "{" that is no repetition', r"write {2}, {2,} or {2,5}; a literal brace is \{"
            )
        self.at = end + 1
        least, most = int(low), int(high) if high else None if comma else int(low)
        if most is not None and most < least:
            raise NotRegularError(end, f"a repetition from {least} to {most}")
        return least, most

    def _atom(self) -> Tree:
        start, sign = self.at, self._peek()
        self.at += 1
        if sign == "(":
            return self._group(start)
        if sign == "[":
            return Chars(self._class(start))
        if sign == ".":
            return Chars(ANYTHING)
        if sign == "\\":
            return self._cased(self._escape(start))
        if sign in ("^", "$"):
            raise NotRegularError(
                start, f'"{sign}" inside a pattern', f"a pattern always covers the whole value; leave the {sign} out"
            )
        if sign in ("*", "+", "?", "{"):
            raise NotRegularError(start, f'a "{sign}" that repeats nothing', f"a literal {sign} is written \\{sign}")
        return self._cased(((ord(sign), ord(sign)),))

    def _cased(self, ranges: Ranges) -> Chars:
        return Chars(both_cases(ranges) if self.ignore_case else ranges)

    def _group(self, start: int) -> Tree:
        self.depth += 1
        if self.depth > _NESTING:
            raise NotRegularError(start, f"groups nested deeper than {_NESTING}")
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self._peek() == "?":
            what = "a look-around" if self.text[self.at + 1 : self.at + 2] in ("=", "!", "<") else "an extension"
            raise NotRegularError(
                start, f"{what} is not regular", "only (…) and (?:…) are groups; (?i) may stand first"
            )
        tree = self._choice()
        if self._peek() != ")":
            raise NotRegularError(start, 'a "(" that is not closed', r"a literal parenthesis is written \(")
        self.at += 1
        self.depth -= 1
        return tree

    def _escape(self, start: int) -> Ranges:
        sign = self._peek()
        self.at += 1
        if sign.lower() in _CLASSES:
            ranges = _CLASSES[sign.lower()]
            return ranges if sign.islower() else complement(ranges)
        if sign in _SIGNS:
            return ((_SIGNS[sign], _SIGNS[sign]),)
        if sign in ("x", "u"):
            return self._code(start, 2 if sign == "x" else 4)
        if sign.isdecimal():
            raise NotRegularError(start, "a back-reference is not regular", "write the alternatives out")
        if sign.isalpha() or not sign:
            what = _REFUSED.get(sign, "not an escape of this language")
            raise NotRegularError(
                start, f'"\\{sign}" is {what}', r"\d \w \s, their capitals, \n \r \t \xHH and \uHHHH are known"
            )
        return ((ord(sign), ord(sign)),)

    def _code(self, start: int, digits: int) -> Ranges:
        text = self.text[self.at : self.at + digits]
        if len(text) != digits or any(c not in "0123456789abcdefABCDEF" for c in text):
            raise NotRegularError(start, f"an escape that wants {digits} hexadecimal digits")
        self.at += digits
        return ((int(text, 16), int(text, 16)),)

    def _class(self, start: int) -> Ranges:
        negated = self._peek() == "^"
        self.at += negated
        ranges: list[tuple[int, int]] = []
        first = True
        while first or self._peek() != "]":
            if not self._peek():
                raise NotRegularError(start, 'a "[" that is not closed', r"a literal bracket is written \[")
            if first and self._peek() == "]":
                raise NotRegularError(start, "an empty class", r"a literal bracket in a class is written \]")
            first = False
            ranges += self._member()
        self.at += 1
        result = self._cased(merged(ranges)).ranges
        return complement(result) if negated else result

    def _member(self) -> Ranges:
        low = self._single()
        if self._peek() != "-" or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return low
        start = self.at
        self.at += 1
        high = self._single()
        if len(low) != 1 or low[0][0] != low[0][1] or len(high) != 1 or high[0][0] != high[0][1] or high < low:
            raise NotRegularError(start, "a range that runs backwards or has no ends")
        return ((low[0][0], high[0][0]),)

    def _single(self) -> Ranges:
        start, sign = self.at, self._peek()
        self.at += 1
        if sign == "\\":
            return self._escape(start)
        if not sign:
            raise NotRegularError(start, 'a "[" that is not closed', r"a literal bracket is written \[")
        return ((ord(sign), ord(sign)),)
