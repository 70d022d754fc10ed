"""A regular tree as a pattern that Python's `re` and RE2 read alike, whatever their own defaults are."""

from __future__ import annotations

from policy_lang.regular import TOP, Chars, Choice, Ranges, Star, Tree, complement


def portable(tree: Tree) -> str:
    """The source of an equivalent pattern, without flags and without classes that engines read differently."""
    if isinstance(tree, Chars):
        return _chars(tree.ranges)
    if isinstance(tree, Star):
        return f"{_atom(tree.part)}*"
    if isinstance(tree, Choice):
        return f"(?:{'|'.join(portable(part) for part in tree.parts)})"
    return "".join(portable(part) for part in tree.parts)


def _atom(tree: Tree) -> str:
    text = portable(tree)
    return text if isinstance(tree, (Chars, Choice)) else f"(?:{text})"


def _chars(ranges: Ranges) -> str:
    if ranges == ((0, TOP),):
        return r"[\s\S]"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _code(ranges[0][0])
    if ranges and ranges[-1][1] == TOP:
        return f"[^{_members(complement(ranges))}]"
    return f"[{_members(ranges)}]" if ranges else r"[^\s\S]"


def _members(ranges: Ranges) -> str:
    return "".join(_code(low) if low == high else f"{_code(low)}-{_code(high)}" for low, high in ranges)


def _code(code: int) -> str:
    """One character: letters and digits as they are, other ASCII by number, the rest as itself."""
    if chr(code).isalnum() and code < 128:
        return chr(code)
    return f"\\x{code:02x}" if code < 128 else chr(code)
