"""Numbers and days told apart by what stands beside them: one line for each class, both ways."""

from __future__ import annotations

import pytest

import masking
from masking import dates

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


def _rules(text: str) -> str:
    return masking.Masker(None, KEY, ner="none").mask_text(text).value


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("He stayed from 3. 4. 2025 until 9. 4. 2025.", "He stayed from [DATE] until [DATE]."),
        ("He was let go on 3. 4. in good condition.", "He was let go on [DATE] in good condition."),
        ("Fever since 5.1. and a cough", "Fever since [DATE] and a cough"),
        ("Appointment 28. 2. at 10:15 with her", "Appointment [DATE] at 10:15 with her"),
        ("Ward 3. IV. 2025, home 9.IV.2025 again", "Ward [DATE], home [DATE] again"),
        ("Treated 12.-19.3.2024 here", "Treated [DATE] here"),
        ("Treated 12. - 19. 3. 2024 here", "Treated [DATE] here"),
        ("Admission 2025. 04. 03. from home", "Admission [DATE] from home"),
        ("Signed 17 / 05 / 2024 by hand", "Signed [DATE] by hand"),
        ("Potassium called, 10.04 17:55, read back", "Potassium called, [DATE] 17:55, read back"),
        ("Sample taken 28.02 08:10 and sent", "Sample taken [DATE] 08:10 and sent"),
        ("Seen 23/11 on the ward", "Seen [DATE] on the ward"),
        ("Humira (5/2021-8/2022), then none", "Humira ([DATE]), then none"),
        ("Methotrexate Mar-Jun 2024 stopped", "Methotrexate [DATE] stopped"),
        ("In hospital 14-19 March with sepsis", "In hospital [DATE] with sepsis"),
        ("In hospital 14th to the 19th of March", "In hospital [DATE]"),
        ("SNF stay 12/30/24-1/2/25 for rehab", "SNF stay [DATE]-[DATE] for rehab"),
        ("Holter worn 3/5-3/6/24 at home", "Holter worn [DATE] at home"),
        ("Pain 3/14-3/19, none since", "Pain [DATE], none since"),
        ("DAPT x 90 d -> 8/19, then none", "DAPT x 90 d -> [DATE], then none"),
        ("Follow up Tuesday 5-6 @ 0830 with us", "Follow up Tuesday [DATE] @ 0830 with us"),
        ("Vista el 14 de marzo de 2024 otra vez", "Vista el [DATE] otra vez"),
        ("Gesehen am 14. M\u00e4rz 2024 in der Klinik", "Gesehen am [DATE] in der Klinik"),
        ("Vu le 1er ao\u00fbt 2024 ici", "Vu le [DATE] ici"),
        ("Visit 14MAR24 and back 3/'24", "Visit [DATE] and back [DATE]"),
        ("Fell on Good Friday at home", "Fell on [DATE] at home"),
        ("Closed in Q3 2022 for good", "Closed in [DATE] for good"),
        ("Back on the 7th with labs", "Back on [DATE] with labs"),
        ("Came in on the 22nd of this month", "Came in on [DATE] of this month"),
        ("Off from the 2nd to the 5th", "Off from [DATE] to [DATE]"),
        ("FOLLOW UP ON THE 7TH PLEASE", "FOLLOW UP ON [DATE] PLEASE"),
        ("Paid on the first of the month", "Paid on [DATE] of the month"),
        ("Strength 5/5, 3/14 he fell", "Strength 5/5, [DATE] he fell"),
        ("LMP 4/7 and EDD 1/6, DOS 4/7, seen 4/7", "LMP [DATE] and EDD [DATE], DOS [DATE], seen [DATE]"),
    ],
)
def test_days_as_they_are_written_elsewhere_and_ranges_of_them(text: str, kept: str) -> None:
    assert _rules(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Sections 2. 3. and 4. of the form are blank.",
        "INR was stable at 2.5. Then it rose.",
        "K from 5.9 to 4.2. Na 139.",
        "K 4.0 Mg 2.1.\n2000 HR 66",
        "Glucose 10.04 17:55 after the meal.",
        "Lactate 2.04 17:55, read back.",
        "Hb 10.11 08:10, Plt 220.",
        "BiPAP was on 15/5 all night.",
        "Dilute it to 1/2-1/4 strength.",
        "Vision 6/9-6/12 with glasses, vision 6/9 and 6/12 without.",
        "IDDSI 5/2-4/2 trial, now IDDSI 5/2.",
        "Ages 12-15 may attend, take 1-2 may repeat once.",
        "Fracture of the 5th metatarsal and the 3rd toe.",
        "Pain on the 3rd toe, on the 4th and 5th fingers.",
        "Between the 2nd and the 3rd rib, from the 2nd to the 5th rib.",
        "She had the 2nd dose, and on the 2nd attempt it went in.",
        "For the 3rd time, by the 2nd of three visits.",
        "TIMI 4/7, MDQ 6/13, TJC 2/28, SJC 1/28.",
        "DBQ 5/9 complete, module 4/9 complete.",
        "Vision 6/9, motor 5/5, distress therm 6/10.",
        "He taught back 3/3, teach-back 2/2.",
        "Prednisone x 7 d -> 1/2 tablet, then nothing.",
        "Open Mon 8-5, Tue 9-5 at 2 sites, hours by phone.",
        "A rate of 3 and 5 may be used, 1-2 may be added.",
        "For the 2nd night in a row, I:E 1/2-1/3, cup 1/2 to 2/3 full.",
        "She walks on Tuesday 5-6 blocks.",
        "Heparin Q4 2000 units.",
    ],
)
@pytest.mark.parametrize("ner", ["default", "none"])
def test_scores_ranks_and_decimals_are_no_days(text: str, ner: str) -> None:
    assert masking.Masker(None, KEY, ner=ner).mask_text(text).value == text


