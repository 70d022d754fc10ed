"""The notes that were written out for training: each parses, its labels are sound, its values are drawn anew."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

import masking.model.corpus.written as written
from masking.model.corpus.page import SLOTS, Page, word_lists

FILES = sorted(Path(str(written.__file__)).with_name("written").glob("*.txt"))
OF_SEX = {"he", "his", "him", "himself", "man", "sex", "gentleman", "mf", "mr", "ms", "girl"}
PLACE = re.compile(r"\{(\w+)\}|\[\[(\w+)\|([^\[\]]+)\]\]")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_slot_is_known_and_no_bracket_is_left_over(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# ")
    for place in PLACE.finditer(text):
        if place[1]:
            assert place[1] in SLOTS or place[1].lower() in OF_SEX or place[1] in word_lists(), place[0]
        else:
            assert SLOTS[place[2]][0], place[0]
            assert place[3].strip() == place[3], place[0]
    rest = PLACE.sub("", text)
    assert not re.search(r"\[\[|\]\]|[{}]", rest)


def test_a_note_or_a_part_of_it_is_written_with_its_labels_in_order() -> None:
    for number in range(400):
        page = Page(Random(number))
        written.write(page)
        last = 0
        for start, end, kind in page.spans:
            assert last <= start < end <= len(page.text)
            assert kind
            last = end
        assert not re.search(r"\[\[|\]\]", page.text)


def test_digits_of_a_literal_number_are_drawn_anew_in_their_form() -> None:
    drawn = {written._renumbered(Random(seed), "V0009-332 x12") for seed in range(40)}
    assert len(drawn) > 30
    assert all(re.fullmatch(r"[A-Z]\d{4}-\d{3} x\d\d", one) for one in drawn)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2-28", r"\d{1,2}-\d{1,2}"),
        ("03/05", r"\d\d/\d\d"),
        ("Mar 4", r"[A-Z][a-z]{2} \d{1,2}"),
        ("14 MARCH 2024", r"\d{1,2} [A-Z]+ 202\d"),
        ("halloween", "halloween"),
    ],
)
def test_days_of_a_literal_date_are_drawn_anew_in_their_form(text: str, form: str) -> None:
    drawn = {written._redated(Random(seed), text) for seed in range(40)}
    assert all(re.fullmatch(form, one) for one in drawn), drawn
    assert text == "halloween" or len(drawn) > 10
