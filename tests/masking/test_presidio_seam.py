"""The seam to Presidio and spaCy: one module, a verified model, and nothing printed."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import pytest

import masking
from masking import presidio

KEY = b"k" * 32


def test_only_the_seam_imports_presidio_or_spacy() -> None:
    root = Path(masking.__file__).parent
    importers = set()
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            if any(name.split(".")[0] in ("spacy", "presidio_analyzer") for name in names):
                importers.add(file.name)
    assert importers == {"presidio.py"}


def test_prose_names_are_found_by_the_pinned_model() -> None:
    masker = masking.Masker(masking.ALL, KEY, ner="spacy")
    text = masker.mask_text("Yesterday Jonathan Whitfield complained of chest pain after Foley removal.").value
    assert "Whitfield" not in text
    assert "chest pain" in text


def test_a_changed_model_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(masking.MaskingError) as caught:
        presidio.verify(tmp_path)
    assert caught.value.code == "HM013"


def test_presidio_is_kept_quiet() -> None:
    recognizer = presidio.recognizer()
    found = recognizer.analyze("SSN 123-45-6789", ["US_SSN"], None)
    assert [(r.start, r.end) for r in found] == [(4, 15)]
    assert all(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("decision_process").handlers)
