"""Employers, log-ins, entry codes and names that only their place gives away; and what stands there and is none."""

from __future__ import annotations

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"


def masked(text: str) -> str:
    return str(masking.Masker(masking.ALL, KEY, ner="none").mask_text(text).value)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Her son works at Calloway Freight, nights.", "Calloway Freight"),
        ("Employer: Benning & Rhodes Tannery\nShift: 2", "Benning & Rhodes"),
        ("grease fire at the Silver Otter Diner last night", "Silver Otter"),
        ("hired by ostrander logistics", "ostrander logistics"),
        ("Opened chart. Login hquiroga7 used.", "hquiroga7"),
        ("Key in lockbox, code 5518#. Gate code 7731.", "7731"),
        ("door code: 40912", "40912"),
        ("Docket No. 24-PR-00817", "24-PR-00817"),
        ("NP Crisp aware of the result.", "Crisp"),
        ("wife of 41 years thandeka at bedside", "thandeka"),
        ("standing order dr. rush. closed 1700", "rush"),
        ("Fr. Brannigan visited at noon.", "Brannigan"),
        ("body released to Kettler & Sons Funeral Home", "Kettler"),
        ("driving past Kettler's Tap.", "Kettler's Tap"),
        ("came from The Laurels Assisted Living.", "The Laurels"),
        ("transferred to Providence St. Vincent", "Providence St. Vincent"),
    ],
)
def test_what_only_its_place_gives_away_is_masked(text: str, gone: str) -> None:
    assert gone not in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "error code 4471, CPT code 99213, exit code 137",
        "per policy 2.05.11 and section 3.04.12",
        "Interpreter: Vietnamese",
        "R radial 6F, Amplatz\n08:03 LAD 90%",
        "placed 16 Fr. Foley, returned clear urine",
        "Nurse aware. Family updated. Team paged. Pharmacy notified.",
        "stainless steel plate, flour mill dust exposure",
        "login failed, user locked, author unknown",
        "3/10 pain, uses walker. afebrile",
    ],
)
def test_what_stands_there_and_identifies_nobody_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "SNOMED CT 44054006 type 2 diabetes; 38341003 hypertensive disorder; concept 195967001 asthma",
        "CPT 99213, 99214-25, 93000, 27447; HCPCS J1745, G0439",
        "LOINC 4548-4 HbA1c 7.2 %; 2345-7 glucose 142 mg/dL",
        "ASA III; T2N1M0 stage IIB; Gleason 4+3=7; PI-RADS 4",
        "RxNorm 860975 metformin 500 MG; NDC 0002-8215-01",
    ],
)
def test_lists_of_codes_stay(text: str) -> None:
    assert masking.Masker(masking.ALL, KEY).mask_text(text).value == text
