"""Results in the shapes that servers give: columns apart from rows, wrapped cells, DICOM, records, statements."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

import masking

KEY = b"k" * 32
COLUMNS = ["PAT_MRN_ID", "NAME_LAST", "BIRTH_DT_TM", "COMPONENT_ID", "HGB", "SEX_C"]
ROWS = [
    ["48213377", "Ng", "1961-03-05 00:00:00", "1534435", "13.2", "1"],
    ["59113402", "Day", "1970-01-02", "7", "9", "2"],
]
GONE = ("48213377", "59113402", "Ng", "Day", "1961-03-05", "1970-01-02")
KEPT = ("1534435", "13.2")
NAMED = [{"name": column} for column in COLUMNS]
TABLES: dict[str, Any] = {
    "columns": {"columns": COLUMNS, "rows": ROWS},
    "named columns": {"columns": [{"columnName": column} for column in COLUMNS], "data": ROWS},
    "above": {"manifest": {"schema": {"columns": NAMED}}, "result": {"data_array": ROWS}},
    "beside": {"resultSetMetaData": {"rowType": NAMED}, "data": ROWS},
    "wrapped": {"schema": {"fields": NAMED}, "rows": [{"f": [{"v": cell} for cell in row]} for row in ROWS]},
    "typed": {"columnMetadata": NAMED, "records": [[{"stringValue": cell} for cell in row] for row in ROWS]},
    "items": {"Items": [{c: {"S": cell} for c, cell in zip(COLUMNS, row, strict=True)} for row in ROWS]},
    "by column": {column: {"0": ROWS[0][at], "1": ROWS[1][at]} for at, column in enumerate(COLUMNS)},
    "labelled": [[{"column": c, "value": cell} for c, cell in zip(COLUMNS, row, strict=True)] for row in ROWS],
}


def masked(text: str) -> str:
    return masking.Masker(None, KEY, ner="none").mask_text(text).value


@pytest.mark.parametrize("shape", TABLES)
def test_a_table_however_it_is_laid_out(shape: str) -> None:
    out = masking.Masker(None, KEY, ner="none").mask_json(TABLES[shape]).value
    text = json.dumps(out)
    assert [value for value in GONE if f'"{value}' in text] == []
    assert [value for value in KEPT if f'"{value}"' not in text] == []
    assert [column for column in COLUMNS if f'"{column}"' not in text] == []


RULE = "-[ RECORD 1 ]------"
LINES = {
    "psql": "\n".join([RULE, *(f"{c:14} | {v}" for c, v in zip(COLUMNS, ROWS[0], strict=True))]),
    "mysql": "\n".join(f"{c:>14}: {v}" for c, v in zip(COLUMNS, ROWS[0], strict=True)),
    "yaml": "rows:\n  - " + "\n    ".join(f"{c}: '{v}'" for c, v in zip(COLUMNS, ROWS[0], strict=True)),
    "toml": "[[row]]\n" + "\n".join(f'{c} = "{v}"' for c, v in zip(COLUMNS, ROWS[0], strict=True)),
    "box": f"│ {' │ '.join(COLUMNS)} │\n├{'─' * 60}┤\n│ {' │ '.join(ROWS[0])} │\n",
    "aligned": "\n".join("  ".join(f"{cell:20}" for cell in row) for row in (COLUMNS, *ROWS)),
    "copy": f"COPY p ({', '.join(COLUMNS)}) FROM stdin;\n" + "\t".join(ROWS[0]) + "\n\\.\n",
    "html": "<table><tr>"
    + "".join(f"<th>{c}</th>" for c in COLUMNS)
    + "</tr><tr>"
    + "".join(f"<td>{v}</td>" for v in ROWS[0])
    + "</tr></table>",
    "update": "UPDATE p SET " + ", ".join(f"{c} = '{v}'" for c, v in zip(COLUMNS, ROWS[0], strict=True)) + ";",
    "last cell empty": f"{'|'.join(COLUMNS)}|NOTE\n{'|'.join(ROWS[0])}|\n",
}


@pytest.mark.parametrize("shape", LINES)
def test_a_row_as_text(shape: str) -> None:
    out = masked(LINES[shape])
    assert [value for value in ("48213377", "Ng", "1961-03-05") if value in out] == []
    assert [value for value in (*KEPT, *COLUMNS) if value not in out] == []


def test_a_masked_statement_still_runs() -> None:
    database = sqlite3.connect(":memory:")
    try:
        database.execute(f"create table p ({', '.join(COLUMNS)})")
        database.execute(masked(LINES["update"]))
    finally:
        database.close()


def test_a_database_repeats_the_row_that_it_refuses() -> None:
    out = masked(
        'ERROR:  duplicate key value violates unique constraint "person_uq"\n'
        "DETAIL:  Key (last_name, first_name, dob)=(Mutua, Jo, 1974-05-26) already exists.\n"
        "DETAIL:  Failing row contains (5224903, 421344, Mutua, Jo, null).\n"
        "ERROR 1062 (23000): Duplicate entry '421344' for key 'patients.mrn'\n"
    )
    assert [value for value in ("Mutua", "Jo", "1974-05-26", "5224903", "421344") if value in out] == []
    assert "Key (last_name, first_name, dob)=" in out


def test_dicom_is_masked_by_tag_and_representation() -> None:
    told = {
        "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
        "0020000D": {"vr": "UI", "Value": ["1.2.840.113619.2.818.378789007"]},
        "00080020": {"vr": "DA", "Value": ["20240305"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "NG^QUETZAL"}]},
        "00100020": {"vr": "LO", "Value": ["MR4471"]},
        "00101020": {"vr": "DS", "Value": [1.65]},
        "00080060": {"vr": "CS", "Value": ["CT"]},
    }
    out = masking.Masker(None, KEY, ner="none").mask_json(told).value
    assert list(out) == list(told)
    assert out["00100010"]["Value"] == [{"Alphabetic": "[NAME]"}]
    assert [out[tag]["Value"] for tag in ("0020000D", "00080020", "00100020")] == [["[ID]"], ["[DATE]"], ["[MRN]"]]
    assert all(out[tag] == told[tag] for tag in ("00080016", "00101020", "00080060"))


@pytest.mark.parametrize(
    ("field", "value", "gone"),
    [
        ("prescriber", "Quetzal Ter-Petrosyan", True),
        ("patient", "N'Golo Dela-Cruz", True),
        ("recorded_by", "Ng", True),
        ("encounter", "295206967", True),
        ("patient", 5878674, True),
        ("performer", "Emergency Department", False),
        ("visits", 12, False),
        ("order_by", "last_name", False),
    ],
)
def test_a_field_that_names_a_person_or_a_record(field: str, value: str | int, gone: bool) -> None:
    assert masking.Masker(None, KEY, ner="none").mask_json({field: value, "unit": "mg/dL"}).changed is gone


@pytest.mark.parametrize(
    "coding",
    [
        {"system": "http://hl7.org/fhir/sid/ndc", "code": "0069-2587-10"},
        {"system": "urn:oid:1.2.36.146.595.217.0.1", "code": "718-7", "displayName": "Female"},
    ],
)
def test_codes_of_drugs_and_object_identifiers_stay(coding: dict[str, str]) -> None:
    assert not masking.Masker(None, KEY, ner="none").mask_json({"patient": {"coding": [coding]}}).changed


def test_a_query_in_hl7_says_what_it_asks_for() -> None:
    out = masked(
        "MSH|^~\\&|A|B|C|D|20240305||QBP^Q22^QBP_Q21|MSG1|P|2.5\rQPD|Q22^Find^HL7|Q1|@PID.5.1^Ng~@PID.3.1^274048\r"
        "RXR|C28161^Intramuscular^NCIT|LA^Left Upper Arm^HL70163\r"
    )
    assert "@PID.5.1^[NAME]~@PID.3.1^[MRN]" in out
    assert "RXR|C28161^Intramuscular^NCIT|LA^Left Upper Arm^HL70163" in out
