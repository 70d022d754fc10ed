"""What the process remembers of texts: bounded, by keyed digests, never the texts themselves."""

from __future__ import annotations

import gc

import pytest

import masking
from masking import reading, steps
from masking import scanner as scan
from masking.remembered import NOTHING, Recent, Remembered

KEY = b"k" * 32


def test_the_oldest_half_is_forgotten_first() -> None:
    table: Recent[int] = Recent(8, 100)
    for number in range(40):
        table.put(b"%d" % number, number, 1)
        assert len(table.young) + len(table.old) <= 8
    assert table.get(b"39") == 39
    assert table.get(b"30") is None


def test_what_weighs_too_much_is_not_kept_and_weight_is_bounded() -> None:
    table: Recent[int] = Recent(1000, 100)
    table.put(b"heavy", 1, 51)
    assert table.get(b"heavy") is None
    for number in range(100):
        table.put(b"%d" % number, number, 10)
        assert len(table.young) + len(table.old) <= 10


def test_a_digest_has_128_bits_and_a_key_of_its_own() -> None:
    one, two = Remembered(), Remembered()
    assert len(one.digest(b"Okafor")) == 16
    assert one.digest(b"Okafor") == one.digest(b"Okafor") != two.digest(b"Okafor")


def test_texts_of_one_python_hash_do_not_share_a_verdict() -> None:
    """`hash` of -1 and -2 agree, and so may those of texts; what is kept does not go by it."""

    class Same(str):
        __slots__ = ()

        def __hash__(self) -> int:
            return 1

    masker = masking.Masker(masking.ALL, KEY, ner="none")
    assert not masker.mask_text(Same("BP 120/80")).changed
    assert masker.mask_text(Same("SSN 123-45-6789")).changed


def test_engines_and_plans_have_tables_of_their_own() -> None:
    remembered, engine = Remembered(), object()
    remembered.verdicts(engine, prose=True).put(b"x", NOTHING, 0)
    assert remembered.verdicts(object(), prose=True).get(b"x") is None
    assert remembered.verdicts(engine, prose=True).get(b"x") is NOTHING


def test_no_text_is_kept_after_masking() -> None:
    secret = "Zyxwvuts-" + "Qponmlkj"
    note = f"{secret} walked in"
    masker = masking.Masker({"ssn": "redact"}, KEY, ner="none")
    for _ in range(3):
        masker.mask_json({"resourceType": "Observation", "note": {"text": note}})
        masker.mask_text(note)
    tables = masker._detector.remembered
    del note
    held = [item for item in gc.get_referrers(tables) if isinstance(item, str)]
    kept = [*tables.verdicts(None, prose=False).young, *tables.verdicts(None, prose=True).young]
    assert not held
    assert kept
    assert all(isinstance(key, bytes) and len(key) == 16 for key in kept)


def test_what_is_kept_of_shapes_is_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many shapes, fields and outcomes of `system` there are, and however long the names."""
    monkeypatch.setattr(steps, "_MAX_HELD", 500)
    masker = masking.Masker(masking.ALL, KEY, ner="none")

    def word(number: int) -> str:
        return "".join(chr(97 + int(digit)) for digit in str(number))

    for number in range(600):
        inner = {word(number): 1, "ssn": "123-45-6789", "b": {word(number): {"system": f"urn:{number}", "value": "1"}}}
        out = masker.mask_json({word(number % 7): [inner], "long name " * number: {}}).value
        assert "123-45-6789" not in str(out)
        kept = [shape for node in steps._nodes.values() for shape in node.values()]
        weight = sum(len(shape.plan.keys) * (1 + len(shape.steps)) for shape in kept) + len(steps._nodes)
        assert weight <= 500
        assert sum(len(parent) for parent, _ in steps._nodes) <= 64 * 500


def test_patterns_read_no_state_of_a_note_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is asked once more about what masking left; the patterns have read that before."""
    texts: list[str] = []
    read = reading.read

    def noted(text: str, scanner: scan.Scanner, depth: int = 0) -> reading.Reading:
        texts.append(text)
        return read(text, scanner, depth)

    monkeypatch.setattr(reading, "read", noted)
    monkeypatch.setattr(scan.shared(), "remembered", Remembered())
    masked = masking.Masker(None, KEY).mask_text("Mrs. Okonjowski was seen by Dr. Marcus Hale and slept well.")
    assert "Okonjowski" not in masked.value
    assert len(texts) == len(set(texts)) == 2


def test_what_stands_for_all_uuids_tells_each_its_own() -> None:
    """One mask is shared by all UUIDs; digests, tokens and kinds are of each by itself."""
    ids = [f"0deb25d0-4f98-45b4-b82c-{number:012}" for number in range(3)]
    obj = [{"id": ids[0], "reference": f"urn:uuid:{ids[1]}"}, {"id": ids[1], "reference": f"urn:uuid:{ids[2]}"}]
    found = masking.Masker(None, KEY, ner="none").mask_json(obj)
    assert found.value == [{"id": "[ID]", "reference": "urn:uuid:[ID]"}] * 2
    digests = [finding.digest for finding in found.findings]
    assert [finding.where for finding in found.findings] == [
        "$[0].id", "$[0].reference", "$[1].id", "$[1].reference"
    ]  # fmt: skip
    assert digests[1] == digests[2]
    assert len(set(digests)) == 3
