"""What `hoopgate decide --explain` does."""

from __future__ import annotations

import json
from typing import Any

from policy_lang.errors import PolicyError
from policy_lang.explaining.explanation import explain
from policy_lang.explaining.report import as_json, as_text
from policy_lang.files import read_sources
from policy_lang.variant import workbench


def explained(path: str, data: Any, as_data: bool) -> None:
    """Print why a request is decided as it is. Raises PolicyError, RequestError."""
    sources, problems = read_sources(path)
    if problems:
        raise PolicyError(problems)
    found = explain(workbench(sources), data)
    print(json.dumps(as_json(found), ensure_ascii=False, indent=2) if as_data else as_text(found))
