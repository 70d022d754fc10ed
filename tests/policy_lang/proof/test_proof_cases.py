"""Cases that a prover gets wrong easily: the unknown, absent arguments, provenance, empty lists, clocks, addresses."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

import policy_lang
from policy_lang import PolicyError, Request
from policy_lang.evaluate import compiled
from policy_lang.formula import Clock
from policy_lang.load import examine
from policy_lang.policy import Policy
from policy_lang.proof import prove
from policy_lang.proof.jsontext import request_text
from policy_lang.proof.moments import moments
from policy_lang.proof.never import Proof, breaks
from policy_lang.source import Source


def proof_of(text: str) -> Proof:
    meaning, _, _, found = examine([Source("case.hoop", text)])
    assert not [one for one in found if one.severity == "error"], "\n".join(map(str, found))
    policy = Policy(meaning)
    (proof,) = prove(policy)
    if proof.request is not None:
        assert breaks(policy.decide(Request.from_json(proof.request)), proof.never)
        again = json.loads(request_text(proof.request), parse_float=Decimal)
        assert breaks(policy.decide(Request.from_json(again)), proof.never)
    return proof


PROVED = [
    'rule "a" { branch "x" allow } never "n" { branch not "x" allowed }',
    'rule "a" { when args.n <= 5 allow } never "n" { when args.n > 5 allowed }',
    'rule "a" { when args.n <= 5 allow } never "n" { when not exists args.n allowed }',
    'rule "a" { when all args.ids[*] == "x" allow } never "n" { when any args.ids[*] != "x" allowed }',
    'rule "a" { when all args.ids[*] == "x" allow } never "n" { when not exists args.ids[0] allowed }',
    'rule "a" { when args.n == 1 and args.n.k == 2 allow } never "n" { allowed }',
    'rule "a" { when args[0] == 5 or exists args[0] allow } never "n" { allowed }',
    'rule "a" { when args.a[0][1] == 5 and args.a contains "x" and all args.a[*][*] > 1 allow } never "n" { allowed }',
    'rule "a" { when claim("a") == 1 and asserted claim("b") == 2 allow } never "n" { when claim("b") != 2 allowed }',
    'rule "a" { command "ehr/../x" allow } never "n" { allowed }',
    'rule "a" { command "ehr/%2e%2E/**" allow } never "n" { allowed }',
    'rule "a" { command "ehr/a\\\\.\\\\**" allow } never "n" { allowed }',
    'rule "a" { branch "é" allow } never "n" { branch "e\\u0301" allowed }',
    'rule "a" { branch /(?i)k/ allow } never "n" { branch not "k", "K" allowed }',
    'rule "a" { source_ip "::ffff:10.0.0.0/104" allow } never "n" { source_ip not "10.0.0.0/8" allowed }',
    'rule "a" { source_ip "::/0" allow } never "n" { source_ip "10.0.0.0/8" allowed }',
    'rule "a" { source_ip "0.0.0.0/0" allow } never "n" { source_ip not "0.0.0.0/1", "128.0.0.0/1" allowed }',
    'rule "a" { group "a" group "b" allow } never "n" { group not "a" allowed }',
    (
        'rule "a" { caller not "ci" caller not "person" when exists caller allow }'
        ' never "n" { caller not "agent" allowed }'
    ),
    (
        'rule "a" { during "Fri 22:00-06:00" in "Europe/Berlin" allow }'
        ' never "n" { during "Sat 06:00-24:00" in "Europe/Berlin" allowed }'
    ),
    'rule "a" { during "Mon 00:00-01:00" in "UTC" allow } never "n" { during "Wed" in "Pacific/Auckland" allowed }',
    (
        'rule "a" { during "Mon-Fri 09:00-17:00" in "Europe/Berlin" allow }'
        ' never "n" { during "Mon-Fri 12:00-18:00" in "America/New_York" allowed }'
    ),
    'rule "a" { server "ehr" command "db/**" allow } never "n" { allowed }',
    'rule "a" { server "e*" allow } rule "d" { server "ehr" deny because "x" } never "n" { server "ehr" allowed }',
    (
        'rule "a" { allow grant "r" for 5m } rule "b" { branch "x" allow grant "w" for 5m }'
        ' never "n" { branch "x" allowed without approval from "g" } rule "ask" { require approval from "g" }'
    ),
    'rule "a" { allow } never "n" { allowed without mask ssn }',
    (
        'rule "a" { allow mask phone with partial } rule "b" { mask phone }'
        ' never "n" { allowed without mask phone with redact }'
    ),
    'rule "a" { allow } observe rule "o" { allow mask none } never "n" { allowed without mask name }',
    'rule "a" { allow require approval from "g" } never "n" { allowed without approval from "g", "h" }',
    'rule "a" { unless "b" allow } rule "b" { branch not "x" record full } never "n" { branch not "x" allowed }',
]  # fmt: skip
VIOLATED = [
    'rule "a" { when args.n default 5 == 5 when not exists args.n allow } never "n" { when args.n == 5 allowed }',
    'rule "a" { branch not "x" allow } never "n" { when branch == "y" allowed }',
    'rule "a" { environment not "production" allow } never "n" { when not exists environment allowed }',
    'rule "a" { when not any args.ids[*] == "x" allow } never "n" { when exists args.ids allowed }',
    'rule "a" { asserted job "x" allow } never "n" { job not "x" allowed }',
    'rule "a" { group not "a" allow } never "n" { group "b" allowed }',
    'rule "a" { when args.n > 0.1 and args.n < 0.1000000000000000000000001 allow } never "n" { allowed }',
    'rule "a" { when args.n > 9007199254740993 and args.n < 9007199254740994 allow } never "n" { allowed }',
    'rule "a" { branch /(?i)straße/ allow } never "n" { branch not "straße" allowed }',
    'rule "a" { command "ehr/a%20**" allow } never "n" { allowed }',
    'rule "a" { command "ehr/**" allow } never "n" { command "ehr/x/../y", "ehr/z" allowed }',
    'rule "a" { resource "**" allow } never "n" { server "ehr" allowed }',
    'rule "a" { command "*hr/**" allow } rule "d" { server "ehr" deny because "x" } never "n" { allowed }',
    'rule "a" { source_ip not "10.0.0.0/8" allow } never "n" { source_ip "2001:db8::/32" allowed }',
    'rule "a" { allow require approval from "g", "h" } never "n" { allowed without approval from "g" }',
    'rule "a" { allow require approval } never "n" { allowed without approval from "g" }',
    'rule "a" { allow mask ssn with token } never "n" { allowed without mask ssn with redact }',
    'rule "a" { allow } rule "b" { branch "x" allow mask none } never "n" { allowed without mask ssn, name }',
    (
        'rule "a" { when args.a[0][1] == 5 and args.a[1] contains "x" allow }'
        ' never "n" { when args.a[1] contains "y" allowed }'
    ),
    'rule "a" { unless "b" allow } rule "b" { branch "x" record full } never "n" { branch not "x" allowed }',
    'rule "a" { during not "Mon-Sat" in "UTC" allow } never "n" { during "Sun" in "UTC" allowed }',
    (  # in the two or three weeks in which only New York has summer time
        'rule "a" { during "Mon-Fri 09:00-17:00" in "Europe/Berlin" allow }'
        ' never "n" { during "Mon-Fri 11:30-18:00" in "America/New_York" allowed }'
    ),
    (  # in the one hour of a year that lies between two zones' changes
        'rule "a" { during "Sun 03:15-03:30" in "America/New_York" allow }'
        ' never "n" { during "Sun 01:15-01:30" in "America/Chicago" allowed }'
    ),
    'rule "a" { when exists claim("c") allow } never "n" { allowed }',
    (
        'rule "a" { when args.a[0].b == "y" and not exists args.a[1] allow }'
        ' never "n" { when any args.a[*].b[*] == "x" allowed }'
    ),
    'rule "a" { when args.a[0] == 1 and not exists args.a[1] allow } never "n" { when any args.a[*][*] == 2 allowed }',
    (
        'rule "a" { when exists claim("c") allow } rule "d" { when claim("c") matches "**" and claim("c") > 0 allow }'
        ' never "n" { when claim("c") == "x" when claim("c") != "x" allowed }'
    ),
    'rule "a" { branch "\\u0000", "\\u2028" allow } never "n" { branch not "\\u0000" allowed }',
]  # fmt: skip
OPEN = [
    (
        'rule "a" { when sql(args.q, "postgres") touches "t" and not sql(args.q, "postgres") reads'
        ' and not sql(args.q, "postgres") writes allow }'
        ' never "n" { allowed }'
    ),
    "".join(f'rule "p{n}" {{ branch "*{chr(97 + n)}{chr(98 + n)}*" allow }}' for n in range(20))
    + 'never "n" { branch "*q*z*" allowed }',
]


@pytest.mark.parametrize("text", PROVED)
def test_what_no_request_breaks_is_proved(text: str) -> None:
    proof = proof_of(text)
    assert proof.verdict == "proved", (proof.request, proof.because)


@pytest.mark.parametrize("text", VIOLATED)
def test_what_some_request_breaks_is_violated_and_the_request_can_be_pasted(text: str) -> None:
    assert proof_of(text).verdict == "violated"


@pytest.mark.parametrize("text", OPEN)
def test_what_cannot_be_looked_at_exactly_is_not_proved_and_says_why(text: str) -> None:
    proof = proof_of(text)
    assert proof.verdict == "not proved"
    assert proof.because


def test_conditions_on_sql_are_sound_and_as_exact_as_their_stock_of_statements() -> None:
    guarded = 'rule "a" { when sql(args.q, "postgres") reads and not sql(args.q, "postgres") writes allow }'
    never = 'never "n" { when sql(args.q, "postgres") writes allowed }'
    assert proof_of(f"{guarded} {never}").verdict == "proved"
    assert proof_of(f'rule "a" {{ when sql(args.q, "postgres") reads allow }} {never}').verdict == "violated"


def test_a_policy_that_breaks_its_own_never_is_not_loaded() -> None:
    with pytest.raises(PolicyError) as caught:
        policy_lang.compile(VIOLATED[0])
    (found,) = caught.value.diagnostics
    assert found.code == "HG046"
    assert found.request is not None
    assert json.dumps(found.request["command"]) in found.help
    with pytest.raises(PolicyError) as caught:
        policy_lang.compile(OPEN[0])
    assert caught.value.code == "HG041"
    assert policy_lang.compile(PROVED[0]).rules == ("a",)


ZONES = [
    ("Europe/Berlin", "America/New_York"),
    ("America/Chicago", "America/New_York"),
    ("Europe/London", "Africa/Casablanca", "Pacific/Apia"),
]


@pytest.mark.parametrize("zones", ZONES)
def test_whatever_clocks_of_several_zones_say_together_is_among_what_is_looked_at(zones: tuple[str, ...]) -> None:
    dice = random.Random(len(zones))
    windows = [((540, 1020), (1980, 2460)), ((0, 60),), ((9000, 10500),)]
    clocks = list(dict.fromkeys(Clock(dice.choice(windows), zone) for zone in (*zones, *zones)))
    found = moments(clocks)
    known = {truths for _, truths in found}
    checks = [compiled(clock) for clock in clocks]
    for moment, truths in found:
        assert moment is None or tuple(check((), {}, moment) for check in checks) == truths
    for _ in range(5_000):
        first, years = dice.choice([(1, 9_998), (1900, 200)])
        moment = datetime(first, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(years * 365 * 1440))
        assert tuple(check((), {}, moment) for check in checks) in known, moment
