"""Masking of a text that arrives in pieces."""

from __future__ import annotations

from typing import Any


class Stream:
    def __init__(self, masker: Any) -> None:
        self._masker = masker
        self._parts: list[str] = []

    def feed(self, piece: str) -> str:
        self._parts.append(piece)
        return ""

    def close(self) -> str:
        text, self._parts = "".join(self._parts), []
        return str(self._masker.mask_text(text).value)
