"""What an SQL text would do, as conditions ask: reads, writes, touches a table, number of statements. Extra `[sql]`.

A text that is not exactly one statement of its dialect says nothing certain: every question but the number of
statements is then unsure. A call of a function that is not known to be harmless counts as a write.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from policy_lang.formula import FALSE, TRUE, UNSURE, Number, SqlTest, Truth
from policy_lang.pattern import Pattern, matcher
from policy_lang.values import number_test

DIALECTS: tuple[str, ...] = (
    "athena", "bigquery", "clickhouse", "databricks", "doris", "duckdb", "hive", "mysql", "oracle", "postgres",
    "presto", "redshift", "snowflake", "spark", "sqlite", "starrocks", "teradata", "trino", "tsql",
)  # fmt: skip
# T-SQL puts nothing between statements: unquoted, these words begin the next one, though they parse as names.
_BEGINNINGS = frozenset({
    "alter", "backup", "begin", "bulk", "checkpoint", "commit", "create", "dbcc", "declare", "delete", "deny", "drop",
    "exec", "execute", "grant", "if", "insert", "kill", "merge", "print", "raiserror", "reconfigure", "restore",
    "revert", "revoke", "rollback", "save", "set", "shutdown", "throw", "truncate", "update", "use", "waitfor",
    "while",
})  # fmt: skip
_UNSEPARATED = ("", "tsql")  # dialects in which that may be so
_EXECUTED = re.compile(r"/\*[Mm]?!")
_NESTED = re.compile(r"/\*(?:(?!\*/)[\s\S])*?/\*")
_NESTING = ("postgres", "redshift", "tsql")
_GLUED = re.compile(r"--(?!\s|$)")
_LONGEST = 20_000  # characters of a text that is parsed at all
_DEEPEST = 200  # parentheses within each other


@dataclass(frozen=True, slots=True)
class Facts:
    """One statement: whether it reads, whether it may write, and its tables, all lower case, as written and bare.

    `written` has the tables as written alone. `opaque`: it runs something whose text is not here (a function, an
    operator, a procedure), which may touch more.
    """

    reads: bool
    writes: bool
    tables: frozenset[str]
    opaque: bool
    written: frozenset[str] = frozenset()


def available() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("sqlglot") is not None


def sql_test(formula: SqlTest) -> Callable[[str], Truth]:
    """The test of a condition on a text."""
    if formula.test == "statements":
        return _statements(formula)
    tables = [matcher(Pattern("glob", name.lower())) for name in formula.tables]
    tails = [tail for name in formula.tables for tail in _tails(name.lower())]

    def test(text: str) -> Truth:
        statements = parsed(text, formula.dialect)
        if statements is None or len(statements) != 1:
            return UNSURE
        facts = facts_of(text, formula.dialect)
        if facts is None:
            return UNSURE
        if formula.test == "touches":
            named = any(match(name) for match in tables for name in facts.tables)
            perhaps = facts.opaque or any(
                n == name.count(".") and match(name) for n, match in tails for name in facts.written
            )
            return TRUE if named else UNSURE if perhaps else FALSE
        return TRUE if (facts.reads if formula.test == "reads" else facts.writes) else FALSE

    return test


def _tails(name: str) -> list[tuple[int, Callable[[str], bool]]]:
    """What a table may be called where its schema is left to the server: with how many dots, and the test.

    Stars alone name a schema, not a table.
    """
    parts = name.split(".")
    named = [".".join(parts[at:]) for at in range(1, len(parts))]
    return [(tail.count("."), matcher(Pattern("glob", tail))) for tail in named if tail.strip("*.")]


def _statements(formula: SqlTest) -> Callable[[str], Truth]:
    operator = "==" if formula.operator == "!=" else formula.operator
    number = number_test(Number(operator, formula.number))

    def test(text: str) -> Truth:
        statements = parsed(text, formula.dialect)
        if statements is None:
            return UNSURE
        truth = number(len(statements))
        return TRUE - truth if formula.operator == "!=" else truth

    return test


@lru_cache(maxsize=256)
def parsed(text: str, dialect: str) -> tuple[Any, ...] | None:
    """The statements of a text, None where it is not SQL of the dialect."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if len(text) > _LONGEST or _depth(text) > _DEEPEST or _is_ambiguous(text, dialect):
        return None
    logging.getLogger("sqlglot").disabled = True  # it would log the text, which may hold PHI
    try:
        trees = sqlglot.parse(text, read=dialect or None)
    except (SqlglotError, RecursionError, ValueError):
        return None
    statements = tuple(tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon))
    if any(isinstance(tree, (exp.Condition, exp.Alias, exp.Aliases, exp.Tuple, exp.Identifier)) for tree in statements):
        return None  # an expression, which no server takes for a statement
    if dialect in _UNSEPARATED and any(_hides_another(tree) for tree in statements):
        return None
    return statements or None


