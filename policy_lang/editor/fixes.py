"""Mends that a diagnostic itself names: what was meant instead of what was found."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policy_lang.diagnostic import Diagnostic

__all__ = ["Fix", "fixes"]

_MEANT = re.compile(r'^did you mean "([^"\n]+)"\?')
_INSTEAD = re.compile(r'^did you mean "([^"\n]+)" instead of "([^"\n]+)"\?')


@dataclass(frozen=True)
class Fix:
    """Put `text` in the place of what the diagnostic marks; `instead` is the marked word where it is another."""

    title: str
    text: str
    instead: str | None = None


def fixes(diagnostic: Diagnostic, marked: str) -> list[Fix]:
    """The mends; `marked` is the text under the diagnostic's caret."""
    other = _INSTEAD.match(diagnostic.help)
    if other:
        return [Fix(f'Write "{other[1]}"', other[1], other[2])] if other[2] in marked else []
    meant = _MEANT.match(diagnostic.help)
    if not meant:
        return []
    text = meant[1]
    if marked.startswith('"') and marked.endswith('"'):
        text = f'"{text}"'
    elif " " in marked.strip():
        first = marked.split(" ", 1)[0]
        return [Fix(f"Write {text}", text, first)]
    return [Fix(f"Write {text}", text)]
