"""How well and how fast the prose model tags text that it was not trained on.

    .venv/bin/python benchmarks/masking_model.py [--weights FILE] [--errors] [--masker | --spacy NOTES]

Yardsticks: notes with templates, names and habits of their own, rendered four times each (tests/masking/data:
prose_unseen.txt, whose errors were read while the generator was made better; prose_second.txt, which lines of the
generator were written with in mind; prose_held_out.txt, prose_fresh.txt and the fourth to the twenty-seventh set, each
written after the generator and rules it was first measured with); prose_plain.txt, in which nobody is identified and
all that is masked is masked in vain; and, where it is at hand,
Presidio's synthetic sentences, which are general English. None of them is trained on.
Recall counts a labelled span as found when every letter and digit of it is covered. What is written in one with a label
counts neither way: the unit of an age (`-year-old`), the time of day behind a date, the state inside an address.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "masking" / "data"
SETS = (
    "unseen",
    "second",
    "held_out",
    "fresh",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty_first",
    "twenty_second",
    "twenty_third",
    "twenty_fourth",
    "twenty_fifth",
    "twenty_sixth",
    "twenty_seventh",
)
UNSEEN, HELD_OUT = DATA / "prose_unseen.txt", DATA / "prose_held_out.txt"
PLAIN = DATA / "prose_plain.txt"
SENTENCES = ROOT.parent / "shared" / "data" / "presidio_synth_v2.json"
_SLOT = re.compile(r"\{([a-z])\d\}|\[\[(\?|[a-z]+):([^\]]*)\]\]")
_KINDS = {"g": "name", "f": "name", "c": "address", "h": "address", "s": "address", "z": "address", "d": "date",
          "m": "date", "y": "date", "p": "phone", "i": "id", "a": "age", "e": "email"}  # fmt: skip
_SENTENCE_KINDS = {
    "PERSON": "name",
    "STREET_ADDRESS": "address",
    "ZIP_CODE": "address",
    "DATE_TIME": "date",
    "PHONE_NUMBER": "phone",
}
_NEUTRAL = {"GPE", "ORGANIZATION", "NRP", "TITLE", "AGE"}

_STAYS = re.compile(r"(?i)'?\d{2,4}s?|(?:mon|tues|wednes|thurs|fri|satur|sun)day")  # a year or a weekday alone may stay

_RIDERS = {  # what a masker may cover with a label of that kind, or leave
    "age": re.compile(r"(?i)[ -]?(?:years?|yrs?|y)\b(?:[ -]old\b|/o\b|\.o\.)?|\s?yo\b|[mf]\b"),
    "date": re.compile(r"(?i),?\s(?:at\s)?(?:\d{4}\b(?!/)h?|\d{1,2}:\d\d(?:\s?[ap]m\b)?)"),
    "address": re.compile(r"(?:,\s?|\s)[A-Z]{2}(?=[\s.,;]|$)"),
}

Labelled = tuple[int, int, str]


class Sample(NamedTuple):
    """A text, what identifies in it, and the stretches that count neither way."""

    text: str
    gold: list[Labelled]
    neutral: list[Labelled]


def unseen(copies: int = 4, path: Path = UNSEEN) -> Iterator[Sample]:
    """Notes of a file of templates, each rendered `copies` times with other people."""
    blocks = path.read_text(encoding="utf-8").split("\n===\n")
    lists: dict[str, list[str]] = {}
    for line in blocks[0].splitlines():
        key, _, values = line.partition(": ")
        lists[key] = values.split("|") if "|" in values else values.split()
    for number, block in enumerate(blocks[1:]):
        for copy in range(copies):
            yield _render(Random(f"{number}/{copy}"), block.strip("\n"), lists)


def _render(random: Random, block: str, lists: dict[str, list[str]]) -> Sample:
    chosen: dict[str, str] = {}
    text, gold, neutral, last = "", [], [], 0
    for slot in _SLOT.finditer(block):
        text += block[last : slot.start()]
        value = chosen.setdefault(slot[0], random.choice(lists[slot[1]])) if slot[1] else slot[3]
        kind = _KINDS[slot[1]] if slot[1] else slot[2]
        (neutral if kind == "?" else gold).append((len(text), len(text) + len(value), kind))
        text, last = text + value, slot.end()
    text += block[last:]
    draw = random.random()
    if draw < 0.08:
        text = text.upper()
    elif draw < 0.16:
        text = text.lower()
    gold = _join(text, gold)
    return Sample(text, gold, neutral + list(_riders(text, gold)))


def _riders(text: str, gold: list[Labelled]) -> Iterator[Labelled]:
    """The stretches right behind a label that are written in one with it."""
    for _, end, kind in gold:
        rider = _RIDERS[kind].match(text, end) if kind in _RIDERS else None
        if rider:
            yield end, rider.end(), "?"


def _join(text: str, spans: list[Labelled]) -> list[Labelled]:
    joined: list[Labelled] = []
    for start, end, kind in spans:
        if joined and joined[-1][2] == kind and text[joined[-1][1] : start] in (" ", ", "):
            joined[-1] = (joined[-1][0], end, kind)
        else:
            joined.append((start, end, kind))
    return joined


def sentences() -> Iterator[Sample]:
    """Presidio's synthetic sentences, as far as their labels mean what Safe Harbor means."""
    for row in json.loads(SENTENCES.read_text(encoding="utf-8")):
        spans = [(span["start_position"], span["end_position"], span["entity_type"]) for span in row["spans"]]
        text = row["full_text"]
        years = {span for span in spans if _STAYS.fullmatch(text[span[0] : span[1]])}
        gold = [
            (start, end, _SENTENCE_KINDS[kind])
            for start, end, kind in spans
            if kind in _SENTENCE_KINDS and (start, end, kind) not in years
        ]
        yield Sample(text, gold, [span for span in spans if span[2] not in _SENTENCE_KINDS or span in years])


