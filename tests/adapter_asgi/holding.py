"""A desk whose log is a list and whose clock stands where it is put."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import gate
import recorder
from adapter_asgi.approvals.desk import ApprovalDesk
from adapter_asgi.approvals.people import Approver, People
from adapter_asgi.approvals.store import ApprovalStore
from policy_lang import Approval, Request
from recorder.entry import FIELDS, KINDS

KEY = b"a" * 32


class Log:
    """Keeps what it is given; `broken` makes it refuse."""

    def __init__(self) -> None:
        self.entries: list[recorder.Entry] = []
        self.broken = False

    def submit(self, entry: recorder.Entry) -> Future[recorder.Receipt]:
        done: Future[recorder.Receipt] = Future()
        if self.broken:
            done.set_exception(recorder.WriteError("the disk is full"))
        else:
            assert entry.kind in KINDS
            assert set(entry.metadata) <= set(FIELDS)
            self.entries.append(entry)
            done.set_result(recorder.Receipt(len(self.entries), b""))
        return done

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]


def principal(**said: Any) -> gate.Principal:
    actor = said.pop("actor", "alice")
    run = said.pop("run", "77")
    claims = said.pop("claims", {})
    data = {
        "provider": "github",
        "actor": actor,
        "actor_id": "9",
        "run": run,
        "claims": claims,
        "provenance": "attested",
    }
    return gate.Principal(
        identity=Request.from_json({**data, "provenance": "attested"}),
        issuer="https://ci.example",
        subject="repo:acme/ehr",
        display="acme/ehr (run 77)",
        run=run,
        same_as=("https://ci.example", "123", "acme/ehr", "c0ffee", "", "", "main", "prod", actor),
    )


def demand(*groups: str, count: int = 1, within: int = 1800, lasts: int | None = None, rule: str = "r") -> Approval:
    return Approval(groups or ("privacy",), count, within, lasts, rule)


def hold(*demands: Approval, digest: str = "d" * 64, **changes: Any) -> gate.Hold:
    who = changes.pop("principal", None) or principal()
    fields: dict[str, Any] = {
        "session": "s-1",
        "server": "ehr",
        "command": "ehr/update_patient",
        "arguments": {"id": 7, "name": "Ann Example"},
        "rules": ("r",),
        "policy": "sha256:p",
        "call": "c-1",
        **changes,
    }
    return gate.Hold(digest, demands or (demand(),), who, **fields)


def person(name: str, *ids: str, groups: tuple[str, ...] = (), local: bool = False) -> Approver:
    return Approver(name, (name, *ids), groups, local, "root" if local else "")


class Office:
    """A desk with three approvers of the group `privacy` and one of `records`."""

    def __init__(self, path: Path | str = ":memory:", people: dict[str, Any] | None = None, **options: Any) -> None:
        self.now = 1_800_000_000.0
        self.log = Log()
        self.store = ApprovalStore(path, KEY)
        approvers = {"privacy": ("dana", "omar", "Ines@Clinic.example", "alice"), "records": ("rita", "dana")}
        self.people = People(approvers, people or {})
        self.desk = ApprovalDesk(self.store, self.log, self.people, clock=lambda: self.now, **options)
