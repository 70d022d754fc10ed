"""A JSON document too long to be held: masked element by element, in bounded memory.

Strategy: the document is entered where a value is longer than `ELEMENT` characters, and what lies inside is masked in
batches of neighbouring elements or members, each with what its fields need to be understood: the keys that lead to it,
the short members that stand before it (`resourceType`, `columns`), a table's first row. Where a batch ends depends on
the text alone, never on the pieces it came in. Bytes that are not masked stay. What a later element teaches cannot mask
an earlier one. A single string longer than `ELEMENT`, and a text that stops being JSON, are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from . import jsontext
from .errors import MaskingError

ELEMENT = 1 << 20
_BATCH = 1 << 16
_SHORT, _CONTEXT, _DEEPEST = 2048, 64, 100
_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_KEY, _VALUE, _NEXT, _ROOT = range(4)
_DECODER = json.JSONDecoder(object_pairs_hook=jsontext.unique)


class _Level:
    """One container that was entered, and what its later elements need to be understood."""

    __slots__ = ("context", "count", "field", "first", "is_object")

    def __init__(self, *, is_object: bool) -> None:
        self.is_object = is_object
        self.context: dict[str, Any] = {}
        self.first: list[Any] = []
        self.field = ""
        self.count = 0


class _Piece(NamedTuple):
    """An element, or a member with its key's place, as it stands in the text."""

    key: str
    key_start: int
    key_end: int
    start: int
    end: int
    value: Any


class Elements:
    """Masks one document. `take` gives what is settled and how much of the text it used.

    `mask` masks a JSON value; its second argument is the part of it that was masked before, None when all is new.
    """

    def __init__(self, mask: Callable[[Any, Any], Any]) -> None:
        self._mask = mask
        self._levels: list[_Level] = []
        self._state = _ROOT
        self._wanted = 0

    def take(self, text: str, *, last: bool) -> tuple[str, int]:
        """Mask what is settled of `text`. Raises MaskingError HM030 (a string too long) or HM032 (no JSON)."""
        if len(text) < self._wanted and not last:
            return "", 0
        self._wanted = 0
        run = _Run(self, text, last=last)
        run.go()
        return "".join(run.out), run.cursor


