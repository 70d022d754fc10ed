"""The words that a name is made of: where a run of them begins and ends."""

from __future__ import annotations

import re
from collections.abc import Callable

from masking.model import lexicon as lx
from masking.wordset import word_set

from .trimmed import Trimmed

LABEL_WORDS = word_set("""
    dob mrn age sex gender date time phone tel fax email address ssn id no number room bed unit ward location
    admit admitted discharge discharged attending provider physician service department dept account acct visit
    status race language insurance patient name pt dx diagnosis reason chief complaint born birth allergies
    weight height mr rm title role relationship relation contact home cell work mobile signed dictated transcribed
    referring pcp npi dea license occupation married single father's mother's spouse's
""")
NOT_NAMES = word_set("""
    unknown none n/a na nil null not no yes male female unspecified unavailable pending see as above below same
    other self patient mother father spouse wife husband daughter son brother sister parent parents family
    friend here today ms mr mrs dr miss prof and or the this that these with in on at by for from to of is was
    he she they his her their it we you i my our your who which has had have will would should could may can did
    does do be been being are were a an alert well if when while during after before please note seen per via re
    niece nephew cousin aunt uncle grandmother grandfather granddaughter grandson neighbor neighbour
    cc child sob cp ams ha fx employee self-pay monday tuesday wednesday thursday friday saturday sunday january
    february july august september october november december mom mum dad tbd tba nkda nka vss
""")
CREDENTIALS = word_set("""
    md do rn np pa pac phd psyd dds dmd dpm dvm pharmd rph lpn lvn cna crna cnm aprn arnp fnp dnp bsn msn lcsw
    licsw lmsw msw lmft lpc pt dpt ot otr slp rd rdn rrt rt mbbs mrcp frcp frcs facc facs facp mph esq emt jr sr
    ii iii iv mba ms bs cma rma ccma cgc lcgc ccm cctc cdces cadc ladc pmhnp agnp agacnp acnp crnp whnp cpnp
    lmhc lcpc lpcc rdh aud rcp rcis faan faap facep facog facfas faad faaos facms cht ccls clc ibclc rvt rdms rdcs srna
    bcba qmhp lsw rnfa cota slpa nremt nrp aemt bds mrcgp fracgp mbchb frcpc ccfp frca rgn rmn bcps bcacp cpht
    mrcs frcog mrcog cnsc ldn cwocn wocn ccrn chpn ocn cpo ccc atc cmd ccds cdip rhia rhit crcst cnim reegt lvt cvt
    chpna csw lcdc chaa crcr ctrs cprs lisw rvs cvrn cnrn cmsrn cpen cpan cws chw
""")
LANGUAGES = word_set("""
    english spanish french german italian portuguese russian ukrainian polish czech romanian hungarian greek turkish
    arabic farsi persian dari pashto urdu hindi bengali punjabi gujarati tamil telugu nepali mandarin cantonese chinese
    japanese korean vietnamese khmer hmong lao thai burmese tagalog filipino somali amharic tigrinya swahili yoruba
    igbo hausa haitian creole hebrew yiddish armenian albanian bosnian serbian croatian asl sign
""")
PARTICLES = word_set("""
    de del della la le van von der den di da dos du bin ibn al el ter ten y e st o' mc mac
""")
CREDENTIAL = re.compile(
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-?C)?|Ph\.?D|Psy\.?D|D\.?D\.?S|D\.?M\.?D|D\.?P\.?M|"
    r"D\.?V\.?M|Pharm\.?D|R\.?Ph|LPN|LVN|"
    r"CNA|CRNA|CNM|APRN|ARNP|FNP|DNP|BSN|MSN|LCSW|LICSW|LMSW|MSW|LMFT|LPC|DPT|OTR|SLP|RDN?|"
    r"RRT|MBBS|MRCP|F[RA]C[A-Z]{1,2}|MPH|"
    r"M\.?S|B\.?S|Esq|EMT)(?:-[A-Z]{1,3})?\b\.?(?![a-z])"
)
_SKIPPED_TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "prof", "rev", "sir", "doctor", "mister", "professor"})
NAME_TOKEN = re.compile(r"[^\W\d_][\w'`\u2019-]*\.?|,|\S")


