"""Keyed digests and tokens. A token proves by its own tag that this session's key made it.

A token is `[KIND:` + 16 hex digits (64 bits of HMAC-SHA256 of the value) + 8 (a 32-bit tag over those) + `]`.
"""

from __future__ import annotations

import hmac
import re
import unicodedata

TOKEN = re.compile(r"\[([A-Z][A-Z0-9_]{0,31}):([0-9a-f]{16})([0-9a-f]{8})\]")
_WORDS = re.compile(r"\w+")
_BY_DIGITS = frozenset({"phone", "fax", "ssn", "card"})


def normal(kind: str, value: str) -> str:
    """The form two spellings of one value share: digits of a number, case-folded words of everything else."""
    if kind == "id" and value.isascii():
        return value.lower()
    folded = unicodedata.normalize("NFKC", value).casefold()
    if kind in _BY_DIGITS:
        digits = "".join(char for char in folded if char.isdigit())
        if len(digits) == 11 and digits[0] == "1" and kind in ("phone", "fax"):
            digits = digits[1:]
        if len(digits) >= 4:
            return digits
    return " ".join(_WORDS.findall(folded)) or folded


class Keyed:
    """Digests under one session's key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, kind: str, value: str) -> str:
        """HMAC-SHA256 of the value's normal form under the session's key, hex (RFC 2104)."""
        return self._mac(f"value\0{kind}\0{normal(kind, value)}")

    def token(self, kind: str, digest: str) -> str:
        """The token for a value whose `digest` is given."""
        body = digest[:16]
        return f"[{kind.upper()}:{body}{self._tag(kind, body)}]"

    def is_token(self, text: str) -> bool:
        """Whether `text` is a token that this key made."""
        match = TOKEN.fullmatch(text)
        return match is not None and hmac.compare_digest(self._tag(match[1].lower(), match[2]), match[3])

    def number(self, purpose: str, value: str) -> int:
        """A 64-bit keyed number, for offsets."""
        return int(self._mac(f"{purpose}\0{value}")[:16], 16)

    def _tag(self, kind: str, body: str) -> str:
        return self._mac(f"tag\0{kind.lower()}\0{body}")[:8]

    def _mac(self, message: str) -> str:
        return hmac.digest(self._key, message.encode("utf-8", "surrogatepass"), "sha256").hex()
