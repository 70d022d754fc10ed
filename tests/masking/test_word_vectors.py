"""What the prose model knows of words: the same in any casing, of parts too, only from the file that was shipped."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from masking.errors import MaskingError
from masking.model import lexicon, vectors
from masking.model.digests import DIGESTS
from masking.model.vectors import DEPTH, SIGHT, Floats, Vectors
from masking.model.weights import FILE as WEIGHTS


@pytest.fixture(scope="module")
def known() -> Vectors:
    return vectors.load()


def near(known: Vectors, one: str, other: str) -> float:
    """The cosine of two words' vectors, written with a capital."""
    first, second = (known.of([word])[0, DEPTH : 2 * DEPTH] for word in (one, other))
    return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))


def test_the_shipped_file_is_the_one_of_the_digest_table_and_all_that_is_shipped_is_small() -> None:
    assert hashlib.sha256(vectors.FILE.read_bytes()).hexdigest() == DIGESTS["vectors.npz"]
    assert sum(file.stat().st_size for file in (vectors.FILE, lexicon.FILE, WEIGHTS)) <= 10_000_000


@pytest.mark.parametrize("spoil", ["missing", "altered"])
def test_a_file_that_is_missing_or_altered_is_a_refusal_to_start(
    spoil: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors.npz"
    if spoil == "altered":
        altered = bytearray(vectors.FILE.read_bytes())
        altered[len(altered) // 2] ^= 1
        path.write_bytes(altered)
    monkeypatch.setattr(vectors, "FILE", path)
    with pytest.raises(MaskingError) as refused:
        vectors.load.__wrapped__()
    assert refused.value.code == ("HM010" if spoil == "missing" else "HM011")


def test_casing_does_not_matter_and_an_unknown_word_is_all_zeros(known: Vectors) -> None:
    rows = known.of(["kowalski", "Kowalski", "KOWALSKI", "xqzvwk", "120/80", ","])
    assert rows.shape == (6, SIGHT)
    assert (rows[0] == rows[1]).all()
    assert (rows[1] == rows[2]).all()
    assert not rows[3:].any()


def test_a_word_that_is_written_small_and_with_a_capital_has_a_vector_of_each(known: Vectors) -> None:
    both, capital = known.of(["may", "kowalski"])
    assert both[-2:].tolist() == [1, 1]
    assert capital[-2:].tolist() == [0, 1]
    assert (both[:DEPTH] != both[DEPTH : 2 * DEPTH]).any()


def test_names_are_nearer_to_names_and_drugs_to_drugs(known: Vectors) -> None:
    assert near(known, "Jennifer", "Michelle") > near(known, "Jennifer", "Ibuprofen")
    assert near(known, "Ibuprofen", "Naproxen") > near(known, "Ibuprofen", "Michelle")


def test_an_unknown_word_of_two_parts_is_known_by_its_parts(known: Vectors) -> None:
    whole, first, second = known.of(["Kowalski-Okafor", "Kowalski", "Okafor"])
    assert whole == pytest.approx((first + second) / 2)


def test_nothing_is_asked_of_no_words(known: Vectors) -> None:
    empty: Floats = known.of([])
    assert empty.shape == (0, SIGHT)
