"""A lexer for Pygments (`hoop`), so that policies are coloured wherever documentation is."""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from policy_lang.editor.highlighting import ARGUMENT, DURATION, GROUPS, NUMBER, REGEX, STRING

__all__ = ["HoopLexer"]

_TOKENS = {
    "keyword.declaration": Keyword.Declaration,
    "keyword.control.verdict": Keyword,
    "constant.language": Keyword.Constant,
    "keyword.operator.word": Operator.Word,
    "support.type.attribute": Name.Attribute,
    "support.constant.kind": Name.Constant,
    "support.constant.method": Name.Builtin,
    "keyword.other": Keyword,
}


class HoopLexer(RegexLexer):
    """Policies in the .hoop language."""

    name = "hoop"
    aliases: ClassVar[list[str]] = ["hoop"]
    filenames: ClassVar[list[str]] = ["*.hoop"]
    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"\s+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (STRING, String.Double),
            (ARGUMENT, Name.Variable),
            (REGEX, String.Regex),
            (DURATION, Number),
            (NUMBER, Number),
            *((words(group, prefix=r"\b", suffix=r"\b"), _TOKENS[scope]) for scope, group in GROUPS.items()),
            (r"[=!<>]=|[<>]", Operator),
            (r"[{}()\[\],:=.]", Punctuation),
            (r"[A-Za-z_][A-Za-z0-9_]*", Name),
        ]
    }
