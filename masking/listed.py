"""Whether a listed word stands for the thing called so - an eponym, a product, an abbreviation - or for somebody.

Strategy: what surely names a person (a form of address, a given name beside it, a credential, what only people do)
outweighs every list. Else a word that nobody is called by is the thing; one that few are called by, unless its place
allows a person (`per …`, a line of its own); a common name or a town only where its use says that the thing is meant:
the noun that follows, a score, a sign, a number before its brackets, others of the list beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Span
from .instruments import is_used
from .model import lexicon as lx

PAIRED = re.compile(
    r"(?i)marcus gunn|campbell de morgan|braxton[ -]hicks|da vinci|argyll robertson|austin flint|"
    r"graham steell|monte carlo|"
    r"st\.? jude|von willebrand|de quervain|osgood schlatter|ehlers danlos|wolff parkinson white|lou gehrig|"
    r"jackson pratt|"
    r"ramsay hunt|bence jones|ivor lewis|brown s[e\xe9]quard|sister mary joseph|loeys dietz|mc ?burney|van der woude|"
    r"austin moore|gamma knife|da vinci xi|"
    r"lauge hansen|von hippel|von recklinghausen|roux en y|salter harris|kayser fleischer|"
    r"baker cyst|trendelenburg|pfannenstiel|mckenzie|hoyer|jamar|bernoulli|hoffmann?|lhermitte"
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019.&-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['\u2019]s(?=\s|$)")
_NUMBER = re.compile(r"(?i)\d+(?:[./-]\d+)*[a-z]?|[IVX]{1,4}[ab]?|[a-d]", re.ASCII)
_ADDRESSED = re.compile(
    r"(?i)(?:\b(?:(?:dr|drs|mr|mrs|ms|mx|sr|sra|prof|rev|sgt|pt|atty|hon)\s?\.?|miss|mister|madam|nurse|"
    r"doctor|patient|client|"
    r"professor|officer|deputy|judge|coach|sister|brother|father|mother|aunt|uncle|wife|husband|son|"
    r"daughter|partner|spouse|"
    r"friend|neighbou?r|roommate|cousin|niece|nephew|mom|mum|dad|grandma|grandpa|guardian|caregiver|"
    r"landlord|attending|resident|"
    r"surgeon|hospitalist|physician|therapist|pharmacist|chaplain|midwife|interpreter|counsell?or|named|"
    r"called|aka|dear|hi|hello|"
    r"hey|thanks|signed|(?:sur|maiden |last |first |family )?name(?:\sis|d)?|by dr),?\s{1,2}"
    r"|\b(?:patient|pt|client|name|attending|provider|physician|surgeon|pcp|author|signed(?: by)?|by|"
    r"nurse|rn|md|cc|attn|to|from|"
    r"mother|father|wife|husband|son|daughter|contact|proxy|guardian|witness|assistant|anesthesiologist|"
    r"operator|reader|fellow|"
    r"resident|therapist|technologist|referring|seen by|employer)\s?:\s{0,3})$"
)
_INITIAL = re.compile(r"(?<![\w.])[A-Z]\.\s?$")
_BEFORE = re.compile(r"(?<![\w-])([^\W\d_][^\W\d_'\u2019]*)\s$")
_DOES = re.compile(
    r"(?:['\u2019]s\s(?:mother|father|mom|dad|wife|husband|son|daughter|parents?|room|chart|family|sister|"
    r"brother|wishes|care|"
    r"hospital|appointment|birthday|insurance|home|house|phone|concerns?|daughters|sons)\b"
    r"|,?\s(?:MD|M\.D|DO|RN|NP|PA(?:-C)?|PhD|LPN|LVN|CNA|DPT|LCSW|MSW|PharmD|CRNA|DDS|DMD|FACS|FACC|MBBS|"
    r"APRN|FNP|CNM|PsyD|"
    r"OTR|SLP|RD|RRT|Jr|Sr)\b"
    r"|,?\s(?i:who|whose|whom)\b|,?\s(?i:(?:is|was|has been|were)\s(?:an?\s\d|seen|admitted|discharged|born|"
    r"notified|paged|informed|"
    r"aware|updated|told|asked|called|referred|transferred to))\b"
    r"|\s(?i:states|stated|reports|reported|denies|denied|says|said|tells|told|lives|lived|works|agrees|"
    r"agreed|wants|wanted|feels|"
    r"felt|called|calls|phoned|presents|presented|complains|verbali[sz]ed|aware|notified|endorses|admits|"
    r"declined|declines|"
    r"attends|smokes|drinks|speaks|spoke|asked|asks|came|comes|went|goes|thinks|knows|understands|does|"
    r"has had|brought|moved|seen|met|alert|awake|resting|sitting|lying|doing|had)\b"
    r"|,?\s\(?\d{1,3}[\s-]?(?i:yo|y/o|y\.o|years?|yrs?|[mf])\b)"
)
_GIVEN_BEHIND = re.compile(r",\s([A-Z][a-z]+)(?![\w-])")
_SURNAME_BEHIND = re.compile(r"\s([A-Z][a-z'\u2019]+[A-Za-z-]*)")
_ALLOWS = re.compile(
    r"(?i)(?:\b(?:by|per|with|w/|from|to|for|cc|d/w|via|and|&|saw|sees?|seen|met|asked|told|paged|"
    r"notified|contacted|informed|"
    r"called|covering|rn|np|md|pa|at|in|near|re|attn|pcp|cc|uses|members?|using|under|crew|reg|cons|"
    r"fellow|charge|buddy|asst)\W{0,2}"
    r"|[\w)]:\s|(?:^|\n)[\s\d.:/-]*|[(\"\u201c/@])$"
)
_NOUN = re.compile(
    r"(?:['\u2019]s)?\s(?i:profile|software|platform|stretch(?:es)?|press|exercises?|analy[sz]er|scanner|"
    r"panel|assay|sequenc\w+|"
    r"portal|glucometer|ventilator|bed|mattress|lift|walker|wheelchair|prosthes[ie]s|stain|agar|medium|"
    r"broth|antigen|antibod\w+|"
    r"nomogram|equation|formula|correction|regression|curve|law|effect|phenomenon|reaction|triad|pentad|"
    r"murmur|waves?|bodies|"
    r"cells?|granules|spots?|lines?|folds?|canal|duct|glands?|foramen|space|angle|ratio|fissures?|area|"
    r"loop|flap|repair|operation|"
    r"fundoplication|cerclage|regimen|trial|guidelines?|inventory|questionnaire|respirations?|breathing|"
    r"dementia|lymphoma|"
    r"sarcoma|tumou?r|an[a]?emia|encephalopathy|thyroiditis|chorea|ataxia|contracture|deformity|dystrophy|"
    r"malformation|anomaly|"
    r"complex|configuration|profiles|probability|estimator?|statistics?|dosing|levels?|vaccine|booster|"
    r"sensor|transmitter|lead|"
    r"generator|cartridge|handpiece|handle|cuff|circuit|mask|filter|nebuli[sz]er|spacer|formula|"
    r"supplements?|shakes?|diet)\b"
    r"|\s[A-Z]{2,4}-[A-Z]{0,3}\d{2,}\w*"
)
_ITEM_BEFORE = re.compile(
    r"([^\W\d_][^\W_]*(?:['\u2019-][^\W\d_]+)*)(?:\s?\([^()\n]{1,25}\))?(?:\s?\+/-|\s?[+-]|"
    r"\s\d{1,3}[a-z]?|\s[IVX]{1,3})?"
    r"\s?(?:[,;/]\s?|\s(?=and|or))(?:(?:no|and|or|de|neg|pos)\s){0,2}$"
)
_ITEM_BEHIND = re.compile(
    r"(?:\s?\([^()\n]{1,25}\))?(?:\s?\+/-|\s?[+-]|\s\d{1,3}[a-z]?|\s[IVX]{1,3})?\s?(?:[,;/]\s?|\s(?=and|or))"
    r"(?:(?:no|and|or|de|neg|pos)\s){0,2}([^\W\d_][^\W_]*(?:['\u2019-][^\W\d_]+)*)"
)
_COMMON = lx.GIVEN | lx.GIVEN_COMMON | lx.SURNAME_COMMON | lx.CITY
_NAMES = lx.ANY_NAME | _COMMON
_REACH, _LONGEST, _MOST = 40, 4, 8  # characters looked at before; words of a listed phrase; words of a span
_SURE = 0.97
_SHORT = 4  # letters of what may be an abbreviation


def is_listed(text: str, span: Span) -> bool:
    """Whether all that the prose engine took for a name or a place is listed, and meant as the thing.

    Plain words beside a thing count as its own, unless the engine is sure: `Breezeway Medical Supply`.
    """
    words = [(word.start(), word.end()) for word in _WORD.finditer(text, span.start, span.end)]
    if not 0 < len(words) <= _MOST or _is_somebody(text, span.start, span.end):
        return False
    phrases = list(_phrases(text, span.start, span.end))
    things = 0
    for start, end in words:
        if any(first <= start and end <= last for first, last in phrases) or _is_meant(text, start, end):
            things += 1
        elif not _says_nothing(text[start:end]):
            return False
    return things == len(words) or (things > 0 and span.score < _SURE)


def _phrases(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The listed phrases of two words and more that reach into a stretch, in words with one blank between."""
    first = max(0, start - _REACH, text.rfind("\n", 0, start) + 1)
    words = [word.span() for word in _WORD.finditer(text, first, min(len(text), end + _REACH))]
    is_thing = lx.load().is_thing
    for at, (left, _) in enumerate(words):
        for behind in range(at + 1, min(at + _LONGEST, len(words))):
            if text[words[behind - 1][1] : words[behind][0]] != " ":
                break
            right = words[behind][1]
            if left < end and start < right and is_thing(_POSSESSIVE.sub("", text[left:right])):
                yield left, right


