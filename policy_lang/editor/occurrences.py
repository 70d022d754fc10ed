"""Where names are declared and used: rules, givens, tests, lets and detectors.

Strategy: nodes are walked by their fields. A bare word is a use of a `let` or a detector wherever a list of items
stands; the words that are none (levels, methods, units) are left out by the field that holds them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policy_lang import nodes
from policy_lang.editor.project import Project
from policy_lang.source import Source

__all__ = ["Occurrence", "at", "occurrences", "same"]

_NOT_ITEMS = {("Record", "level"), ("Mask", "method"), ("Without", "method"), ("Limit", "per"), ("Limit", "unit")}


@dataclass(frozen=True)
class Occurrence:
    """`kind` is rule, given, test, never, let or detector; `span` covers the name as it stands, quotes included."""

    kind: str
    name: str
    source: Source
    span: nodes.Span
    declares: bool

    @property
    def quoted(self) -> bool:
        return self.source.text[self.span[0] : self.span[0] + 1] == '"'


def occurrences(project: Project) -> Iterator[Occurrence]:
    """All of them, file by file."""
    for source, file in project.parsed:
        for declaration in file.declarations:
            yield from _declared(source, declaration)
            yield from _used(project, source, declaration)


def at(project: Project, source: Source, offset: int) -> Occurrence | None:
    """The name under the cursor, if any."""
    here = (one for one in occurrences(project) if one.source.name == source.name)
    return next((one for one in here if one.span[0] <= offset <= one.span[1]), None)


def same(project: Project, wanted: Occurrence) -> list[Occurrence]:
    """Every occurrence of the same name, its declaration too."""
    return [one for one in occurrences(project) if (one.kind, one.name) == (wanted.kind, wanted.name)]


def _declared(source: Source, declaration: nodes.Declaration) -> Iterator[Occurrence]:
    if isinstance(declaration, nodes.Block):
        name = declaration.name
        yield Occurrence(declaration.kind, str(name.value), source, name.span, True)
    else:
        kind = "let" if isinstance(declaration, nodes.Let) else "detector"
        yield Occurrence(kind, declaration.name.name, source, declaration.name.span, True)


def _used(project: Project, source: Source, node: Any, owner: tuple[str, str] = ("", "")) -> Iterator[Occurrence]:
    if isinstance(node, nodes.Name):
        kind = "let" if node.name in project.scope.lets else "detector"
        if owner not in _NOT_ITEMS and (kind == "let" or node.name in project.scope.detectors):
            yield Occurrence(kind, node.name, source, node.span, False)
    elif isinstance(node, tuple):
        for part in node:
            yield from _used(project, source, part, owner)
    elif dataclasses.is_dataclass(node):
        yield from (
            Occurrence(kind, str(literal.value), source, literal.span, False) for kind, literal in _quoted(node)
        )
        declares = isinstance(node, (nodes.Let, nodes.Detector, nodes.Block))
        for field in dataclasses.fields(node):
            if not (declares and field.name == "name"):
                yield from _used(project, source, getattr(node, field.name), (type(node).__name__, field.name))


def _quoted(node: Any) -> Iterator[tuple[str, nodes.Literal]]:
    """The names in quotes that a node itself uses."""
    if isinstance(node, nodes.Unless):
        yield from (("rule", item) for item in node.rules if isinstance(item, nodes.Literal))
    elif isinstance(node, nodes.Named):
        yield "rule", node.rule
    elif isinstance(node, nodes.As):
        yield "given", node.given
