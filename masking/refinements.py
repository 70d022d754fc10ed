"""What an object's values say of its fields: refinements of a shape's rules (shapes.py), one for each FHIR data type.

A refinement tells what it reads of an object, so that objects which say the same are refined once a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from . import dicom
from .fields import CODE, NAMEISH, PERSON, SCAN, Role, Rule, rule_for
from .wordset import word_set

NAME = Rule(Role.VALUE, "name")
ADDRESS = Rule(Role.VALUE, "address")
ID = Rule(Role.VALUE, "id")
PHONE = Rule(Role.VALUE, "phone")
DATE = Rule(Role.VALUE, "date")
BIOMETRIC = Rule(Role.VALUE, "biometric")
_CONTACT = {
    "phone": "phone",
    "fax": "fax",
    "email": "email",
    "pager": "phone",
    "url": "url",
    "sms": "phone",
    "other": "phone",
}
IDENTIFIER_TYPES = {
    "SS": "ssn",
    "SB": "ssn",
    "NI": "ssn",
    "NNUSA": "ssn",
    "TAX": "ssn",
    "MR": "mrn",
    "MRN": "mrn",
    "PI": "mrn",
    "PT": "mrn",
    "MRT": "mrn",
    "EPI": "mrn",
    "DL": "license",
    "PPN": "license",
    "NPI": "license",
    "PRN": "license",
    "DEA": "license",
    "LN": "license",
    "MD": "license",
    "RN": "license",
    "UPIN": "license",
    "AN": "account",
    "VN": "account",
    "BA": "account",
    "MB": "health_plan",
    "MA": "health_plan",
    "MC": "health_plan",
    "SN": "health_plan",
    "HC": "health_plan",
    "PNT": "health_plan",
    "UDI": "device",
    "SNO": "device",
    "SERIAL": "device",
    "VIN": "vehicle",
    "LP": "vehicle",
    "CC": "card",
}
_IDENTIFIER_SYSTEMS = (
    (re.compile(r"ssn|social|2\.16\.840\.1\.113883\.4\.1$", re.IGNORECASE), "ssn"),
    (re.compile(r"mrn|medical-?record|patient-?id|hospital|nhs-number", re.IGNORECASE), "mrn"),
    (re.compile(r"npi|license|licence|driver|passport|dea|4\.3\.\d|4\.6$", re.IGNORECASE), "license"),
    (
        re.compile(r"member|subscriber|medicare|medicaid|mbi|hicn|insur|payer|coverage|plan", re.IGNORECASE),
        "health_plan",
    ),
    (re.compile(r"account|visit|encounter|claim|clm", re.IGNORECASE), "account"),
    (re.compile(r"serial|udi|device", re.IGNORECASE), "device"),
)
_DEFINED = re.compile(
    r"Definition|Set$|System$|Map$|Parameter$|Variable$|Guide$|Statement$|^(?:Questionnaire|Library|Measure|Substance|"
    r"Medication|Endpoint|TestScript|Evidence)$"
)
PEOPLE_TYPES = frozenset({"Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person"})
PLACE_TYPES = frozenset({"Organization", "Location", "HealthcareService", "Facility"})
_PLACE_FIELDS = frozenset(
    [
        "serviceprovider",
        "managingorganization",
        "organization",
        "location",
        "custodian",
        "facility",
        "requestororganization",
        "insurer",
        "origin",
        "destination",
        "hospitalization",
    ]
)
PERSON_FIELDS = word_set("""
    subject patient individual requester performer provider practitioner author recorder asserter participant
    actor beneficiary subscriber policyholder generalpractitioner attester enterer responsible who agent source
    sender recipient informant member party link target dispenser receiver operator consultant reference owner
    createdby verifier reporter interpreter resultsinterpreter payee individualprovider onbehalfof relatedperson
    caremanager supervisor referring collector verifiedwith dataenterer guarantor signer witness primaryperformer
