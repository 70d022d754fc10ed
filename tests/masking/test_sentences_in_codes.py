"""A field of codes may hold a sentence: it is read as prose then, wherever the field stands."""

from __future__ import annotations

import pytest

import masking

SAID = "Patient Ann Lee of Boise was seen by Jane Okafor"
FIELDS = ("value", "result", "code", "status", "display", "type", "diagnosis", "unit", "event", "action")
NAMES_OF_CODES = (
    "Positive",
    "Staph Aureus",
    "E. coli",
    "Body mass index (BMI) [Ratio]",
    "Hemoglobin A1c/Hemoglobin.total in Blood by HPLC",
    "Tobacco smoking status NHIS",
    "How many people are living or staying at this address?",
)
TEXTS = (
    "id,{field}\n1,{said}\n2,Positive\n",
    "id\t{field}\n1\t{said}\n2\tPositive\n",
    "| id | {field} |\n|---|---|\n| 1 | {said} |\n",
    "<r><{field}>{said}</{field}></r>",
    "INSERT INTO t (id, {field}) VALUES (1, '{said}');",
    "{field}={said}",
    "{field}: {said}\n",
    '{{"{field}": "{said}"}}',
    "- {field}: {said}\n",
)


def masker() -> masking.Masker:
    return masking.Masker(masking.ALL, b"k" * 32)


def clear(text: object) -> list[str]:
    return [value for value in ("Ann", "Lee", "Boise", "Jane", "Okafor") if value in str(text)]


@pytest.mark.parametrize("field", FIELDS)
def test_a_sentence_in_a_field_of_codes_is_read(field: str) -> None:
    out = masker().mask_json({"rows": [{field: SAID}, {field: f'{{"a": "{SAID}"}}'}, {field: [SAID]}]}).value
    assert not clear(out)


@pytest.mark.parametrize("layout", TEXTS)
@pytest.mark.parametrize("field", ["result", "code", "status"])
def test_a_sentence_in_a_column_or_an_element_of_codes_is_read(layout: str, field: str) -> None:
    assert not clear(masker().mask_text(layout.format(field=field, said=SAID)).value)


@pytest.mark.parametrize("field", FIELDS)
def test_names_of_codes_stay(field: str) -> None:
    rows = [{field: name} for name in NAMES_OF_CODES]
    assert masker().mask_json(rows).value == rows


@pytest.mark.parametrize("field", ["result", "value", "c", "x"])
def test_a_name_by_itself_in_a_field_that_may_hold_anything_is_one(field: str) -> None:
    assert masker().mask_json({field: "Anna Day"}).value == {field: "[NAME]"}


def test_who_signs_with_a_degree_names_no_columns() -> None:
    assert "Sunniva" not in masker().mask_text("Sunniva Nurse, MD\nNephrology fellow, pager 4411").value
    assert masker().mask_text("MRN,MD\n12399,Lee\n").value.startswith("MRN,MD\n[MRN],")
