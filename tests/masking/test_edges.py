"""Where a span begins and ends, and what only looks like one: patterns alone, without the prose engine."""

from __future__ import annotations

import pytest

import masking

KEY = b"k" * 32

MASKED = {
    "found at 2301 NE 45th St Apt 6, Walla Walla for a fall": "found at [ADDRESS] for a fall",
    "to 803 W. 6th Ave, Inverness with his sister. New meds": "to [ADDRESS] with his sister. New meds",
    "PO Box 2214, Inverness with his sister": "[ADDRESS] with his sister",
    "lives at 12 Oak St. Questions? None": "lives at [ADDRESS] Questions? None",
    "ship to PSC 4095, Box 8316\nAPO AE 85103 today": "ship to [ADDRESS] today",
    "at 772 ul. Narewska 94 now": "at [ADDRESS] now",
    "struck at the corner of 5th and Main today": "struck at the corner of [ADDRESS] today",
    "seen at St. Mary's for a cough": "seen at [ADDRESS] for a cough",
    "flown to Mass General for care": "flown to [ADDRESS] for care",
    "attends Jefferson Middle School for now": "attends [ADDRESS] for now",
    "followed at VA Puget Sound for years": "followed at [ADDRESS] for years",
    "REC PSYCH AT Bluestem Family Practice": "REC PSYCH AT [ADDRESS]",
    "a patient of Dr. Little. NIHSS on arrival 14": "a patient of Dr. [NAME]. NIHSS on arrival 14",
    "SPOUSE Stephen DROVE": "SPOUSE [NAME] DROVE",
    "FROM: Trevor Park, Referral Coordinator": "FROM: [NAME], Referral Coordinator",
    "TKA by Fairweather. PLOF ok": "TKA by [NAME]. PLOF ok",
    "(lot U7731AA)": "(lot [DEVICE])",
    "TB neg 2/14.": "TB neg [DATE].",
    "his social is 123456789": "his social is [SSN]",
    "saw Drs. Day, Quispe and Rasmussen today": "saw Drs. [NAME] today",
    "by Dr. Nurse. Sunniva Nurse, MD": "by Dr. [NAME]. [NAME], MD",
    "supervisor Quentin Pomeroy notified; wife Mei-Ling pleased": "supervisor [NAME] notified; wife [NAME] pleased",
    "Home visit. Will lives alone": "Home visit. [NAME] lives alone",
    "changed per Hope. changed per myrna.": "changed per [NAME]. changed per [NAME].",
    "cousins in las cruces, to Moose Jaw Board of Health": "cousins in [ADDRESS], to [ADDRESS] Board of Health",
    "drove her to Memorial Hermann today": "drove her to [ADDRESS] today",
    "seen at Blue Ridge Oncology Associates now": "seen at [ADDRESS] now",
    "CA-125 8/6 412 -> 9/3 88. Began spring of 2022": "CA-125 [DATE] 412 -> [DATE] 88. Began [DATE]",
    "{'id': 'x'} Inmate Uchida, Gail booked": "{'id': 'x'} Inmate [NAME] booked",
}
KEPT = (
    "21:04 Call from Dr.",
    "Protonix 40, Lovenox 40 SQ daily",
    "Epi 0346, 0349. ROSC 0352. Leader Dr",
    "NURSING: 0700-1900",
    "she missed a step at home; flat T waves",
    "St. John's wort 300 mg",
    "Nephrology fellow paged, Bishop 9",
    "monofilament 10/10, pain 7/10, strength 4/5, MoCA 9/30, 3/15 nodes",
    "CC: SOB",
    "RELATIONSHIP TO INSURED: CHILD",
    "WHERE measurement_concept_id = 3004410",
    "the Surgeon General and the Attorney General",
    "VA Snellen 20/25",
    "a gentleman with Parkinson disease; clinicals by Friday; d/c with mom",
    "the nurse called. RN at bedside; sister present, friend drove",
    "Wound was clean. Grade is low. per protocol. by mouth",
    "reported to the State Health Department and the local Police",
    "lot of pain, key findings, case 3 of 5",
)


@pytest.fixture(scope="module")
def masker() -> masking.Masker:
    return masking.Masker(None, KEY, ner="none")


@pytest.mark.parametrize("text", MASKED)
def test_a_span_ends_where_what_identifies_ends(text: str) -> None:
    assert masking.Masker(None, KEY, ner="none").mask_text(text).value == MASKED[text]


@pytest.mark.parametrize("text", KEPT)
def test_what_identifies_nobody_stays(masker: masking.Masker, text: str) -> None:
    assert masker.mask_text(text).value == text


PROSE_KEPT = (
    "AKI on CKD 3b. Creatinine peaked at 2.4.",
    "A Monte Carlo simulation was run. The pupils show no Marcus Gunn sign.",
    "He has Parkinson's disease and Bell's palsy.",
    "The fever of 103 came back; HOB upright 90\u00b0; LDL is 96 and falling.",
    "PHQ-9 21, GAD-7 17. Passive thoughts only.",
    "Sister (II-3) carries MLH1 c.1852_1854del.",
)


@pytest.mark.parametrize("text", PROSE_KEPT)
def test_the_prose_engine_leaves_facts_alone(text: str) -> None:
    assert masking.Masker(None, KEY).mask_text(text).value == text


def test_the_words_of_one_name_are_one_stand_in() -> None:
    text = "We discussed the plan with Giancarlo Oyelaran this morning."
    assert masking.Masker(None, KEY).mask_text(text).value == "We discussed the plan with [NAME] this morning."


def test_a_header_whose_quote_stays_open_is_streamed() -> None:
    """Its next line, if any, would close it: there is no line below it."""
    stream = masking.Masker(masking.ALL, b"k" * 32, ner="none").stream()
    text = '"last_name,ssn: 123-45-6789\nrest'
    assert "123-45-6789" not in stream.feed(text) + stream.close()
