"""Requests as JSON text that a person can paste: numbers exact, nothing that does not show."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r'"\\u0000([^"]*)\\u0000"')


def request_text(request: dict[str, Any], indent: int | None = None) -> str:
    """A request in JSON, as `hoopgate decide` reads it."""
    readable = json.dumps(request, ensure_ascii=False, default=_exact, indent=indent)
    shows = all(line.isprintable() for line in readable.split("\n"))
    text = readable if shows else json.dumps(request, ensure_ascii=True, default=_exact, indent=indent)
    return _NUMBER.sub(r"\1", text)


def _exact(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"\0{value:f}\0"
    raise TypeError(f"{type(value).__name__} is not JSON")
