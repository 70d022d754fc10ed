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


@pytest.mark.parametrize(
    "raw",
    [
        b"id: 123-45-6789\nid: 1\ndata: {}\n\n",
        b"event: SSN 123-45-6789\nevent: message\ndata: {}\n\n",
        b"retry: 1234567\nretry: 1\ndata: {}\n\n",
        b"id: 123-45-6789\0\ndata: {}\n\n",
        b"id: " + b"1" * 1025 + b"\ndata: {}\n\n",
        b"retry: 12345678\ndata: {}\n\n",
    ],
)
def test_of_a_field_only_what_counts_is_passed_on(raw: bytes) -> None:
    [event] = Reader().feed(raw)
    assert not event.plain
    again = frame(event.data, event)
    assert b"12345678" not in again
    assert b"123-45" not in again
    assert b"1" * 1025 not in again


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_may_end_in_any_way_and_a_mark_of_byte_order_is_skipped_once(end: bytes) -> None:
    stream = end.join([b"\xef\xbb\xbfdata: 1", b"", b"id: 7", b"data: 2", b"", b"\xef\xbb\xbfdata: 3", b"", b""])
    assert [(data, id_) for _, data, id_ in _events([stream])] == [(b"1", None), (b"2", b"7"), (b"", None)]


@pytest.mark.parametrize("piece", [b"data: xxxxxxxxxxxxxxxxxxxxxx", b"x" * 30, b": y\n"])
def test_what_never_ends_is_kept_up_to_the_limit_and_no_further(piece: bytes) -> None:
    reader = Reader(limit=1000)
    while reader.held + len(piece) <= 1000:
        assert reader.feed(piece) == []
    with pytest.raises(RefusedError, match="withheld") as caught:
        reader.feed(piece)
    assert caught.value.code == "GT302"


def test_nothing_but_line_ends_is_events_without_a_word_and_nothing_is_kept() -> None:
    reader = Reader(limit=1000)
    events = [event for _ in range(5000) for event in reader.feed(b"\r")]
    assert reader.held < 4
    assert not any(event.data for event in events)
