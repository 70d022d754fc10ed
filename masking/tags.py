"""Tags inside a masked stretch: they stay where they are, so that a well-formed text stays well-formed.

Strategy: what is masked of a stretch over several elements is its text and the values of attributes; the stand-in takes
the place of the first of these, the rest is emptied. A tag that carries digits in its names may be a value in disguise
and is masked with the stretch.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from .wordset import word_set

TAG = re.compile(
    r"</?[A-Za-z_][\w:.-]{0,60}(?:\s+[\w:.-]{1,60}(?:\s*=\s*(?:\"[^\"<]{0,2000}\"|'[^'<]{0,2000}'|[^\s\"'<>=`]{1,200}))?)*"
    r"\s*/?>|<!\[CDATA\[|\]\]>"
)
_ATTRIBUTE = re.compile(r"\s([\w:.-]{1,60})\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)'|([^\s\"'<>=`]+))")
_LITERAL, _LITERAL_END = "<![CDATA[", "]]>"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_ENTITY_LENGTH = 10
_FAR = 4096  # characters: a longer tag is no tag
_FAR_LITERAL = 1 << 16
_DIGITS = 4
_PLAIN = re.compile(r"[A-Za-z -]{1,24}")
_STRUCTURE = word_set("""
    class style type xsi:type align valign use typecode classcode moodcode colspan rowspan
""")


def within(text: str, start: int, end: int, stand: str) -> str:
    """What stands for `text[start:end]`: `stand`, and the tags that are in it, their attributes without values."""
    pieces: list[str] = []
    cursor, placed = start, False
    for tag in _tags(text, start, end):
        between = text[cursor : max(cursor, tag.start())]
        if between.isspace():
            pieces.append(between)
        elif between and not placed:
            pieces.append(stand)
            placed = True
        for piece, is_value in _parts(text, tag, start, end):
            if not is_value:
                pieces.append(piece)
            elif tag.start() < start and not placed:
                pieces.append(stand)
                placed = True
        cursor = min(tag.end(), end)
    if not placed:
        pieces.append(stand)
    elif text[cursor:end].isspace():
        pieces.append(text[cursor:end])
    return "".join(pieces)


def without(text: str) -> str:
    """`text` without its tags."""
    return TAG.sub("", text)


def read(text: str) -> str:
    """What a reader sees of marked-up text: without its tags, its entities resolved."""
    return html.unescape(without(text) if "<" in text else text) if "<" in text or "&" in text else text


def whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the entities whole in which it begins and ends: half an entity is none."""
    for entity in _ENTITY.finditer(text, max(0, start - _ENTITY_LENGTH), min(len(text), end + _ENTITY_LENGTH)):
        if entity.start() < start < entity.end():
            start = entity.start()
        if entity.start() < end < entity.end():
            end = entity.end()
    return start, end


def shown(text: str) -> str:
    """`text` without its tags, but with the values of their attributes."""
    return TAG.sub(lambda tag: " ".join(text[a:b] for a, b in _values(tag)), text)


def _tags(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The tags of which something is in `text[start:end]`, but those that may be values in disguise."""
    opening = text.rfind("<", max(0, start - _FAR), start)
    begun = TAG.match(text, opening) if opening >= 0 else None
    first = opening if begun is not None and begun.end() > start else start
    before = max(0, start - _FAR_LITERAL)
    literal = text.rfind(_LITERAL, before, start) > text.rfind(_LITERAL_END, before, start)
    for tag in TAG.finditer(text, first, min(len(text), end + _FAR)):
        if tag.start() >= end:
            return
        if literal and tag[0] != _LITERAL_END:
            continue
        literal = tag[0] == _LITERAL
        kept = "".join(piece for piece, is_value in _parts(text, tag, tag.start(), tag.end()) if not is_value)
        if sum(map(str.isdigit, kept)) <= _DIGITS:
            yield tag


def _parts(text: str, tag: re.Match[str], start: int, end: int) -> Iterator[tuple[str, bool]]:
    """What of a tag is in `text[start:end]`, in pieces, each with whether it is a value."""
    cursor = max(tag.start(), start)
    for low, high in _values(tag):
        low, high = max(low, start), min(high, end)
        if low < high:
            yield text[cursor:low], False
            yield text[low:high], True
            cursor = high
    yield text[cursor : min(tag.end(), end)], False


def _values(tag: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Where a tag's attributes have values, but those that only say what the tag is."""
    for attribute in _ATTRIBUTE.finditer(tag[0]):
        group = attribute.lastindex or 2
        name, value = attribute[1].lower(), attribute[group]
        if name.startswith("xmlns"):
            kept = sum(map(str.isdigit, value)) <= _DIGITS
        else:
            kept = name in _STRUCTURE and _PLAIN.fullmatch(value) is not None
        if not kept:
            yield tag.start() + attribute.start(group), tag.start() + attribute.end(group)
