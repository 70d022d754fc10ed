"""The policy's files as the disk has them: whether they changed, and who can have changed them.

What it does not do: ask the kernel for events. Looking once a second costs a stat a file, and works on every file
system and every way of replacing a file (in place, by rename, by a link that is turned).
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapter_asgi.errors import AdapterError

__all__ = ["Seen", "authors", "look", "look_at"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What tells one state of a file or directory from another, and whose it is."""

    modified: int
    size: int
    inode: int
    owner: int
    mode: int


def look(path: Path) -> dict[str, Seen]:
    """Every file of the policy at `path`, and the directories that name them. What cannot be read is left out."""
    found: dict[str, Seen] = {}
    if not path.is_dir():
        _note(found, path.parent)
        _note(found, path)
        return found
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        _note(found, Path(folder))
        for name in files:
            if name.endswith(".hoop") and not name.startswith("."):
                _note(found, Path(folder, name))
    return found


def look_at(path: Path) -> dict[str, Seen]:
    """One file, by itself. What cannot be read is left out."""
    found: dict[str, Seen] = {}
    _note(found, path)
    return found


def authors(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> str:
    """Who changed the policy: the owners of what differs, where nobody else (but root) can have written it.

    Raises AdapterError SRV04 where others may write a file or a directory of the policy: then an owner says nothing.
    """
    for name, seen in after.items():
        if seen.mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise AdapterError(
                "SRV04",
                f"others than its owner may write {name}, so nobody is named by its change",
                f'chmod go-w "{name}", or reload with `hoopgate reload --as NAME`',
            )
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    files = {name for name in changed if name in after and not stat.S_ISDIR(after[name].mode)}
    owners = {after[name].owner for name in (files or changed) if name in after}
    return ", ".join(sorted(map(_name, owners or {seen.owner for seen in after.values()})))


def _note(found: dict[str, Seen], path: Path) -> None:
    try:
        status = path.stat()
    except OSError:
        return
    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
    modified = 0 if stat.S_ISDIR(status.st_mode) else status.st_mtime_ns
    found[str(path)] = Seen(modified, size, status.st_ino, status.st_uid, status.st_mode)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
