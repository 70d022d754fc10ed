"""However a text is cut, the output is the same."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import masking
from tests.masking.messages import texts
from tests.masking.test_evasions_hard import HIDDEN

KEY = b"k" * 32
NOTE = (
    "Patient Name: Okafor, Ngozi   DOB: 03/05/1961\nMRN: 00482913. Seen by Dr. Maria Diaz on 3/5/2019.\n\n"
    "SSN 123-45-6789, phone (555) 123-4567. BP 120/80, Lisinopril 10 mg daily.\n"
)
TEXTS = [
    NOTE,
    NOTE * 12,
    "first_name,last_name,dob,glucose\n" + "Ngozi,Okafor,1961-03-05,104\n" * 60,
    '{"ssn": "123-45-6789", "note": "seen 3/5/2019"}\n' * 5,
    '{"a": [{"ssn": 123456789}],\n "b": "Dr. Diaz"}',
    "x" * 5000 + " SSN 123-45-6789",
    "call 555-0142 " * 500,
    "",
    "123-45-6789",
    "MSH$%~\\&$A$F$$$20260101\rPID$1$$0048291%%%MRN$$Okafor%Ngozi$$19610305$F\r" * 3,
    "ISA*00*          *00*          *ZZ*S*ZZ*R*260101*1200*^*00501*000000001*0*P*:~NM1*IL*1*OKAFOR*NGOZI****MI*A1~" * 9,
    "<r><w>123-45-</w>\n<w>6789</w><given>Ngozi</given></r>",
    "\ufeffpatient_name;note;v\n" + '"Okafor; Ngozi";"seen ""today"".\nby 617-555-0142";1\n' * 60,
    "last_name,told\n" + 'Okafor,"{""mrn"": 482913, ""v"": 1.0}"\n' * 60,
    "9,Okafor,Ngozi,1961-03-05,104\n8,Smith,Jane,1971-04-06,99\n7,Garcia,Maria,1981-05-07,88\n" * 20,
    'ts=2026-03-05T10:00:00Z level=info user="Ngozi Okafor" mrn=00482913 dur=15ms\n' * 30,
    "INSERT INTO p (last_name, ssn) VALUES ('O''Hara', '123-45-6789'), ('Smith', '987654321');\n" * 12,
    "| name | mrn | glucose |\n|---|---|---|\n" + "| Ngozi Okafor | 00482913 | 104 |\n" * 40,
]


def streamed(pieces: list[str], plan: Mapping[str, str] = masking.ALL) -> str:
    stream = masking.Masker(plan, KEY, ner="none").stream()
    return "".join(map(stream.feed, pieces)) + stream.close()


def cut(text: str, at: list[int]) -> list[str]:
    edges = [0, *sorted(min(i, len(text)) for i in at), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(TEXTS), st.lists(st.integers(0, 9000), max_size=8))
def test_the_output_does_not_depend_on_the_cuts(text: str, at: list[int]) -> None:
    assert streamed(cut(text, at)) == streamed([text])


def test_one_character_at_a_time_is_the_same_as_all_at_once() -> None:
    for text in (NOTE, NOTE * 6, TEXTS[3]):
        assert streamed(list(text)) == streamed([text])


def test_nothing_that_identifies_gets_through() -> None:
    out = streamed(cut(NOTE * 20, list(range(0, 5000, 7))))
    for value in ("Okafor", "Ngozi", "00482913", "Diaz", "123-45-6789", "123-4567", "1961"):
        assert value not in out
    assert out.count("Lisinopril 10 mg daily") == 20


def test_a_tables_later_rows_are_masked_by_its_header() -> None:
    out = streamed(cut(TEXTS[2], [300, 900, 1400]))
    assert "Okafor" not in out
    assert out.count(",104") == 60


def test_memory_is_bounded_and_an_endless_run_is_withheld() -> None:
    stream = masking.Masker(masking.ALL, KEY, ner="none").stream()
    longest = 0
    for _ in range(200):
        stream.feed("Z9" * 2048)
        longest = max(longest, len(stream._held))
    assert longest <= 70_000
    assert stream.feed(" done. ") + stream.close() != ""


def test_a_whole_document_over_the_limit_is_refused() -> None:
    from masking.stream import Stream

    stream = Stream(masking.Masker(masking.ALL, KEY, ner="none"), limit=1000)
    with pytest.raises(masking.MaskingError) as caught:
        stream.feed("<ClinicalDocument>" + "b" * 8000)
    assert caught.value.code == "HM030"
    with pytest.raises(masking.MaskingError):
        stream.feed("more")


def test_a_row_over_several_lines_is_not_cut() -> None:
    text = "patient_name,note,glucose\n" + '"Okafor, Ngozi","seen ""today"".\nWell.\nBP 120/80.",104\n' * 90
    out = streamed([text])
    assert "Okafor" not in out
    assert out == text.replace("Okafor, Ngozi", "[NAME]")


@pytest.mark.parametrize("seed", [31, 32, 33])
def test_mixed_texts_in_other_spellings_do_not_depend_on_the_cuts(seed: int) -> None:
    random = Random(seed)
    for plan, text in texts(seed, 8):
        whole = "\n".join([text] * (1 + 6000 // (len(text) + 1)))
        once = streamed([whole], plan)
        for _ in range(2):
            at = [random.randrange(len(whole) + 1) for _ in range(random.randint(1, 9))]
            assert streamed(cut(whole, at), plan) == once


@pytest.mark.parametrize(
    "how", ["colours", "apart by '/'", "CHR ||", "base64 of gzip", "base64 3 times", "hex in fours"]
)
def test_a_hidden_value_is_masked_wherever_a_text_is_cut(how: str) -> None:
    text = "Seen today. SSN " + HIDDEN[how]("912-44-7781") + " on file.\n"
    once = streamed([text])
    assert once != text
    for at in range(0, len(text), 3):
        assert streamed([text[:at], text[at:]]) == once
