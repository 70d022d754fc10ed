"""Whether what the prose engine says can be: eponyms, abbreviations, codes and plain words are no people and places.

Only the engine's own spans are judged here; what a label, a title, a field or a known value says stands.
"""

from __future__ import annotations

import re

from . import cues, ordinary, things
from .chart_words import ACRONYMS, FOREIGN, NO_PLACE, NOBODY
from .days import is_age, is_day
from .explained import explains
from .findings import Span
from .model import lexicon as lx
from .turns import is_said
from .validators.name_words import CREDENTIAL
from .validators.own_words import FUNCTIONS, SUFFIX, only_functions
from .validators.streets import sentence_end
from .wordset import word_set

_HEAD = re.compile(
    r"(?i)(?:['\u2019]s)?\s(?:sign|disease|syndrome|scale|score|criteria|classification|grade|stage|procedure|"
    r"maneuver|manoeuvre|reflex|palsy|"
    r"catheter|drain|tube|clamp|forceps|retractor|bougie|needle|cyst|nodes?|nodules?|waves?|index|correction|survival|"
    r"regression|distribution|fracture|deformity|contracture|lymphoma|sarcoma|tumou?r|ulcer|esophagus|diverticulum|hernia|"
    r"ligament|tendon|gland|duct|bodies|stain|agar|equation|formula|phenomenon|pattern|respirations?|thyroiditis|"
    r"encephalopathy|dementia|chorea|ataxia|aphasia|gangrene|angina|incision|repair|fundoplication|resection|graft|stent|"
    r"pump|pacemaker|prosthesis|mesh|lamp|hump|lobe|antigens?|antibod(?:y|ies)|angle|exercises?|notation|line|triangle|space|"
    r"fascia|ring|plate|matrix|blade|scissors|speculum|elevator|frame|collar|splint|cast|brace|boot|wrap|sponge|suture|"
    r"nail|screws?|anchor|valve|filter|balloon|wire|sheath|introducer|speech|valve|monitor|machine|vent(?:ilator)?|mask|"
    r"trach|nebuli[sz]er|inhaler|glucometer|wheelchair|walker|lift|bed|mattress|zone|point|node|pouch|fold|"
    r"foramen|canal|cell|granules?|reaction|assay|stage|type|class|view|position|approach|flap|suspension|protocol|"
    r"trial|guidelines?|questionnaire|inventory|regimen|malformation|test|fever|virus|phase|effect)\b"
)
_CODE_SYSTEM = re.compile(
    r"(?i)(?:rxnorm|rxcui|loinc|snomed(?: ct)?|cpt|icd(?:-?\d\d?)?|ndc|cvx|hcpcs|drg|series|image)\W{1,3}"
    r"(?:\d[\w.-]{2,17}(?: [a-z][a-z0-9 ]{0,60})?[,;]\s?(?:concept )?){0,8}$"
)
_TITLE = re.compile(r"(?i)\b(?:(?:dr|mr|mrs|ms)(?:\s?\.)?|miss|mister|doctor|pt\.?|patient|nurse)\s$")
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
_NO_NAME = re.compile(
    r"(?i)I{1,3}|[js]r\.?|ig[aegm]|IV|VI{0,3}|IX|[LR]-(?:handed|sided)|[lr] ?handed|e-?mail|d\.?o\.?b\.?|"
    r"c\.\d+_?\S*|\d+(?:del|ins|dup)\w*\.?"
)
_NO_PHONE = re.compile(r"\d{5} \d{2}|\d-\d-\d-\d|[01]\d[0-5]\d-[0-2]\d[0-5]\d", re.ASCII)
_CLOCK = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d", re.ASCII)
_AMOUNT = re.compile(
    r"(?i)\d{1,3}(?:,\d{3})+|\d{1,4}\s?(?:j|mo|yo|wks?|hrs?|mins?|ft|oz|lbs?|kg|mg|ml|cm|mm|ste|fr|ch|gauge|g)"
)
_EXTENSION = re.compile(
    r"(?i)(?:(?<![a-z])x|ext|extension|pager?|paged|beeper|vm|voicemail|call|dial|phone|tel|at|#)\W{0,3}$"
)
_SIGNED = re.compile(
    r"(?i)(?:\b(?:mr|mrs|ms|dr|by|per|initials?|signed|patient|pt|name|attending|md|rn|nurse|cc|from|to)\W{0,2}|,)$"
)
_LA_GRADE = re.compile(r"(?i)los angeles (?:grade |class )?[a-d]\b")
_GENITIVE_END = re.compile(r"['\u2019]s\s?[.,;)]")
_VERB = re.compile(r"(?i)\w{3,}(?:ated|ised|ized|ating|ified)")
_BRANDS = word_set("""
    mychart nexplanon jevity marcumar optune evera bard geta hcpoa lic geb bili peds circ inj eval hhpt cota sob
    walgreens cvs costco walmart target kroger publix safeway riteaid amazon uber lyft netflix medtronic stryker invitae
    gore-tex tempbond passy-muir shiley resmed phonak airfit xience onyx glidewell flowsheets
    recert decann peth amber mohs halban
    labcorp quest lincare optumrx humana aetna cigna medicare medicaid chrome python sensodyne google microsoft azure
""")
_BRANDS_OF_TWO_WORDS = frozenset({"red hat", "blue cross", "blue shield", "apple watch"})
_ABBREVIATED = word_set("""
    ama cgc cnsc hr min lm loc new ov ca hd tir vmax iop mom pages fw mfm fob gbs leadership fellow well how's disp
    sra srta sr recert flowsheets iop dos tues ws lm sob l. m.d. m.s. father mother verlegungsbrief
    fecha nacimiento motivo consulta dolor desde hace tres d\xedas dias nada tel\xe9fono telefono paciente padre madre
    hermano hermana refiere niega tiene a\xf1os direcci\xf3n domicilio nombre alergias ninguna medicamentos presenta
    health grievances neoadjuvant nephrology normal general
""")
_SCORED_EPONYM = re.compile(r"\s(?:\d{1,3}\b|I{1,3}\b|IV\b|VI?\b|prep\b)")
_LEADING = re.compile(
    r"(?i)(?:proband|members?|patient|counselor|psych at|sra\.?|srta\.?|don|veteran|buddy|dec\.|sons|aim|our|"
    r"wic in|well|general|and|counselors?|facilitators?|mr|mrs|ms)[,:]?\s+(?=\S)"
)
_TRAILING = re.compile(
    r"(?i)(?:\s*\n\s*hospital|,?\s+(?:pgy-?\d|early|down|transition|board|through|down|ov|ca|asa|cath|late|would|"
    r"ov ca(?: \d+)?)|\s*\u2014[a-z]+)$"
)
_NUMBERED = re.compile(r"\d?\.\d+(?:/\d?\.\d+)+|[#\d\s,-]*#[#\d\s,-]*|(?:\d{1,2},\s?){2,}\d{1,2},?", re.ASCII)
_SIZES = re.compile(
    r"#?\s?\d{1,2}(?:-0)?|#?\d{1,3}/\d{1,3}|\+?\d|\+\s\d{1,5}|para-?\d-\d-\d-\d|(?:19|20)\d\d", re.ASCII
)
_AMOUNT_BEFORE = re.compile(
    r"(?i)\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|few|several|many|couple)\s$"
)
_OPENS = re.compile(r"(?:^|[.?!]\s{1,2}|\n[\s\d.]*)$")
_ACTS = re.compile(
    r"\s(?!(?:is|was|has|had|lives?|lived|presents?|presented|reports?|reported|states?|stated|denies|denied|says|said|tells|"
    r"told|called|calls|came|comes|went|goes|will|would|and|who|with|agreed|agrees|wants|wanted|notes|noted|feels|felt|seen|"
    r"aware|notified|from|at|in|to|on|for|re|here|gave|gives|took|takes|works|worked|attends|asked|asks|does|did)\b)[a-z]"
)
_GREETING = re.compile(
    r"(?i)\b(?:hi|hello|hey|dear|thanks|thank you|bye|welcome|named|name is|called|cousin|brother|sister|mother|"
    r"father|aunt|uncle|son|daughter|husband|wife|partner|friend|niece|nephew|neighbor|roommate)[\s,]{1,3}$"
)
_LED = re.compile(r"\b(?:in|to|from|near|visiting|except|outside)\s$")
_IS_SOMEBODY = re.compile(
    r"(?i),?\s(?:is|was)\s(?:an?\s\d|seen\b|admitted|discharged|born)|,?\s(?:an?\s)?\d\d\s?-?(?:y|m\b|f\b)|"
    r"\s(?:called|states|reports|denies|presents|lives)\b"
)
_SURNAME_BEHIND = re.compile(r"\s([A-Z][a-z]{2,14})(?!['\u2019\w-])")
_FIRST = re.compile(r"(?:^|[.;:\n]\s{0,2})([A-Z][a-z]{2,14})\s$")
_NO_THIRD_NAME = lx.WORD | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION | lx.CITY
_WRITES = re.compile(r",?\s(?:scribe|scribing|MD|DO|RN|NP|PA|PT|OT|CMA|MA|COT|LPN)\b")
_NO_FIRST_NAME = lx.WORD_COMMON | lx.CLINICAL | lx.DRUG | lx.EPONYM | lx.REGION
_VARIANT = re.compile(r"\s(?:p\.)?[A-Z]\d{1,4}(?:[A-Z*]|fs)\b")  # `KRAS G12D`
_TOP = 0.97
_CERTAIN = 0.95
_LIKELY = 0.9
_HALF = 0.5
_NAMED = lx.GIVEN_COMMON | lx.SURNAME_COMMON | lx.WORLD_NAME | lx.CITY | lx.GIVEN
_PLAIN = lx.WORD_COMMON | lx.CLINICAL | lx.DRUG


