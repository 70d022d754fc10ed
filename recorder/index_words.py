"""What texts and ids contain, keyed: SQLite's trigram index (FTS5) over the texts and the sessions of an index.

Strategy: a pattern of LIKE or GLOB is answered from its runs of three letters and more; what they give is compared
whole. The rows of these tables follow from the tables beside them, so they are added in one go whenever those have
grown, and compared with those by who verifies. Where SQLite has no trigrams (before 3.34, or built without FTS5) there
are no such tables, and a pattern is compared with every text.
"""
# ruff: noqa: S608 - statements are put together of our own names; values are always bound

from __future__ import annotations

import sqlite3
from itertools import zip_longest

__all__ = ["OVER", "containing", "create", "escaped", "follow", "like", "odd"]

OVER = {"texts": ("t", "value"), "sessions": ("n", "id")}
"""Table -> its number and the column that is searched."""


def create(base: sqlite3.Connection) -> None:
    """Make the tables, if this SQLite can. Nothing is in them yet."""
    base.execute("CREATE TABLE followed (name TEXT PRIMARY KEY, number INTEGER NOT NULL)")
    for name in OVER:
        if not _made(base, "main", name):
            return


def _made(base: sqlite3.Connection, schema: str, name: str) -> bool:
    number, column = OVER[name]
    try:
        base.execute(
            f"CREATE VIRTUAL TABLE {schema}.{name}_words USING fts5({column}, content='{name}', "
            f"content_rowid='{number}', tokenize='trigram', detail=none, columnsize=0)"
        )
    except sqlite3.OperationalError:  # no such module, or no such tokenizer
        return False
    return True


def follow(base: sqlite3.Connection) -> None:
    """Take in what the tables hold beyond what was taken in before. The commit is the caller's."""
    for name, (number, column) in OVER.items():
        if _there(base, name):
            row = base.execute("SELECT number FROM followed WHERE name = ?", (name,)).fetchone()
            (last,) = base.execute(f"SELECT coalesce(max({number}), 0) FROM {name}").fetchone()
            base.execute(
                f"INSERT INTO {name}_words (rowid, {column}) SELECT {number}, {column} FROM {name} WHERE {number} > ?",
                row or (0,),
            )
            base.execute("INSERT OR REPLACE INTO followed VALUES (?, ?)", (name, last))


def containing(base: sqlite3.Connection, name: str, text: str, most: int) -> list[int]:
    """The numbers of the rows that contain this text, whatever the case of a to z, up to `most` of them."""
    number, column = OVER[name]
    exact = f"x.{column} LIKE ? ESCAPE '\\'"
    if not _there(base, name):
        found = base.execute(f"SELECT {number} FROM {name} x WHERE {exact} LIMIT ?", (f"%{escaped(text)}%", most))
    else:  # FTS5 takes a LIKE without ESCAPE alone: where % and _ stand for more, and `exact` then takes that away
        found = base.execute(
            f"SELECT x.{number} FROM {name}_words w CROSS JOIN {name} x ON x.{number} = w.rowid "
            f"WHERE w.{column} LIKE ? AND {exact} LIMIT ?",
            (f"%{text}%", f"%{escaped(text)}%", most),
        )
    return [value for (value,) in found]


def like(base: sqlite3.Connection, name: str, pattern: str, most: int, also: str = "1") -> list[int]:
    """The numbers of the rows of which `also` holds and that fit this GLOB, up to `most` of them."""
    number, column = OVER[name]
    if not pattern.startswith("*") or not _there(base, name):
        statement = f"SELECT {number} FROM {name} WHERE {also} AND {column} GLOB ? LIMIT ?"
    else:
        statement = (
            f"SELECT x.{number} FROM {name}_words w CROSS JOIN {name} x ON x.{number} = w.rowid "
            f"WHERE w.{column} GLOB ? AND {also} LIMIT ?"
        )
    return [value for (value,) in base.execute(statement, (pattern, most))]


def escaped(text: str) -> str:
    """For a LIKE with ESCAPE '\\'."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _there(base: sqlite3.Connection, name: str) -> bool:
    """Whether the index has these tables, and this SQLite can read them."""
    try:
        base.execute(f"SELECT 1 FROM {name}_words LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True


def odd(base: sqlite3.Connection) -> str | None:
    """The first table whose trigrams are not those of its rows; None where all are, or SQLite cannot read them.

    `base` may be open for reading alone. Strategy: the same rows are taken in anew, in a temporary place, and each
    trigram's list of rows is compared.
    """
    for name, (number, column) in OVER.items():
        if not _there(base, name):
            continue
        (last,) = base.execute(f"SELECT coalesce(max({number}), 0) FROM {name}").fetchone()
        if base.execute("SELECT number FROM followed WHERE name = ?", (name,)).fetchone() != (last,):
            return name
        fresh = sqlite3.connect("")
        try:
            fresh.execute(f"CREATE TABLE {name} ({number} INTEGER PRIMARY KEY, {column} TEXT)")
            fresh.executemany(
                f"INSERT INTO {name} VALUES (?, ?)", base.execute(f"SELECT {number}, {column} FROM {name}")
            )
            if not _made(fresh, "main", name):
                continue
            fresh.execute(f"INSERT INTO {name}_words (rowid, {column}) SELECT {number}, {column} FROM {name}")
            if any(one != other for one, other in zip_longest(_lists(base, name), _lists(fresh, name))):
                return name
        finally:
            fresh.close()
    return None


def _lists(base: sqlite3.Connection, name: str) -> sqlite3.Cursor:
    """Each trigram with the numbers of the rows that have it, in order."""
    base.execute(f"CREATE VIRTUAL TABLE temp.{name}_lists USING fts5vocab(main, {name}_words, instance)")
    return base.execute(f"SELECT term, group_concat(doc) FROM temp.{name}_lists GROUP BY term")
