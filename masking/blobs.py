"""Text and data that travel encoded: base64, base64url, base85, hex, data URIs, JWT payloads.

Strategy: an encoded run that decodes to readable text is judged by what the text holds and masked whole when it holds
anything; a run that decodes to an image, a document or an archive, or is long and decodes to nothing readable, is
withheld as `photo`: what cannot be read is not let through. Depth and size are bounded by the caller.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import NamedTuple

RUN = re.compile(
    r"(?:data:[\w.+-]{1,60}/[\w.+-]{1,60}(?:;[\w=.-]{1,60}){0,4},)?[A-Za-z0-9+/_%-]{16,}={0,6}|[A-Za-z0-9+/]{10,15}={1,2}(?![\w=])"
)
RUN85 = re.compile(r"[!-~]{20,}")
_MARKS = re.compile(r"[!#$%&()*+;<=>?@^_`{|}~]")
_ASCII85 = re.compile(r"[!-uz]{20,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_BASE32 = re.compile(r"[A-Z2-7]{16,}={0,6}")
_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w=.-]+)*),", re.IGNORECASE)
_MAGIC = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"%PDF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"RIFF",
    b"\xd0\xcf\x11\xe0",
    b"7z\xbc\xaf",
    b"ID3",
    b"OggS",
)
_MOSTLY = 0.9
_LONG_BLOB = 128
_INFLATE_LIMIT = 1 << 20


class Decoded(NamedTuple):
    """What an encoded run holds: readable `text`, or None for data that cannot be read."""

    text: str | None
    encoding: str


def decode(run: str) -> Decoded | None:
    """Decode one run; None when it is no encoding of anything (a long word, a path, a code)."""
    match = _DATA.match(run)
    body = run[match.end() :] if match else run
    if match and ";base64" not in match[2].lower():
        return Decoded(None, "data") if not (match[1] or "text/plain").startswith("text/") else None
    if _HEX.fullmatch(body):
        data = bytes.fromhex(body)
        text = readable(data)
        return Decoded(text, "hex") if text is not None else None
    if _BASE32.fullmatch(body):
        text = _base32(body)
        if text is not None:
            return Decoded(text, "base32")
    decoded = _base64(body)
    if decoded is None:
        return Decoded(None, "data") if match else None
    data, encoding = decoded
    text = readable(data)
    if text is None and data[:2] == b"\x1f\x8b":
        text = readable(_inflate(data))
    if text is not None:
        return Decoded(text, encoding if not match else "data")
    if match or data.startswith(_MAGIC) or data[128:132] == b"DICM":
        return Decoded(None, encoding)
    return Decoded(None, encoding) if len(body) >= _LONG_BLOB and _looks_encoded(body) else None


def decode85(run: str) -> Decoded | None:
    """Decode a run of base85 (RFC 1924's alphabet) or Ascii85, framed or not; None when it spells no text."""
    framed = run.startswith("<~") and run.endswith("~>")
    body = run[2:-2] if framed else run
    if not framed and len(_MARKS.findall(body)) * 12 < len(body):
        return None
    for read in (base64.b85decode,) if not _ASCII85.fullmatch(body) else (base64.a85decode, base64.b85decode):
        try:
            text = readable(read(body))
        except ValueError:
            continue
        if text is not None:
            return Decoded(text, "base85")
    return Decoded(None, "base85") if framed else None


def encode(text: str, encoding: str) -> str | None:
    """`text` in the encoding it came in; None for those that are not written back."""
    data = text.encode("utf-8")
    if encoding == "base64":
        return base64.b64encode(data).decode("ascii")
    if encoding == "base64url":
        return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
    return data.hex() if encoding == "hex" else None


def readable(data: bytes) -> str | None:
    """`data` as UTF-8 or UTF-16 text when nine tenths of it print; else None."""
    if len(data) < 6:
        return None
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    little, big = not any(data[1::2]), not any(data[::2])
    for codec in ("utf-16" if wide else "utf-16-le" if little else "utf-16-be" if big else "utf-8", "utf-8"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if sum(char.isprintable() or char in "\n\r\t" for char in text) >= _MOSTLY * len(text):
            return text
    return None


def _base32(body: str) -> str | None:
    try:
        return readable(base64.b32decode(body.rstrip("=") + "=" * (-len(body.rstrip("=")) % 8)))
    except binascii.Error:
        return None


def _base64(body: str) -> tuple[bytes, str] | None:
    compact = body.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=").rstrip("=")
    if "%" in compact or len(compact) % 4 == 1:
        return None
    url = "-" in compact or "_" in compact
    padded = compact + "=" * (-len(compact) % 4)
    try:
        data = base64.b64decode(padded, b"-_" if url else None, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data, "base64url" if url else "base64"


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data, _INFLATE_LIMIT)
    except zlib.error:
        return b""


def _looks_encoded(body: str) -> bool:
    return bool(re.search(r"[a-z]", body) and re.search(r"[A-Z]", body) and re.search(r"\d", body)) and not re.search(
        r"[a-z]{14}", body
    )
