"""For all inputs: nothing raises, hangs or grows; masking twice changes nothing; shape and offsets hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import masking
from masking.canonical import reversed_runs, view
from masking.decoded import decoded, unwrapped

KEY = b"k" * 32
MASKER = masking.Masker(masking.ALL, KEY, ner="none")
PIECES = st.sampled_from(
    [
        "SSN ",
        "123-45-6789",
        "Dr. Okafor",
        "\u200b",
        "\u202e",
        "&#49;",
        "%31",
        "\\u0031",
        "<b>",
        "</b>",
        "\n",
        "\r",
        " ",
        "|",
        "^",
        "~",
        "MSH|^~\\&|",
        "PID|1||",
        "{",
        "}",
        "[",
        "]",
        '"',
        ":",
        ",",
        "ISA*",
        "=",
        "MRN: 0048291",
        "3/5/2019",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "data:text/plain;base64,",
        "[NAME]",
        "[NAME:",
        "\ud800",
        "\x00",
        "\uff11",
        "e\u0301",
        "one two three four five six seven",
        "1 2 3 4 5 6 7 8 9",
        "name,dob\n",
        "a,b\n",
        "https://x.example/p?q=1",
        "-----BEGIN PRIVATE KEY-----",
    ]
)
MESSY = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=24).map("".join))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), MESSY),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.one_of(
                st.sampled_from(
                    [
                        "name",
                        "id",
                        "ssn",
                        "value",
                        "system",
                        "resourceType",
                        "text",
                        "reference",
                        "rows",
                        "columns",
                        "subject",
                        "birthDate",
                        "url",
                    ]
                ),
                st.text(max_size=12),
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=20,
)
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(MESSY)
def test_no_text_raises_and_masking_twice_changes_nothing(text: str) -> None:
    masker = masking.Masker(masking.ALL, KEY, ner="none")
    once = masker.mask_text(text)
    assert masker.mask_text(once.value).value == once.value
    assert once.changed == (once.value != text)


@pytest.mark.parametrize("text", ["MR\u202dN:0\u202c0:000000\u202cHTTP://00"])
def test_what_stands_clear_only_after_two_rounds_is_masked_at_once(text: str) -> None:
    masker = masking.Masker(masking.ALL, KEY, ner="none")
    once = masker.mask_text(text)
    assert masker.mask_text(once.value).value == once.value
    inside = masker.mask_json({"note": text}).value
    assert masker.mask_json(inside).value == inside


@SETTINGS
@given(JSON)
def test_no_json_raises_and_its_shape_is_kept(obj: Any) -> None:
    before = repr(obj)
    masked = MASKER.mask_json(obj)
    assert repr(obj) == before
    assert same_shape(obj, masked.value)
    for finding in masked.findings:
        assert finding.kind in masking.KINDS
        assert len(finding.digest) == 64


def same_shape(one: Any, two: Any) -> bool:
    if isinstance(one, dict):
        return isinstance(two, dict) and len(one) == len(two) and all(map(same_shape, one.values(), two.values()))
    if isinstance(one, list):
        return isinstance(two, list) and len(one) == len(two) and all(map(same_shape, one, two))
    return not isinstance(two, dict | list)


@SETTINGS
@given(JSON.filter(lambda value: isinstance(value, dict | list)), st.sampled_from([None, 1, 2]))
def test_json_text_parses_after_masking(obj: Any, indent: int | None) -> None:
    try:
        text = json.dumps(obj, indent=indent)
        text.encode()
    except UnicodeEncodeError:
        return
    out = MASKER.mask_text(text).value
    assert same_shape(json.loads(text), json.loads(out))


@SETTINGS
@given(MESSY)
def test_offsets_of_every_view_map_back_into_the_source(text: str) -> None:
    for seen in (view(text), decoded(text), reversed_runs(text), unwrapped(text)):
        if seen is None:
            continue
        assert len(seen.text) == len(seen.plain)
        seen.text.encode("latin-1")
        for index in range(len(seen.text)):
            start, end = seen.source(index, index + 1)
            assert 0 <= start < end <= len(text)


@SETTINGS
@given(MESSY, MESSY)
def test_findings_in_text_lie_where_they_say(left: str, right: str) -> None:
    text = left + " SSN 123-45-6789 " + right
    for finding in MASKER.mask_text(text).findings:
        if not finding.is_path:
            start, end = map(int, finding.where.split(":"))
            assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "1-",
        "a@",
        "((((",
        "<b>",
        "\\u0031",
        "&#49;",
        "%31",
        "one ",
        "1 ",
        "Dr. A ",
        "a=1&",
        "A, B",
        "PID|1||x^y~",
        "eyJ",
        "9",
        "a,b\n",
        "{",
        "[[",
        '"',
        "x.",
        "name: ",
        "MRN ",
        "\u0301",
        "-----BEGIN ",
    ],
)
@pytest.mark.slow
def test_a_long_run_of_anything_is_masked_in_linear_time(unit: str) -> None:
    """A quadratic step would take minutes for 150,000 characters; the test's timeout is the bound."""
    text = unit * (150_000 // len(unit))
    MASKER.mask_text(text)
    MASKER.mask_json({"note": text})


def test_deep_nesting_is_withheld_and_never_raises() -> None:
    deep: Any = "SSN 123-45-6789"
    for _ in range(600):
        deep = {"a": [deep]}
    text = json.dumps(MASKER.mask_json(deep).value)
    assert "6789" not in text
    assert "WITHHELD" in text
    assert "6789" not in MASKER.mask_text("[" * 3000 + '"SSN 123-45-6789"' + "]" * 3000).value
