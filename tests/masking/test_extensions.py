"""A site's own detectors, its Presidio recognisers, and tools' output schemas."""

from __future__ import annotations

from typing import Any, NamedTuple

import jsonschema
import pytest
from presidio_analyzer import Pattern, PatternRecognizer

import masking
from masking import presidio

KEY = b"k" * 32


class Own(NamedTuple):
    kind: str
    pattern: str
    near: tuple[str, ...] = ()


def test_a_detector_of_the_policy_finds_its_kind_near_its_words() -> None:
    own = (Own("chart_no", r"CH-\d{7}", ("chart", "record")),)
    masker = masking.Masker({"chart_no": "token"}, KEY, ner="none", detectors=own)
    assert "[CHART_NO:" in masker.mask_text("chart CH-1234567").value
    assert masker.mask_text("part CH-1234567 of the pump").value == "part CH-1234567 of the pump"
    assert (
        masking.Masker(None, KEY, ner="none", detectors=own).mask_text("record CH-1234567").value == "record [CHART_NO]"
    )


def test_a_kind_without_its_detector_is_refused() -> None:
    with pytest.raises(masking.MaskingError) as caught:
        masking.Masker({"chart_no": "redact"}, KEY, ner="none")
    assert caught.value.code == "HM001"


def test_a_pattern_that_cannot_run_is_refused_without_showing_it() -> None:
    with pytest.raises(masking.MaskingError) as caught:
        masking.Masker(None, KEY, ner="none", detectors=(Own("x", r"(?=a)b"),))
    assert caught.value.code == "HM004"
    assert "RE2" in caught.value.help


def test_a_sites_presidio_recognisers_plug_in() -> None:
    badge = PatternRecognizer(supported_entity="BADGE", name="badge", patterns=[Pattern("badge", r"BDG\d{4}", 0.9)])
    engine = presidio.RecognizerEngine([badge], {"BADGE": "id"})
    masker = masking.Masker(masking.ALL, KEY, ner=engine)
    assert masker.mask_text("door opened by badge BDG4711 today").value == "door opened by badge [ID] today"


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["ssn", "birthDate", "mrn"],
    "additionalProperties": False,
    "properties": {
        "ssn": {"type": "integer", "minimum": 1},
        "birthDate": {"type": "string", "format": "date"},
        "seen": {"type": "string", "format": "date-time"},
        "mrn": {"type": "string", "pattern": "^[0-9]{5}$"},
        "email": {"type": "string", "format": "email"},
        "city": {"type": "string", "maxLength": 4},
        "phone": {"type": ["string", "null"], "pattern": "^\\+1[0-9]{10}$"},
        "ward": {"enum": ["ICU", "ED"]},
        "names": {"type": "array", "items": {"$ref": "#/$defs/n"}},
        "glucose": {"type": "number"},
    },
    "$defs": {
        "n": {"type": "object", "properties": {"family": {"type": "string", "minLength": 9}}, "required": ["family"]}
    },
}
RECORD = {
    "ssn": 123456789,
    "birthDate": "1961-03-05",
    "seen": "2019-03-05T10:00:00Z",
    "mrn": "00482",
    "email": "n@x.org",
    "city": "Erie",
    "phone": "+15084273000",
    "ward": "ICU",
    "names": [{"family": "Okafor-Diaz"}],
    "glucose": 104.5,
}


def test_a_masked_value_still_fits_the_tools_schema() -> None:
    value = masking.Masker(masking.ALL, KEY, ner="none").mask_json(RECORD, schema=SCHEMA).value
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(value)
    assert value["glucose"] == 104.5
    assert value["ward"] == "ICU"
    for was in ("123456789", "1961", "00482", "Erie", "n@x.org", "5084273000", "Okafor"):
        assert was not in str(value)


@pytest.mark.parametrize(
    "hostile",
    [
        {"properties": {"ssn": {"const": 123456789}, "mrn": {"enum": ["00482"]}, "birthDate": {"const": "1961-03-05"}}},
        {"properties": {"ssn": {"$ref": "#/properties/ssn"}, "mrn": {"pattern": "(a+)+$"}}},
        {"properties": {"ssn": {"type": "integer", "default": 123456789}, "mrn": {"pattern": "(?!x)"}}},
        {"allOf": [{"properties": {"ssn": {"const": 123456789}}}], "properties": "nonsense"},
        {"$ref": "https://evil.example/schema"},
    ],
)
def test_a_hostile_schema_brings_nothing_back(hostile: dict[str, Any]) -> None:
    out = str(masking.Masker(masking.ALL, KEY, ner="none").mask_json(RECORD, schema=hostile).value)
    for was in ("123456789", "1961", "00482", "Okafor"):
        assert was not in out
