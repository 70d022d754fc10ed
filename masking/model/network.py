"""The prose model's arithmetic: a small convolutional tagger in numpy.

    x_w = sum of the word's embedding rows                      (WIDTH)
    u_w = relu(x_w A + a)                                       (WIDTH)    once for each different word
    e_i = u_w(i) + place_i                                      (WIDTH)
    h_i = relu(sum over -3..3 of e_(i+o) W_o + u_label L + b)   (HIDDEN)
    z_i = relu(sum over -2..2 of h_(i+o) V_o + c)               (TOP)
    p_i = softmax(z_i Y + h_i R + y)                            one probability for each of TAGS

It sees five tokens to each side, and the label of the token's line.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from .tokens import PLACES

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

WIDTH, HIDDEN, TOP = 48, 128, 96
REACH, FAR = 3, 2
PAD = REACH + FAR
KINDS = ("name", "address", "date", "age", "phone", "id")
TAGS = ("O", *(f"{edge}-{kind}" for kind in KINDS for edge in "BI"))
SHAPES: Mapping[str, tuple[int, ...]] = {
    "A": (WIDTH, WIDTH),
    "a": (WIDTH,),
    "place": (PLACES, WIDTH),
    "W": ((2 * REACH + 1) * WIDTH, HIDDEN),
    "L": (WIDTH, HIDDEN),
    "b": (HIDDEN,),
    "V": ((2 * FAR + 1) * HIDDEN, TOP),
    "c": (TOP,),
    "Y": (TOP, len(TAGS)),
    "R": (HIDDEN, len(TAGS)),
    "y": (len(TAGS),),
}


def window(rows: Floats, reach: int) -> Floats:
    """Each row beside its neighbours: (n, width) becomes (n, (2 reach + 1) width); beyond the ends stand zeros."""
    count, width = rows.shape
    wide = np.zeros((count + 2 * reach, width), np.float32)
    wide[reach : reach + count] = rows
    span = 2 * reach + 1
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(wide, (count, span * width), (width * 4, 4)))


def probabilities(layers: Mapping[str, Floats], words: Floats, at: Ints, places: Ints, labels: Ints) -> Floats:
    """Tag probabilities, shape (tokens, len(TAGS)).

    `words` (words + 1, WIDTH) holds u_w and a row of zeros at its end; `at` indexes it for each token, -1 being the
    padding between texts; `labels` indexes it too, -1 for no label.
    """
    inside = (at >= 0).astype(np.float32)[:, None]
    hidden = window((words[at] + layers["place"][places]) * inside, REACH) @ layers["W"]
    hidden += (words @ layers["L"])[labels]
    hidden += layers["b"]
    np.maximum(hidden, 0, out=hidden)
    hidden *= inside
    top = window(hidden, FAR) @ layers["V"]
    top += layers["c"]
    np.maximum(top, 0, out=top)
    logits = top @ layers["Y"]
    logits += hidden @ layers["R"]
    logits += layers["y"]
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    chances: Floats = logits.astype(np.float32, copy=False)
    return chances
