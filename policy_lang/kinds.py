"""Kinds of data that an answer may show, and the methods that mask them, least kept first."""

from __future__ import annotations

KINDS: tuple[str, ...] = (
    "name", "address", "date", "age", "phone", "fax", "email", "url", "ip", "ssn", "mrn", "health_plan", "account",
    "license", "vehicle", "device", "biometric", "photo", "id", "secret", "card",
)  # fmt: skip

METHODS: tuple[str, ...] = ("redact", "token", "generalize", "shift", "partial")

# A method that is not here fits every kind.
FITS: dict[str, frozenset[str]] = {
    "generalize": frozenset({"date", "age", "address"}),
    "shift": frozenset({"date"}),
    "partial": frozenset({"phone", "fax", "ssn", "card", "mrn", "account", "email"}),
}

LEVELS: tuple[str, ...] = ("off", "digest", "masked", "full")  # of `record`, least first


def keeps_least(one: str, other: str) -> str:
    """Of two methods the one that keeps less."""
    return one if METHODS.index(one) <= METHODS.index(other) else other


def fits(method: str, kind: str) -> bool:
    return method not in FITS or kind in FITS[method]