def judged(text: str, spans: list[Span]) -> list[Span]:
    """The spans of `text`, proposed by the prose engine, that may stand, cut to what identifies."""
    proper = (_titled(text, span) or ordinary.spoken(text, span) for span in _joined(text, spans))
    return [_whole(text, _cut(text, span)) for span in proper if span is not None and plausible(text, span)]


def _whole(text: str, span: Span) -> Span:
    """A given name with the surname behind it: `Jane Morse scale 45` names Jane Morse, though a scale is called so.

    A surname with the given name that begins the sentence before it; with any rare word where a scribe signs.
    """
    if span.kind == "name" and text[span.start : span.end].istitle():
        first = _FIRST.search(text, max(0, span.start - 24), span.start)
        if first is not None and _may_be_given(first[1], signs=_WRITES.match(text, span.end) is not None):
            return span._replace(start=first.start(1))
    behind = _SURNAME_BEHIND.match(text, span.end)
    if span.kind != "name" or behind is None or not text[span.start : span.end].istitle():
        return span
    flags = lx.load().flags
    words = text[span.start : span.end].split()
    if len(words) == 2 and flags(words[0].casefold()) & lx.GIVEN_COMMON:
        third = flags(behind[1].casefold())
        return span._replace(end=behind.end()) if third & lx.ANY_NAME and not third & _NO_THIRD_NAME else span
    given, surname = flags(text[span.start : span.end].casefold()), flags(behind[1].casefold())
    named = given & lx.GIVEN_COMMON and surname & lx.SURNAME_COMMON
    plain = (given | surname) & (lx.WORD_COMMON | lx.DRUG) or PAIRED.match(text, span.start)
    return span._replace(end=behind.end()) if named and not plain else span


