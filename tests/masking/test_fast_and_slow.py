"""What a long-lived masker says by steps and from memory is what a fresh one says of each field by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import masking
import masking.leaves
import masking.walk
from masking import scanner as scan
from masking import shapes, stepping, steps
from masking.keys import SAFE_KEY
from masking.remembered import Remembered

KEY = b"k" * 32
PLANS = (
    masking.ALL,
    {"ssn": "token", "date": "generalize"},
    {"mrn": "partial", "name": "token"},
    dict(masking.ALL) | {"date": "shift"},
)
TEXTS = [
    "Okonjowski", "Maria Garcia", "SSN 123-45-6789", "123-45-6789", "SSN 123-45-", "6789 is", "mg/dL", "Glucose", "",
    "http://loinc.org", "2345-7", "phone", "email", "555-0142", "MRN 00482913", "7788991", "Dr. Okonjowski came", "SS",
    "1961-03-05", "Boston", "a@b.co", "unknown", "urn:uuid:0b324782-31d1-4659-89ab-58e075d6e61f", "Patient/7788991",
    "http://hl7.org/fhir/sid/us-ssn", "http://x/y/patient-mothersMaidenName", "image/png", "\u200b123-45-6789",
    "[NAME]", "Jos\u00e9 \u00c1lvarez", "last_name: Quuxley",
    '{"last_name": "Zebrowski"}', '{"note": "Zebrowski came"}', "Name",
    "Zebrowski", "quiet words here", "see 10.1.2.3 now", "Date of birth", "&#49;23-45-6789",
    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
]  # fmt: skip
OTHERS = [123456789, 7788991, 7788991.0, -7788991, 19610305, 12345, 0, 95, 3.5, True, False, None]
KEYS = [
    "code", "display", "text", "value", "system", "name", "given", "family", "subject", "reference", "note", "coding",
    "valueString", "valueQuantity", "identifier", "telecom", "use", "type", "start", "end", "birthDate", "id", "url",
    "title", "John Smith", "Okonjowski", "zebrowski", "123-45-6789", "", "5", "ssn", "mrn", "last_name", "columns",
    "rows", "label", "contentType", "data", "resourceType", "extension", "unit", "patient", "line", "city", "a", "b",
    "n\u043ete",
]  # fmt: skip
LEAVES = st.sampled_from(TEXTS) | st.sampled_from(OTHERS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
        | st.lists(inner, max_size=4)
        | st.lists(st.lists(LEAVES, min_size=2, max_size=2), min_size=2, max_size=3)
        | inner.map(json.dumps)
    ),
    max_leaves=14,
)


def _field_by_field(walk: Any, obj: dict[str, Any], at: steps.Node, path: Any, depth: int) -> Any:
    if depth > masking.walk.MAX_DEPTH:
        return walk._withhold(path)
    keys = tuple(obj)
    plan = shapes.plan(keys, at.parent, at.rule)
    walk._used.add(plan)
    return walk._in_scope(obj, steps.Shape(plan, plain=all(map(SAFE_KEY.fullmatch, keys))), path, depth)


@contextmanager
def nothing_remembered() -> Iterator[None]:
    """Every object field by field, every text read anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stepping.Stepping, "_dict", _field_by_field)
        patch.setattr(masking.leaves.Leaves, "_is_silent", lambda *_, **__: False)
        patch.setattr(scan.shared(), "remembered", Remembered())
        yield


def turned(value: Any, choose: Any) -> Any:
    """`value` with its keys in another order and some leaves others."""
    if isinstance(value, dict):
        return {key: turned(value[key], choose) for key in choose(st.permutations(list(value)))}
    if isinstance(value, list):
        return [turned(item, choose) for item in value]
    return value if choose(st.booleans()) else choose(LEAVES)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.lists(VALUES, min_size=1, max_size=3), st.sampled_from(PLANS))
def test_a_long_lived_masker_says_what_a_fresh_one_does(data: Any, pool: list[Any], plan: dict[str, str]) -> None:
    fast, known = masking.Masker(plan, KEY, ner="none"), masking.KnownValues(KEY)
    for _ in range(4):
        drawn = [turned(part, data.draw) for part in data.draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3))]
        obj = {"entry": [{"resource": part} for part in drawn]} if data.draw(st.booleans()) else drawn
        before = json.dumps(obj)
        one = fast.mask_json(obj)
        with nothing_remembered():
            two = masking.Masker(plan, KEY, ner="none", known=known).mask_json(obj)
            told = sorted((finding.where, finding.digest) for finding in two.findings)
        assert json.dumps(obj) == before
        assert one.value == two.value
        assert sorted((finding.where, finding.digest) for finding in one.findings) == told


