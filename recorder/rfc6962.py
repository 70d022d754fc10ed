"""The Merkle tree of RFC 6962, section 2.1, as arithmetic: hashes in, hashes out, no storage.

MTH({})      = SHA-256()
MTH({d})     = SHA-256(0x00 || d)
MTH(D[0:n])  = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])),   k = the largest power of two < n
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from recorder.errors import VerificationError

__all__ = ["WIDTH", "Tree", "check_consistency", "check_inclusion", "leaf_hash", "node_hash", "perfect", "root_of"]

WIDTH = 256  # hashes in a full tile
EMPTY = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def perfect(hashes: Sequence[bytes]) -> bytes:
    """MTH over 2^k subtree hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
    return row[0]


def root_of(hashes: Iterable[bytes]) -> bytes:
    """MTH over leaf hashes of any number."""
    tree = Tree()
    tree.extend(list(hashes))
    return tree.root()


class Tree:
    """A growing tree in O(log n) memory: the perfect subtrees that its size decomposes into, the largest first.

    `levels[L]` collects the hashes that belong to the tiles of level L (roots of 256**L leaves each) until the owner
    takes them; with `levels=None` nothing is collected.
    """

    __slots__ = ("levels", "size", "stack")

    def __init__(self, levels: list[list[bytes]] | None = None) -> None:
        self.size = 0
        self.stack: list[bytes] = []
        self.levels = levels

    def extend(self, hashes: Sequence[bytes]) -> None:
        """Append leaf hashes, whole tiles at a time where the size allows it."""
        at, end = 0, len(hashes)
        while at < end and self.size % WIDTH:
            self.add(hashes[at])
            at += 1
        while end - at >= WIDTH:
            row = hashes[at : at + WIDTH]
            if self.levels is not None:
                self._level(0).extend(row)
            self.size += WIDTH
            self._merge(perfect(row), 8)
            at += WIDTH
        for value in hashes[at:]:
            self.add(value)

    def add(self, value: bytes) -> None:
        """Append one leaf hash."""
        self.size += 1
        if self.levels is not None:
            self._level(0).append(value)
        self._merge(value, 0)

    def _merge(self, value: bytes, height: int) -> None:
        """Put a perfect subtree of that height, the newest, in its place."""
        rest = self.size >> height
        stack = self.stack
        if height and self.levels is not None:
            self._level(height >> 3).append(value)
        while not rest & 1:
            value = sha256(b"\x01" + stack.pop() + value).digest()
            rest >>= 1
            height += 1
            if not height & 7 and self.levels is not None:
                self._level(height >> 3).append(value)
        stack.append(value)

    def _level(self, level: int) -> list[bytes]:
        levels = self.levels
        assert levels is not None  # noqa: S101 - asked for only where levels are collected
        while len(levels) <= level:
            levels.append([])
        return levels[level]

    def root(self) -> bytes:
        """The root hash of what was added so far."""
        if not self.stack:
            return EMPTY
        value = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            value = node_hash(left, value)
        return value

    @classmethod
    def resume(cls, size: int, rows: Sequence[Sequence[bytes]]) -> Tree:
        """The tree of that size from its right-edge tiles: for each level, lowest first, the hashes of its last
        tile.
        """
        tree = cls()
        tree.size = size
        for level in range(len(rows) - 1, -1, -1):
            row = rows[level]
            at = 0
            for bit in range(7, -1, -1):
                if size >> (8 * level + bit) & 1:
                    tree.stack.append(perfect(row[at : at + (1 << bit)]))
                    at += 1 << bit
        return tree


def check_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, section 2.1.3.2. Raises VerificationError unless `leaf` (a hash) is at `index` in the tree."""
    if not 0 <= index < size:
        raise VerificationError(f"the proof's index {index} lies outside a tree of {size}", record=index)
    node, last, value = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise VerificationError("the inclusion proof is too long", record=index)
        if node & 1 or node == last:
            value = node_hash(step, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, step)
        node, last = node >> 1, last >> 1
    if last != 0 or value != root:
        raise VerificationError(f"record {index}: the inclusion proof does not lead to the signed root", record=index)


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """RFC 9162, section 2.1.4.2. Raises VerificationError unless the tree of `new` leaves begins with that of `old`."""
    if not 0 <= old <= new:
        raise VerificationError(f"a tree of {new} cannot follow one of {old}: the log was rolled back")
    if old in (0, new):
        if proof or (old == new and old_root != new_root):
            raise VerificationError("two checkpoints of the same size differ, or the proof is not empty")
        return
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        raise VerificationError("the consistency proof is empty")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise VerificationError("the consistency proof is too long")
        if node & 1 or node == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, step)
        node, last = node >> 1, last >> 1
    if last != 0 or before != old_root or after != new_root:
        raise VerificationError(f"the log of {new} records does not continue the one of {old}: it was rewritten")
