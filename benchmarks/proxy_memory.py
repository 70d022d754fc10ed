"""What a process holds, counted: so that memory can be told to be flat whatever the allocators keep for it."""

from __future__ import annotations

import collections
import functools
import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any

__all__ = ["held"]

_CONTAINERS = (dict, list, set, tuple, frozenset, collections.deque, collections.OrderedDict, bytearray)


def held() -> Counter[str]:
    """Objects by type; `items` of all containers together; `cached` results of functions."""
    gc.collect()
    found: Counter[str] = Counter()
    for one in _everything():
        kind = type(one)
        found[f"{kind.__module__}.{kind.__qualname__}"] += 1
        if kind in _CONTAINERS:
            found["items"] += len(one)
        elif kind is functools._lru_cache_wrapper:
            found["cached"] += one.cache_info().currsize
    return found


def _everything() -> Iterator[Any]:
    """Each object that the collector knows, and each container below that it leaves out, for it holds plain values."""
    seen: set[int] = set()
    for one in gc.get_objects():
        yield one
        below = gc.get_referents(one)
        while below:
            other = below.pop()
            if type(other) in _CONTAINERS and not gc.is_tracked(other) and id(other) not in seen:
                seen.add(id(other))
                yield other
                below += gc.get_referents(other)
