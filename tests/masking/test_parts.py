"""Quiet strings and parts: what is passed over comes out as if every leaf had been gone through by itself."""

from __future__ import annotations

import gc
import random
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import masking
import masking.leaves

KEY = b"k" * 32
LOINC = {"coding": [{"system": "http://loinc.org", "code": "2345-7", "display": "Glucose"}], "text": "Glucose"}
WORDS = [
    "White", "Boston", "123-45-", "6789 x", "John Smith", "Okafor", "SSN 123-45-6789", "\u200b123-45-6789",
    "\uff2aohn", "2345-7", "Glucose", "mg/dL", "555-0142", "MRN 0048291", "Dr. Maria Diaz", "5", "a@b.co",
    "QWxhZGRpbjpvcGVuIHNlc2FtZSBqb2huQHguY28=", "&#49;23-45-6789", "[NAME]", "1961-03-05", "",
    '{"ssn": "123-45-6789"}', "urn:uuid:0b324782-31d1-4659-89ab-58e075d6e61f", 123456789, 12345, 3.5, None, True,
]  # fmt: skip
KEYS = [
    "code", "display", "text", "value", "system", "name", "given", "family", "subject", "reference", "note",
    "coding", "valueString", "period", "start", "birthDate", "id", "url", "type", "title", "John Smith", "Okafor",
]  # fmt: skip


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


def observation(value: Any = 104, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "code": LOINC, "valueQuantity": {"value": value, "unit": "mg/dL"}, **more}


