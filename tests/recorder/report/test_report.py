"""Every figure of a report against an independent count over the segments, and what follows from the figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recorder import report
from recorder.errors import DamageError, RequestError
from recorder.reader import Store
from recorder.report.measures import MEASURES

LATER = "2250-01-01T00:00:00Z"
Leaf = dict[str, Any]


def _flat(leaf: Leaf) -> Leaf:
    return {**leaf, **leaf.get("data", {})}


@pytest.fixture(scope="module")
def leaves(eventful: Path) -> list[Leaf]:
    return [
        {**_flat(json.loads(record.raw)), "place": (record.log, record.seq)} for record in Store(eventful).records()
    ]


def _kind(*kinds: str) -> Callable[[Leaf], bool]:
    return lambda leaf: leaf["kind"] in kinds


def _passes(leaf: Leaf) -> bool:
    return leaf["kind"] == "decision" and leaf["effect"] != "deny"


_OF_SESSION = ("session.opened", "session.identity", "session.ended", "decision", "request", "response")
_NAMED = ("subject", "issuer")

# Each measure once more, as a question to one leaf (or to all of them), written apart from the code that it checks.
ORACLE: dict[str, Callable[[Leaf], bool]] = {
    "allowed.unruled": lambda x: _passes(x) and not x["rules"] and x.get("basis") != "protocol",
    "events.unidentified": lambda x: x["kind"] in _OF_SESSION and not all(n in x for n in _NAMED),
    "events.identified": lambda x: x["kind"] in _OF_SESSION and all(n in x for n in _NAMED),
    "payloads.unencrypted": lambda x: "sha256" in x.get("payload", {}) and not x.get("key"),
    "payloads.encrypted": lambda x: "sha256" in x.get("payload", {}) and bool(x.get("key")),
    "recording.gaps": _kind("gap"),
    "calls.interrupted": _kind("call.interrupted"),
    "destructive.unapproved": lambda x: (
        x["kind"] == "decision" and x["effect"] == "allow" and x["command"] == "ehr/delete_patient"
    ),
    "destructive.approved": lambda x: x["kind"] == "approval.consumed" and x["command"] == "ehr/drop_table",
    "gate.reachable_around": lambda x: x["kind"] == "gate.started" and "not evidenced" in x.get("cause", ""),
    "policies.nameless": lambda x: x["kind"] == "policy.activated" and "who" not in x,
    "policies": _kind("policy.activated"),
    "approvals.self": lambda x: x["kind"] == "approval.given" and x["approver"] == x["subject"],
    "approvals.late": lambda x: x["kind"] == "approval.consumed" and x["expires"] < "2026",
    "approvals": lambda x: x["kind"].startswith("approval."),
    "clear.unruled": lambda x: _passes(x) and bool(x.get("clear")) and not x["rules"],
    "decisions.clear": lambda x: _passes(x) and bool(x.get("clear")),
    "decisions": _kind("decision"),
    "flows": _kind("decision"),
    "decisions.denied": lambda x: x["kind"] == "decision" and x["effect"] == "deny",
    "emergency.used": lambda x: x["kind"] == "approval.given" and x.get("cause") == "break-glass",
    "sessions.ended": _kind("session.ended"),
    "coverage": lambda x: bool(x["session"]),
    "sessions.verified": lambda x: x["kind"] == "session.identity" and not x.get("unsafe"),
    "authentication.failed": lambda x: x["kind"] == "refusal" and not x["session"],
    "refusals": lambda x: x["kind"] == "refusal" and bool(x["session"]),
    "responses": _kind("response"),
    "responses.masked": lambda x: x["kind"] == "response" and x.get("changed", False),
    "leases": lambda x: x["kind"].startswith("lease."),
    "limits.reached": _kind("limit"),
    "tools.changed": _kind("tools.changed"),
    "incidents": lambda x: x["kind"] in ("gap", "call.interrupted", "tools.changed") or x.get("cause") == "break-glass",
    "clock.facts": _kind("log.opened", "clock"),
    "clock.jumps": lambda x: x["kind"] == "clock" and "jump_ns" in x,
    "reviews": _kind("review"),
    "readings": _kind("read"),
    "exports": _kind("export"),
    "erasures": _kind("session.erased"),
    "expiries": _kind("retention.expired"),
    "keys.changed": _kind("key.rotated", "signer.rotated"),
}


@pytest.mark.parametrize("name", sorted(ORACLE))
def test_a_figure_is_what_an_independent_count_finds(name: str, leaves: list[Leaf], eventful: Path) -> None:
    figure = _report(eventful).figures[name]
    expected = [leaf for leaf in leaves if ORACLE[name](leaf)]
    assert figure.count == len(expected)
    places = [leaf["place"] for leaf in expected]
    assert [(link.log, link.seq) for link in figure.links] == places[: len(figure.links)]


_made: dict[Path, report.Report] = {}


def _report(store: Path) -> report.Report:
    if store not in _made:
        _made[store] = report.build(store, until=LATER)
    return _made[store]


def test_figures_that_need_more_than_one_record(eventful: Path, leaves: list[Leaf]) -> None:
    figures = _report(eventful).figures
    assert figures["calls.undecided"].count == 1
    assert figures["allowed.unverified"].count == 1
    assert figures["emergency.unreviewed"].count == 1
    assert figures["sessions.overdue"].count == 1
    assert figures["sessions.overdue"].links[0].session == "s2"
    assert figures["incidents.unreviewed"].count == figures["incidents"].count == 4
    assert figures["subjects"].count == 1
    masked: Counter[str] = Counter()
    for leaf in leaves:
        masked.update(leaf.get("masked", {}) if leaf["kind"] == "response" else {})
    assert {key[0]: count for key, count in figures["masked"].rows.items()} == masked
    assert figures["masked"].count == masked.total()
    assert figures["verify.records"].count == len(leaves)
    assert figures["verify.faults"].count == 0
    others = {"calls.undecided", "allowed.unverified", "emergency.unreviewed", "sessions.overdue", "subjects", "masked"}
    others |= {"incidents.unreviewed", "verify.faults", "verify.records", "verify.checkpoints", "reviews.overdue"}
    others |= {"erasures.held", "ledger.oldest"}
    assert set(MEASURES) == set(ORACLE) | others


def test_exceptions_come_first_and_cost_a_control_its_status(eventful: Path) -> None:
    made = _report(eventful)
    bad = [finding.exceptions > 0 for finding in made.findings]
    assert bad == sorted(bad, reverse=True)
    status = {finding.control.id: finding.status for finding in made.findings}
    assert status["164.312(a)(1)"] == "partial"
    assert status["164.312(a)(2)(iv), 164.312(e)(2)(ii)"] == "evidence"
    assert status["164.310(a)(1)"] == "not covered by this tool"


def test_a_control_of_which_nothing_happened_has_no_evidence(eventful: Path) -> None:
    made = report.build(eventful, since="2249-01-01T00:00:00Z", until=LATER, review=10**12)
    found = {finding.control.id: finding for finding in made.findings}
    assert found["164.312(a)(1)"].status == "partial"
    assert "nothing" in found["164.312(a)(1)"].why
    assert found["164.308(a)(6)(ii)"].status == "evidence"


def test_what_was_not_verified_is_said_and_no_evidence(eventful: Path) -> None:
    made = report.build(eventful, until=LATER, verify=False)
    [integrity] = [finding for finding in made.findings if finding.control.id == "164.312(c)(2)"]
    assert integrity.status == "partial"
    assert "not checked" in integrity.why
    assert "not verified" in made.verified


def test_evidence_that_does_not_verify_is_an_exception(copied_store: Path) -> None:
    tile = next(path for path in sorted((copied_store / "tiles").rglob("*")) if path.is_file())
    data = bytearray(tile.read_bytes())
    data[40] ^= 1
    tile.write_bytes(data)
    made = report.build(copied_store, until=LATER, proofs=False)
    assert made.verified.startswith("FAILED")
    assert made.figures["verify.faults"].count == 1


def test_a_store_that_cannot_be_read_whole_gets_no_report(copied_store: Path) -> None:
    [segment] = sorted((copied_store / "segments").glob("0-*.seg"))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    with pytest.raises(DamageError):
        report.build(copied_store, until=LATER)


def test_a_review_covers_incidents_and_ends_what_is_overdue(eventful: Path, signed_off: Path) -> None:
    assert _report(eventful).figures["reviews.overdue"].count == 1
    figures = report.build(signed_off, until=LATER).figures
    assert figures["reviews"].count == 1
    assert figures["incidents.unreviewed"].count == 0
    assert figures["reviews.overdue"].count == 0


def test_a_selection_counts_its_sessions_and_what_belongs_to_none(eventful: Path) -> None:
    made = report.build(eventful, until=LATER, facts=[("branch", "main")])
    assert {link.session for link in made.figures["decisions"].links} == {"s1"}
    assert made.figures["policies"].count == 2
    assert made.selection == {"branch": "main"}


def test_every_linked_record_has_a_proof_that_verifies_alone(eventful: Path, tmp_path: Path) -> None:
    from recorder.verify import verify_report

    made = _report(eventful)
    linked = {
        f"{x.log}/{x.seq}" for f in made.findings for g in f.figures if g.measure.role == "exception" for x in g.links
    }
    assert linked <= set(made.proofs)
    for number, proof in enumerate(list(made.proofs.values())[:5]):
        path = tmp_path / f"{number}.tlog-proof"
        path.write_text(proof)
        verify_report(path)


@pytest.mark.parametrize("name", report.names())
def test_each_framework_uses_measures_that_exist_and_says_what_it_is(name: str, eventful: Path) -> None:
    framework = report.load(name)
    assert framework.source
    made = report.build(eventful, name, until=LATER, verify=False, proofs=False)
    assert len(made.findings) == len(framework.controls)


def test_the_right_paragraph_is_cited_for_minimum_necessary() -> None:
    controls = {control.id: control for control in report.load("hipaa").controls}
    assert controls["164.502(b), 164.514(d)"].title == "Minimum necessary"
    assert controls["164.308(a)(1)(ii)(C)"].title == "Sanction policy"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no toml [", "is not TOML"),
        ('name = "x"', "is no framework"),
        (
            'name="x"\ntitle="x"\nsource="x"\n[[control]]\nid="1"\ntitle="t"\nasks="a"\nmeasures=["nope"]',
            'no measure "nope"',
        ),
        ('name="x"\ntitle="x"\nsource="x"\n[[control]]\nid="1"\ntitle="t"\nasks="a"', "has no measures"),
        ('name="x"\ntitle="x"\nsource="x"\n[[control]]\nid="1"\ntitle="t"\nasks="a"\nwrong=1', 'unknown key "wrong"'),
    ],
)
def test_a_framework_that_is_wrong_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(RequestError, match=says):
        report.load(str(path))


def test_a_framework_nobody_knows_names_those_there_are() -> None:
    with pytest.raises(RequestError) as caught:
        report.load("hippa")
    assert "hipaa, nist-800-53, soc2" in caught.value.help


def test_the_reference_page_is_what_the_code_says() -> None:
    from recorder.report.reference import page

    assert (Path(__file__).parents[3] / "docs/reference/reports.md").read_text() == page()
