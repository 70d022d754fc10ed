"""What is documented is what there is: every code a client can see, every state of the exchange."""

from __future__ import annotations

import re
from pathlib import Path

from gate.exchange import TABLE

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"\b(?:GT|EP|SES|UP|LCK)\d{2,3}\b")
SOURCES = (
    *(ROOT / "gate").glob("*.py"),
    *(ROOT / "adapter_asgi" / "upstream").glob("*.py"),
    *(ROOT / "adapter_asgi" / "workers").glob("*.py"),
    *(ROOT / "adapter_asgi" / name for name in ("endpoint.py", "pump.py", "sessions.py", "locking.py")),
)


def test_every_code_that_the_gate_gives_is_documented_and_no_other() -> None:
    raised = {code for path in SOURCES for code in re.findall(rf'"({CODE.pattern})"', path.read_text())}
    documented = set(CODE.findall((ROOT / "docs" / "reference" / "refusals.md").read_text()))
    assert documented == raised


def test_the_states_of_the_exchange_are_those_of_the_explanation() -> None:
    page = (ROOT / "docs" / "explanation" / "gate.md").read_text()
    rows = re.findall(r"^\| (\w+) \|", page, re.MULTILINE)
    assert set(rows) - {"state"} == {state for state, _ in TABLE}
