"""Back-propagation and Adam for the prose model's network, by hand, in numpy.

Gradients follow network.py line by line. Adam: Kingma and Ba, arXiv:1412.6980; rows of the embedding table are moved
only when a batch touches them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .features import ROWS
from .network import FAR, FURTHER, REACH, SHAPES, STEP, TAGS, WIDTH, WORD, Floats, Ints, window

_BETA1, _BETA2, _TINY = 0.9, 0.99, 1e-6
_FIRST = {"place": 0.02, "B": 0.07}  # the spread of first weights, where it is not the root of two by the inputs


@dataclass(frozen=True, slots=True)
class Batch:
    """Tokens of some notes in one row, padded between notes.

    `rows` and `starts` are the distinct words' embedding rows end to end, `known` what vectors.py says of each; `at`,
    `places`, `labels` as network.probabilities takes them; `gold` a tag a token; `weight` 0 on padding.
    """

    rows: Ints
    starts: Ints
    known: Floats
    at: Ints
    places: Ints
    labels: Ints
    gold: Ints
    weight: Floats


@dataclass(slots=True)
class Learner:
    """The float weights in training, and Adam's moments."""

    random: np.random.Generator
    rate: float = 2e-3
    dropout: float = 0.15
    table: Floats = field(init=False)
    layers: dict[str, Floats] = field(init=False)
    _moments: dict[str, tuple[Floats, Floats]] = field(init=False)
    _step: int = 0

    def __post_init__(self) -> None:
        draw = self.random.standard_normal
        self.table = (draw((ROWS, WIDTH), dtype=np.float32) * np.float32(0.02)).astype(np.float32)
        self.layers = {}
        for name, shape in SHAPES.items():
            scale = np.float32(_FIRST.get(name, np.sqrt(2 / shape[0])) if len(shape) > 1 else 0.0)
            self.layers[name] = (draw(shape, dtype=np.float32) * scale).astype(np.float32)
        everything = {"table": self.table, **self.layers}
        self._moments = {name: (np.zeros_like(value), np.zeros_like(value)) for name, value in everything.items()}

    def learn(self, batch: Batch) -> float:
        """One step down the gradient; the batch's mean loss before it."""
        loss, touched, rows, grads = self._gradients(batch)
        self._step += 1
        for name, grad in grads.items():
            self._move(name, self.layers[name], grad, slice(None))
        self._move("table", self.table, rows, touched)
        return loss

    def learnt(self) -> Floats:
        """The embedding table with zeros in the rows that no word of training had."""
        seen = self._moments["table"][1].any(axis=1, keepdims=True)
        return np.where(seen, self.table, np.float32(0))

    def _move(self, name: str, value: Floats, grad: Floats, at: slice | Ints) -> None:
        first, second = self._moments[name]
        first[at] = _BETA1 * first[at] + (1 - _BETA1) * grad
        second[at] = _BETA2 * second[at] + (1 - _BETA2) * grad * grad
        bias = np.sqrt(1 - _BETA2**self._step) / (1 - _BETA1**self._step)
        value[at] -= np.float32(self.rate * bias) * first[at] / (np.sqrt(second[at]) + np.float32(_TINY))

    def _mask(self, shape: tuple[int, int]) -> Floats:
        keep = self.random.random(shape, dtype=np.float32) >= self.dropout
        return keep.astype(np.float32) / np.float32(1 - self.dropout)

    def _gradients(self, batch: Batch) -> tuple[float, Ints, Floats, dict[str, Floats]]:
        layers, count = self.layers, len(batch.at)
        inside = (batch.at >= 0).astype(np.float32)[:, None]
        # forward
        sums = np.add.reduceat(self.table[batch.rows], batch.starts)
        vectors = np.zeros((len(sums) + 1, WORD), np.float32)
        vectors[:-1] = np.maximum(sums @ layers["A"] + batch.known @ layers["B"] + layers["a"], 0)
        keep_words = self._mask((count, WORD)) * inside
        inputs = window((vectors[batch.at] + layers["place"][batch.places]) * keep_words, REACH)
        labels = vectors[batch.labels]
        hidden = np.maximum(inputs @ layers["W"] + labels @ layers["L"] + layers["b"], 0)
        keep_hidden = self._mask(hidden.shape) * inside
        hidden *= keep_hidden
        wide = window(hidden, FAR)
        top = np.maximum(wide @ layers["V"] + layers["c"], 0)
        keep_top = self._mask(top.shape) * inside
        top *= keep_top
        wider = window(top, FURTHER, STEP)
        last = np.maximum(wider @ layers["X"] + layers["d"], 0)
        logits = last @ layers["T"] + top @ layers["Y"] + hidden @ layers["R"] + layers["y"]
        logits -= logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        chances /= chances.sum(axis=1, keepdims=True)
        total = float(batch.weight.sum())
        right = chances[np.arange(count), batch.gold]
        loss = float((-np.log(right + 1e-9) * batch.weight).sum()) / total
        # backward
        d_logits = chances.copy()
        d_logits[np.arange(count), batch.gold] -= 1
        d_logits *= (batch.weight / np.float32(total))[:, None]
        grads = {"T": last.T @ d_logits, "Y": top.T @ d_logits, "R": hidden.T @ d_logits, "y": d_logits.sum(axis=0)}
        d_last = (d_logits @ layers["T"].T) * (last > 0)
        grads["X"], grads["d"] = wider.T @ d_last, d_last.sum(axis=0)
        d_top = unwindow(d_last @ layers["X"].T, FURTHER, STEP) + d_logits @ layers["Y"].T
        d_top *= (top > 0) * keep_top
        grads["V"], grads["c"] = wide.T @ d_top, d_top.sum(axis=0)
        d_hidden = unwindow(d_top @ layers["V"].T, FAR) + d_logits @ layers["R"].T
        d_hidden *= (hidden > 0) * keep_hidden
        grads["W"], grads["L"], grads["b"] = inputs.T @ d_hidden, labels.T @ d_hidden, d_hidden.sum(axis=0)
        d_inputs = unwindow(d_hidden @ layers["W"].T, REACH) * keep_words
        grads["place"] = scatter(batch.places, d_inputs, len(layers["place"]))
        words = len(vectors)
        d_vectors = scatter(batch.at % words, d_inputs, words)
        d_vectors += scatter(batch.labels % words, d_hidden @ layers["L"].T, words)
        d_sums = d_vectors[:-1] * (vectors[:-1] > 0)
        grads["A"], grads["B"], grads["a"] = sums.T @ d_sums, batch.known.T @ d_sums, d_sums.sum(axis=0)
        lengths = np.diff(np.append(batch.starts, len(batch.rows)))
        touched, rows = gather(batch.rows, np.repeat(d_sums @ layers["A"].T, lengths, axis=0))
        return loss, touched, rows, grads