def _may_be_given(word: str, *, signs: bool) -> bool:
    """Whether the word before a surname is a given name, or a rare word before a scribe's surname."""
    flags = lx.load().flags(word.casefold())
    return not flags & _NO_FIRST_NAME and (signs or bool(flags & lx.GIVEN and not flags & lx.WORD))


def _titled(text: str, span: Span) -> Span | None:
    return span if _TITLE.search(text, max(0, span.start - 9), span.start) else None


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """Two words of names with one blank between are one name: an engine that saw two saw the parts of one."""
    out: list[Span] = []
    for span in spans:
        last = out[-1] if out else None
        if last is not None and last.kind == span.kind == "name" and text[last.end : span.start] == " ":
            out[-1] = last._replace(end=span.end, score=max(last.score, span.score))
        else:
            out.append(span)
    return out


def plausible(text: str, span: Span) -> bool:
    """Whether `span` of `text`, proposed by the prose engine, may stand."""
    value = text[span.start : span.end]
    if _is_explained(text, span, value):
        return False
    if span.kind == "date":
        return is_day(text, span, value)
    if span.kind == "age":
        return is_age(text, span)
    if span.kind in ("phone", "id"):
        return _is_number(text, span, value)
    if span.kind not in ("name", "address"):
        return True
    if value.replace("-", "").isdigit():
        return span.kind == "address"
    return _is_proper(text, span, value) and not cues.is_term(text, span)


