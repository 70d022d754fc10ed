"""What the console's tests share. `office` is an empty gate; `busy` one with a few recorded sessions."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from office import Office  # noqa: E402 (found by the line above)
from office import office as opened  # noqa: E402


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A gate whose store holds nothing but its own start."""
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
async def busy(office: Office) -> Office:
    """Three runs: 574 reads (masked), 575 is refused twice, 576 reads twice and is refused once."""
    await office.call("read", {"patient": "7"}, run="574")
    await office.call("delete", {"patient": "7"}, run="575")
    await office.call("unheard_of", {"patient": "7"}, run="575")
    await office.call("read", {"patient": "7"}, run="576")
    await office.call("read_notes", {"patient": "8"}, run="576")
    await office.call("delete", {"patient": "8"}, run="576", ref="fix", ref_path="refs/heads/fix")
    return office
