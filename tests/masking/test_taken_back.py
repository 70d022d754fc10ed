"""What looks harmless and is somebody's: a word, label or title that says so outweighs every rule that takes back."""

from __future__ import annotations

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"


def masked(text: str) -> str:
    return masking.Masker(None, KEY).mask_text(text).value


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Seen 3/4 in clinic.", "3/4"),
        ("seen 3/4", "3/4"),
        ("since 5/5", "5/5"),
        ("Fever since 5/5.", "5/5"),
        ("Follow-up 4/10.", "4/10"),
        ("Pain started 4/10 after fall.", "4/10"),
        ("Pain began on 3/10.", "3/10"),
        ("Reported pain on 6/10.", "6/10"),
        ("Fell 3/10, pain since.", "3/10"),
        ("Echo 1/6 normal.", "1/6"),
        ("Stress test 5/6 negative.", "5/6"),
        ("CT head 4/6 negative", "4/6"),
        ("Seen 2/4, 2/5 and 2/6.", "2/5"),
        ("Next visit 4/14 at 2 pm.", "4/14"),
        ("PICC placed 3/4 in IR", "3/4"),
        ("tested positive 4/10", "4/10"),
        ("positive test 4/10", "4/10"),
        ("telephone call 4/5", "4/5"),
        ("d/c 3/4", "3/4"),
    ],
)
def test_a_day_after_a_word_that_only_days_follow_is_no_score(text: str, day: str) -> None:
    assert day not in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "Strength 4/5 in all extremities.",
        "Pain 7/10, was 8/10 before.",
        "Missed 2/5 days of school.",
        "Scored on 4/5 items.",
        "A 3/4 inch wound.",
        "Tube placed 1/2 inch deep.",
        "Nodes positive 4/10.",
    ],
)
def test_scores_and_shares_stand(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Account 99213-25", "99213"),
        ("Policy 99213", "99213"),
        ("MRN 4482913 units", "4482913"),
        ("MRN 36415 was merged", "36415"),
    ],
)
def test_a_code_whose_owner_is_named_before_it_is_an_identifier(text: str, code: str) -> None:
    assert code not in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sarah *Bishop* score 26.",
        "Jane *Morse* scale 45.",
        "James *Morse* fall score 45",
        "*Will* *Marker* was admitted with chest pain.",
        "Patient: My name is *Will* *Marker*.\nDoctor: Okay.\nPatient: Yes.",
        "Doctor: *Grace*, how are you?\nPatient: Good.\nDoctor: Okay.",
        "Doctor: *Hope*, how are you?\nPatient: Good.\nDoctor: Okay.",
        "The patient, *Ramsay* *Hunt*, was seen.",
        "*Austin* *Moore* is a 54 year old man.",
        "Mr. *Target* was seen",
        "Mr. *Vicodin* was seen.",
        "Mrs. *Do* was seen.",
        "Mrs. *Foley* catheter removed this morning.",
        "Dr. *Gracey* called about the results.",
        "Ms. *Bishop* scored 8 on the exam.",
        "Mrs. *Gleason*, 7/10 pain, seen today.",
        "Her daughter *April* lives with her.",
        "*Kelly* clamped the line.",
        "son *will* called",
    ],
)
def test_somebody_called_like_a_thing_is_masked(text: str) -> None:
    names = text.split("*")[1::2]
    left = masked(text.replace("*", ""))
    assert not [name for name in names if name in left]


@pytest.mark.parametrize(
    "text",
    [
        "Foley catheter in place.",
        "Ramsay Hunt syndrome is likely.",
        "Austin Flint murmur heard.",
        "Morse scale 45.",
        "Patient: Good. I see.\nDoctor: Okay.\nPatient: Yes.",
        "Doctor: Hope you feel better.\nPatient: Yes.\nDoctor: Okay.",
    ],
)
def test_things_called_like_somebody_stand(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("name", ["Foley", "Gracey", "Hunt", "Gleason", "Colon", "Doctor", "Okay", "May", "Vicodin"])
@pytest.mark.parametrize(
    "text",
    [
        "{} clamped the line.",
        "The {} catheter was removed.",
        "({})",
        "{} 7/10",
        "{} score 9",
        "Doctor: {}.\nPatient: Yes.",
    ],
)
def test_no_rule_takes_back_what_a_field_taught(name: str, text: str) -> None:
    masker = masking.Masker(None, KEY)
    masker.mask_json({"resourceType": "Patient", "name": [{"family": name, "given": ["Zbigniew"]}]})
    assert name not in masker.mask_text(text.format(name)).value
