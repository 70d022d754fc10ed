"""The one error of this package. No message ever carries text that was to be masked."""

from __future__ import annotations


class MaskingError(Exception):
    """A mask that cannot be made as asked: a bad plan, a missing detector, a broken model.

    `.code` is stable, `.message` says what was found, `.help` what to do. None of them holds input text.
    """

    def __init__(self, code: str, message: str, help: str = "") -> None:  # noqa: A002 - the project's error contract
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help

    def __str__(self) -> str:
        rendered = f"error[{self.code}]: {self.message}"
        return f"{rendered}\n  help: {self.help}" if self.help else rendered
