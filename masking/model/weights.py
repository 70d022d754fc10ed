"""The prose model's weights: one .npz without pickles, bytes for the embeddings, half floats for the layers.

The digest of the shipped file stands in digests.py. Loading checks it before numpy parses a byte.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from masking.errors import MaskingError

from .digests import shipped
from .features import ROWS
from .network import SHAPES, WIDTH, Floats

FILE = Path(__file__).with_name("prose.npz")
_HELP = "reinstall hoopgate[masking], or train the model anew with `make model`"


@dataclass(frozen=True, slots=True)
class Weights:
    """`table` (ROWS + 1, WIDTH) int8 with one `scale` a row, the last row zero; `layers` by name, as network.SHAPES."""

    table: npt.NDArray[np.int8]
    scale: Floats
    layers: Mapping[str, Floats]

    @classmethod
    def load(cls, path: Path = FILE) -> Weights:
        """Read the shipped weights. Raises MaskingError when the file is missing or not the one that was shipped."""
        return cls.parse(shipped(path, "prose.npz", "the prose model's weights"))

    @classmethod
    def parse(cls, content: bytes) -> Weights:
        """Read the bytes of a weights file that is already trusted. Raises MaskingError when shapes do not fit."""
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        wanted = {"table": (ROWS, WIDTH), "scale": (ROWS,), **SHAPES}
        if {name: array.shape for name, array in arrays.items()} != wanted:
            raise MaskingError("HM011", "the prose model's weights do not fit this version", _HELP)
        table = np.zeros((ROWS + 1, WIDTH), np.int8)
        table[:ROWS] = arrays["table"]
        scale = np.append(arrays["scale"].astype(np.float32), np.float32(0))
        return cls(table, scale, {name: arrays[name].astype(np.float32) for name in SHAPES})

    @classmethod
    def quantised(cls, table: Floats, layers: Mapping[str, Floats]) -> bytes:
        """The bytes of a weights file for float weights: `table` (ROWS, WIDTH). Same weights, same bytes."""
        scale = (np.abs(table).max(axis=1) / 127).astype(np.float16)
        steps = np.where(scale > 0, scale, 1).astype(np.float32)[:, None]
        small = np.clip(np.rint(table / steps), -127, 127).astype(np.int8)
        target = io.BytesIO()
        halves: dict[str, npt.NDArray[np.float16]] = {name: layers[name].astype(np.float16) for name in SHAPES}
        np.savez(target, allow_pickle=False, table=small, scale=scale, **halves)
        return target.getvalue()

    def embed(self, rows: list[int]) -> Floats:
        """The sum of embedding rows, shape (WIDTH,)."""
        at = np.asarray(rows, np.int64)
        return self.scale[at] @ self.table[at].astype(np.float32)
