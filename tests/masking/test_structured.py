"""Of a record in any format of health care no value that identifies is left, and no code or measure is lost."""

from __future__ import annotations

import json
import re

import pytest

import masking
from tests.masking.structured import MAKERS, Record, records

KEY = b"k" * 32


def left(record: Record, out: str) -> list[str]:
    """The values of `record` that can still be read in `out`, as whole words."""
    return [value for value in record.gone if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", out)]


@pytest.mark.parametrize("seed", range(12))
def test_no_value_is_left_and_no_fact_lost(seed: int) -> None:
    for record in records(seed):
        out = masking.Masker(None, KEY, ner="none").mask_text(record.text).value
        assert left(record, out) == [], record.name
        assert [fact for fact in record.kept if fact not in out] == [], record.name
        if record.text[0] == "{":
            json.loads(out)


def test_the_prose_engine_takes_no_fact_away() -> None:
    for record in records(99):
        out = masking.Masker(None, KEY).mask_text(record.text).value
        assert left(record, out) == [], record.name
        assert [fact for fact in record.kept if fact not in out] == [], record.name


@pytest.mark.parametrize("number", range(len(MAKERS)))
def test_a_record_inside_a_json_string_is_masked_alike(number: int) -> None:
    record = list(records(7))[number]
    out = masking.Masker(None, KEY, ner="none").mask_json({"content": [{"type": "text", "text": record.text}]}).value
    inside = out["content"][0]["text"]
    assert left(record, inside) == []
    assert [fact for fact in record.kept if fact not in inside] == []


def test_tokens_join_the_fields_of_all_formats() -> None:
    masker = masking.Masker(dict.fromkeys(masking.ALL, "token"), KEY, ner="none")
    text = next(records(3)).text
    family = next(record for record in records(3)).gone[1]
    token = re.search(r"\[NAME:[0-9a-f]+\]", masker.mask_json({"family": family}).value["family"])
    assert token is not None
    assert token[0] in masker.mask_text(text).value


@pytest.mark.parametrize("name", ["Kowalczyk", "Zebrowski", "Petrosyan"])
def test_a_surname_by_itself_is_masked_in_a_field_that_says_name(name: str) -> None:
    for document in ({"name": name}, {"name": ["Jan", name]}, {"rows": [{"name": name, "beds": 4}]}):
        assert name not in str(masking.Masker(None, KEY).mask_json(document).value)


@pytest.mark.parametrize("name", ["Lipitor", "Redis", "Glucose", "Medtronic", "Cardiology", "Encounter", "Asthma"])
def test_what_is_called_a_product_a_test_or_a_department_stays(name: str) -> None:
    assert not masking.Masker(None, KEY).mask_json({"name": name, "value": 1}).changed