@settings(max_examples=150, deadline=None)
@given(st.data(), VALUES.filter(lambda value: isinstance(value, dict)), st.sampled_from(PLANS), st.integers(1, 3))
def test_objects_gone_through_at_once_are_masked_as_field_by_field(
    data: Any, first: dict[str, Any], plan: dict[str, str], some: int
) -> None:
    """One shape again and again, with an inner value that is otherwise now and then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stepping, "SOME", some)
        patch.setattr(stepping, "_LATER", 2)
        patch.setattr(steps, "_nodes", steps._Nodes())
        fast, known = masking.Masker(plan, KEY, ner="none"), masking.KnownValues(KEY)
        for _ in range(some + 4):
            obj = [otherwise(first, data.draw) for _ in range(2)]
            one = fast.mask_json(obj)
            with nothing_remembered():
                two = masking.Masker(plan, KEY, ner="none", known=known).mask_json(obj)
                told = sorted((finding.where, finding.digest) for finding in two.findings)
            assert one.value == two.value
            assert sorted((finding.where, finding.digest) for finding in one.findings) == told


def otherwise(value: Any, choose: Any) -> Any:
    """`value` with leaves changed, and seldom a key, a list or an object."""
    if isinstance(value, dict):
        out = {key: otherwise(item, choose) for key, item in value.items()}
        if choose(st.integers(0, 19)) == 0:
            out[choose(st.sampled_from(KEYS))] = choose(LEAVES)
        return out
    if isinstance(value, list):
        return [otherwise(item, choose) for item in value] * choose(st.sampled_from([1, 1, 1, 1, 1, 2]))
    return value if choose(st.integers(0, 4)) else choose(LEAVES)


def test_a_bundle_is_masked_the_same_whether_its_objects_were_met_before_or_not() -> None:
    """Resources that come often are gone through at once; ids, paths and counts are those of the first time."""
    masker = masking.Masker(masking.ALL, KEY, ner="none")

    def resource(number: int) -> dict[str, Any]:
        return {
            "resourceType": "Observation",
            "id": f"0deb25d0-4f98-45b4-b82c-{number:012}",
            "category": [{"coding": [{"system": "http://loinc.org", "code": "vital-signs", "display": "vital-signs"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2", "display": "Body Height"}]},
            "subject": {"reference": f"urn:uuid:0deb25d0-4f98-45b4-b82c-{number:012}"},
            "effectiveDateTime": f"2012-01-{number % 28 + 1:02}T09:56:48+00:00",
            "performer": [{"reference": f"Practitioner/{number + 700000}", "display": "Dr. Okonjowski"}],
            "component": [{"valueQuantity": {"value": number, "unit": "cm"}}] * (number % 3),
            "valueQuantity": {"value": 170.5 + number, "unit": "cm", "code": "cm"},
        }

    bundles = [
        {"entry": [{"resource": resource(number)} for number in range(start, start + 9)]} for start in (0, 9, 18)
    ]
    for bundle in bundles * 2:
        masked = masker.mask_json(bundle)
        with nothing_remembered():
            slow = masking.Masker(masking.ALL, KEY, ner="none").mask_json(bundle)
            told = sorted((finding.where, finding.digest) for finding in slow.findings)
        assert masked.value == slow.value
        assert sorted((finding.where, finding.digest) for finding in masked.findings) == told
    node = next(node for (parent, _), node in steps._nodes.items() if parent == "resource")
    assert any(
        way.flat is not None and len(way.flat.spots) > 5 for shape in node.values() for way in shape.steps.values()
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), min_size=1, max_size=3))
def test_a_value_is_masked_the_same_as_value_text_and_stream(rows: list[dict[str, Any]]) -> None:
    def masker() -> masking.Masker:
        return masking.Masker(masking.ALL, KEY, ner="none")

    text = json.dumps(rows)
    stream = masker().stream()
    streamed = "".join(stream.feed(text[at : at + 7]) for at in range(0, len(text), 7)) + stream.close()
    as_value = masker().mask_json(rows).value
    assert json.loads(masker().mask_text(text).value) == as_value
    assert json.loads(streamed) == as_value


def test_threads_that_share_all_that_is_remembered_leak_nothing() -> None:
    """One session a thread, all on the same shapes and texts, some of which only one session knows."""
    wrong: list[str] = []
    ready = threading.Barrier(4)

    def mask(own: str) -> None:
        ready.wait()
        one = masking.Masker(masking.ALL, KEY, ner="none")
        for turn in range(60):
            steps._nodes.hold(steps._MAX_HELD // 50)
            parts = [{"note": f"{name} walked in", "q": {"code": name, "zeta": turn}} for name in names]
            out = str(one.mask_json([*parts, {"last_name": own, "ssn": "123-45-6789"}]).value)
            if own in out or "123-45-6789" in out:
                wrong.append(own)

    names = ["Zorblattski", "Quuxleyov", "Mumblefordt", "Grunthargo"]
    threads = [threading.Thread(target=mask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
