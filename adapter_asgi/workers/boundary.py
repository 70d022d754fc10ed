"""Where the requests begin that came in one piece over one connection (RFC 9112, 9.3.2: pipelining).

Strategy: no second reading of HTTP. The parser that reads the connection is asked once more, in pieces and then byte by
byte: it says that a message begins when it is fed that message's first byte, however the one before it was framed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import httptools

__all__ = ["behind"]

_PIECE = 4096


class _Begun:
    """How many messages have begun."""

    def __init__(self) -> None:
        self.count = 0

    def on_message_begin(self) -> None:
        self.count += 1


def behind(data: bytes, number: int) -> bytes | None:
    """From the first byte of request `number` (0 is the first) on; None where no such request begins in `data`."""
    if number == 0:
        return data
    whole, size = memoryview(data), len(data)
    piece = _begins_in(whole, [*range(0, size, _PIECE), size], number)
    if piece is None:
        return None
    at = _begins_in(whole, [0, *range(piece or 1, min(piece + _PIECE, size) + 1)], number)
    return None if at is None else data[at:]


def _begins_in(data: memoryview, cuts: Sequence[int], number: int) -> int | None:
    """Where the first piece between two cuts starts in which request `number` begins."""
    begun = _Begun()
    parser = httptools.HttpRequestParser(begun)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as the connection's own
    for start, end in pairwise(cuts):
        try:
            parser.feed_data(data[start:end])
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return start if begun.count > number else None
        if begun.count > number:
            return start
    return None
