"""What stands in a JSON value is told by its field, its object and its parent, with the shipped prose engine."""

from __future__ import annotations

from typing import Any

import pytest

import masking

KEPT: dict[str, Any] = {
    "a device's name": {
        "resourceType": "Device",
        "manufacturer": "Medtronic",
        "deviceName": [{"name": "Azure XT DR MRI"}],
    },
    "a range": {
        "referenceRange": [{"low": {"value": 70}, "text": "70-99 mg/dL"}],
        "interpretation": [{"text": "High"}],
    },
    "a concept without a code": {"code": {"text": "Apgar 5 min"}, "valueInteger": 9, "bodySite": {"text": "Left arm"}},
    "a dose": {"dosageInstruction": [{"text": "Take one tablet by mouth twice daily with food"}]},
    "a plan's name": {"class": [{"type": {"coding": [{"code": "plan"}]}, "name": "Gold plan"}]},
    "a tool": {
        "name": "get_patient",
        "description": "Get a patient by MRN. Returns name, DOB and address.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "mrn": {"type": "string", "description": "Medical record number"},
                "name": {"type": "string"},
            },
        },
    },
    "a server": {"serverInfo": {"name": "ehr-server", "version": "1.2.3"}},
    "measures": {
        "dx_desc": "Type 2 diabetes mellitus",
        "drg": "637",
        "hgb": 10.2,
        "los": 4,
        "room": "412B",
        "cnt": 12345,
    },
    "OMOP codes": {"gender_concept_id": 8507, "measurement_concept_id": 3004501, "unit_source_value": "mg/dL"},
}
MASKED: dict[str, tuple[Any, Any]] = {
    "a patient's only name": (
        {"patients": [{"name": "Ngozi Okafor", "x": 1}]},
        {"patients": [{"name": "[NAME]", "x": 1}]},
    ),
    "a name that nothing announces": ({"result": {"name": "Tsegaye Haile"}}, {"result": {"name": "[NAME]"}}),
    "an answer": (
        {"item": [{"linkId": "3", "text": "Your name", "answer": [{"valueString": "Ngozi Okafor"}]}]},
        {"item": [{"linkId": "3", "text": "Your name", "answer": [{"valueString": "[NAME]"}]}]},
    ),
    "a database's error": (
        {"error": "DETAIL: Key (mrn)=(00482913) already exists."},
        {"error": "DETAIL: Key (mrn)=([MRN]) already exists."},
    ),
    "columns in short": (
        {"pt_nm": "OKAFOR,NGOZI", "admit_dt": "2020-01-01", "prov_nm": "DIAZ M", "updated_by": "mdiaz"},
        {"pt_nm": "[NAME]", "admit_dt": "[DATE]", "prov_nm": "[NAME]", "updated_by": "[NAME]"},
    ),
    "coordinates": (
        {"position": {"longitude": -71.0184, "latitude": 42.0834}},
        {"position": {"longitude": "[ADDRESS]", "latitude": "[ADDRESS]"}},
    ),
    "an extension": (
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Jacobs"},
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "[NAME]"},
    ),
    "a reference's display": (
        {
            "requester": {"reference": "Practitioner/77", "display": "Eve Adamu"},
            "result": [{"reference": "Observation/1", "display": "Potassium"}],
        },
        {
            "requester": {"reference": "Practitioner/[ID]", "display": "[NAME]"},
            "result": [{"reference": "Observation/[ID]", "display": "Potassium"}],
        },
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_clinical_and_technical_facts_stay(name: str) -> None:
    assert masking.Masker(masking.ALL, b"k" * 32).mask_json(KEPT[name]).value == KEPT[name]


@pytest.mark.parametrize("name", MASKED)
def test_what_identifies_goes(name: str) -> None:
    given, left = MASKED[name]
    assert masking.Masker(masking.ALL, b"k" * 32).mask_json(given).value == left


def test_prose_in_any_field_is_read() -> None:
    note = {"note": [{"text": "Patient prefers liquid form. Spoke with her daughter Ifeoma Nwosu in Poughkeepsie."}]}
    text = str(masking.Masker(masking.ALL, b"k" * 32).mask_json(note).value)
    assert "prefers liquid form" in text
    for value in ("Ifeoma", "Nwosu", "Poughkeepsie"):
        assert value not in text


UNKNOWN_FIELDS = {
    "contact": "Ngozi Okafor",
    "booked_by": "Nguyen Van An",
    "c": "Will Day",
    "icu": "O'Brien",
    "labels": ["John Smith", "Mark Young", "Okafor"],
    "slots": [["09:00", "Tom Baker", "Follow Up"]],
}


def test_short_values_of_unknown_fields_that_are_names_are_masked() -> None:
    out = masking.Masker(None, b"k" * 32).mask_json(UNKNOWN_FIELDS).value
    assert out == {
        "contact": "[NAME]",
        "booked_by": "[NAME]",
        "c": "[NAME]",
        "icu": "[NAME]",
        "labels": ["[NAME]"] * 3,
        "slots": [["09:00", "[NAME]", "Follow Up"]],
    }


def test_short_values_that_are_titles_products_and_findings_stay() -> None:
    kept = {
        "a": ["Login Page", "Data Export", "Patient Portal", "Red Hat", "Amazon Linux", "Blue Room"],
        "b": ["Blood Pressure", "Heart Failure", "Crohn Disease", "Parkinson Disease", "Left Arm", "Jackson Pratt"],
        "c": ["Pending", "Kubernetes", "Spanish", "Normal", "Foley", "Internal Server Error"],
    }
    assert masking.Masker(None, b"k" * 32).mask_json(kept).value == kept
