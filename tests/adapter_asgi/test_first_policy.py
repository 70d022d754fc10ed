"""`hoopgate init`: a first policy from a server's tools, which checks, and which never writes over anything."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter_asgi.cli import run
from adapter_asgi.first_policy.draft import Draft, draft
from policy_lang.examination import examination
from policy_lang.load import compile as compile_policy
from policy_lang.request import Request
from policy_lang.source import Source

SERVER = Path(__file__).with_name("annotated_server.py")
ABOUT = Draft("ehr", "acme/etl", "main", "github", "privacy-office")
READS: dict[str, Any] = {"annotations": {"readOnlyHint": True}, "description": "One patient."}
CALLER = {
    "provider": "github", "repository": "acme/etl", "branch": "main", "reviewed": True, "provenance": "attested",
}  # fmt: skip


def decided(text: str, command: str, **changes: Any) -> str:
    policy = compile_policy(text)
    return policy.decide(Request.from_json({**CALLER, "command": command, **changes})).effect


def init(folder: Path, *words: str) -> int:
    server = shlex.join([sys.executable, str(SERVER)])
    common = ["--repository", "acme/etl", "--output", str(folder / "policies")]
    return run(["init", "--stdio", server, "--server", "ehr", *common, *words])


def test_what_only_reads_is_permitted_and_all_else_waits_for_people() -> None:
    changes = {"annotations": {"readOnlyHint": False, "destructiveHint": False}}
    text = draft(ABOUT, {"read": READS, "update": changes, "silent": {}})
    assert decided(text, "ehr/read") == "allow"
    assert decided(text, "ehr/update") == "approval"
    assert decided(text, "ehr/silent") == "approval"  # MCP's defaults: a tool that says nothing may destroy
    assert decided(text, "ehr/other") == "deny"
    assert decided(text, "ehr/read", branch="dev") == "deny"
    assert decided(text, "ehr/read", reviewed=False) == "deny"
    assert decided(text, "ehr/read", repository="other/x") == "deny"
    assert "# read: only reads. One patient." in text
    assert "# silent: does not say whether it changes anything." in text


NAMES = st.text(max_size=12) | st.sampled_from(["a", "a*", "..", "x/../y", 'q"', "\u202e", "a\nb"])
TOOLS = st.dictionaries(
    NAMES,
    st.fixed_dictionaries(
        {},
        optional={
            "description": st.text(max_size=200) | st.none(),
            "annotations": st.none()
            | st.dictionaries(st.sampled_from(["readOnlyHint", "x"]), st.booleans() | st.text()),
        },
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(TOOLS, st.sampled_from(["ehr", "ehr-2", "1st", "Ω"]))
def test_whatever_a_server_calls_its_tools_the_draft_checks(tools: dict[str, Any], server: str) -> None:
    text = draft(Draft(server, "acme/etl", "release/*", "gitlab", 'the "office"'), tools)
    assert examination([Source("p.hoop", text)]).errors == ()
    for name, tool in tools.items():
        if (tool.get("annotations") or {}).get("readOnlyHint") is not True:
            caller = {"provider": "gitlab", "branch": "release/x", "command": f"{server}/{name}"}
            assert decided(text, **caller) != "allow"


def test_a_real_server_gives_a_policy_that_passes_every_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(tmp_path) == 0
    written = tmp_path / "policies" / "ehr.hoop"
    assert f"wrote {written}: 2 tools" in capsys.readouterr().out
    assert run(["check", str(tmp_path / "policies")]) == 0
    assert run(["fmt", "--check", str(written)]) == 0
    assert decided(written.read_text(), "ehr/read_patient") == "allow"
    assert decided(written.read_text(), "ehr/delete_patient") == "approval"


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "policies" / "ehr.hoop"
    place.parent.mkdir()
    place.write_text("# mine\n")
    assert init(tmp_path) == 2
    assert "error[INI01]" in capsys.readouterr().err
    assert place.read_text() == "# mine\n"


def test_the_servers_of_the_configuration_are_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "hoopgate.toml"
    config.write_text(
        'policy = "policies/"\nstore = "store"\n[identity.unsafe_loopback]\n'
        f'[server.a]\ncommand = ["{sys.executable}", "{SERVER}"]\n[server.b]\nurl = "http://127.0.0.1:1/mcp"\n'
    )
    words = ["init", "--config", str(config), "--repository", "acme/etl", "--output", str(tmp_path / "p")]
    assert run([*words, "--server", "a"]) == 0
    assert run([*words, "--server", "c"]) == 2
    assert "error[INI02]" in capsys.readouterr().err
    assert run([*words, "--server", "b"]) == 2  # nobody listens there
    assert not (tmp_path / "p" / "b.hoop").exists()
