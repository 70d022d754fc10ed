"""DICOM's JSON model (PS3.18, annex F): what an element holds, by its tag (PS3.6) and its value representation (PS3.5).

Strategy: the tags are those of the confidentiality profile (PS3.15, table E.1-1) whose representation alone does not
say what they hold; of the rest the representation does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .wordset import word_set

_TAGS = {
    "mrn": "00100020 00101000 00380500",
    "id": """
        00080018 00080050 00080058 00081155 0020000D 0020000E 00200010 00200052 00321064 00380010 00380060 00400009
        00401001 00402016 00402017 0040A124 00120040 00120042 00120020 00403001 00400253 0040A027 00080117 00020003
    """,
    "name": """
        00080090 0008009C 00081048 00081049 00081050 00081052 00081060 00081062 00081070 00100010 00101001 00101005
        00101060 00104000 00321032 00321033 0040A123 0040A075 0040A073 00402008 00400006 0040100A 00102297 00102298
        00120060
    """,
    "address": """
        00080080 00080081 00081010 00081040 00101040 00102150 00102152 00380300 00380400 00400241 00400242 00400243
        00401010 00402009 00400011 00400010 00081041
    """,
    "phone": "00080094 00102154 00102155 00402010 0040A160",
    "health_plan": "00101050",
    "account": "00380012",
    "device": "00181000 00181002 0018100A 00189931 00181004 00181005 00181007 00181008 0018700A 0018A003",
    "date": "00102203",
    "photo": "7FE00010 7FE00008 7FE00009 00880200 00282000",
}
_SPOKEN = word_set("00104000 0040A160")  # comments: scanned, whoever they name
KINDS = {tag: kind for kind, tags in _TAGS.items() for tag in tags.split() if tag.lower() not in _SPOKEN}
_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_COMMON = word_set("""
    00080005 00080016 00080020 00080021 00080030 00080060 00081030 0008103e 00080008 00080070 00081090 00081190
    00080100 00080102 00080104 00081150 00100030 00100040 00400007 00400244 00200011 00200013 00280010
""")
REPRESENTATIONS = {"PN": "name", "DA": "date", "DT": "date", "UI": "id", "UR": "url", "AS": "age"}
PROSE = frozenset({"LT", "ST", "UT", "LO"})
ELEMENT = frozenset({"vr", "Value", "InlineBinary", "BulkDataURI"})
STANDARD = "1.2.840.10008."  # the root of the identifiers that DICOM itself gives out


def is_dataset(keys: Iterable[str]) -> bool:
    """Whether an object's keys are tags, one of them at least a known one."""
    known = False
    for key in keys:
        if not _TAG.fullmatch(key):
            return False
        known = known or key.upper() in KINDS or key.lower() in _COMMON
    return known
