"""Recall, character leak, precision and false masks, by kind, of hoopgate and its peers on notes nobody was trained on.

    .venv/bin/python benchmarks/masking_quality.py [--notes N] [--peers hoopgate,presidio,…] [--errors] [--fhir DIR]
    .venv/bin/python benchmarks/masking_quality.py --set fresh      # or another of masking_model.SETS
    .venv/bin/python benchmarks/masking_quality.py --structured 200 # records of nine formats: what is left of them

A labelled stretch counts as found when every letter and digit of it is covered. Character leak is the part of the
labelled letters and digits that stays readable; false masks are the part of all others that does not. On FHIR bundles
every value of a patient's demographics is looked for in the masked bundle, and codes and measures must be untouched.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import masking_model
import unseen_notes
from masking_peers import MAKERS, Peer, peers

ROOT = Path(__file__).resolve().parents[1]
FHIR = ROOT.parent / "shared" / "data" / "synthea"
_TITLE = re.compile(r"(?:Mr|Mrs|Ms|Dr|Serial number)\.? ")
_KEPT = ("code", "system", "unit", "status", "resourceType", "display")


def measure(peer: Peer, notes: list[unseen_notes.Note], *, errors: bool) -> dict[str, Any]:
    """One peer's figures on labelled notes."""
    total, missed = Counter[str](), Counter[str]()
    right = wrong = leaked = labelled = other = masked_other = 0
    for note in notes:
        found = peer.find(note.text)
        covered, gold = bytearray(len(note.text)), bytearray(len(note.text))
        for start, end in found:
            covered[start:end] = b"\1" * (end - start)
        for start, end, kind in note.spans:
            gold[start:end] = b"\1" * (end - start)
            total[kind] += 1
            open_ = [
                i
                for i in range(start, end)
                if note.text[i].isalnum() and not covered[i] and not _titled(note.text, start, i)
            ]
            missed[kind] += bool(open_)
            leaked += len(open_)
            labelled += sum(char.isalnum() for char in note.text[start:end])
            if open_ and errors:
                print(f"  missed {kind}: {note.text[start:end]!r} in {note.text[max(0, start - 30) : end + 20]!r}")
        for start, end in found:
            hit = any(gold[start:end])
            right, wrong = right + hit, wrong + (not hit)
            if not hit and errors:
                print(f"  false mask: {note.text[start:end]!r} in {note.text[max(0, start - 30) : end + 20]!r}")
        rest = [i for i, char in enumerate(note.text) if char.isalnum() and not gold[i]]
        other += len(rest)
        masked_other += sum(covered[i] for i in rest)
    return {
        "recall": 1 - sum(missed.values()) / sum(total.values()),
        "precision": right / max(1, right + wrong),
        "leak": leaked / labelled,
        "false": masked_other / other,
        "kinds": {kind: (total[kind] - missed[kind], total[kind]) for kind in total},
    }  # fmt: skip


def _titled(text: str, start: int, index: int) -> bool:
    """`Mr.` before a name, and the label inside a labelled stretch, may stay."""
    title = _TITLE.match(text, start)
    return title is not None and index < title.end()


def fhir(folder: Path) -> None:
    """Values of demographics that are left in masked bundles, and codes and measures that changed."""
    import masking

    left = changed = values = facts = 0
    for file in sorted(folder.glob("*.json")):
        bundle = json.loads(file.read_text(encoding="utf-8"))
        masked = masking.Masker(masking.ALL, b"benchmark").mask_json(bundle).value
        text = json.dumps(masked)
        known = _demographics(bundle)
        values += len(known)
        left += sum(value in text for value in known)
        a, b = list(_facts(bundle)), list(_facts(masked))
        facts += len(a)
        changed += sum(one != two for one, two in zip(a, b, strict=True))
    print(f"\nFHIR: {left} of {values} demographic values left; {changed} of {facts} codes and measures changed")


def _demographics(bundle: dict[str, Any]) -> set[str]:
    out: set[str] = set()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] in ("Patient", "Practitioner"):
            for name in resource.get("name", []):
                out |= {name.get("family", ""), *name.get("given", [])}
            out |= {identifier["value"] for identifier in resource.get("identifier", [])}
            out |= {telecom["value"] for telecom in resource.get("telecom", [])}
            out |= {line for address in resource.get("address", []) for line in address.get("line", [])}
            out.add(resource.get("birthDate", ""))
    return {value for value in out if len(value) > 3}


def _facts(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if "unit" in value and "value" in value:
            yield value["value"]
        for name, item in value.items():
            if name in _KEPT and isinstance(item, str) and key != "identifier":
                yield item
            else:
                yield from _facts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _facts(item, key)


def structured(count: int) -> None:
    """Values that are left in records of every format, and facts that are lost."""
    sys.path.insert(0, str(ROOT))
    import masking
    from tests.masking.structured import records

    left, values, lost, facts, broken = Counter[str](), Counter[str](), Counter[str](), Counter[str](), 0
    for seed in range(count):
        for record in records(seed):
            out = masking.Masker(masking.ALL, b"benchmark").mask_text(record.text).value
            values[record.name] += len(record.gone)
            left[record.name] += sum(re.search(rf"(?<!\w){re.escape(v)}(?!\w)", out) is not None for v in record.gone)
            facts[record.name] += len(record.kept)
            lost[record.name] += sum(fact not in out for fact in record.kept)
            broken += record.text[0] == "{" and not _parses(out)
    for name in values:
        print(f"{name:10} {left[name]:4} of {values[name]} values left   {lost[name]:4} of {facts[name]} facts lost")
    print(f"{broken} broken JSON texts")


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=120)
    parser.add_argument("--peers", default=",".join(name for name in MAKERS if name != "hoopgate-both"))
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--fhir", type=Path, default=FHIR)
    parser.add_argument("--set", choices=masking_model.SETS)
    parser.add_argument("--structured", type=int, metavar="RECORDS")
    options = parser.parse_args()
    if options.structured:
        structured(options.structured)
        return
    notes = list(unseen_notes.notes(count=options.notes))
    if options.set:
        samples = masking_model.unseen(path=masking_model.DATA / f"prose_{options.set}.txt")
        notes = [unseen_notes.Note(sample.text, sample.gold) for sample in samples]
    print(f"{len(notes)} notes, {sum(len(n.spans) for n in notes)} labelled stretches")
    print(f"{'':34}{'recall':>8}{'precision':>11}{'char leak':>11}{'false masks':>13}")
    for peer in peers(options.peers.split(",")):
        result = measure(peer, notes, errors=options.errors)
        print(
            f"{peer.name:34}{result['recall']:8.3f}{result['precision']:11.3f}{result['leak']:11.2%}{result['false']:13.2%}"
        )
        print("    " + "  ".join(f"{kind} {found}/{of}" for kind, (found, of) in result["kinds"].items()))
    if options.fhir.is_dir() and not options.set:
        fhir(options.fhir)


if __name__ == "__main__":
    run()
