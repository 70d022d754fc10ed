"""The text of one file, and how a place in it is shown to a person."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

_WIDTH = 110


@dataclass(frozen=True)
class Source:
    """A file's name (as the user gave it) and its text."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def excerpt(self, start: int, end: int) -> str:
        """The line of `start` with carets under the span; long lines are cut around it, odd characters shown."""
        line, column = self.position(start)
        text = self._line(line)
        width = max(1, min(end - start, len(text) - column + 1))
        cut = max(0, column - 1 - _WIDTH // 2) if len(text) > _WIDTH else 0
        lead, marked = text[cut : column - 1], text[column - 1 : column - 1 + width]
        head = ("…" if cut else "") + visible(lead)
        body, room = visible(marked), _WIDTH - min(len(head), _WIDTH - 10)
        tail = visible(text[column - 1 + width : column - 1 + width + max(0, room - len(body))])
        carets = "^" * max(1, min(_cells(body), room))
        return f"{head}{body[:room]}{tail}\n{' ' * _cells(head)}{carets}"

    def _line(self, number: int) -> str:
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


def visible(text: str) -> str:
    """`text` with tabs as a space and everything else that does not show spelled `<U+202E>`."""
    return "".join(_shown(c) for c in text)


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    return character if character.isprintable() else f"<U+{ord(character):04X}>"


def _cells(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
