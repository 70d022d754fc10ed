"""Train the prose model: `make model`, or `python -m masking.model.train`.

Notes are drawn fresh from the seeded generator (masking/model/corpus), never twice the same. Words lose families of
their features at random, so the model learns to do without lists, casing or the word itself. The same seed gives the
same bytes on the same processor and numpy.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from . import lexicon as lx
from .corpus import Note, notes
from .digests import record
from .features import Hide, rows
from .learning import Batch, Learner, gold_tags
from .network import PAD, Floats
from .tokens import cut
from .vectors import SIGHT
from .vectors import load as load_vectors
from .weights import FILE, Weights

SEED, NOTES, NOTES_A_BATCH = 20, 240_000, 8
_HIDDEN_PLAIN, _HIDDEN_FOUND, _HIDDEN_WHOLLY = 0.12, 0.30, 0.04
_THREADS = "OPENBLAS_NUM_THREADS"
_FOUND_WEIGHT = 1.5
_NOTHING = np.zeros(SIGHT, np.float32)


class Batches:
    """Notes made into batches of numbers."""

    def __init__(self, random: np.random.Generator, lexicon: lx.Lexicon) -> None:
        self._random, self._lexicon = random, lexicon
        self._rows: dict[tuple[str, int], list[int]] = {}
        self._vectors = load_vectors()
        self._known: dict[str, Floats] = {}

    def make(self, some: Sequence[Note]) -> Batch:
        seen: dict[tuple[str, int], int] = {}
        at, places, labels, gold, weight = [-1] * PAD, [0] * PAD, [-1] * PAD, [0] * PAD, [0.0] * PAD
        for note in some:
            tokens = cut(note.text)
            tags = gold_tags(note.spans, tokens.starts, tokens.words)
            draws = self._random.random(len(tags)).tolist()
            words = [
                seen.setdefault((word, _pick(draw, tag > 0)), len(seen))
                for word, draw, tag in zip(tokens.words, draws, tags, strict=True)
            ]
            at += words + [-1] * PAD
            places += tokens.places + [0] * PAD
            labels += [words[label] if label >= 0 else -1 for label in tokens.labels] + [-1] * PAD
            gold += tags + [0] * PAD
            weight += [_FOUND_WEIGHT if tag else 1.0 for tag in tags] + [0.0] * PAD
        flat = [self._rows_of(word, hide) for word, hide in seen]
        lengths = np.array([len(found) for found in flat])
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        joined = np.array([row for found in flat for row in found], np.int64)
        return Batch(
            joined,
            starts.astype(np.int64),
            self._known_of(list(seen)),
            np.array(at, np.int64),
            np.array(places, np.int64),
            np.array(labels, np.int64),
            np.array(gold, np.int64),
            np.array(weight, np.float32),
        )

    def _rows_of(self, word: str, hide: int) -> list[int]:
        key = (word, hide)
        if key not in self._rows:
            if len(self._rows) > 200_000:
                self._rows.clear()
            self._rows[key] = rows(word, self._lexicon, Hide(hide))
        return self._rows[key]

    def _known_of(self, seen: list[tuple[str, int]]) -> Floats:
        if len(self._known) > 200_000:
            self._known.clear()
        new = list({word for word, _ in seen if word not in self._known})
        if new:
            self._known.update(zip(new, self._vectors.of(new), strict=True))
        hidden = int(Hide.ALL | Hide.SIGHT)
        return np.stack([_NOTHING if hide & hidden else self._known[word] for word, hide in seen])


def _pick(draw: float, found: bool) -> int:
    """Which families of features a word loses; `draw` is uniform in [0, 1)."""
    if draw < _HIDDEN_WHOLLY:
        return int(Hide.ALL)
    rest, share, hidden = (draw - _HIDDEN_WHOLLY) / (1 - _HIDDEN_WHOLLY), _HIDDEN_FOUND if found else _HIDDEN_PLAIN, 0
    for family in (Hide.LEXICON, Hide.FORM, Hide.LETTERS, Hide.SIGHT):
        if rest < share:
            hidden, rest = hidden | int(family), rest / share
        else:
            rest = (rest - share) / (1 - share)
    return hidden


def train(seed: int, count: int, report: bool = False) -> bytes:
    """Train on `count` notes; the bytes of the weights file."""
    random = np.random.default_rng(seed)
    learner = Learner(random)
    batches = Batches(random, lx.load(trained=True))
    steps, full_rate, losses = max(count // NOTES_A_BATCH, 1), learner.rate, []
    began = time.process_time()
    for step, some in enumerate(_in_batches(notes(seed, count))):
        learner.rate = full_rate * min((step + 1) / 100, max(1 - step / steps, 0.02))
        losses.append(learner.learn(batches.make(some)))
        if report and step % 250 == 249:
            print(
                f"{step + 1}/{steps} loss {np.mean(losses[-250:]):.4f} {time.process_time() - began:.0f} s", flush=True
            )
    return Weights.quantised(learner.learnt(), learner.layers)


def _in_batches(source: Iterator[Note]) -> Iterator[list[Note]]:
    batch: list[Note] = []
    for note in source:
        batch.append(note)
        if len(batch) == NOTES_A_BATCH:
            yield batch
            batch = []


def run(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m masking.model.train", description="Train the prose model.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--notes", type=int, default=NOTES)
    parser.add_argument("--out", type=Path, default=FILE, help="where to write; the shipped file by default")
    options = parser.parse_args(arguments)
    if os.environ.get(_THREADS) != "1":  # read when numpy is loaded; sums of one thread are the same on every run
        os.execve(sys.executable, [sys.executable, "-m", __spec__.name, *sys.argv[1:]], {**os.environ, _THREADS: "1"})  # noqa: S606
    options.out.write_bytes(train(options.seed, options.notes, report=True))
    if options.out == FILE:
        record(FILE)
    print(f"{options.out}: {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(run())
