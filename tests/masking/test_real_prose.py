"""What transcripts of visits and transcribed operations taught: sentences of our own for each cause of a false mask."""

from __future__ import annotations

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"

STAYS = r"""i'm gon na look at your knee and uh , we wan na x-ray it , mm-hmm
okay . um , so i'm just feeling a little better , you know , and my wife's happy too
i rode maybe nine miles , ate a sandwich and drank a bit of tea
Doctor: Good. Any fever?\nPatient: Oh, no. Well, a cough.\nDoctor: Okay, um, since when?
Patient: Good afternoon, doctor.\nDoctor: How have you been?\nPatient: Back and forth.
Oxycodone 5 mg p.o. q.6h. p.r.n. pain, Colace b.i.d., Ambien q.h.s. at 10 p.m.
She was treated for a U T I, and the E K G was normal.
The fascia was closed with 3-0 Vicryl, the skin with #4-0 nylon; 10-0 sutures for the cornea.
A curved Heaney clamp, an Esmarch bandage and two Allis clamps were used. A Gomco was at hand.
A 16-French Robinson catheter was passed with the Wolf cystoscope.
The trachea was opened with Potts scissors and spread with Takahashi forceps.
The 3rd and 4th fingers and the 2nd MTP joint are swollen; her 3rd cousin has gout.
Teeth numbers 2, 3, 4, 5, 7, 8, 9, 10, 11 were removed. Axial images #12-14.
The temperature ranged between 99 and 102, and the pressure was 95 systolic.
She has smoked since the early 1980s. Specific gravity 1.015. Pain for 3-4 days.
Grip is 4/5 on the left. Pain is rated 7/10 on average, 2/10 at its least.
She was seen in the Pulmonary Medicine Clinic and the Bariatric Surgery Center.
A guide pin was then placed; the pin was driven across the joint.
Endoscopy suite #2 was ready.
We rode 30 miles on a road bike. A 24 French loop was used.
He works on a Christmas tree farm and eats tomato-based foods.
His native language is Danish. She came from Germany.
Normocephalic, atraumatic. Sclerae anicteric. Conjunctivae pale. Guidewires were exchanged.
A #10-blade scalpel and a #14 gauge needle were used.
Good hemostasis was obtained. Sharp dissection followed. Small polyps were seen.
Moderate left knee ACL laxity. CBC, GS, PT and PTT were sent.
The pain may first appear at night. They march two miles.""".splitlines()


@pytest.mark.parametrize("line", [line.replace("\\n", "\n") for line in STAYS])
def test_what_real_notes_say_and_identifies_nobody_stays(line: str) -> None:
    assert masking.Masker(masking.ALL, KEY).mask_text(line).value == line


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("He fell on October twenty sixth of last year.", "twenty sixth"),
        ("it began on the fifth of november", "november"),
        ("Surgery was on March seventh two thousand five.", "March seventh"),
        ("Symptoms since September two thousand six.", "September"),
        ("The ablation was done in May.", "May"),
        ("The cast came off in april and the pins in june.", "april"),
        ("The cast came off in april and the pins in june.", "june"),
        ("Doctor: Hello.\nPatient: Hi, I am here with my son.\nDoctor: I am Doctor Helmsley.", "Helmsley"),
        ("my kidney doctor is doctor white and i like her", "white"),
        ("hey , i'm seeing mrs . ward today", "ward"),
        ("Patient: Good, Raymond\nDOB: 1960", "Good"),
        ("Patient: Oh, Sandra\nDOB: 1960", "Oh"),
        ("Seen by Dr. Dang and Nurse Oh today.", "Dang"),
        ("Lives at 803 W. 6th Ave, Inverness.", "6th Ave"),
        ("Transferred to Riverside University Hospital.", "Riverside"),
        ("LMP 10/5, pain for two days.", "10/5"),
        ("uh , so stephanie is here for her back", "stephanie"),
    ],
)
def test_what_identifies_in_such_notes_is_masked(text: str, gone: str) -> None:
    assert gone not in str(masking.Masker(masking.ALL, KEY).mask_text(text).value)


@pytest.mark.parametrize(
    "word", ["Foraminotomies", "Transthoracic views", "A transpatellar approach", "Grandkids", "Unscarred skin"]
)
def test_a_word_that_no_list_has_is_nobody(word: str) -> None:
    line = f"{word} of this kind would be found on the left side again."
    assert masking.Masker(masking.ALL, KEY).mask_text(line).value == line


@pytest.mark.parametrize(
    "name", ["Okonkwo", "Lindqvist", "Papadopoulos", "Featherstonehaugh", "Ioannidis", "Przybylski"]
)
def test_a_name_that_no_list_has_is_somebody(name: str) -> None:
    assert (
        name not in masking.Masker(masking.ALL, KEY).mask_text(f"Spoke with {name} about the plan for tonight.").value
    )
