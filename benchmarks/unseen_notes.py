"""Labelled clinical notes for measuring: formats and phrasings that no training template has.

A template marks what identifies as `{{kind:text}}`; `@name`, `@date` … inside are drawn from lists of their own. What
is not marked is a clinical fact, a label or a hard negative, and must stay. `notes(seed, count)` is deterministic.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

FAMILY = """Okonkwo Szymański Villanueva Thorvaldsen Papadimitriou Nakashima Abdulrahman Krishnamurthy O'Shaughnessy Van der Merwe Castellano
Haile Phommachanh Tran Kaur Dvořáková Mbeki Oyelaran Lindqvist Ferreira Bhattacharya Ysidro Quattlebaum Featherstone Whitlock Delacroix
Yamauchi Petrosyan Goldfarb McAllister Rutherford Stubblefield Begay Kekona Salazar-Ortiz Ng Wu Li Park Hope Young Brown Rice Banks Price
Bell Graves Addison Wilson Parker Fields Waters Rivers Church Cook Marsh Moss Winters""".split()
GIVEN = """Chukwuemeka Agnieszka Xiomara Sigrid Despina Haruto Yasmin Lakshmi Siobhan Pieter Giancarlo Tsegaye Bounmy Linh Gurpreet Božena
Thandiwe Folasade Astrid Thiago Anirban Esperanza Leroy Prudence Beauregard Geneviève Kenji Araxie Miriam Fergus Winifred Tallulah Nizhoni
Keoni Guadalupe Wei Jun Min-ji Faith Grace Will Mark Rose Dawn Summer Hunter Chase Mercy Angel Dolores Ivy Pearl Frank Art Drew Rob""".split()
STREETS = ["Wexford Hollow", "Old Quarry", "Saint Brendan", "Larkspur", "Kamehameha", "W. Ashby", "North 3rd", "Tallgrass", "Calle Ocho", "Upper Mill"]
SUFFIX = ["Ln", "Road", "Avenue", "St.", "Terrace", "Blvd", "Ct", "Way", "Drive", "Pl"]
CITIES = ["Yakima", "Poughkeepsie", "Terre Haute", "Las Cruces", "Kalispell", "Chattanooga", "Waukesha", "Sioux Falls", "Hilo", "Bozeman", "Pawtucket", "Eau Claire"]
STATES = ["WA", "NY", "IN", "NM", "MT", "TN", "WI", "SD", "HI", "RI"]
PLACES = ["Cedar Ridge Medical Center", "St. Columba Hospital", "Mount Olivet Regional", "Lakeview Rehabilitation Institute", "Tidewater General Hospital", "Harmony Hills Nursing Home",
          "Blue Mesa Family Clinic", "Kaimana Women's Hospital", "Veterans Memorial Infirmary"]  # fmt: skip
MONTHS = "January February March April May June July August September October November December".split()

TEMPLATES = (
    """HISTORY AND PHYSICAL
Name: {{name:@Last, @First @I.}}     MRN: {{mrn:@mrn}}     DOB: {{date:@num}}
Admitted: {{date:@num}}   Attending: {{name:@First @Last}}, MD

CC: "I can't catch my breath."
HPI: {{name:Mr. @Last}} is a 67M w/ COPD (GOLD 3), HFrEF (EF 25%), and Crohn's disease s/p ileocecectomy who p/w 3d of worsening DOE. He was last discharged from {{address:@place}} on {{date:@long}} after a CHF exacerbation. Per his daughter {{name:@First}}, he ran out of torsemide 20 mg two weeks ago. He denies CP. He lives in {{address:@city}} with {{name:@First}} and her husband {{name:@First}}.
PMH: Type 2 DM (A1c 8.1% in 2019), Wolff-Parkinson-White s/p ablation, Hashimoto thyroiditis, Dupuytren contracture
Meds: carvedilol 6.25 mg BID, Entresto 24/26 BID, Lantus 18 units qHS
PE: T 37.1, HR 104, BP 96/58, RR 24, SpO2 91% on 2L NC. JVP 12 cm. S3 gallop. 2+ pitting edema. Strength 5/5 throughout. Babinski down-going.
Labs: Na 131, K 5.2, BUN 44, Cr 1.9 (baseline 1.3), BNP 2,210, trop 0.04 -> 0.03
A/P: ADHF. Lasix 80 mg IV BID, goal net -1.5 L. Foley placed. Cards (Dr. {{name:@Last}}) following. Code status: DNR/DNI, discussed w/ HCP {{name:@First @Last}} at {{phone:@phone}}.
""",
    """Dear Dr. {{name:@Last}},

