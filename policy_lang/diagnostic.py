"""One finding about a policy, as data. It is rendered at the edge: here as text, in report.py as JSON and the like."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from policy_lang.nodes import Span
from policy_lang.source import Source, visible

ERROR = "error"
WARNING = "warning"
_LONGEST = 600  # characters of a message
_MOST_COMPARED = 2_000  # known words that a misspelled one is compared with


@dataclass(frozen=True)
class Diagnostic:
    """What was found, where, what was expected and what to do.

    `code` is stable ("HG010"), `severity` "error" or "warning", `line` and `column` count from 1. `excerpt` is the
    line of the text with a caret under the span, "" where there is no text.
    """

    code: str
    severity: str
    message: str
    help: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    excerpt: str
    request: Mapping[str, Any] | None = field(default=None, compare=False)  # JSON that shows what is meant

    def __str__(self) -> str:
        place = f"{visible(self.file)}:{self.line}:{self.column}" if self.line else visible(self.file)
        parts = [f"{self.severity}[{self.code}]: {self.message}", f"  --> {place}"]
        if self.excerpt:
            text, _, carets = self.excerpt.rpartition("\n")
            margin = " " * len(str(self.line))
            parts += [f"{margin} |", f"{self.line} | {text}", f"{margin} | {carets}"]
        if self.help:
            parts.append(f"  help: {self.help}")
        return "\n".join(parts)


def severity(code: str) -> str:
    """Codes below HG100 are errors, the others warnings."""
    return ERROR if int(code[2:]) < 100 else WARNING


def found(source: Source, span: Span, code: str, message: str, help: str = "") -> Diagnostic:  # noqa: A002
    """The diagnostic for a span of a file."""
    start, end = span
    line, column = source.position(start)
    end_line, end_column = source.position(max(start, end))
    return Diagnostic(
        code, severity(code), clipped(message), clipped(help), source.name, line, column, end_line, end_column,
        source.excerpt(start, end),
    )  # fmt: skip


def clipped(text: str) -> str:
    """A message as a person can read it: what does not show is spelled out, what is too long is cut in the middle."""
    shown = visible(text.replace("\n", " ")) if not text.isprintable() else text
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST // 2]} … {shown[-_LONGEST // 4 :]}"


def unplaced(file: str, code: str, message: str, help: str = "") -> Diagnostic:  # noqa: A002
    """The diagnostic for a whole file or directory, which has no place in a text."""
    return Diagnostic(code, severity(code), clipped(message), clipped(help), file, 0, 0, 0, 0, "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean "branch"?`, or "" when nothing known is near."""
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is likely meant, if any."""
    if len(word) > _LONGEST:
        return None
    low, lengths = word.lower(), range(len(word) // 2, 2 * len(word) + 1)
    near = list(islice((k for k in known if len(k) < 200 and len(k) in lengths), _MOST_COMPARED))
    swapped = {low[:at] + low[at + 1] + low[at] + low[at + 2 :] for at in range(len(low) - 1)} - {low}
    matches = [k for k in near if k.lower() in swapped] or difflib.get_close_matches(low, near, n=1, cutoff=0.7)
    return matches[0] if matches else None


def listing(words: Iterable[str]) -> str:
    """`a, b or c`"""
    all_words = list(words)
    return " or ".join([", ".join(all_words[:-1]), all_words[-1]] if len(all_words) > 1 else all_words)
