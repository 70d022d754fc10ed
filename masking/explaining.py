"""Why something was, or was not, masked: places, kinds and detectors, never the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .findings import Masked

if TYPE_CHECKING:
    from .masker import Masker


def explain(name: str, text: str, masked: Masked[str], masker: Masker) -> Iterator[str]:
    """One line for each value masked in a document, by its path; for each proposal in a text, by its offsets."""
    paths = [finding for finding in masked.findings if finding.is_path]
    for finding in paths:
        yield f"{name}:{finding.where} {finding.kind} by {finding.detector} masked ({finding.method})"
    if paths:
        for finding in masked.findings:
            if not finding.is_path:
                yield f"{name}:{finding.where} {finding.kind} by {finding.detector} masked ({finding.method})"
        return
    kept, plan = masker.settled(text), masker.plan
    for span in masker.explain(text):
        line = f"{name}:{span.start}:{span.end} {span.kind} by {span.detector} ({span.score:.2f})"
        if any(low <= span.start and span.end <= high for low, high in kept):
            yield f"{line} masked"
        elif span.kind not in plan:
            yield f"{line} not masked: its kind is not in the plan"
        else:
            yield f"{line} not masked: a stand-in, or a surer reading, is there"
