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
        },
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
        ('when args.anything.at[0].all == "x"', '"ehr/free"', []),
        ('when args.q == "x"', '"db/query"', []),
    ],
)
def test_what_the_world_does_not_have_is_an_error(line: str, command: str, expected: list[str]) -> None:
    assert sorted(codes(line, command)) == sorted(expected)


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
