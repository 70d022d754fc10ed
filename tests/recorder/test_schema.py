"""The published schema is current, and every record that is made fits it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

import recorder
from recorder import schema
from recorder.entry import FIELDS, KINDS
from recorder.reader import Store

DOCS = Path(__file__).parents[2] / "docs" / "reference"

SAMPLES: dict[str, object] = {"text": "x", "int": 7, "bool": True, "texts": ["a", "b"], "counts": {"name": 2}}


def test_the_published_schema_and_page_are_what_the_code_says() -> None:
    assert json.loads((DOCS / "entries.schema.json").read_text()) == schema.schema()
    assert (DOCS / "entries.md").read_text() == schema.page()


def test_every_kind_and_every_field_makes_a_record_that_fits_the_schema(store: Path) -> None:
    metadata = {name: SAMPLES[kind] for name, (kind, _) in FIELDS.items()}
    with recorder.open(store) as log:
        for kind in KINDS:
            if kind not in ("session.erased", "retention.expired"):  # these have consequences
                log.submit(recorder.Entry(kind, "s", metadata, b"x", b"y", "full"))
        for level in ("masked", "digest", "off"):
            log.append(recorder.Entry("response", "s", {}, b"x", level=level))  # type: ignore[arg-type]
    validator = jsonschema.Draft202012Validator(schema.schema())
    leaves = [record.leaf for record in Store(store).records()]
    assert len(leaves) == len(KINDS) + 2
    for leaf in leaves:
        validator.validate(leaf)
