"""Masking twice changes nothing, whatever the text, the value, the plan; what the second time may move is said here.

A new masker with the same key and plan, and so another session, leaves what the first one made: everything that
`redact`, `token` and `partial` put, years, `90+`. Two things it cannot: a date that was shifted is a date (moving days
is one to one, so no date could stay where it is but by not moving), and the three digits of a ZIP code alone in a field
could be a house's number, which only the session that made them can tell: another masks them. So the second time never
shows more, and in the first session only shifted dates move.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

import masking
from tests.masking.messages import texts, values

KEY = b"a key for tests, thirty-two bytes"
SEEDS = (11, 12)
MANY = 24


def fixed(plan: Mapping[str, str]) -> dict[str, str]:
    """A plan with what cannot be left the second time redacted."""
    return {kind: "redact" if method == "shift" else method for kind, method in plan.items()}


def masked(masker: masking.Masker, value: Any) -> Any:
    return masker.mask_text(value).value if isinstance(value, str) else masker.mask_json(value).value


def twice(plan: Mapping[str, str], value: Any) -> tuple[Any, Any, Any]:
    """A value masked once, again in the same session, and again in another."""
    session = masking.Masker(plan, KEY)
    once = masked(session, value)
    return once, masked(session, once), masked(masking.Masker(plan, KEY), once)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("made", [texts, values])
def test_the_same_session_leaves_what_it_made(seed: int, made: Any) -> None:
    for plan, value in made(seed, MANY):
        once, again, _ = twice(fixed(plan), value)
        assert again == once


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("made", [texts, values])
def test_another_session_leaves_it_too_but_for_zip_codes(seed: int, made: Any) -> None:
    for plan, value in made(seed, MANY):
        wanted = fixed(plan)
        wanted["address"] = "redact" if wanted["address"] == "generalize" else wanted["address"]
        once, _, other = twice(wanted, value)
        assert other == once


@pytest.mark.parametrize("made", [texts, values])
def test_only_dates_move_when_shifted_dates_are_masked_again(made: Any) -> None:
    dates = masking.Masker({"date": "redact"}, KEY)
    for plan, value in made(14, MANY):
        wanted = {**dict.fromkeys(plan, "redact"), "date": "shift"}
        once, again, _ = twice(wanted, value)
        assert masked(dates, again) == masked(dates, once)


def test_three_digits_of_a_zip_code_stay_in_the_session_that_left_them() -> None:
    row = {"address": "98191 Thomas Divide", "zip": "02139", "city": "Brockton"}
    session = masking.Masker({"address": "generalize"}, KEY, ner="none")
    once = session.mask_json(row).value
    assert once == {"address": "[ADDRESS]", "zip": "021", "city": "[ADDRESS]"}
    assert session.mask_json(once).value == once
    other = masking.Masker({"address": "generalize"}, KEY, ner="none").mask_json({**once, "house_number": "409"}).value
    assert other == {**once, "zip": "[ADDRESS]", "house_number": "[ADDRESS]"}


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"age": "Beacon Hill Rd 354"}, {"age": "90+"}),
        ({"age": "93 years"}, {"age": "90+ years"}),
        ({"age": "1993-06-07T10:30:00Z"}, {"age": "90+"}),
        ({"age": "12, born 1931"}, {"age": "90+"}),
        ({"age": "45"}, {"age": "45"}),
        ({"age": "90+"}, {"age": "90+"}),
    ],
)
def test_an_age_is_generalised_as_an_age_and_anything_else_as_a_whole(value: Any, left: Any) -> None:
    session = masking.Masker({"age": "generalize"}, KEY, ner="none")
    assert session.mask_json(value).value == left
    assert session.mask_json(left).value == left


@pytest.mark.parametrize(
    "value",
    [
        {"call (617) 555-0142": {"x": "y"}, "MRN 00482913": 4},
        {"city": "user123@mail.example.org"},
        {"line1": ":; user123@mail.example.org"},
        {"zip": {"value": "seen\nphone 617-555-0142"}},
        {"a": "on 3/5/1961", "b": "7215404286 and so on"},
        {"message": "93", "x": "288~N3*7 Calle Mayor"},
        ["signed by March 5, 1988", "Dr. 12/2030", "transferred from 3/5/1976", "SSN 3/5/1992"],
    ],
)
@pytest.mark.parametrize("method", ["redact", "token", "partial", "generalize"])
def test_what_changed_once(value: Any, method: str) -> None:
    plan = {kind: method if method in one.methods else "redact" for kind, one in masking.CATALOGUE.items()}
    once, again, other = twice(plan, value)
    assert json.dumps(again) == json.dumps(once)
    assert json.dumps(other) == json.dumps(once)
