"""What an object's keys say together: FHIR data types by their shape, label/value pairs, tables, people.

Strategy: an object's keys (with the rule of the field it stands in) make its *shape*; each shape is planned once: one
rule a key, and at most one refinement that looks at values (`system` of a ContactPoint, `type` of an Identifier, `url`
of an Extension). Any FHIR release, and anything like it, has the same shapes (FHIR R4 2.24, R5 2.1.28).
"""

from __future__ import annotations

from typing import Any

from . import dicom
from .fields import CODE, SCAN, Role, Rule, rule_for
from .refinements import (
    ADDRESS,
    ATTACHMENT,
    BIOMETRIC,
    DATE,
    EXTENSION,
    NAME,
    PHONE,
    RESOURCE,
    SYSTEM_VALUE,
    Refine,
    of_element,
    of_label,
    of_reference,
)
from .wordset import word_set

_PERSON_MARKS = word_set("""
    dob birthdate dateofbirth ssn mrn gender sex firstname lastname email phone patientid birthday telecom age
    npi specialty mobile address telephone personid memberid relationship username givenname familyname
""")
_INHERITING = word_set("""
    value text #text $ _text content display formatted full string number raw original label values entry line0
""")
_SCHEMA_WORDS = word_set("""
    type description title format enum pattern default examples items properties required minLength maxLength
    minimum maximum anyOf oneOf allOf $ref additionalProperties const nullable deprecated readOnly writeOnly
    multipleOf uniqueItems
""")
_CONCEPTS = word_set("""
    code type category class status interpretation referenceRange method bodySite route severity maritalStatus
    language relationship valueCodeableConcept vaccineCode medicationCodeableConcept reasonCode clinicalStatus
    verificationStatus specialty role outcome site product ingredient form unit dosageInstruction component
    valueQuantity
""")
# What a cell, or a value with its type beside it, is called: DynamoDB, MongoDB, BigQuery, Athena, the RDS data API.
_CELLS = frozenset(
    [
        *("S", "N", "v", "f", "value", "stringValue", "longValue", "doubleValue", "VarCharValue", "Value"),
        *("$date", "$oid", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$uuid", "Alphabetic"),
    ]
)
_VALUES_OF_FHIR = frozenset(
    {"valueString", "valueDate", "valueDateTime", "valueInteger", "valueDecimal", "valueMarkdown"}
)
_CONCEPT_WORDS = frozenset({"text", "coding", "low", "high", "type", "appliesTo", "age", "id", "extension", "value"})
_PEOPLE_FIELDS = word_set("""
    patient member user person people employee provider practitioner doctor physician nurse contact guardian
    relative staff client customer subscriber author clinician resident guarantor caregiver beneficiary
    participant sibling parent
""")


_OF_DAY = frozenset({"day", "month", "d", "m", "dd", "mm", "mon", "dayofmonth", "day_of_month"})
_AREAS = frozenset({"area_code", "areaCode"})
_IN_AREA = ("exchange", "prefix", "line_number", "lineNumber", "subscriber_number", "subscriberNumber", "station")


class Plan:
    """One rule for each key of a shape, in the keys' order, and the refinement by values, if the shape has one.

    `scanned` are the keys whose names say nothing: they may be values themselves.
    """

    __slots__ = ("keys", "refine", "rules", "scanned")

    def __init__(self, keys: tuple[str, ...], rules: list[Rule], refine: Refine | None) -> None:
        self.keys, self.rules, self.refine = keys, tuple(rules), refine
        self.scanned = tuple([key for key in keys if rule_for(key).role == Role.SCAN])

    def rules_for(self, obj: dict[str, Any]) -> tuple[Rule, ...]:
        """The rules of `obj`, an object of this shape, refined by its values."""
        if self.refine is None:
            return self.rules
        rules = list(self.rules)
        self.refine.apply(obj, rules)
        return tuple(rules)


def plan(keys: tuple[str, ...], parent: str, inherited: Rule) -> Plan:
    """Plan a shape. `parent` is the name of the field that holds the object, `inherited` its rule."""
    held = frozenset(keys)
    if inherited.role == Role.VALUE and "type" in held and held <= _SCHEMA_WORDS:
        inherited = SCAN  # a JSON Schema of a field is no value of it
    rules = [own_rule(key, inherited, held, parent) for key in keys]
    if "family" in held or "given" in held:
        _set(keys, rules, text=NAME, name=NAME, prefix=CODE, suffix=CODE, value=NAME)
    elif "line" in held or "postalCode" in held or ("city" in held and ("state" in held or "street" in held)):
        _set(keys, rules, text=ADDRESS, line=ADDRESS, district=ADDRESS)
    if not _AREAS.isdisjoint(held):
        _set(keys, rules, **dict.fromkeys(_IN_AREA, PHONE))
    if "vr" in held and held <= dicom.ELEMENT:
        return Plan(keys, rules, of_element(parent))
    if "resourceType" in held:
        return Plan(keys, rules, RESOURCE)
    if "code" in held:
        _set(keys, rules, displayName=CODE, codeSystemName=CODE)
    if "coding" in held or (parent in _CONCEPTS and held <= _CONCEPT_WORDS):
        _set(keys, rules, text=CODE)
    if {"when", "who"} <= held or "sigFormat" in held:
        _set(keys, rules, data=BIOMETRIC)
    elif {"origin", "data"} <= held:  # SampledData
        _set(keys, rules, data=CODE)
    elif "url" in held and held <= {"url", "extension", "id"}:
        _set(keys, rules, url=CODE)
    return Plan(keys, rules, _refinement(keys, held, parent))


def _refinement(keys: tuple[str, ...], held: frozenset[str], parent: str) -> Refine | None:
    """What looks at the values of a data type: a Reference, an Attachment, an Extension, an Identifier, a pair."""
    if "reference" in held or held <= {"display", "type", "identifier", "id", "extension"}:
        return of_reference(parent) if "display" in held else None
    if "contentType" in held or {"data", "mimeType"} <= held or {"blob", "mimeType"} <= held:
        return ATTACHMENT
    if "url" in held and any(key.startswith("value") for key in keys):
        return EXTENSION
    plain = "value" in held and "unit" not in held and "code" not in held
    if plain and not held.isdisjoint(("system", "type", "assigner")):
        return SYSTEM_VALUE
    return of_label(keys)


def _set(keys: tuple[str, ...], rules: list[Rule], **changes: Rule) -> None:
    for index, key in enumerate(keys):
        if key in changes:
            rules[index] = changes[key]


def own_rule(key: str, inherited: Rule, held: frozenset[str], parent: str = "") -> Rule:
    rule = rule_for(key)
    if key == "$date":
        return DATE
    if key == "id" and parent == "contained":  # a label within the resource
        return CODE
    if inherited.kind == "date" and inherited.role == Role.VALUE and key.lower() in _OF_DAY:
        return inherited
    if inherited.role == Role.VALUE and (key in _INHERITING or key in _VALUES_OF_FHIR or rule.role == Role.SCAN):
        return inherited
    if inherited is not SCAN and (key in _CELLS or key in _VALUES_OF_FHIR or key.isdigit()) and rule in (SCAN, CODE):
        return inherited
    if rule.role in (Role.NAMEISH, Role.PERSON) and (
        person_marks(held) or parent.rstrip("s").lower() in _PEOPLE_FIELDS
    ):
        return NAME
    return rule


def person_marks(held: frozenset[str]) -> bool:
    """Whether an object or table with these names is about a person."""
    return any(key.replace("_", "").replace("-", "").replace(" ", "").lower() in _PERSON_MARKS for key in held)
