"""A word, a code or a ratio in a place of terms stays; the same in a place of persons, records and days is masked."""

from __future__ import annotations

from pathlib import Path

import pytest

import masking
from masking import cues
from masking.findings import Span

KEY = b"a key for tests, thirty-two bytes"
LINES = (Path(__file__).parent / "data" / "lines_terms.txt").read_text(encoding="utf-8").splitlines()[1:]
STAY = [line for line in LINES if "[[" not in line]
NAMING = [line for line in LINES if "[[" in line]


def masked(text: str) -> str:
    return masking.Masker(None, KEY).mask_text(text).value


def parted(line: str) -> tuple[str, list[str], list[str]]:
    """A line without its labels, what is to be masked of it, and the words that are to stay."""
    pieces = [piece for part in line.split("[[") for piece in part.split("]]")]
    return "".join(pieces), pieces[1::2], [word for piece in pieces[0::2] for word in piece.split()]


@pytest.mark.parametrize("line", STAY)
def test_terms_codes_and_ratios_stay(line: str) -> None:
    assert masked(line) == line


@pytest.mark.parametrize("line", NAMING)
def test_persons_records_and_days_are_masked(line: str) -> None:
    text, named, left = parted(line)
    out = masked(text)
    assert not [value for value in named if any(word in out.split() for word in value.split())], out
    assert not [word for word in left if word.strip("(),.;") not in out], out


@pytest.mark.parametrize(
    ("text", "word", "term"),
    [
        ("Neglect: Tarnby 19/35, prisms.", "Tarnby", True),
        ("ESR 31 (Tarnby), CRP 0.9, WBC 3.6", "Tarnby", True),
        ("Nose: Tarnby +, septum R spur; turb gr 3", "Tarnby", True),
        ("on Tarnby 0.35 mg daily", "Tarnby", True),
        ("no Tarnby, no Fyrne; 3/5 on R, 4 on L", "Tarnby", True),
        ("LEEP (Tarnby cone) for CIN 2/3", "Tarnby", True),
        ("column of Tarnby, normal variant", "Tarnby", True),
        ("exomes: TARN2, Tarnby (TAZ), 3 more", "Tarnby", True),
        ("her daughter Tarnby 4 years", "Tarnby", False),
        ("the nurse Tarnby called at noon and said that he was well", "Tarnby", False),
        ("seen by Tarnby today", "Tarnby", False),
        ("Tarnby, MD", "Tarnby", False),
        ("he told Tarnby that she was to come", "Tarnby", False),
        ("Sepsis screen positive. Tarnby (charge) aware", "Tarnby", False),
        ('B. "Tarnby, sentinel node": negative, 0/3', "Tarnby", False),
        ("12 Tarnby - septic shock, levo 8", "Tarnby", False),
    ],
)
def test_the_table_weighs_what_stands_around_a_word(text: str, word: str, term: bool) -> None:
    start = text.index(word)
    assert cues.is_term(text, Span(start, start + len(word), "name", "prose", 0.5)) is term


def test_one_cue_alone_does_not_outweigh_a_sure_engine() -> None:
    text = "Path was reviewed with the team (Tarnby) and she agreed."
    start = text.index("Tarnby")
    assert not cues.is_term(text, Span(start, start + 6, "name", "prose", 0.97))


def test_several_words_are_never_weighed() -> None:
    text = "no Tarnby Fyrne 19/35"
    assert not cues.is_term(text, Span(3, 15, "name", "prose", 0.3))