""")
_LABELS = (
    "name",
    "label",
    "text",
    "key",
    "field",
    "column",
    "attribute",
    "question",
    "parameter",
    "property",
    "header",
    "title",
    "term",
    "caption",
    "fieldName",
    "FieldName",
    "columnName",
    "column_name",
    "fieldLabel",
    "Name",
    "Key",
    "Label",
    "linkId",
    "type",
    "code",
)
_CONCEPTS = frozenset({"type", "code"})  # labels of FHIR's `value[x]` alone
_LABELLED = (
    "valueDateTime",
    "valueDecimal",
    "value",
    "answer",
    "val",
    "content",
    "data",
    "text",
    "response",
    "valueString",
    "valueDate",
    "valueInteger",
    "values",
    "Value",
    "stringValue",
)
_ASKING = re.compile(
    r"(?i)^(?:what(?:'s| is| was)|please (?:enter|give|provide|state)|enter|patient's|your|the|full|current|\s)+"
    r"|[?:*.]+$"
)


_WHO = re.compile(r"(?i)who(?:m|se|\s)")
_LABEL = 60  # characters; what is longer is no label


class Refine(NamedTuple):
    """A refinement of an object's rules by its values: `reads` gives all that `apply` looks at, as one key."""

    reads: Callable[[dict[str, Any]], Hashable]
    apply: Callable[[dict[str, Any], list[Rule]], None]


def _index(obj: dict[str, Any], key: str) -> int:
    return list(obj).index(key)


def _resource(obj: dict[str, Any], rules: list[Rule]) -> None:
    """`name` and `title` of a resource: a person's, a place's, or a definition's."""
    kind = str(obj["resourceType"])
    rule = CODE if _DEFINED.search(kind) else NAMEISH
    if kind in PEOPLE_TYPES or kind == "FamilyMemberHistory":
        rule = NAME
    elif kind in PLACE_TYPES:
        rule = ADDRESS
    for key in ("name", "alias"):
        if key in obj:
            rules[_index(obj, key)] = rule
    if "text" in obj:
        rules[_index(obj, "text")] = SCAN


RESOURCE = Refine(lambda obj: str(obj["resourceType"]), _resource)


def of_reference(parent: str) -> Refine:
    """The refinement of a reference in the field `parent`."""
    field = parent.replace("_", "").lower()

    def refine(obj: dict[str, Any], rules: list[Rule]) -> None:
        """`display` of a reference: by the type referred to, else by the field that refers."""
        target = _target(obj)
        if target in PEOPLE_TYPES or (not target and field in PERSON_FIELDS):
            rule = NAME
        elif target in PLACE_TYPES or (not target and field in _PLACE_FIELDS):
            rule = ADDRESS
        else:
            rule = NAMEISH if field in PERSON_FIELDS else CODE
        rules[_index(obj, "display")] = rule

    return Refine(_target, refine)


def _target(obj: dict[str, Any]) -> str:
    told = str(obj.get("type") or obj.get("reference") or "")
    return told.rpartition("/")[0].rpartition("/")[2] or str(obj.get("type", ""))


def _attachment(obj: dict[str, Any], rules: list[Rule]) -> None:
    """Data that is no text is withheld as a photo; text is left to the scan, which decodes it."""
    media = _media(obj)
    text = media.startswith("text/") or media.endswith(("json", "xml", "csv", "yaml"))
    for key in ("data", "blob", "hash"):
        if key in obj:
            rules[_index(obj, key)] = SCAN if text else Rule(Role.VALUE, "photo")
    if "url" in obj:
        rules[_index(obj, "url")] = Rule(Role.VALUE, "url")


def _media(obj: dict[str, Any]) -> str:
    return str(obj.get("contentType") or obj.get("mimeType") or "")


ATTACHMENT = Refine(_media, _attachment)


def _extension(obj: dict[str, Any], rules: list[Rule]) -> None:
    """An extension's url names the field that its value is."""
    name = str(obj["url"]).rstrip("/").rpartition("/")[2]
    rule = rule_for(name.rpartition("-")[2])
    if rule.role == Role.SCAN:
        rule = rule_for(name)
    for index, key in enumerate(obj):
        if key.startswith("value"):
            if key in (
                "valueCode",
                "valueCoding",
                "valueCodeableConcept",
                "valueBoolean",
                "valueUri",
                "valueCanonical",
                "valueOid",
            ):
                rules[index] = CODE
            elif rule.role == Role.VALUE:
                rules[index] = rule
        elif key == "url":
            rules[index] = CODE


EXTENSION = Refine(lambda obj: str(obj["url"]), _extension)


