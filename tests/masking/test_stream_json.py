"""A JSON document too long to be held is masked element by element: the same however it is cut, valid, and bounded."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import masking
from masking import elements
from masking.stream import Stream

KEY = b"k" * 32
ROW = {"last_name": "Okafor", "mrn": "00482913", "glucose": 104.0, "note": "SSN 123-45-6789 seen 3/5/2019"}
TABLE = {"columns": ["mrn", "glucose"], "rows": [[f"0048{n}x", n] for n in range(60)]}
BUNDLE = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": f"p-{n}", "name": [{"family": "Okafor"}]}} for n in range(40)
    ],
    "total": 40,
}
DOCUMENTS: list[Any] = [
    [ROW] * 40,
    {"rows": [ROW] * 40, "count": 40},
    TABLE,
    BUNDLE,
    {"a": {"b": {"c": [[ROW, ROW], [ROW] * 30]}}},
    [["first_name", "glucose"], *([f"Ngozi{n}", n] for n in range(50))],
    {f"k{n}": {"ssn": 123456789, "ok": [1, 2.50, None, True]} for n in range(40)},
    [1, 2, [], {}, "x", *range(400)],
]


@pytest.fixture(autouse=True)
def small_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "ELEMENT", 300)
    monkeypatch.setattr(elements, "_BATCH", 200)


def streamed(pieces: list[str], hold: int = 0) -> str:
    stream = Stream(masking.Masker(masking.ALL, KEY, ner="none"), hold=hold)
    return "".join(map(stream.feed, pieces)) + stream.close()


def cut(text: str, at: list[int]) -> list[str]:
    edges = [0, *sorted(min(i, len(text)) for i in at), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


def same_shape(one: Any, two: Any) -> bool:
    if isinstance(one, dict):
        return isinstance(two, dict) and len(one) == len(two) and all(map(same_shape, one.values(), two.values()))
    if isinstance(one, list):
        return isinstance(two, list) and len(one) == len(two) and all(map(same_shape, one, two))
    return not isinstance(two, dict | list)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("document", DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_it_is_masked_as_the_whole_document_would_be(document: Any, indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    whole = masking.Masker(masking.ALL, KEY, ner="none").mask_text(text).value
    assert streamed(cut(text, list(range(0, len(text), 97)))) == whole


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(DOCUMENTS), st.sampled_from([None, 1]), st.lists(st.integers(0, 9000), max_size=8))
def test_the_output_does_not_depend_on_the_cuts(document: Any, indent: int | None, at: list[int]) -> None:
    text = json.dumps(document, indent=indent)
    assert streamed(cut(text, at)) == streamed([text])


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["123-45-6789", "Okafor", "x", '\u0141\\"\n'])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=8), st.dictionaries(st.sampled_from(["ssn", "a", "name", "rows"]), inner, max_size=4)
    ),
    max_leaves=60,
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(JSON, min_size=4, max_size=40), st.dictionaries(st.text(max_size=6), JSON, min_size=2)))
def test_any_document_keeps_its_shape(document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    out = streamed(cut(text, [len(text) // 3, len(text) // 2]))
    assert same_shape(document, json.loads(out))
    assert "123-45-6789" not in out


@pytest.mark.parametrize(
    "text",
    ['[{"a": 1}, nonsense', "[1, 2,, 3]", '{"a": 1 "b": 2}', '[{"a": 1}', '{"a": [1, 2}', '["' + "z" * 2000 + '"]'],
)
def test_what_stops_being_json_is_refused_and_nothing_more_comes(text: str) -> None:
    stream = Stream(masking.Masker(masking.ALL, KEY, ner="none"), hold=0)
    with pytest.raises(masking.MaskingError) as caught:
        _ = stream.feed(text + " " * 5000) + stream.close()
    assert caught.value.code in ("HM030", "HM032")
    with pytest.raises(masking.MaskingError):
        stream.feed("SSN 123-45-6789")


def test_a_log_that_begins_with_a_bracket_is_no_document() -> None:
    line = "[2026-03-05 10:00:00] INFO login of user Okafor, SSN 123-45-6789\n"
    out = streamed([line * 300])
    assert "123-45-6789" not in out
    assert out.count("INFO login") == 300


@pytest.mark.parametrize("document", DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_what_was_masked_is_counted_once(document: Any) -> None:
    text = json.dumps(document)
    stream = Stream(masking.Masker(masking.ALL, KEY, ner="none"), hold=0)
    _ = stream.feed(text) + stream.close()
    assert +stream.counts == masking.Masker(masking.ALL, KEY, ner="none").mask_json(document).counts
