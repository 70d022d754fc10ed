"""The five methods: what each leaves, for which kinds, and what stays consistent."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import masking
from masking import dates
from masking.keyed import Keyed
from masking.kinds import CATALOGUE, methods_of
from masking.methods import Methods

KEY = b"k" * 32


def mask(plan: dict[str, str], obj: object, key: bytes = KEY) -> object:
    return masking.Masker(plan, key, ner="none").mask_json(obj).value


def test_redact_leaves_the_kind_and_token_64_bits() -> None:
    assert mask({"mrn": "redact"}, {"mrn": "4711"}) == {"mrn": "[MRN]"}
    token = mask({"mrn": "token"}, {"mrn": "4711"})["mrn"]  # type: ignore[index]
    assert re.fullmatch(r"\[MRN:[0-9a-f]{16,}\]", token)
    assert mask({"mrn": "token"}, {"mrn": "4711"}, b"other") != {"mrn": token}


def test_tokens_join_across_formats_and_messages() -> None:
    masker = masking.Masker({"id": "token", "phone": "token"}, KEY, ner="none")
    a = masker.mask_json({"resourceType": "Patient", "id": "47d6fc65-d809-48ae-87a9-945a1d6854d5"}).value["id"]
    b = masker.mask_json({"subject": {"reference": "urn:uuid:47d6fc65-d809-48ae-87a9-945a1d6854d5"}}).value
    assert b == {"subject": {"reference": "urn:uuid:" + a}}
    c = masker.mask_json({"subject": {"reference": "Patient/47d6fc65-d809-48ae-87a9-945a1d6854d5"}}).value
    assert c == {"subject": {"reference": "Patient/" + a}}
    one, two = (masker.mask_json({"phone": p}).value["phone"] for p in ("(555) 014-2231", "+1 555.014.2231"))
    assert one == two


@pytest.mark.parametrize(
    ("kind", "value", "left"),
    [
        ("phone", "(555) 014-2231", "(***) ***-**31"),
        ("ssn", "123-45-6789", "***-**-6789"),
        ("card", "4111 1111 1111 1111", "**** **** **** 1111"),
        ("email", "ngozi@example.org", "n***@***.org"),
        ("mrn", "00482913", "******13"),
        ("account", "123", "[ACCOUNT]"),
    ],
)
def test_partial_keeps_the_end(kind: str, value: str, left: str) -> None:
    names = {"card": "card number", "account": "account number"}
    assert mask({kind: "partial"}, {names.get(kind, kind): value}) == {names.get(kind, kind): left}


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("1961-03-05", "1961"),
        ("3/5/61", "1961"),
        ("March 5, 2019", "2019"),
        ("2019-03", "2019"),
        ("20190305101500", "2019"),
        ("5 Mar 2019 10:00", "2019"),
        (-277084800, "1961"),
        (1551780000000, "2019"),
    ],
)
def test_generalize_keeps_the_year(value: object, year: str) -> None:
    assert mask({"date": "generalize"}, {"birthDate": value}) == {"birthDate": year}


def test_generalize_keeps_three_digits_of_a_zip_but_not_of_a_small_area() -> None:
    row = [{"zip": "02301"}, {"zip": "03601-1234"}, {"zip": "82101"}, {"city": "Brockton"}]
    assert mask({"address": "generalize"}, row) == [
        {"zip": "023"},
        {"zip": "000"},
        {"zip": "000"},
        {"city": "[ADDRESS]"},
    ]


def test_generalize_makes_90_plus_of_an_age() -> None:
    assert mask({"age": "generalize"}, {"age": 93, "note": "a 94-year-old"}) == {"age": "90+", "note": "a 90+-year-old"}
    assert mask({"age": "generalize"}, {"age": 89}) == {"age": 89}
    assert mask({"age": "generalize"}, {"age": "\u0669\u0663"}) == {"age": "90+"}


def test_a_year_in_a_field_of_ages_tells_one_over_89_only_when_it_is_long_ago() -> None:
    plan = {"age": "generalize", "date": "generalize"}
    once = mask(plan, {"age": "since 9/2/23, left 9/4/23"})
    assert once == {"age": "since 2023, left 2023"}
    assert mask(plan, once) == once
    assert mask(plan, {"age": "1931"}) == {"age": "90+"}


def test_a_day_in_a_field_of_people_is_no_year_that_a_second_reading_takes_for_a_code() -> None:
    plan = {"date": "generalize", "id": "redact", "name": "redact"}
    once = mask(plan, {"author": "1994-10-01T10:30:00Z"})
    assert once == {"author": "[ID]"} == mask(plan, once)
    assert mask(plan, {"author": "June"}) == {"author": "[NAME]"}


def test_shift_keeps_intervals_and_shape_for_one_patient_and_differs_between_patients() -> None:
    rows = [
        {"patient_id": "1", "admitted": "2019-03-05", "discharged": "March 12, 2019", "dob_epoch": 1551744000},
        {"patient_id": "2", "admitted": "2019-03-05", "discharged": "03/12/2019", "dob_epoch": 1551744000},
    ]
    one, two = mask({"date": "shift"}, rows)  # type: ignore[misc]
    first, second = dates.parse(one["admitted"]), dates.parse(one["discharged"])
    assert first is not None
    assert second is not None
    assert (second.date - first.date).days == 7
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", one["admitted"])
    assert re.fullmatch(r"[A-Z][a-z]+ \d{1,2}, \d{4}", one["discharged"])
    assert re.fullmatch(r"\d\d/\d\d/\d{4}", two["discharged"])
    assert one["admitted"] != two["admitted"]
    assert dt.datetime.fromtimestamp(one["dob_epoch"], dt.UTC).date() == first.date
    assert mask({"date": "shift"}, rows) == [one, two]


def test_shift_follows_the_subject_of_a_resource_into_its_prose() -> None:
    bundle = [
        {
            "resourceType": "Observation",
            "subject": {"reference": f"Patient/{i}"},
            "effectiveDateTime": "2019-03-05",
            "note": [{"text": "drawn on 2019-03-05 at home"}],
        }
        for i in (1, 2)
    ]
    out = mask({"date": "shift"}, bundle)
    days = [(o["effectiveDateTime"], o["note"][0]["text"][9:19]) for o in out]  # type: ignore[attr-defined]
    assert days[0][0] == days[0][1]
    assert days[1][0] == days[1][1]
    assert days[0][0] != days[1][0]


@given(
    st.dates(dt.date(1902, 1, 1), dt.date(2090, 1, 1)),
    st.integers(-4000, 4000),
    st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%d %b %Y", "%Y%m%d", "%Y-%m-%dT10:00:00Z"]),
)
def test_a_shifted_date_reads_as_the_moved_day(day: dt.date, offset: int, form: str) -> None:
    text = day.strftime(form)
    moved = dates.shift(text, offset)
    assert moved is not None
    back = dates.parse(moved)
    assert back is not None
    assert back.date == day + dt.timedelta(days=offset)


def test_every_kind_allows_what_the_language_allows() -> None:
    assert {kind for kind in CATALOGUE if "generalize" in methods_of(kind)} == {"date", "age", "address"}
    assert {kind for kind in CATALOGUE if "shift" in methods_of(kind)} == {"date"}
    assert {kind for kind in CATALOGUE if "partial" in methods_of(kind)} == {
        "phone",
        "fax",
        "ssn",
        "card",
        "mrn",
        "account",
        "email",
    }


def test_every_kind_has_a_field_that_is_masked_and_json_stays_json() -> None:
    row = {
        "last_name": "Okafor",
        "city": "Brockton",
        "dob": "1961-03-05",
        "age": 93,
        "phone": "555-014-2231",
        "fax": "555-014-2232",
        "email": "n@x.org",
        "website": "https://x.example/n",
        "ip": "10.1.2.3",
        "ssn": "999123456",
        "mrn": "A4711",
        "member_id": "XQ1",
        "account_number": "4471",
        "npi": "1234567893",
        "vin": "1HGCM82633A004352",
        "serial_number": "PJ-1",
        "fingerprint": "QUJD",
        "photo": "iVBORw0KGgo",
        "uuid": "x-1",
        "password": "hunter2",
        "card_number": "4111111111111111",
    }
    masked = masking.Masker(masking.ALL, KEY, ner="none").mask_json(row)
    assert sorted(f.kind for f in masked.findings) == sorted(masking.KINDS)
    assert list(json.loads(json.dumps(masked.value))) == list(row)
    kinds = {f.where.removeprefix("$."): f.kind.upper() for f in masked.findings}
    assert masked.value == {field: f"[{kind}]" for field, kind in kinds.items()}


@pytest.mark.parametrize(
    "behind", [",565-50-2824", " John Smith", " R RCR + tenodesis", " at Mercy", ", 4411 Elm", "T10:11 Ada"]
)
def test_what_stands_behind_a_day_and_is_no_time_is_never_left_by_moving_it(behind: str) -> None:
    assert dates.shift("2022-04-16" + behind, -10) is None
    assert Methods(Keyed(KEY)).apply("shift", "date", "2022-04-16" + behind) == "[DATE]"


@pytest.mark.parametrize(
    "rest", ["T10:11:12.123Z", " 10:11:12+02:00", " at 5 pm", " 1430", ", 2:30 p.m.", " @ 0930 EST"]
)
def test_a_time_behind_a_day_that_is_moved_stays(rest: str) -> None:
    assert dates.shift("2022-04-16" + rest, -10) == "2022-04-06" + rest


@pytest.mark.parametrize("kind", ["phone", "fax", "ssn", "card"])
def test_a_number_that_ends_in_letters_shows_none_of_them(kind: str) -> None:
    assert Methods(Keyed(KEY)).apply("partial", kind, "565-50-2824 John") == f"[{kind.upper()}]"


@pytest.mark.parametrize(("value", "year"), [("3/14,565-50-1999", "[DATE]"), ("March to May 2019", "2019")])
def test_the_end_of_a_number_in_one_with_a_date_is_no_year(value: str, year: str) -> None:
    assert Methods(Keyed(KEY)).apply("generalize", "date", value) == year