def _system_value(obj: dict[str, Any], rules: list[Rule]) -> None:
    """ContactPoint and Identifier: what `value` is, by `system` and `type`."""
    value = obj["value"]
    if isinstance(value, dict | list | float):
        return
    system = obj.get("system")
    contact = _CONTACT.get(system) if isinstance(system, str) else None
    if contact is not None:
        rules[_index(obj, "value")] = Rule(Role.VALUE, contact)
    elif "assigner" in obj or "system" in obj or isinstance(obj.get("type"), dict):
        rules[_index(obj, "value")] = Rule(Role.VALUE, _identifier_kind(obj))
    elif isinstance(obj.get("type"), str):
        rules[_index(obj, "value")] = rule_for(obj["type"])


def _system_and_type(obj: dict[str, Any]) -> Hashable:
    system, kind = obj.get("system"), obj.get("type")
    return type(obj["value"]), type(system), str(system), type(kind), str(kind)


SYSTEM_VALUE = Refine(_system_and_type, _system_value)


def _identifier_kind(obj: dict[str, Any]) -> str:
    kind = obj.get("type")
    codes = kind.get("coding") if isinstance(kind, dict) else None
    for coding in codes if isinstance(codes, list) else ():
        found = IDENTIFIER_TYPES.get(str(coding.get("code"))) if isinstance(coding, dict) else None
        if found:
            return found
    if isinstance(kind, dict) and isinstance(kind.get("text"), str):
        rule = rule_for(kind["text"])
        if rule.kind and rule.role == Role.VALUE:
            return rule.kind
    system = str(obj.get("system", ""))
    return next((name for pattern, name in _IDENTIFIER_SYSTEMS if pattern.search(system)), "id")


def of_element(tag: str) -> Refine:
    """The refinement of the element `tag` of DICOM's JSON model: by the tag, else by the value representation."""
    told = dicom.KINDS.get(tag.upper())

    def refine(obj: dict[str, Any], rules: list[Rule]) -> None:
        named = str(obj["vr"])
        kind = told or dicom.REPRESENTATIONS.get(named)
        rule = Rule(Role.VALUE, kind) if kind else SCAN if named in dicom.PROSE else CODE
        for index, key in enumerate(obj):
            if key in ("InlineBinary", "BulkDataURI"):
                rules[index] = Rule(Role.VALUE, "photo" if key == "InlineBinary" else "url")
            else:
                rules[index] = CODE if key == "vr" or named == "SQ" else rule

    return Refine(lambda obj: str(obj["vr"]), refine)


def _labelled(obj: dict[str, Any], rules: list[Rule]) -> None:
    """`{"name": "SSN", "value": "…"}`: the label's rule is the value's."""
    for label in _LABELS:
        text = _label_of(obj.get(label))
        if text:
            asked = _ASKING.sub("", text).strip()
            rule = PERSON if _WHO.match(text) else rule_for(asked or text)
            if rule.role == Role.NAMEISH and asked.lower() in ("name", "names", "contact"):
                rule = NAME
            if rule.role in (Role.VALUE, Role.DATEISH, Role.PERSON, Role.REFERENCE):
                for index, key in enumerate(obj):
                    if key in _LABELLED and key != label:
                        rules[index] = rule
                    elif key == label:
                        rules[index] = CODE
                return


def _label_of(told: Any) -> str:
    """The text of a label, or of the concept that is one (`{"text": "MRN"}`); empty for what is no label."""
    if isinstance(told, dict):
        codes = told.get("coding")
        first = codes[0] if isinstance(codes, list) and codes else None
        told = told.get("text") or (first.get("display") if isinstance(first, dict) else None)
    return told if isinstance(told, str) and len(told) <= _LABEL else ""


def _labels(keys: tuple[str, ...]) -> Callable[[dict[str, Any]], Hashable]:
    labels = [label for label in _LABELS if label in keys]

    def texts(obj: dict[str, Any]) -> Hashable:
        return tuple([_label_of(obj[label]) for label in labels])

    return texts


def of_label(keys: tuple[str, ...]) -> Refine | None:
    """The refinement of an object that has a label and a value; None for others."""
    valued = [value for value in _LABELLED if value in keys]
    for label in _LABELS:
        concept = label in _CONCEPTS and not any(
            value.startswith("value") and len(value) > len("value") for value in valued
        )
        if label in keys and not concept and any(value != label for value in valued):
            return Refine(_labels(keys), _labelled)
    return None
