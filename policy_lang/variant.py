"""A policy of which single rules are written anew: what if it said this instead?

Strategy: the other blocks stay as they were read; a rule's new text is parsed alone and all rules are resolved again
(conditions that are written alike are shared), so that a thousand variants of a policy cost little more than one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from policy_lang import nodes
from policy_lang.check import rules_of
from policy_lang.conflict import conflicts
from policy_lang.diagnostic import ERROR
from policy_lang.errors import PolicyError
from policy_lang.load import examine
from policy_lang.meaning import Meaning
from policy_lang.parse import parse
from policy_lang.policy import Policy
from policy_lang.scope import Problems, Scope
from policy_lang.source import Source
from policy_lang.spell import entry_text, item


@dataclass(frozen=True)
class Workbench:
    """A policy as it was read, to be varied."""

    sources: tuple[Source, ...]
    meaning: Meaning
    scope: Scope
    policy: Policy

    def block(self, rule: str) -> tuple[Source, nodes.Block]:
        """Where a rule stands, and how it is written."""
        return self.scope.blocks["rule", rule]

    def varied(self, changed: Mapping[str, Sequence[nodes.Entry] | None]) -> Policy | None:
        """The policy with other entries for some rules (None: without the rule); None where that is no policy."""
        blocks = dict(self.scope.blocks)
        for name, entries in changed.items():
            source, block = blocks["rule", name]
            if entries is None:
                del blocks["rule", name]
                continue
            written = Source(source.name, block_text(block, entries))
            file, problems = parse(written)
            if problems or len(file.declarations) != 1 or not isinstance(file.declarations[0], nodes.Block):
                return None
            blocks["rule", name] = (written, file.declarations[0])
        found = Problems()
        rules = rules_of(replace(self.scope, blocks=blocks, used=set()), found)
        return None if found.found else Policy(replace(self.meaning, rules=rules))

    def with_text(self, text: str) -> Workbench:
        """The policy with more text, as a file of its own. Raises PolicyError."""
        return workbench([*self.sources, Source("<more>", text)])


def workbench(sources: Sequence[Source]) -> Workbench:
    """Read a policy; its tests are not run and its `never`s not proved. Raises PolicyError."""
    meaning, scope, _, found = examine(sources)
    errors = [one for one in found if one.severity == ERROR] or conflicts(meaning)
    if errors:
        raise PolicyError(errors)
    return Workbench(tuple(sources), meaning, scope, Policy(meaning))


def block_text(block: nodes.Block, entries: Sequence[nodes.Entry]) -> str:
    """A block with other entries, as it is written."""
    head = f"{'observe ' if block.observe else ''}{block.kind} {item(block.name)} {{"
    return "\n".join([head, *(f"    {entry_text(entry)}" for entry in entries), "}\n"])
