"""HL7 v2, C-CDA, X12, CSV, tables, logs and JSON inside text: values go, structure and clinical facts stay."""

from __future__ import annotations

import json

import pytest

import masking

KEY = b"k" * 32

HL7 = (
    "MSH|^~\\&|EPIC|SAINTJUDES|LAB|LAB|20190305101500||ADT^A01|MSG00001|P|2.5\r"
    "PID|1||00482913^^^MERCY^MR~999-12-3456^^^SSA^SS||OKAFOR^NGOZI^B^^MRS||19610305|F||"
    "2106-3|235 N PEARL ST^APT 4^BROCKTON^MA^02301^USA||(508)427-3000^PRN^PH||EN|M||4478229\r"
    "PV1|1|I|ICU^101^A||||1234567893^DIAZ^MARIA^^^DR^MD|||MED\r"
    "OBX|1|NM|2345-7^Glucose^LN||104|mg/dL|70-99|H|||F|||20190305\r"
    "OBX|2|TX|NOTE^Note||Patient Ngozi Okafor seen by Dr. Diaz. Follow up 3/12/2019.||||||F\r"
    "DG1|1||E11.9^Type 2 diabetes mellitus^I10\r"
)
CDA = (
    '<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><id '
    'root="2.16.840.1.113883.19.5" extension="DOC-99812"/>'
    '<effectiveTime value="20190305"/><recordTarget><patientRole><id extension="998991" '
    'root="2.16.840.1.113883.4.1"/><addr use="HP">'
    "<streetAddressLine>17 Daws Rd.</streetAddressLine><city>Blue "
    "Bell</city><state>MA</state><postalCode>02368</postalCode></addr>"
    '<telecom value="tel:(781)555-1212" use="HP"/><patient><name><given>Ngozi</given><family>Okafor</family></name>'
    '<administrativeGenderCode code="F" displayName="Female"/><birthTime '
    'value="19610305"/></patient></patientRole></recordTarget>'
    "<component><section><title>History</title><text>Ngozi Okafor takes Albuterol 90 mcg. "
    "<content>Seen 3/5/2019</content></text>"
    '<entry><observation><code code="50373000" displayName="Body height"/><value '
    'xsi:type="PQ" value="177" unit="cm"/></observation>'
    "</entry></section></component></ClinicalDocument>"
)
X12 = (
    "ISA*00*          *00*          *ZZ*SUBMITTERID    *ZZ*RECEIVERID     *190305*1015*^*00501*000000905*0*T*:~"
    "NM1*IL*1*OKAFOR*NGOZI*B***MI*XQW884213907~N3*235 N PEARL "
    "ST~N4*BROCKTON*MA*02301~DMG*D8*19610305*F~REF*SY*999123456~"
    "CLM*26463774*100***11:B:1~HI*BK:E119~SV1*HC:99213*40*UN*1***1~"
)
CSV = (
    "patient_id,first_name,last_name,dob,glucose,dx,notes\n"
    '1001,Ngozi,Okafor,1961-03-05,104,E11.9,"Doing well, seen 3/5/2019"\n'
    '1002,"Wei",Zhang,1970-01-02,88,I10,BP 120/80\n'
)
TABLE = (
    " patient_id | last_name | value |"
    " unit\n------------+-----------+-------+------\n       1001 | Okafor    |   104 |"
    " mg/dL\n(1 row)"
)
LOG = (
    "2019-03-05T10:00:00Z INFO GET /patients/482913?name=Ngozi+Okafor&dob=1961-03-05 "
    "user=nokafor client_ip=10.2.3.4 status=200 took=14ms"
)
CASES = {
    "HL7": (
        HL7,
        [
            "OKAFOR",
            "NGOZI",
            "Okafor",
            "19610305",
            "00482913",
            "999-12",
            "PEARL",
            "BROCKTON",
            "02301",
            "427-3000",
            "DIAZ",
            "4478229",
            "3/12/2019",
        ],
        [
            "2345-7^Glucose^LN||104|mg/dL|70-99|H",
            "E11.9^Type 2 diabetes mellitus^I10",
            "ADT^A01",
            "|F||2106-3|",
            "^^^MERCY^MR",
        ],
    ),
    "C-CDA": (
        CDA,
        [
            "Okafor",
            "Ngozi",
            "998991",
            "Daws",
            "Blue Bell",
            "02368",
            "555-1212",
            "19610305",
            "20190305",
            "3/5/2019",
            "DOC-99812",
        ],
        [
            'code="50373000" displayName="Body height"',
            'value="177" unit="cm"',
            "takes Albuterol 90 mcg",
            "<state>MA</state>",
            'xmlns="urn:hl7-org:v3"',
        ],
    ),
    "X12": (
        X12,
        ["OKAFOR", "NGOZI", "XQW884213907", "PEARL", "BROCKTON", "02301", "19610305", "999123456", "26463774"],
        ["HI*BK:E119~", "SV1*HC:99213*40*UN*1***1~", "*100***11:B:1~", "*MA*"],
    ),
    "CSV": (
        CSV,
        ["1001", "Ngozi", "Okafor", "1961", "Wei", "Zhang", "3/5/2019"],
        [",104,E11.9,", ",88,I10,BP 120/80", "patient_id,first_name"],
    ),
    "table": (TABLE, ["1001", "Okafor"], ["|   104 | mg/dL", "(1 row)"]),
    "log": (
        LOG,
        ["482913", "Ngozi", "Okafor", "nokafor", "1961", "10.2.3.4", "2019-03-05"],
        ["status=200 took=14ms", "INFO GET /patients/"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values_go_and_facts_stay(name: str) -> None:
    text, gone, kept = CASES[name]
    out = masking.Masker(masking.ALL, KEY, ner="none").mask_text(text).value
    assert [value for value in gone if value in out] == []
    assert [fact for fact in kept if fact not in out] == []


@pytest.mark.parametrize("name", CASES)
def test_the_same_inside_a_json_string(name: str) -> None:
    text, gone, kept = CASES[name]
    out = masking.Masker(masking.ALL, KEY, ner="none").mask_json({"content": [{"type": "text", "text": text}]}).value
    inside = out["content"][0]["text"]
    assert [value for value in gone if value in inside] == []
    assert [fact for fact in kept if fact not in inside] == []


def test_unchanged_json_bytes_stay_as_they_came() -> None:
    text = (
        '{"a": 1.00, "ssn" : "123-45-6789",\n "b": [1e3, 12345678901234567890, {"dob":"1961-03-05"}], "c": "\\u0041"}\n'
    )
    out = masking.Masker(masking.ALL, KEY, ner="none").mask_text(text).value
    assert out == text.replace("123-45-6789", "[SSN]").replace("1961-03-05", "[DATE]")


def test_json_after_a_sentence_is_masked_as_json() -> None:
    text = (
        'Found 1 patient:\n```json\n{"name": [{"family": "Okafor"}], '
        '"valueQuantity": {"value": 7.20}}\n```\nOkafor is due.'
    )
    out = masking.Masker(masking.ALL, KEY, ner="none").mask_text(text).value
    assert "Okafor" not in out
    assert '{"value": 7.20}' in out


def test_duplicate_keys_hide_nothing() -> None:
    out = masking.Masker(masking.ALL, KEY, ner="none").mask_text('{"ssn": "999-12-3456", "ssn": "none"}').value
    assert "3456" not in out


def test_rows_under_column_names_are_masked_by_column() -> None:
    result = {"columns": ["mrn", "last_name", "glucose"], "rows": [[4711, "Okafor", 104], [4712, "Zhang", 88]]}
    assert masking.Masker(masking.ALL, KEY, ner="none").mask_json(result).value["rows"] == [
        ["[MRN]", "[NAME]", 104],
        ["[MRN]", "[NAME]", 88],
    ]


def test_label_and_value_objects_are_masked_by_label() -> None:
    rows = [
        {"name": "SSN", "value": "999123456"},
        {"field": "Glucose", "value": "104"},
        {"label": "Last name", "value": "Okafor"},
    ]
    masked = json.dumps(masking.Masker(masking.ALL, KEY, ner="none").mask_json(rows).value)
    assert "999123456" not in masked
    assert "Okafor" not in masked
    assert "104" in masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("DOB: 07/29/2001 (22 yrs)\nSex: F", "DOB: [DATE] (22 yrs)\nSex: F"),
        ("DOB: 3/5/1931 (age 93)\nSex: F", "DOB: [DATE] (age [AGE])\nSex: F"),
        ("DOB: 3/5/1951 (was 3/6/1951)\nSex: F", "DOB: [DATE] (was [DATE])\nSex: F"),
        (
            "MSH$%~\\&$A$F$$$20260101\rPID$1$$0048291%%%MRN~999-12-3456%%%S%SS$$Okafor%Ngozi~Smith%Jane$$19610305$F\r",
            "MSH$%~\\&$A$F$$$[DATE]\rPID$1$$[MRN]%%%MRN~[SSN]%%%S%SS$$[NAME]%[NAME]~[NAME]%[NAME]$$[DATE]$F\r",
        ),
        (
            '\ufeffpatient_name;dob;glucose\n"Okafor; Ngozi";05.03.1961;104,5\n',
            '\ufeffpatient_name;dob;glucose\n"[NAME]";[DATE];104,5\n',
        ),
        (
            'last_name,note,glucose\nOkafor,"seen ""today""\nby 617-555-0142",104\nZorb,x,99\n',
            'last_name,note,glucose\n[NAME],"seen ""today""\nby [PHONE]",104\n[NAME],x,99\n',
        ),
        (
            "9,Okafor,Ngozi,1961-03-05,104\n8,Smith,Jane,1971-04-06,99\n7,Garcia,Maria,1981-05-07,88\n",
            "9,[NAME],[NAME],[DATE],104\n8,[NAME],[NAME],[DATE],99\n7,[NAME],[NAME],[DATE],88\n",
        ),
        ("glucose,High,104\nsodium,Low,99\nzinc,Normal,88\n", "glucose,High,104\nsodium,Low,99\nzinc,Normal,88\n"),
        (
            'last_name,told\nOkafor,"{""mrn"": 482913, ""name"": ""Okafor"", ""glucose"": 1.040e2}"\n',
            'last_name,told\n[NAME],"{""mrn"": ""[MRN]"", ""name"": ""[NAME]"", ""glucose"": 1.040e2}"\n',
        ),
        (
            'ts=2026-03-05T10:00:00Z level=info user="Ngozi Okafor" mrn=00482913 dur=15ms\n',
            'ts=[DATE] level=info user="[NAME]" mrn=[MRN] dur=15ms\n',
        ),
    ],
)  # fmt: skip
def test_layouts_as_they_come(text: str, masked: str) -> None:
    masker = masking.Masker(masking.ALL, b"k" * 32, ner="none")
    assert masker.mask_text(text).value == masked
    assert masking.Masker(masking.ALL, b"k" * 32, ner="none").mask_text(masked).value == masked


def test_ndjson_findings_say_their_line() -> None:
    text = '{"name":"Ngozi Okafor","v":1}\n\n{"last_name":"Smith","v":2.50}\n'
    masked = masking.Masker(masking.ALL, b"k" * 32, ner="none").mask_text(text)
    assert [finding.where for finding in masked.findings] == ["line 1: $.name", "line 3: $.last_name"]
    assert all(finding.is_path for finding in masked.findings)
