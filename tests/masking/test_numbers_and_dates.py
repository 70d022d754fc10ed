"""Numbers and days told apart by what stands beside them: one line for each class, both ways."""

from __future__ import annotations

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"


@pytest.mark.parametrize(
    "text",
    [
        "Home log 138-152/84-90 on lisinopril, BP now 128/74 (118-142/66-80).",
        "The slide was coded SNOMED T-64300 M-43000 by the resident.",
        "Reflex testing (CLARITHRO A2143G) is pending at the lab.",
        "She was G3P1011 -> P2012 as of the delivery.",
        "Dialysis Rx: F180NRe, 4 h, with the usual bath.",
        "The saliva kit (OG-510) was handed over at the desk.",
        "Passed with colonoscope HQ190L to the cecum and a 21-ch catheter.",
        "Skin test (histamine 6/22): oak 5/20, box elder 3/10, ragweed 11/40.",
        "Titers to the vaccine rose, 9/23 -> 18/23 after the booster.",
        "The mouth guard was used 3/7 nights this week.",
        "Her distress thermometer 8/10, her appropriateness AUC 8/9.",
        "The upload failed again, retry 3/5, then it gave up.",
        "Therapy visit 1/12 today, she is doing well.",
        "Vanc trough 17.2 and the potassium 4.1 are fine.",
        "She asked the chaplain to read Psalm 23 to her.",
        "This is visit 1 of 24, and benefit period 3 begins.",
        "Birth weight 3180, today 2985, feeding well.",
        "She took in 1140 and put out 890, so I/O 1140/890 for the shift.",
        "Colonoscopy in 2026, LDCT order, 71271; G0296, then nothing.",
        "The dressing gown season is ending in 2019 for good.",
    ],
)
def test_what_is_measured_scored_or_modelled_stays(text: str) -> None:
    assert masking.Masker(None, KEY).mask_text(text).value == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Hartmann's procedure with end colostomy 2-18 by the team.", "2-18"),
        ("Flagyl 500 mg tid to finish 2-28, then nothing.", "2-28"),
        ("Xarelto resume 5/8 and then the clinic.", "5/8"),
        ("Next visit 6/3 with the whole team.", "6/3"),
        ("Skin test negative, and seen 3/5 for a rash.", "3/5"),
        ("She was readmitted on halloween with a fever.", "halloween"),
        ("The caller's line is ending in 0167, she said.", "0167"),
        ("Signed by the therapist, license pt 29117 of the state.", "29117"),
        ("Onset: 2/18/24   DOS: 3/26/24 R RCR + SAD + biceps tenodesis", "3/26/24"),
        ("Badge A2143G was left behind at the desk.", "A2143G"),
        ("Call her at 555-0142 before noon.", "555-0142"),
        ("MRN: 4471829 was merged with the other.", "4471829"),
        ("DOB: 3/5/1951 as it is on the card.", "3/5/1951"),
        ("SSN 123-45-6789 is on the form.", "123-45-6789"),
    ],
)
@pytest.mark.parametrize("ner", ["default", "none"])
def test_what_names_somebody_or_a_day_is_found_with_and_without_the_prose_engine(
    text: str, value: str, ner: str
) -> None:
    masker = masking.Masker(None, KEY, ner="none") if ner == "none" else masking.Masker(None, KEY)
    assert value not in masker.mask_text(text).value


def test_words_behind_a_date_are_no_part_of_it() -> None:
    note = "Onset: 2/18/24   DOS: 3/26/24 R RCR + SAD + biceps tenodesis"
    assert masking.Masker(None, KEY).mask_text(note).value.endswith("R RCR + SAD + biceps tenodesis")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The nail came out, 27506? no: 20690, as we said.", False),
        ("He left the paper 778120 there on the bench.", True),
        ("He left the paper WK7714-20 there on the bench.", True),
    ],
)
def test_a_bare_number_needs_six_figures_or_four_with_letters(text: str, found: bool) -> None:
    assert masking.Masker(None, KEY, ner="none").mask_text(text).changed is found


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Support group ridgebariatric.example/groups.", "Support group [URL]."),
        ("Leaflet at kidshealth.org.nz/asthma today", "Leaflet at [URL] today"),
        ("Heart RRR.NL S1 and S2", "Heart RRR.NL S1 and S2"),
    ],
)
def test_a_place_on_the_net_is_told_by_its_last_part(text: str, kept: str) -> None:
    assert masking.Masker(None, KEY, ner="none").mask_text(text).value == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("cbct may 15: sequestrum 11 mm", "cbct [DATE]: sequestrum 11 mm"),
        ("next visit march 3, fasting", "next visit [DATE], fasting"),
        ("he may 2 days later", "he may 2 days later"),
    ],
)
def test_a_mark_behind_tells_a_day_in_may_from_a_verb(text: str, kept: str) -> None:
    assert masking.Masker(None, KEY, ner="none").mask_text(text).value == kept
