"""Makes the compression dictionary from invented messages: `python -m recorder.training 1 > 1.zdict`.

A dictionary lies in clear in every installation, so it is trained on what this module makes up and on nothing else:
the shapes of MCP, FHIR and SQL answers, filled with random digits and invented words. Each version keeps its file for
ever, because payloads name the dictionary they were written with.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["samples", "train"]

SIZE = 32 * 1024
SAMPLES = 6000
Make = Callable[[random.Random], Any]

_SYLLABLES = (
    "ba",
    "cor",
    "den",
    "fi",
    "gal",
    "hu",
    "jor",
    "kel",
    "lim",
    "mon",
    "nor",
    "pa",
    "quin",
    "ros",
    "sta",
    "tor",
)
_CODING = {
    "Observation": ("http://loinc.org", "Blood pressure"),
    "Condition": ("http://snomed.info/sct", "Hypertension"),
    "MedicationRequest": ("http://www.nlm.nih.gov/research/umls/rxnorm", "Metformin 500 MG Oral Tablet"),
    "Encounter": ("http://snomed.info/sct", "Encounter for check up (procedure)"),
    "Procedure": ("http://snomed.info/sct", "Documentation of current medications"),
    "AllergyIntolerance": ("http://snomed.info/sct", "Allergy to peanuts"),
    "Immunization": ("http://hl7.org/fhir/sid/cvx", "Influenza, seasonal, injectable"),
}


def _word(dice: random.Random) -> str:
    return "".join(dice.choice(_SYLLABLES) for _ in range(2)).capitalize()


def _hex(dice: random.Random, count: int) -> str:
    return "".join(dice.choice("0123456789abcdef") for _ in range(count))


def _uuid(dice: random.Random) -> str:
    return "-".join(_hex(dice, count) for count in (8, 4, 4, 4, 12))


def _digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choice("0123456789") for _ in range(count))


def _date(dice: random.Random) -> str:
    return f"{dice.randint(1930, 2026)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"


def _time(dice: random.Random) -> str:
    return f"{_date(dice)}T{dice.randint(0, 23):02d}:{dice.randint(0, 59):02d}:{dice.randint(0, 59):02d}Z"


def _masked(dice: random.Random, kind: str, value: str) -> str:
    """A value as it is released: mostly masked, by redaction or by token."""
    return dice.choice((f"[{kind}]", f"[{kind}:{_hex(dice, 16)}]", value))


def _patient(dice: random.Random) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": _uuid(dice),
        "meta": {"versionId": "1", "lastUpdated": _time(dice)},
        "identifier": [
            {
                "use": "usual",
                "type": {"text": "MRN"},
                "system": "urn:oid:2.16.840.1",
                "value": _masked(dice, "MRN", _digits(dice, 7)),
            },
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": _masked(dice, "SSN", _digits(dice, 9))},
        ],
        "active": True,
        "name": [
            {
                "use": "official",
                "family": _masked(dice, "NAME", _word(dice)),
                "given": [_masked(dice, "NAME", _word(dice))],
            }
        ],
        "telecom": [
            {"system": "phone", "value": _masked(dice, "PHONE", f"555-{_digits(dice, 4)}"), "use": "home"},
            {"system": "email", "value": _masked(dice, "EMAIL", "someone@example.org")},
        ],
        "gender": dice.choice(("male", "female", "other", "unknown")),
        "birthDate": _masked(dice, "DATE", _date(dice)),
        "address": [
            {
                "use": "home",
                "line": [_masked(dice, "ADDRESS", f"{_digits(dice, 3)} {_word(dice)} Street")],
                "city": _masked(dice, "ADDRESS", _word(dice)),
                "state": "MA",
                "postalCode": _masked(dice, "ADDRESS", _digits(dice, 5)),
                "country": "US",
            }
        ],
        "maritalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "M"}]
        },
    }


def _clinical(dice: random.Random) -> dict[str, Any]:
    name = dice.choice(sorted(_CODING))
    system, display = _CODING[name]
    return {
        "resourceType": name,
        "id": _uuid(dice),
        "status": dice.choice(("final", "active", "finished", "completed")),
        "category": [
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}
                ]
            }
        ],
        "code": {"coding": [{"system": system, "code": _digits(dice, 6), "display": display}], "text": display},
        "subject": {"reference": f"Patient/{_uuid(dice)}", "display": _masked(dice, "NAME", _word(dice))},
        "encounter": {"reference": f"Encounter/{_uuid(dice)}"},
        "effectiveDateTime": _time(dice),
        "issued": _time(dice),
        "performer": [{"reference": f"Practitioner/{_uuid(dice)}"}],
        "valueQuantity": {
            "value": dice.randint(1, 300),
            "unit": "mmHg",
            "system": "http://unitsofmeasure.org",
            "code": "mm[Hg]",
        },
        "note": [
            {"text": f"Patient {_masked(dice, 'NAME', _word(dice))} was seen on {_date(dice)} and reports no pain."}
        ],
    }


def _bundle(dice: random.Random) -> dict[str, Any]:
    entries = [dice.choice((_patient, _clinical))(dice) for _ in range(dice.randint(1, 3))]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        "link": [{"relation": "self", "url": "http://127.0.0.1/fhir/Patient?_count=10"}],
        "entry": [
            {"fullUrl": f"urn:uuid:{item['id']}", "resource": item, "search": {"mode": "match"}} for item in entries
        ],
    }


def _rows(dice: random.Random) -> dict[str, Any]:
    row = {
        "id": dice.randint(1, 99999),
        "created_at": _time(dice),
        "status": "active",
        "amount": dice.randint(1, 9999) / 100,
    }
    return {"columns": list(row), "rows": [row for _ in range(dice.randint(1, 6))], "rowCount": dice.randint(1, 6)}


def _answer(dice: random.Random) -> dict[str, Any]:
    value = dice.choice((_patient, _clinical, _bundle, _rows))(dice)
    result: dict[str, Any] = {"content": [{"type": "text", "text": json.dumps(value, indent=dice.choice((None, 2)))}]}
    if dice.random() < 0.5:
        result["structuredContent"] = value
    return {"jsonrpc": "2.0", "id": dice.randint(1, 999), "result": {**result, "isError": False}}


def _call(dice: random.Random) -> dict[str, Any]:
    arguments = {
        "patient_id": _uuid(dice),
        "family": _word(dice),
        "limit": 10,
        "resourceType": "Patient",
        "query": "SELECT * FROM",
    }
    name = dice.choice(
        ("search_patients", "read_resource", "update_resource", "delete_resource", "query", "list_tables")
    )
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "progressToken": dice.randint(1, 99)}
    chosen = {key: arguments[key] for key in dice.sample(sorted(arguments), 2)}
    params = {"name": name, "arguments": chosen, "_meta": meta}
    return {"jsonrpc": "2.0", "id": dice.randint(1, 999), "method": "tools/call", "params": params}


def _initialize(dice: random.Random) -> dict[str, Any]:
    capabilities = {"roots": {"listChanged": True}, "sampling": {}, "elicitation": {}}
    client = {"name": _word(dice).lower(), "version": "1.0.0"}
    params = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": client}
    return {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}


def _tools(dice: random.Random) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"id": {"type": "string", "description": "The id"}}, "required": ["id"]}
    hints = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
    tools = [
        {
            "name": f"search_{_word(dice).lower()}",
            "description": "Search for",
            "inputSchema": schema,
            "annotations": hints,
        }
        for _ in range(3)
    ]
    return {"jsonrpc": "2.0", "id": dice.randint(1, 99), "result": {"tools": tools}}


def _refusal(dice: random.Random) -> dict[str, Any]:
    text = f'refused by rule "nobody deletes": this needs an approval. decision {_hex(dice, 32)}'
    return {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": text}], "isError": True}}


def _decision(dice: random.Random) -> dict[str, Any]:
    return {
        "effect": dice.choice(("allow", "deny", "approval")),
        "rules": [f"the {_word(dice).lower()} job reads patients"],
        "mask": {"name": "redact", "ssn": "redact", "date": "generalize", "mrn": "token"},
        "approvals": [
            {"from": ["data-owners"], "count": 1, "within": 3600, "for": None, "rule": "deletion needs a person"}
        ],
        "grant": {"profile": "ehr-read", "seconds": 900},
        "record": "masked",
        "retain": None,
        "limits": [],
        "reason": None,
        "policy": f"sha256:{_hex(dice, 64)}",
    }


def _findings(dice: random.Random) -> dict[str, Any]:
    where = "$.result.content[0].text"
    finding = {
        "kind": "name",
        "where": where,
        "detector": "field",
        "method": "redact",
        "digest": _hex(dice, 64),
        "rules": [],
    }
    return {"findings": [{**finding, "digest": _hex(dice, 64)} for _ in range(dice.randint(1, 6))], "withheld": []}


_MAKERS: tuple[tuple[Make, int], ...] = (
    (_answer, 10),
    (_call, 6),
    (_decision, 3),
    (_findings, 3),
    (_tools, 1),
    (_initialize, 1),
    (_refusal, 1),
)


def samples(count: int, seed: int = 1) -> list[bytes]:
    """Invented messages, the same for the same seed; some as server-sent events, as they are released on a stream."""
    dice = random.Random(seed)  # noqa: S311 - invented data, not a secret
    makers, weights = zip(*_MAKERS, strict=True)
    found = []
    for _ in range(count):
        value = dice.choices(makers, weights)[0](dice)
        text = json.dumps(value, separators=dice.choice(((",", ":"), (", ", ": "))))
        found.append((f"event: message\ndata: {text}\n\n" if dice.random() < 0.3 else text).encode())
    return found


def train(number: int) -> bytes:
    """The dictionary of that number, which is its zstd dictionary id too."""
    import zstandard

    return zstandard.train_dictionary(SIZE, list(samples(SAMPLES)), level=3, dict_id=number).as_bytes()


if __name__ == "__main__":
    sys.stdout.buffer.write(train(int(sys.argv[1])))
