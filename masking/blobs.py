"""Text and data that travel encoded: base64, base64url, base85, hex, data URIs, JWT payloads.

Strategy: an encoded run that decodes to readable text is judged by what the text holds and masked whole when it holds
anything; a run that decodes to an image, a document or an archive, or is long and decodes to nothing readable, is
withheld as `photo`: what cannot be read is not let through. Depth and size are bounded by the caller.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

RUN = re.compile(
    r"(?:data:[\w.+-]{1,60}/[\w.+-]{1,60}(?:;[\w=.-]{1,60}){0,4},)?[A-Za-z0-9+/_%-]{16,}={0,6}|[A-Za-z0-9+/]{10,15}={1,6}(?![\w=])"
    r"|(?<![\w+/])(?:[K-O][A-Za-z0-9+/]{3}){2}[K-O][A-Za-z0-9+/]{1,3}(?:[K-O][A-Za-z0-9+/]{1,2})?(?![\w+/])"  # figures
)
# Base64 broken over lines, or into groups of four.
_LINE_END = r"(?:\r?\n){1,2}"
WRAPPED = re.compile(
    rf"(?<![^\s\"'])(?:(?:[A-Za-z0-9+/]{{16,100}}{_LINE_END})+|(?:[A-Za-z0-9+/]{{4,15}}{_LINE_END}){{2,400}})"
    r"[A-Za-z0-9+/]{2,100}={0,2}(?![^\s\"'])"
    r"|(?<!\S)(?:[A-Za-z0-9+/]{4} ){4,400}[A-Za-z0-9+/]{2,4}={0,2}(?!\S)"
    r"|(?<!\S)(?:[K-O][A-Za-z0-9+/]{3} ){2,400}[K-O][A-Za-z0-9+/]{1,3}={0,2}(?!\S)"  # figures
)
_FRAME = re.compile(r"(?m)^(?:begin(?:-base64)? [0-7]{3,4} \S|=ybegin )")
RUN85 = re.compile(r"[!-~]{13,}")
_FROM_Z85 = str.maketrans(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
)  # ZeroMQ's alphabet (RFC 32/Z85) and RFC 1924's
_MARKS = re.compile(r"[!#$%&()*+;<=>?@^_`{|}~]")
_ASCII85 = re.compile(r"[!-uz]{13,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_BASE32 = re.compile(r"[A-Z2-7]{13,}={0,6}")
_BASE32_HEX = re.compile(r"[0-9A-V]{13,}={0,6}")
_PRINTED = re.compile(rb"[ -~]{8,}")
_SHORT = 1024  # characters of a run that is read from each of its first four
_DEFLATED = 11  # bytes that may be deflated without a head
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
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
)
_PACKED = (
    b"\x1f\x8b\x08",
    b"BZh",
    b"\x78\x01",
    b"\x78\x5e",
    b"\x78\x9c",
    b"\x78\xda",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"%PDF",
    b"PK\x03\x04",
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
    plain_hex = body[2:] if body[:2] in ("0x", "0X") else body[1:] if body[:1] in "xX" else body
    if _HEX.fullmatch(plain_hex):
        data = bytes.fromhex(plain_hex)
        text = readable(data)
        if text is None and data.startswith(_PACKED):
            return Decoded(readable(_inflate(data)), "data")
        if text is not None:
            return Decoded(text, "hex" if plain_hex is body else "data")
        return None if match is None else Decoded(None, "data")
    for alphabet, again in ((_BASE32, base64.b32decode), (_BASE32_HEX, base64.b32hexdecode)):
        if alphabet.fullmatch(body.upper()) and (body.islower() or body.isupper() or body.isdigit()):
            text = _base32(body, again)
            if text is not None:
                return Decoded(text, "base32")
    decoded = _base64(body)
    if decoded is None:
        return _shifted(body) or (Decoded(None, "data") if match else None)
    data, encoding = decoded
    text = readable(data)
    if text is None and (data.startswith(_PACKED) or len(data) >= _DEFLATED):
        text = readable(_inflate(data))
    if text is not None:
        return Decoded(text, encoding if not match else "data")
    if match or data.startswith(_MAGIC) or data[128:132] == b"DICM":
        return Decoded(None, encoding)
    return _shifted(body) or (Decoded(None, encoding) if len(body) >= _LONG_BLOB and _looks_encoded(body) else None)


def _shifted(body: str) -> Decoded | None:
    """Base64 that begins within a run, or text among other bytes: what of it can be read."""
    for start in range(4 if len(body) <= _SHORT else 1):
        found = _base64(body[start : len(body) - (len(body) - start) % 4])
        parts = _PRINTED.findall(found[0]) if found is not None else []
        if parts and 2 * sum(map(len, parts)) >= len(found[0] if found else b""):
            return Decoded("\n".join(part.decode("ascii") for part in parts), "data")
    return None


def framed(text: str) -> list[tuple[int, int]]:
    """Uuencoded and yEnc data, which are not read: from their first line to their last, or to the end of the text."""
    found: list[tuple[int, int]] = []
    for match in _FRAME.finditer(text):
        if not found or match.start() >= found[-1][1]:
            last = re.compile(r"\n(?:end|====|=yend)[^\n]*").search(text, match.end())
            found.append((match.start(), last.end() if last is not None else len(text)))
    return found


def decode_wrapped(run: str) -> Decoded | None:
    """Decode base64 that is broken over lines or into groups; None when it spells nothing."""
    found = _base64("".join(run.split()))
    text = None if found is None else readable(found[0])
    return Decoded(text, "data") if text is not None else None


def decode85(run: str) -> Decoded | None:
    """Decode a run of base85 (RFC 1924's alphabet) or Ascii85, framed or not; None when it spells no text."""
    framed = run.startswith("<~") and run.endswith("~>")
    body = run[2:-2] if framed else run
    if not framed and len(_MARKS.findall(body)) * 12 < len(body):
        return None
    for read in (base64.b85decode, _z85decode, *((base64.a85decode,) if _ASCII85.fullmatch(body) else ())):
        try:
            text = readable(read(body))
        except ValueError:
            continue
        if text is not None:
            return Decoded(text, "base85")
    return Decoded(None, "base85") if framed else None


def _z85decode(body: str) -> bytes:
    return base64.b85decode(body.translate(_FROM_Z85))


def encode(text: str, encoding: str) -> str | None:
    """`text` in the encoding it came in; None for those that are not written back."""
    data = text.encode("utf-8")
    if encoding == "base64":
        return base64.b64encode(data).decode("ascii")
    if encoding == "base64url":
        return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
    return data.hex() if encoding == "hex" else None


def readable(data: bytes) -> str | None:
    """`data` as UTF-8, UTF-16 or UTF-32 text when nine tenths of it print; else None."""
    if len(data) < 6:
        return None
    if len(data) % 4 == 0 and not any(data[1::4]) and not any(data[2::4]) and not (any(data[::4]) and any(data[3::4])):
        data = data[::4] if any(data[::4]) else data[3::4]  # UTF-32 of Latin letters
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


def _base32(body: str, read: Callable[[str], bytes]) -> str | None:
    try:
        body = body.upper().rstrip("=")
        return readable(read(body + "=" * (-len(body) % 8)))
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
    """What gzip, zlib, bzip2 or deflate packed, as far as it goes; nothing for other data."""
    try:
        if data[:3] == b"BZh":
            return bz2.BZ2Decompressor().decompress(data, _INFLATE_LIMIT)
        headed = data[:2] == b"\x1f\x8b" or data[:1] == b"\x78"
        return zlib.decompressobj(47 if headed else -15).decompress(data, _INFLATE_LIMIT)
    except (OSError, ValueError, zlib.error):
        return b""


def _looks_encoded(body: str) -> bool:
    return bool(re.search(r"[a-z]", body) and re.search(r"[A-Z]", body) and re.search(r"\d", body)) and not re.search(
        r"[a-z]{14}", body
    )
