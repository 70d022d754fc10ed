"""Syntax errors in words: what was found, what could stand there, and the typical mistakes named by example."""

from __future__ import annotations

import re
from collections.abc import Set

from policy_lang.diagnostic import Diagnostic, did_you_mean, found, listing, nearest
from policy_lang.source import Source, visible

_ENTRIES = [
    "when",
    "during",
    "unless",
    "allow",
    "deny",
    "require",
    "mask",
    "record",
    "retain",
    "grant",
    "limit",
    "caller",
    "provider",
    "issuer",
    "tenant",
    "repository",
    "repository_id",
    "workflow",
    "job",
    "branch",
    "tag",
    "commit",
    "environment",
    "event",
    "actor",
    "actor_id",
    "group",
    "run",
    "protected",
    "source_ip",
    "reviewed",
    "server",
    "command",
    "resource",
    "prompt",
    "method",
    "claim",
    "asserted",
]
_INNER = ["approval", "from", "because", "count", "within", "for", "once", "per", "with", "except", "not", "default"]
_OTHER_WORDS = {  # of other policy languages, and of speech
    "permit": "what permits is written allow", "forbid": 'what forbids is written deny because "…"',
    "block": 'what forbids is written deny because "…"', "if": "a condition is written when …",
    "where": "a condition is written when …", "else": "there is no else: write a rule of its own, with not",
    "policy": 'a rule is written rule "what it is for" { … }', "is": "equality is written ==, a pattern matches",
    "equals": "equality is written ==", "like": "a pattern is written after matches",
    "var": 'a name is written let trusted = "main"', "const": 'a name is written let trusted = "main"',
}  # fmt: skip
_DECLARATIONS = ["let", "rule", "observe", "detector", "never", "given", "test"]
_CLASSES = {
    "NAME": "a name", "STRING": 'a string in "double quotes"', "REGEX": "a /regex/", "NUMBER": "a number",
    "DURATION": "a duration such as 15m", "PATH": "an argument such as args.limit", "COMPARE": "a comparison",
    "RBRACE": '"}"', "LBRACE": '"{"', "COMMA": '","', "LPAR": '"("', "RPAR": '")"', "EQUAL": '"="', "COLON": '":"',
    "LSQB": '"["', "RSQB": '"]"', "$END": "the end of the file",
}  # fmt: skip
_BAD_ESCAPE = re.compile(
    r'"(?:[^"\\\n]|\\(?:["\\/nrt]|u(?:[0-9a-cefA-CEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}'
    r"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})))*(\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|.)?)"
)

# What stands at the error → code, message, help. The first that matches the rest of the text names the mistake.
_MISTAKES: tuple[tuple[re.Pattern[str], str, str, str], ...] = tuple(
    (re.compile(pattern), code, message, help_)
    for pattern, code, message, help_ in (
        (r"'", "HG001", "strings stand in double quotes", "write \"…\" instead of '…'"),
        ("[\u201c\u201d\u201e\u2018\u2019]", "HG001", "a typographic quote", 'use the plain double quote "'),
        (r"//|/\*", "HG001", "this is not how a comment starts", "a comment starts with # and ends with the line"),
        (r"=(?!=)", "HG001", 'a single "="', 'write == to compare; a line of a rule needs no sign: branch "main"'),
        (r"&&", "HG001", 'found "&&"', "write and"),
        (r"\|\|", "HG001", 'found "||"', "write or"),
        (r"!(?!=)", "HG001", 'found "!"', "write not"),
        (r";", "HG001", 'found ";"', "lines need no sign at their end"),
        (
            r"args(?:[^A-Za-z0-9_]|$)",
            "HG001",
            "an argument's path is incomplete",
            'write args.name or args["odd name"]',
        ),
    )
)


def too_deep(source: Source, offset: int, limit: int) -> Diagnostic:
    return found(
        source,
        (offset, offset + 1),
        "HG005",
        f"nested deeper than {limit} levels",
        "split the condition into several rules or lines",
    )


