"""From an entry's metadata to the JSON that its leaf carries: the check that keeps everything else out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import orjson

from recorder.entry import FIELDS, KINDS, LEVELS, MAX_ITEMS, MAX_PAYLOAD, MAX_TEXT, OWN_KINDS, Entry
from recorder.errors import EntryError

__all__ = ["leaf_data"]


def leaf_data(entry: Entry, *, own: bool = False) -> bytes:
    """The entry's metadata as the leaf carries it: checked, without what is None, in JSON.

    Raises EntryError that names the kind and the field, never the value.
    """
    kind, session, metadata, payload, original, level, _, _ = entry
    if kind not in KINDS and not (own and kind in OWN_KINDS):
        _refuse(entry, f'unknown entry kind "{_short(kind)}"', "docs/reference/entries.md lists the kinds")
    if level not in LEVELS:
        _refuse(entry, "unknown record level", "use full, masked, digest or off")
    if not _text(session):
        _refuse(entry, "the session's id is not printable text of at most 1024 characters")
    if payload is not None or original is not None:
        _check_parts(entry)
    for name, value in metadata.items():
        if type(value) is str and name in _TEXTS and len(value) <= MAX_TEXT and value.isprintable():
            continue  # the usual case, without a call
        if value is not None and not ((check := _CHECKS.get(name)) and check(value)):
            _refuse_field(entry, name)
    if type(metadata) is not dict or None in metadata.values():
        metadata = {name: value for name, value in metadata.items() if value is not None}
    return orjson.dumps(metadata, _plain)


def _check_parts(entry: Entry) -> None:
    for part in (entry.payload, entry.original):
        if part is not None and (type(part) is not bytes or len(part) > MAX_PAYLOAD):
            _refuse(entry, f"the payload is not bytes of at most {MAX_PAYLOAD}")


def _plain(value: Any) -> object:
    """A checked value of a type that the JSON writer does not know: counts or texts in a class of their own."""
    return dict(value) if isinstance(value, Mapping) else list(value)


def _refuse_field(entry: Entry, name: str) -> NoReturn:
    known = FIELDS.get(name)
    if known is None:
        _refuse(entry, f'"{_short(name)}" is not a field of a leaf', "what is not listed goes into the payload")
    _refuse(entry, f'field "{name}" is not {_EXPECTED[known[0]]}')


def _refuse(entry: Entry, what: str, mend: str = "") -> NoReturn:
    raise EntryError(f"entry of kind {_short(entry.kind)}: {what}", mend)


def _short(text: object) -> str:
    return str(text)[:60] if str(text).isprintable() else "(unprintable)"


def _text(value: object) -> bool:
    return type(value) is str and len(value) <= MAX_TEXT and value.isprintable()


def _int(value: object) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def _bool(value: object) -> bool:
    return type(value) is bool


def _texts(value: object) -> bool:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_ITEMS:
        return False
    for item in value:  # noqa: SIM110 - a generator costs as much again
        if type(item) is not str or len(item) > MAX_TEXT or not item.isprintable():
            return False
    return True


def _counts(value: object) -> bool:
    return (
        isinstance(value, Mapping) and len(value) <= MAX_ITEMS and all(_text(k) and _int(v) for k, v in value.items())
    )


_TEXTS = frozenset(name for name, (type_, _) in FIELDS.items() if type_ == "text")
_OF_TYPE = {"text": _text, "int": _int, "bool": _bool, "texts": _texts, "counts": _counts}
_CHECKS = {name: _OF_TYPE[type_] for name, (type_, _) in FIELDS.items()}
_EXPECTED = {
    "text": "printable text of at most 1024 characters",
    "int": "a 64-bit integer",
    "bool": "true or false",
    "texts": "a list of at most 256 texts",
    "counts": "a map of text to integer",
}
