"""Views of text that hides in another spelling: escapes, entities, percent signs, markup, spread-out and spoken digits.

Strategy: each view is built from pieces of the source, so a hit in it maps back to the encoded stretch, which is then
masked whole. Decoding is repeated at most `_DEPTH` times (double-encoded text) and never grows: every step shortens the
text. The digits view only joins what a person would read as one number, and only hits across a join count.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from .canonical import View, build
from .findings import Span

_DEPTH = 3
_CODED = re.compile(
    r"\\+u[0-9a-fA-F]{4}|\\+x[0-9a-fA-F]{2}|\\+[nrt\"'/]|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
    r"|(?:%[0-9a-fA-F]{2})+|<!--[^<>]{0,400}-->|</?[a-zA-Z][^<>]{0,400}>|=\r?\n(?=\S)"
)
_BLOCK = re.compile(
    r"(?i)</?(?:p|div|br|hr|li|ul|ol|tr|td|th|table|thead|tbody|h\d|section|paragraph|item|"
    r"list|title|text|caption|dt|dd|dl|"
    r"address|article|header|footer|body|html|component|entry|pre|blockquote)\b"
)
_WORDS = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "dash": "-", "hyphen": "-", "minus": "-",
}  # fmt: skip
_SPOKEN = re.compile(
    r"(?i)\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
    r"(?:[\s,.-]{1,3}(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|dash|hyphen|minus)\b){6,24}"
)
_SPREAD = re.compile(r"(?<![\w.])\d(?:[ \t._*|-]{1,3}\d(?!\d)){6,24}(?![\w])")
_NUMBER_LABEL = re.compile(r"(?i)ssn|social|phone|tel|mrn|number|\bid\b|card|acc(?:oun)?t|call")
_WRAP = re.compile(r"(?<=[\d-])[ \t]*\r?\n[ \t>|*]*(?=[\d-])")
_STRONG = frozenset({"ssn", "phone", "fax", "card", "account", "mrn", "health_plan", "license"})


def decoded(text: str) -> View | None:
    """The view with escapes, entities, percent signs and markup resolved; None when there are none."""
    if not ("\\" in text or "&" in text or "%" in text or "<" in text or "=\n" in text or "=\r" in text):
        return None
    pieces = (
        list(_decode([(char, index, index + 1) for index, char in enumerate(text)], text))
        if _CODED.search(text)
        else None
    )
    if pieces is None:
        return None
    for _ in range(_DEPTH - 1):
        joined = "".join(piece[0] for piece in pieces)
        if not _CODED.search(joined):
            break
        flat = [(char, start, end) for chars, start, end in pieces for char in chars]
        pieces = list(_decode(flat, joined))
    return build(pieces)


def _decode(chars: list[tuple[str, int, int]], text: str) -> Iterator[tuple[str, int, int]]:
    cursor = 0
    for match in _CODED.finditer(text):
        yield from chars[cursor : match.start()]
        cursor = match.end()
        yield _plain(match[0]), chars[match.start()][1], chars[match.end() - 1][2]
    yield from chars[cursor:]


def _plain(code: str) -> str:
    """What one escape, entity, percent run or tag reads as."""
    if code[0] == "\\":
        body = code.lstrip("\\")
        if body[0] in "ux":
            return chr(int(body[1:], 16))
        return {"n": "\n", "r": "\n", "t": "\t"}.get(body, body)
    if code[0] == "&":
        return html.unescape(code)
    if code[0] == "%":
        return unquote_to_bytes(code).decode("utf-8", "replace")
    if code[0] == "=":
        return ""
    return "\n" if _BLOCK.match(code) else ""


def digit_spans(text: str) -> list[Span]:
    """Numbers that are spoken (`one two three dash …`) or spread out (`1 2 3 4 5 …`), as spans of `text`."""
    spans = []
    for match in _SPOKEN.finditer(text):
        digits = "".join(_WORDS[word.lower()] for word in re.findall(r"[A-Za-z]+", match[0]))
        spans += _judge(digits.replace("-", ""), match.start(), match.end(), "spoken digits")
    for match in _SPREAD.finditer(text):
        digits = "".join(char for char in match[0] if char.isdigit())
        if not _counts(text, match, digits):
            spans += _judge(digits, match.start(), match.end(), "spread digits")
    return spans


def _counts(text: str, match: re.Match[str], digits: str) -> bool:
    """Whether spread digits only count up or down, as a scale does: evenly spaced, without a label before them."""
    steps = {int(after) - int(before) for before, after in itertools.pairwise(digits)}
    even = len(set(re.findall(r"\D+", match[0]))) == 1
    labelled = _NUMBER_LABEL.search(text, max(0, match.start() - 24), match.start())
    return even and not labelled and steps <= {1, -1}


def _judge(digits: str, start: int, end: int, detector: str) -> list[Span]:
    if len(digits) < 7:
        return []
    kind = (
        "ssn" if len(digits) == 9 else "phone" if len(digits) in (7, 10, 11) else "card" if len(digits) >= 13 else "id"
    )
    return [Span(start, end, kind, detector, 0.7)]


def unwrapped(text: str) -> View | None:
    """The view in which a number broken over two lines is whole; None when no line breaks inside one."""
    if "\n" not in text or not _WRAP.search(text):
        return None
    pieces: list[tuple[str, int, int]] = []
    cursor = 0
    for match in _WRAP.finditer(text):
        pieces += [(char, cursor + i, cursor + i + 1) for i, char in enumerate(text[cursor : match.start()])]
        cursor = match.end()
    pieces += [(char, cursor + i, cursor + i + 1) for i, char in enumerate(text[cursor:])]
    return build(pieces)


def across_wrap(text: str, span: Span) -> bool:
    """Whether a hit in the unwrapped view counts: a strong kind, and a line really breaks inside it."""
    return (span.kind in _STRONG or span.detector == "known value") and "\n" in text[span.start : span.end]
