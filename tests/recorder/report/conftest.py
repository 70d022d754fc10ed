"""A store in which one of everything happened that a report looks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import recorder
from recorder.entry import Entry
from recorder.keys import Keys
from recorder.reading import act
from recorder.retention import set_hold

WHO = {"subject": "repo:acme/etl", "issuer": "https://ci.example", "run": "7"}
POLICY = {"policy": "sha256:" + "a" * 64}
BEGUN = {**WHO, "era": "modern"}


class Scene:
    """Entries in the order in which a gate would make them."""

    def __init__(self, log: recorder.Log) -> None:
        self.log, self.calls = log, 0

    def add(self, kind: str, session: str = "", /, payload: bytes | None = None, **metadata: Any) -> None:
        self.log.append(Entry(kind, session, metadata, payload))

    def opens(self, session: str, **changes: Any) -> None:
        self.add("session.opened", session, **BEGUN)
        self.add("session.identity", session, **{**BEGUN, "provider": "gitlab", "branch": "main", **changes})

    def calls_(self, session: str, command: str, effect: str = "allow", **changes: Any) -> str:
        self.calls += 1
        call = f"{self.calls:016x}"
        about = {**WHO, "call": call, "command": command}
        rules = changes.pop("rules", ["a rule"])
        self.add("decision", session, **about, **POLICY, effect=effect, rules=rules, **changes)
        if effect == "allow":
            self.goes_on(session, call, command)
        elif effect == "deny":
            self.add("refusal", session, payload=b"{}", **about, error="GT201", outcome="refused")
        return call

    def goes_on(self, session: str, call: str, command: str, masked: dict[str, int] | None = None) -> None:
        about = {**WHO, "call": call, "command": command}
        self.add("request", session, payload=b'{"patient": "Ada"}', **about, direction="client")
        counts = {"name": 2, "ssn": 1} if masked is None else masked
        self.add(
            "response", session, payload=b"[NAME]", **about, direction="server", changed=bool(counts), masked=counts
        )
        self.add("call.ended", session, **about, outcome="complete")


@pytest.fixture(scope="session")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store; its keys lie beside it. Copy it before writing to it."""
    path = tmp_path_factory.mktemp("eventful") / "evidence"
    with recorder.open(path) as log:
        _happens(Scene(log))
    keys = Keys.in_directory(path.parent / ".hoopgate-keys", create=False)
    set_hold(path, keys, ["s1"], "a claim", who="dana", via="test")
    return path


def _happens(scene: Scene) -> None:
    scene.add("policy.activated", old="", new=POLICY["policy"], **POLICY, who="dana", via="serve")
    scene.add("policy.activated", old=POLICY["policy"], new="sha256:" + "b" * 64, via="serve")
    scene.add("gate.started", listen="127.0.0.1:1", targets=["ehr"], cause="sole path: not evidenced")
    scene.opens("s1")
    scene.calls_("s1", "ehr/search")
    scene.calls_("s1", "ehr/delete_patient")
    scene.calls_("s1", "ehr/read", "deny", rules=[])
    scene.calls_("s1", "ehr/read", clear=["mrn", "url"])
    scene.calls_("s1", "ehr/leak", clear=["name"], rules=[])
    scene.calls_("s1", "tools/list", rules=[], basis="protocol")
    _asks(scene)
    scene.add("request", "s1", payload=b"{}", **WHO, call="f" * 16, command="ehr/undecided")
    scene.add("call.interrupted", "s1", **WHO, call="f" * 16, command="ehr/undecided", outcome="interrupted")
    scene.add("session.ended", "s1", **WHO, cause="deleted")
    scene.add("session.opened", "s2", issuer="https://ci.example", unsafe=True)
    scene.calls_("s2", "ehr/=SUM(A1)<script>alert(1)</script>\u202e".encode("unicode_escape").decode())
    scene.add("limit", "s2", rule="ten an hour", limit="10")
    scene.add("refusal", error="ID07", outcome="refused", source_ip="192.0.2.1")
    scene.add("refusal", error="ID07", outcome="refused", source_ip="192.0.2.1")
    scene.add("lease.issued", "s2", **WHO, lease="l1", grant="reader")
    scene.add("lease.revoked", "s2", **WHO, lease="l1")
    scene.add("gap", cause="full", refused=3)
    scene.add("tools.changed", server="ehr")


def _asks(scene: Scene) -> None:
    call = scene.calls_("s1", "ehr/drop_table", "approval")
    about = {**WHO, **POLICY, "call": call, "command": "ehr/drop_table", "approval": "a1"}
    scene.add("approval.requested", "s1", **about, expires="2999-01-01T00:00:00Z")
    scene.add("approval.given", "s1", **about, approver="repo:acme/etl", asserted="local")
    scene.add("approval.consumed", "s1", **about, expires="2020-01-01T00:00:00Z")
    scene.goes_on("s1", call, "ehr/drop_table", {})
    scene.add("approval.given", "s1", **{**about, "approval": "a2"}, approver="omar", cause="break-glass")


@pytest.fixture
def copied_store(eventful: Path, tmp_path: Path) -> Path:
    """A copy with its keys beside it, to write to."""
    import shutil

    shutil.copytree(eventful.parent, tmp_path / "copy")
    return tmp_path / "copy" / "evidence"


@pytest.fixture
def signed_off(copied_store: Path) -> Path:
    """The copy, with a review that covers everything so far."""
    keys = Keys.in_directory(copied_store.parent / ".hoopgate-keys", create=False)
    metadata = {"action": "sign-off", "since": "2020-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"}
    act(copied_store, keys, "review", "", metadata, "nothing odd")
    return copied_store
