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


@pytest.mark.parametrize("taught", [{"mrn": "7788991"}, {"mrn": 7788991}, {"mrn": 7788991.0}])
@pytest.mark.parametrize(
    "shown",
    [{"q": 7788991}, {"q": 7788991.0}, {"q": -7788991.0}, {"q": "saw 7788991"}, {"start": 7788991}, [7788991.0]],
)
def test_a_number_is_known_with_or_without_a_point(taught: dict[str, object], shown: object) -> None:
    """Tables with gaps hold whole numbers as floats, and write `7788991.0`."""
    for obj in ([taught, shown], [shown, taught]):
        assert "7788991" not in str(masking.Masker(masking.ALL, KEY, ner="none").mask_json(obj).value)


def test_a_number_has_one_token_with_or_without_a_point() -> None:
    out = masking.Masker({"mrn": "token"}, KEY, ner="none").mask_json([{"mrn": n} for n in (7788991, 7788991.0)]).value
    assert out[0] == out[1]


@pytest.mark.parametrize("obj", [{"birth_date": 19610305.0}, {"start": 1700000000.0}, {"start": 1700000000.25}])
def test_a_date_may_be_a_float(obj: dict[str, float]) -> None:
    assert masking.Masker(masking.ALL, KEY, ner="none").mask_json(obj).value == dict.fromkeys(obj, "[DATE]")


@pytest.mark.parametrize("plan", [{"ssn": "redact"}, {"mrn": "token"}, {"name": "redact"}, {"address": "redact"}])
@pytest.mark.parametrize("turned", [False, True])
def test_a_value_learnt_as_two_kinds_is_masked_as_the_one_of_the_plan(plan: dict[str, str], turned: bool) -> None:
    """Whichever was learnt last: a number that is an SSN here and a record number there, a Jackson of Jackson."""
    both = [
        {"ssn": "478-22-9911", "last_name": "Brockton", "address_line_1": "Ngozi Okafor"},
        {"mrn": "478229911", "city": "Brockton", "patient_name": "Ngozi Okafor"},
    ]
    shown = {"q": 478229911, "note": "no. 478229911 Brockton", "other": "NGOZI OKAFOR was here"}
    one = masking.Masker(plan, KEY, ner="none")
    one.learn(both[::-1] if turned else both)
    out = one.mask_json(shown).value
    kind = next(iter(plan))
    if kind in ("ssn", "mrn"):
        assert "478229911" not in str(out)
    else:
        assert "Brockton" not in out["note"]
        assert "OKAFOR" not in out["other"]


def test_what_is_known_is_bounded_whatever_it_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("masking.known._LIMIT", 200)
    known = masking.KnownValues(KEY)
    for number in range(1000):
        known.learn("address", f"Elm {number} Zorblatt")
        known.about(f"patient {number}")
    assert len(known) <= 202
    assert len(known._subjects) == 2


@pytest.mark.parametrize(
    "obj",
    [
        {"a": '{"note":"Okonjowski came"}', "b": '{"last_name":"Okonjowski"}'},
        {"a": '{"note":"Okonjowski came"}', "b": "last_name: Okonjowski"},
        {"a": '"{\\"note\\":\\"Okonjowski came\\"}"', "b": '{"x":"{\\"last_name\\":\\"Okonjowski\\"}"}'},
        {"content": [{"text": '[{"q":"Okonjowski"}]'}, {"text": '{"surname":"Okonjowski"}'}]},
        [{"SSN 123-45-6789 okonjowski": 1}, {"last_name": "Okonjowski"}],
        [
            {"subject": {"reference": "Patient/1"}, "note": "okonjowski came"},
            {"subject": {"reference": "Patient/2"}, "note": '{"last_name":"Okonjowski"}'},
        ],
    ],
)  # fmt: skip
@pytest.mark.parametrize("date", ["redact", "shift"])
def test_what_a_document_in_a_message_teaches_is_masked_in_all_of_it(obj: object, date: str) -> None:
    one = masking.Masker({"name": "redact", "ssn": "redact", "date": date}, KEY, ner="none")
    assert "konjowski" not in str(one.mask_json(obj).value)


@pytest.mark.parametrize(
    "text",
    [
        '{"note":"Okonjowski came"}\n{"last_name":"Okonjowski"}\n',
        'Okonjowski came\n{"last_name":"Okonjowski"}\n',
        'see {"note":"Okonjowski came"} and {"last_name":"Okonjowski"} there',
        'see {"note":"Okonjowski came"}\nlast_name: Okonjowski\n',
        'note,x\n"{""note"":""Okonjowski came""}","{""last_name"":""Okonjowski""}"\n',
        'last_name,x\nOkonjowski,"{""note"":""Okonjowski came""}"\n',
    ],
)
def test_what_a_later_part_of_a_text_teaches_is_masked_in_an_earlier_one(text: str) -> None:
    masked = masking.Masker(masking.ALL, KEY, ner="none").mask_text(text)
    assert "konjowski" not in masked.value
    assert all("konjowski" not in str(finding) for finding in masked.findings)
