"""What stands under the cursor: a word's meaning, a declaration's text, the tests that meet a rule."""

from __future__ import annotations

import re

from policy_lang.editor.occurrences import Occurrence, at
from policy_lang.editor.project import Project
from policy_lang.editor.words import ATTRIBUTES, CLAUSES, DECLARATIONS, KIND_WORDS, METHOD_WORDS
from policy_lang.nodes import Span
from policy_lang.source import Source

__all__ = ["hover"]

_WORD = re.compile(r"[a-z_]+")
_JUDGED = ("HG041", "HG046")
_TABLES = (ATTRIBUTES, CLAUSES, DECLARATIONS, KIND_WORDS, METHOD_WORDS)


def hover(project: Project, source: Source, offset: int) -> str | None:
    """Markdown, or None where nothing is known."""
    name = at(project, source, offset)
    if name is not None:
        return _named(project, name)
    word = _word(source.text, offset)
    meaning = next((table[word] for table in _TABLES if word in table), None)
    return None if meaning is None else f"**{word}**: {meaning}"


def _word(text: str, offset: int) -> str:
    for match in _WORD.finditer(text, max(0, text.rfind("\n", 0, offset) + 1)):
        if match.start() <= offset <= match.end():
            return match.group()
        if match.start() > offset:
            break
    return ""


def _named(project: Project, name: Occurrence) -> str:
    scope = project.scope
    if name.kind == "let":
        declared, node = scope.lets[name.name]
    elif name.kind == "detector":
        declared, node = scope.detectors[name.name]  # type: ignore[assignment]
    elif (name.kind, name.name) in scope.blocks:
        declared, node = scope.blocks[name.kind, name.name]  # type: ignore[assignment]
    else:
        return f'no {name.kind} is called "{name.name}"'
    text = declared.text[node.span[0] : node.span[1]]
    told = f"```hoop\n{text}\n```"
    if name.kind == "never":
        return told + _proof(project, declared, node.span)
    return told + _tests(project, name.name) if name.kind == "rule" else told


def _proof(project: Project, source: Source, span: Span) -> str:
    """What the prover says of a `never`."""
    first, last = (source.position(at)[0] for at in span)
    here = [one for one in project.examined.errors if one.file == source.name and first <= one.line <= last]
    judged = next((one for one in here if one.code in _JUDGED), None)
    if judged is not None:
        return f"\n\n{judged.message}\n\n{judged.help}".rstrip()
    return "\n\nProved of every request." if project.examined.policy else "\n\nProved once the policy has no errors."


def _tests(project: Project, rule: str) -> str:
    verdicts = project.examined.verdicts
    met = [verdict.trial.name for verdict in verdicts if rule in verdict.decision.rules]
    if not verdicts and project.examined.policy is None:
        return "\n\nTests run once the policy has no errors."
    names = "".join(f"\n- {name}" for name in met)
    return f"\n\nTests that meet it:{names}" if met else "\n\nNo test meets it."
