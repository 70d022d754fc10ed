"""The one way a policy is laid out. Idempotent; keeps every comment; never changes what a file means.

Strategy: each construct is printed from its node, so that layout cannot depend on the input but in three points: one
empty line between declarations is kept, a block that stood on one line stays there while it fits, and a comment stays
before the entry that it stood before, or at its end.
"""

from __future__ import annotations

from collections.abc import Iterator

from policy_lang import nodes
from policy_lang.diagnostic import Diagnostic, found
from policy_lang.errors import PolicyError
from policy_lang.parse import parse
from policy_lang.source import Source
from policy_lang.spell import entry_text, item, items, rest, word
from policy_lang.text import text_problems

WIDTH = 120
_INDENT = "    "
_FREE = ("require", "allow", "allowed")  # words that are not padded


def formatted(source: Source) -> str:
    """The text of a file in its one layout. Raises PolicyError where it cannot be parsed."""
    problems: list[Diagnostic] = text_problems(source)
    file = nodes.File(())
    if not problems:
        file, problems = parse(source)
        problems = problems or list(_lossy(source, file))
    if problems:
        raise PolicyError(problems)
    return _Printer(source, file).text()


def _lossy(source: Source, file: nodes.File) -> Iterator[Diagnostic]:
    """What a node does not hold twice, and laying it out would therefore change."""
    for block in file.declarations:
        for entry in block.entries if isinstance(block, nodes.Block) else ():
            said = entry.approval if isinstance(entry, nodes.Require) else getattr(entry, "outcome", None)
            if isinstance(said, nodes.Approval) and said.repeated:
                yield found(source, said.span, "HG035", "a part of the approval is said twice", "say each part once")


# ---- layout ----------------------------------------------------------------------------------------------------------


class _Printer:
    def __init__(self, source: Source, file: nodes.File) -> None:
        self.source, self.file = source, file
        self.comments = list(file.comments)
        self.out: list[str] = []

    def text(self) -> str:
        last = 0
        for declaration in self.file.declarations:
            start, end = declaration.span
            self._before(last, start, "")
            if self.out and self._gap(start):
                self._blank()
            if isinstance(declaration, nodes.Block):
                self._block(declaration)
            else:
                inner = self._take(end)
                self._emit_comments(inner, "")
                self._declaration(declaration)
                self._trailing(end)
            last = end
        self._before(last, len(self.source.text), "")
        return "\n".join(self.out).strip("\n") + "\n" if self.out else ""

    def _declaration(self, node: nodes.Let | nodes.Detector) -> None:
        if isinstance(node, nodes.Let):
            head = f"let {node.name.name} = "
            self.out += _wrapped(head, [item(i) for i in node.items], " " * len(head))
        else:
            near = f" near {items(node.near)}" if node.near else ""
            self.out.append(f"detector {node.name.name} = /{node.pattern.pattern}/{near}")

    def _block(self, block: nodes.Block) -> None:
        end = block.span[1]
        head = f"{'observe ' if block.observe else ''}{block.kind} {item(block.name)} {{"
        one_line = self._one_line(block, head)
        if one_line:
            self.out.append(one_line)
            self._trailing(end)
            return
        self.out.append(head)
        width = max((len(word(entry)) for entry in block.entries if word(entry) not in _FREE), default=0)
        last = block.name.span[1]
        for entry in block.entries:
            self._before(last, entry.span[0], _INDENT, inside=True)
            inner = self._take(entry.span[1])
            self._emit_comments(inner, _INDENT)
            self.out += [_INDENT + line if line else line for line in _entry_lines(entry, width)]
            self._trailing(entry.span[1])
            last = entry.span[1]
        self._before(last, end - 1, _INDENT, inside=True)
        self.out.append("}")
        self._trailing(end)

    def _one_line(self, block: nodes.Block, head: str) -> str | None:
        """The block on one line, where it stood so, has no comment inside and fits."""
        start, end = block.span
        if "\n" in self.source.text[start:end] or any(start <= c[0] < end for c in self.comments):
            return None
        if not block.entries:
            return f"{head} }}"
        line = f"{head} {'  '.join(entry_text(entry) for entry in block.entries)} }}"
        return line if len(line) <= WIDTH else None

    # ---- comments

    def _take(self, before: int) -> list[str]:
        """The comments that start before an offset and have not been printed yet."""
        taken = []
        while self.comments and self.comments[0][0] < before:
            start, end = self.comments.pop(0)
            taken.append(_comment(self.source.text[start:end]))
        return taken

    def _before(self, last: int, start: int, indent: str, inside: bool = False) -> None:
        """Comments on lines of their own before `start`; blank lines around them are kept, one at most."""
        at = last
        while self.comments and self.comments[0][0] < start:
            begin, end = self.comments[0]
            if self.source.text.count("\n", at, begin) > 1 and self.out and not (inside and self.out[-1].endswith("{")):
                self._blank()
            self._emit_comments(self._take(begin + 1), indent)
            at = end
        empty = self.source.text.count("\n", at, start) > 1
        if (inside and empty and not self.out[-1].endswith("{") and self.source.text[start : start + 1] != "}") or (
            not inside and self.out and at != last and empty
        ):
            self._blank()

    def _emit_comments(self, comments: list[str], indent: str) -> None:
        self.out += [indent + comment for comment in comments]

    def _trailing(self, end: int) -> None:
        """A comment that stands on the same line after `end`, if nothing else does."""
        if self.comments:
            start, stop = self.comments[0]
            between = self.source.text[end:start]
            if start >= end and not between.strip() and "\n" not in between:
                self.comments.pop(0)
                self.out[-1] += f"{' ' * max(2, len(between))}{_comment(self.source.text[start:stop])}"

    def _gap(self, start: int) -> bool:
        """Whether an empty line belongs before a declaration: always, but between one-liners that stood together."""
        if self.out[-1].startswith("#"):
            return False
        before = self.source.text[:start].rstrip(" \t")
        together = before.endswith("\n") and not before.endswith(("\n\n", "\n\r\n"))
        return not together or self.out[-1].startswith("}")

    def _blank(self) -> None:
        if self.out and self.out[-1]:
            self.out.append("")


def _comment(text: str) -> str:
    body = text[1:].rstrip()
    return "#" + (body if not body or body[0] in " !#" else f" {body}")


def _entry_lines(entry: nodes.Entry, width: int) -> list[str]:
    """An entry, its word padded; a list too long for one line goes on below its first item."""
    name = word(entry)
    if name in _FREE:
        return [entry_text(entry)]
    head = f"{name:<{width}} "
    text = head + rest(entry)
    if len(text) + len(_INDENT) <= WIDTH or not isinstance(entry, nodes.Line) or entry.arguments:
        return [text.rstrip()]
    lead = f"{head}not " if entry.negated else head
    return _wrapped(lead, [item(i) for i in entry.items], " " * len(lead))


def _wrapped(head: str, parts: list[str], indent: str) -> list[str]:
    lines, line = [], head
    for number, part in enumerate(parts):
        piece = part + ("," if number < len(parts) - 1 else "")
        if line.strip() and line not in (head, indent) and len(line) + 1 + len(piece) > WIDTH - len(_INDENT):
            lines.append(line.rstrip())
            line = indent
        line += piece if line in (head, indent) else f" {piece}"
    return [*lines, line]
