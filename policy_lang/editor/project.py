"""The policy that a document belongs to: every `.hoop` file of its folder and below, open ones as they are typed.

A folder whose own folder holds `.hoop` files too is a part of that one's policy. What is no file is a policy alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from policy_lang.diagnostic import Diagnostic
from policy_lang.examination import Examination, examination
from policy_lang.files import read_sources
from policy_lang.load import Parsed
from policy_lang.parse import parse
from policy_lang.scope import Problems, Scope, declare
from policy_lang.source import Source
from policy_lang.world import World, read_world

__all__ = ["Project"]

LOCK = "hoopgate.lock"


@dataclass(frozen=True)
class Project:
    """One policy. `sources` are named by their absolute paths (what is no file, by its URI); `unread` says what could
    not be read.
    """

    sources: tuple[Source, ...]
    unread: tuple[Diagnostic, ...] = ()
    world: World | None = None

    @classmethod
    def around(cls, path: Path, opened: Mapping[Path, str]) -> Project:
        """The project of a document; `opened` are texts that stand before what is on disk."""
        folder = _root(path.parent)
        found, unread = read_sources(folder) if folder.is_dir() else ([], [])
        texts = {Path(source.name): source.text for source in found}
        texts |= {name: text for name, text in opened.items() if name == path or folder in name.parents}
        return cls(tuple(Source(str(name), texts[name]) for name in sorted(texts)), tuple(unread), _world(path.parent))

    @classmethod
    def alone(cls, name: str, text: str) -> Project:
        """The project of a document that is no file, or none yet."""
        return cls((Source(name, text),))

    @cached_property
    def parsed(self) -> Parsed:
        """Each source with as much of it as can be parsed."""
        return [(source, parse(source)[0]) for source in self.sources]

    @cached_property
    def scope(self) -> Scope:
        """What is declared where."""
        return declare(self.parsed, Problems())

    @cached_property
    def examined(self) -> Examination:
        """Everything that `hoopgate check` says."""
        return examination(self.sources, self.world)

    def source(self, name: str) -> Source | None:
        """The document of that name."""
        return next((source for source in self.sources if source.name == name), None)


def _root(folder: Path) -> Path:
    """The outermost folder up to which each one holds policies."""
    while folder.parent != folder and any(folder.parent.glob("*.hoop")):
        folder = folder.parent
    return folder


def _world(folder: Path) -> World | None:
    """The nearest lockfile from the folder up."""
    for place in (folder, *folder.parents):
        if (place / LOCK).is_file():
            found = read_world(place / LOCK)
            return None if isinstance(found, Diagnostic) else found
    return None
