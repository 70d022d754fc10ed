"""Who speaks in a chat, who lies in a list of beds, who is asked for by a label or stands beside a role.

What is in [[brackets]] is masked, the rest stays; a ⏎ parts lines.
"""

from __future__ import annotations

import re

import pytest

import masking
from masking.speakers import speakers

KEY = b"a key for tests, thirty-two bytes"


def parted(line: str) -> tuple[str, str]:
    """A line without its marks, and as it is to be masked."""
    line = line.replace(" ⏎ ", "\n")
    return line.replace("[[", "").replace("]]", ""), re.sub(r"\[\[.+?\]\]", "[NAME]", line)


TALKS = [
    "[[raz]]: who has 22A ⏎ [[Imogen T]]: me ⏎ [[raz]]: ok",
    "[[Mags]] 02:12: pt desatted again ⏎ [[Tee]]: hope she is ok ⏎ [[kwabena]] 02:14: lol",
    "[[Deb]]: who is taking 14? ⏎ [[skip]]: i can ⏎ [[Deb]]: thx ⏎ [[skip]]: pls send report",
    "[14:02] [[jojo]]: bed 4 ready? ⏎ [14:03] [[Anneke]]: not yet ⏎ [14:05] [[jojo]]: ok",
    "[[Olu]] (07:10): anyone seen the doppler ⏎ [[bex]] (07:12): in the pyxis room ⏎ [[Olu]] (07:13): ty",
    "[[Hope]]: can u cover sat ⏎ [[Anneke]]: sorry ⏎ [[Hope]]: np",
    "[[Marisol G]]: hi, my incision is red ⏎ RN: any fever? ⏎ [[Marisol G]]: none",
    "09:14 [[pkaur]]: pls bring hoyer to 9 ⏎ 09:15 [[lindsay]]: omw ⏎ 09:20 [[pkaur]]: thx",
    "[[jj]]: r u on tonight ⏎ [[Abdi]]: yep 7p ⏎ [[jj]]: ok good",
    "Phalen: neg ⏎ Finkelstein: pos ⏎ Spurling: can't do ⏎ Hawkins: ok",
    "[[KT]]: on my way up ⏎ [[Priya]]: good, he is in CT ⏎ [[KT]]: copy",
    "[[zee]]: u up ⏎ [[zee]]: he pulled the ngt ⏎ [[zee]]: call me",
    "[[Fatou]] - 9:14 AM: moved to 12 ⏎ [[dre]] - 9:15 AM: who is with her ⏎ [[Fatou]] - 9:16 AM: sitter",
    "Nurse [[Kemi]]: how are you today? ⏎ Patient: better ⏎ Nurse [[Kemi]]: what about the leg? ⏎ Nurse [[Kemi]]: ok",
    "[[Soraya]]: bed 9 is yours ⏎ charge: thanks all ⏎ [[Soraya]]: np",
    "Interviewer: Tell me about that. ⏎ Patient: It hurts. ⏎ Interviewer: Where? ⏎ Patient: Here.",
    "Doctor: How is the knee? ⏎ Mom: He limps. ⏎ Doctor: Since when? ⏎ Mom: Tuesday.",
    "Q: Did you fall? ⏎ A: Yes. ⏎ Q: Did you hit your head? ⏎ A: No. ⏎ Q: Any blood thinner? ⏎ A: Eliquis.",
    "HR: 88 ⏎ BP: 120/70 ⏎ RR: 16 ⏎ SpO2: 97 ⏎ Temp: 98.6",
    "Plan: start metformin ⏎ Plan: recheck A1c, ok? ⏎ Plan: foot exam, call us",
    "Heart: RRR ⏎ Lungs: clear ⏎ Abdomen: soft ⏎ Gait: steady ⏎ Skin: warm",
    "Foley: in place ⏎ Braden: 18 ⏎ Morse: 45 ⏎ Foley: removed ⏎ Diet: regular",
    "Agent: thank you for calling ⏎ Caller: hi i need a refill ⏎ Agent: sure ⏎ Caller: lisinopril",
    "R: where is she ⏎ L: here",
    "08:00 Pain: can you rate it? 4 ⏎ 09:00 Pain: 3 ⏎ 10:00 Pain: 2",
]


@pytest.mark.parametrize("line", TALKS)
def test_who_speaks_is_a_name_and_no_key_of_a_form(line: str) -> None:
    text, expected = parted(line)
    for span in reversed(speakers(text)):
        text = f"{text[: span.start]}[NAME]{text[span.end :]}"
    assert text == expected


