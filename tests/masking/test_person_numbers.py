"""Numbers of persons, as they are written behind their words; and codes, counts and sizes of the same shape, nobody's.

In a line `[[…]]` is what must be masked, all of it and no more.
"""

from __future__ import annotations

import re

import pytest

import masking
from masking.explained import explains

KEY = b"a key for tests, thirty-two bytes"
_LABEL = re.compile(r"\[\[([^\]]*)\]\]")


def plain(line: str) -> tuple[str, set[int]]:
    """A line without its marks, and where its marked letters and figures are."""
    text, wanted, last = "", set(), 0
    for label in _LABEL.finditer(line):
        text += line[last : label.start()]
        wanted |= {len(text) + at for at, char in enumerate(label[1]) if char.isalnum()}
        text, last = text + label[1], label.end()
    return text + line[last:], wanted


def masked(text: str) -> set[int]:
    """Where letters and figures are masked, in a session of its own."""
    findings = masking.Masker(None, KEY).mask_text(text).findings
    places = [tuple(map(int, finding.where.split(":"))) for finding in findings]  # type: ignore[union-attr]
    return {at for start, end in places for at in range(start, end) if text[at].isalnum()}


@pytest.mark.parametrize(
    "line",
    [
        # a number that is dialled, behind its word or a verb
        "The registrar's beeper is [[2209]] until seven.",
        "her pager will be [[3318]] from Monday",
        "Vocera [[44217]] for the charge nurse",
        "his pager for tonight is [[4471]]",
        "his ext is [[2214]], leave a message",
        "ext [[2017]]",
        "pager [[4471]] page back",
        "pager [[4471]] x 2",
        "pgr [[4471]]/4",
        "shoulder clinic ext [[947]]",
        "call ext [[330]] mo-fr",
        "plates on [[366 KBC]]",
        "license plate [[home 659]]",
        "policy # [[OA87]]",
        "account [[I 209812]]",
        "her number is [[73 401 000]]",
        "id [[C5549V50]]",
        "spectralink [[61204]] overnight",
        "bleep the med reg on [[2217]]",
        "her fax is now [[4471]]",
        "page me at [[4471]] overnight",
        "desk [[5-4471]]",
        "[[304-555-0144]] (ext. [[12]])",
        "phone: [[(304) 555-0100]], option 3",
        # labels that a verb joins to the number
        "MRN is [[482913]].",
        "the MRN was [[482913]], corrected today",
        "his case number is now [[88120]]",
        "policy number will be [[PX441902]] after the merger",
        # groups that blanks part, a letter before them
        "Claim no.: [[C 30 551 872]]",
        "claim [[C 30 551 872]] denied",
        "inmate no. [[A 44 712]]",
        "Policy No.: [[HX 22 904 118]]",
        "MRN [[00 48 29 13]]",
        "Medicaid no [[AB 12345 C]]",
        "DL# [[K 441-220-118-904]]",
        # a state before the number
        "license [[OR-D 7719402]]",
        "License no. [[OR-MD 1188204]] is on file.",
        # a label between the thing and its number stays
        "Device SN [[23211 904 776]], on since last autumn.",
        "Pacemaker serial SN [[88-4471-02]]",
        # plates behind a car
        "his truck ([[WV 4RT 882]]) is in the bay",
        "grey Subaru [[7BKR 204]].",
        "a grey Subaru Outback, [[7BKR 204]], at the crosswalk",
        "his car ([[GK68 VTN]])",
        "the motorcycle, [[4TR 8821]], was towed",
        "motorcycle [[KA 05 MR 4471]] vs auto",
        "parked the car ([[HJK 4471]]) in the ambulance bay",
        # accounts and cards
        "checking [[00281177430]]",
        "Deposit to checking [[0028 1177 430]] confirmed.",
        "routing number is [[044000037]]",
        "Copay by MC [[5500-0088-1120]], receipt given.",
        "Visa [[x4471]]",
        "paid by Visa ending [[2086]]",
        "cheque [[004471]]",
        # numbers of hospitals and visits behind the letters they are called by
        "Hosp no [[K 221904]]",
        "UR [[447102]]",
        "FIN [[882 114 09]]",
        "vin [[1hgcm82633a004352]]",
        # national numbers and health cards
        "Aadhaar [[4471 2209 8812]]",
        "PPSN [[1234567TW]]",
        "BSN: [[123456782]]",
        "AHV [[756.1234.5678.97]]",
        "personnummer [[850512-1234]]",
        "OHIP [[4471-220-918-VC]]",
        "Versichertennummer [[A 123 456 780]]",
        "CHI [[0101701234]]",
    ],
)
def test_the_number_behind_its_word_is_masked_and_its_word_stays(line: str) -> None:
    text, wanted = plain(line)
    assert masked(text) == wanted, "".join(text[at] for at in sorted(masked(text) ^ wanted))


