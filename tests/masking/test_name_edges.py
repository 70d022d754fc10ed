"""Where a rule for names begins and ends, and who signs: what is in [[brackets]] is masked, the rest stays."""

from __future__ import annotations

import re

import pytest

import masking
from masking.detect import resolve
from masking.findings import Span

KEY = b"a key for tests, thirty-two bytes"


def masked(text: str) -> str:
    return str(masking.Masker(None, KEY).mask_text(text).value)


EDGES = [
    "<[[Mei-Ling Yilmaz]] G3P2002> @ 39w2d",
    "Dr. <[[Kowalczyk]]'s> nurse",
    "it's <[[Jean]]. I> tested positive",
    "<[[Gideon Thompson]], I>'m his wife",
    "<[[J. HAVERFORD]] NRP> / crew",
    "<[[Sherri Lynn]] F> 39",
    "<[[Goldberg, Ruth]] F> 59",
    "MR. <[[HUNTER]] C>/O HA",
    "<[[Stavros]] CPR> trained",
    "<[[RUAIRI, MA]]>",
    "<[[JIA MA]]> came",
    "<[[Jia Ma]]> came",
    "<[[Robert Truong]], MA>",
    "<[[Sheldon Hosseini]], GAL>",
    "<[[Emeka Friedlander]], PMHNP-BC>",
    "<[[Jocelyn Featherstone]], Hospitalist>",
    "<[[Dwight Stroebel]] POA>",
    "<[[Despina Papadakis]]\nMRN> N8830021",
    "<neighbor [[Earl]]> came",
    "<Pt [[Whitfield, Sherri]]> came",
    "<[[Marcus Holloway II]]> came",
    "<[[Roosevelt Flowers]], PGY-4>",
    "<[[lourdes jurgensen]] asa> iii",
    "<[[bram de wit]]>, dpt",
    "<[[flora minor]]> came",
    "<[[Marisol]] supportive>",
    "<[[Philomena]] first>, at any hour",
    "<[[O'Neil]]'s> wife",
    "<[[Ward, Ms]]> came",
    "<[[Imperioli]]>\nA. Received",
    "<[[JOHN A. SMITH]]> came",
    "<[[maria de la cruz]]> came",
    "<[[Petrosyan]]'s MA> called",
    "<[[Ingrid Solberg]] CNIM> in the room",
    "<[[Ingrid Solberg]] CHFN> in the room",
    "<[[Amina BLACK]]> came",
]


@pytest.mark.parametrize("line", EDGES)
def test_a_name_is_trimmed_to_what_identifies(line: str) -> None:
    """Of what a rule or the engine proposes, in <angles>, the name in [[brackets]] is left."""
    proposed, named = re.sub(r"\[\[|\]\]", "", line), re.search(r"\[\[(.+?)\]\]", line)
    assert named is not None
    start, end = proposed.index("<"), proposed.index(">") - 1
    text = re.sub("[<>]", "", proposed)
    found = resolve(text, [Span(start, end, "name", "name title", 0.8)], [])
    assert [text[span.start : span.end] for span in found] == [named[1]]


SIGNED = [
    "Mom verbalizes understanding.\n[[cmg]], RN",
    "Sonographer: [[LB]], RDCS. Read today.",
    "dr [[c]] says do not double.",
    "Appt w/ Dr. [[B]] on Wed.",
    "Photos taken w/ consent. [[pfenwick]] MA scribed",
    "Signed / MA: [[jcarvalho2]]",
    "His MyChart name is [[nstavros77]]. Thanks!",
    'NSVD of viable male "[[Leopold]]" at 0604, OA',
    "changed per [[Hope]].",
    "changed per [[myrna]].",
    "Provider: [[Emeka Friedlander]], PMHNP-BC",
    "Attending: Dr. [[Maximilian Vandenhoek]], CNSC",
    "Re: [[Rosalind Tupou]], MRN pending",
    "next of kin: niece [[bich-ngoc]], well",
    "Nurse [[Kowalczyk]] called.",
    "Mrs. [[Pool]] called.",
    "MS. [[SMITH]] called.",
    "FOUND BY HIS LANDLORD, MR. [[KARAIS]], IN HIS YARD",
    "there is no MR. [[Karais]] in the system",
    "mild TR, MR. Effusion small",
    "MS. [[COTA]] called.",
    "aide: float pool, MS CCC-SLP today",
    "the nurse, RN CMD, called",
    "escorted by the trainer, ATC, to the door",
    "MR. [[SMITH]] called.",
    "Patient: [[MA, YING]]",
    "WILL CLOSE CHART. dob, prn\nsurgeon",
    "Nurse Pool was messaged.",
    "PUBLIC HEALTH NURSE CASE NOTE",
    "given MS Contin 30 BID",
    "Seen w/ counselor, MS, CGC. Result pending",
    "the nurse, RN CDCES",
    "the nurse, RN CCTC, called",
    "Sitter dc'd. Tolerating it.",
    "no Sister Mary Joseph nodule. ANC 1.4",
    "warm and wet per Stevenson profile; improving",
    "Baker cyst 3.1 cm with Hoffa fat pad edema",
    "discharged with Aldrete 10.",
    "MET AT DOOR BY NEIGHBOR.",
    "Actigraphy by Philips. Uses it.",
    "coded by biller; will clarify",
    "4 h from urso; then",
    "Tx: pt ed, pendulums (Codman)",
    "spinal stenosis; pt mckenzie; aquatic",
    "effortful swallow, Shaker, Masako. Done",
    "System B and Obtura. Cotton, Cavit 4 mm.",
    "MD: called re: slough, new order",
    "PT: RW. Dispo tomorrow.",
    "A note. Doctor: How's the knee? Patient: Well, it hurts.",
    "report to floatpool RN at noon",
    "seen by telemed MD",
    'infant "fussy" at night',
    "bid, RN",
    "Dr. I saw",
]


@pytest.mark.parametrize("line", SIGNED)
def test_names_by_rule_alone(line: str) -> None:
    """Without the prose engine."""
    expected = re.sub(r"\[\[.+?\]\]", "[NAME]", line)
    text = line.replace("[[", "").replace("]]", "")
    assert masking.Masker(None, KEY, ner="none").mask_text(text).value == expected


@pytest.mark.parametrize("given", ["LUCAS", "ANA", "TIA", "PEG", "ALF", "RIMA", "LE", "ED"])
def test_a_given_name_that_is_an_abbreviation_too_is_masked_behind_its_surname(given: str) -> None:
    for text in (f"Patient: GARCIA, {given}", f"PATIENT: GARCIA, {given} seen today"):
        assert given not in masked(text).replace("PATIENT", "").replace("[NAME]", "")


@pytest.mark.parametrize(
    "surname", ["smith", "baker", "white", "king", "brown", "green", "hill", "banks", "cook", "long", "day", "west"]
)
def test_a_surname_in_small_letters_that_is_a_word_too_is_masked(surname: str) -> None:
    for text in (
        f"Mr. John {surname} was seen at noon.",
        f"Patient name: Maria {surname}",
        f"Spoke with daughter Anna {surname} by phone.",
        f"Signed by Robert {surname}, MD",
    ):
        assert surname not in masked(text), text


@pytest.mark.parametrize("text", ["[[Anna]] will call back.", "[[John]] can walk now."])
def test_a_verb_behind_a_given_name_stays(text: str) -> None:
    plain = text.replace("[[", "").replace("]]", "")
    assert masked(plain).endswith(plain.split(" ", 1)[1])
