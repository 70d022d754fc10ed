"""A kind that the plan leaves out is shown, and is not taken for another kind either."""

from __future__ import annotations

import pytest

import masking
from masking.validators.numbers import luhn_valid

KEPT = "8e7aa6e9-9f19-4504-99dd-251de5121482"
PLAN = {kind: method for kind, method in masking.ALL.items() if kind != "id"}


def test_a_reference_is_shown_where_identifiers_are_left_out() -> None:
    masker = masking.Masker(PLAN, key=b"k" * 32, ner="none")
    said = {"subject": {"reference": f"Patient/{KEPT}"}}
    assert masker.mask_json(said).value == said


def test_a_secret_is_masked_where_identifiers_are_left_out() -> None:
    masker = masking.Masker(PLAN, key=b"k" * 32, ner="none")
    assert "kQ8x2LmZp0Vb7Rt5Yw3Nc9Hs1Jd6Fg4A" not in masker.mask_text("token kQ8x2LmZp0Vb7Rt5Yw3Nc9Hs1Jd6Fg4A").value


@pytest.mark.parametrize("second", ["20230601103004", "19991231235952"])
def test_a_second_of_a_day_is_no_card_where_dates_are_left_out(second: str) -> None:
    assert luhn_valid(second), "as one second in ten is"
    plan = {kind: method for kind, method in masking.ALL.items() if kind != "date"}
    masker = masking.Masker(plan, key=b"k" * 32, ner="none")
    assert masker.mask_text(f"at {second}").value == f"at {second}"


@pytest.mark.parametrize("number", ["30569309025904", "20239901103002"])
def test_fourteen_digits_that_are_no_second_of_a_day_may_be_a_card(number: str) -> None:
    assert luhn_valid(number)
    assert number not in masking.Masker(None, key=b"k" * 32, ner="none").mask_text(f"paid with {number} today").value
