"""Payloads on a page: read for a reason that is on record first, hostile text throughout, masks marked in place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from adapter_asgi.console.rendering import spelled
from recorder.errors import KeysError, RecorderError
from recorder.reader import Payloads, Record

__all__ = ["Shown", "marked", "shown", "why_absent"]

_ONE = 100_000
_PAGE = 2_000_000
_SPENT = 2_000
"""Characters of one payload, of all payloads of a page, and of each once those are spent."""
_MASK = re.compile(r"\[[A-Z_]{2,32}(?::[0-9a-f]{24})?\]")


@dataclass(frozen=True, slots=True)
class Shown:
    """A payload as a page shows it, or why it is not there. `size`: bytes of the whole; `cut`: not all is shown."""

    text: Markup
    absent: str
    size: int
    masks: int
    cut: bool


def shown(payloads: Payloads, records: Sequence[Record]) -> Mapping[str, Shown]:
    """The payloads of these records that have one, by `LOG-SEQ`. For a thread of its own: it decrypts."""
    left, found = _PAGE, {}
    for record in records:
        why = why_absent(record)
        if why is None:
            continue
        if why:
            found[f"{record.log}-{record.seq}"] = Shown(Markup(), why, _size(record), 0, False)
            continue
        one = _one(payloads, record, min(_ONE, max(left, _SPENT)))
        left -= len(one.text)
        found[f"{record.log}-{record.seq}"] = one
    return found


def why_absent(record: Record) -> str | None:
    """Why a record's payload cannot be read, "" where it can; None where there never was one."""
    told = record.leaf.get("payload")
    if not isinstance(told, dict):
        return None
    if "absent" in told:
        return f"only its digest was recorded ({told['absent']})"
    return "" if record.body else "removed when its retention time was over"


def marked(text: str) -> tuple[Markup, int]:
    """Text with each mask marked, and how many there are. A mark is what looks like one: `masking` records count."""
    html, count = _MASK.subn(lambda found: f'<mark class="mask">{found[0]}</mark>', str(spelled(text)))
    return Markup(html), count  # noqa: S704 - escaped by `spelled`; a mask holds no character of HTML


def _one(payloads: Payloads, record: Record, most: int) -> Shown:
    try:
        data = payloads.payload(record) or b""
    except KeysError as error:
        return Shown(Markup(), error.message, _size(record), 0, False)
    except (RecorderError, OSError):
        return Shown(Markup(), "it cannot be read; `hoopgate verify` says what is damaged", _size(record), 0, False)
    text = data[: most * 4].decode("utf-8", "backslashreplace")
    cut = len(data) > most * 4 or len(text) > most
    html, masks = marked(text[:most])
    return Shown(html, "", len(data), masks if record.kind == "response" else 0, cut)


def _size(record: Record) -> int:
    size = record.leaf["payload"].get("size", 0)
    return size if isinstance(size, int) else 0
