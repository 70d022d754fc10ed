"""Words that say nothing about anyone: plain English, made-up clinical terms, abbreviations, products.

Strategy: the generator's lines are few and its surroundings must not be learnt by heart. `loosen` puts other words in
the place of a share of the words that do not identify, so what is left to learn is what a name looks like and the kinds
of places where names stand.
"""
# ruff: noqa: E501, SIM905 - lists of words are read as text

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

_ROOTS = """abdomin aden adip angi aort arthr athero audi balan blephar brady bronch burs carcin cardi cephal cerebr cervic chol
cholecyst chondr col colp cost crani cyst cyt dactyl dermat dipl dys encephal endocrin enter eosin epitheli erythr esophag fibr
gastr gingiv gloss glyc gyn hem hepat hidr hydr hyper hyster ile immun irid kerat kyph labyrinth lact laryng leuk lip lith lymph mast
melan mening metr myc myel my nephr neur onc onych oophor ophthalm orch oste ot pancreat path periton phleb pleur pneum proct
prostat psych pyel pyr rect ren retin rhin salping sarc scler sial sigmoid splen spondyl steat stomat synov tachy ten thorac
thromb thyr tonsil trache trich tympan ureter urethr vagin vas ven vesic viscer xer""".split()
_ENDINGS = """itis osis oma ectomy otomy ostomy oscopy opathy algia emia uria ectasis omegaly oplasty orrhea orrhagia oplegia ia ic al
ogram ography olysis openia ocele odynia ogenic oid ology ologist otic ous ium iasis ent ar ary""".split()
_DRUG_HEADS = """ab ace al am ana ar ator az bel ben bev bis bri cab cal can cef cel cip clo dap dar dax def dex dol dox ela
em en ep er es ev ez fam flu fol gab gem gli hal ib il imi in ir ket lam lan lev lin lo lur mel met mi mor nab nal nic nit ol om
os ox pal pan par pem per pra pre pro qui ral ran rem rib rit ros sac sel ser sim sit sol sul tac tal tec tel ter tic tol tor
tra tri ul val van ver vil vor xan xel zal ze zil zol zy""".split()
_DRUG_TAILS = """mab umab ximab tinib ciclib cillin cycline mycin floxacin azole statin pril sartan olol dipine azepam zolam
triptan gliptin gliflozin glutide parin xaban grel prazole tidine setron caine one asone olone terol tropium vir navir tegravir
oxetine ipramine pine done idone azine barbital amide thiazide semide formin ra ta ia ix iq va vax lix tro rel lor nex vance
zyme pro qua sta ya za""".split()
_FUNCTION = """the a an of and to in for with on at by from is was were has had have be been are not no or if as this that which who
his her their he she they it we i you will would may can should per re than then so but after before during without over
under again also very more most some any all both each other""".split()
_SHORT = """abd abx amb amp ax bcx bkg bx cath chem chemo chole cont cx dc ddx dispo dme dsg dtr ext fb fx gtt hosp hx inc inj kub lap
lap-chole lac lido lytes med meds mets mod neg neuro nl noc op ortho osh palp path peds plt pos postop pred preop prev prn
prob prox pt pta pts rec recs reg resp rom rr rxn sat sats sed sens sob spec stat sub surg sx tab tele temp thx tib tol trach tx ua
ucx undx unk vag vent vit wk wks wnl wt xr yest yr yrs pls plz asap eta fyi btw ok nvm tmrw thru w/o""".split()
_WORD = re.compile(r"(?<![\w'\u2019@.-])[A-Za-z]{2,}(?![\w'\u2019@-])")
_TITLE = re.compile(r"(?i)\b(?:dr|drs|mr|mrs|ms|st)\.?\s$")
_KEEP = re.compile(r"(?i)dr|drs|mr|mrs|ms|md|rn|dob|mrn")


@functools.cache
def _english() -> list[str]:
    return Path(__file__).with_name("english.txt").read_text(encoding="utf-8").split()


