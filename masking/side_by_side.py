"""A report of what was masked, and a page for a person to compare original and masked on a sample."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

from .findings import Masked

_STYLE = (
    "body{font:14px/1.45 system-ui,sans-serif;margin:2rem;max-width:110rem}table{border-collapse:collapse;width:100%;"
    "table-layout:fixed}td,th{border:1px solid "
    "#bbb;padding:.5rem;vertical-align:top;text-align:left;white-space:pre-wrap;"
    "overflow-wrap:anywhere;font-family:ui-monospace,monospace}mark{background:#ffd9a8}ins{background:#c9f0cf;"
    "text-decoration:none}caption{text-align:left;font-weight:600;padding:.5rem "
    "0}.warn{background:#fde2e2;padding:.75rem}"
)
_WORD = re.compile(r"\[[A-Z_]+(?::[0-9a-f]+)?\]|\w+|\W")
_MAX_SHOWN = 200_000


class _Page(NamedTuple):
    name: str
    original: str
    masked: Masked[str]


class Pages:
    """Texts that were masked, for a report (no values) or a page (with the originals)."""

    def __init__(self) -> None:
        self._pages: list[_Page] = []

    def add(self, name: str, original: str, masked: Masked[str]) -> None:
        """Add one text."""
        self._pages.append(_Page(name, original, masked))

    def report(self, plan: Mapping[str, str]) -> str:
        """Findings of every text as JSON: kind, where, detector, method, digest; and counts. No value is in it."""
        total: Counter[str] = Counter()
        for page in self._pages:
            total.update(page.masked.counts)
        files = [{"file": p.name, "findings": [f._asdict() for f in p.masked.findings]} for p in self._pages]
        return json.dumps({"plan": dict(plan), "counts": dict(total), "files": files}, indent=1) + "\n"

    def html(self) -> str:
        """One page, original and masked side by side, changes marked. It holds the originals."""
        tables = "".join(map(_table, self._pages))
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Original and masked</title>'
            f'<style>{_STYLE}</style><h1>Original and masked</h1><p class="warn">The left column shows the originals. '
            f"Keep this page as you keep them.</p>{tables}</html>\n"
        )


def _table(page: _Page) -> str:
    before, after = page.original[:_MAX_SHOWN], page.masked.value[:_MAX_SHOWN]
    left, right = [], []
    for old, new in _lines(before, after):
        a, b = _marked(old, new)
        left.append(a)
        right.append(b)
    rows = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in zip(left, right, strict=True))
    counts = ", ".join(f"{kind} {count}" for kind, count in page.masked.counts.items()) or "nothing masked"
    caption = f"{html.escape(page.name)}: {html.escape(counts)}"
    return f"<table><caption>{caption}</caption><tr><th>original<th>masked</tr>{rows}</table>"


def _lines(before: str, after: str) -> list[tuple[str, str]]:
    old, new = before.split("\n"), after.split("\n")
    return list(zip(old, new, strict=True)) if len(old) == len(new) else [(before, after)]


def _marked(old: str, new: str) -> tuple[str, str]:
    """Both lines escaped, with what differs marked."""
    if old == new:
        return html.escape(old), html.escape(new)
    left: list[str] = []
    right: list[str] = []
    before, after = _WORD.findall(old), _WORD.findall(new)
    for tag, a, b, c, d in (
        SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if len(old) < 4000 else ()
    ):
        was, now = html.escape("".join(before[a:b])), html.escape("".join(after[c:d]))
        left.append(was if tag == "equal" or not was else f"<mark>{was}</mark>")
        right.append(now if tag == "equal" or not now else f"<ins>{now}</ins>")
    if not left:
        return f"<mark>{html.escape(old)}</mark>", f"<ins>{html.escape(new)}</ins>"
    return "".join(left), "".join(right)
