"""Quiet strings that were masked after all: a second walk, made only for them, puts what stands for them in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .paths import Path, Record
from .spliced import Masked


def wake(value: Any, path: Path, woken: Mapping[str, Masked], records: list[Record]) -> Any:
    """`value`, or a copy in its place, with what stands for the strings `woken`; their places go to `records`."""
    out = value
    for key, item in value.items() if type(value) is dict else enumerate(value):
        kind = type(item)
        if kind is str:
            found = woken.get(item)
            if found is None:
                continue
            records.append((key, path, found[1]))
            new: Any = found[0]
        elif kind is dict or kind is list:
            new = wake(item, (path, key), woken, records)
            if new is item:
                continue
        else:
            continue
        if out is value:
            out = value.copy()
        out[key] = new
    return out