_ONSETS = "b c d f g h j k l m n p q r s t v w y z bh bl br ch chr cl cr dh dr dz fl fr gh gl gr gw hr jh kh kl kn kr kw ll mb mc mn nd ng nj ny ph pl pr ps qu rh sc sch sh sk sl sm sn sp st str sv sw sz th tr ts tw tz vl vr wh wr xi zh zv".split()
_VOWELS = "a e i o u y a e i o a e aa ae ai ao au ay ea ee ei eo eu ey ia ie io iu oa oe oi oo ou oy ua ue ui uo uy ya yo yu".split()
_CODAS = "b ck d f g k l m n p r s t x z ch ff ft gh ks ld lf lk ll lm ls lt mm mp nck nd ng nk nn ns nt ph rd rf rg rk rl rm rn rp rs rsh rst rt rth sh sk ss st th ts tt tz wn".split()


def scramble(random: Random) -> str:
    """Letters that can be said and mean nothing: a name or a product that nobody has heard of."""
    made = "" if random.random() < 0.2 else _onset(random)
    for _ in range(random.choice((1, 1, 2, 2, 2, 3))):
        made += _vowel(random) + (random.choice(_CODAS) if random.random() < 0.2 else "") + _onset(random)
    return made + _vowel(random) + (random.choice(_CODAS) if random.random() < 0.5 else "")


def _onset(random: Random) -> str:
    return random.choice("bcdfghjklmnprstvwyzmnrlst") if random.random() < 0.75 else random.choice(_ONSETS)


def _vowel(random: Random) -> str:
    return random.choice("aaeeiioou") if random.random() < 0.8 else random.choice(_VOWELS)


def english(random: Random) -> str:
    """A plain English word in lower case."""
    return random.choice(_english())


@functools.cache
def _rare() -> list[str]:
    return Path(__file__).with_name("rare_words.txt").read_text(encoding="utf-8").split()


def rare(random: Random) -> str:
    """An English word in lower case, seldom a common one."""
    return random.choice(_rare()) if random.random() < 0.8 else english(random)


def word(random: Random) -> str:
    """A plain word in lower case."""
    draw = random.random()
    if draw < 0.3:
        return random.choice(_FUNCTION)
    if draw < 0.62:
        return random.choice(_english())
    if draw < 0.80:
        return random.choice(_rare())
    if draw < 0.90:
        return random.choice(_SHORT)
    return term(random)


def term(random: Random) -> str:
    """A made-up clinical word."""
    if random.random() < 0.3:
        return scramble(random)
    root = random.choice(_ROOTS)
    if random.random() < 0.2:
        root += "o" + random.choice(_ROOTS)
    return root + random.choice(_ENDINGS)


def drug(random: Random) -> str:
    """A made-up drug, as its substance or its brand."""
    made = (
        scramble(random)
        if random.random() < 0.35
        else random.choice(_DRUG_HEADS) + random.choice(("", "", "a", "i", "o", "e")) + random.choice(_DRUG_TAILS)
    )
    return made.capitalize() if random.random() < 0.5 else made


def acronym(random: Random) -> str:
    """Two to five capitals."""
    return "".join(random.choice("ABCDEFGHILMNOPRSTUVW") for _ in range(random.choice((2, 3, 3, 3, 4, 4, 5))))


def loosen(random: Random, text: str, share: float) -> str:
    """`text` with a share of its words replaced, each by one of its own casing."""

    def other(match: re.Match[str]) -> str:
        was = match.group()
        if was[0].isupper() and _TITLE.search(text, max(match.start() - 6, 0), match.start()):
            return was
        if random.random() >= share or (_KEEP.fullmatch(was) and random.random() < 0.8):
            return was
        if was.isupper():
            return acronym(random) if len(was) < 6 and random.random() < 0.5 else word(random).upper()
        if was.islower():
            return word(random) if random.random() < 0.98 else drug(random).lower()
        draw = random.random()
        return (word(random) if draw < 0.8 else term(random) if draw < 0.9 else drug(random)).capitalize()

    return _WORD.sub(other, text)


def same_length(text: str, change: Callable[[str], str]) -> str:
    """`text` in another casing, letter by letter: offsets in it stay right."""
    return "".join(other if len(other := change(char)) == 1 else char for char in text)
