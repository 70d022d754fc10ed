"""The seam to Presidio and spaCy: one module, a verified model, and nothing printed."""

from __future__ import annotations

import ast
import logging
import re
import sys
import types
from collections.abc import Sequence
from pathlib import Path

import pytest
import spacy

import masking
from masking import presidio
from masking.findings import Span

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
    assert importers == {"presidio.py", "vectors_build.py"}  # the latter is not run but to build the word vectors anew


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


def test_another_spacy_pipeline_is_one_setting_away(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Zebulon Quackenbush"}])
    nlp.to_disk(tmp_path / "pipeline")
    engine = masking.load_ner(f"spacy:{tmp_path}")
    text = masking.Masker(None, KEY, ner=engine).mask_text("yesterday Zebulon Quackenbush had no fever").value
    assert text == "yesterday [NAME] had no fever"


def test_a_pipeline_that_is_missing_or_finds_nothing_is_refused(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    for name in (f"spacy:{tmp_path / 'blank'}", "spacy:no_such_pipeline", "spacy:", "python:json:no_such", "python::"):
        with pytest.raises(masking.MaskingError):
            masking.load_ner(name)


class Shouting:
    """An engine of a site's own: what is written in capitals is a name."""

    name = "shouting"

    def entities(self, texts: Sequence[str]) -> list[list[Span]]:
        return [
            [Span(m.start(), m.end(), "name", "own engine", 0.9) for m in re.finditer(r"\b[A-Z]{5,}\b", t)]
            for t in texts
        ]


def test_an_engine_of_the_sites_own_is_one_setting_away(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("engines_of_ours")
    module.make = Shouting  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "engines_of_ours", module)
    engine = masking.load_ner("python:engines_of_ours:make+none")
    text = masking.Masker(None, KEY, ner=engine).mask_text("the caller QUOXLEY asked again").value
    assert text == "the caller [NAME] asked again"
