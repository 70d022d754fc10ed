"""A kind that the plan leaves out is shown, and is not taken for another kind either."""

from __future__ import annotations

import masking

KEPT = "8e7aa6e9-9f19-4504-99dd-251de5121482"
PLAN = {kind: method for kind, method in masking.ALL.items() if kind != "id"}


def test_a_reference_is_shown_where_identifiers_are_left_out() -> None:
    masker = masking.Masker(PLAN, key=b"k" * 32, ner="none")
    said = {"subject": {"reference": f"Patient/{KEPT}"}}
    assert masker.mask_json(said).value == said


def test_a_secret_is_masked_where_identifiers_are_left_out() -> None:
    masker = masking.Masker(PLAN, key=b"k" * 32, ner="none")
    assert "kQ8x2LmZp0Vb7Rt5Yw3Nc9Hs1Jd6Fg4A" not in masker.mask_text("token kQ8x2LmZp0Vb7Rt5Yw3Nc9Hs1Jd6Fg4A").value
