"""Names that could mean another thing than they say: dot segments, plain or percent-encoded."""

from __future__ import annotations

import re

_CUT = re.compile(r"[/\\?#;]")
_CODED = re.compile(r"%(2e|2f|5c|25)", re.IGNORECASE)
_MEANS = {"2e": ".", "2f": "/", "5c": "\\", "25": "%"}


def has_dot_segments(text: str) -> bool:
    """Whether a segment of the path is `.` or `..`, in any depth of encoding."""
    for _ in range(8):
        if "." not in text and "%" not in text:
            return False
        if any(segment in (".", "..") for segment in _CUT.split(text)):
            return True
        decoded = _CODED.sub(lambda match: _MEANS[match.group(1).lower()], text)
        if decoded == text:
            return False
        text = decoded
    return True