class Score:
    """Counts of one yardstick."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()
        self.touched: Counter[str] = Counter()
        self.gold: Counter[str] = Counter()
        self.leaked = self.secret = self.masked = self.plain = self.right = self.predicted = 0
        self.misses: list[str] = []
        self.false: list[str] = []

    def add(self, sample: Sample, spans: list[Labelled]) -> None:
        text, covered = sample.text, bytearray(len(sample.text))
        secret, neutral = bytearray(len(text)), bytearray(len(text))
        for target, some in ((covered, spans), (secret, sample.gold), (neutral, sample.neutral)):
            for start, end, _ in some:
                target[start:end] = b"\1" * (end - start)
        for start, end, kind in sample.gold:
            letters = [at for at in range(start, end) if text[at].isalnum()]
            left = sum(not covered[at] for at in letters)
            self.gold[kind] += 1
            self.found[kind] += not left
            self.touched[kind] += left < len(letters)
            self.leaked += left
            self.secret += len(letters)
            if left:
                self.misses.append(f"{kind:8}{_show(text, start, end)}")
        for start, end, kind in spans:
            if any(neutral[start:end]) and not any(secret[start:end]):
                continue
            self.predicted += 1
            self.right += any(secret[start:end])
            if not any(secret[start:end]):
                self.false.append(f"{kind:8}{_show(text, start, end)}")
        for at, char in enumerate(text):
            if char.isalnum() and not secret[at] and not neutral[at]:
                self.plain += 1
                self.masked += covered[at]

    def line(self) -> str:
        total = sum(self.gold.values())
        in_vain = f"false mask {100 * self.masked / self.plain:.2f} %"
        if not total:
            return f"{in_vain} of {self.plain} letters, in {len(self.false)} spans"
        by_kind = " ".join(f"{kind} {self.found[kind] / count:.3f}" for kind, count in sorted(self.gold.items()))
        whole, touched = (sum(counts.values()) / total for counts in (self.found, self.touched))
        return (
            f"recall {whole:.3f} (touched {touched:.3f}) leak {100 * self.leaked / self.secret:.2f} % "
            f"precision {self.right / max(self.predicted, 1):.3f} {in_vain} "
            f"of {total} spans | {by_kind}"
        )


def _show(text: str, start: int, end: int) -> str:
    return f"{text[max(start - 35, 0) : start]}[[{text[start:end]}]]{text[end : end + 25]}".replace("\n", "⏎")


def measure(tag: Callable[[list[str]], list[list[Labelled]]], samples: list[Sample]) -> Score:
    score = Score()
    for sample, spans in zip(samples, tag([sample.text for sample in samples]), strict=True):
        score.add(sample, spans)
    return score


def _tagger(weights: Path | None) -> Callable[[list[str]], list[list[Labelled]]]:
    from masking.model.tagger import Tagger, load
    from masking.model.weights import Weights

    tagger = Tagger(Weights.parse(weights.read_bytes())) if weights else load()
    return lambda texts: [[(span.start, span.end, span.kind) for span in spans] for spans in tagger.tag(texts)]


def _masker() -> Callable[[list[str]], list[list[Labelled]]]:
    """The whole masker: patterns, lexicon and the model."""
    import masking

    def found(text: str) -> list[Labelled]:  # a session of its own: no text is to learn from another
        findings = masking.Masker(None, b"benchmark key of 32 bytes ......").mask_text(text).findings
        return [_place(finding.where, finding.kind) for finding in findings]

    return lambda texts: list(map(found, texts))


def _place(where: str, kind: str) -> Labelled:
    start, _, end = where.partition(":")
    return int(start), int(end), kind


def _spacy_peer(count: int) -> Callable[[list[str]], list[list[Labelled]]]:
    """The other candidate: a small spaCy CNN trained on the first `count` notes of the same generator, once through."""
    import spacy
    from spacy.training import Example

    from masking.model.corpus import notes

    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    for kind in ("name", "address", "date", "age", "phone", "id"):
        ner.add_label(kind)
    optimizer = nlp.initialize()
    batch: list[Example] = []
    began = time.process_time()
    for note in notes(20, count):
        doc = nlp.make_doc(note.text)
        spans = [doc.char_span(start, end, kind, alignment_mode="expand") for start, end, kind in note.spans]
        gold = spacy.util.filter_spans([span for span in spans if span is not None])
        batch.append(
            Example.from_dict(doc, {"entities": [(span.start_char, span.end_char, span.label_) for span in gold]})
        )
        if len(batch) == 16:
            nlp.update(batch, sgd=optimizer, drop=0.2)
            batch = []
    print(f"spaCy CNN trained on {count} notes in {time.process_time() - began:.0f} CPU-seconds")
    keep = lambda ent, doc: ent.label_ != "age" or re.search(r"9\d|1[0-4]\d", ent.text)  # noqa: E731 - the decoder's rule for ages
    return lambda texts: [
        [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents if keep(ent, doc)] for doc in nlp.pipe(texts)
    ]


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, help="another weights file")
    parser.add_argument("--errors", action="store_true", help="print what was missed and what was masked in vain")
    parser.add_argument("--masker", action="store_true", help="measure the whole masker instead of the model alone")
    parser.add_argument(
        "--spacy", type=int, metavar="NOTES", help="measure a spaCy CNN trained on so many notes instead"
    )
    options = parser.parse_args()
    tag = _spacy_peer(options.spacy) if options.spacy else _masker() if options.masker else _tagger(options.weights)
    yardsticks = {f"prose_{name}": list(unseen(path=DATA / f"prose_{name}.txt")) for name in SETS}
    yardsticks[PLAIN.stem] = list(unseen(path=PLAIN))
    if SENTENCES.exists():
        yardsticks["Presidio's sentences"] = list(sentences())
    for name, samples in yardsticks.items():
        score = measure(tag, samples)
        print(f"{name}: {score.line()}")
        if options.errors:
            for title, rows in (("missed", score.misses), ("in vain", score.false)):
                print(f"-- {title}", *(f"{count:3} {row}" for row, count in Counter(rows).most_common(400)), sep="\n")
    texts = [sample.text for sample in yardsticks[UNSEEN.stem]]
    size = sum(len(text.encode()) for text in texts) / 1e6
    began = time.process_time()
    tag(texts)
    print(f"speed, warm: {size / (time.process_time() - began):.2f} MB per CPU-second ({size:.2f} MB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(run())
