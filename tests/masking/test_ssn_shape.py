"""A social security number is one wherever it stands, and under whatever plan."""

from __future__ import annotations

import pytest

import masking

AROUND = [
    "{}",
    "http://x/{}",
    "/a/{}",
    "{}/x",
    "a-{}",
    "_{}_",
    "id={}",
    "#{}",
    "v.{}",
    "/patients/{}.json",
    "<b>{}</b>",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("plan", [masking.ALL, {"ssn": "redact"}], ids=["everything", "ssn alone"])
def test_a_number_of_this_shape_is_masked_whatever_stands_around_it(plan: dict[str, str], around: str) -> None:
    masker = masking.Masker(plan, key=b"k" * 32, ner="none")
    assert "6789" not in masker.mask_text(around.format("123-45-6789")).value


@pytest.mark.parametrize("longer", ["1-123-45-6789", "123-45-6789-01", "0123-45-67890"])
def test_a_stretch_of_a_longer_number_is_not_taken_for_one(longer: str) -> None:
    assert masking.Masker({"ssn": "redact"}, key=b"k" * 32, ner="none").mask_text(longer).value == longer
