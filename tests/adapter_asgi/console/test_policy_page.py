"""The policy in force: what its rules did, what its tests and proofs say, what changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from office import POLICY, Office, token_of

import policy_lang
from adapter_asgi.console.examined import Examiner
from adapter_asgi.console.policy_page import used
from adapter_asgi.console.recent import Item
from adapter_asgi.console.why import RuleText

TESTED = """
never "main is not deleted" { command "ehr/delete*"
    allowed }
test "reads pass" { command "ehr/read"
    expect allow }
test "deletes do not" { command "ehr/delete"
    expect deny }
"""


async def _page(office: Office, role: str = "operator") -> str:
    browser = await office.signed_in(role)
    while "They are being run" in (text := (await browser.get("/console/policy")).text):
        pass
    return text


async def test_rules_and_how_often_they_decided(busy: Office) -> None:
    text = await _page(busy)
    rows = dict(re.findall(r'rule=[^"]+">([^<]+)</a></th>\s*<td>(.*?)</td>', text))
    assert rows == {
        "reading": "3 times",
        "nobody deletes": "2 times",
        "changes wait": "<strong>never</strong> in the window",
    }
    assert "Pipelines do not delete." in text


def test_decisions_of_other_policies_do_not_count() -> None:
    items = [Item(1, "decision", "allow", ("a",), "p"), Item(2, "decision", "allow", ("a",), "q"), Item(3, "refusal")]
    found = used(items, [RuleText("b"), RuleText("a")], "p")
    assert [(one.rule.name, one.count) for one in found] == [("a", 1), ("b", 0)]


async def test_what_tests_and_proofs_say(tmp_path: Path) -> None:
    policy = policy_lang.compile(POLICY + TESTED, "p.hoop")
    examiner = Examiner()
    while (found := examiner.of(policy, {"p.hoop": POLICY + TESTED}, policy_lang.compile(POLICY))) is None:
        pass
    assert [(name, bool(failures)) for name, failures in found.tests] == [
        ("deletes do not", False),
        ("reads pass", False),
    ]
    assert [(name, verdict) for name, verdict, _ in found.proofs] == [("main is not deleted", "proved")]
    assert not found.other
    while (other := examiner.of(policy, {"p.hoop": POLICY.replace("read*", "r*")}, None)) is None:
        pass
    assert other.other
    examiner.close()


async def test_a_change_is_shown_with_who_made_it(busy: Office) -> None:
    before = busy.gate.policy.current.digest
    await busy.gate.policy.activate(busy.log, "tests", "library")
    busy.settings.policy.write_text(POLICY.replace('"ehr/read*"', '"ehr/read"'))
    await busy.gate.policy.reload(busy.log, "olga", "reload")
    browser = await busy.signed_in("reviewer")
    text = (await browser.get("/console/policy")).text
    assert "olga" in text
    assert '<span class="removed">-rule &#34;reading&#34;' in text
    assert before in text
    record = busy.records("policy.activated")[-1]
    form = {"csrf": token_of(text), "record": f"{record.log}-{record.seq}"}
    assert (await browser.post("/console/policy/difference", data=form)).status_code == 400
    shown = await browser.post("/console/policy/difference", data={**form, "reason": "monthly review"})
    assert '<span class="added">+rule' in shown.text
    assert busy.records("read")[-1].data["action"] == "policy"


@pytest.mark.parametrize("record", ["", "x", "0-0", "7-7"])
async def test_only_activations_are_shown(busy: Office, record: str) -> None:
    browser = await busy.signed_in("auditor")
    token = token_of((await browser.get("/console/policy")).text)
    form = {"csrf": token, "record": record, "reason": "why not"}
    assert (await browser.post("/console/policy/difference", data=form)).status_code in (400, 404)
