"""The two errors that callers see."""

from __future__ import annotations

from policy_lang.diagnostic import ERROR, Diagnostic


class PolicyError(ValueError):
    """A policy that was not loaded. `diagnostics` has every finding, errors first in the order of the text.

    `code`, `message` and `help` are those of the first error.
    """

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=lambda d: d.severity != ERROR))
        first = self.diagnostics[0]
        self.code, self.message, self.help = first.code, first.message, first.help
        super().__init__(self.message)

    def __str__(self) -> str:
        return "\n\n".join(str(d) for d in self.diagnostics)


class RequestError(ValueError):
    """A request that cannot be read; `field` names the key. Nothing was decided."""

    code = "HG060"

    def __init__(self, field: str, message: str, help: str = "") -> None:  # noqa: A002
        self.field, self.message, self.help = field, message, help
        super().__init__(message)

    def __str__(self) -> str:
        text = f"error[{self.code}]: {self.message}"
        return f"{text}\n  help: {self.help}" if self.help else text
