"""A number that nothing clinical explains is masked; one that something explains stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import masking
from masking.explained import explains_code, explains_fraction

LINES = (Path(__file__).parent / "data" / "lines_numbers.txt").read_text(encoding="utf-8").splitlines()[1:]
KEY = b"a key for tests, thirty-two bytes"
LABEL = re.compile(r"\[\[([a-z]+):([^\]]*)\]\]")
OF_NUMBERS = {"date", "age", "phone", "id", "device", "license", "health_plan", "mrn", "account", "vehicle"}
PLAIN = [line for line in LINES if "[[" not in line]
NAMING = [line for line in LINES if "[[" in line]


def shown(text: str) -> list[tuple[int, int, str]]:
    """Where the masker finds what, in a session of its own."""
    findings = masking.Masker(None, KEY).mask_text(text).findings
    return [(*map(int, finding.where.split(":")), finding.kind) for finding in findings]  # type: ignore[misc]


def left(line: str) -> list[str]:
    """What is labelled in `line` and not masked whole."""
    text, wanted, last = "", [], 0
    for label in LABEL.finditer(line):
        text += line[last : label.start()]
        wanted.append((len(text), len(text) + len(label[2])))
        text, last = text + label[2], label.end()
    text += line[last:]
    covered = {at for start, end, _ in shown(text) for at in range(start, end)}
    return [
        text[start:end]
        for start, end in wanted
        if any(at not in covered for at in range(start, end) if text[at].isalnum())
    ]


def test_of_what_identifies_by_number_hardly_any_is_left() -> None:
    missed = [value for line in NAMING for value in left(line)]
    assert len(NAMING) > 170
    assert len(missed) <= 3, missed


def test_numbers_that_are_explained_stay() -> None:
    masked = [line for line in PLAIN if any(kind in OF_NUMBERS for _, _, kind in shown(line))]
    assert len(PLAIN) == 60
    assert len(masked) <= 2, masked


@pytest.mark.parametrize(
    ("text", "code", "explained"),
    [
        ("I50.23 today", "I50.23", True),
        ("G3P2002 at term", "G3P2002", True),
        ("NPO 0700-1900 daily", "0700-1900", True),
        ("LOINC 2160-0 drawn", "2160-0", True),
        ("AUC goal 400-600 now", "400-600", True),
        ("platelets 212000 again", "212000", True),
        ("97110 x2 billed", "97110", True),
        ("the 1800-calorie diet", "1800-calorie", True),
        ("his WK7714-20 bench", "WK7714-20", False),
        ("the 24-E-0519 tracing", "24-E-0519", False),
        ("paper 778120 there", "778120", False),
    ],
)
def test_the_table_explains_codes(text: str, code: str, explained: bool) -> None:
    start = text.index(code)
    assert explains_code(text, start, start + len(code)) is explained


@pytest.mark.parametrize(
    ("text", "fraction", "explained"),
    [
        ("strength 4/5 in both", "4/5", True),
        ("MMSE 11/30, tired", "11/30", True),
        ("took 3/4 tablet", "3/4", True),
        ("Suboxone 8/2 daily", "8/2", True),
        ("3/6 systolic murmur", "3/6", True),
        ("pain is 7/10 now", "7/10", True),
        ("off pressors 2/8, calm", "2/8", False),
        ("stent (2/6, Dr. Ames)", "2/6", False),
    ],
)
def test_the_table_explains_fractions(text: str, fraction: str, explained: bool) -> None:
    start = text.index(fraction)
    assert explains_fraction(text, start, start + len(fraction)) is explained


def test_a_day_needs_another_date_of_its_month_or_a_time_when_it_could_be_a_score() -> None:
    masker = masking.Masker(None, KEY)
    assert "4/6" not in masker.mask_text("Line day 2, hub swapped 4/6. Seen 04/11/2024 on rounds.").value
    assert "2/5" not in masker.mask_text("clears until 0430 2/5, then nothing").value
    assert "4/6" in masker.mask_text("The hub was clean, 4/6, and the dressing dry.").value


def test_a_log_is_judged_by_its_labels() -> None:
    line = "WARN worker 77-2 lost shard 55a81c-20417 of the queue while reading"
    assert masking.Masker(None, KEY).mask_text(line).value == line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Last dose 4/2, next level 4/14, then weekly.", "4/14"),
        ("Next visit 6/3 with the team.", "6/3"),
    ],
)
def test_a_day_is_told_from_a_grade_by_what_is_to_come(text: str, value: str) -> None:
    assert value in [text[start:end] for start, end, kind in shown(text) if kind == "date"]


@pytest.mark.parametrize(
    "text",
    [
        "Nottingham grade 2 (3+2+1=6/9), ER 95%",
        "Rated by the Guides, 6th ed., at 4%",
        "Vancomycin trough at 0530: 16.4. Continue",
        "Thresholds: RA 0.5 V @ 0.4 ms, RV 0.75 V @ 0.4 ms",
    ],
)
def test_sums_editions_decimals_and_milliseconds_are_nobodys(text: str) -> None:
    assert masking.Masker(None, KEY).mask_text(text).value == text
