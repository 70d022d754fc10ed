"""Floors under what the whole masker finds in ordinary notes; a ceiling over what it masks where nobody is named."""

from __future__ import annotations

from types import ModuleType

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"


def masked(texts: list[str]) -> list[list[tuple[int, int, str]]]:
    """What the masker covers of each text, every one in a session of its own."""
    out = []
    for text in texts:
        places = [
            (*finding.where.split(":"), finding.kind) for finding in masking.Masker(None, KEY).mask_text(text).findings
        ]
        out.append([(int(start), int(end), kind) for start, end, kind in places])
    return out


def test_labels_cover_what_they_name_and_nothing_is_left_of_their_marks(benchmark: ModuleType) -> None:
    for name in ("ninth", "tenth", "eleventh", "plain"):
        for sample in benchmark.unseen(1, benchmark.DATA / f"prose_{name}.txt"):
            assert "[[" not in sample.text
            assert "]]" not in sample.text
            for start, end, kind in sample.gold:
                assert kind.replace("healthplan", "health_plan") in masking.KINDS
                assert sample.text[start:end].strip() == sample.text[start:end] != ""


@pytest.mark.parametrize(
    ("name", "notes", "false"), [("ninth", 50, 0.03), ("tenth", 24, 0.012), ("eleventh", 30, 0.012)]
)
def test_of_ordinary_notes_no_less_is_found_than_was(
    benchmark: ModuleType, name: str, notes: int, false: float
) -> None:
    samples = list(benchmark.unseen(1, benchmark.DATA / f"prose_{name}.txt"))
    score = benchmark.measure(masked, samples)
    assert len(samples) == notes
    assert sum(score.found.values()) / sum(score.gold.values()) >= 0.975
    assert score.leaked / score.secret <= 0.015
    assert score.right / score.predicted >= 0.91
    assert score.masked / score.plain <= false


def test_where_nobody_is_named_no_more_is_masked_than_was(benchmark: ModuleType) -> None:
    samples = list(benchmark.unseen(1, benchmark.DATA / "prose_plain.txt"))
    score = benchmark.measure(masked, samples)
    assert len(samples) == 40
    assert not score.gold
    assert score.masked / score.plain <= 0.02
