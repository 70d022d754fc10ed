"""How far a sink has come in each log of a store, on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

from adapter_asgi.errors import AdapterError

__all__ = ["Cursor"]


class Cursor:
    """`next(log)` is the first record that was not confirmed yet. Bound to one store and one target."""

    def __init__(self, path: Path, store: str, target: str) -> None:
        """Raises `AdapterError` SNK02 where the file is damaged or belongs to another store or target."""
        self._path, self._owner = path, {"store": store, "target": target}
        self._next: dict[str, int] = {}
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            data = None
        if not isinstance(data, dict) or {name: data.get(name) for name in self._owner} != self._owner:
            raise AdapterError(
                "SNK02", f"{path} is not this target's cursor in this store", "name another with --cursor, or remove it"
            )
        self._next = {str(log): int(seq) for log, seq in data["next"].items()}

    def next(self, log: int) -> int:
        """The record to go on with."""
        return self._next.get(str(log), 0)

    def confirm(self, log: int, seq: int) -> None:
        """Everything up to `seq` arrived: durable when this returns. Raises `AdapterError` SNK03."""
        self._next[str(log)] = seq + 1
        aside = self._path.with_name(self._path.name + ".new")
        try:
            with aside.open("w", encoding="utf-8") as file:
                json.dump({**self._owner, "next": self._next}, file)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._path)
        except OSError as error:
            raise AdapterError("SNK03", f"cannot write the cursor {self._path}: {error.strerror}") from None
