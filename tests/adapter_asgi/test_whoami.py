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
from adapter_asgi.identity.normalise import normalise
from adapter_asgi.identity.providers import PROVIDERS
from policy_lang.attributes import CALLER

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


@pytest.mark.parametrize("provider", sorted(set(PROVIDERS) - {"generic"}))
def test_every_provider_s_token_is_explained_attribute_by_attribute(
    provider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = samples.OF[provider]
    token = sign_raw(HEADER, {"iss": "https://own.example", **claims})
    assert run(["whoami", token, "--provider", provider, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    found = normalise(PROVIDERS[provider], claims)
    rows = {row["attribute"]: row for row in said["attributes"]}
    assert set(rows) == set(CALLER) - {"source_ip"}
    for name, row in rows.items():
        if name in ("provider", "issuer", "caller"):
            continue
        value = found.values.get(name, "unknown")
        shown = (
            ", ".join(value)
            if isinstance(value, list)
            else {"True": "true", "False": "false", "None": "none"}.get(str(value), value)
        )
        assert (row["value"], row["provenance"]) == (shown, found.provenance.get(name, "")), name
        assert row["remark"] or value != "unknown", name
    assert run(["whoami", token, "--provider", provider]) == 0
    text = capsys.readouterr().out
    assert token not in text
    assert all(name in text for name in rows)


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