def _is_meant(text: str, start: int, end: int) -> bool:
    """Whether one word is listed and its place says, or by what it is at least allows, that the thing is meant."""
    lexicon, word = lx.load(), text[start:end]
    root = _POSSESSIVE.sub("", word)
    if not lexicon.is_thing(root):
        return False
    names = (lexicon.flags(root) | lexicon.flags(root.replace("'", "").replace("\u2019", ""))) & _NAMES
    if not names:
        return True
    if is_used(text, end) or _NOUN.match(text, end) or _is_in_company(text, start, end):
        return True
    if names & _COMMON:
        return False
    follows = _SURNAME_BEHIND.match(text, end)
    if follows is not None and lexicon.flags(follows[1]) & lx.ANY_NAME:
        return False
    return not _ALLOWS.search(text, max(0, start - _REACH), start)


def _is_in_company(text: str, start: int, end: int) -> bool:
    """Whether what stands beside it in a list is a thing that nobody is called by: `Still, Behcet`."""
    before, behind = _ITEM_BEFORE.search(text, max(0, start - 2 * _REACH), start), _ITEM_BEHIND.match(text, end)
    lexicon = lx.load()
    return any(
        item is not None and len(item[1]) > _SHORT and lexicon.is_thing(item[1]) and not lexicon.flags(item[1]) & _NAMES
        for item in (before, behind)
    )


def _says_nothing(word: str) -> bool:
    """A number, a grade or a plain word: neither a thing nor somebody."""
    if _NUMBER.fullmatch(word):
        return True
    flags = lx.load().flags(word)
    return bool(flags & lx.PLAIN) and not flags & (_NAMES | lx.PROPER)


def _is_somebody(text: str, start: int, end: int) -> bool:
    """Whether what stands around surely names a person."""
    reach = max(0, start - _REACH)
    if _ADDRESSED.search(text, reach, start) or _INITIAL.search(text, reach, start) or _DOES.match(text, end):
        return True
    lexicon = lx.load()
    before, behind = _BEFORE.search(text, reach, start), _GIVEN_BEHIND.match(text, end)
    for beside in (before, behind):
        if beside is not None and beside[1].istitle() and not lexicon.is_thing(beside[1]):
            flags = lexicon.flags(beside[1])
            if flags & lx.GIVEN_COMMON and not flags & (lx.WORD_COMMON | lx.CLINICAL):
                return True
    return False