def _is_number(text: str, span: Span, value: str) -> bool:
    """A number that somebody has: no time of day, no size, share or range, unless it is dialled."""
    if _NO_PHONE.fullmatch(value) or _CLOCK.fullmatch(value):
        return _EXTENSION.search(text, max(0, span.start - 16), span.start) is not None
    return not (_SIZES.fullmatch(value) or _is_range(value))


def _is_proper(text: str, span: Span, value: str) -> bool:
    """Whether a name or a place can be one."""
    if ordinary.is_dose(text, span) or _NUMBERED.fullmatch(value) or is_said(text, span.start, span.end):
        return False
    if _TITLE.search(text, max(0, span.start - 9), span.start) is None and (
        things.is_thing(text, span, value) or things.is_phrase(text, span, value)
    ):
        return False
    if _NO_NAME.fullmatch(value) or (
        _ABBREVIATED.issuperset(value.casefold().replace(" de", "").split())
        and not _SIGNED.search(text[max(0, span.start - 16) : span.start].rstrip())
    ):
        return False
    if span.kind == "name" and value.isupper() and _VARIANT.match(text, span.end):
        return False
    if span.kind == "name" and (CREDENTIAL.fullmatch(value) or PAIRED.fullmatch(value)):
        return _TITLE.search(text, max(0, span.start - 9), span.start) is not None or (
            " " in value and _IS_SOMEBODY.match(text, span.end) is not None
        )
    if value.casefold().strip(".:") in NOBODY or (span.kind == "address" and _is_no_place(text, span, value)):
        return False
    if (not value.istitle() and FOREIGN.issuperset(value.casefold().split())) or (
        value.isupper() and _is_acronym(text, span, value)
    ):
        return False
    if any(map(str.isspace, value)):
        return value.casefold() not in _BRANDS_OF_TWO_WORDS
    return not _is_eponym(text, span, value) and _is_named(text, span, value)


def _is_explained(text: str, span: Span, value: str) -> bool:
    """A code of a code system, or a number that something clinical explains."""
    if value.replace("-", "").isdigit() and _CODE_SYSTEM.search(text, max(0, span.start - 160), span.start):
        return True
    numbered = span.kind in ("phone", "date") or any(map(str.isdigit, value))
    return numbered and explains(span.kind, text, span.start, span.end)


