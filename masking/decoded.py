"""Views of text that hides in another spelling: escapes, entities, percent signs, markup, spread-out and spoken digits.

Strategy: each view is built from pieces of the source, so a hit in it maps back to the encoded stretch, which is then
masked whole. Decoding is repeated at most `_DEPTH` times (double-encoded text) and never grows: every step shortens the
text. The digits view only joins what a person would read as one number, and only hits across a join count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .canonical import Builder, View, build
from .codes import ANY, SIGNED, SIGNS, plain
from .findings import Span

_DEPTH = 3
_BREAK = r"(?:\\?\r?\n|<br ?/?>(?:\r?\n)?)"
_LEAD = r"(?:[ \t>|*#;%]|//|--)*"  # what stands before the lines of a quotation or a comment
_WRAP = re.compile(rf"(?<=[\d-])[ \t|]*{_BREAK}{_LEAD}(?=[\d-])|(?<=[A-Za-z])-[ \t]*\r?\n{_LEAD}(?=[a-z])")
_HYPHENED = re.compile(rf"(?<=\d)-[ \t]*\r?\n{_LEAD}(?=\d)")
_APART = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z0-9(](?P<gap>[^A-Za-z0-9]{1,5})(?=[A-Za-z0-9])(?:[^\n](?P=gap)){4,200}[A-Za-z0-9)]?(?![A-Za-z0-9])"
)
_SURE_APART = frozenset(
    (
        *(
            "email shape",
            "email local",
            "email spelled",
            "ssn shape",
            "phone shape",
            "phone international",
            "url shape",
        ),
        *("date iso", "date numeric", "date month first", "date day first", "card", "name title", "name role"),
    )
)
_LETTERS = 5  # letters and digits that stand apart spell something
_LISTED = re.compile(r"\n\s*(?:\d{1,2}[.)]\s|[01]\d[0-5]\d\s+[A-Z])")
_STRONG = frozenset({"ssn", "phone", "fax", "card", "account", "mrn", "health_plan", "license"})


def decoded(text: str, *, listed: bool = False) -> View | None:
    """The view with escapes, entities, percent signs and markup resolved; None when there are none.

    `listed` says that the text may hold bytes listed one by one, marks inside numbers or other rare spellings.
    """
    if not (listed or any(map(text.__contains__, SIGNS))):
        return None
    coded = ANY if listed else SIGNED
    builder = Builder()
    decoded_text: list[str] = []
    cursor = 0
    for match in coded.finditer(text):
        builder.run(text, cursor, match.start())
        read = plain(match[0])
        builder.code(read, match.start(), match.end())
        decoded_text += (text[cursor : match.start()], read)
        cursor = match.end()
    if not decoded_text:
        return None
    builder.run(text, cursor, len(text))
    decoded_text.append(text[cursor:])
    return _deeper(text) if ANY.search("".join(decoded_text)) else builder.view()


def _deeper(text: str) -> View:
    """The view of a text that is encoded more than once."""
    pieces = list(_decode([(char, index, index + 1) for index, char in enumerate(text)], text))
    for _ in range(_DEPTH - 1):
        joined = "".join(piece[0] for piece in pieces)
        if not ANY.search(joined):
            break
        flat = [(char, start, end) for chars, start, end in pieces for char in chars]
        pieces = list(_decode(flat, joined))
    return build(pieces)


def _decode(chars: list[tuple[str, int, int]], text: str) -> Iterator[tuple[str, int, int]]:
    cursor = 0
    for match in ANY.finditer(text):
        yield from chars[cursor : match.start()]
        cursor = match.end()
        yield plain(match[0]), chars[match.start()][1], chars[match.end() - 1][2]
    yield from chars[cursor:]


def unwrapped(text: str, *, hyphens: bool = False) -> View | None:
    """The view in which a number broken over two lines is whole; None when no line breaks inside one.

    `hyphens`: a hyphen at the end of a line is the break's, not the number's.
    """
    wrap = _HYPHENED if hyphens else _WRAP
    if not wrap.search(text):
        return None
    builder = Builder()
    cursor = 0
    for match in wrap.finditer(text):
        builder.run(text, cursor, match.start())
        cursor = match.end()
    builder.run(text, cursor, len(text))
    return builder.view()


def joined(text: str) -> tuple[View, list[tuple[int, int]]] | None:
    """The view in which letters and digits that stand apart (`J/o/h/n`, `"9","1","2"`) are together, and where they do.

    None when none do.
    """
    builder = Builder()
    runs: list[tuple[int, int]] = []
    cursor = 0
    for match in _APART.finditer(text):
        step = 1 + len(match["gap"])
        if sum(map(str.isalnum, match[0][::step])) < _LETTERS:
            continue
        start, end = match.span()
        gap = match["gap"]
        builder.run(text, cursor, start - (not gap[-1].isspace() and text[start - 1 : start] == gap[-1]))
        for at in range(start, end, step):
            builder.run(text, at, at + 1)
        runs.append((start, end))
        cursor = end + (not gap[0].isspace() and text[end : end + 1] == gap[0])
    if not runs:
        return None
    builder.run(text, cursor, len(text))
    return builder.view(), runs


def across_gaps(span: Span, runs: list[tuple[int, int]]) -> bool:
    """Whether a hit in the joined view counts: a sure one, most of which stands in one of its runs."""
    if span.detector not in _SURE_APART and not span.detector.endswith("label"):
        return False
    return any(2 * (min(end, span.end) - max(start, span.start)) > span.end - span.start for start, end in runs)


def across_wrap(text: str, span: Span) -> bool:
    """Whether a hit in the unwrapped view counts: a strong kind, and a line really breaks inside it."""
    if span.kind not in _STRONG and span.detector != "known value":
        return False
    value = text[span.start : span.end]
    if "<br" in value:
        return True
    return "\n" in value and not _LISTED.match(text, span.start + value.rindex("\n"))
