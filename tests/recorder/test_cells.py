"""No spreadsheet takes a cell of ours for a formula."""

from __future__ import annotations

import pytest

from recorder.cells import guarded


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20A1", "="]
)
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "1-2", " =1", "'=1", "ehr/search"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell
