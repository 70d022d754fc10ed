"""Whom an object is about: dates are shifted by their patient's own offset."""

from __future__ import annotations

from typing import Any

from .fields import rule_for

_ABOUT = ("subject", "patient", "beneficiary", "individual")


def subject_of(obj: dict[str, Any]) -> str:
    """Whom an object is about: its patient's id, by reference, by being the patient, or by a patient number."""
    if obj.get("resourceType") == "Patient" and isinstance(obj.get("id"), str):
        return str(obj["id"])
    for key in _ABOUT:
        reference = obj.get(key)
        if isinstance(reference, dict) and isinstance(reference.get("reference"), str):
            return str(reference["reference"]).rpartition("/")[2].rpartition(":")[2]
    for key, value in obj.items():
        if isinstance(value, str | int) and rule_for(key).kind == "mrn":
            return str(value)
    return ""
