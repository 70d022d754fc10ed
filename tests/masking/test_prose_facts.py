"""Clinical prose that names nobody stays as it is, with the shipped prose engine."""

from __future__ import annotations

import pytest

import masking

LINES = """Positive Murphy sign, negative Homans sign, McBurney point tenderness. Rovsing sign absent.
Parkinson disease, Alzheimer dementia, Crohn's disease, Hodgkin lymphoma, Graves disease, Cushing syndrome.
Foley catheter placed; Swan-Ganz removed; Jackson-Pratt drain 30 mL; Hickman line intact; Yankauer suction.
Whipple procedure in 2016, Billroth II, Roux-en-Y gastric bypass, Nissen fundoplication, Hartmann procedure.
Lisinopril 10 mg PO daily, metoprolol tartrate 25 mg BID, Coumadin 5 mg, Lantus 20 units qHS, Augmentin 875-125 mg.
BP 132/84 mmHg, HR 88 bpm, RR 18, T 98.6 F (37 C), SpO2 97% RA, BMI 31.2, Wt 82.4 kg, Ht 175 cm.
Na 138, K 4.2, Cl 101, CO2 24, BUN 18, Cr 1.1, Glu 104, Ca 9.2, Mg 2.0, Phos 3.4, WBC 7.8, Hgb 13.2, Plt 245.
GCS 15 (E4V5M6), NIHSS 3, CHA2DS2-VASc 4, HAS-BLED 2, MELD-Na 18, Child-Pugh B, Wells 4.5, APACHE II 19.
Take 1 tablet by mouth every 6 hours as needed for pain. Do not exceed 8 tablets in 24 hours. Dispense 30, refill 2.
CT chest: 6 mm nodule RUL (series 4, image 112). Lung-RADS 3. Fleischner follow-up in 6-12 months.
Patient is a 67-year-old male with a history of HTN, HLD, T2DM, CAD s/p CABG x3 (2014), and COPD on home O2.
May continue aspirin. Will follow. Mark the surgical site. Hope for the best. Grace period over. Bill reviewed.
Denies tobacco; drinks 2-3 beers/week. Lives with spouse. Independent in ADLs. Code status: Full Code.
Strength 5/5, reflexes 2+, CN II-XII intact, Romberg negative, Babinski down, gait steady, FNF intact.
Pain 7/10, 3/6 systolic murmur, 2/2 sets blood cultures, 1/2 NS at 75 mL/hr. Vision 20/40 OD.""".splitlines()


@pytest.mark.parametrize("line", LINES)
def test_a_clinical_fact_stays(line: str) -> None:
    assert masking.Masker(masking.ALL, b"k" * 32).mask_text(line).value == line