def _is_no_place(text: str, span: Span, value: str) -> bool:
    """`ward`, `20,000`, Los Angeles grade B."""
    if only_functions(value) or value.casefold().strip(" ,.") in NO_PLACE or _AMOUNT.fullmatch(value):
        return True
    words = value.split()
    if value.isupper() and max(map(len, words)) < 4 and not _line(text, span).isupper() and not _is_town(value):
        return True
    if value.islower() and len(words) > 1 and not text.islower() and not any(map(_is_town, (value, *words))):
        return True
    return _LA_GRADE.match(text, span.start) is not None


def _is_town(value: str) -> bool:
    return bool(lx.load().flags(value.casefold()) & (lx.CITY | lx.ANY_NAME)) or any(map(str.isdigit, value))


def _is_range(value: str) -> bool:
    """`146-155`: two numbers of as many figures, the second a little more."""
    first, _, second = value.partition("-")
    return first.isdigit() and second.isdigit() and len(first) == len(second) < 4 and int(first) < int(second)


def _is_acronym(text: str, span: Span, value: str) -> bool:
    """`VNS`, `HR.`: an abbreviation of the chart, in a line that is not all in capitals or after no signature."""
    if value.strip(".,").casefold() not in ACRONYMS:
        return False
    before = text[max(0, span.start - 16) : span.start].rstrip()
    return not (
        _TITLE.search(text, max(0, span.start - 9), span.start) or re.search(r"(?i)\b(?:by|initials?:?)$", before)
    )


def _cut(text: str, span: Span) -> Span:
    """The span without the sentence after an address and the plain words at a name's edges."""
    span = _bare(text, span)
    value = text[span.start : span.end]
    if span.kind == "address":
        return _placed(text, span, value)
    if span.kind != "name" or not any(map(str.isspace, value)):
        return span
    words = [(span.start + word.start(), span.start + word.end()) for word in re.finditer(r"\S+", value)]
    while len(words) > 1 and (
        _only_plain(text[slice(*words[-1])], lx.WORD | lx.CLINICAL)
        or (text[words[-2][1] - 1] == "," and CREDENTIAL.fullmatch(text[slice(*words[-1])]))
    ):
        words.pop()
    while len(words) > 1 and _only_plain(text[slice(*words[0])], lx.WORD_COMMON | lx.CLINICAL):
        words.pop(0)
    return span._replace(start=words[0][0], end=words[-1][1])


def _placed(text: str, span: Span, value: str) -> Span:
    """A place without the small words before it (`miles from Elko`), with what is done there, to a sentence's end."""
    before = _BEFORE_PLACE.match(text, span.start, span.end)
    if value[:1].isdigit() and before is None:
        return span._replace(end=sentence_end(text, span.start, span.end))
    done = _DONE_THERE.match(text, span.end) if value.istitle() else None
    named = done is not None and (done[1].casefold() in FUNCTIONS or SUFFIX.search(done[1].casefold()) is not None)
    return span._replace(
        start=before.end() if before is not None else span.start, end=done.end(1) if done and named else span.end
    )


def _bare(text: str, span: Span) -> Span:
    """A name or place without the role before it and the word that only follows it."""
    if span.kind not in ("name", "address"):
        return span
    start, end = span.start, span.end
    leading = _LEADING.match(text, start, end)
    if leading is not None and (span.kind == "name" or leading[0][0].islower() or leading[0].strip().isupper()):
        start = leading.end()
    trailing = _TRAILING.search(text, start, end)
    return span._replace(
        start=start, end=trailing.start() if trailing is not None and trailing.start() > start else end
    )


_BEFORE_PLACE = re.compile(r"(?:\d+\smiles?\s)?(?:[a-z]+\s){0,3}(?:from|near|is|at|in|to)\s(?=[A-Z])")
_DONE_THERE = re.compile(r"\s([A-Z][a-z]{4,14})(?=[,;)]|\.(?:\s|$))")


def _only_plain(word: str, plain: int) -> bool:
    flags = lx.load().flags(word.strip(".,;:()").casefold())
    return bool(flags & plain) and not flags & (lx.ANY_NAME | lx.EPONYM) and len(word) > 2


