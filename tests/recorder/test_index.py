"""The index answers questions, is made again from the segments, and cannot disagree with them unseen."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import recorder
from recorder import layout
from recorder.errors import VerificationError
from recorder.index import Query, query, reindex, update


def session(log: recorder.Log, name: str, job: str, command: str, effect: str, rule: str) -> None:
    log.submit(recorder.Entry("session.opened", name))
    identity = {"caller": "ci", "subject": f"repo:acme/{job}", "job": job, "branch": "main"}
    log.submit(recorder.Entry("session.identity", name, identity))
    log.submit(recorder.Entry("decision", name, {"command": command, "effect": effect, "rules": [rule]}))
    log.append(recorder.Entry("session.ended", name))


@pytest.fixture
def filled(store: Path) -> Path:
    with recorder.open(store) as log:
        session(log, "a", "nightly-etl", "ehr/search", "allow", "etl reads")
        session(log, "b", "nightly-load", "ehr/delete", "deny", "nobody deletes")
        session(log, "c", "docs", "ehr/search", "allow", "docs read")
    return store


def ids(store: Path, **wanted: object) -> list[str]:
    return [str(found["id"]) for found in query(store, Query(**wanted))]  # type: ignore[arg-type]


def test_sessions_are_found_by_identity_command_decision_rule_text_and_time(filled: Path) -> None:
    assert ids(filled) == ["a", "b", "c"]
    assert ids(filled, facts=[("job", "nightly-*")]) == ["a", "b"]
    assert ids(filled, facts=[("job", "nightly-*"), ("effect", "deny")]) == ["b"]
    assert ids(filled, facts=[("command", "ehr/search")]) == ["a", "c"]
    assert ids(filled, facts=[("rule", "nobody deletes")]) == ["b"]
    assert ids(filled, text="acme/docs") == ["c"]
    assert ids(filled, since="2001-01-01") == ["a", "b", "c"]
    assert ids(filled, until="2001-01-01") == []
    with pytest.raises(recorder.RequestError, match="no point in time"):
        ids(filled, since="yesterday")


def test_a_session_is_told_with_who_and_what(filled: Path) -> None:
    (found,) = query(filled, Query([("job", "docs")]))
    assert (found["subject"], found["branch"], found["ended"], found["records"]) == ("repo:acme/docs", "main", True, 4)
    assert (found["commands"], found["effects"]) == ({"ehr/search": 1}, {"allow": 1})


def test_the_index_follows_the_log_and_equals_one_made_anew(filled: Path, tmp_path: Path) -> None:
    update(filled)
    with recorder.open(filled) as log:
        session(log, "d", "docs", "ehr/read", "allow", "docs read")
    assert ids(filled) == ["a", "b", "c", "d"]
    recorder.verify(filled)
    followed = query(filled)
    (filled / layout.INDEX).unlink()
    assert reindex(filled) == 18
    assert query(filled) == followed


def test_a_flipped_byte_of_the_index_is_told_or_changes_nothing_that_it_says(filled: Path) -> None:
    said = query(filled)
    path = filled / layout.INDEX
    whole = path.read_bytes()
    told = 0
    for at in range(0, len(whole), 659):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        try:
            recorder.verify(filled)
        except VerificationError as error:
            told += error.place == "index.sqlite"
            reindex(filled)
            recorder.verify(filled)
        assert query(filled) == said
        path.write_bytes(whole)
    assert told > 5


def forged(path: Path, statement: str) -> None:
    """Alter the index as somebody would who knows how it is made."""
    with closing(sqlite3.connect(path)) as base:
        base.execute(statement)
        base.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE texts SET value = 'permit' WHERE value = 'allow'",
        "DELETE FROM facts WHERE session = 2",
        "UPDATE facts SET count = 7",
        "DELETE FROM sessions WHERE id = 'b'",
        "UPDATE sessions SET records = 99",
        "INSERT INTO sessions VALUES (9, 'x', 0, 0, 0, 1, 0)",
        "UPDATE spans SET last_seq = 2",
        "UPDATE blocks SET last_time = 0",
        "UPDATE covered SET root = 'aa'",
        "UPDATE longest SET ns = 1",
        "DROP INDEX facts_by_session",
        "DROP INDEX blocks_by_length",
        "INSERT INTO texts_words (texts_words, rowid, value) SELECT 'delete', t, value FROM texts WHERE t = 3",
        "INSERT INTO sessions_words (rowid, id) VALUES (2, 'something else')",
        "UPDATE followed SET number = 1",
        "PRAGMA user_version = 1",
    ],
)
def test_an_index_that_disagrees_with_the_segments_is_told_and_rebuilt(filled: Path, statement: str) -> None:
    update(filled)
    forged(filled / layout.INDEX, statement)
    with pytest.raises(VerificationError, match=r"index\.sqlite") as caught:
        recorder.verify(filled)
    assert "hoopgate reindex" in caught.value.help
    reindex(filled)
    recorder.verify(filled)


HARD = ("100% of_it", "a\\b", "Ünïcode Größe", "x", "[ab]?", "%", "_", "nightly")


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("text", [*HARD, "00%", "of_", "ofXit", "\\b", "ÜNÏ", "ICODE", "ght", "[ab", "b]?", "?", "zzz"])
def test_text_is_found_as_a_plain_comparison_finds_it(
    store: Path, text: str, words: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not words:
        monkeypatch.setattr("recorder.index_words._made", lambda *_: False)
    with recorder.open(store) as log:
        for number, value in enumerate(HARD):
            log.append(recorder.Entry("session.identity", f"s{number}", {"display": value, "job": f"j{number}"}))
    folded = text.translate({ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"})
    expected = [f"s{n}" for n, value in enumerate(HARD) if folded in value.replace("N", "n").replace("G", "g")]
    assert ids(store, text=text) == expected
    assert ids(store, facts=[("display", f"*{text}*")]) == [f"s{n}" for n, value in enumerate(HARD) if text in value]
    monkeypatch.setattr("recorder.index_query.MANY", 0)
    assert ids(store, text=text) == expected
    assert ids(store, facts=[("display", f"*{text}*")]) == [f"s{n}" for n, value in enumerate(HARD) if text in value]


def test_a_session_is_found_by_a_part_of_its_id(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorder.open(filled) as log:
        session(log, "0a1b2c3d", "docs", "ehr/read", "allow", "r")
    for many in (20_000, 0):
        monkeypatch.setattr("recorder.index_query.MANY", many)
        assert ids(filled, session="*1b2c*") == ids(filled, text="A1B2") == ids(filled, session="0a*") == ["0a1b2c3d"]
        assert ids(filled, session="*") == ["a", "b", "c", "0a1b2c3d"]


def test_an_index_of_another_store_is_told(filled: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "evidence"
    recorder.open(other).close()
    update(other)
    shutil.copy(other / layout.INDEX, filled / layout.INDEX)
    with pytest.raises(VerificationError, match="other records"):
        recorder.verify(filled)


def test_losing_the_index_loses_nothing(filled: Path) -> None:
    before = query(filled)
    (filled / layout.INDEX).unlink()
    recorder.verify(filled)
    assert query(filled) == before


def test_a_store_that_cannot_be_written_is_asked_all_the_same(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", os.fspath(filled))

    monkeypatch.setattr("recorder.index.Lock.take", refuse)
    assert ids(filled) == ["a", "b", "c"]
    assert not (filled / layout.INDEX).exists()


def test_a_log_that_is_being_written_is_indexed_beside_its_writer(store: Path) -> None:
    with recorder.open(store) as log:
        session(log, "a", "docs", "ehr/read", "allow", "r")
        assert ids(store) == ["a"]
        session(log, "b", "docs", "ehr/read", "allow", "r")
        assert ids(store) == ["a", "b"]
        recorder.verify(store)
