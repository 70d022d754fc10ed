"""Where requests begin that came in one piece, however they are framed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapter_asgi.workers.boundary import behind

INNER = b"GET /inner HTTP/1.1\r\nHost: x\r\n\r\n"
REQUESTS = (
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /c HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    b"POST /d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"POST /e HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n0\r\nTrail: er\r\n\r\n",
    b"POST /f HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (300 * len(INNER), 300 * INNER),
    b"POST /g HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(INNER), INNER),
    b"GET /h HTTP/1.1\r\nX: " + b"y" * 4070 + b"\r\n\r\n",
)


@given(
    st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=6),
    st.sampled_from([b"", b"\r\n", b"\r\n\r\n"]),
    st.integers(0, 20),
)
def test_each_request_begins_where_it_was_put(requests: list[bytes], between: bytes, missing: int) -> None:
    data = between.join(requests)
    end = len(data) - min(missing, len(requests[-1]) - 1)  # the last may not have come yet, but for its first byte
    for number in range(len(requests)):
        before = b"".join(one + between for one in requests[:number])
        assert behind(data[:end], number) == data[len(before) : end]
    assert behind(data[:end], len(requests)) is None


def test_what_is_no_http_or_becomes_something_else_has_nothing_behind_it() -> None:
    upgrade = b"GET /a HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert behind(upgrade + REQUESTS[0], 1) is None  # the connection's own parser reads nothing behind it either
    assert behind(b"\x16\x03\x01" + REQUESTS[0], 1) is None
    assert behind(REQUESTS[0] + b"\x16\x03\x01", 1) == b"\x16\x03\x01"
    assert behind(b"", 1) is None
