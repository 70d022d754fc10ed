"""Amounts on the command line: neither negative nor without end."""

from __future__ import annotations

import argparse
import math

__all__ = ["count", "span"]


def count(text: str) -> int:
    """A whole number from 0 on. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise argparse.ArgumentTypeError(f'"{text[:40]}" is no whole number from 0 on')
    return int(text)


def span(text: str) -> float:
    """A number from 0 on. Raises ArgumentTypeError."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not (math.isfinite(found) and 0 <= found < 1e9):
        raise argparse.ArgumentTypeError(f'"{text[:40]}" is no number from 0 on')
    return found
