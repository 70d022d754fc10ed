"""What others compute from the same leaves: pymerkle's tree, and a reader of notes written from C2SP's text alone.

pymerkle (GPL) is an oracle of tests only. Its inclusion paths are RFC 6962's; its consistency proofs have a form of
their own, so there each side proves and the other side's roots are proven.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree, InvalidProof, verify_consistency, verify_inclusion

import recorder
from recorder import layout
from recorder.errors import VerificationError
from recorder.note import parse_notes, verifier_key
from recorder.proof import Tiles, parse_proof, record_proof
from recorder.reader import Store
from recorder.rfc6962 import Tree, check_consistency, check_inclusion, leaf_hash
from tests.recorder.conftest import call

SIZES = range(1, 1001)
LEAVES = [b'{"seq":%d}' % number for number in range(max(SIZES))]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


@pytest.fixture(scope="module")
def oracle() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in LEAVES:
        tree.append_entry(leaf)
    return tree


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Tiles:
    """The tiles that the notary would write for LEAVES."""
    root = tmp_path_factory.mktemp("tiles")
    rows: list[list[bytes]] = []
    Tree(rows).extend(HASHES)
    for level, row in enumerate(rows):
        target = root / layout.tiles(0, level)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"".join(row))
    return Tiles(root, 0)


@pytest.fixture(scope="module")
def roots() -> list[bytes]:
    """Our root at each size, 0 first."""
    tree, found = Tree(), [hashlib.sha256(b"").digest()]
    for value in HASHES:
        tree.add(value)
        found.append(tree.root())
    return found


def places(size: int) -> set[int]:
    """Leaves of a tree that lie differently: its last, one within, and at some sizes the first and both sides of the
    largest perfect subtree.
    """
    split = 1 << (size.bit_length() - 1)
    more = (0, split - 1, split) if thorough(size) else ()
    return {place for place in (size // 3, size - 1, *more) if place < size}


def thorough(size: int) -> bool:
    """Sizes whose proofs are corrupted in every way too: all the small ones, and one in 31 of the others."""
    return size <= 70 or size % 31 == 0


def corrupted(proof: list[bytes]) -> Iterator[list[bytes]]:
    """The proof with each of its hashes altered, left out or doubled in turn."""
    for at, value in enumerate(proof):
        yield [*proof[:at], bytes([value[0] ^ 1]) + value[1:], *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], value, *proof[at:]]


def refused(check: Callable[..., object], *args: object) -> bool:
    try:
        check(*args)
    except VerificationError:
        return True
    return False


def test_roots_agree_with_pymerkle_at_every_size_to_1000(oracle: InmemoryTree, roots: list[bytes]) -> None:
    assert roots[1:] == [oracle.get_root(size) for size in SIZES]


def test_inclusion_proofs_agree_with_pymerkle_and_no_hash_of_them_can_change(
    oracle: InmemoryTree, tiles: Tiles, roots: list[bytes]
) -> None:
    for size in SIZES:
        for index in places(size):
            theirs = oracle.prove_inclusion(index + 1, size)
            ours = tiles.inclusion(index, size)
            assert ours == [value for value in theirs.path if value != HASHES[index]]
            check_inclusion(index, size, HASHES[index], ours, oracle.get_root(size))
            verify_inclusion(HASHES[index], roots[size], theirs)
            for bad in corrupted(ours) if thorough(size) else ():
                assert refused(check_inclusion, index, size, HASHES[index], bad, roots[size])


def test_consistency_proofs_agree_with_pymerkle_and_no_hash_of_them_can_change(
    oracle: InmemoryTree, tiles: Tiles, roots: list[bytes]
) -> None:
    for new in SIZES[1:]:
        for old in {place + 1 for place in places(new - 1)}:
            ours = tiles.consistency(old, new)
            check_consistency(old, new, ours, oracle.get_root(old), oracle.get_root(new))
            verify_consistency(roots[old], roots[new], oracle.prove_consistency(old, new))
            for bad in corrupted(ours) if thorough(new) else ():
                assert refused(check_consistency, old, new, bad, roots[old], roots[new])


def test_pymerkle_refuses_what_we_refuse(oracle: InmemoryTree, roots: list[bytes]) -> None:
    for size in (2, 100, 257, 1000):
        with pytest.raises(InvalidProof):
            verify_inclusion(HASHES[0], roots[size - 1], oracle.prove_inclusion(1, size))
        with pytest.raises(InvalidProof):
            verify_consistency(roots[size - 1], roots[size - 1], oracle.prove_consistency(size - 1, size))


# A reader of C2SP signed notes (c2sp.org/signed-note) and checkpoints (c2sp.org/tlog-checkpoint), from that text alone.


def opened(note: bytes, vkey: str) -> str:
    """The text of a note that the key `<name>+<hex key id>+<base64 of type and key>` signed; ValueError otherwise."""
    name, key_hash, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if key[0] != 1 or expected.hex() != key_hash:
        raise ValueError("not an Ed25519 verifier key")
    text, separator, signatures = note.rpartition(b"\n\n")
    if not separator or not signatures.endswith(b"\n"):
        raise ValueError("no signatures")
    for line in signatures.decode().splitlines():
        found = re.fullmatch(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line)
        if found is None:
            raise ValueError("a malformed signature line")
        value = base64.b64decode(found[2], validate=True)
        if base64.b64encode(value).decode() != found[2]:
            raise ValueError("base64 with stray bits")
        if found[1] == name and value[:4] == expected:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(value[4:], text + b"\n")
            return text.decode() + "\n"
    raise ValueError("not signed by this key")


def checkpoint(text: str) -> tuple[str, int, bytes]:
    """Origin, tree size and root hash."""
    origin, size, root = re.fullmatch(r"([^\n]+)\n(0|[1-9]\d*)\n([A-Za-z0-9+/]{43}=)\n", text).groups()  # type: ignore[union-attr]
    return origin, int(size), base64.b64decode(root)


# The example of Go's golang.org/x/mod/sumdb/note, which C2SP's signed-note describes.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNED = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_reader_and_the_recorder_open_gos_own_example() -> None:
    text, _, _ = SIGNED.rpartition("\n\n")
    assert opened(SIGNED.encode(), VKEY) == text + "\n"
    public = base64.b64decode(VKEY.split("+", 2)[2])[1:]
    assert verifier_key("PeterNeumann", public) == VKEY
    (note,) = parse_notes(SIGNED.encode() + b"\n")
    assert note.signed_by("PeterNeumann", public)


@pytest.fixture
def signed(store: Path) -> tuple[Path, str]:
    """A store with several checkpoints, and its verifier key."""
    with recorder.open(store) as log:
        for number in range(20):
            log.append(call(number))
            log.checkpoint()
        name = layout.origin(log.store, log.number)
    public = bytes.fromhex(next((store / "keys").glob("signer-*.pub")).read_text())
    return store, verifier_key(name, public)


def notes(store: Path) -> list[bytes]:
    """The notes of the checkpoint file, taken apart by hand."""
    data = (store / layout.checkpoints(0)).read_bytes()
    found = re.findall(rb"[^\n]+\n\d+\n[^\n]+\n\n\xe2\x80\x94 [^\n]+\n", data)
    assert b"\n".join(found) + b"\n" == data
    return found


def test_every_checkpoint_opens_in_the_independent_reader_with_the_root_that_pymerkle_gives(
    signed: tuple[Path, str],
) -> None:
    store, vkey = signed
    tree = InmemoryTree(algorithm="sha256")
    for record in Store(store).records():
        tree.append_entry(record.raw)
    texts = notes(store)
    assert len(texts) >= 20
    for note in texts:
        origin, size, root = checkpoint(opened(note, vkey))
        assert origin == vkey.split("+", 1)[0]
        assert root == tree.get_root(size)


def test_no_byte_of_a_checkpoint_can_change(signed: tuple[Path, str]) -> None:
    store, vkey = signed
    note = notes(store)[-1]
    name, _, encoded = vkey.split("+", 2)
    for at in range(len(note)):
        altered = note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :]
        with pytest.raises((ValueError, InvalidSignature)):
            opened(altered, vkey)
        assert refused(claim, altered + b"\n", name, base64.b64decode(encoded)[1:])


def claim(data: bytes, name: str, public: bytes) -> None:
    """As the verifier reads it: a note that nobody signed is refused like one that was altered."""
    (note,) = parse_notes(data)
    if not note.signed_by(name, public):
        raise VerificationError("not signed by this key")


def test_a_records_proof_checks_in_pymerkles_terms_and_no_hash_of_it_can_change(signed: tuple[Path, str]) -> None:
    store, vkey = signed
    for record in Store(store).records():
        text = record_proof(store, 0, record.seq, record.raw).render()
        note = text[text.index("hoopgate.local/") :].encode()
        _, size, root = checkpoint(opened(note, vkey))
        lines = text.split("\n\n")[0].split("\n")
        path = [base64.b64decode(line) for line in lines[3:]]
        value, node, last = hashlib.sha256(b"\0" + record.raw).digest(), record.seq, size - 1
        for step in path:  # RFC 9162, 2.1.3.2
            right = bool(node & 1) or node == last
            value = hashlib.sha256(b"\1" + (step + value if right else value + step)).digest()
            while right and not node & 1 and node:
                node, last = node >> 1, last >> 1
            node, last = node >> 1, last >> 1
        assert (value, last) == (root, 0)
        for at in range(3, len(lines)):
            flipped = base64.b64encode(bytes([path[at - 3][0] ^ 1]) + path[at - 3][1:]).decode()
            wrong = parse_proof(text.replace(lines[at], flipped))
            assert refused(wrong.check, leaf_hash(record.raw))
