"""What a field taught is masked wherever it turns up again in the session, and nothing readable is kept."""

from __future__ import annotations

import pytest

import masking

KEY = b"k" * 32
PATIENT = {
    "resourceType": "Patient",
    "name": [{"family": "Okafor", "given": ["Ngozi", "Blessing"]}],
    "birthDate": "1961-03-05",
    "telecom": [{"system": "phone", "value": "+1 (508) 427-3000"}],
    "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "A77-120-9"}],
    "address": [{"line": ["235 North Pearl Street"], "city": "Brockton", "state": "MA"}],
}


@pytest.fixture
def session() -> masking.Masker:
    masker = masking.Masker(masking.ALL, KEY, ner="none")
    masker.mask_json(PATIENT)
    return masker


@pytest.mark.parametrize(
    "text",
    [
        "okafor",
        "OKAFOR, NGOZI",
        "Ngozi B. Okafor",
        "Okafor's chart",
        "the Okafors",
        "J. Okafor",
        "ngozi.okafor",
        "file okafor_ngozi.pdf",
        "a771209",
        "A77 120 9",
        "A77-120-9",
        "5084273000",
        "508.427.3000",
        "born 03051961",
        "brockton",
        "235 north pearl street",
        "x=NGOZI;",
        "Ok\u200bafor",
        "Ngo\u0301zi",
        "\uff2fkafor",
        "<b>Oka</b>for",
        "O&#107;afor",
    ],
)
def test_it_is_masked_in_any_spelling(session: masking.Masker, text: str) -> None:
    plain = "".join(char for char in session.mask_text(f"seen: {text} today").value.lower() if char.isalnum())
    for value in ("okafor", "ngozi", "a771209", "5084273000", "4273000", "03051961", "brockton", "pearl"):
        assert value not in plain


def test_it_is_masked_in_errors_keys_and_numbers_of_later_messages(session: masking.Masker) -> None:
    session.mask_json({"mrn": "48291377"})
    out = session.mask_json({"error": "no row for okafor", "okafor": 1, "n": 48291377, "glucose": 104}).value
    assert out == {"error": "no row for [NAME]", "[NAME]": 1, "n": "[MRN]", "glucose": 104}


def test_common_words_are_masked_only_as_names() -> None:
    masker = masking.Masker(masking.ALL, KEY, ner="none")
    masker.mask_json({"first_name": "Hope", "last_name": "Brown"})
    assert masker.mask_text("brown sputum, no hope of cure").value == "brown sputum, no hope of cure"
    assert masker.mask_text("saw Hope again").value == "saw [NAME] again"


def test_learn_teaches_without_masking() -> None:
    masker = masking.Masker(masking.ALL, KEY, ner="none")
    masker.learn({"patient": {"last_name": "Okafor"}})
    assert masker.mask_text("Okafor").value == "[NAME]"


def test_a_session_keeps_nothing_readable() -> None:
    known = masking.KnownValues(KEY)
    known.learn("name", "Okafor")
    known.learn("mrn", "A77-120-9")
    assert "kafor" not in repr(vars(known)).lower()
    assert "77" not in "".join(str(part) for part in vars(known).values() if isinstance(part, str))


def test_sessions_do_not_know_each_other() -> None:
    one = masking.Masker(masking.ALL, KEY, ner="none")
    one.mask_json({"last_name": "Featherquill"})
    assert masking.Masker(masking.ALL, KEY, ner="none").mask_text("Featherquill").value == "Featherquill"


def test_a_fresh_bundle_leaves_no_value_anywhere() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": PATIENT},
            {
                "resource": {
                    "resourceType": "Observation",
                    "subject": {"reference": "Patient/p1", "display": "Ngozi Okafor"},
                    "note": [{"text": "Mrs Okafor (DOB 3/5/1961) of Brockton, call 508-427-3000."}],
                    "valueQuantity": {"value": 7.2, "unit": "%"},
                    "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4", "display": "Hemoglobin A1c"}]},
                }
            },
        ],
    }
    out = str(masking.Masker(masking.ALL, KEY, ner="none").mask_json(bundle).value)
    for value in ("Okafor", "Ngozi", "1961", "Brockton", "427", "Pearl", "A77"):
        assert value not in out
    for fact in ("7.2", "4548-4", "Hemoglobin A1c", "http://loinc.org"):
        assert fact in out
