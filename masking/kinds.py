"""The catalogue of kinds: what each covers, which Safe Harbor class it serves, which methods it allows.

Everything else in this package reads this one table; docs/reference/kinds.md is generated from it.
Source: 45 CFR 164.514(b)(2)(i)(A)-(R).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

METHODS = ("redact", "token", "generalize", "shift", "partial")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its name, the Safe Harbor letters it serves, what it covers, and the methods it allows."""

    name: str
    letters: str
    covers: str
    methods: tuple[str, ...] = ("redact", "token")

    @property
    def label(self) -> str:
        """The text a redaction leaves: `[HEALTH_PLAN]`."""
        return f"[{self.name.upper()}]"


_BASIC = ("redact", "token")
_PARTIAL = ("redact", "token", "partial")
_CATALOGUE = (
    Kind("name", "A", "patients, relatives, clinicians, users; initials; `Last, First`; any culture"),
    Kind(
        "address",
        "B",
        "geography below the state: street, city, county, postal code, facility, coordinates",
        (*_BASIC, "generalize"),
    ),
    Kind("date", "C", "every element of a date but the year", (*_BASIC, "generalize", "shift")),
    Kind("age", "C", "ages over 89", (*_BASIC, "generalize")),
    Kind("phone", "D", "telephone, mobile and pager numbers", _PARTIAL),
    Kind("fax", "E", "fax numbers", _PARTIAL),
    Kind("email", "F", "e-mail addresses", _PARTIAL),
    Kind("url", "N", "web addresses other than those of public terminologies"),
    Kind("ip", "O", "IPv4 and IPv6 addresses"),
    Kind("ssn", "G", "social security and other national numbers", _PARTIAL),
    Kind("mrn", "H", "medical record, chart and patient numbers", _PARTIAL),
    Kind("health_plan", "I", "member, policy, subscriber, group, Medicare and Medicaid numbers"),
    Kind("account", "J", "account, visit, claim and bank numbers, IBAN", _PARTIAL),
    Kind("license", "K", "licence, certificate, DEA, NPI and passport numbers"),
    Kind("vehicle", "L", "vehicle identifiers and licence plates"),
    Kind("device", "M", "device identifiers and serial numbers, UDI, IMEI, MAC addresses"),
    Kind("biometric", "P", "finger, voice, retina and face prints, signatures"),
    Kind("photo", "Q", "images, DICOM, attachments that cannot be read"),
    Kind("id", "R", "any other unique code: UUIDs, FHIR ids and references"),
    Kind("secret", "R", "bearer tokens, API keys, private keys, passwords, connection strings"),
    Kind("card", "J", "payment cards", _PARTIAL),
)

CATALOGUE: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _CATALOGUE})
KINDS: tuple[str, ...] = tuple(CATALOGUE)
ALL: Mapping[str, str] = MappingProxyType(dict.fromkeys(KINDS, "redact"))


def label(kind: str) -> str:
    """The text a redaction of `kind` leaves, custom kinds included."""
    return f"[{kind.upper()}]"


def methods_of(kind: str) -> tuple[str, ...]:
    """The methods `kind` allows; a site's own kind allows `redact` and `token`."""
    known = CATALOGUE.get(kind)
    return known.methods if known else _BASIC
