"""The generator and the trainer: the same seed gives the same notes and the same bytes."""

from __future__ import annotations

from itertools import islice

from masking.model import lexicon as lx
from masking.model.corpus import notes
from masking.model.learning import gold_tags
from masking.model.network import KINDS, TAGS
from masking.model.tokens import cut
from masking.model.train import train
from masking.model.weights import Weights


def test_a_training_run_gives_the_same_bytes_twice() -> None:
    first = train(seed=7, count=96)
    assert first == train(seed=7, count=96)
    assert Weights.parse(first).table.any()


def test_the_same_seed_gives_the_same_notes_and_another_gives_others() -> None:
    assert list(notes(3, 20)) == list(notes(3, 20))
    assert list(notes(3, 20)) != list(notes(4, 20))


def test_every_span_of_a_note_stands_in_its_text_in_order() -> None:
    for note in notes(5, 300):
        last = 0
        for start, end, kind in note.spans:
            assert last <= start < end <= len(note.text)
            assert kind in KINDS
            assert note.text[start:end].strip()
            last = end


def test_notes_have_every_kind_and_enough_that_is_none() -> None:
    some = list(islice(notes(6, 300), 300))
    assert {kind for note in some for _, _, kind in note.spans} == set(KINDS)
    assert sum(not note.spans for note in some) > 10


def test_a_span_becomes_one_begin_and_its_insides() -> None:
    text = "Dr. Ana de Luz left"
    tokens = cut(text)
    tags = [TAGS[tag] for tag in gold_tags([(4, 14, "name")], tokens.starts, tokens.words)]
    assert tags == ["O", "O", "B-name", "I-name", "I-name", "O"]


def test_words_listed_since_the_weights_were_trained_count_for_reading_and_not_for_training() -> None:
    now, then = lx.load(), lx.load(trained=True)
    assert now.flags("horizant") & lx.DRUG
    assert now.flags("chilaiditi") & lx.EPONYM
    assert not then.flags("horizant")
    assert not then.flags("chilaiditi")
    assert now.flags("smith") == then.flags("smith")