def masker(**options: Any) -> masking.Masker:
    return masking.Masker(options.pop("plan", masking.ALL), KEY, ner="none", **options)


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Masks with nothing passed over: the slow path, to compare with."""

    def mask(one: masking.Masker, obj: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(masking.leaves.Leaves, "_is_silent", lambda *_, **__: False)
            return one.mask_json(obj)

    return mask


def changed(before: Any, after: Any, path: str = "$") -> Iterator[str]:
    if isinstance(before, dict):
        for key, other in zip(before, after, strict=True):
            yield from changed(before[key], after[other], f"{path}.{other}" if other.isidentifier() else path)
    elif isinstance(before, list):
        for index, (one, two) in enumerate(zip(before, after, strict=True)):
            yield from changed(one, two, f"{path}[{index}]")
    elif before != after:
        yield path


def test_random_bundles_come_out_as_if_every_leaf_were_walked(reference: Any) -> None:
    rng = random.Random(7)

    def made(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.4:
            return rng.choice(WORDS)
        if rng.random() < 0.6:
            return {rng.choice(KEYS): made(depth - 1) for _ in range(rng.randint(1, 4))}
        return [made(depth - 1) for _ in range(rng.randint(0, 4))]

    pool = [made(3) for _ in range(40)]
    plans = (masking.ALL, {"ssn": "token", "date": "generalize"})
    sessions = [(masker(plan=plan), masker(plan=plan)) for plan in plans]
    for turn in range(240):
        parts = [{rng.choice(KEYS): rng.choice(pool) for _ in range(4)} for _ in range(rng.randint(1, 4))]
        kinds = rng.choices(["Patient", "Observation", "Organization"], k=len(parts))
        obj = bundle(*({"resourceType": kind, **part} for kind, part in zip(kinds, parts, strict=True)))
        fast, slow = sessions[turn % 2] if turn % 3 else (masker(plan=plans[turn % 2]), masker(plan=plans[turn % 2]))
        one, two = fast.mask_json(obj), reference(slow, obj)
        assert one.value == two.value
        assert sorted((f.kind, f.digest, f.where) for f in one.findings) == sorted(
            (f.kind, f.digest, f.where) for f in two.findings
        )


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(WORDS), min_size=1, max_size=4), max_size=6),
    st.integers(1, 3),
)
def test_a_message_that_comes_again_is_masked_the_same(parts: list[dict[str, Any]], times: int) -> None:
    obj = bundle(*({"resourceType": "Observation", "component": [part], "code": part} for part in parts))
    first = masker().mask_json(obj).value
    for _ in range(times):
        assert masker().mask_json(obj).value == first


def test_objects_that_break_the_habit_of_their_shape_are_masked_all_the_same() -> None:
    """A shape is gone through as its first object had it; strings, numbers and containers may change places."""
    values: list[Any] = ["x", 5, 123456789, None, True, "", ["SSN 123-45-6789"], {"ssn": 123456789}, "123-45-6789", 2.5]
    for first in values:
        for second in values:
            for key in ("code", "zeta", "birthDate", "ssn", "start"):
                one = masker(plan={"ssn": "redact"})
                one.mask_json({"held": {key: first}})
                out = str(one.mask_json({"held": [{key: second}, {key: first}, {key: second}]}).value)
                assert "123-45-6789" not in out
                assert "123456789" not in out or key != "ssn"


def test_no_shape_keeps_what_was_walked() -> None:
    masked = masker().mask_json(bundle({"resourceType": "Observation", "note": {"text": "x walked in"}, "code": LOINC}))
    walk = weakref.ref(masked._make.func.__self__)  # type: ignore[attr-defined]
    del masked
    gc.collect()
    assert walk() is None


def test_a_quiet_part_wakes_for_what_the_session_knows() -> None:
    for _ in range(4):
        assert not masker().mask_json(bundle(observation())).changed
    one = masker()
    one.learn({"last_name": "Glucose"})
    assert "Glucose" not in str(one.mask_json(bundle(observation())).value)
    one = masker()
    one.learn({"mrn": "23457"})
    assert "2345-7" not in str(one.mask_json(bundle(observation())).value)


def test_a_quiet_part_wakes_for_a_name_learnt_later_in_the_message() -> None:
    note = {"resourceType": "Observation", "method": {"text": "Okonjo handheld"}}
    for _ in range(4):
        masker().mask_json(bundle(note))
    patient = {"resourceType": "Patient", "name": [{"family": "Okonjo"}]}
    assert "Okonjo" not in str(masker().mask_json(bundle(note, patient)).value)


def test_a_string_masked_in_one_field_is_masked_in_a_quiet_one() -> None:
    coded = {"resourceType": "Observation", "code": {"coding": [{"display": "see 10.1.2.3 now"}]}}
    for _ in range(4):
        masker().mask_json(bundle(coded))
    told = {"resourceType": "Observation", "note": [{"text": "see 10.1.2.3 now"}]}
    assert "10.1.2.3" not in str(masker().mask_json(bundle(coded, told)).value)


def test_a_known_number_and_a_known_key_wake_a_quiet_part() -> None:
    part = {"resourceType": "Observation", "component": {"quantity": 7788991, "zorblatt": "x"}}
    for _ in range(4):
        masker().mask_json(bundle(part))
    one = masker()
    one.learn({"mrn": "7788991", "last_name": "Zorblatt"})
    out = str(one.mask_json(bundle(part)).value)
    assert "7788991" not in out
    assert "zorblatt" not in out


@pytest.mark.parametrize(
    "parts",
    [
        [{"note": "quiet words", "held": {"note": "SSN 123-45-"}}, {"note": "6789 is"}],
        [{"note": "SSN 123-45-"}, {"note": ""}, {"note": "6789 is"}],
        [{"note": "SSN 123-45-"}, {"held": {"title": "6789 is"}, "title": "quiet words"}],
        [{"title": "SSN 123-45-"}, {"held": {"title": "6789 is"}, "title": "quiet words"}],
        [{"held": {"note": "SSN 123-45-"}, "note": "quiet words"}, {"note": "6789 is"}],
    ],
)
def test_a_number_cut_in_two_is_read_together_whatever_is_quiet_around_it(reference: Any, parts: list[Any]) -> None:
    for _ in range(3):
        masker().mask_json([{"note": "quiet words", "title": "quiet words", "held": {}}])
        masker().mask_json([{"title": "quiet words", "held": {}}, {"held": {}, "title": "quiet words"}])
    assert masker().mask_json(parts).value == reference(masker(), parts).value


def test_plans_do_not_share_quiet_parts() -> None:
    obj = bundle({"resourceType": "Observation", "component": {"quux": "Maria Garcia"}})
    for _ in range(4):
        masker(plan={"ssn": "redact"}).mask_json(obj)
    assert "Garcia" not in str(masker().mask_json(obj).value)


def test_findings_of_shared_parts_say_every_place() -> None:
    subject = {"reference": "Patient/4711-a", "display": "Ngozi Okafor"}
    item = {"sequence": 1, "encounter": [{"reference": "Encounter/99-x"}]}
    contained = {"resourceType": "Coverage", "id": "c9-1", "beneficiary": subject}
    obj = bundle(
        *(observation(n, subject=subject, item=[item, item], contained=[contained]) for n in range(3)),
        {"resourceType": "Patient", "name": [{"family": "Okafor", "given": ["Ngozi"]}]},
    )
    masked = masker().mask_json(obj)
    assert sorted(finding.where for finding in masked.findings) == sorted(changed(obj, masked.value))


def test_findings_of_renamed_keys_say_where() -> None:
    masked = masker().mask_json({"last_name": "Zorblatt", "seen": {"zorblatt": 1}})
    assert "Zorblatt".lower() not in str(masked.value).lower()
    assert {finding.where for finding in masked.findings} == {"$.last_name", "$.seen['[NAME]']"}
