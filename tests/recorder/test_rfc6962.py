"""The tree is RFC 6962's: an independent implementation agrees, and every corrupted hash of every proof is refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from recorder import layout
from recorder.errors import VerificationError
from recorder.proof import Tiles, check_range
from recorder.rfc6962 import Tree, check_consistency, check_inclusion, leaf_hash, root_of

SIZES = 1000
LEAVES = [b"record %d" % number for number in range(SIZES)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def oracle_roots() -> list[bytes]:
    tree = InmemoryTree(algorithm="sha256")
    roots = []
    for leaf in LEAVES:
        tree.append_entry(leaf)
        roots.append(tree.get_root())
    return roots


def tiles_of(path: Path, hashes: list[bytes]) -> Tiles:
    levels: list[list[bytes]] = []
    Tree(levels).extend(hashes)
    for level, row in enumerate(levels):
        target = path / layout.tiles(0, level)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"".join(row))
    return Tiles(path, 0)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Tiles:
    return tiles_of(tmp_path_factory.mktemp("tiles"), HASHES)


@pytest.fixture(scope="module")
def roots() -> list[bytes]:
    tree, found = Tree(), [root_of([])]
    for value in HASHES:
        tree.add(value)
        found.append(tree.root())
    return found


def test_roots_agree_with_an_independent_implementation_at_every_size_to_1000(roots: list[bytes]) -> None:
    assert roots[1:] == oracle_roots()


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.lists(st.integers(0, 600), max_size=6))
@settings(max_examples=60, deadline=None)
def test_how_leaves_are_batched_does_not_change_tree_or_tiles(batches: list[int]) -> None:
    levels: list[list[bytes]] = []
    one_by_one: list[list[bytes]] = []
    tree, other = Tree(levels), Tree(one_by_one)
    hashes = (HASHES * 4)[: sum(batches)]
    at = 0
    for size in batches:
        tree.extend(hashes[at : at + size])
        at += size
    for value in hashes:
        other.add(value)
    assert tree.root() == other.root()
    assert [row for row in levels if row] == [row for row in one_by_one if row]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 600, 1000])
def test_a_tree_resumes_from_its_right_edge_tiles(size: int, tiles: Tiles, roots: list[bytes]) -> None:
    rows = []
    level = 0
    while size >> (8 * level):
        count = size >> (8 * level)
        width = count % 256
        data = tiles.tile(level, count // 256, width) if width else b""
        rows.append([data[at : at + 32] for at in range(0, len(data), 32)])
        level += 1
    resumed = Tree.resume(size, rows)
    assert resumed.root() == roots[size]
    resumed.extend(HASHES[size:])
    assert resumed.root() == roots[SIZES]


def test_tiles_hold_what_c2sp_says(tiles: Tiles) -> None:
    assert tiles.tile(0, 1) == b"".join(HASHES[256:512])
    assert tiles.tile(1, 0, 3) == b"".join(root_of(HASHES[at : at + 256]) for at in (0, 256, 512))
    assert layout.tile_name(0, 1234067) == "tile/0/x001/x234/067"
    assert layout.tile_name(1, 5, 17) == "tile/1/005.p/17"


def flips(proof: list[bytes]) -> list[list[bytes]]:
    return [[*proof[:at], bytes([value[0] ^ 1]) + value[1:], *proof[at + 1 :]] for at, value in enumerate(proof)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100, 257])
def test_each_inclusion_proof_holds_and_each_corrupted_hash_of_it_fails(
    size: int, tiles: Tiles, roots: list[bytes]
) -> None:
    for index in range(0, size, max(1, size // 40)):
        proof = tiles.inclusion(index, size)
        check_inclusion(index, size, HASHES[index], proof, roots[size])
        wrong = [*flips(proof), proof[:-1], [*proof, HASHES[0]]]
        for bad in [item for item in wrong if item != proof]:
            with pytest.raises(VerificationError):
                check_inclusion(index, size, HASHES[index], bad, roots[size])
        with pytest.raises(VerificationError):
            check_inclusion(index, size, HASHES[(index + 1) % SIZES], proof, roots[size])


def test_each_consistency_proof_holds_and_each_corrupted_hash_of_it_fails(tiles: Tiles, roots: list[bytes]) -> None:
    for new in (1, 2, 3, 8, 33, 100, 256, 300):
        for old in range(new + 1):
            proof = tiles.consistency(old, new)
            check_consistency(old, new, proof, roots[old], roots[new])
            for bad in flips(proof):
                with pytest.raises(VerificationError):
                    check_consistency(old, new, bad, roots[old], roots[new])
            if 0 < old < new:
                with pytest.raises(VerificationError):
                    check_consistency(old, new, proof, roots[old - 1], roots[new])


@given(st.integers(0, SIZES), st.integers(0, SIZES), st.integers(0, SIZES))
@settings(max_examples=80, deadline=None)
def test_a_range_gives_the_root_and_leaving_a_leaf_out_does_not(a: int, b: int, c: int) -> None:
    first, end, size = sorted((a, b, c))
    levels: list[list[bytes]] = []
    Tree(levels).extend(HASHES)
    source = _Memory(levels)
    before, after = source.cover(0, first), source.cover(end, size)
    root = root_of(HASHES[:size])
    assert check_range(first, HASHES[first:end], size, before, after) == root
    if end > first:
        altered = [*HASHES[first : end - 1], leaf_hash(b"other")]
        assert check_range(first, altered, size, before, after) != root
        with suppress(VerificationError):
            assert check_range(first, HASHES[first : end - 1], size, before, after) != root


class _Memory(Tiles):
    def __init__(self, levels: list[list[bytes]]) -> None:
        self._levels = levels

    def _hashes(self, level: int, first: int, count: int) -> list[bytes]:
        return self._levels[level][first : first + count]
