"""Masking of what identifies people in text and JSON, by a plan of kinds and methods.

    masker = masking.Masker(masking.ALL, key=b"…")
    masker.mask_text("…").value;  masker.mask_json(obj).value

Everything public is here; heavy imports happen when an engine or a masker is first built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import MaskingError
from .findings import Finding, Masked
from .kinds import ALL, CATALOGUE, KINDS, METHODS

if TYPE_CHECKING:
    from .engine import Engine, load_ner
    from .known import KnownValues
    from .masker import Masker
    from .stream import Stream

__all__ = [
    "ALL",
    "CATALOGUE",
    "KINDS",
    "METHODS",
    "Engine",
    "Finding",
    "KnownValues",
    "Masked",
    "Masker",
    "MaskingError",
    "Stream",
    "load_ner",
]

_LAZY = {"Masker": "masker", "KnownValues": "known", "Engine": "engine", "load_ner": "engine", "Stream": "stream"}


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)
