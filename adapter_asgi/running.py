"""What runs on which approval and which lease, so that taking one back ends what runs on it.

One event loop; nothing here waits. Whoever runs on something enters it with a function that cuts the run short, and
leaves when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

__all__ = ["Cut", "Running"]

Cut = Callable[[str], None]
"""Ends a run soon; takes the words that its client is told."""


class Running:
    """Runs by the ids of what they run on."""

    def __init__(self) -> None:
        self._runs: dict[str, list[Cut]] = {}

    def __contains__(self, id_: str) -> bool:
        return id_ in self._runs

    def enter(self, id_: str, cut: Cut) -> None:
        """From now on this run depends on `id_`."""
        self._runs.setdefault(id_, []).append(cut)

    def leave(self, ids: Iterable[str], cut: Cut) -> None:
        """The run that entered these is over."""
        for id_ in ids:
            cuts = self._runs[id_]
            cuts.remove(cut)
            if not cuts:
                del self._runs[id_]

    def cut(self, id_: str, words: str) -> int:
        """Cut everything that runs on `id_`; how many that were."""
        cuts = [*self._runs.get(id_, ())]
        for cut in cuts:
            cut(words)
        return len(cuts)
