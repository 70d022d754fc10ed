"""The published schema of a record's leaf, and its reference page, both made from the tables in `recorder/entry.py`.

`python -m recorder.schema DIRECTORY` writes `entries.schema.json` and `entries.md`; a test holds that they are current.
Version 1 is what this module says. A later version adds kinds and fields, and reads what an earlier one wrote.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from recorder.entry import FIELDS, KINDS, LEVELS, MAX_ITEMS, MAX_LEAF, MAX_TEXT, OWN_KINDS, VERSION

__all__ = ["page", "schema"]

_TEXT = {"type": "string", "maxLength": MAX_TEXT}
_INT = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
_TYPES: dict[str, dict[str, Any]] = {
    "text": _TEXT,
    "int": _INT,
    "bool": {"type": "boolean"},
    "texts": {"type": "array", "items": _TEXT, "maxItems": MAX_ITEMS},
    "counts": {"type": "object", "additionalProperties": _INT, "maxProperties": MAX_ITEMS},
}
_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_ABSENT = {"type": "string"}


_INTRODUCTION = """\
Version {version}. A record is a *leaf*, which anyone who holds the store can read, and a *payload*, which is encrypted.
The leaf has `seq`, `time` (UTC nanoseconds), `mono` (nanoseconds since the log was opened), `kind`, `session`, `level`,
what the payload is committed to, and `data`: fields of the list below and no others. It is at most {leaf} bytes. What
is not in the list (arguments, URIs, reasons, JSON paths, masked values) belongs in the payload; a field that is not in
the list is refused, never recorded. The schema for programs is [entries.schema.json](entries.schema.json).
"""


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a leaf."""
    kept = {"sha256": _HASH, "commitment": _HASH, "size": {"type": "integer", "minimum": 0}, "absent": _ABSENT}
    body = {"type": "object", "properties": kept, "additionalProperties": False}
    introduced = {"id": _ID, "slot": {"type": "integer", "minimum": 0}, "sha256": _HASH}
    key = {
        "anyOf": [
            _ID,
            {"type": "object", "properties": introduced, "required": list(introduced), "additionalProperties": False},
        ]
    }
    properties = {
        "seq": {"type": "integer", "minimum": 0},
        "time": {"type": "integer", "description": "UTC, nanoseconds since 1970"},
        "mono": {"type": "integer", "minimum": 0, "description": "nanoseconds since the log was opened"},
        "v": {"const": VERSION},
        "kind": {"enum": [*KINDS, *OWN_KINDS]},
        "session": _TEXT,
        "level": {"enum": list(LEVELS)},
        "key": key,
        "payload": body,
        "original": body,
        "data": {
            "type": "object",
            "properties": {name: {**_TYPES[kind], "description": text} for name, (kind, text) in FIELDS.items()},
            "additionalProperties": False,
        },
    }
    required = ["seq", "time", "mono", "v", "kind", "session", "level", "data"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://hoopgate.example/schemas/leaf-v{VERSION}.json",
        "title": f"hoopgate leaf, version {VERSION}",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def page() -> str:
    """The reference page, in Markdown."""
    rows = [f"| `{name}` | {text} |" for name, text in KINDS.items()]
    own = [f"| `{name}` | {text} |" for name, text in OWN_KINDS.items()]
    fields = [f"| `{name}` | {kind} | {text} |" for name, (kind, text) in sorted(FIELDS.items())]
    return "\n".join(
        [
            "# Entries",
            "",
            "<!-- made by `python -m recorder.schema docs/reference`; change recorder/entry.py instead -->",
            "",
            *_INTRODUCTION.format(version=VERSION, leaf=f"{MAX_LEAF:,}").splitlines(),
            "",
            "## Kinds",
            "",
            "| kind | meaning |",
            "| --- | --- |",
            *rows,
            "",
            "The log itself adds:",
            "",
            "| kind | meaning |",
            "| --- | --- |",
            *own,
            "",
            "## Fields",
            "",
            f"`text` is printable and at most {MAX_TEXT} characters; `texts` is a list of at most {MAX_ITEMS};",
            "`counts` maps text to integers.",
            "",
            "| field | type | meaning |",
            "| --- | --- | --- |",
            *fields,
            "",
        ]
    )


def write(directory: Path) -> None:
    """Write both files."""
    (directory / "entries.schema.json").write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    (directory / "entries.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
