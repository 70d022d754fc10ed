"""Long input is masked in bounded memory: eight times the input, about the same peak."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import json, re, sys
import masking
kind, size = sys.argv[1], int(sys.argv[2])
row = {"last_name": "Okafor", "mrn": "00482913", "glucose": 104.0, "note": "BP 120/80. Lisinopril 10 mg daily."}
head, unit, tail = {
    "text": ("", "BP 120/80, Lisinopril 10 mg daily. Parkinson disease is stable. SSN 123-45-6789 again.\\n" * 40, ""),
    "run": ("", "9" * 4000, ""),
    "ndjson": ("", (json.dumps(row) + "\\n") * 40, ""),
    "csv": ("mrn,last_name,glucose\\n", "00482913,Okafor,104\\n" * 40, ""),
    "array": ("[", (json.dumps(row) + ",") * 40, "{}]"),
    "object": ('{"total": 1, "rows": [', (json.dumps(row) + ",") * 40, "{}]}"),
}[kind]
stream = masking.Masker(masking.ALL, b"k" * 32, ner="none").stream()
given = taken = len(stream.feed(head))
leaks = 0
while given < size:
    out = stream.feed(unit)
    given += len(unit)
    taken += len(out)
    leaks += "Okafor" in out or "123-45-6789" in out
out = stream.feed(tail) + stream.close()
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) >> 10  # getrusage counts the parent's
print(json.dumps({"peak": peak, "out": taken + len(out),
                  "leaks": leaks + ("Okafor" in out)}))
"""


def peak(kind: str, size: int) -> int:
    """MiB at most while `size` characters were masked."""
    import json

    done = subprocess.run([sys.executable, "-c", _PROGRAM, kind, str(size)], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["leaks"] == 0
    assert told["out"] > 0
    return int(told["peak"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("text", 16 << 20),
        ("run", 16 << 20),
        ("ndjson", 2 << 20),
        ("csv", 1 << 19),
        ("array", 8 << 20),
        ("object", 8 << 20),
    ],
)
def test_memory_does_not_grow_with_the_input(kind: str, size: int) -> None:
    assert peak(kind, size) < peak(kind, size // 8) + 60