@pytest.mark.parametrize(
    "text",
    [
        # models, years and speeds of cars; the right ventricle; abbreviations behind a car
        "Subaru Outback 2019, restrained driver",
        "his F-150 rolled over",
        "drives a Honda CR-V",
        "BMW 330i at 40 mph",
        "Dodge Ram 2500 pulling a trailer",
        "ejected from a Kia Soul, GCS 7",
        "rolled his Nissan Frontier, self extricated",
        "He was driving his Ford F-150 when a deer crossed the road.",
        "Driver of a Toyota 4Runner vs a Mack truck",
        "Toyota RAV4 2016",
        "motorcycle (CBR 600) at 60 mph",
        "truck (45 mph) vs car (30 mph)",
        "CAR, ICU 4417",
        "RV EDP 112",
        "bus 22 to the clinic",
        # angles, times, lengths and amounts behind the words of telephones
        "knee flex 120 ext 100",
        "called at 0412 and 0455",
        "fax was 1030 pages",
        "cell is 1200 microns wide",
        "dial at 4500 rpm",
        "phone is 5 feet away",
        "called 3-4 times",
        "catheter 7 120 4471 extension 2 cm",
        # amounts behind the words of accounts, cards and charts
        "checking 4 times a day",
        "transit 24 48 72 hours",
        "MC 1200 1400",
        "account for 40% of cases",
        "order was 1000 mL NS",
        "chart is now 300 pages",
        "lead II 120 88 60",
        "sample 10 20 30 40",
        "ABA 97153 97155 units",
        "DNI/DNR 2024",
        "PHN made 3 visits in 2024",
        "CHI 2012 with LOC 20 min",
        "UR 447 mL overnight",
        "UR dip negative",
        # codes of payers, products, forms and assessments
        "BIN 004336 PCN ADV on the card",
        "Rx BIN 610502 for the pharmacy",
        "GG0170 and GG0130 were scored by OT today",
        "Nails debrided, 11719-T5 and 11721-59 billed",
        "HCPCS E0336V00 denied for the stimulator",
        "the form E0336V00 was faxed to the plan",
        "meets LCD L33822 criteria for support surfaces",
        "per LCD L33393 and article A57954 coverage is limited",
        "UB-04 and CMS-1500 resubmitted",
        "CPT 99213 billed",
        "NDC 0002-8215-01 given at the visit",
        "denial code CO-45, then PR-96",
        "taxonomy code 363LF0000X",
        # lists of figures
        "his tallies were 20 35 55 65 for the four trials",
        "Audiogram AD: 15 20 25 40 55 60, AS: 20 20 30 45 60 65",
        "14-10-8 coils",
        "lens powers 21.0 21.5 22.0 tried",
        "ECG sinus 61, PR 188",
    ],
)
def test_what_only_looks_like_a_persons_number_stays(text: str) -> None:
    assert masking.Masker(None, KEY).mask_text(text).value == text


def test_the_plate_of_a_registrar_is_no_plate() -> None:
    findings = masking.Masker(None, KEY).mask_text("Med reg bleep 2217, on call till 2100").findings
    assert [finding.kind for finding in findings] == ["phone"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Seen with Mercedes and her mother today.", "Mercedes"),
        ("GOLD MACK", "MACK"),
        ("Called his Mercedes, who is at home with the baby.", "Mercedes"),
        ("Dr. Ford 4471 was paged.", "Ford"),
    ],
)
def test_who_is_called_as_a_car_is_somebody(text: str, name: str) -> None:
    assert name not in masking.Masker(None, KEY).mask_text(text).value


@pytest.mark.parametrize("text", ["ext 42", "in room 42", "option 123"])
def test_a_short_number_that_a_word_tells_of_is_not_explained_away(text: str) -> None:
    start = text.rindex(" ") + 1
    assert not any(explains(kind, text, start, len(text)) for kind in ("id", "phone"))


def test_a_payer_s_codes_in_fields_are_masked_one_by_one() -> None:
    said = {"rx_pcn": "A4411", "bin_number": "004336"}
    assert masking.Masker(None, KEY).mask_json(said).value == {"rx_pcn": "[HEALTH_PLAN]", "bin_number": "[HEALTH_PLAN]"}