Thank you for referring {{name:@First @Last}} (DOB {{date:@long}}), whom I saw in the vascular clinic at {{address:@place}} on {{date:@longday}}. As you know, she is a 58-year-old retired teacher with Raynaud phenomenon. {{name:Ms. @Last}} reports that her symptoms began around {{date:@monthyear}}, shortly after moving to {{address:@city}}. Allen's test was normal. ANA 1:320, anti-Scl-70 negative. I have started nifedipine XL 30 mg daily and will see her again in 6 weeks.

With kind regards,
{{name:@First @I. @Last}}, MD, FACS
{{address:@num4 @street @suffix, Suite 210, @city, @state @zip}}
Tel {{phone:@phone}}  Fax {{fax:@phone}}  {{email:@email}}
""",
    """NURSING NOTE {{date:@num}} 0745
Pt A&Ox3, resting. Report received from {{name:@First @Last}} RN. PIV L AC patent, flushed. Pt's son {{name:@First}} at bedside, asks that we call him at {{phone:@phone}} w/ any changes. Morphine 2 mg IV given for pain 7/10, reassessed 3/10. JP drain 45 mL serosang. Braden 18, Morse 45. Will continue to monitor. -- {{name:@I. @Last}}, RN
""",
    """OPERATIVE REPORT
PATIENT: {{name:@LAST, @FIRST}}
MEDICAL RECORD NUMBER: {{mrn:@mrn}}
DATE OF PROCEDURE: {{date:@num}}
SURGEON: {{name:@First @Last}}, M.D.
ASSISTANT: {{name:@First @Last}}, PA-C
ANESTHESIOLOGIST: {{name:@First @Last}}, MD
PROCEDURE: Laparoscopic Nissen fundoplication
IMPLANTS: {{device:Serial number @serial}} mesh
The patient was brought to OR 4 and placed supine. A Veress needle was used and pneumoperitoneum established to 15 mmHg. The Harmonic scalpel was used to divide the short gastrics. A 56 Fr Maloney bougie was passed. EBL 20 mL. Counts were correct x2.
Dictated by: {{name:@First @Last}}   D: {{date:@num}} 14:22   T: {{date:@num}} 16:05   Job #{{id:@job}}
""",
    """pt {{name:@first @last}} called re: refill zoloft 50 mg, pharmacy is walgreens on {{address:@street st}}, ph {{phone:@phone}}. dob {{date:@num}}. advised f/u w/ dr {{name:@last}} in 2 wks. pt verbalized understanding
""",
    """DISCHARGE SUMMARY
{{name:@FIRST @LAST}} was admitted to the hospital on {{date:@long}} and discharged on {{date:@longnoyear}}. The patient is a {{age:@old}}-year-old female resident of {{address:@place}}, brought in by ambulance after a fall. CT head negative for bleed. She was evaluated by {{name:Dr. @First @Last}} of orthopedics and underwent right hip hemiarthroplasty. Postoperative course was complicated by delirium, which resolved with Haldol 0.5 mg. Hgb stable at 9.8. Discharge medications: Lovenox 40 mg SC daily x 28 days, oxycodone 5 mg q6h prn, Colace 100 mg BID. Follow-up with {{name:Dr. @Last}} on {{date:@num}} at 10:30 AM. Her niece, {{name:@First @Last}}, is the health care proxy and can be reached at {{phone:@phone}}.
""",
    """ED TRIAGE | {{date:@iso}} 03:14 | {{name:@Last, @First}} | {{age:@old}} F | MRN {{mrn:@mrn}}