@pytest.mark.parametrize(
    "text",
    ["You saw me on the 22nd about the lump.", "can you move my appt to the 9th?", "Surgery is set for the 12th."],
)
def test_the_article_of_a_bare_day_goes_with_it(text: str) -> None:
    masked = masking.Masker(None, KEY).mask_text(text).value
    assert "[DATE]" in masked
    assert "the [DATE]" not in masked


@pytest.mark.parametrize(
    ("method", "text", "kept"),
    [
        ("redact", "Stay from 3. 4. 2025, back on the 7th", "Stay from [DATE], back on [DATE]"),
        ("generalize", "Stay from 3. 4. 2025, back on the 7th", "Stay from 2025, back on [DATE]"),
        ("generalize", "Humira (5/2021-8/2022) failed", "Humira (2021) failed"),
    ],
)
def test_every_method_has_something_to_say_of_these_days(method: str, text: str, kept: str) -> None:
    masker = masking.Masker({"date": method}, KEY, ner="none")
    masked = masker.mask_text(text).value
    assert masked == kept
    assert masker.mask_text(masked).value == masked


def test_a_day_before_its_month_is_moved_in_its_own_shape() -> None:
    moved = dates.shift("3. 4. 2025", -10)
    assert moved == "24. 3. 2025"
    assert dates.shift("17 / 05 / 2024", 1) == "18 / 05 / 2024"
    assert dates.shift("the 7th", -10) is None


def test_an_ordinal_beside_one_that_is_counted_is_counted_too() -> None:
    text = "Itching since the 1st dose, worse after the 2nd, he says."
    assert _rules(text) == text


@pytest.mark.parametrize("method", ["token", "shift"])
def test_a_bare_day_has_a_token_and_cannot_be_moved(method: str) -> None:
    masker = masking.Masker({"date": method}, KEY, ner="none")
    masked = masker.mask_text("Back on the 7th with labs").value
    assert masked.startswith("Back on [DATE")
    assert masker.mask_text(masked).value == masked


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("CPAP download 17/5.", "17/5"),
        ("BP on 17/3", "17/3"),
        ("fasting on 22/4", "22/4"),
        ("NYHA 6/1", "6/1"),
        ("RPE 8/18", "8/18"),
        ("start back 5/22", "5/22"),
        ("AUA 9/27, urology f/u", "9/27"),
        ("MDQ 11/1", "11/1"),
        ("wheeze 8/23", "8/23"),
        ("RVA 8/25", "8/25"),
        ("acuity 6/9, 6/26", "6/26"),
        ("strength 5/5 & 9/5", "9/5"),
        ("BP recheck 26/6", "26/6"),
        ("MOCA repeated 26/10", "26/10"),
        ("fasting labs 21/3", "21/3"),
        ("Next appt 25/10", "25/10"),
        ("support group on 24/10", "24/10"),
        ("modules 12/28 done", "12/28"),
        ("hearing screen 10/2 passed", "10/2"),
        ("goal 4/11 met", "4/11"),
        ("teach back 2/22", "2/22"),
        ("10/1 groups", "10/1"),
        ("vanc levels 9/12-6/13", "9/12"),
        ("on leave 4/8 - 6/8", "4/8"),
        ("off 1/2-1/8 of next month", "1/2"),
        ("seen per section 19.10.2024", "19.10"),
        ("wound check on the 9th one week later", "9th"),
    ],
)
def test_a_day_beside_the_word_of_a_score_is_a_day(text: str, day: str) -> None:
    assert day not in masking.Masker(None, KEY).mask_text(text).value


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Seen 3-4-25 and again 3-15, doing well.", "Seen [DATE] and again [DATE], doing well."),
        ("Seen 3/4/25 and again 3-15, doing well.", "Seen [DATE] and again 3-15, doing well."),
        ("Seen 3-4-25, walked 3-15 steps.", "Seen [DATE], walked 3-15 steps."),
    ],
)
def test_two_numbers_with_a_dash_are_a_day_where_the_note_writes_its_days_so(text: str, kept: str) -> None:
    assert masking.Masker(None, KEY).mask_text(text).value == kept