def test_a_speaker_is_masked_wherever_else_the_talk_names_them() -> None:
    text = "raz: who has 22A\nImogen T: ask raz\nraz: ok, me"
    assert "raz" not in masking.Masker(None, KEY, ner="none").mask_text(text).value


LABELLED = [
    "EMPLOYER ........ [[GOLDEN SPOKE CYCLE WORKS]]",
    "EMPLOYER ________ [[HARTWELL CREAMERY]]",
    "EMPLOYER .......... NONE",
    "Employer ........ retired",
    "ATTENDING ........... [[RAGHUNATHAN]]",
    "Patient name....: [[Tomasz Wieczorek]]",
    "NEXT OF KIN ..... [[HALLORAN, MAEVE]] (SISTER)",
    "LANG ............ ENGLISH",
    "VISIT TYPE ...... NEW PT",
    "PCP ........ NONE",
    "MOTHER ......... HTN",
    "Patient _______________ Date ________",
    "Patient ... was tired",
    "Ride: [[Peregrine Quist]].",
    "Ride: [[Quill]] at 3",
    "seen w/ [[Oyelaran]], agrees",
    "mom ([[Imogen]]) at bedside",
    "twin A ([[Imogen]]) doing well",
    "father (Deceased), sister (Lupus)",
    "MOC: [[Imogen]] FOC: [[Bert]]",
    "f/u [[Nakagawa]] 6 mo",
    "f/u Neurology 2 wks",
    "f/u Echo 2 wks",
    "2 RN verify: [[TM/LK]]",
    "counted w/ [[PJ]]",
    "verified: PT/OT",
    "met with Medicare.",
    "reviewed with Neurology.",
    "nickname [[Pip]]",
    "goes by Tylenol",
    "cc @[[lmoreau]] please",
    "@channel please",
    "please call me back ⏎ -- [[Thandi]]",
    "see list ⏎ -- Tylenol",
    "Medic 7 [[Hobbs/Ikeda]] on scene",
    "Medic 7 Transport delayed",
    "PHARMACIST ...... [[ODUYA]]",
    "Lives with: [[Delphine]], 2 cats",
    "Driver: mom",
    "ride: uber",
    "Contact: Droplet",
    "Transport: Wheelchair",
    "Interpreter: declined",
    "phoned to the MA, [[Quill]], at the desk",
    "the social worker, [[Teal]], will call",
    "the nurse, Tylenol, and ice",
    "the RN, Charge, aware",
    "the tech, Monday, noted",
]
LISTED = [
    "6A-01 [[Gunderson]] 71 DKA ⏎ 6A-02 [[Tran]] 55 CHF ⏎ 6A-03 [[Moss]] 81 CVA",
    "Rm 12 [[Castellanos]] 44 M cellulitis ⏎ Rm 13 [[Ng]] 61 F PNA",
    "22-1 [[Peel]] 90 UTI",
    "3B [[Abernathy]] 66 M STEMI",
    "4W-12 [[Winter]] 63 TKA ⏎ 4W-14 [[Sundaram]] 70 THA",
    "6A-01 Clean 71 pending",
    "401 Contact 2 days ⏎ 402 Droplet 3 days",
    "12A Lidocaine 50 mg ⏎ 12B Fentanyl 50 mcg",
    "0800 Braden 18",
    "0600 Weight 81",
    "22 Gauge 18",
    "401 Roosevelt 12",
    "24 Fr 18",
    "05 Hgb 12 ⏎ 06 Plt 200",
    "0750  [[Persephone]] (cabin 5) Lamictal",
    "8:00 [[Maddox]] (room 7) Ritalin 10",
    "0750  Lamictal (cabin 5) given",
    "Vitals (rm 4) done",
    "Epipen (house B) expired",
]
WRITTEN = [
    "transcribed 01/12/25 by [[MLP]], job 553",
    "Typed 3/4/25 1400 by [[kjm]]",
    "Dictated on 02/02/2025 at 1431 by [[RHT]]",
    "Scribe [[tq]] for the doctor",
    "dict: [[RHT]] / trans: [[mlp]]",
    "D: 01/02/25 T: 01/03/25 [[KLM]]",
    "posted by [[PVANG]]",
    "1502 [[PVANG]]: paid",
    "03/14/25 1502 [[PVANG]]: called pt",
    "entered by [[JSMITH]] at noon",
    "entered by RN at bedside",
    "entered by HIM",
    "typed by hand",
    "typed by me",
    "scanned by rn",
    "posted by LOCKBOX",
    "1502 LABS: K 3.1",
    "1502 SBAR: given to charge",
    "0915 ORTHO: NWB",
    "1345 FAMILY: updated",
    "Scribe to follow",
]
UNTITLED = [
    "the RN rm 6 called",
    "friend rm 6",
    "no dr pepper",
    "drinks coffee, Dr Pepper, tea",
    "Dr. [[Pepper]] called back",
    "seen by Dr [[Lee]] and Dr [[Pepper]]",
    "Dr [[Lee]], Dr [[Pepper]] rounding",
    "mild MR. [[Young]] called back",
    "MR BRAIN W/WO",
    "MR LUMBAR SPINE WO CONTRAST",
    "Mr [[Brain]] called back",
    "Dr Cr 1.8",
    "trivial MR. Cr 1.8",
    "severe MR. Ef 45",
    "mild MR. [[Garcia]] agrees",
    "no MR. [[Christen]] in the lobby",
    "wife called; MS. [[Sheller]] says he fell",
    "Seen and examined, mild MR. [[Heron]] is better.",
    "Reviewed with the daughter, MS. [[Xu]] today",
    "moderate MR. [[Lulu Scroggins]] came in",
    "seen by MR [[Head]] left at 5",
    "MR [[Foot]] without complaints",
    "MR [[Hand]] with contrast allergy",
    "MR KNEE LEFT W/O CONTRAST",
    "MR [[Abdullah]] came",
    "Ms. [[Ca]] 83, lives alone",
    "No Dr. [[Pepper]] notes available",
    "refused drinks, Dr. [[Pepper]] notified",
    "PT: [[TOM]] 50 ft",
    "Dr. [[Albina KRTEK]] was seen",
    "MS CONTIN 15 BID",
    "LIGHTLY COOKED IN 6 MO, RN AWARE",
    "CBC 2X/WK, PT/OT/ST",
    "New PT eval",
    "Supervisor [[Yolanda]] and Safety",
    "DR. [[AMARYLLIS FOOTE]], ED AT 0400",
    "PATIENT: [[FOOTE, ED]]",
    "Interpreter: Amharic, ID on file",
    "PT: SB transfers min A",
    "PT: [[MA, YING]]",
    "RN: [[KT]] 0700",
    "Provider: TBD",
    "[[Amina Solberg]] CCDS reviewed",
]