Acct# {{account:@acct}}  Ins: Medicare {{health_plan:@mbi}}
EMS from {{address:@num4 @street @suffix}}: found down by neighbor {{name:@First}}. GCS 14. FSBG 62, D50 given. Last known well 2200 on {{date:@mmdd}}. NIHSS 4.
""",
    """SOCIAL WORK: Met with {{name:@First}} and her mother, {{name:Mrs. @Last}}. Family relocated from {{address:@city}} in 2017. {{name:@First}} attends 8th grade; her counselor {{name:Mr. @Last}} called on {{date:@longnoyear}}. SSN {{ssn:@ssn}} verified for Medicaid application, case number {{id:@job}}. Mother works nights as a nurse's aide. PHQ-9 = 14. Safety plan reviewed; Hope and coping skills discussed. E-mail: {{email:@email}}.
""",
    """RADIOLOGY REPORT
Exam: MRI LUMBAR SPINE W/O CONTRAST
Exam date: {{date:@num}}    Accession: {{id:@acc}}
Ordering provider: {{name:@Last, @First}} MD
Comparison: CT {{date:@num}}.
Findings: L4-L5: Schmorl node. Modic type 2 changes. No Tarlov cyst. Conus at L1. Baker cyst incidentally noted.
Impression: Moderate stenosis at L4-5. Meyerding grade 1 anterolisthesis.
Electronically signed by {{name:@First @Last}} on {{date:@num}} 11:47
""",
    """S: {{name:@First}} is doing well on Suboxone 8-2 mg. Went to a meeting w/ sponsor {{name:@First @I}} last week. Denies cravings. Visited sister in {{address:@city}} over {{date:Thanksgiving}}.
O: BP 118/76, HR 68, wt 171 lb. UDS neg except bup. Last LFTs {{date:@mmdd}} wnl (AST 22, ALT 19).
A: OUD, in remission. Hx of Hodgkin lymphoma (2004), Bell palsy.
P: Continue. RTC 4 wks. Naloxone refilled. {{name:@Last}}
""",
    """Subject: lab results
