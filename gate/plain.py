"""Plain data, made many times a call: whoever changes it is told by the type checker, before anything runs.

A dataclass that is frozen when it runs takes three times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

__all__ = ["plain"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def plain(cls: type[T]) -> type[T]:
    """A dataclass with slots, equal by value, which nobody changes."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
