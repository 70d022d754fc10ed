"""The pattern catalogue: one row a detector, all of them RE2 syntax over the canonical view (one byte a character).

A row's value is its first group, or the whole match. `check` names a validator (masking.validators) that lowers or
trims an unlabelled hit; a labelled row (`labelled=True`) is never vetoed by a checksum: synthetic and mistyped numbers
identify too. `near` lists context words, one of which must stand within reach of an unlabelled hit. `example` must
match: the scanner proves it when it is built, so a detector that cannot run is a refusal to start.
"""

from __future__ import annotations

from .calendar import CALENDAR
from .chains import CHAINS
from .contact import CONTACT
from .dictation import DICTATION
from .forms import FORMS
from .houses import HOUSES
from .labels import LABELS
from .months import MONTHS
from .numbers import NUMBERS
from .pattern import Pattern
from .people import PEOPLE
from .places import PLACES
from .postal import POSTAL
from .secrets import SECRETS
from .signatures import SIGNATURES

__all__ = ["PATTERNS", "Pattern"]

PATTERNS: tuple[Pattern, ...] = (
    *NUMBERS,
    *LABELS,
    *SIGNATURES,
    *DICTATION,
    *CONTACT,
    *CALENDAR,
    *MONTHS,
    *PLACES,
    *POSTAL,
    *HOUSES,
    *CHAINS,
    *FORMS,
    *PEOPLE,
    *SECRETS,
)