class _Run:
    """One pass over the text that is here."""

    def __init__(self, elements: Elements, text: str, *, last: bool) -> None:
        self._of, self._text, self._last = elements, text, last
        self.out: list[str] = []
        self.cursor = 0  # up to here everything is masked and given
        self._batch: list[_Piece] = []
        self._size = 0
        self._state = elements._state
        self._key = ("", 0, 0)

    def go(self) -> None:
        at = 0
        while True:
            at = self._blank(at)
            if at == len(self._text):
                break
            after = self._step(at)
            if after is None:
                break
            at = after
        if self._last and (self._of._levels or self._batch):
            raise _no_json()
        if self._last or (self._state == _ROOT and not self._of._levels):
            self._give(len(self._text))

    def _blank(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return found.end() if found else at

    def _step(self, at: int) -> int | None:
        """Read one token or value at `at`; where to go on, None when more text is needed."""
        char, levels = self._text[at], self._of._levels
        if self._state == _ROOT:
            if char not in "{[":
                raise _no_json()
            return self._enter(at)
        level = levels[-1]
        if char == ("}" if level.is_object else "]") and (self._state == _NEXT or level.count == 0):
            return self._leave(at)
        if self._state == _NEXT:
            if char != ",":
                raise _no_json()
            self._state = _KEY if level.is_object else _VALUE
            return at + 1
        if self._state == _KEY:
            return self._read_key(at)
        return self._read_value(at, level)

    def _read_key(self, at: int) -> int | None:
        if self._text[at] != '"':
            raise _no_json()
        found = _STRING.match(self._text, at)
        if found is None:
            return self._wait(at)
        colon = self._blank(found.end())
        start = self._blank(colon + 1)
        if start >= len(self._text):
            return self._wait(at)
        if self._text[colon] != ":":
            raise _no_json()
        self._key = (str(_loaded(found[0])), at, found.end())
        self._state = _VALUE
        return start

    def _read_value(self, at: int, level: _Level) -> int | None:
        found = self._value(at)
        if found is None or found[1] - at > ELEMENT:
            if found is None and len(self._text) - at <= ELEMENT:
                if self._last:
                    raise _no_json()
                return self._wait(at)
            if self._text[at] not in "{[":
                raise _too_long()
            return self._enter(at)
        value, end = found
        key, key_start, key_end = self._key
        if level.is_object and (key in level.context or any(piece.key == key for piece in self._batch)):
            self._flush()
            level.context.pop(key, None)
        self._batch.append(_Piece(key, key_start, key_end, at, end, value))
        self._size += end - at
        level.count += 1
        self._state = _NEXT
        if self._size >= _BATCH:
            self._flush()
        return end

    def _value(self, at: int) -> tuple[Any, int] | None:
        """The value at `at` and its end; None while it is not all here."""
        try:
            value, end = _DECODER.raw_decode(self._text, at)
        except jsontext.DuplicateKeyError as error:
            raise _no_json() from error
        except (ValueError, RecursionError):
            return None
        open_ended = end == len(self._text) and not self._last and not isinstance(value, str | dict | list)
        return None if open_ended else (value, end)

    def _wait(self, at: int) -> int | None:
        """Ask for half as much again as is pending, so that no long value is read too often."""
        if self._last:
            raise _no_json()
        if len(self._text) - at > ELEMENT:
            raise _too_long()
        self._of._wanted = len(self._text) + (len(self._text) - at) // 2 - self.cursor
        return None

    def _enter(self, at: int) -> int:
        """Go into a container: what stands before it is given, its key masked."""
        levels = self._of._levels
        self._flush()
        if levels and levels[-1].is_object:
            level, (key, start, end) = levels[-1], self._key
            level.context.pop(key, None)
            masked = self._masked({**level.context, key: None})
            self._put(start, end, key, list(masked)[-1])
            level.field = key
        if levels:
            levels[-1].count += 1
        is_object = self._text[at] == "{"
        levels.append(_Level(is_object=is_object))
        if len(levels) > _DEEPEST:
            raise MaskingError("HM030", f"JSON nested over {_DEEPEST} deep cannot be streamed", "send it in parts")
        self._give(at + 1)
        self._state = self._of._state = _KEY if is_object else _VALUE
        return at + 1

    def _leave(self, at: int) -> int:
        self._flush()
        self._of._levels.pop()
        self._give(at + 1)
        self._state = self._of._state = _NEXT if self._of._levels else _ROOT
        return at + 1

    def _flush(self) -> None:
        """Mask the batch, and give it."""
        if not self._batch:
            return
        level, batch = self._of._levels[-1], self._batch
        if level.is_object:
            masked = self._masked({**level.context, **{piece.key: piece.value for piece in batch}})
            for piece, (key, value) in zip(batch, list(masked.items())[-len(batch) :], strict=True):
                self._put(piece.key_start, piece.key_end, piece.key, key)
                self._splice(piece, value)
                if piece.end - piece.start <= _SHORT and len(level.context) < _CONTEXT:
                    level.context[piece.key] = piece.value
        else:
            masked = self._masked([*level.first, *(piece.value for piece in batch)])
            for piece, value in zip(batch, masked[len(level.first) :], strict=True):
                self._splice(piece, value)
            if not level.first and isinstance(batch[0].value, list) and batch[0].end - batch[0].start <= _SHORT:
                level.first = [batch[0].value]
        self._batch, self._size = [], 0
        self._of._state = _NEXT

    def _masked(self, inner: Any) -> Any:
        """`inner` masked as it stands in the containers that lead to it."""
        outer, last = self._of._levels[:-1], self._of._levels[-1]
        context: Any = dict(last.context) if last.is_object else list(last.first)
        told = bool(context) or any(level.context for level in outer)
        for level in reversed(outer):
            inner = {**level.context, level.field: inner} if level.is_object else [inner]
            context = {**level.context, level.field: context} if level.is_object else [context]
        masked = self._of._mask(inner, context if told else None)
        for level in outer:
            masked = list(masked.values())[-1] if level.is_object else masked[-1]
        return masked

    def _put(self, start: int, end: int, before: str, after: str) -> None:
        if before != after:
            self._give(start)
            self.out.append(json.dumps(after, ensure_ascii=False))
            self.cursor = end

    def _splice(self, piece: _Piece, value: Any) -> None:
        self._give(piece.start)
        self.out.append(jsontext.splice(self._text[piece.start : piece.end], piece.value, value))
        self.cursor = piece.end

    def _give(self, end: int) -> None:
        """Give what stands before `end` as it came."""
        self.out.append(self._text[self.cursor : end])
        self.cursor = end


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise _no_json() from error


def _no_json() -> MaskingError:
    return MaskingError("HM032", "a long document stops being JSON; what follows was withheld", "send JSON, or NDJSON")


def _too_long() -> MaskingError:
    return MaskingError("HM030", f"a JSON string of over {ELEMENT} characters cannot be streamed", "send it in parts")
