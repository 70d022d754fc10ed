"""Conditions on SQL: what is no plain query counts as a write, what servers read differently is unknown."""

from __future__ import annotations

import pytest

from policy_lang.formula import FALSE, TRUE, UNSURE, Arg, SqlTest
from policy_lang.sql import sql_test


def asked(text: str, test: str, dialect: str = "postgres", **more: object) -> int:
    return sql_test(SqlTest(Arg(("q",)), dialect, test, **more))(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1", "SELECT count(*), lower(a), coalesce(b, 1) FROM t", "SELECT 1 UNION SELECT 2", "TABLE t",
        "WITH a AS (SELECT 1) SELECT * FROM a -- ; DELETE FROM t", "SELECT 'DELETE FROM t; DROP TABLE t'",
        "SELECT * FROM generate_series(1, 2)", "SELECT version();",
    ],
)  # fmt: skip
def test_a_plain_query_reads_and_does_not_write(text: str) -> None:
    assert (asked(text, "reads"), asked(text, "writes")) == (TRUE, FALSE)


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM t", "WITH a AS (INSERT INTO t VALUES (1) RETURNING 1) SELECT 1", "SELECT * INTO a FROM t",
        "SELECT setval('s', 1)", "SELECT nextval('s')", "SELECT pg_sleep(1)", "SELECT public.f(1)",
        "SELECT my.version()",
        "SELECT * FROM f(1)", "COPY t TO PROGRAM 'x'", "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE",
        "TRUNCATE t", "ALTER TABLE t ADD c INT", "GRANT SELECT ON t TO bob", "SELECT * FROM t FOR UPDATE",
        "SELECT query_to_xml('DELETE FROM t', true, true, '')", "CREATE TABLE a AS SELECT 1",
    ],
)  # fmt: skip
def test_whatever_may_write_writes(text: str) -> None:
    assert asked(text, "writes") == TRUE


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("SELECT 1; DELETE FROM t", "postgres"),
        ("SELEC 1", "postgres"),
        ("", "postgres"),
        ("EXPLAIN ANALYZE DELETE FROM t", "postgres"),
        ("DO $$ BEGIN END $$", "postgres"),
        ("CALL f()", "postgres"),
        ("SELECT 1 /* a /* b */ ; DELETE FROM t */", "mysql"),
        ("SELECT /*!50000 1 INTO OUTFILE 'x' */ FROM t", "mysql"),
        ("SELECT /*!50000 1 INTO OUTFILE 'x' */ 1", ""),
        ("SELECT 1--1; DELETE FROM t", "mysql"),
        ("SELECT '\\' OR '; DELETE FROM t; -- '", ""),
        ("SELECT " + "(" * 500 + "1" + ")" * 500, "postgres"),
        ("SELECT " + "a," * 20_000 + "b", "postgres"),
        ("SELECT " + "NOT " * 4_000 + "a", "postgres"),
    ],
)
def test_what_is_not_surely_one_statement_is_unknown(text: str, dialect: str) -> None:
    for test in ("reads", "writes", "touches"):
        assert asked(text, test, dialect, tables=("t",)) == UNSURE


@pytest.mark.parametrize(
    ("operator", "truth"), [("==", FALSE), ("!=", TRUE), (">", TRUE), ("<=", FALSE), ("<", FALSE), (">=", TRUE)]
)
def test_statements_are_counted(operator: str, truth: int) -> None:
    assert asked("SELECT 1; SELECT 2;", "statements", operator=operator, number=1) == truth


@pytest.mark.parametrize("name", ["patients", "Patients", "public.patients", "pat*", "public.*"])
def test_tables_are_found_wherever_they_stand(name: str) -> None:
    text = "SELECT (SELECT max(id) FROM public.Patients) FROM x"
    assert asked(text, "touches", tables=(name,)) == TRUE
    assert asked("SELECT 1 FROM visits", "touches", tables=(name,)) == FALSE


@pytest.mark.parametrize(
    ("table", "text", "truth"),
    [
        ("hr.patients", "SELECT * FROM hr.patients", TRUE),
        ("hr.patients", "SELECT * FROM patients", UNSURE),  # which schema it lies in is the server's to say
        ("hr.patients", "SELECT * FROM lab.patients", FALSE),
        ("hr.pat*", "SELECT * FROM patients", UNSURE),
        ("db.hr.patients", "SELECT * FROM hr.patients", UNSURE),
        ("db.hr.patients", "SELECT * FROM patients", UNSURE),
        ("hr.*", "SELECT * FROM patients", FALSE),
        ("patients", "SELECT * FROM hr.patients", TRUE),
    ],
)
def test_a_table_whose_schema_is_left_open_may_be_the_one(table: str, text: str, truth: int) -> None:
    assert asked(text, "touches", tables=(table,)) == truth


@pytest.mark.parametrize("text", ["garbage here", "not sql", "patients", "f(1)", "(1, 2)", "1 = 1", "a AS b"])
def test_an_expression_is_no_statement(text: str) -> None:
    for test in ("reads", "writes", "touches"):
        assert asked(text, test, tables=("t",)) == UNSURE
    assert asked(text, "statements", operator="==", number=1) == UNSURE


def test_rows_that_are_written_out_are_read() -> None:
    assert asked("VALUES (1), (2)", "reads") == TRUE
    assert asked("VALUES (1), (2)", "writes") == FALSE


@pytest.mark.parametrize("text", ["SELECT read_patients()", "SELECT a OPERATOR(x.+) b FROM t", "CALL purge()"])
def test_what_somebody_else_wrote_may_touch_any_table(text: str) -> None:
    assert asked(text, "touches", tables=("patients",)) != FALSE
    assert asked(text, "writes") != FALSE


def test_a_query_of_known_functions_touches_its_tables_and_no_other() -> None:
    assert asked("SELECT lower(a) FROM visits", "touches", tables=("patients",)) == FALSE
    assert asked("SELECT lower(a) FROM visits", "touches", tables=("visits",)) == TRUE


def test_a_sequence_that_is_advanced_is_written() -> None:
    assert asked("SELECT seq.nextval FROM dual", "writes", "oracle") == TRUE
