"""People who do not exist: names of many cultures from lists, and names made up of their cultures' pieces.

Strategy: lists teach what names look like; made-up names (about a third) teach that a name need not be on a list.
"""
# ruff: noqa: E501, SIM905 - lists of words are read as text

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from random import Random

from . import fillers

_FOLDER = Path(__file__).parent
_HEADS = """abd adey agh akh al alm amb and ang ans arm ash ask av ay az bal ban bar bek ben berg bha bj bo bor bran bren brod cal
cam car cas cav cha chand chi chu cor cos dal dam dav deg del der dev dik dim dob dra dub dun ek el ell elv em eng er esp
ev fal fan far fed fel fen fer fin fle for fran fre gal gar gen ger gi glo gor gra gri gro gud gul hal ham han har hav hel
her hill hor hur ib ig il ing is iv jab jan jar jer jor jov kab kal kam kar kath kaz kel ken kha kir kle kol kor kos kov
kra kri kul kur kw lab lam lan lap lar laz leb len lev lin lis lom lor lub luk mac mad mag mal man mar mat mav mel mer mik
mil mir mor mud mur nad nak nar nav nem ner nik nor nov ob od ol om ond or os ow pal pan par pav pel per pet pol por pra
pro qua rad raj ram ran ras rav rem ric rod rom ros rud rus sab sad sal sam san sar sav sch sel sem ser sha shi sid sil sin
skar slo sob sol som sor sta ste stein str sul sun sve sze tab tak tal tam tan tar tav ten ter tho tod tom tor tra tre tur
ub ul um und ur us uz val van var vas vel ven ver vik vin vlad vol vor wal wan war wei wen whit wil win wol yak yam yar yor
zab zah zak zal zam zar zav zel zem zho zim zor zub""".split()
_MIDDLES = "a e i o u a e i o an ar el en er il in ol or un al ad am em eb ov ot it os am ak ek ik ok und and ing ell onn arr ett".split()
_TAILS = {
    "given": """a ia ina ella ette issa elle ika inda ora ya ie y en an in on or us o io ito iel ael iah ius ard ert win
mir slav ko ji shi ka na mi ra la ne sha esha isha on ann lyn leigh den ton son ric rick ias aan eem ir ul ud iq et
it esh endra ansh jit deep preet ima una ele ola ayo emi unde eka""".split(),
    "family": """son sen sson dottir berg ström man mann stein baum feld field ford ham ley ly ton worth wood well brook burn by
dale gate more land ov ova ev eva in ina sky ski ska skyj enko chuk yuk ko ak ek ic ić ovic ović vić escu eanu iu
os as is opoulos idis akis ides ou ian yan yants shvili dze adze ani ini etti elli ucci ino ano one aro eri
ez es az oz aga eta eira inho ães eau eux ier ière ard ault ois et in aud oux ouf
wala kar kar rao murthy nathan swamy raju dhar want waleh zadeh pour nejad i ani avi abadi oğlu er türk taş kaya
moto mura yama shita hara guchi da ta no naka saki moto zawa kawa dera
wu ngwu kwu ola ade tunde bayo iye oke eze ike aka ko ku mu nge go ni si wa ndi ambe anda iswe
auskas aitis iene yte nen inen la lä sto maa saari niemi lahti ers aert ink sma stra enga ema
wiradja anto yono wati sri porn chai kul sak wong pat long""".split(),
}
_PARTICLES = "de la|de|del|de los|da|dos|di|von|van|van der|van den|el|al|bin|ibn|ben|Mac|St.|le|du|ten|ter|af".split(
    "|"
)


@functools.cache
def _lists(name: str) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        key, _, names = line.partition(":")
        items = names.strip()
        lists[key] = [part.strip() for part in items.split("|")] if "|" in items else items.split()
        if "|" in items:
            lists[key] = [name for part in lists[key] for name in (part.split() if part.count(" ") > 2 else [part])]
    return lists


@functools.cache
def _census(file: str) -> list[str]:
    return (_FOLDER / file).read_text(encoding="utf-8").split()


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person."""

    given: str
    family: str
    middle: str
    female: bool


def person(random: Random) -> Person:
    """A person of any culture; one in six has names of two cultures."""
    female = random.random() < 0.5
    culture = _culture(random)
    other = _culture(random) if random.random() < 0.17 else culture
    middle = given_name(random, culture, female)
    return Person(given_name(random, culture, female), family_name(random, other), middle, female)


def _culture(random: Random) -> str:
    if random.random() < 0.36:
        return "en"
    return random.choice([culture for culture in _lists("family") if culture not in ("en", "word", "epon")])


def given_name(random: Random, culture: str, female: bool) -> str:
    """A given name; some are common words, some are made up."""
    draw = random.random()
    if draw < 0.25:
        return made_up(random, "given")
    if draw < 0.27:
        return fillers.english(random).capitalize()
    if draw > 0.85:
        return random.choice(_census("first_names.txt"))
    source = "word" if draw < 0.35 else culture
    names = _lists("given")
    name = random.choice(names.get(f"{source} {'f' if female else 'm'}") or names["en f" if female else "en m"])
    if random.random() < 0.02:
        name += random.choice("- ") + random.choice(names["en f" if female else "en m"])
    return _plain(random, name)


def family_name(random: Random, culture: str) -> str:
    """A family name; some are common words or eponyms, some are made up, some have two parts or a particle."""
    draw = random.random()
    if draw < 0.28:
        name = made_up(random, "family")
    elif draw > 0.76:
        name = random.choice(_census("surnames.txt"))
    elif draw < 0.37:
        name = fillers.english(random).capitalize()
    else:
        source = "word" if draw < 0.45 else "epon" if draw < 0.50 else culture
        name = random.choice(_lists("family").get(source) or _lists("family")["en"])
    draw = random.random()
    if draw < 0.03:
        name += "-" + random.choice(_lists("family")[culture])
    elif draw < 0.06 and culture in ("es", "pt", "ph"):
        name += " " + random.choice(_lists("family")["es"])
    elif draw < 0.09:
        name = random.choice(_PARTICLES) + " " + name
    elif draw < 0.10:
        name = random.choice(("Mc", "O'", "Mac", "D'", "Fitz", "De", "Le", "Van", "St")) + name
    return _plain(random, name)


def made_up(random: Random, kind: str) -> str:
    """A name that stands in no list: a head, perhaps a middle, and an ending."""
    if random.random() < 0.4:
        return fillers.scramble(random).capitalize()
    middle = random.choice(_MIDDLES) if random.random() < 0.55 else ""
    return (random.choice(_HEADS) + middle + random.choice(_TAILS[kind])).capitalize()


def _plain(random: Random, name: str) -> str:
    """Mostly drop the accents, as records do."""
    if name.isascii() or random.random() < 0.5:
        return name
    import unicodedata

    table = str.maketrans("łøđıßŁØĐ", "lodisLOD")
    return "".join(
        char for char in unicodedata.normalize("NFD", name.translate(table)) if not unicodedata.combining(char)
    )


def common_given(random: Random) -> str:
    """A given name, as relatives and first-name staff are called."""
    return given_name(random, _culture(random), random.random() < 0.5)


def word_given(random: Random) -> str:
    """A given name that is a word as well: Hope, Will, Mark."""
    return random.choice(_lists("given")[random.choice(("word f", "word m"))])


def word_family(random: Random) -> str:
    """A family name that is a word or an eponym as well: Banks, Bell, Foley."""
    return random.choice(_lists("family")[random.choice(("word", "epon"))])
