"""Verification of an export or a single proof: files that leave the store and must stand alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from recorder import frames, layout
from recorder.archive import Archive
from recorder.errors import VerificationError
from recorder.frames import Broken
from recorder.note import Checkpoint, Note, fingerprint, parse_checkpoint, parse_note
from recorder.proof import RangeTree, parse_proof
from recorder.rfc6962 import Tree, leaf_hash
from recorder.verify_log import check_ciphertexts

__all__ = ["ExportFindings", "Part", "leaves", "verify_export", "verify_proof"]


@dataclass(frozen=True, slots=True)
class Part:
    """What an export or a proof holds of one log: its signed checkpoint and who signed it, and, for the sizes that were
    asked for, the root and the hash of the last leaf, as far as the records there tell. `publics`: by fingerprint, the
    key that signed, and those that records under that signature name as the log's.
    """

    checkpoint: Checkpoint
    signer: str
    publics: dict[str, bytes]
    roots: dict[int, bytes]
    leaves: dict[int, bytes]


@dataclass(frozen=True, slots=True)
class ExportFindings:
    """What an export or a proof holds."""

    records: int
    payloads: int
    absent: int
    parts: tuple[Part, ...]
    signers: tuple[str, ...]


def verify_export(path: Path, pinned: str | None, wanted: Collection[int] = ()) -> ExportFindings:
    """The manifest is signed and names every file; each log's leaves give its signed root; ciphertexts fit.

    `wanted`: sizes for `Part.roots`. Raises VerificationError.
    """
    archive = Archive(path)
    manifest = _note(archive.read("manifest"), "manifest")
    signers = _signers(archive)
    signer = _signed(manifest, signers, pinned, "manifest")
    _check_files(archive, manifest)
    records = payloads = absent = 0
    found_parts = []
    for name in sorted(archive.members):
        if name.startswith("log-") and name.endswith("/range.json"):
            part, found = _check_log(archive, name.removesuffix("/range.json"), signers, wanted)
            found_parts.append(part)
            records, payloads, absent = records + found[0], payloads + found[1], absent + found[2]
    if not found_parts:
        raise VerificationError("the export holds no records")
    return ExportFindings(records, payloads, absent, tuple(found_parts), (signer,))


def verify_proof(path: Path, pinned: str | None, wanted: Collection[int] = ()) -> ExportFindings:
    """One record's C2SP tlog-proof, which carries the signing key (32 bytes) and the leaf as its extra data."""
    try:
        proof = parse_proof(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise VerificationError(f"{path.name} is not a proof: not UTF-8") from None
    public, leaf = proof.extra[:32], proof.extra[32:]
    if not leaf.startswith(b'{"seq":%d,' % proof.index):
        raise VerificationError("the proof's leaf is another record's", record=proof.index)
    signer = _signed(proof.note, {fingerprint(public): public}, pinned, path.name)
    value = leaf_hash(leaf)
    checkpoint = proof.check(value)
    told = {proof.index: value} if proof.index + 1 in wanted else {}
    part = Part(checkpoint, signer, {signer: public}, {checkpoint.size: checkpoint.root}, told)
    return ExportFindings(1, 0, 1, (part,), (signer,))


def leaves(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(log, leaf) of each record in an export or a proof that was verified before."""
    with path.open("rb") as file:
        is_archive = file.read(2) == b"PK"
    if not is_archive:
        proof = parse_proof(path.read_text(encoding="utf-8"))
        yield int(parse_checkpoint(proof.note.text).origin.rpartition("/")[2]), json.loads(proof.extra[32:])
        return
    archive = Archive(path)
    for name in sorted(archive.members):
        if name.startswith("log-") and name.endswith("/range.json"):
            folder = name.removesuffix("/range.json")
            for frame in _frames_of(archive, folder):
                yield int(folder.removeprefix("log-")), json.loads(frame.leaf)


def _signed(note: Note, signers: dict[str, bytes], pinned: str | None, place: str) -> str:
    """The fingerprint of the key that signed the note: the pinned one if one is."""
    for ident, public in signers.items():
        if pinned is not None and ident != pinned.lower():
            continue
        if any(note.signed_by(name, public) for name, _, _ in note.signatures):
            return ident
    who = f"the pinned {pinned}" if pinned is not None else "a key of the export"
    raise VerificationError(f"{place} is not signed by {who}", place=place)


def _note(data: bytes, place: str) -> Note:
    try:
        return parse_note(data.decode())
    except (UnicodeDecodeError, VerificationError) as error:
        raise VerificationError(f"{place} is no signed note: {error}", place=place) from None


def _signers(archive: Archive) -> dict[str, bytes]:
    found = {}
    for name in archive.members:
        if name.startswith("signers/"):
            data = archive.read(name)
            try:
                public = bytes.fromhex(data.decode("ascii").removesuffix("\n"))
            except ValueError:
                public = b""
            if len(public) != 32 or fingerprint(public)[:16] != name.removeprefix("signers/"):
                raise VerificationError(f"{name} is not the key that its name says", place=name)
            found[fingerprint(public)] = public
    return found


def _check_files(archive: Archive, manifest: Note) -> None:
    lines = manifest.text.split("\n")
    if lines[0] != "hoopgate export v1" or lines[-1]:
        raise VerificationError("the manifest is of another kind", place="manifest")
    told = {}
    for line in lines[1:-1]:
        digest, _, rest = line.partition(" ")
        size, _, name = rest.partition(" ")
        told[name] = (digest, size)
    if set(told) | {"manifest"} != set(archive.members):
        odd = min(set(told) ^ (set(archive.members) - {"manifest"}))
        raise VerificationError(f"{odd} is missing from the export or from its manifest", place=odd)
    for name, (digest, size) in told.items():
        actual = sha256()
        for chunk in archive.chunks(name):
            actual.update(chunk)
        if (actual.hexdigest(), str(archive.members[name].size)) != (digest, size):
            raise VerificationError(f"{name} is not the file that the manifest names", place=name)


def _check_log(
    archive: Archive, folder: str, signers: dict[str, bytes], wanted: Collection[int]
) -> tuple[Part, tuple[int, int, int]]:
    note = _note(archive.read(f"{folder}/checkpoint"), f"{folder}/checkpoint")
    signer = _signed(note, signers, None, f"{folder}/checkpoint")
    checkpoint = parse_checkpoint(note.text)
    try:
        place: dict[str, Any] = json.loads(archive.read(f"{folder}/range.json"))
        first, end, asked = int(place["first"]), int(place["end"]), place["sessions"]
        before, after = ([bytes.fromhex(value) for value in place[name]] for name in ("before", "after"))
        origin = layout.origin(place["store"], place["log"])
    except (ValueError, KeyError, TypeError):
        raise VerificationError(f"{folder}/range.json is malformed", place=f"{folder}/range.json") from None
    if checkpoint.origin != origin:
        raise VerificationError(f"{folder}/checkpoint is of another log", place=f"{folder}/checkpoint")
    chosen = None if asked is None else frozenset(asked)
    tree = RangeTree(first, end)
    grown = _Grown(first, before, wanted)
    named = {signer}
    at, payloads, absent = first, 0, 0
    for frame in _frames_of(archive, folder):
        if frame.seq != at or at >= end:
            raise VerificationError(f"{folder}: record {at} is missing", place=f"{folder}/records", record=at)
        kept = check_ciphertexts(frame.seq, frame.leaf, frame.body, f"{folder}/records")
        if kept is False and (chosen is None or json.loads(frame.leaf)["session"] in chosen):
            absent += 1
        payloads += kept is True
        named |= _signers_in(frame.leaf)
        value = leaf_hash(frame.leaf)
        tree.add(value)
        grown.add(value)
        at += 1
    if at != end or tree.root(checkpoint.size, before, after) != checkpoint.root:
        raise VerificationError(
            f"{folder}: the records do not give the root that the checkpoint signs",
            "a leaf was left out, added or altered",
            place=f"{folder}/records",
        )
    publics = {name: signers[name] for name in named & signers.keys()}
    part = Part(checkpoint, signer, publics, {checkpoint.size: checkpoint.root, **grown.roots}, grown.leaves)
    return part, (end - first, payloads, absent)


def _signers_in(leaf: bytes) -> set[str]:
    """The fingerprints of signing keys that a record of the log itself names: who opened it, who followed whom."""
    if b'"kind":"log.opened"' not in leaf and b'"kind":"signer.rotated"' not in leaf:
        return set()
    told = json.loads(leaf)
    names = ("signer",) if told["kind"] == "log.opened" else ("old", "new")
    return {told["data"][name] for name in names if told["kind"] in ("log.opened", "signer.rotated")}


class _Grown:
    """The log's tree as it grew through the range. `before`: the subtrees under its first record, largest first, which
    is how a tree of that size stands; that they are the log's own, the root of the whole tells.
    """

    def __init__(self, first: int, before: list[bytes], wanted: Collection[int]) -> None:
        self.roots: dict[int, bytes] = {}
        self.leaves: dict[int, bytes] = {}
        self._wanted = frozenset(wanted) if len(before) == first.bit_count() else frozenset()
        self._tree = Tree()
        self._tree.size, self._tree.stack = first, list(before)
        if first in self._wanted:
            self.roots[first] = self._tree.root()

    def add(self, value: bytes) -> None:
        if not self._wanted:
            return
        self._tree.add(value)
        size = self._tree.size
        if size in self._wanted:
            self.leaves[size - 1], self.roots[size] = value, self._tree.root()


def _frames_of(archive: Archive, folder: str) -> Iterator[frames.Frame]:
    """The frames of a log's parts, in order."""
    for name in sorted(archive.members):
        if name == f"{folder}/records" or name.startswith(f"{folder}/records-"):
            yield from _frames(archive, name)


def _frames(archive: Archive, name: str) -> Iterator[frames.Frame]:
    """The frames of a member, in bounded memory."""
    rest = b""
    for chunk in archive.chunks(name):
        data = rest + chunk
        at = 0
        try:
            for frame in frames.scan(data, 0):
                at = frame.end
                yield frame
        except Broken as broken:
            if len(data) - broken.offset > frames.MAX_FRAME:
                raise VerificationError(f"{name}: {broken.what} at byte {broken.offset}", place=name) from None
        rest = data[at:]
    if rest:
        raise VerificationError(f"{name} ends inside a record", place=name)
