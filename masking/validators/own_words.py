"""What of an organisation's words is its own: no function, trade, scale, payer or plain word."""

from __future__ import annotations

import functools
import re

from masking.chart_words import ACRONYMS
from masking.model import lexicon as lx
from masking.patterns import sectors
from masking.wordset import word_set

FUNCTIONS = word_set(sectors.FUNCTIONS)
NAMING = word_set(sectors.NAMING)
JOINTS = word_set("of and & the de la le les los las del du des di da do dos du el y et und + von van")
STOPS = word_set("""
    at from to in by via per with w/ the our seen transferred admitted discharged discharge lives works family pt
    patient follow followed outside via since after before on for she he they his her their dr drs mr mrs ms miss
    prof md do rn np pa-c pa dispo disposition location agency facility dest name was is has had will when where
    while called notified visited attends attended left leaves going returned returning sent referred contact
    contacted saw see mom dad mother father wife husband son daughter brother sister pcp dx hx sx tx rx fx plan a/p
    assessment impression subjective objective cc hpi pmh psh note consult service attending fax phone tel please
    and/or or a an no not denies reports states per re retired student nurse teacher driver cook server clerk owner
    manager employee resident former ex current vs employer school church january february march april june july
    august september october november december monday tuesday wednesday thursday friday saturday sunday mon tue wed
    thu fri sat sun today tomorrow yesterday eta via cmo ceo outpt inpt
""")
TITLES = word_set("dr drs mr mrs ms miss prof md do rn np pa-c pa")
PAYERS = word_set("""
    anthem bcbs molina centene wellcare oscar ambetter regence premera carefirst highmark medicare medicaid hmo ppo
    aetna cigna humana tricare medi-cal obamacare chip bluecross optum walgreens cvs walmart costco kroger safeway
    publix target rite amazon fedex usps epic cerner mychart pfizer moderna google zoom facetime foley hoyer braden
    norton morse glasgow apgar folstein allen barthel katz lawton tinetti berg christian catholic protestant jewish
    muslim hindu buddhist amish hispanic latino latina caucasian african asian american european british english
    irish scottish welsh french german italian spanish portuguese russian polish greek turkish arabic chinese
    japanese korean vietnamese thai indian mexican canadian australian armenian somali haitian national
    international world global united federal state royal society college academy american board epworth boston
    montreal edinburgh oswestry oxford columbia toronto vancouver
""")
RELIGIOUS = word_set("lutheran baptist methodist presbyterian episcopal hebrew masonic mennonite adventist moravian")
SCALES = word_set("epworth boston montreal edinburgh oswestry oxford columbia toronto vancouver")
_TRADE_FUNCTIONS = FUNCTIONS - word_set(
    "green black blue red white gold brown gray grey sharp park field hill bridge point first"
)
SUFFIX = re.compile(
    r"(?:olog(?:y|ic|ical|ist|ists)|iatr(?:y|ic|ics)|p(?:a?)edic|pedics|therapy|therapeutics?|ectomy|oscop(?:y|ic)|"
    r"ostomy|"
    r"graph(?:y|ic)|metry|plasty|itis|osis|emia|ations?|itions?|ative|itive|ments?|nosis|genic|vascular|pulmonary|"
    r"cardiac|"
    r"renal|uria|pathy|opia|trophy|penia|cyte|gram|scope|tomy|ness|ities|ity|ing|ings|ed|ly|able|ible|ious|eous|less|"
    r"ful|"
    r"ectomies|oscopies|ances?|ences?|ancy|ency)$"
)


ABBREVIATED = re.compile(r"(?:^|[^A-Za-z])(?:(?i:St|Mt|Ft|Sts|Ste|No|Co|Jr|Sr|Bros|Inc|Univ)|[A-Z])\.$")
NO_HOUSE_AFTER = re.compile(
    r"(?i)\s(?:boot|sprouts|disease|syndrome|fever|virus|fracture|lens|solution|stain|agar|cup|tube|drain|vaccine|"
    r"score|scale|test|sign|classification|criteria|questionnaire|index|system|staging|protocol|precautions|"
    r"guidelines?|criterion|study|trial|stage|grade|bundle|insurance|exam|course|cognitive|naming|category|class|"
    r"type|virus|catheter)\b"
)


@functools.lru_cache(maxsize=4096)
def _naming(plain: str) -> bool:
    return plain.removesuffix("'s") in NAMING


def own(word: str, *, firm: bool, trade: bool = False, caps: bool = False) -> int:
    """How much a word names: 2 is a name, a place or unknown, 1 a word that houses are called by, 0 a plain one."""
    plain = word.strip(".'&-").casefold()
    root = plain.removesuffix("'s").removesuffix("s'")
    functions = _TRADE_FUNCTIONS if trade else FUNCTIONS
    if len(root) < 3 or root in functions or plain in functions or root in STOPS or root in PAYERS:
        return 0
    if root in ACRONYMS and (word.isupper() or len(root) < 5):
        return 0
    if root in RELIGIOUS:
        return 2
    if root.endswith("s") and root[:-1] in functions:
        return 0
    flags = lx.load().flags(root) | lx.load().flags(plain)
    if "-" in root:
        return max((own(part, firm=firm, trade=trade, caps=caps) for part in word.split("-")), default=0)
    if _naming(plain):
        return 1
    if flags & lx.DRUG or (flags & lx.EPONYM and not flags & (lx.SURNAME_COMMON | lx.CITY)):
        return 0
    if not flags:
        return 0 if (word.isupper() and (len(root) < 5 or not caps)) or SUFFIX.search(root) else 2
    if flags & (lx.CLINICAL | lx.WORD_COMMON):
        named = flags & (lx.SURNAME_COMMON | lx.GIVEN_COMMON) and not flags & lx.CLINICAL
        return 1 if named and not SUFFIX.search(root) else 0
    if flags & lx.WORD:
        if flags & (lx.SURNAME_COMMON | lx.GIVEN_COMMON | lx.CITY | lx.PROPER):
            return 1
        return 1 if not SUFFIX.search(root) else 0
    return 2


def only_functions(value: str) -> bool:
    """Whether two words or more say only what is done there: `Heart Failure Clinic`, `Outpatient Imaging`."""
    words = re.findall(r"[A-Za-z][A-Za-z'-]*", value)
    if len(words) < 2 or words[-1].casefold() in ("hospital", "home", "house") or value.islower():
        return False
    plain = [word.casefold().removesuffix("'s") for word in words]
    return all(word in FUNCTIONS or word in _PLACES_OF_WORK for word in plain)


_PLACES_OF_WORK = word_set(
    "clinic clinics center centre lab unit team imaging care department dept service services suite"
)
