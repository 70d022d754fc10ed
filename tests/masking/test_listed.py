"""Lists of eponyms, products and abbreviations: what is listed stands as a thing, and never gives away a person."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import masking
from masking import things
from masking.findings import Span
from masking.listed import is_listed
from masking.model import lexicon as lx

KEY = b"a key for tests, thirty-two bytes"
CORPUS = Path(str(lx.__file__)).with_name("corpus")
_WORD = re.compile(r"[^\W\d_]{3,}")


def entries(*names: str) -> list[str]:
    files = [CORPUS / f"{name}.txt" for name in names or ("eponyms", "products", "abbreviations")]
    return sorted({entry for file in files for entry in re.split(r"[|\n]", file.read_text(encoding="utf-8")) if entry})


def words(*names: str) -> list[str]:
    return [entry for entry in entries(*names) if _WORD.fullmatch(entry)]


def proposed(text: str, word: str, kind: str = "name") -> Span:
    start = text.index(word)
    return Span(start, start + len(word), kind, "prose", 0.9)


def masked(text: str) -> str:
    return masking.Masker(None, KEY).mask_text(text).value


@pytest.mark.parametrize("name", ["eponyms", "products", "abbreviations"])
def test_a_list_is_sorted_and_says_nothing_twice(name: str) -> None:
    listed = re.split(r"[|\n]", (CORPUS / f"{name}.txt").read_text(encoding="utf-8").strip())
    assert listed == sorted(set(listed), key=lambda entry: (entry.casefold(), entry))


def test_every_entry_is_known_as_a_thing() -> None:
    is_thing = lx.load().is_thing
    unknown = [word for word in words() if not is_thing(word)]
    assert not unknown


@pytest.mark.parametrize(
    "text",
    [
        "Seen by Dr. {} today.",
        "Nurse {} gave it.",
        "Mr. {} was seen.",
        "Patient: {}, Jane",
        "{}, Jane is a woman of 54.",
        "Jane {} was admitted.",
        "J. {} was here.",
        "{} called about it.",
        "{} was seen today.",
        "{}'s daughter phoned.",
        "Signed {}, MD",
        "her husband {} drove",
    ],
)
def test_what_surely_names_a_person_outweighs_every_list(text: str) -> None:
    assert not [word for word in words() if is_listed(text.format(word), proposed(text.format(word), word))]


@pytest.mark.parametrize(
    "text", ["{} sign positive.", "The {} procedure was done.", "{} catheter in place.", "{} score 3."]
)
def test_every_listed_word_before_its_noun_is_a_thing(text: str) -> None:
    people = [
        word for word in words() if not things.is_thing(text.format(word), proposed(text.format(word), word), word)
    ]
    assert not people


@pytest.mark.parametrize("text", ["Spoke with {}.", "Plan per {}", "{} to follow.", "Lives near {}."])
def test_a_common_name_is_a_thing_only_where_its_use_says_so(text: str) -> None:
    flags = lx.load().flags
    common = [word for word in words() if flags(word) & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)]
    assert len(common) > 500
    assert not [word for word in common if is_listed(text.format(word), proposed(text.format(word), word))]


@pytest.mark.parametrize(
    "text",
    [
        "LDL 106 mg/dL (*Friedewald*), HDL 34.",
        "ER positive, 95%, strong (*Allred* 8).",
        "Heterozygous factor *V Leiden*.",
        "Coombs negative; *Duffy* (a-b-); K-.",
        "Bosniak I cyst. Column of *Bertin* on the left.",
        "Safety plan (*Stanley-Brown*) reviewed.",
        "Ferritin 9, *Mentzer* 15.",
        "Jobe +, Speed +, *Hornblower* -, Yergason -.",
        "Ruled out: *Still*, Behcet, Takayasu.",
        "Genes of Fabry (GLA), *Danon* (LAMP2), *Loeys-Dietz* (TGFBR1) were read.",
        "Immunohistochemistry (*Ventana* BenchMark): ER negative.",
        "Sequenced on *Illumina NovaSeq*, hg38.",
        "Insurance: *BlueCross*, member since 2019.",
        "Pulpotomy, *Cavitron* used, Dycal placed.",
        "AUC goal by *Bayesian* dosing.",
    ],
)
def test_a_listed_thing_stands_where_it_is_meant(text: str) -> None:
    plain = text.replace("*", "")
    left = masked(plain)
    assert not [word for word in text.split("*")[1::2] if word not in left]


@pytest.mark.parametrize(
    "text", ["Mr. {} was seen today.", "Seen by Dr. {} today.", "Patient: {}, Jane", "Jane {}, RN"]
)
def test_somebody_called_like_a_listed_thing_is_masked(text: str) -> None:
    people = [word for word in words("eponyms") if word.istitle() and lx.load().flags(word) & lx.SURNAME][::60]
    assert len(people) > 20
    assert not [word for word in people if word in masked(text.format(word))]


def test_a_firm_of_which_the_engine_is_sure_is_no_product() -> None:
    text = "set up 12/18/24 by DME tech Hollis at Breezeway Medical Supply, Kettle Springs."
    assert "Breezeway" not in masking.Masker(None, KEY).mask_text(text).value
