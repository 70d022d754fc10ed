"""`hoopgate whoami`: what a token gives, in words."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import samples
from issuing import github_claims, sign_raw

from adapter_asgi.cli import run

HEADER = {"alg": "RS256", "kid": "k1"}
CONFIG = """
policy = "p"
store = "s"
[identity.github]
issuer = "http://127.0.0.1:1"
audience = "https://gate.example"
tenant = "123"
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOOPGATE_TOKEN", raising=False)


def _rows(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    return {row["attribute"]: row for row in json.loads(capsys.readouterr().out)["attributes"]}


def test_a_token_is_explained_without_a_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    token = sign_raw(HEADER, github_claims(iss="https://token.actions.githubusercontent.com", environment=...))
    assert run(["whoami", token, "--json"]) == 0
    rows = _rows(capsys)
    assert rows["repository"] == {
        "attribute": "repository",
        "value": "acme/ehr",
        "provenance": "attested",
        "remark": "can change hands; repository_id stays",
    }
    assert rows["environment"]["value"] == "none"
    assert rows["job"]["value"] == "unknown"
    assert "api_token" in rows["job"]["remark"]
    assert rows["branch"]["provenance"] == "derived"
    assert rows["reviewed"]["value"] == "true"


@pytest.mark.parametrize(
    ("claims", "provider"),
    [
        (samples.GITLAB, "gitlab"),
        (samples.BUILDKITE, "buildkite"),
        (samples.CIRCLECI, "circleci"),
        (samples.AZURE, "azure"),
        (samples.BITBUCKET, "bitbucket"),
        (samples.TERRAFORM, "terraform"),
        (samples.KUBERNETES, "kubernetes"),
    ],
)
def test_the_provider_is_told_from_the_claims(
    claims: dict[str, Any], provider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["whoami", sign_raw(HEADER, {"iss": "https://own.example", **claims}), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["provider"] == provider


def test_a_pull_request_target_is_explained_as_foreign(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whoami", sign_raw(HEADER, github_claims(event_name="pull_request_target")), "--json"]) == 0
    rows = _rows(capsys)
    assert rows["branch"]["value"] == "unknown"
    assert rows["reviewed"]["value"] == "false"


def test_with_a_configuration_the_check_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hoopgate.toml").write_text(CONFIG)
    monkeypatch.setattr("sys.stdin", io.StringIO(sign_raw(HEADER, github_claims())))
    assert run(["whoami", "-"]) == 1
    shown = capsys.readouterr().out
    assert "ID10" in shown
    assert "acme/ehr" in shown


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", ""])
def test_what_is_no_token_is_refused_without_repeating_it(token: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whoami", token]) == 2
    shown = capsys.readouterr()
    assert not token or token not in shown.err
    assert shown.out == ""


def test_hidden_characters_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whoami", sign_raw(HEADER, github_claims(actor="al\u202eice\x1b[31m"))]) == 0
    shown = capsys.readouterr().out
    assert "\u202e" not in shown
    assert "\x1b" not in shown
    assert "\\u202e" in shown