def explain(source: Source, at: int, kind: str | None, expected: Set[str], end: int) -> Diagnostic:
    """The diagnostic for the word at `at`; `kind` is its terminal, None where no word could be read or none is left."""
    text = source.text
    if at >= end:
        at = max(0, len(text[:end].rstrip()) - 1)
        return found(
            source,
            (at, at + 1),
            "HG001",
            f"the text ends where {_expected(expected)} was expected",
            "is a closing brace or quote missing?",
        )
    word = _word(text, at)
    span = (at, at + len(word))
    if kind is None and text[at] == '"':
        return _bad_string(source, at)
    for pattern, code, message, help_ in _MISTAKES:
        if (kind is None and pattern.match(text, at)) or (kind == "EQUAL" and pattern.match(text, at)):
            return found(source, span, code, f"{message}; expected {_expected(expected)}", help_)
    return found(
        source,
        span,
        "HG001",
        f"found {_shown(word)}, expected {_expected(expected)}",
        _suggestion(text, at, word, expected),
    )


def _bad_string(source: Source, at: int) -> Diagnostic:
    match = _BAD_ESCAPE.match(source.text, at)
    escape = match.group(1) if match else ""
    if match and escape:
        span = (match.end() - len(escape), match.end())
        return found(
            source,
            span,
            "HG006",
            f"{_shown(escape)} is half a character" if len(escape) > 2 else f"{_shown(escape)} is not an escape",
            r"a backslash is written \\; \" \/ \n \r \t and \u00e9 are the others",
        )
    return found(source, (at, at + 1), "HG006", "a string that does not end on its line", 'close it with "')


def _suggestion(text: str, at: int, word: str, expected: Set[str]) -> str:
    lead = text[max(0, at - 200) : at]
    negated = re.search(r"\bnot\s+([a-z_]+)\s*$", lead)
    if negated and word.startswith('"'):
        return f'"not" stands after the name: {negated.group(1)} not "…"'
    before = re.search(r"([A-Za-z_]+)\s*$", lead)
    other = _misused(lead, word) or _OTHER_WORDS.get(word) or (_OTHER_WORDS.get(before.group(1)) if before else None)
    if other:
        return other
    if {"RULE", "LET"} <= expected and "RBRACE" not in expected:
        return (
            did_you_mean(word, _DECLARATIONS) or "a file holds let, rule, observe rule, detector, never, given and test"
        )
    if before and before.group(1) not in (*_ENTRIES, *_INNER):
        near = nearest(before.group(1), [*_ENTRIES, *_INNER])
        if near:
            return f'did you mean "{near}" instead of "{before.group(1)}"?'
    if word == "not" and before:
        return f'"not" stands after the name: {before.group(1)} not "…"'
    if "STRING" in expected and "NAME" not in expected and re.fullmatch(r"\w+", word):
        return f'a text stands in double quotes: "{word}"'
    if word in (*_ENTRIES, *_INNER):
        return ""
    words = [name.lower() for name in expected if name not in _CLASSES and name.isalpha()]
    return did_you_mean(word, words if "WHEN" not in expected else [*_ENTRIES, *words]) if word not in words else ""


def _misused(lead: str, word: str) -> str:
    """What is said of words that stand where another sign does."""
    if word == "or":
        return 'alternatives are separated by commas: branch "main", "dev"; or stands in a when'
    if word == "and":
        return "lines are joined by and: write the next one without it; and stands in a when"
    if re.search(r"\bdeny\s*$", lead) and word.startswith('"'):
        return f"write deny because {word}"
    if re.search(r"\bif\s+\w+\s*$", lead):
        return _OTHER_WORDS["if"]
    return 'a text stands in double quotes: command "ehr/read_*"' if word == "/" and lead[-1:].isalnum() else ""


def _word(text: str, at: int) -> str:
    match = re.compile(r'[A-Za-z0-9_]+|"[^"\n]*"?|\S').match(text, at)
    return match.group() if match else text[at : at + 1]


def _shown(word: str) -> str:
    text = visible(word)
    return text if text.startswith('"') and len(text) > 1 and len(text) < 40 else f'"{text[:40]}"'


def _expected(expected: Set[str]) -> str:
    names = sorted(_CLASSES.get(name, name.lower() if name.isalpha() else name.strip("_").lower()) for name in expected)
    if len(names) > 8:
        general = [text for name, text in _CLASSES.items() if name in expected]
        names = (
            ["a line of a rule"] if "WHEN" in expected else ["a declaration"] if "LET" in expected else []
        ) + general or names
    return listing(names) or "something else"
