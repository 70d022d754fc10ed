"""Which servers could not be reached when they were last called."""

from __future__ import annotations

__all__ = ["Reach"]


class Reach:
    """`down` holds a server's code (UP…) from a call that did not reach it to the next that does."""

    __slots__ = ("down",)

    def __init__(self) -> None:
        self.down: dict[str, str] = {}

    def failed(self, server: str, code: str) -> None:
        """A call of the server got no beginning of an answer."""
        self.down[server] = code

    def answered(self, server: str) -> None:
        """The server has begun an answer."""
        if self.down:
            self.down.pop(server, None)
