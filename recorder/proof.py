"""Proofs from a store's tiles: inclusion, consistency and ranges, and the C2SP tlog-proof text. Only reads.

Every function that makes a proof costs O(log n) reads of a few hundred bytes; its `check_…` counterpart needs no store.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recorder import layout
from recorder.errors import RequestError, VerificationError
from recorder.note import Checkpoint, Note, decode64, key_id, parse_checkpoint, parse_note, parse_notes
from recorder.rfc6962 import EMPTY, Tree, check_inclusion, node_hash, perfect

__all__ = ["Proof", "RangeTree", "Tiles", "check_range", "last_checkpoint", "parse_proof", "record_proof"]

MAGIC = "c2sp.org/tlog-proof@v1"
_TAIL = 16 * 1024


class Tiles:
    """The tile files of one log, as hashes of perfect subtrees."""

    def __init__(self, root: Path, log: int) -> None:
        self._root, self._log = root, log

    def tile(self, level: int, index: int, width: int = 256) -> bytes:
        """The C2SP tile: `width` hashes from 256·index on. Raises RequestError if it is not there."""
        return b"".join(self._hashes(level, index * 256, width))

    def subtree(self, height: int, index: int) -> bytes:
        """MTH(D[index·2^height : (index+1)·2^height])."""
        level, rest = divmod(height, 8)
        return perfect(self._hashes(level, index << rest, 1 << rest))

    def range_root(self, first: int, end: int) -> bytes:
        """MTH(D[first:end]) for a range that a tree decomposes into (its first leaf at a multiple of its width)."""
        parts = self.cover(first, end)
        if not parts:
            return EMPTY
        value = parts[-1]
        for left in reversed(parts[:-1]):
            value = node_hash(left, value)
        return value

    def cover(self, first: int, end: int) -> list[bytes]:
        """The hashes of the largest perfect subtrees that make up D[first:end], from left to right."""
        return [self.subtree(height, index) for height, index in decompose(first, end)]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """PATH(index, D[0:size]) of RFC 6962, section 2.1.1, from the leaf's sibling up."""
        if not 0 <= index < size:
            raise RequestError(f"record {index} is not below checkpoint {size}")
        path: list[bytes] = []
        first, end = 0, size
        while end - first > 1:
            middle = first + _split(end - first)
            if index < middle:
                path.append(self.range_root(middle, end))
                end = middle
            else:
                path.append(self.range_root(first, middle))
                first = middle
        return path[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """PROOF(old, D[0:new]) of RFC 6962, section 2.1.2."""
        if not 0 <= old <= new:
            raise RequestError(f"a tree of {new} records cannot follow one of {old}")
        proof: list[bytes] = []
        first, end, whole = 0, new, True
        while old not in (0, new) and first + (old - first) != end:
            middle = first + _split(end - first)
            if old <= middle:
                proof.append(self.range_root(middle, end))
                end = middle
            else:
                proof.append(self.range_root(first, middle))
                first, whole = middle, False
        if old not in (0, new) and not whole:
            proof.append(self.range_root(first, end))
        return proof[::-1]

    def _hashes(self, level: int, first: int, count: int) -> list[bytes]:
        path = self._root / layout.tiles(self._log, level)
        data = b""
        if path.is_file():
            with path.open("rb") as file:
                file.seek(first * 32)
                data = file.read(count * 32)
        if len(data) != count * 32:
            place = layout.tiles(self._log, level)
            raise RequestError(f"{place} has no hash {first + count - 1}", "no checkpoint covers it yet")
        return [data[at : at + 32] for at in range(0, len(data), 32)]


@dataclass(frozen=True, slots=True)
class Proof:
    """A C2SP tlog-proof: the record's index, its path, and the checkpoint. `leaf`: the leaf itself, carried as
    extra.
    """

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes = b""

    def render(self) -> str:
        lines = [MAGIC, f"extra {base64.b64encode(self.extra).decode()}"] if self.extra else [MAGIC]
        lines += [f"index {self.index}", *(base64.b64encode(value).decode() for value in self.path)]
        return "\n".join(lines) + "\n\n" + self.note.render()

    def check(self, leaf_hash: bytes) -> Checkpoint:
        """The checkpoint, if the leaf is in its tree. Its signature is checked apart (`Note.signed_by`)."""
        checkpoint = parse_checkpoint(self.note.text)
        check_inclusion(self.index, checkpoint.size, leaf_hash, self.path, checkpoint.root)
        return checkpoint


def parse_proof(text: str) -> Proof:
    """A tlog-proof, or VerificationError."""
    head, found, note = text.partition("\n\n")
    lines = head.split("\n")
    if not found or lines[0] != MAGIC:
        raise VerificationError("not a C2SP tlog-proof")
    extra = decode64(lines[1][6:]) if len(lines) > 1 and lines[1].startswith("extra ") else b""
    rest = lines[2:] if extra else lines[1:]
    if not rest or not rest[0].startswith("index ") or not rest[0][6:].isdecimal() or len(rest[0]) > 26:
        raise VerificationError("not a C2SP tlog-proof: its index is missing")
    path = tuple(decode64(line) for line in rest[1:])
    if any(len(value) != 32 for value in path):
        raise VerificationError("not a C2SP tlog-proof: a hash has not 32 bytes")
    proof = Proof(int(rest[0][6:]), path, parse_note(note), extra)
    if proof.render() != text:
        raise VerificationError("not a C2SP tlog-proof: it has bytes that do not belong")
    return proof


def last_checkpoint(root: Path, log: int) -> tuple[Note, Checkpoint]:
    """The newest checkpoint of a log. Raises RequestError if it has none, VerificationError if it is malformed."""
    path = root / layout.checkpoints(log)
    notes = parse_notes(_tail(path)) if path.is_file() else []
    if not notes:
        raise RequestError(f"log {log} has no checkpoint yet")
    return notes[-1], parse_checkpoint(notes[-1].text)


def _tail(path: Path) -> bytes:
    """A checkpoint file from the beginning of one of its last notes: there may be one a second, for years."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        data = file.read()
        parts = data.split(b"\n\n")  # a note is its text and its signatures, each followed by an empty line
        if size > _TAIL and len(parts) >= 5 and not parts[-1]:
            return b"\n\n".join(parts[-3:])
        file.seek(0)
        return file.read()


def record_proof(root: Path, log: int, index: int, leaf: bytes) -> Proof:
    """The proof that the record is in the log, against its newest checkpoint. Raises RequestError."""
    note, checkpoint = last_checkpoint(root, log)
    names = {(name, ident) for name, ident, _ in note.signatures}
    for path in sorted((root / "keys").glob("signer-*.pub")):
        public = bytes.fromhex(path.read_text(encoding="ascii"))
        if (checkpoint.origin, key_id(checkpoint.origin, public)) in names:
            path_up = tuple(Tiles(root, log).inclusion(index, checkpoint.size))
            return Proof(index, path_up, note, public + leaf)
    raise RequestError(f"the key that signed log {log} is not in the store")


class RangeTree:
    """The root of a tree, from the leaf hashes of one range and the subtree hashes around it, in O(log n) memory.

    `before` and `after` of `root` are `Tiles.cover(0, first)` and `Tiles.cover(end, size)`. The caller compares the
    root with a signed one; omitting, adding or altering any leaf of the range changes it.
    """

    def __init__(self, first: int, end: int) -> None:
        self._first, self._end = first, end
        self._nodes = decompose(first, end)
        self._known: dict[tuple[int, int], bytes] = {}
        self._tree = Tree()

    def add(self, value: bytes) -> None:
        """The next leaf hash of the range. Raises VerificationError when there are more than it holds."""
        if len(self._known) == len(self._nodes):
            raise VerificationError("the range has more records than its place says")
        self._tree.add(value)
        height, index = self._nodes[len(self._known)]
        if self._tree.size == 1 << height:
            self._known[height, index] = self._tree.root()
            self._tree = Tree()

    def root(self, size: int, before: Sequence[bytes], after: Sequence[bytes]) -> bytes:
        """The root of the tree of `size` leaves. Raises VerificationError when something is missing."""
        known = dict(self._known)
        for nodes, values in ((decompose(0, self._first), before), (decompose(self._end, size), after)):
            if len(nodes) != len(values):
                raise VerificationError("the range's surroundings have another number of hashes than its place needs")
            known.update(zip(nodes, values, strict=True))
        return _fold(known, 0, size) if size else EMPTY


def check_range(
    first: int, leaves: Sequence[bytes], size: int, before: Sequence[bytes], after: Sequence[bytes]
) -> bytes:
    """`RangeTree` for leaf hashes that are all there."""
    tree = RangeTree(first, first + len(leaves))
    for value in leaves:
        tree.add(value)
    return tree.root(size, before, after)


def decompose(first: int, end: int) -> list[tuple[int, int]]:
    """(height, index) of the largest perfect subtrees of a tree that make up [first, end)."""
    parts = []
    while first < end:
        height = (end - first).bit_length() - 1
        if first:
            height = min(height, (first & -first).bit_length() - 1)
        parts.append((height, first >> height))
        first += 1 << height
    return parts


def _fold(known: dict[tuple[int, int], bytes], first: int, end: int) -> bytes:
    """MTH(D[first:end]) from the subtrees that are known."""
    width = end - first
    height = width.bit_length() - 1
    if width == 1 << height:
        found = known.get((height, first >> height))
        if found is not None:
            return found
        if width == 1:
            raise VerificationError(f"record {first} is missing from the range", record=first)
    middle = first + _split(width)
    return node_hash(_fold(known, first, middle), _fold(known, middle, end))


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