def name_run(
    text: str, start: int, end: int, *, lower: bool = False, keep: Callable[[int], bool] | None = None
) -> Trimmed | None:
    """The leading run of name words, at most five; titles before it are skipped, credentials and a full stop end it."""
    first = last = -1
    count = commas = 0
    before = ""
    for token in NAME_TOKEN.finditer(text, start, end):
        word = token[0]
        plain = word.rstrip(".").lower()
        if word == "," and 0 < count <= 3:
            commas = count
            continue
        if plain in _SKIPPED_TITLES and not count:
            continue
        if count and (CREDENTIAL.match(text, token.start()) or is_credential(word)):
            break
        if count == 5 or not word[0].isalpha() or not _is_name_word(word, plain, count, lower=lower, keep=keep):
            break
        if count and _is_no_more(word, plain, before, after_comma=commas == count):
            break
        if not count and (is_role(plain) or plain in LANGUAGES):
            break
        first, last, count, before = (token.start() if first < 0 else first), token.end(), count + 1, word
        if word[-1] == "." and len(plain) > 3:
            break
    if first < 0 or text[first:last].lower() in PARTICLES or last - first == 1:
        return None
    if text[last - 1] == "." and last - first > 3 and text[last - 3] not in " .":
        last -= 1
    return Trimmed(first, last)


def is_credential(word: str) -> bool:
    """Whether a word behind a name is a credential in capitals, or begins with one: `PMHNP-BC`."""
    return word[:2].isupper() and word.casefold().rstrip(".").split("-")[0] in CREDENTIALS


def is_no_name(plain: str) -> bool:
    """Whether a word stands where names do and is none: a label, a language, a small word, a credential."""
    return plain in NOT_NAMES or plain in LABEL_WORDS or plain in LANGUAGES or plain in CREDENTIALS


def is_role(plain: str) -> bool:
    """Whether a first word is a word and nothing else: `Utilization`, `Referring`."""
    flags = lx.load().flags(plain)
    return bool(flags & lx.WORD) and not flags & (lx.ANY_NAME | lx.EPONYM | lx.CITY | lx.PROPER)


def _is_no_more(word: str, plain: str, before: str, *, after_comma: bool) -> bool:
    """Whether a word after a name word only follows the name: a verb in capitals, a role after a comma."""
    flags = lx.load().flags(plain)
    if len(plain) < 2 or flags & lx.ANY_NAME or not flags & (lx.WORD | lx.CLINICAL):
        return False
    return after_comma or word.isupper() or not before.isupper()


def _is_name_word(word: str, plain: str, count: int, *, lower: bool, keep: Callable[[int], bool] | None) -> bool:
    if plain in PARTICLES:
        return True
    if plain in CREDENTIALS and (count or len(plain) == 2) and (word.isupper() or plain in ("jr", "sr")):
        return False
    if plain in NOT_NAMES and (len(plain) > 1 or word.islower()):
        return False
    flags = lx.load().flags(plain)
    if word[0].islower() and not (lower and _is_small_name(flags)):
        return False
    return (keep is None or keep(flags)) and not (len(plain) > 1 and _reads_as_prose(flags))


def _is_small_name(flags: int) -> bool:
    """Whether a word in small letters is a name: no word but one that many are called."""
    if flags & (lx.WORD_COMMON | lx.CLINICAL) or (
        flags & lx.WORD and not flags & (lx.GIVEN_COMMON | lx.SURNAME_COMMON)
    ):
        return False
    return bool(flags & lx.ANY_NAME)


def _reads_as_prose(flags: int) -> bool:
    if flags & lx.DRUG:
        return True
    if flags & (lx.CLINICAL | lx.WORD_COMMON):
        return not flags & (lx.SURNAME_COMMON | lx.GIVEN_COMMON | lx.WORLD_NAME | lx.EPONYM)
    return False
