"""Masking twice changes nothing: what stands in a masked text is read as it was left."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"
ROOT = Path(__file__).parents[2]


def notes() -> list[str]:
    """The seventh set's notes, each once."""
    spec = importlib.util.spec_from_file_location("notes_to_mask_twice", ROOT / "benchmarks" / "masking_model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return [sample.text for sample in module.unseen(1, Path(__file__).with_name("data") / "prose_seventh.txt")]


def plan(method: str) -> dict[str, str]:
    """Every kind by `method` where it can, else redacted."""
    out = {}
    for kind in masking.KINDS:
        try:
            masking.Masker({kind: method}, KEY, ner="none")
        except masking.MaskingError:
            out[kind] = "redact"
        else:
            out[kind] = method
    return out


@pytest.mark.parametrize("method", ["redact", "token", "partial"])
def test_a_masked_note_is_left_as_it_is(method: str) -> None:
    wanted = plan(method)
    for text in notes():
        once = masking.Masker(wanted, KEY).mask_text(text).value
        assert masking.Masker(wanted, KEY).mask_text(once).value == once


@pytest.mark.parametrize("method", ["redact", "token", "partial"])
def test_a_masked_message_is_left_as_it_is(method: str) -> None:
    wanted = plan(method)
    message = {"notes": notes()[:20], "name": "Ines Halloran", "age": 93, "mrn": "00482913", "phone": "918-555-0138"}
    once = masking.Masker(wanted, KEY).mask_json(message).value
    assert masking.Masker(wanted, KEY).mask_json(once).value == once


def test_an_age_that_was_generalised_stays() -> None:
    masked = masking.Masker({"age": "generalize"}, KEY).mask_text("She is a 93-year-old woman; he is 95 yo.").value
    assert masked == "She is a 90+-year-old woman; he is 90+ yo."
    assert masking.Masker({"age": "generalize"}, KEY).mask_text(masked).value == masked
