"""The field dictionary: what a field's name says about its value, for FHIR, HL7, OMOP, X12 and common columns.

Strategy: a name is split into lower-case words (`patientFirstName`, `PATIENT_FIRST_NAME` and `Patient first name` are
one name), then looked up whole, then by its last words. Words of codes and measures keep a value out of the prose
engine unless it is a sentence; what is in no table is scanned.
"""

from __future__ import annotations

import functools
import re
from typing import ClassVar

from .field_names import CODES, DATEISH_NAMES, NAMEISH_NAMES, PERSONS, REFERENCES, VALUES
from .known import STAND_IN
from .wordset import word_set


class Role:
    """What is done with a field's value."""

    VALUE = "value"  # masked as the field's kind
    DATEISH = "dateish"  # masked as a date where it reads as one, else scanned
    NAMEISH = "nameish"  # masked as a name where the object is about a person, else scanned
    PERSON = "person"  # masked as a name where it is written like one, as an id where it is a number, else scanned
    REFERENCE = "reference"  # masked as an id where it is a number or a code, else scanned
    CODE = "code"  # patterns and known values, and the prose engine for what says something as a sentence does
    SCAN = "scan"  # patterns, known values, and the prose engine for prose


class Rule:
    """The verdict on a field's name. Equal rules are one object, so that they are quick to look things up by."""

    __slots__ = ("kind", "role")
    role: str
    kind: str | None
    _made: ClassVar[dict[tuple[str, str | None], Rule]] = {}

    def __new__(cls, role: str, kind: str | None = None) -> Rule:
        made = cls._made.get((role, kind))
        if made is None:
            made = cls._made[(role, kind)] = super().__new__(cls)
            made.role, made.kind = role, kind
        return made


SCAN, CODE = Rule(Role.SCAN), Rule(Role.CODE)
DATEISH, NAMEISH = Rule(Role.DATEISH, "date"), Rule(Role.NAMEISH, "name")
PERSON, REFERENCE = Rule(Role.PERSON, "name"), Rule(Role.REFERENCE, "id")

_DICTIONARIES = word_set("""
    component concept item test analyte type status category class unit route reason priority specialty language
    race gender sex ethnicity marital drug vaccine diagnosis dx icd loinc term vocabulary domain code value field
    column question template form panel method modality ethnic religion
""")  # what lists number: their ids are codes
_NAME_PARTS = word_set("first last middle full given family maiden formatted legal preferred birth sur formal")
_NO_DEEDS = word_set("sorted grouped followed divided filtered partitioned indexed multiplied accompanied covered")
_NO_OBJECTS = frozenset({"ssn", "mrn", "license", "vehicle"})  # kinds of fields that never hold an object
_KEEP_LAST = word_set("""
    code codes codesystem concept cd type category unit units status flag version uom range loinc snomed icd cpt
    ndc rxnorm system vocabulary c
""")
_PEOPLE = word_set("""
    patient pt member subscriber guarantor guardian provider physician doctor nurse mother father spouse contact
    emergency nok kin employee customer client insured beneficiary caregiver partner husband wife parent son
    daughter brother sister practitioner attending referring ordering admitting performing author user person
    maternal paternal resident applicant cardholder owner recipient sender
""")
_SPELLED = {
    "nm": "name",
    "nbr": "number",
    "num": "number",
    "no": "number",
    "nr": "number",
    "fst": "first",
    "frst": "first",
    "lst": "last",
    "mid": "middle",
    "mi": "middle",
    "dte": "date",
    "prov": "provider",
    "phys": "physician",
    "pat": "patient",
    "mem": "member",
    "mbr": "member",
    "subscr": "subscriber",
    "ph": "phone",
    "phn": "phone",
    "fone": "phone",
    "tele": "telephone",
    "addr": "address",
    "cty": "city",
    "bday": "birthday",
    "brth": "birth",
    "acc": "account",
    "lic": "license",
    "emp": "employee",
    "dr": "doctor",
    "emerg": "emergency",
    "guar": "guarantor",
    "ref": "referring",
    "ins": "insurance",
    "soc": "social",
}
_NOISE = word_set("""
    number value text string raw original full primary secondary current old new home work main alt alternate
    default the src source dest target txt str val field col info data hash list all my his her
""")
_PREFIXES = tuple(sorted(_PEOPLE | {"home", "work", "primary", "cell"}, key=len, reverse=True))
_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z']+|[A-Z]+|\d+|[^\W\d_]+")