def _is_eponym(text: str, span: Span, value: str) -> bool:
    """`Osborn waves`, `Swan-Ganz`: before the noun an eponym goes with, or two eponyms joined."""
    if span.kind == "name" and _HEAD.match(text, span.end):
        return True
    parts = [lx.load().flags(part) for part in re.split(r"[-\u2013]", value.casefold()) if part]
    return len(parts) > 1 and all(flags & lx.EPONYM for flags in parts)


def _is_named(text: str, span: Span, value: str) -> bool:
    flags = lx.load().flags(value.casefold())
    if "-" in value and span.kind == "name" and _is_compound(value):
        return False
    if value.islower():
        return _is_lower_name(text, span, flags)
    if flags & lx.EPONYM and span.kind == "name" and _is_cited(text, span):
        return False
    if flags & lx.EPONYM and span.kind == "name" and _SCORED_EPONYM.match(text, span.end):
        return False
    if flags & lx.EPONYM and not flags & (lx.ANY_NAME | lx.CITY) and span.score < _TOP:
        return False
    if value.casefold() in _BRANDS or (_VERB.fullmatch(value) and not flags & lx.ANY_NAME):
        return False
    if value.isupper() and len(value) <= 4 and not _line(text, span).isupper():
        before = text[max(0, span.start - 16) : span.start].rstrip()
        return _SIGNED.search(before) is not None
    if flags & lx.WORD_COMMON and not flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON) and span.score < _HALF:
        return False
    if (
        flags & lx.WORD
        and not flags & lx.GIVEN_COMMON
        and span.score < _TOP
        and _ACTS.match(text, span.end)
        and _OPENS.search(text, max(0, span.start - 6), span.start)
    ):
        return False
    if flags & lx.WORD and not flags & lx.ANY_NAME and span.kind == "name":
        return span.score >= (_CERTAIN if flags & _PLAIN else _LIKELY)
    return bool(flags & _NAMED) or not flags & _PLAIN or span.score >= _CERTAIN


def _is_lower_name(text: str, span: Span, flags: int) -> bool:
    """A plain word in lower case: where nothing has capitals and the engine is sure, or something says so."""
    if _AMOUNT_BEFORE.search(text, max(0, span.start - 12), span.start):
        return False
    if text[span.start - 1 : span.start] == "(" and text[span.end : span.end + 1] == ")" and not text.islower():
        return False
    if not flags & (_PLAIN | lx.WORD) or flags & lx.PROPER:
        return True
    if span.kind == "address":
        led = _LED.search(text, max(0, span.start - 10), span.start)
        return bool(flags & lx.CITY) and text.islower() and span.score >= (_LIKELY if led else things.SURE)
    if _TITLE.search(text, max(0, span.start - 9), span.start) or _GREETING.search(
        text, max(0, span.start - 16), span.start
    ):
        return True
    return text.islower() and span.score >= (_CERTAIN if flags & lx.GIVEN_COMMON else things.SURE)


def _is_cited(text: str, span: Span) -> bool:
    """An eponym alone in brackets, or with a genitive and nothing of its own behind it: `(Goldmann)`, `No Bowen's.`."""
    if text[span.start - 1 : span.start] == "(" and text[span.end : span.end + 1] == ")":
        return True
    return _GENITIVE_END.match(text, span.end) is not None


def _is_compound(value: str) -> bool:
    """`spanish-speaking`, `Air-Ambulance`: a small last part that is a word, or words all through that name nobody."""
    parts = [(part, lx.load().flags(part.casefold())) for part in value.split("-") if part]
    if not parts or any(flags & lx.PROPER for _, flags in parts):
        return False
    last, flags = parts[-1]
    if last.islower() and flags & lx.WORD and not flags & lx.ANY_NAME:
        return True
    return all(flags & lx.WORD and not flags & lx.ANY_NAME for _, flags in parts)


def _line(text: str, span: Span) -> str:
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    return text[start : end if end >= 0 else len(text)]
