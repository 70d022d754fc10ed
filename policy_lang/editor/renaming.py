"""A name written anew wherever it stands: all of it or nothing, and never so that the policy says something else."""

from __future__ import annotations

from collections.abc import Sequence

from policy_lang.diagnostic import ERROR
from policy_lang.editor.occurrences import Occurrence, occurrences, same
from policy_lang.editor.project import Project
from policy_lang.load import examine
from policy_lang.source import Source
from policy_lang.spell import scalar

__all__ = ["renamed"]


def renamed(project: Project, wanted: Occurrence, new: str) -> list[tuple[Occurrence, str]] | str:
    """Each occurrence with the text that takes its place; a sentence where the new name is refused.

    Strategy: the sources are written with the new name and read again. It is taken if no error came of it and the name
    then stands exactly where the old one stood.
    """
    if new == wanted.name:
        return []
    if not new.strip() or any(one.name == new and _is_like(one, wanted) for one in occurrences(project)):
        return f'there is a {wanted.kind} "{new}" already' if new.strip() else "a name cannot be empty"
    edits = [(one, scalar(new) if one.quoted else new) for one in same(project, wanted)]
    after = Project(tuple(_written(source, edits) for source in project.sources))
    found = [one for one in occurrences(after) if (one.kind, one.name) == (wanted.kind, new)]
    if len(found) != len(edits) or _errors(after.sources) > _errors(project.sources):
        return f'"{new}" cannot be the name of a {wanted.kind}'
    return edits


def _is_like(one: Occurrence, other: Occurrence) -> bool:
    """Bare words share one space of names, quoted ones have one for each kind."""
    return one.kind == other.kind or not (one.quoted or other.quoted)


def _written(source: Source, edits: Sequence[tuple[Occurrence, str]]) -> Source:
    text = source.text
    for one, new in sorted(edits, key=lambda edit: edit[0].span, reverse=True):
        if one.source.name == source.name:
            text = text[: one.span[0]] + new + text[one.span[1] :]
    return Source(source.name, text)


def _errors(sources: Sequence[Source]) -> int:
    return sum(one.severity == ERROR for one in examine(sources)[3])
