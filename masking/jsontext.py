"""JSON as text: masked values put back where they stood, all other bytes as they came.

Strategy: the text is parsed once; the parsed value is masked; then a tokenizer runs over the text beside the two
values, and only the tokens of changed keys and leaves are written anew. Order, white space and the spelling of
numbers survive. A text with duplicate keys is no JSON to us: it is masked as plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(
    r'"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)|NaN|true|false|null|[{}\[\]:,]', re.DOTALL
)
_LEAF = re.compile(
    r'"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)|NaN|true|false|null', re.DOTALL
)
_CELL = re.compile(r"(?:(?<=[\t\n,;|])|^)\"([{\[](?:[^\"]|\"\")*)\"(?=[\t\r\n,;|]|$)")
_TRIES = 16
MIN_BLOB = 24  # characters; a shorter text is no encoded run


Piece = tuple[int, int, Any]  # where a JSON value stands in a text, and the value


class DuplicateKeyError(ValueError):
    """A JSON object names one key twice."""


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; a key that is named twice makes it none."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise DuplicateKeyError
    return made


_DECODER = json.JSONDecoder(object_pairs_hook=unique)


def parse(text: str) -> Any | None:
    """The object or array that `text` is, blanks aside; None for anything else."""
    stripped = text.strip()
    if stripped[:1] not in ("{", "[") or stripped[-1:] not in ("}", "]"):
        return None
    return _parsed(stripped)


def _parsed(text: str) -> Any | None:
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def may_be_document(text: str) -> bool:
    """Whether a text may be, or hold, JSON or be one encoded run; False is certain."""
    return (
        text.lstrip()[:1] in ("{", "[", '"', "%", "\\", "&")
        or '{"' in text
        or "[{" in text
        or '": ' in text
        or (len(text) >= MIN_BLOB and " " not in text)
    )


def parts(text: str) -> list[tuple[int, int, Any]]:
    """Objects and arrays inside a text (after a sentence, in a fence, in `data:` lines), with their offsets."""
    found: list[tuple[int, int, Any]] = []
    at, tries = 0, 0
    for match in re.finditer(r"[{\[](?=\s*[\"{\[])", text):
        if match.start() < at:
            continue
        tries += 1
        if tries > _TRIES and not found:
            break
        try:
            value, at = _DECODER.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            at = match.start() + 1
            continue
        if value:
            found.append((match.start(), at, value))
    return found


def cells(text: str) -> list[tuple[int, int, str]]:
    """Objects and arrays in quoted cells of a table (RFC 4180), without the quotes: their offsets, and their text."""
    found = []
    for match in _CELL.finditer(text) if '"{""' in text or '"[{""' in text else ():
        inner = match[1].replace('""', '"')
        if parse(inner) is not None:
            found.append((*match.span(1), inner))
    return found


def lines(text: str, together: int) -> Iterator[list[Piece] | None]:
    """The values of newline-delimited JSON with their offsets, in groups of lines of over `together` characters; None
    when a line is no object or array, or there is but one.
    """
    group: list[Piece] = []
    start = seen = 0
    begun = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        line = text[start:end]
        if line.strip():
            value = parse(line)
            if value is None:
                yield None
                return
            group.append((start, start + len(line.rstrip("\r\n")), value))
            seen += 1
        start = end
        if start - begun >= together and seen > 1:
            yield group
            group, begun = [], start
    if seen < 2:
        yield None
    elif group:
        yield group


def splice(text: str, original: Any, masked: Any) -> str:
    """`text` with what differs between `original` (its parsed value) and `masked` written anew."""
    out: list[str] = []
    cursor = 0
    pairs: list[tuple[Any, Any]] = []
    for start, end, new in (
        _changed(text, pairs) if _paired(original, masked, pairs) else _changes(_TOKEN.finditer(text), original, masked)
    ):
        out += (text[cursor:start], new)
        cursor = end
    out.append(text[cursor:])
    return "".join(out)


def _paired(original: Any, masked: Any, pairs: list[tuple[Any, Any]]) -> bool:
    """Put the keys and leaves of two values beside each other, in order; whether both have the same shape."""
    if not isinstance(original, dict | list):
        pairs.append((original, masked))
        return True
    if isinstance(original, dict):
        if not isinstance(masked, dict) or len(original) != len(masked):
            return False
        for (key, value), (name, new) in zip(original.items(), masked.items(), strict=True):
            pairs.append((key, name))
            if not _paired(value, new, pairs):
                return False
        return True
    if not isinstance(masked, list) or len(original) != len(masked):
        return False
    return all(_paired(value, new, pairs) for value, new in zip(original, masked, strict=True))


def _changed(text: str, pairs: list[tuple[Any, Any]]) -> Iterator[tuple[int, int, str]]:
    for match, (original, masked) in zip(_LEAF.finditer(text), pairs, strict=True):
        if original is not masked and (original != masked or type(original) is not type(masked)):
            yield match.start(), match.end(), json.dumps(masked, ensure_ascii=False)


def _changes(tokens: Iterator[re.Match[str]], original: Any, masked: Any) -> Iterator[tuple[int, int, str]]:
    first = next(tokens)
    if isinstance(original, dict) and isinstance(masked, dict) and len(original) == len(masked):
        for (key, value), (new_key, new) in zip(original.items(), masked.items(), strict=True):
            name = next(tokens)
            if key != new_key:
                yield name.start(), name.end(), json.dumps(new_key, ensure_ascii=False)
            next(tokens)  # the colon
            yield from _changes(tokens, value, new)
            next(tokens)  # the comma or the closing brace
        if not original:
            next(tokens)
        return
    if isinstance(original, list) and isinstance(masked, list) and len(original) == len(masked):
        for value, new in zip(original, masked, strict=True):
            yield from _changes(tokens, value, new)
            next(tokens)
        if not original:
            next(tokens)
        return
    last = _end(first, tokens, original)
    if original is not masked and (type(original) is not type(masked) or original != masked):
        yield first.start(), last.end(), json.dumps(masked, ensure_ascii=False)


def _end(first: re.Match[str], tokens: Iterator[re.Match[str]], original: Any) -> re.Match[str]:
    """The last token of the value that begins with `first`."""
    if not isinstance(original, dict | list):
        return first
    depth, last = 1, first
    while depth:
        last = next(tokens)
        depth += (last[0] in "{[") - (last[0] in "}]")
    return last
