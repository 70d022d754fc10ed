"""No text takes more than linear time: four times the text, about four times the CPU time (a quadratic step: sixteen).

CPU time of this process, without the collector, the least of several runs, and tried again where it seems too much: a
busy machine is now and then slow, a quadratic step always.
"""

from __future__ import annotations

import gc
import time
from typing import Any

import pytest

import masking
from masking.stream import Stream

MASKER = masking.Masker(masking.ALL, b"k" * 32, ner="none")
GROWTH, FLOOR = 11.0, 0.004
UNITS = [
    "9", "1-", "12-", "a@", "@", "((((", "-", "/", "a/b/", '"', "'", "<", "<b>", "<a href=", "</", "&#49;", "&", "%31",
    "\\u0031", "\\", "\\\\", "QUJD", "eyJhbGciOi", "=", "+", "\u0301", "e\u0301", "\u200b", "\u202e", "one ", "1 ",
    "Dr. A ", "A, B ", "a=1&", "PID|1||x^y~", "MSH|^~\\&|", "{", "[", "[[", '{"a":', "[1,", "}", ":", "a: b\n",
    "name: ", "MRN ", "SSN ", "x.", "\n", "\r\n", "\t", "a,b\n", "1\n", "-\n", "-----BEGIN ", "[NAME", "[NAME]",
    "[NAME:0", "data:a/b;", "http://", "www.", "1.2.3.", "::1:", "a.b.", "A ", "Mr Smith ", "3/5/2019 ", "555-0142 ",
    "ISA*", "*", "|", "\ud800", "\U0001d7cf", "0x41,", "65, ", "U+0031 ", "J o h n ",
    "<!-- a ", "<?", "\\'41", "\\4d ", "\\N{", "\\M", "\\ud835", "${\"\"}", "\x1b]0;", "\x9b3", "=?utf-8?Q?a",
    "CHAR(65", "CONCAT('a',",
    "'a'||", '"a" ', "][a", "41 ", "01", "4142 ", "-\n> ", "QUJD\n", "OTEy ",
    "1948\u5e743\u670812\u65e5", "a @ ", "a@ b . ", "12.III.",
    "\ue000", "90+", "***-", "1961 ", "the 7th or ", "begin 644 a\n", "A" * 13 + "=",
]  # fmt: skip


def cpu(work: Any, text: str, runs: int) -> float:
    """The least CPU seconds of masking `text`; each run on a text that no cache knows."""
    least = float("inf")
    gc.collect()
    gc.disable()
    for _ in range(runs):
        start = time.process_time()
        work(text)
        least = min(least, time.process_time() - start)
        text += " "
    gc.enable()
    return least


def grows(work: Any, unit: str, size: int) -> float:
    """How many times longer four times the text takes, at best of many tries, each of more runs than the one before."""
    best = float("inf")
    for runs in range(1, 13):
        small = cpu(work, unit * (size // len(unit) // 4), runs)
        best = min(best, cpu(work, unit * (size // len(unit)), runs) / max(small, FLOOR))
        if best < GROWTH:
            break
    return best


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_a_text_of_one_thing_again_and_again(unit: str) -> None:
    assert grows(MASKER.mask_text, unit, 16_000) < GROWTH


@pytest.mark.slow
@pytest.mark.parametrize("unit", [u for u in UNITS if len(u) <= 2], ids=ascii)
def test_a_megabyte_of_one_thing(unit: str) -> None:
    """As it is met: a long text is a stream."""

    def stream(text: str) -> None:
        masked = Stream(MASKER)
        for at in range(0, len(text), 65_536):
            masked.feed(text[at : at + 65_536])
        masked.close()

    assert grows(stream, unit, 1_000_000) < GROWTH


@pytest.mark.parametrize("unit", ["{", "[", '{"a":', '[{"b":', '"\\"', "\\\\"], ids=ascii)
def test_a_string_of_a_document(unit: str) -> None:
    assert grows(lambda text: MASKER.mask_json({"note": text, "rows": [text]}), unit, 16_000) < GROWTH


@pytest.mark.parametrize("depth", [199, 250, 1000, 100_000])
def test_nesting_of_any_depth_is_masked_or_withheld(depth: int) -> None:
    text = '{"a":' * depth + '"SSN 123-45-6789"' + "}" * depth
    assert "6789" not in MASKER.mask_text(text).value


@pytest.mark.parametrize("unit", ["a", "A", "é", "a-", "Mr Smith saw ", "a ", "9 ", "A. ", "\u0301x "], ids=ascii)
def test_the_prose_model_takes_linear_time(unit: str) -> None:
    masker = masking.Masker(masking.ALL, b"k" * 32)
    assert grows(masker.mask_text, unit, 16_000) < GROWTH
