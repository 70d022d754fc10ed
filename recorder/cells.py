"""Cells for spreadsheets: text that no spreadsheet takes for a formula (OWASP, "CSV injection")."""

from __future__ import annotations

__all__ = ["guarded"]

_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # the last: = + - @ at full width


def guarded(cell: str) -> str:
    """The cell's text; an apostrophe goes before what a spreadsheet would compute."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
