"""Server-sent events: however a stream is cut, the same events come out, and nothing else."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.errors import RefusedError
from gate.sse import Reader, frame

STREAM = (
    b"\xef\xbb\xbf: a comment\n\n"
    b"id: 1\ndata:\n\n"
    b'event: message\nid: 2\ndata: {"a":1}\n\n'
    b'event: message\r\ndata: {"b":\r\ndata: 2}\r\n\r\n'
    b"retry: 100\n\n"
    b"data: x\r\rdata: y\n\n"
)


def _events(pieces: list[bytes]) -> list[tuple[bytes, bytes, bytes | None]]:
    reader = Reader()
    found = [event for piece in pieces for event in reader.feed(piece)] + reader.close()
    return [(event.name, event.data, event.id) for event in found]


WHOLE = _events([STREAM])


def test_the_events_of_a_stream_are_those_of_the_specification() -> None:
    assert WHOLE == [
        (b"message", b"", None),
        (b"message", b"", b"1"),
        (b"message", b'{"a":1}', b"2"),
        (b"message", b'{"b":\n2}', None),
        (b"message", b"", None),
        (b"message", b"x", None),
        (b"message", b"y", None),
    ]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_where_a_stream_is_cut_makes_no_difference(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert _events([STREAM[a:b] for a, b in pairwise(edges)]) == WHOLE


@pytest.mark.parametrize("size", [1, 2, 3])
def test_small_pieces_make_no_difference(size: int) -> None:
    assert _events([STREAM[at : at + size] for at in range(0, len(STREAM), size)]) == WHOLE


def test_what_a_comment_or_an_unknown_field_holds_is_not_passed_on_as_it_came() -> None:
    reader = Reader()
    comment, named = reader.feed(b": SSN 123-45-6789\n\nfoo: bar\ndata: {}\n\n")
    assert not comment.plain
    assert not named.plain
    assert frame(named.data, named) == b"event: message\ndata: {}\n\n"


def test_an_event_over_the_limit_is_withheld() -> None:
    reader = Reader(limit=100)
    with pytest.raises(RefusedError, match="withheld"):
        reader.feed(b"data: " + b"x" * 200)


def test_a_message_that_is_laid_out_in_lines_is_still_one_event() -> None:
    laid_out = b'{"a":\r\n 1,\n"b":\r2}'
    [event] = Reader(1 << 20).feed(frame(laid_out))
    assert json.loads(event.data) == {"a": 1, "b": 2}
