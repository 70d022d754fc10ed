"""Every interleaving of request, approve, refuse, expire, revoke, consume, policy change, crash: the promises hold.

The model is a few sets; the desk is the real one on a file, opened anew whenever the machine "crashes".
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from holding import Office, demand, hold, person
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapter_asgi.approvals.asked import DECIDED
from adapter_asgi.approvals.error import ApprovalError

CALLS = {"a": {"n": 1}, "b": {"n": 2}}
POLICIES = ["p", "q"]
PEOPLE = ["dana", "omar", "ines@clinic.example", "alice", "mallory"]
ELIGIBLE = {"dana", "omar", "ines@clinic.example"}


def _digest(call: str, policy: str) -> str:
    return (call + policy) * 32


class Interleaving(RuleBasedStateMachine):
    """One requester, two calls, two policies, five people, a need for two words."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.office = Office(self.folder / "approvals")
        self.words: dict[str, set[str]] = {}
        self.spent: list[str] = []
        self.digests: dict[str, str] = {}
        self.ended: dict[str, str] = {}

    def teardown(self) -> None:
        self.office.store.close()
        self.loop.close()
        shutil.rmtree(self.folder)

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    @property
    def ids(self) -> list[str]:
        return list(self.digests)

    @rule(call=st.sampled_from(sorted(CALLS)), policy=st.sampled_from(POLICIES))
    def request(self, call: str, policy: str) -> None:
        digest = _digest(call, policy)
        asking = hold(demand(count=2, within=100), digest=digest, arguments=CALLS[call], policy=policy)
        ticket = self.run(self.office.desk.submit(asking))
        assert ticket.state in ("pending", "approved", "refused")
        self.digests.setdefault(ticket.id, digest)
        assert self.digests[ticket.id] == digest
        self.words.setdefault(ticket.id, set())

    @precondition(lambda self: self.digests)
    @rule(data=st.data(), who=st.sampled_from(PEOPLE))
    def approve(self, data: Any, who: str) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        before = self.run(self.office.desk.show(id_)).state
        try:
            self.run(self.office.desk.approve(id_, person(who)))
        except ApprovalError:
            assert before != "pending" or who not in ELIGIBLE or who in self.words[id_]
        else:
            assert before == "pending"
            assert who in ELIGIBLE - self.words[id_]
            self.words[id_].add(who)

    @precondition(lambda self: self.digests)
    @rule(data=st.data(), who=st.sampled_from(PEOPLE), how=st.sampled_from(["refuse", "revoke"]))
    def end(self, data: Any, who: str, how: str) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        before = self.run(self.office.desk.show(id_)).state
        wanted = ("pending",) if how == "refuse" else ("approved", "consumed")
        try:
            self.run(getattr(self.office.desk, how)(id_, person(who), "because"))
        except ApprovalError:
            assert before not in wanted or who not in ELIGIBLE
        else:
            assert before in wanted

    @precondition(lambda self: self.digests)
    @rule(data=st.data(), call=st.sampled_from(sorted(CALLS)), policy=st.sampled_from(POLICIES))
    def consume(self, data: Any, call: str, policy: str) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        before = self.run(self.office.desk.show(id_)).state
        won = self.run(self.office.desk.consume(id_, _digest(call, policy)))
        assert won == (before == "approved" and self.digests[id_] == _digest(call, policy))
        if won:
            self.spent.append(id_)

    @rule(policy=st.sampled_from(POLICIES))
    def activate(self, policy: str) -> None:
        """A policy comes into force: what it decides otherwise is void, and nothing else changes."""

        def under(asked: Any) -> str:
            return _digest("a" if asked.arguments == CALLS["a"] else "b", policy)

        self.run(self.office.desk.sweep())
        states = {asked.id: asked.state for asked in self.office.store.all()}
        void = self.run(self.office.desk.adopt(under))
        for asked in self.office.store.all():
            before = states[asked.id]
            if before in ("pending", "approved") and under(asked) != asked.digest:
                assert asked.id in void
                assert asked.state == "void"
            else:
                assert asked.state == before

    @rule(seconds=st.sampled_from([1, 60, 101]))
    def time_passes(self, seconds: int) -> None:
        self.office.now += seconds

    @rule()
    def crash(self) -> None:
        log, now = self.office.log, self.office.now
        self.office.store.close()
        self.office = Office(self.folder / "approvals")
        self.office.log.entries, self.office.now = log.entries, now

    @invariant()
    def an_approval_is_spent_once_and_rests_on_two_people(self) -> None:
        assert len(self.spent) == len(set(self.spent))
        for id_ in self.spent:
            assert len(self.words[id_]) == 2
        consumed = [
            entry.metadata["approval"] for entry in self.office.log.entries if entry.kind == "approval.consumed"
        ]
        assert consumed == self.spent

    @invariant()
    def what_is_decided_stays_decided(self) -> None:
        for asked in self.office.store.all():
            known = self.ended.get(asked.id)
            if known is not None:
                assert asked.state == known or (known, asked.state) == ("consumed", "revoked")
            if asked.state in DECIDED:
                self.ended[asked.id] = asked.state

    @invariant()
    def a_call_waits_once(self) -> None:
        open_ = [asked.call_key for asked in self.office.store.all(("pending", "approved"))]
        assert len(open_) == len(set(open_))


TestInterleaving = Interleaving.TestCase
TestInterleaving.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
