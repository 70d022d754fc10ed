"""Text to nodes, with Lark. The only module that knows Lark.

Strategy: the grammar is LALR(1) and its callbacks build nodes while it parses, so no tree exists in between. Lark's own
lexers take longer than its parser; `_Lexer` reads one alternation of the grammar's terminals instead, and lets the
parser's state decide whether a word is a keyword or a name. A file that parses is read in one pass. Only when that
fails is it cut at its declarations, so that each broken one is reported and the others are still checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import Lexer, LexerState

from policy_lang import nodes
from policy_lang.build import Builder
from policy_lang.diagnostic import Diagnostic
from policy_lang.source import Source
from policy_lang.syntax import explain, too_deep

_DEPTH = 100
_MOST_ERRORS = 50
_DECLARATION = re.compile(r"^[ \t]*(?=(?:let|rule|observe|detector|never|given|test)\b)", re.MULTILINE)


def parse(source: Source) -> tuple[nodes.File, list[Diagnostic]]:
    """The nodes of a file and its syntax errors (then of the declarations that could be read)."""
    comments = tuple(_comments(source.text)) if "#" in source.text else ()
    try:
        declarations = _parse(source.text, 0, len(source.text))
    except (UnexpectedInput, _TooDeepError):
        return _recover(source, comments)
    return nodes.File(tuple(declarations), comments), []


def _recover(source: Source, comments: tuple[nodes.Span, ...]) -> tuple[nodes.File, list[Diagnostic]]:
    declarations: list[nodes.Declaration] = []
    problems: list[Diagnostic] = []
    for start, end in _chunks(source.text):
        try:
            declarations += _parse(source.text, start, end)
        except (UnexpectedInput, _TooDeepError) as error:
            problems.append(_diagnose(source, error, end))
            if len(problems) >= _MOST_ERRORS:
                break
    return nodes.File(tuple(declarations), comments), problems


def _chunks(text: str) -> Iterator[nodes.Span]:
    """Where each declaration begins and ends; what stands before the first is a chunk of its own."""
    starts = [match.start() for match in _DECLARATION.finditer(text)]
    edges = sorted({0, *starts, len(text)})
    return pairwise(edges)


def _parse(text: str, start: int, end: int) -> list[nodes.Declaration]:
    return _lark().parse(_Slice(text, start, end))  # type: ignore[return-value]


def _diagnose(source: Source, error: UnexpectedInput | _TooDeepError, end: int) -> Diagnostic:
    if isinstance(error, _TooDeepError):
        return too_deep(source, error.offset, _DEPTH)
    if isinstance(error, UnexpectedCharacters):
        return explain(source, error.pos_in_stream or 0, None, error.allowed or set(), end)
    if not isinstance(error, UnexpectedToken):
        raise error
    kind = None if error.token.type == "$END" else error.token.type
    at = end if kind is None else error.token.start_pos or 0
    return explain(source, at, kind, error.expected, end)


def _comments(text: str) -> Iterator[nodes.Span]:
    """Where comments stand: after a # that is in no string and no regex."""
    terminals = {t.name: t.pattern.to_regexp() for t in _lark().terminals}
    scanner = re.compile(f"{terminals['STRING']}|{terminals['REGEX']}|(?P<COMMENT>{terminals['COMMENT']})")
    return (match.span() for match in scanner.finditer(text) if match.lastgroup)


# ---- Lark ----------------------------------------------------------------------------------------------------------


class _TooDeepError(Exception):
    def __init__(self, offset: int) -> None:
        self.offset = offset


class _Slice:
    """A part of a text; positions stay those of the whole."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end


class _Word(Token):
    """A token that knows only where it stands. Lark asks for lines too; `Source` knows them."""

    __slots__ = ()
    line = column = end_line = end_column = 0


class _Lexer(Lexer):
    """One compiled alternation of all terminals. Words that a parser state does not expect as keywords are names."""

    __future_interface__ = 2

    def __init__(self, conf: Any) -> None:
        fixed = {t.pattern.value: t.name for t in conf.terminals if t.pattern.type == "str"}
        self._words = {word: name for word, name in fixed.items() if word[0].isalpha()}
        signs = sorted((sign for sign in fixed if not sign[0].isalpha()), key=len, reverse=True)
        patterns = [t for t in conf.terminals if t.pattern.type != "str" and t.name not in conf.ignore]
        patterns.sort(key=lambda t: (-t.priority, t.name != "COMPARE"))
        parts = [f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in patterns]
        parts += [f"(?P<{fixed[sign]}>{re.escape(sign)})" for sign in signs]
        ignored = "|".join(t.pattern.to_regexp() for t in conf.terminals if t.name in conf.ignore)
        self._scanner = re.compile(f"(?:{ignored})*(?:{'|'.join(parts)}|(?P<END>\\Z))")
        self._ignored = re.compile(f"(?:{ignored})*")

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        text, at, end = lexer_state.text.text, lexer_state.text.start, lexer_state.text.end
        states, stack, words = parser_state.parse_conf.states, parser_state.state_stack, self._words
        new, word_of, depth, nots = str.__new__, words.get, 0, 0
        read = self._scanner.match
        while match := read(text, at, end):
            kind: Any = match.lastgroup
            if kind == "END":
                return
            value = match[kind]
            at = match.end()
            if kind == "NAME":
                word = word_of(value)
                if word is not None and (word in states[stack[-1]] or "NAME" not in states[stack[-1]]):
                    kind = word
                nots = nots + 1 if kind == "NOT" else 0
            elif value in "([{":
                depth += 1
            elif value in ")]}":
                depth -= 1
            if depth + nots > _DEPTH:
                raise _TooDeepError(at - len(value))
            token = new(_Word, value)
            token.type = kind
            token.start_pos = at - len(value)
            token.end_pos = at
            token.value = value
            yield token
        skipped = self._ignored.match(text, at, end)
        at = skipped.end() if skipped else at
        allowed = set(states[stack[-1]])
        raise UnexpectedCharacters(text, at, 0, 0, allowed=allowed, state=parser_state)  # type: ignore[no-untyped-call]


@cache
def _lark() -> Lark:
    grammar = resources.files("policy_lang").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer=_Lexer,
        transformer=Builder(Decimal),
        propagate_positions=False,
        maybe_placeholders=False,
    )
