"""The session's record says who the caller is, as far as somebody attested it."""

from __future__ import annotations

from typing import Any

import gate
import policy_lang
from tests.gate.conftest import call, principal

SAID = {
    "caller": "ci",
    "provider": "gitlab",
    "repository": "acme/etl",
    "repository_id": "20",
    "job": "nightly",
    "branch": "main",
    "environment": "production",
    "actor": "alice",
    "group": ["acme", "etl\u202e"],
    "protected": True,
    "tag": None,
}


def _identity(script: Any, **changes: Any) -> dict[str, Any]:
    identity = policy_lang.Request.from_json({**SAID, **changes})
    run = script(principal=principal(identity=identity))
    run.asks(call())
    [entry] = [one.entry for one in run.of(gate.Record) if one.entry.kind == "session.identity"]
    return dict(entry.metadata)


def test_the_attested_attributes_of_the_caller_are_recorded(script: Any) -> None:
    found = _identity(script, provenance="attested")
    for name in ("provider", "repository", "repository_id", "job", "branch", "environment", "actor", "protected"):
        assert found[name] == SAID[name]
    assert found["groups"] == ["acme", "etl\\u202e"]
    assert "tag" not in found


def test_what_the_caller_merely_asserts_is_no_evidence(script: Any) -> None:
    found = _identity(script, provenance={"default": "attested", "branch": "asserted", "protected": "asserted"})
    assert "branch" not in found
    assert "protected" not in found
    assert found["job"] == "nightly"
