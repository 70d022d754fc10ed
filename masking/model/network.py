"""The prose model's arithmetic: a small convolutional tagger in numpy.

    u_w = relu(x_w A + v_w B + a)                               (WORD)     once for each different word
    e_i = u_w(i) + place_i                                      (WORD)
    h_i = relu(sum over -3..3 of e_(i+o) W_o + u_label L + b)   (HIDDEN)
    z_i = relu(sum over -2..2 of h_(i+o) V_o + c)               (TOP)
    t_i = relu(sum over -2..2 of z_(i+3o) X_o + d)              (LAST)
    p_i = softmax(t_i T + z_i Y + h_i R + y)                    one probability for each of TAGS

x_w is the sum of the word's embedding rows (WIDTH), v_w what vectors.py knows of it (SIGHT). It sees eleven tokens to
each side, and the label of the token's line.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from .tokens import PLACES
from .vectors import SIGHT

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

WIDTH, WORD, HIDDEN, TOP, LAST = 48, 96, 192, 128, 96
REACH, FAR, FURTHER, STEP = 3, 2, 2, 3
PAD = REACH + FAR + FURTHER * STEP
KINDS = ("name", "address", "date", "age", "phone", "id")
TAGS = ("O", *(f"{edge}-{kind}" for kind in KINDS for edge in "BI"))
SHAPES: Mapping[str, tuple[int, ...]] = {
    "A": (WIDTH, WORD),
    "B": (SIGHT, WORD),
    "a": (WORD,),
    "place": (PLACES, WORD),
    "W": ((2 * REACH + 1) * WORD, HIDDEN),
    "L": (WORD, HIDDEN),
    "b": (HIDDEN,),
    "V": ((2 * FAR + 1) * HIDDEN, TOP),
    "c": (TOP,),
    "X": ((2 * FURTHER + 1) * TOP, LAST),
    "d": (LAST,),
    "T": (LAST, len(TAGS)),
    "Y": (TOP, len(TAGS)),
    "R": (HIDDEN, len(TAGS)),
    "y": (len(TAGS),),
}


def window(rows: Floats, reach: int, step: int = 1) -> Floats:
    """Each row beside its neighbours, `step` apart: (n, width) becomes (n, (2 reach + 1) width); zeros at the ends."""
    count, width = rows.shape
    edge, span = reach * step, 2 * reach + 1
    wide = np.zeros((count + 2 * edge, width), np.float32)
    wide[edge : edge + count] = rows
    strides = (width * 4, step * width * 4, 4)
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(wide, (count, span, width), strides)).reshape(
        count, span * width
    )


def probabilities(layers: Mapping[str, Floats], words: Floats, at: Ints, places: Ints, labels: Ints) -> Floats:
    """Tag probabilities, shape (tokens, len(TAGS)).

    `words` (words + 1, WORD) holds u_w and a row of zeros at its end; `at` indexes it for each token, -1 being the
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
    top *= inside
    last = window(top, FURTHER, STEP) @ layers["X"]
    last += layers["d"]
    np.maximum(last, 0, out=last)
    logits = last @ layers["T"]
    logits += top @ layers["Y"]
    logits += hidden @ layers["R"]
    logits += layers["y"]
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    chances: Floats = logits.astype(np.float32, copy=False)
    return chances
