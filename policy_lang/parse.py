"""Text to nodes, with Lark. The only module that knows Lark.

Strategy: the grammar is LALR(1) and its callbacks build nodes while it parses, so no tree exists in between. Lark's own
lexers take longer than its parser; `_Lexer` reads one alternation of the grammar's terminals instead, and lets the
parser's state decide whether a word is a keyword or a name. Frequent clauses are one word to it (the grammar's plain
clauses). A file that parses is read in one pass. When that fails, it is read by single words, and when that fails too,
it is cut at its declarations, so that each broken one is reported and the others are still checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import Lexer, LexerState

from policy_lang import nodes
from policy_lang.build import Builder
from policy_lang.diagnostic import Diagnostic
from policy_lang.source import Source
from policy_lang.syntax import explain, too_deep

_DEPTH = 100
_MOST_ERRORS = 50
_PLAIN = ("PLAIN_LINE", "PLAIN_WHEN", "PLAIN_MASK")
_DECLARATION = re.compile(r"^[ \t]*(?=(?:let|rule|observe|detector|never|given|test)\b)", re.MULTILINE)


def parse(source: Source) -> tuple[nodes.File, list[Diagnostic]]:
    """The nodes of a file and its syntax errors (then of the declarations that could be read)."""
    comments = tuple(_comments(source.text)) if "#" in source.text else ()
    for plain in (True, False):
        try:
            declarations = declarations_in(source.text, 0, len(source.text), plain)
        except (UnexpectedInput, _TooDeepError, NotPlainError):
            continue
        return nodes.File(tuple(declarations), comments), []
    return _recover(source, comments)


def _recover(source: Source, comments: tuple[nodes.Span, ...]) -> tuple[nodes.File, list[Diagnostic]]:
    declarations: list[nodes.Declaration] = []
    problems: list[Diagnostic] = []
    for start, end in _chunks(source.text):
        try:
            declarations += declarations_in(source.text, start, end)
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


def declarations_in(text: str, start: int, end: int, plain: bool = False) -> list[nodes.Declaration]:
    """What a part of a text declares. `plain` reads frequent clauses as one word.

    Raises what Lark does at a syntax error, which is that of the policy only where `plain` is off.
    """
    return _lark().parse(_Slice(text, start, end, plain))  # type: ignore[return-value]


def _diagnose(source: Source, error: UnexpectedInput | _TooDeepError, end: int) -> Diagnostic:
    if isinstance(error, _TooDeepError):
        return too_deep(source, error.offset, _DEPTH)
    if isinstance(error, UnexpectedCharacters):
        return explain(source, error.pos_in_stream or 0, None, set(error.allowed or ()) - set(_PLAIN), end)
    if not isinstance(error, UnexpectedToken):
        raise error
    kind = None if error.token.type == "$END" else error.token.type
    at = end if kind is None else error.token.start_pos or 0
    return explain(source, at, kind, set(error.expected) - set(_PLAIN), end)


def _comments(text: str) -> Iterator[nodes.Span]:
    """Where comments stand: after a # that is in no string and no regex."""
    terminals = {t.name: t.pattern.to_regexp() for t in _lark().terminals}
    scanner = re.compile(f"{terminals['STRING']}|{terminals['REGEX']}|(?P<COMMENT>{terminals['COMMENT']})")
    return (match.span() for match in scanner.finditer(text) if match.lastgroup)


# ---- Lark ----------------------------------------------------------------------------------------------------------


class _TooDeepError(Exception):
    def __init__(self, offset: int) -> None:
        self.offset = offset


class NotPlainError(Exception):
    """What follows a plain clause can only be told from its single words."""


class _Slice:
    """A part of a text; positions stay those of the whole."""

    def __init__(self, text: str, start: int, end: int, plain: bool) -> None:
        self.text, self.start, self.end, self.plain = text, start, end, plain


class _Word:
    """A token that knows only where it stands. Lark asks for lines too; `Source` knows them."""

    __slots__ = ("end_pos", "start_pos", "type", "value")
    line = column = end_line = end_column = 0

    def __init__(self, kind: str, value: str, start: int, end: int) -> None:
        self.type, self.value, self.start_pos, self.end_pos = kind, value, start, end


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
        every = f"(?:{ignored})*(?:{{}}|(?P<END>\\Z))"
        self._whole = re.compile(every.format("|".join(parts)))
        self._single = re.compile(every.format("|".join(part for part in parts if not part.startswith("(?P<PLAIN_"))))
        self._ignored = re.compile(f"(?:{ignored})*")

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Any]:
        part: Any = lexer_state.text
        text, at, end = part.text, part.start, part.end
        states, stack, words = parser_state.parse_conf.states, parser_state.state_stack, self._words
        word_of, before, depth, nots = words.get, "", 0, 0
        single = self._single.match
        read = self._whole.match if part.plain else single
        while match := read(text, at, end):
            kind: Any = match.lastgroup
            if kind in _PLAIN and not self._stands(match[kind], kind, states[stack[-1]]):
                match = single(text, at, end) or match
                kind = match.lastgroup
            if kind == "END":
                return
            value = match[kind]
            at = match.end()
            if kind == "NAME":
                word = word_of(value)
                if word is not None and (word in states[stack[-1]] or "NAME" not in states[stack[-1]]):
                    kind = word
                elif word is not None and before in _PLAIN:
                    raise NotPlainError  # after the clause's single words it might be a keyword
                nots = nots + 1 if kind == "NOT" else 0
            elif value in "([{":
                depth += 1
            elif value in ")]}":
                depth -= 1
            if depth + nots > _DEPTH:
                raise _TooDeepError(at - len(value))
            before = kind
            yield _Word(kind, value, at - len(value), at)
        skipped = self._ignored.match(text, at, end)
        at = skipped.end() if skipped else at
        allowed = set(states[stack[-1]])
        raise UnexpectedCharacters(text, at, 0, 0, allowed=allowed, state=parser_state)  # type: ignore[no-untyped-call]

    def _stands(self, clause: str, kind: str, state: Any) -> bool:
        """Whether a plain clause may stand here; one that begins with a word of the language is no line."""
        return kind in state and (kind != "PLAIN_LINE" or clause.partition(" ")[0] not in self._words)


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
