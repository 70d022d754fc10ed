"""The prose model: a small clinical de-identification tagger of our own, its lexicon, weights, generator and trainer.

    tagger = masking.model.load()                 # once a process: reads prose.npz, checks its SHA-256, no pickle
    spans = tagger.tag(["Seen by Dr. Kowal."])    # one list of spans for each text, in order, never overlapping

`load() -> Tagger` raises MaskingError when the weights are missing or are not the ones that were shipped.
`Tagger.tag(texts: Sequence[str]) -> list[list[Span]]` never raises on any text and is safe to call from threads.
A `Span` (masking.findings) is `(start, end, kind, detector="prose", score)` in characters of the text as given, snapped
to whole tokens, 0 < score <= 1. Kinds: `name`, `address` (facilities included), `date`, `age` (90 and over only),
`phone` and `id` (a number that its context, not its shape, makes a record number).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tagger import Tagger

__all__ = ["load"]


def load() -> Tagger:
    """The shipped tagger. Raises MaskingError when its weights are missing or altered."""
    from .tagger import Tagger
    from .weights import Weights

    return Tagger(Weights.load())
