"""The reference page is the catalogue's, and the two packages' lists of kinds agree."""

from __future__ import annotations

from pathlib import Path

from masking import CATALOGUE, KINDS, METHODS
from masking.patterns import PATTERNS
from masking.reference import page

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_page_is_current() -> None:
    assert (ROOT / "docs" / "reference" / "kinds.md").read_text(encoding="utf-8") == page()


def test_every_safe_harbor_class_has_a_kind() -> None:
    assert set("".join(kind.letters for kind in CATALOGUE.values())) == set("ABCDEFGHIJKLMNOPQR")


def test_every_pattern_is_of_a_known_kind() -> None:
    assert {pattern.kind for pattern in PATTERNS} <= set(KINDS)


def test_kinds_and_methods_stand_in_the_agreed_order() -> None:
    assert " ".join(KINDS) == (
        "name address date age phone fax email url ip ssn mrn health_plan account license vehicle device biometric "
        "photo id secret card"
    )
    assert METHODS == ("redact", "token", "generalize", "shift", "partial")