From: {{name:@First @Last}} <{{email:@email}}>
Hi {{name:@First}}, can you please look at the cultures on {{name:@Last}} in bed 12? MRSA nares positive, vanc trough 18.4. Needs to be on contact precautions. {{name:Dr. @Last}} is on call tonight ({{phone:@phone}}). Also the patient portal login was {{url:https://portal.example.org/u/@first}} from {{ip:10.44.7.@octet}}. Thanks, {{name:@First}}
""",
    """GENETICS CONSULT. Proband: {{name:@First @Last}}, born {{date:@longday}} at {{address:@place}}. Parents: {{name:@First @Last}} and {{name:@First @Last}} (née {{name:@Last}}). Maternal grandmother, {{name:@First}}, had Huntington disease; paternal uncle {{name:@First}} had Marfan syndrome. CAG repeat 44. Drawn {{date:@iso}}. Driver's license {{license:@dl}} seen at check-in. Vehicle plate {{vehicle:@plate}}.
""",
)
DRAW = re.compile(r"@(Last|First|LAST|FIRST|last|first|num4|num|longday|longnoyear|long|monthyear|mmdd|iso|mrn|phone|email|street|suffix|city|state|zip|place|old|ssn|acct|mbi|job|acc|serial|dl|plate|octet|I\b)")
MARK = re.compile(r"\{\{(\w+):(.*?)\}\}", re.DOTALL)


class Note(NamedTuple):
    """A text and its labelled stretches: start, end, kind."""

    text: str
    spans: list[tuple[int, int, str]]


def _draw(what: str, rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.choice([1938, 1951, 1967, 1984, 2003, 2019, 2021, 2023])
    name = MONTHS[month - 1]
    first, last = rng.choice(GIVEN), rng.choice(FAMILY)
    return {
        "Last": last, "First": first, "LAST": last.upper(), "FIRST": first.upper(), "last": last.lower(), "first": first.lower(),
        "I": rng.choice("ABCDEJKLMRST"), "num": rng.choice([f"{month}/{day}/{year}", f"{month:02d}/{day:02d}/{year}", f"{month}/{day}/{year % 100:02d}", f"{month:02d}-{day:02d}-{year}"]),
        "num4": str(rng.randint(11, 9899)), "long": f"{name} {day}, {year}", "longday": f"{day} {name} {year}", "longnoyear": f"{name} {day}", "monthyear": f"{name} {year}",
        "mmdd": f"{month}/{day}", "iso": f"{year}-{month:02d}-{day:02d}", "mrn": rng.choice([f"{rng.randint(10**5, 10**8)}", f"{rng.choice('EMH')}{rng.randint(10**6, 10**7)}", f"{rng.randint(100, 999)}-{rng.randint(10, 99)}-{rng.randint(10, 99)}"]),
        "phone": rng.choice([f"({rng.randint(201, 989)}) 555-{rng.randint(1000, 9999)}", f"{rng.randint(201, 989)}-{rng.randint(201, 989)}-{rng.randint(1000, 9999)}", f"{rng.randint(201, 989)}.555.{rng.randint(1000, 9999)}"]),
        "email": f"{first.lower().replace('è', 'e')}.{last.lower().replace(' ', '')[:6]}@{rng.choice(['example.org', 'mail.example.com', 'clinic.example'])}".replace("'", ""),
        "street": rng.choice(STREETS), "suffix": rng.choice(SUFFIX), "city": rng.choice(CITIES), "state": rng.choice(STATES), "zip": f"{rng.randint(10000, 99899)}", "place": rng.choice(PLACES),
        "old": str(rng.randint(90, 102)), "ssn": f"{rng.randint(900, 999)}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}", "acct": f"{rng.randint(10**7, 10**9)}", "mbi": f"{rng.randint(1, 9)}EG{rng.randint(0, 9)}-TE{rng.randint(0, 9)}-MK{rng.randint(10, 99)}",
        "job": f"{rng.randint(10**5, 10**7)}", "acc": f"{rng.choice(['S', 'MR', 'CT'])}{rng.randint(18, 24)}-{rng.randint(1000, 99999)}", "serial": f"PJN{rng.randint(10**5, 10**6)}S", "dl": f"{rng.choice('DKS')}{rng.randint(10**7, 10**8)}",
        "plate": f"{rng.randint(1, 9)}{rng.choice(['KLM', 'TRB', 'WXY'])}{rng.randint(100, 999)}", "octet": str(rng.randint(2, 250)),
    }[what]  # fmt: skip


def note(template: str, rng: random.Random) -> Note:
    """Fill one template."""
    out, spans, cursor = [], [], 0
    size = 0

    def add(text: str) -> None:
        nonlocal size
        out.append(text)
        size += len(text)

    for match in MARK.finditer(template):
        add(template[cursor : match.start()])
        value = DRAW.sub(lambda part: _draw(part[1], rng), match[2])
        spans.append((size, size + len(value), match[1]))
        add(value)
        cursor = match.end()
    add(template[cursor:])
    return Note("".join(out), spans)


def notes(seed: int = 7, count: int = 120) -> Iterator[Note]:
    """`count` notes, the templates in turn."""
    rng = random.Random(seed)
    for index in range(count):
        yield note(TEMPLATES[index % len(TEMPLATES)], rng)
