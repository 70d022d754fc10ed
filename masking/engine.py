"""Engines that read prose. An engine is built once by the process and shared by all maskers; a missing one raises."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from .errors import MaskingError
from .findings import Span

DEFAULT = "default"
_DEFAULT_ENGINE = "own"
NAMES = (DEFAULT, "own", "spacy", "both", "none", "spacy:PIPELINE", "python:MODULE:NAME")


@runtime_checkable
class Engine(Protocol):
    """Reads texts and says which stretches identify. Same input, same output; safe to call from any thread."""

    name: str

    def entities(self, texts: Sequence[str]) -> list[list[Span]]:
        """For each text its spans, in characters of that text."""
        ...


class Combined:
    """The union of several engines' findings."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = tuple(engines)
        self.name = "+".join(engine.name for engine in engines)

    def entities(self, texts: Sequence[str]) -> list[list[Span]]:
        merged: list[list[Span]] = [[] for _ in texts]
        for engine in self._engines:
            for spans, more in zip(merged, engine.entities(texts), strict=True):
                spans.extend(more)
        return merged


@functools.cache
def load_ner(name: str = DEFAULT) -> Engine | None:
    """The engine called `name`, built once a process; None only for `"none"`. Raises MaskingError when it cannot run.

    `own` is this package's clinical model, `spacy` the pinned public model behind Presidio's interfaces, `both` their
    union; `default` is `own`. `spacy:PIPELINE` is another spaCy pipeline (a directory, or an installed package),
    `python:MODULE:NAME` an engine of yours (an `Engine`, or a function without arguments that makes one: an ONNX
    classifier, a transformer). `own+spacy:PIPELINE` is the union. Nothing is downloaded. Any object with the methods
    of `Engine` can be given to a Masker instead.
    """
    if "+" in name:
        return Combined([engine for part in name.split("+") if (engine := load_ner(part)) is not None])
    if name == "none":
        return None
    if name.startswith("spacy:"):
        from . import presidio

        return presidio.load_spacy(name.removeprefix("spacy:"))
    if name.startswith("python:"):
        return _of_module(name)
    if name == "spacy":
        from . import presidio

        return presidio.load()
    if name == "both":
        return Combined([engine for engine in (load_ner("own"), load_ner("spacy")) if engine is not None])
    if name == DEFAULT:
        return load_ner(_DEFAULT_ENGINE)
    if name == "own":
        from .model import tagger

        return tagger.load()
    raise MaskingError("HM005", f"there is no prose engine {name!r}", f"use one of {', '.join(NAMES)}")


def _of_module(name: str) -> Engine:
    """The engine that `python:MODULE:NAME` names. Raises MaskingError when there is none, or it is no engine."""
    module, _, attribute = name.removeprefix("python:").partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise MaskingError("HM005", f"there is no prose engine {name!r}", "give python:MODULE:NAME") from error
    engine = found if isinstance(found, Engine) and not isinstance(found, type) else found()
    if not isinstance(engine, Engine):
        raise MaskingError("HM005", f"{name!r} is no prose engine", "it needs `name` and `entities(texts)`")
    return engine
