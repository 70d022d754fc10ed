"""C2SP signed notes and checkpoints, read strictly: what parses renders to the same bytes again.

A note is text that ends in a newline, an empty line, and signature lines `— <name> base64(key id || signature)`.
A checkpoint's text is origin, tree size and root hash, one line each (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from recorder.errors import VerificationError

__all__ = ["Checkpoint", "Note", "decode64", "fingerprint", "key_id", "parse_checkpoint", "parse_notes", "verifier_key"]

ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Note:
    """Text and its signatures: (key name, 4-byte key id, signature)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def render(self) -> str:
        lines = (f"— {name} {base64.b64encode(ident + value).decode()}\n" for name, ident, value in self.signatures)
        return self.text + "\n" + "".join(lines)

    def signed_by(self, name: str, public: bytes) -> bool:
        """Whether the key signed this text. A signature that claims to be this key's and is not raises."""
        found = False
        for signer, ident, value in self.signatures:
            if (signer, ident) != (name, key_id(name, public)):
                continue
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(value, self.text.encode())
            except InvalidSignature:
                raise VerificationError(f"the signature of {name} does not fit the note's text") from None
            found = True
        return found


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head: the log's origin, its size in records and its root hash (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def fingerprint(public: bytes) -> str:
    """Hex SHA-256 of the 32-byte public key: what `verify --signer` takes."""
    return sha256(public).hexdigest()


def key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """The `vkey` text of a key, as Go's note package and C2SP tools read it."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def decode64(text: str) -> bytes:
    """Base64 with one spelling only: what would encode differently again is refused."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise VerificationError("not base64") from None
    if base64.b64encode(value).decode() != text:
        raise VerificationError("base64 that is not canonical")
    return value


def parse_note(text: str) -> Note:
    """One note, or VerificationError."""
    body, separator, tail = text.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise VerificationError("not a signed note: no empty line before the signatures, or the last line is cut")
    signatures = []
    for line in tail[:-1].split("\n"):
        dash, name, value = ([*line.split(" "), "", ""])[:3]
        raw = decode64(value) if dash == "—" and name else b""
        if len(raw) < 5:
            raise VerificationError("not a signed note: a signature line is malformed")
        signatures.append((name, raw[:4], raw[4:]))
    note = Note(body + "\n", tuple(signatures))
    if note.render() != text or any(character < " " and character != "\n" for character in text):
        raise VerificationError("not a signed note: it has bytes that do not belong")
    return note


def parse_notes(data: bytes) -> list[Note]:
    """The notes of a checkpoint file: each is followed by an empty line. An incomplete last one raises."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise VerificationError("not a signed note: not UTF-8") from None
    parts = text.split("\n\n")  # a text, its signatures, and so on; what follows the last empty line is nothing
    if parts[-1] or not len(parts) % 2:
        raise VerificationError(f"checkpoint {(len(parts) - 1) // 2} is cut or malformed")
    pairs = zip(parts[:-1:2], parts[1::2], strict=True)
    return [parse_note(f"{body}\n\n{signatures}\n") for body, signatures in pairs]


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text spells, or VerificationError."""
    lines = text.split("\n")
    if len(lines) != 4 or not all(lines[:3]) or lines[3]:
        raise VerificationError("not a checkpoint: three lines are expected")
    root = decode64(lines[2])
    if not lines[1].isdecimal() or len(lines[1]) > 19 or str(int(lines[1])) != lines[1] or len(root) != 32:
        raise VerificationError("not a checkpoint: the size or the root hash is malformed")
    return Checkpoint(lines[0], int(lines[1]), root)
