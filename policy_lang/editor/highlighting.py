"""How the language is coloured, from its own grammar: a TextMate grammar for editors, a lexer for Pygments.

`python -m policy_lang.editor.highlighting` prints editors/vscode/syntaxes/hoop.tmLanguage.json. Words come from
grammar.lark, attributes, kinds and methods from their tables, so that a word of the language is never left plain.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import resources
from typing import Any

from policy_lang.attributes import ATTRIBUTES
from policy_lang.kinds import KINDS, LEVELS, METHODS

__all__ = ["GROUPS", "REGEX", "STRING", "textmate", "words"]

_TERMINAL = re.compile(r'^[A-Z]+: "([a-z]+)"$', re.MULTILINE)
_DECLARATIONS = ("let", "rule", "observe", "detector", "never", "given", "test")
_CONSTANTS = ("true", "false", "none", "unknown", "null", "all")
_OPERATORS = ("and", "or", "not", "in", "exists", "any", "matches", "startswith", "endswith", "contains", "default")
_VERDICTS = ("allow", "deny")
STRING = r'"(?:[^"\\\n]|\\(?:["\\/nrt]|u[0-9a-fA-F]{4}))*"'
REGEX = r"/(?:[^/\\\n]|\\[^\n])+/"
DURATION = r"\b[0-9]+(?:s|m|h|d|w|y)\b"
NUMBER = r"-?\b[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\b"
ARGUMENT = r'\bargs(?:\.[A-Za-z_][A-Za-z0-9_-]*|\[(?:[0-9]+|\*|"(?:[^"\\\n]|\\.)*")\])+'


def words() -> frozenset[str]:
    """Every word of the language's grammar."""
    grammar = resources.files("policy_lang").joinpath("grammar.lark").read_text(encoding="utf-8")
    return frozenset(_TERMINAL.findall(grammar))


def _groups() -> dict[str, tuple[str, ...]]:
    """Scope -> words. What the grammar knows and no group names is a keyword."""
    fixed = {
        "keyword.declaration": _DECLARATIONS,
        "keyword.control.verdict": _VERDICTS,
        "constant.language": _CONSTANTS,
        "keyword.operator.word": _OPERATORS,
        "support.type.attribute": ATTRIBUTES,
        "support.constant.kind": tuple(kind for kind in KINDS if kind not in ATTRIBUTES),
        "support.constant.method": tuple(dict.fromkeys((*METHODS, *LEVELS))),
    }
    taken = {word for group in fixed.values() for word in group}
    return {**fixed, "keyword.other": tuple(sorted(words() - taken))}


GROUPS: dict[str, tuple[str, ...]] = _groups()


def textmate() -> dict[str, Any]:
    """The grammar, as data."""
    inside = [{"name": "constant.character.escape.hoop", "match": r'\\(?:["\\/nrt]|u[0-9a-fA-F]{4})'}]
    wild = [{"name": "keyword.operator.wildcard.hoop", "match": r"\*\*?"}]
    strings = {
        "name": "string.quoted.double.hoop", "begin": '"', "end": r'"|$', "patterns": [*inside, *wild],
    }  # fmt: skip
    return {
        "name": "hoop",
        "scopeName": "source.hoop",
        "fileTypes": ["hoop"],
        "patterns": [
            {"name": "comment.line.number-sign.hoop", "match": "#.*$"},
            strings,
            {"name": "variable.parameter.hoop", "match": ARGUMENT},
            {"name": "string.regexp.hoop", "match": REGEX},
            {"name": "constant.numeric.duration.hoop", "match": DURATION},
            {"name": "constant.numeric.hoop", "match": NUMBER},
            *({"name": f"{scope}.hoop", "match": rf"\b(?:{'|'.join(group)})\b"} for scope, group in GROUPS.items()),
            {"name": "keyword.operator.comparison.hoop", "match": r"[=!<>]=|[<>]"},
            {"name": "punctuation.section.hoop", "match": r"[{}()\[\]]"},
            {"name": "variable.other.hoop", "match": r"\b[A-Za-z_][A-Za-z0-9_]*\b"},
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(textmate(), indent=2) + "\n")
