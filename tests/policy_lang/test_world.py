"""With a lockfile of the servers' tools the world is closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy_lang.__main__ import run
from policy_lang.examination import examination
from policy_lang.source import Source
from policy_lang.world import World

TOOLS = {
    "search": {
        "type": "object",
        "properties": {
            "limit": {"type": "integer"},
            "order": {"type": "string", "enum": ["asc", "desc"]},
            "ids": {"type": "array", "items": {"type": "string"}},
            "where": {"type": "object", "properties": {"name": {"type": ["string", "null"]}}},
            "level": {"type": "integer", "enum": [1, 2, 3]},
            "mode": {"$ref": "#/$defs/Mode"},
            "since": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        },
        "$defs": {"Mode": {"const": "quick"}},
    },
    "read": {"type": "object", "properties": {"id": {"type": "string"}}},
    "free": {"type": "object", "additionalProperties": True},
}
WORLD = World({"ehr": TOOLS, "db": {"query": {}}})


def codes(line: str, command: str = '"ehr/search"') -> list[str]:
    text = f'rule "r" {{\n    command {command}\n    {line}\n    allow\n}}\n'
    return [d.code for d in examination([Source("x.hoop", text)], WORLD).diagnostics if d.severity == "error"]


@pytest.mark.parametrize(
    ("line", "command", "expected"),
    [
        ("", '"ehr/search"', []),
        ("", '"ehr/*", "db/**"', []),
        ("", '"ehr/serch"', ["HG051"]),
        ("", '"ehr/delete_*"', ["HG051"]),
        ("", '"her/search"', ["HG050"]),
        ('server "her"', '"ehr/search"', ["HG050", "HG036"]),
        ("when args.limit <= 10", '"ehr/search"', []),
        ("when args.limti <= 10", '"ehr/search"', ["HG052"]),
        ("when args.limit <= 10", '"ehr/*"', []),
        ('when args.limit == "10"', '"ehr/search"', ["HG053"]),
        ('when args.order == "asc"', '"ehr/search"', []),
        ('when args.order in ("asc", "up")', '"ehr/search"', ["HG054"]),
        ('when all args.ids[*] startswith "p"', '"ehr/search"', []),
        ("when any args.ids[*] == 5", '"ehr/search"', ["HG053"]),
        ('when args.where.name == "x"', '"ehr/search"', []),
        ('when args.where.nmae == "x"', '"ehr/search"', ["HG052"]),
        ('when args.where.name.first == "x"', '"ehr/search"', ["HG053"]),
        ('when any args.limit[*] == "x"', '"ehr/search"', ["HG053"]),
        ("when args.limit == 5 and args.limti == 6", '"ehr/search"', ["HG052"]),
        ("when exists args.limti", '"ehr/search"', ["HG052"]),
        ("when not args.limti == 5", '"ehr/search"', ["HG052"]),
        ("when (args.limit default 5) == 5", '"ehr/search"', []),
        ('when (args.limit default "5") == 5', '"ehr/search"', ["HG053"]),
        ("when args.ids contains 5", '"ehr/search"', ["HG053"]),
        ('when args.ids contains "a"', '"ehr/search"', []),
        ('when args.order != "up"', '"ehr/search"', ["HG054"]),
        ('when args.order matches "a*"', '"ehr/search"', []),
        ('when args.order matches "up*"', '"ehr/search"', ["HG054"]),
        ('when args.order startswith "u"', '"ehr/search"', ["HG054"]),
        ("when args.level == 2", '"ehr/search"', []),
        ("when args.level == 4", '"ehr/search"', ["HG054"]),
        ('when args.mode == "quick"', '"ehr/search"', []),
        ('when args.mode == "slow"', '"ehr/search"', ["HG054"]),
        ("when args.mode == 5", '"ehr/search"', ["HG053"]),
        ("when args.since == 5", '"ehr/search"', ["HG053"]),
        ('when args.since == "2026"', '"ehr/search"', []),
        ("when sql(args.order) reads", '"ehr/search"', []),
        ("when sql(args.odrer) reads", '"ehr/search"', ["HG052"]),
        ("when sql(args.limit) reads", '"ehr/search"', ["HG053"]),
        ('when command == "ehr/serch" or branch == "x"', '"ehr/*"', ["HG051"]),
        ("", 'not "ehr/serch"', ["HG051"]),
        ("", r"/ehr\/se.*/", []),
        ("", r"/ehr\/del.*/", ["HG051"]),
        ('when args.anything.at[0].all == "x"', '"ehr/free"', []),
        ('when args.q == "x"', '"db/query"', []),
    ],
)
def test_what_the_world_does_not_have_is_an_error(line: str, command: str, expected: list[str]) -> None:
    assert sorted(codes(line, command)) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('rule "r" { server "her"  deny because "x" }', ["HG050"]),
        ('rule "r" { server not "her"  deny because "x" }', ["HG050"]),
        ('rule "r" { server "e*"  deny because "x" }', []),
        ('rule "r" { server "x*"  deny because "x" }', ["HG050"]),
        ('rule "r" { server "ehr"  when args.limti > 5  deny because "x" }', []),  # ehr/free takes anything
        ('rule "r" { command not "ehr/free", "db/*"  when args.limti > 5  deny because "x" }', ["HG052"]),
        ('rule "r" { prompt "summary"  when args.topic == "x"  deny because "x" }', []),
        ('never "n" { command "ehr/delete_*"  allowed }', ["HG051"]),
        ('never "n" { command "ehr/search"  when args.limti > 5  allowed }', ["HG052"]),
        ('test "t" { command "ehr/search" with { limit: 5, where: { name: "x" } }  expect deny }', []),
        ('test "t" { command "ehr/serch"  expect deny }', ["HG051"]),
        ('test "t" { command "ehr/search" with { limti: 5 }  expect deny }', ["HG052"]),
        ('test "t" { command "ehr/search" with { where: { nmae: "x" } }  expect deny }', ["HG052"]),
        ('test "t" { command "ehr/search" with { limit: "a wrong type is denied" }  expect deny }', []),
        ('test "t" { server "her"  resource "file:///x"  expect deny }', ["HG050"]),
    ],
)
def test_the_world_is_closed_for_everything_that_names_a_call(text: str, expected: list[str]) -> None:
    found = examination([Source("x.hoop", text)], WORLD).diagnostics
    assert [d.code for d in found if d.severity == "error"] == expected


def test_a_stranger_is_told_what_may_have_been_meant() -> None:
    text = """rule "r" {
    command "ehr/search"
    when    args.where.nmae == "x" and args.order == "dsc"
    server  "erh"
    allow
}"""
    found = {d.code: d.help for d in examination([Source("x.hoop", text)], WORLD).diagnostics}
    assert found["HG052"] == 'did you mean "name"?'
    assert found["HG054"] == 'did you mean "desc"?'
    assert found["HG050"] == 'did you mean "ehr"?'


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema = {"properties": {"node": {"$ref": "#/properties/node"}, "tree": {"anyOf": [{"$ref": "#"}] * 5}}}
    world = World({"s": {"t": schema}})
    text = 'rule "r" { command "s/t"  when args.node.a == 1 and args.tree.tree.tree.x == 1  allow }'
    codes = [d.code for d in examination([Source("x.hoop", text)], world).diagnostics if d.severity == "error"]
    assert codes == ["HG052"]


def test_check_reads_a_lockfile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = {"lockfile": 1, "servers": {"ehr": {"tools": {name: {"inputSchema": s} for name, s in TOOLS.items()}}}}
    (tmp_path / "hoopgate.lock").write_text(json.dumps(lock), encoding="utf-8")
    policy = tmp_path / "a.hoop"
    policy.write_text('rule "r" { command "ehr/serch"  allow }\n', encoding="utf-8")
    assert run(["check", "--lock", str(tmp_path / "hoopgate.lock"), str(policy)]) == 1
    assert 'did you mean "ehr/search"?' in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert run(["check", "a.hoop"]) == 1
    (tmp_path / "hoopgate.lock").write_text("[]", encoding="utf-8")
    assert run(["check", "a.hoop"]) == 2
    assert "not a lockfile" in capsys.readouterr().err
