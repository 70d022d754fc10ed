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
