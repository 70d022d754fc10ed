"""Every diagnostic code, read from codes.toml; docs/reference/diagnostics.md is made from the same table."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from policy_lang.diagnostic import severity as severity_of


@dataclass(frozen=True)
class Code:
    """A stable code. `wrong` gives this finding and no other error, `mended` does not give it."""

    code: str
    title: str
    why: str
    wrong: str = ""
    mended: str = ""

    @property
    def severity(self) -> str:
        return severity_of(self.code)


@cache
def codes() -> dict[str, Code]:
    """The table, in the order of the codes."""
    text = resources.files("policy_lang").joinpath("codes.toml").read_text(encoding="utf-8")
    return {code: Code(code, **entry) for code, entry in sorted(tomllib.loads(text).items())}
