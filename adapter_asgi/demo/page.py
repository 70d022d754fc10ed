"""How the demo looks on a terminal of 100 columns: sections, facts, and a record before and after."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from typing import Any, TextIO

WIDTH = 100
_PATH, _CELL = 26, 33


class Page:
    """Writes plain lines; colour only where a person looks at a terminal."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._colour = self._out.isatty()

    def line(self, text: str = "") -> None:
        self._out.write(text.rstrip() + "\n")
        self._out.flush()

    def title(self, text: str) -> None:
        self.line()
        self.line(self._bold(_cut(text, WIDTH - 2).rstrip()))

    def fact(self, name: str, value: str) -> None:
        """``name`` and ``value``; what is longer than the page goes on below it."""
        room = WIDTH - 15
        for i, start in enumerate(range(0, max(len(value), 1), room)):
            self.line(f"   {name if i == 0 else '':<11} {value[start : start + room]}")

    def beside(self, before: Any, after: Any) -> None:
        """Two JSON values leaf by leaf: where, what the server holds, what the job saw."""
        seen = dict(leaves(after))
        self.line(f"   {'':<{_PATH}} {'the server holds':<{_CELL}} the job saw")
        for path, value in leaves(before):
            shown = seen.get(path, "(withheld)")
            same = "=" if shown == value else shown
            self.line(f"   {_cut(path, _PATH)} {_cut(value, _CELL)} {_cut(same, _CELL).rstrip()}")

    def prose(self, name: str, text: str) -> None:
        """A text, wrapped at words."""
        for i, row in enumerate(textwrap.wrap(text, WIDTH - 15) or [""]):
            self.fact("" if i else name, row)

    def wrapped(self, text: str) -> None:
        """A line of another program's, as deep as it came, wrapped at words."""
        margin = "   " + " " * (len(text) - len(text.lstrip()))
        self.line(textwrap.fill(text.strip(), WIDTH, initial_indent=margin, subsequent_indent=margin + "  "))

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._colour else text


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf of a JSON value with its path, as text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{i}]")
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _cut(text: str, width: int) -> str:
    return f"{text:<{width}}" if len(text) <= width else text[: width - 1] + "…"
