"""The files of a policy: one, or every `.hoop` of a directory. Bounded in number, size and time."""

from __future__ import annotations

import os
import stat
from os import PathLike
from pathlib import Path

from policy_lang.diagnostic import Diagnostic, unplaced
from policy_lang.source import Source
from policy_lang.text import MOST_CHARACTERS

_MOST_FILES = 10_000
_MOST_BYTES = MOST_CHARACTERS * 2


def read_sources(path: str | PathLike[str]) -> tuple[list[Source], list[Diagnostic]]:
    """The sources of a file or directory, in the order of their names, and what could not be read."""
    root = Path(path)
    try:
        mode = root.stat().st_mode
    except (OSError, ValueError) as error:
        return [], [
            unplaced(str(root), "HG007", f"cannot be read: {_why(error)}", "give a .hoop file or a directory of them")
        ]
    if not stat.S_ISDIR(mode):
        return _read_all([root])
    paths, problems = _walk(root)
    if problems:
        return [], problems
    if not paths:
        return [], [unplaced(str(root), "HG007", "the directory holds no .hoop file", "policies end in .hoop")]
    if len(paths) > _MOST_FILES:
        return [], [unplaced(str(root), "HG005", f"the directory holds more than {_MOST_FILES:,} policies")]
    return _read_all(sorted(paths))


def _walk(root: Path) -> tuple[list[Path], list[Diagnostic]]:
    """Every .hoop below a directory, and what could not be listed. Hidden directories are not entered.

    A linked directory is refused: entered it might never end, passed over its rules would be missing.
    """
    found: list[Path] = []
    problems: list[Diagnostic] = []

    def unlisted(error: OSError) -> None:
        why = f"cannot be read: {_why(error)}"
        problems.append(unplaced(str(error.filename), "HG007", why, "a policy is read whole or not at all"))

    for folder, folders, files in os.walk(root, onerror=unlisted, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [path for name in folders if (path := Path(folder, name)).is_symlink()]
        help_ = "put the files themselves there, or links to the files"
        problems += [unplaced(str(path), "HG007", "a linked directory", help_) for path in linked]
        found += [Path(folder, name) for name in files if name.endswith(".hoop") and not name.startswith(".")]
        if len(found) > _MOST_FILES:
            break
    return found, problems


def _read_all(paths: list[Path]) -> tuple[list[Source], list[Diagnostic]]:
    sources: list[Source] = []
    problems: list[Diagnostic] = []
    room = _MOST_BYTES
    for path in paths:
        outcome = _read(path, room)
        if isinstance(outcome, Diagnostic):
            problems.append(outcome)
        else:
            sources.append(outcome)
            room -= len(outcome.text)
    return sources, problems


def _read(path: Path, room: int) -> Source | Diagnostic:
    """One file, opened without waiting (a FIFO would), read no further than there is room."""
    name = str(path)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return unplaced(name, "HG007", "not a regular file", "remove it from the policy's directory")
            if status.st_size > room:
                return unplaced(
                    name,
                    "HG005",
                    f"the policy is larger than {_MOST_BYTES // 2**20} MiB",
                    "split what does not belong together into policies of their own",
                )
            data = file.read(room + 1)
    except OSError as error:
        return unplaced(name, "HG007", f"cannot be read: {_why(error)}", "")
    return decoded(name, data)


def decoded(name: str, data: bytes) -> Source | Diagnostic:
    """The source of a file's bytes, which must be UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8")) + 1
        return Diagnostic(
            "HG002",
            "error",
            f"not UTF-8: byte 0x{data[error.start]:02x}",
            "save the file as UTF-8",
            name,
            line,
            column,
            line,
            column + 1,
            "",
        )
    return Source(name, text.removeprefix("\ufeff"))


def _why(error: OSError | ValueError) -> str:
    return (error.strerror or "").lower() if isinstance(error, OSError) and error.strerror else str(error)