def _is_ambiguous(text: str, dialect: str) -> bool:
    """Whether servers disagree about where comments and strings end, so that a parser may not see what a server does.

    MySQL and MariaDB execute `/*! … */`; comments nest in PostgreSQL and T-SQL and not elsewhere; `--` without a
    space starts none in MySQL; and where no dialect is named, a backslash or a # may mean anything.
    """
    if _EXECUTED.search(text) or (dialect not in _NESTING and _NESTED.search(text)):
        return True
    if dialect in ("", "mysql", "doris", "starrocks") and _GLUED.search(text):
        return True
    return not dialect and ("\\" in text or "#" in text)


def _hides_another(tree: Any) -> bool:
    from sqlglot import exp

    names = tree.find_all(exp.Identifier)
    return any(not name.quoted and name.name.lower() in _BEGINNINGS for name in names)


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth = max(0, depth - 1)
    return deepest


@lru_cache(maxsize=256)
def facts_of(text: str, dialect: str) -> Facts | None:
    """What the one statement of a text does; None where that is not understood."""
    from sqlglot import exp

    statements = parsed(text, dialect)
    if statements is None or len(statements) != 1:
        return None
    tree = statements[0]
    queries = (exp.Query, exp.Values)
    if not isinstance(tree, (*queries, exp.DML, exp.DDL, exp.Drop, exp.Alter, exp.TruncateTable, exp.Command)):
        return Facts(False, True, _tables(tree), True)  # SET, CALL, GRANT, COPY …: whatever is no query may write
    if isinstance(tree, exp.Command):
        return None
    nodes = list(tree.walk())
    if any(isinstance(node, exp.Command) for node in nodes):
        return None
    opaque = any(_is_opaque(node) for node in nodes)
    writes = opaque or not isinstance(tree, queries) or any(_writes(node) for node in nodes)
    reads = isinstance(tree, queries) or any(isinstance(node, exp.Query) for node in nodes)
    return Facts(reads, writes, _tables(tree), opaque, _written(tree))


def _writes(node: Any) -> bool:
    from sqlglot import exp

    if isinstance(node, (exp.DML, exp.DDL, exp.Drop, exp.Alter, exp.TruncateTable, exp.Into, exp.Lock)):
        return not isinstance(node, exp.Query)
    if isinstance(node, exp.Column):
        return str(node.name).lower() == "nextval"  # Oracle's `sequence.nextval`
    return isinstance(node, exp.NextValueFor)


def _is_opaque(node: Any) -> bool:
    """Whether the node runs something that somebody defined: what it does is not to be seen in the text."""
    from sqlglot import exp

    if isinstance(node, exp.Dot):  # a function of a schema is whatever its owner made it
        return isinstance(node.expression, exp.Func)
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower() not in _harmless()
    return isinstance(node, exp.Operator) or (isinstance(node, exp.Func) and _is_unknown(node))


def _is_unknown(node: Any) -> bool:
    """A function that sqlglot models is an expression of the standard; what it only carries through is not known."""
    from sqlglot import exp

    return isinstance(node, (exp.AnonymousAggFunc, exp.CombinedAggFunc, exp.ParameterizedAgg))


@cache
def _harmless() -> frozenset[str]:
    """Functions that sqlglot does not model and that are known to have no effect."""
    return frozenset(
        [
            "version",
            "now",
            "current_database",
            "current_schema",
            "pg_typeof",
            "length",
            "octet_length",
            "quote_ident",
            "quote_literal",
            "to_tsvector",
            "to_tsquery",
            "plainto_tsquery",
            "ts_rank",
            "similarity",
            "age",
            "date_bin",
            "width_bucket",
        ]
    )


def _tables(tree: Any) -> frozenset[str]:
    """Each table as written (`db.schema.table`) and by its bare name; a name that a CTE takes counts as well."""
    from sqlglot import exp

    names: set[str] = set()
    for table in tree.find_all(exp.Table):
        parts = [part.name.lower() for part in table.parts]
        names |= {".".join(parts[start:]) for start in range(len(parts))}
    return frozenset(name for name in names if name)


def _written(tree: Any) -> frozenset[str]:
    from sqlglot import exp

    return frozenset(".".join(part.name.lower() for part in table.parts) for table in tree.find_all(exp.Table))