def unwindow(wide: Floats, reach: int, step: int = 1) -> Floats:
    """The gradient of `network.window`: each neighbour's share summed back."""
    count, span, edge = len(wide), 2 * reach + 1, reach * step
    width = wide.shape[1] // span
    out = np.zeros((count + 2 * edge, width), np.float32)
    for at in range(span):
        out[at * step : at * step + count] += wide[:, at * width : (at + 1) * width]
    return out[edge : edge + count]


def gather(at: Ints, values: Floats) -> tuple[Ints, Floats]:
    """The distinct indices, and the sum of the values of each."""
    order = np.argsort(at, kind="stable")
    ordered = at[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return ordered[starts], np.add.reduceat(values[order], starts)


def scatter(at: Ints, values: Floats, size: int) -> Floats:
    """An array (size, width) with each value added at its index."""
    out = np.zeros((size, values.shape[1]), np.float32)
    found, sums = gather(at, values)
    out[found] = sums
    return out


def gold_tags(spans: list[tuple[int, int, str]], starts: list[int], words: list[str]) -> list[int]:
    """The tag of each token under labelled character spans (start, end, kind), begin then inside."""
    tags = [0] * len(starts)
    for first, last, kind in spans:
        edge = "B"
        for at, start in enumerate(starts):
            if start >= last:
                break
            if start + len(words[at]) > first:
                tags[at] = TAGS.index(f"{edge}-{kind}")
                edge = "I"
    return tags
