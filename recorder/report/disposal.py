"""What a report notices of erasures and holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from recorder.reader import Record
from recorder.report.figure import Figures

if TYPE_CHECKING:
    from recorder.report.observers import Asked

__all__ = ["Disposal"]


class Disposal:
    """Erasures, and the holds that should have stopped them. Acts lie in logs of their own: time orders them."""

    def listens(self) -> dict[str, Callable[[Record, dict[str, Any], bool], None]]:
        return dict.fromkeys(("hold.set", "hold.lifted", "session.erased"), self._take)

    def __init__(self, figures: Figures, asked: Asked) -> None:
        del asked
        self._figures = figures
        self._acts: list[tuple[Record, bool]] = []

    def _take(self, record: Record, data: dict[str, Any], counted: bool) -> None:
        del data
        self._acts.append((record, counted))

    def finish(self) -> None:
        holds: dict[str, frozenset[str]] = {}
        for record, counted in sorted(self._acts, key=lambda act: act[0].leaf["time"]):
            data = record.data
            if record.kind == "hold.set":
                holds[data["hold"]] = frozenset(data.get("targets", ()))
            elif record.kind == "hold.lifted":
                holds.pop(data.get("hold", ""), None)
            elif counted:
                target = str(data.get("target", ""))
                self._figures["erasures"].add(record, target)
                if any(target in targets for targets in holds.values()):
                    self._figures["erasures.held"].add(record, target)
