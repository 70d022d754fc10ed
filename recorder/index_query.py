"""Questions to the index, a page at a time.

Strategy: every condition becomes a set of sessions that is either small (at most SMALL, then it is gathered and walked)
or left as a test. The walk goes along one key, in order of the sessions' start: the smallest gathered set, else the
facts of one text, else all sessions; the other conditions are tested on the way. Nothing is counted, and a page far
down costs what the first does, for it begins behind a cursor and not at an offset. What a text contains is looked up in
the distinct texts first, by their trigrams.
"""
# ruff: noqa: S608 - statements are put together of our own texts and numbers; values are always bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from recorder.errors import RequestError
from recorder.index_tables import FACTS, IDENTITY
from recorder.index_words import containing, escaped, like

__all__ = ["Page", "Query", "Selection", "nanoseconds", "page_of", "told", "values"]

SMALL = 4_000  # sessions that are gathered rather than tested one by one
MANY = 20_000  # texts that a text may be found in; what more contain is tested on the way
MAX_PAGE = 10_000
_END_OF_TIME = 2**63 - 1  # the last nanosecond that SQLite and a leaf can say
_COLUMNS = "s.n, s.id, s.first_time, s.last_time, s.ended, s.records, s.gaps"


@dataclass(frozen=True, slots=True)
class Query:
    """Which sessions: every condition that is given must hold.

    `facts`: (field, value) pairs such as ("command", "ehr/search"), ("effect", "deny"), ("rule", …), or an identity's
    field such as ("job", "nightly-etl"); a value may hold `*`. `session`: its id, which may hold `*`. `text`: somewhere
    in the id or the metadata. `since`, `until`: RFC 3339; sessions that were active in between.
    """

    facts: Sequence[tuple[str, str]] = ()
    text: str | None = None
    since: str | None = None
    until: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Sessions as JSON objects, and the cursor of the next page, None on the last."""

    sessions: list[dict[str, Any]]
    next: str | None


@dataclass(slots=True)
class Selection:
    """A query as SQL: `source` is what is walked (with columns first_time and session), `where` the tests."""

    source: str = "(SELECT first_time, n AS session FROM sessions)"
    where: list[str] = field(default_factory=list)
    values: list[str | int] = field(default_factory=list)

    @classmethod
    def of(cls, base: sqlite3.Connection, wanted: Query) -> Selection:
        """Settle how to walk. Raises RequestError: an unknown field, a malformed time."""
        conditions = [_fact(base, name, value) for name, value in wanted.facts]
        if wanted.session is not None:
            conditions.append(_identified(base, wanted.session))
        if wanted.text is not None:
            conditions.append(_containing(base, wanted.text))
        made = cls()
        gathered = [(condition, table) for condition in conditions if (table := condition.gathered(base)) is not None]
        walked = min(gathered, key=lambda item: item[1][1], default=None)
        single = next((condition for condition in conditions if condition.single is not None), None)
        if walked is not None:
            made.source = walked[1][0]
        elif single is not None:
            made.source = f"(SELECT first_time, session FROM facts WHERE t = {single.single:d})"
        done = walked[0] if walked is not None else single
        made.where = [condition.test for condition in conditions if condition is not done]
        made._between(base, wanted)
        return made

    def _between(self, base: sqlite3.Connection, wanted: Query) -> None:
        if wanted.since is not None:
            since = nanoseconds(wanted.since)
            (longest,) = base.execute("SELECT ns FROM longest").fetchone()
            self.where += ["s.last_time >= ?", "w.first_time >= ?"]
            self.values += [since, since - longest]
        if wanted.until is not None:
            self.where.append("w.first_time < ?")
            self.values.append(nanoseconds(wanted.until))

    def select(self, columns: str, extra: Sequence[str] = ()) -> str:
        """The statement without its order."""
        where = " AND ".join([*self.where, *extra]) or "1"
        return f"SELECT {columns} FROM {self.source} w CROSS JOIN sessions s ON s.n = w.session WHERE {where}"


@dataclass(slots=True)
class _Condition:
    """A set of sessions: those of any of these tables; `test` asks a session `s` whether it is one of them. Without
    tables it can only be tested.
    """

    tables: tuple[str, ...]
    test: str
    single: int | None = None

    def gathered(self, base: sqlite3.Connection) -> tuple[str, int] | None:
        """A table of the set, by start, and its size; None where it is large."""
        rows: set[tuple[int, int]] = set()
        for table in self.tables:
            rows.update(base.execute(f"SELECT DISTINCT first_time, session FROM ({table}) LIMIT {SMALL + 1:d}"))
        if len(rows) > SMALL or not self.tables:
            return None
        name = _temporary(base, "first_time INTEGER, session INTEGER, PRIMARY KEY (first_time, session)")
        base.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
        return name, len(rows)


def page_of(base: sqlite3.Connection, wanted: Query, after: str | None, limit: int, newest: bool) -> Page:
    """As `Index.page`."""
    limit = max(1, min(limit, MAX_PAGE))
    order, sign = ("DESC", "<") if newest else ("ASC", ">")
    try:
        selection = Selection.of(base, wanted)
        extra, bounds = [], list(selection.values)
        if after is not None:
            extra.append(f"(w.first_time, w.session) {sign} (?, ?)")
            bounds += _cursor(base, after)
        statement = selection.select(_COLUMNS, extra) + f" ORDER BY w.first_time {order}, w.session {order} LIMIT ?"
        rows = base.execute(statement, (*bounds, limit + 1)).fetchall()
        sessions = [told(base, row) for row in rows[:limit]]
    finally:
        forget(base)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(sessions, None if last is None else json.dumps([last[2], last[1]]))


def told(base: sqlite3.Connection, row: tuple[int, str, int, int, int, int, int]) -> dict[str, Any]:
    """A session as a JSON object."""
    number, ident, first, last, ended, records, gaps = row
    found = base.execute(
        "SELECT t.name, t.value, f.count FROM facts f JOIN texts t ON t.t = f.t WHERE f.session = ? "
        "ORDER BY t.name, t.value",
        (number,),
    )
    said: dict[str, Any] = {"id": ident, "started": _moment(first), "last": _moment(last), "ended": bool(ended)}
    said |= {"records": records, "gaps": gaps, "commands": {}, "effects": {}, "rules": {}}
    for name, value, count in found:
        if name in IDENTITY:
            said.setdefault(name, value)
        elif f"{name}s" in said:
            said[f"{name}s"][value] = count
    return said


def values(base: sqlite3.Connection, name: str, prefix: str, after: str, limit: int) -> list[str]:
    """As `Index.values`."""
    _known(name)
    found = base.execute(
        "SELECT value FROM texts WHERE name = ? AND value > ? AND value >= ? AND value GLOB ? ORDER BY value LIMIT ?",
        (name, after, prefix, _pattern(prefix) + "*", limit),
    )
    return [value for (value,) in found]


def nanoseconds(text: str) -> int:
    """An RFC 3339 point in time (UTC where it says none) in nanoseconds, at most the year 2262. Raises RequestError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RequestError(
            f'"{text[:40]}" is no point in time', "write it as 2026-11-22 or 2026-11-22T14:00:00Z"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    exact = (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
    return max(-_END_OF_TIME, min(exact, _END_OF_TIME))


def forget(base: sqlite3.Connection) -> None:
    """Drop what was gathered for one question."""
    found = base.execute("SELECT name FROM sqlite_temp_master WHERE type = 'table'").fetchall()
    for (name,) in found:
        base.execute(f"DROP TABLE temp.{name}")


def _fact(base: sqlite3.Connection, name: str, value: str) -> _Condition:
    _known(name)
    if "*" in value:
        found = like(base, "texts", _pattern(value), MANY + 1, f"name = '{name}'")
        if len(found) > MANY:
            return _tested(base, "", f"x.name = '{name}' AND x.value GLOB ", _pattern(value))
    else:
        found = [
            number for (number,) in base.execute("SELECT t FROM texts WHERE name = ? AND value = ?", (name, value))
        ]
    if len(found) == 1:
        number = found[0]
        test = (
            f"EXISTS (SELECT 1 FROM facts g WHERE g.t = {number:d} AND g.session = s.n AND g.first_time = s.first_time)"
        )
        return _Condition((f"SELECT first_time, session FROM facts WHERE t = {number:d}",), test, number)
    return _of_texts(base, found)


def _of_texts(base: sqlite3.Connection, found: list[int], also: str = "") -> _Condition:
    """The sessions with any of these texts; `also`: a table of further ones."""
    name = _temporary(base, "t INTEGER PRIMARY KEY")
    base.executemany(f"INSERT INTO {name} VALUES (?)", [(number,) for number in found])
    rows = f"SELECT f.first_time, f.session FROM {name} x CROSS JOIN facts f ON f.t = x.t"
    test = f"EXISTS (SELECT 1 FROM facts g WHERE g.session = s.n AND g.t IN (SELECT t FROM {name}))"
    if not also:
        return _Condition((rows,), test)
    return _Condition((rows, also), f"({test} OR (s.first_time, s.n) IN ({also}))")


def _identified(base: sqlite3.Connection, ident: str) -> _Condition:
    if "*" in ident:
        found = like(base, "sessions", _pattern(ident), MANY + 1)
        if len(found) > MANY:
            return _tested(base, "s.id GLOB ", "", _pattern(ident))
    else:
        found = [number for (number,) in base.execute("SELECT n FROM sessions WHERE id = ?", (ident,))]
    table = _of_numbers(base, found)
    return _Condition((table,), f"(s.first_time, s.n) IN ({table})")


def _containing(base: sqlite3.Connection, text: str) -> _Condition:
    texts, found = containing(base, "texts", text, MANY + 1), containing(base, "sessions", text, MANY + 1)
    if len(texts) > MANY or len(found) > MANY:
        return _tested(base, "s.id LIKE ", "x.value LIKE ", f"%{escaped(text)}%", " ESCAPE '\\'")
    return _of_texts(base, texts, _of_numbers(base, found))


def _tested(base: sqlite3.Connection, ident: str, value: str, pattern: str, end: str = "") -> _Condition:
    """Of what very many sessions have, the next is near: they are tested on the way."""
    name = _temporary(base, "pattern TEXT")
    base.execute(f"INSERT INTO {name} VALUES (?)", (pattern,))
    right = f"(SELECT pattern FROM {name}){end}"
    tests = [f"{ident}{right}"] if ident else []
    if value:
        inner = f"SELECT 1 FROM facts g JOIN texts x ON x.t = g.t WHERE g.session = s.n AND {value}{right}"
        tests.append(f"EXISTS ({inner})")
    return _Condition((), f"({' OR '.join(tests)})")


def _of_numbers(base: sqlite3.Connection, found: list[int]) -> str:
    """A table of these sessions, by start."""
    name = _temporary(base, "first_time INTEGER, session INTEGER, PRIMARY KEY (first_time, session)")
    base.executemany(
        f"INSERT INTO {name} SELECT first_time, n FROM sessions WHERE n = ?", [(number,) for number in found]
    )
    return f"SELECT first_time, session FROM {name}"


def _known(name: str) -> None:
    if name not in FACTS:
        raise RequestError(f'the index has no field "{name[:40]}"', f"it has {', '.join(FACTS)}")


def _pattern(value: str) -> str:
    """A GLOB in which only `*` is special."""
    return value.replace("[", "[[]").replace("?", "[?]")


def _temporary(base: sqlite3.Connection, columns: str) -> str:
    (count,) = base.execute("SELECT count(*) FROM sqlite_temp_master WHERE type = 'table'").fetchone()
    name = f"gathered_{count:d}"
    rest = " WITHOUT ROWID" if "PRIMARY KEY (" in columns else ""
    base.execute(f"CREATE TEMP TABLE {name} ({columns}){rest}")
    return name


def _cursor(base: sqlite3.Connection, after: str) -> list[int]:
    """(start, number) of the session that a page ended with."""
    try:
        first, ident = json.loads(after)
        row = base.execute("SELECT n FROM sessions WHERE id = ?", (str(ident),)).fetchone()
        return [int(first), int(row[0]) if row else 0]
    except (ValueError, TypeError):
        raise RequestError("that is no cursor", "give the `next` of the page before") from None


def _moment(nanoseconds: int) -> str:
    whole, rest = divmod(nanoseconds, 1_000_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest // 1000).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
