"""What a masker promises on text and JSON, without a prose engine."""

from __future__ import annotations

import copy
import json
import subprocess
import sys

import pytest

import masking

KEY = b"k" * 32


@pytest.fixture(scope="module")
def masker() -> masking.Masker:
    return masking.Masker(masking.ALL, KEY, ner="none")


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, masking; print(sorted({'re2','spacy','presidio_analyzer','numpy','orjson'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_labelled_invalid_ssn_is_masked_all_the_same(masker: masking.Masker) -> None:
    for text in ("SSN: 999-12-3456", "ssn 000000000", "Social Security Number is 123 45 6789", "SSN ending in 4321"):
        assert "[SSN]" in masker.mask_text(text).value, text


@pytest.mark.parametrize(
    "text",
    [
        "BP 120/80, HR 72, RR 16, SpO2 98% on RA, Temp 98.6 F",
        "Lisinopril 10 mg PO daily, Metformin 500 mg BID, 5/5 strength, 2/6 systolic murmur",
        "HbA1c 7.2%, Na 138, K 4.1, Cr 1.02, WBC 11.3, troponin < 0.01",
        "45-year-old man with Parkinson disease and Crohn's disease",
        "LOINC 8302-2, SNOMED 160903007, ICD-10 E11.9, RxNorm 316049, CVX 140",
        "Swan-Ganz catheter, Foley in place, Babinski negative, Glasgow Coma Scale 15",
        "diagnosed in 2014; pain 7/10; follow-up in 2-3 weeks; q4-6h prn",
    ],
)
def test_clinical_facts_stay(masker: masking.Masker, text: str) -> None:
    assert masker.mask_text(text).value == text


def test_json_keeps_its_shape_and_the_input_is_not_touched(masker: masking.Masker) -> None:
    record = {
        "resourceType": "Patient",
        "id": "p-1",
        "name": [{"family": "Okafor", "given": ["Ngozi", "B"]}],
        "birthDate": "1961-03-05",
        "telecom": [{"system": "phone", "value": "555-014-2231"}, {"system": "email", "value": "n@x.org"}],
        "address": [{"line": ["1 Elm St"], "city": "Brockton", "state": "MA", "postalCode": "02301"}],
        "gender": "female",
        "deceasedBoolean": False,
    }
    before = copy.deepcopy(record)
    masked = masker.mask_json(record)
    assert record == before
    assert masked.value == {
        "resourceType": "Patient",
        "id": "[ID]",
        "name": [{"family": "[NAME]", "given": ["[NAME]", "[NAME]"]}],
        "birthDate": "[DATE]",
        "telecom": [{"system": "phone", "value": "[PHONE]"}, {"system": "email", "value": "[EMAIL]"}],
        "address": [{"line": ["[ADDRESS]"], "city": "[ADDRESS]", "state": "MA", "postalCode": "[ADDRESS]"}],
        "gender": "female",
        "deceasedBoolean": False,
    }
    assert {f.where for f in masked.findings} >= {
        "$.name[0].family",
        "$.name[0].given[1]",
        "$.address[0].line[0]",
        "$.id",
    }
    assert "Okafor" not in repr(masked.findings)


def test_codes_and_measures_of_fhir_stay(masker: masking.Masker) -> None:
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "8302-2", "display": "Body Height"}],
            "text": "Body Height",
        },
        "valueQuantity": {"value": 175.9, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"},
    }
    masked = masker.mask_json(observation)
    assert masked.value == observation
    assert not masked.changed
    assert masked.value is observation


def test_what_a_field_taught_is_masked_in_prose_later() -> None:
    known = masking.KnownValues(KEY)
    first = masking.Masker(masking.ALL, KEY, ner="none", known=known)
    first.mask_json({"first_name": "Ngozi", "last_name": "Okafor", "mrn": "A77-120-9"})
    second = masking.Masker(masking.ALL, KEY, ner="none", known=known)
    text = second.mask_text("OKAFOR, ngozi: okafors file, J. Okafor's chart A771209 and A77 120 9").value
    assert "kafor" not in text.lower()
    assert "ngozi" not in text.lower()
    assert "A77" not in text


def test_a_token_is_the_same_for_the_same_value_and_only_ours_counts() -> None:
    masker = masking.Masker({"name": "token", "id": "token"}, KEY, ner="none")
    rows = [{"last_name": "Okafor"}, {"last_name": "OKAFOR"}, {"last_name": "Diaz"}]
    a, b, c = (row["last_name"] for row in masker.mask_json(rows).value)
    assert a == b != c
    assert masker.mask_json({"last_name": a}).value == {"last_name": a}
    forged = "[NAME:" + "0" * 24 + "]"
    assert masker.mask_json({"last_name": forged}).value != {"last_name": forged}


def test_a_plan_masks_only_its_kinds() -> None:
    masker = masking.Masker({"ssn": "partial"}, KEY, ner="none")
    assert masker.mask_text("Jane at 555-014-2231, SSN 123-45-6789").value == "Jane at 555-014-2231, SSN ***-**-6789"


@pytest.mark.parametrize(
    ("plan", "code"),
    [({"nonsense": "redact"}, "HM001"), ({"name": "blur"}, "HM007"), ({"name": "shift"}, "HM008")],
)
def test_a_plan_that_cannot_be_kept_is_refused(plan: dict[str, str], code: str) -> None:
    with pytest.raises(masking.MaskingError) as caught:
        masking.Masker(plan, KEY, ner="none")
    assert caught.value.code == code


def test_a_missing_engine_is_refused() -> None:
    with pytest.raises(masking.MaskingError) as caught:
        masking.Masker(masking.ALL, KEY, ner="elsewhere")
    assert caught.value.code == "HM005"


def test_the_command_masks_text_and_json(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "row.json"
    file.write_text(json.dumps({"ssn": "123-45-6789", "glucose": 104}))
    done = subprocess.run(
        [sys.executable, "-m", "masking", "mask", "--ner", "none", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"ssn": "[SSN]", "glucose": 104}
    missing = subprocess.run(
        [sys.executable, "-m", "masking", "mask", str(tmp_path / "no")], capture_output=True, text=True, check=False
    )
    assert missing.returncode == 2
    assert "Traceback" not in missing.stderr
