"""Texts that hold structure: JSON (and more to come)."""

from __future__ import annotations

import json
from typing import Any


def read(text: str, masker: Any) -> Any:
    if text[:1] not in "{[" or text[-1:] not in "}]":
        return None
    try:
        obj = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(obj, (dict, list)):
        return None
    masked = masker.mask_json(obj)
    if not masked.changed:
        return text, ()
    from .walk import Stand

    return json.dumps(masked.value, ensure_ascii=False), tuple(
        Stand("", f.kind, f.detector, f.method, f.digest) for f in masked.findings
    )
