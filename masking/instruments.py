"""Nouns that an inventor's or a maker's name goes before: `Kocher clamp`, `Bier block`, a product's `cream`."""

from __future__ import annotations

import re

_USED = re.compile(
    r"(?:['\u2019]s)?\s(?:clamps?|forceps|retractors?|elevators?|dilators?|sounds?|catheters?|needles?|blades?|knife|knives|"
    r"scissors|sutures?|stitch(?:es)?|silk|nylon|gauze|dressings?|drapes?|splints?|stockings?|sponges?|packs?|rings?|clips?|"
    r"drains?|tubes?|tubing|shunts?|valves?|implants?|plates?|plating|screws?|rods?|pins?|wires?|grafts?|mesh|cement|drill|"
    r"burr?s?|saws?|shaver|punch(?:es)?|rongeurs?|curettes?|probes?|hooks?|spatulas?|speculum|tenaculum|manipulator|trocars?|"
    r"ports?|scopes?|sheaths?|guides?|guidewires?|balloons?|stents?|filters?|lens(?:es)?|headrest|frame|table|stand|pillow|"
    r"halo|vest|collar|brace|boot|shoe|cast|bandage|wrap|tape|cream|lotion|gel|ointment|drops|spray|shampoo|soap|oil|powder|"
    r"tablets?|capsules?|patch(?:es)?|inhaler|nebulizer|insulin|pen|pump|monitor|meter|laser|cautery|evacuator|dissector|"
    r"osteotomes?|awl|rasp|reamer|broach|taper|stem|cup|liner|device|system|kit|tray|procedure|technique|maneuver|"
    r"incision|approach|position|test|sign|score|scale|index|stage|grade|class|level|criteria|protocol|diet|"
    r"syndrome|disease|palsy|lesion|fracture|hernia|ulcer|cyst|nodes?|fascia|ligament|membrane|triangle|pouch|muscles?|"
    r"reflex(?:es)?|halo|mouth gag|gag|bag|cannula|conformer|pessary|type resistance|bander|stapler|staples?|"
    r"[a-z]{3,}(?:ectomy|otomy|ostomy|plasty|pexy|rrhaphy|scopy|scope|tome|graphy|gram)s?)\b"
)


def is_used(text: str, end: int) -> bool:
    """Whether an instrument, a remedy or a finding follows what ends at `end`."""
    return _USED.match(text, end) is not None
