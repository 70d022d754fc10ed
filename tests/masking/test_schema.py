"""Masked output still fits the tool's outputSchema; jsonschema is the judge."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import masking
from masking.schema import fit
from masking.schema_check import Check
from masking.schema_fill import shortest

KEY = b"k" * 32
SSN = "123-45-6789"
CHECKER = jsonschema.FormatChecker()


def valid(value: Any, schema: Any) -> bool:
    return jsonschema.Draft202012Validator(schema, format_checker=CHECKER).is_valid(value)


def masked(value: Any, schema: Any) -> Any:
    return masking.Masker(masking.ALL, KEY, ner="none").mask_json(value, schema=schema).value


SSN_SCHEMAS: list[dict[str, Any]] = [
    {"type": "string"},
    {"pattern": r"^\d{3}-\d{2}-\d{4}$"},
    {"pattern": r"^[0-9-]+$", "minLength": 11, "maxLength": 11},
    {"minLength": 9, "maxLength": 12},
    {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9-]{11}$"}]},
    {"oneOf": [{"type": "string", "maxLength": 5}, {"type": "string", "minLength": 6}]},
    {"allOf": [{"type": "string"}, {"pattern": "-"}, {"maxLength": 11}]},
    {"type": ["string", "null"], "pattern": r"^(?!0)\d"},
    {"if": {"type": "string"}, "then": {"pattern": "^[0-9]"}, "else": False},
    {"not": {"pattern": "^\\["}},
    {"$ref": "#/$defs/ssn", "minLength": 2},
    {"enum": [SSN, "none"]},
]


@pytest.mark.parametrize("part", SSN_SCHEMAS, ids=range(len(SSN_SCHEMAS)))
def test_a_masked_leaf_fits_or_is_left_out(part: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"ssn": part}, "$defs": {"ssn": {"pattern": r"^\d+-\d+-\d+$"}}}
    assert valid({"ssn": SSN}, schema)
    out = masked({"ssn": SSN}, schema)
    assert valid(out, schema)
    assert "6789" not in str(out)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ({"ssn": 123456789}, {"properties": {"ssn": {"type": "integer", "minimum": 100, "multipleOf": 9}}}),
        ({"ssn": 123456789}, {"properties": {"ssn": {"type": "integer", "exclusiveMinimum": 10, "maximum": 10**9}}}),
        ({"ssn": 123456789}, {"properties": {"ssn": {"maximum": 2e9, "exclusiveMinimum": 1.5, "type": "number"}}}),
        ({"last_name": ["Okafor", "Diaz"]}, {"properties": {"last_name": {"uniqueItems": True, "minItems": 2}}}),
        ({"last_name": ["Okafor", "Diaz"]}, {"properties": {"last_name": {"prefixItems": [{"pattern": "^O"}, True]}}}),
        ({SSN: 1, "b": 2}, {"patternProperties": {r"^\d": {"type": "integer"}}, "minProperties": 1}),
        ({SSN: 1, "b": 2}, {"additionalProperties": {"type": "integer"}, "propertyNames": {"maxLength": 11}}),
        ({SSN: 1}, {"propertyNames": {"pattern": r"^\d"}}),
        (
            {"name": {"family": "Okafor", "given": ["Ngozi"]}},
            {"properties": {"name": {"dependentRequired": {"family": ["given"]}}}},
        ),
        (
            {"email": "a@b.org", "birthDate": "1961-03-05"},
            {"properties": {"email": {"format": "email"}, "birthDate": {"format": "date"}}},
        ),
        (
            {"id": "0b324782-31d1-4659-89ab-58e075d6e61f"},
            {"properties": {"id": {"format": "uuid"}}, "required": ["id"]},
        ),
        (
            {"ip": "10.1.2.3", "url": "https://a.example/p"},
            {"properties": {"ip": {"format": "ipv4"}, "url": {"format": "uri"}}},
        ),
        (
            {"kind": "ssn", "value": SSN},
            {
                "oneOf": [
                    {"properties": {"kind": {"const": "ssn"}, "value": {"pattern": "^[0-9]"}}},
                    {"properties": {"kind": {"const": "none"}, "value": {"type": "null"}}},
                ]
            },
        ),
        (
            {"p": {"ssn": SSN}},
            {
                "properties": {"p": {"$ref": "#/$defs/p"}},
                "$defs": {"p": {"properties": {"ssn": {"maxLength": 11, "pattern": "^1"}}}},
            },
        ),
    ],
    ids=str,
)  # fmt: skip
def test_every_keyword_holds_after_masking(value: Any, schema: Any) -> None:
    assert valid(value, schema)
    out = masked(value, schema)
    assert valid(out, schema)
    for was in ("6789", "Okafor", "Diaz", "a@b.org", "1961", "0b324782", "10.1.2", "a.example"):
        assert was not in str(out)


def test_what_nothing_can_stand_for_is_withheld() -> None:
    schema = {"type": "object", "properties": {"ssn": {"const": SSN}}, "required": ["ssn"]}
    assert masked({"ssn": SSN}, schema) is None
    optional = {"type": "object", "properties": {"a": schema}}
    assert masked({"a": {"ssn": SSN}}, optional) == {}


LEAVES = st.sampled_from([SSN, "Okafor", "1961-03-05", "a@b.org", 123456789, 5, 2.5, None, True, "x", "", "ICU"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["ssn", "last_name", "birthDate", "n", "ward", SSN]), inner, max_size=4),
    ),
    max_leaves=10,
)
WORDS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "number", ["string", "null"], "object", "array"]),
        "minLength": st.integers(0, 14),
        "maxLength": st.integers(3, 20),
        "pattern": st.sampled_from([r"^\d{3}-", "a", r"^[A-Z][a-z]+$", r"^\d{4}-\d\d-\d\d$", "."]),
        "format": st.sampled_from(["date", "email", "uuid", "nonsense"]),
        "minimum": st.integers(-5, 200),
        "maximum": st.integers(0, 10**9),
        "multipleOf": st.sampled_from([1, 3, 0.5]),
        "enum": st.lists(LEAVES, min_size=1, max_size=3),
        "minItems": st.integers(0, 2),
        "uniqueItems": st.booleans(),
        "minProperties": st.integers(0, 2),
        "required": st.lists(st.sampled_from(["ssn", "n"]), max_size=1),
    },
)
SCHEMAS = st.recursive(
    WORDS,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from(["ssn", "last_name", "n"]), inner, max_size=3),
            "additionalProperties": st.one_of(st.booleans(), inner),
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, max_size=2),
            "not": inner,
        },
    ),
    max_leaves=8,
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@example(
    {"ssn": "123-45-6789", "n": "Okafor"},
    {"additionalProperties": {"enum": ["123-45-6789", True, "Okafor"]}},  # what stands in is nobody else's original
)
@given(VALUES.filter(lambda value: isinstance(value, dict)), SCHEMAS)
def test_what_fitted_before_fits_after_or_is_withheld(value: Any, schema: Any) -> None:
    fitted = valid(value, schema)
    out = masked(value, schema)
    assert SSN not in str(out)
    if fitted and out is not None:
        assert valid(out, schema)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(VALUES, SCHEMAS)
def test_the_check_never_takes_for_fitting_what_is_not(value: Any, schema: Any) -> None:
    assume(Check(schema).fits(value, schema))
    assert valid(value, schema)


def test_a_schema_that_is_too_much_work_is_given_up() -> None:
    deep: dict[str, Any] = {"properties": {"ssn": {}}}
    for _ in range(40):
        deep = {"anyOf": [deep, deep], "properties": {"ssn": {"allOf": [deep, deep]}}}
    assert "6789" not in str(fit({"ssn": "[SSN]"}, {"ssn": SSN}, deep))


@pytest.mark.parametrize(
    "pattern", [r"^\d{3}-\d{2}$", "^(?:Mr|Ms)\\. [A-Z]\\w+$", "^[^0-9]{4}$", "(a|b){2,}c?", "^.{3,}$"]
)
def test_a_text_is_written_from_a_pattern(pattern: str) -> None:
    import re

    made = shortest(pattern)
    assert made is not None
    assert re.search(pattern, made)