def words_of(name: str) -> tuple[str, ...]:
    """`patientFirstName`, `PATIENT_FIRST_NAME` and `Patient first name` are all (patient, first, name)."""
    return tuple(word.lower() for word in _SPLIT.findall(name))


def _table() -> dict[str, Rule]:
    table: dict[str, Rule] = {}
    for names, rule in (
        (CODES, CODE),
        (DATEISH_NAMES, DATEISH),
        (NAMEISH_NAMES, NAMEISH),
        (PERSONS, PERSON),
        (REFERENCES, REFERENCE),
    ):
        table.update({_joined(name): rule for name in names.split(",")})
    for kind, names in VALUES.items():
        table.update({_joined(name): Rule(Role.VALUE, kind) for name in names.split(",")})
    return table


def _joined(name: str) -> str:
    return "".join(words_of(name))


_TABLE = _table()


@functools.lru_cache(maxsize=8192)
def rule_for(name: str) -> Rule:
    """The verdict on a field called `name`, by its whole name, then by its last three, two and one words.

    A name that holds what stands for something masked said nothing before, else it would not have been masked.
    """
    if "[" in name and STAND_IN.search(name):
        return SCAN
    words = words_of(name)
    whole = _TABLE.get("".join(words))
    if whole is not None:
        return whole
    if not words or len(name) > 80:
        return SCAN
    if (words[-1] in _KEEP_LAST and words != ("c",)) or "concept" in words or "language" in words:
        return CODE
    if words[-1] in ("id", "ids") and len(words) > 1 and words[-2] in _DICTIONARIES:
        return CODE
    if ("name" in words and not _NAME_PARTS.isdisjoint(words)) or _is_doer(words):
        return Rule(Role.VALUE, "name")
    if words[-1] in ("1", "2", "3", "4", "5", "6", "7", "8", "9") and len(words) > 1:
        return rule_for(" ".join(words[:-1]))
    for count in (3, 2, 1):
        if len(words) > count:
            found = _TABLE.get("".join(words[-count:]))
            if found is not None:
                return _suffix_rule(found, words, count)
    return _plainer(words)


def _is_doer(words: tuple[str, ...]) -> bool:
    """`recorded by`, `sampleTakenBy`: whoever did something, not what something is sorted by."""
    return len(words) > 1 and words[-1] == "by" and words[-2].endswith(("ed", "en")) and words[-2] not in _NO_DEEDS


def _of_many(words: tuple[str, ...]) -> Rule | None:
    """The rule of `mrns` or `prescribers`: what a list of one's values is called."""
    found = _TABLE.get("".join(words)[:-1]) if words[-1][-1] == "s" and len(words[-1]) > 3 else None
    if found is None or not (
        found is PERSON or found.kind in _NO_OBJECTS or "".join(words) == "dobs" or words[-1] == "names"
    ):
        return None
    return found


def _plainer(words: tuple[str, ...]) -> Rule:
    """The rule for the name with its abbreviations written out, or without a word that says nothing."""
    many = _of_many(words)
    if many is not None:
        return many
    spelled = tuple(_SPELLED.get(word, word) for word in words)
    if spelled != words:
        return rule_for(" ".join(spelled))
    if len(words) > 1:
        for rest in (words[:-1] if words[-1] in _NOISE else (), words[1:] if words[0] in _NOISE else ()):
            if rest:
                return rule_for(" ".join(rest))
    if len(words) == 1:
        for person in _PREFIXES:
            if words[0].startswith(person) and len(words[0]) > len(person) + 1:
                found = _TABLE.get(words[0][len(person) :])
                if found is not None:
                    return _suffix_rule(found, (person, words[0][len(person) :]), 1)
    return SCAN


def _suffix_rule(found: Rule, words: tuple[str, ...], count: int) -> Rule:
    """A last word weighs less than a whole name: `drug name` is none, `patient name` is."""
    if found.role == Role.NAMEISH and words[-1] in ("name", "names"):
        return Rule(Role.VALUE, "name") if _PEOPLE & {_SPELLED.get(word, word) for word in words[:-1]} else NAMEISH
    if found.kind == "name" and found is not PERSON and count == 1 and not (_PEOPLE & set(words)):
        return (
            NAMEISH
            if words[-1] in ("first", "last", "middle", "given", "family", "surname", "attending", "initials")
            else SCAN
        )
    return found


def examples(kind: str, count: int = 12) -> list[str]:
    """The first names of the dictionary that tell `kind`, for the reference page."""
    return [name.strip() for name in VALUES.get(kind, "").split(",")][:count]
