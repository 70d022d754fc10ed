"""What may be written at a place, by the block that it stands in and the word before it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from policy_lang.editor.project import Project
from policy_lang.editor.words import ATTRIBUTES, CLAUSES, DECLARATIONS, KIND_WORDS, METHOD_WORDS
from policy_lang.source import Source

__all__ = ["Choice", "complete"]

_BLOCK = re.compile(r'\b(rule|never|given|test)\s*"(?:[^"\\\n]|\\.)*"\s*\{')
_ARGUMENT = re.compile(r"args(?:\.[A-Za-z_][A-Za-z0-9_-]*)*\.?[A-Za-z0-9_-]*$")
_QUOTED = re.compile(r'"([^"\n]*)$')
_FIXED: dict[str, tuple[str, ...]] = {
    "caller": ("ci", "person", "agent"),
    "provider": ("github", "gitlab", "buildkite", "circleci", "azure", "bitbucket", "terraform"),
}
_IN: dict[str, tuple[str, ...]] = {
    "rule": ("when", "unless", "during", "claim", "asserted", "allow", "deny", "require", "mask", "record", "retain",
             "grant", "limit"),
    "never": ("when", "during", "claim", "allowed"),
    "given": ("claim",),
    "test": ("as", "expect", "claim", "during"),
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """`text` is inserted for what was typed of it; `kind` is keyword, value or name; `about` says what it is."""

    text: str
    kind: str
    about: str = ""


def complete(project: Project, source: Source, offset: int) -> list[Choice]:
    """The choices at a place, in the order in which they help."""
    before = source.text[:offset]
    line = before[before.rfind("\n") + 1 :]
    quoted = _QUOTED.search(line) if line.count('"') % 2 else None
    if quoted:
        return _values(project, line[: quoted.start()], before)
    if _ARGUMENT.search(line):
        return _arguments(project, before)
    block = _block(before)
    if block is None:
        return [Choice(word, "keyword", about) for word, about in DECLARATIONS.items()]
    head = line.strip().split(" ")[0] if line.strip() else ""
    if head in ("mask", "without") or " mask " in f" {line} ":
        return _masking(project, line)
    if head == "record":
        return [Choice(level, "value") for level in ("full", "masked", "digest", "off")]
    if head in ATTRIBUTES and " " in line.strip():
        return [Choice(name, "name", "let") for name in sorted(project.scope.lets)]
    about = {**ATTRIBUTES, **CLAUSES}
    return [Choice(word, "keyword", about[word]) for word in (*_IN[block], *ATTRIBUTES)]


def _block(before: str) -> str | None:
    """The kind of block that the place lies in, None between declarations."""
    opened = list(_BLOCK.finditer(before))
    if not opened:
        return None
    rest = re.sub(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*', "", before[opened[-1].end() :])
    return opened[-1][1] if rest.count("}") <= rest.count("{") else None


def _values(project: Project, head: str, before: str) -> list[Choice]:
    words = head.split()
    word = next((one for one in reversed(words) if one.isidentifier() and one != "not"), "")
    if word == "command":
        return _commands(project)
    if word == "server":
        return [Choice(name, "value", "server") for name in sorted(project.world.servers)] if project.world else []
    if word == "as":
        return _named(project, "given")
    if word in ("unless", "rule") and _block(before) is not None:
        return _named(project, "rule")
    return [Choice(value, "value") for value in _FIXED.get(word, ())]


def _commands(project: Project) -> list[Choice]:
    if project.world is None:
        return []
    tools = sorted(project.world.commands(), key=lambda item: item[0])
    every = [Choice(f"{server}/**", "value", "everything of the server") for server in sorted(project.world.servers)]
    return [*(Choice(command, "value", _summary(schema)) for command, schema in tools), *every]


def _summary(schema: object) -> str:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return ", ".join(properties) if isinstance(properties, dict) else ""


def _named(project: Project, kind: str) -> list[Choice]:
    return [Choice(name, "name", kind) for name in sorted(project.scope.names(kind))]


def _arguments(project: Project, before: str) -> list[Choice]:
    """The arguments of the tools that the block's command lines name."""
    if project.world is None:
        return []
    start = max((match.end() for match in _BLOCK.finditer(before)), default=0)
    named = set(re.findall(r'"([^"\n]+/[^"\n]*)"', before[start:]))
    found: dict[str, str] = {}
    for command, schema in project.world.commands():
        properties = schema.get("properties")
        if isinstance(properties, dict) and (not named or any(_like(command, pattern) for pattern in named)):
            for name, one in properties.items():
                found.setdefault(name, f"{command}: {one.get('type', '')}" if isinstance(one, dict) else command)
    return [Choice(f"args.{name}", "value", about) for name, about in sorted(found.items())]


def _like(command: str, pattern: str) -> bool:
    parts = (re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split("**"))
    return re.fullmatch(".*".join(parts), command) is not None


def _masking(project: Project, line: str) -> list[Choice]:
    if re.search(r"\bwith\s+\w*$", line):
        return [Choice(word, "value", about) for word, about in METHOD_WORDS.items()]
    kinds: Iterable[Choice] = (Choice(word, "value", about) for word, about in KIND_WORDS.items())
    own = [Choice(name, "name", "detector") for name in sorted(project.scope.detectors)]
    lets = [Choice(name, "name", "let") for name in sorted(project.scope.lets)]
    return [Choice("all", "value", "every kind"), Choice("none", "value", "nothing"), *kinds, *own, *lets]