@pytest.mark.parametrize("line", [*LABELLED, *LISTED, *WRITTEN, *UNTITLED])
def test_names_by_where_they_stand(line: str) -> None:
    """Without the prose engine; days, ages and numbers are left."""
    text, expected = parted(line)
    kinds = masking.Masker(dict.fromkeys(("name", "address"), "redact"), KEY, ner="none")
    assert kinds.mask_text(text).value == expected


@pytest.mark.parametrize(
    "text",
    [
        "protective: faith, son, sister",
        "he may hunt elk",
        "he may hunt when he is able to",
        "likes to hunt and fish",
        "DME: walker, BSC",
        "dme walker",
        "Tai Ji Quan",
        "II. intern\xed klinika",
        "Klinik f\xfcr Chirurgie",
        "Barrett mucosa",
    ],
)
def test_what_the_engine_takes_for_somebody_and_is_nobody(text: str) -> None:
    assert masking.Masker(None, KEY).mask_text(text).value == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("wife called; MS. Mole says he fell", "Mole"),
        ("Dr. Alb 10", "Alb"),
        ("lives near atlantic ridge", "atlantic"),
        ("reasons for living: dawn, her kids", "dawn"),
        ("protective factors: june, dog", "june"),
        ("spoke with walker, her nephew", "walker"),
        ("hopes to visit cork", "cork"),
        ("new Ford patient", "Ford"),
        ("an old Mercedes note", "Mercedes"),
        ("her Kia is a daughter with asthma", "Kia"),
        ("mr. isuzu 350 mg tid", "isuzu"),
    ],
)
def test_who_is_called_by_a_word_is_somebody(text: str, name: str) -> None:
    assert name not in masking.Masker(None, KEY).mask_text(text).value


def test_an_initial_without_a_stop_is_a_part_of_the_name() -> None:
    assert masking.Masker(None, KEY).mask_text("Ifeoma RN / W Castellanos CCDS").value == "[NAME] RN / [NAME] CCDS"
