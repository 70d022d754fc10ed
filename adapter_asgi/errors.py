"""The one base error of the adapter. Each is data: a stable code, what is wrong, and the mend."""

from __future__ import annotations

__all__ = ["AdapterError", "SettingsError"]


class AdapterError(Exception):
    """Something that a user or operator can mend.

    `code` is stable (docs/reference/errors in each part's page), `message` names the thing and the place, `help`
    says what to do and may be "". Neither ever holds a token, a secret or patient data.
    """

    def __init__(self, code: str, message: str, help: str = "") -> None:  # noqa: A002 (the attribute's public name)
        super().__init__(code, message, help)
        self.code = code
        self.message = message
        self.help = help

    def __str__(self) -> str:
        tail = f"\n  help: {self.help}" if self.help else ""
        return f"error[{self.code}]: {self.message}{tail}"


class SettingsError(AdapterError):
    """The configuration cannot be used (codes CFG…). Nothing was started."""
