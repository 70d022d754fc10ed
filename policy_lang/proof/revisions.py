"""The two sides of a difference: a file, a directory, or either as it stood in a git revision (`HEAD~1:policies/`).

A revision alone means the current directory as it stood there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from policy_lang.conflict import conflicts
from policy_lang.diagnostic import ERROR, Diagnostic, unplaced
from policy_lang.errors import PolicyError
from policy_lang.files import decoded, read_sources
from policy_lang.load import examine
from policy_lang.policy import Policy
from policy_lang.source import Source

_PATIENCE = 60  # seconds that git gets for one answer
_MOST_BYTES = 64 * 2**20
_HELP = "give a .hoop file, a directory of them, or one of these in a git revision: HEAD~1, HEAD~1:policies/"


def policy_at(place: str) -> Policy:
    """The policy at a path or in a revision. Its tests are not run and its `never`s not proved. Raises PolicyError."""
    sources, problems = sources_at(place)
    if problems:
        raise PolicyError(problems)
    meaning, _, _, found = examine(sources)
    errors = [one for one in found if one.severity == ERROR] or conflicts(meaning)
    if errors:
        raise PolicyError(errors)
    return Policy(meaning)


def sources_at(place: str) -> tuple[list[Source], list[Diagnostic]]:
    """What stands at a path; if there is no such path, in a revision: all of this directory unless a path follows."""
    revision, colon, path = place.partition(":")
    if Path(place).exists() or not (colon or _is_revision(place)):
        return read_sources(place)
    if not colon:
        place, path = f"{place}:./", "the directory in that revision"
    if not revision or revision.startswith("-"):
        return [], [unplaced(place, "HG007", "no such path, and no git revision before the colon", _HELP)]
    try:
        return _in_revision(place, path)
    except _GitError as error:
        return [], [unplaced(place, "HG007", f"git cannot read it: {error}", _HELP)]


def _is_revision(word: str) -> bool:
    if not word or word.startswith("-"):
        return False
    try:
        return bool(_git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}"))
    except _GitError:
        return False


class _GitError(Exception):
    """What git said, in one line."""


def _in_revision(place: str, path: str) -> tuple[list[Source], list[Diagnostic]]:
    if _git("cat-file", "-t", place).strip() == b"blob":
        names = {place: place}
    else:
        base = place if place.endswith(("/", ":")) else f"{place}/"
        names = {f"{base}{name}": f"{base}{name}" for name in _listed(place)}
    if not names:
        return [], [unplaced(place, "HG007", f"{path or 'the revision'} holds no .hoop file", "policies end in .hoop")]
    sources, problems, room = [], [], _MOST_BYTES
    for name in sorted(names):
        data = _git("cat-file", "blob", name)
        room -= len(data)
        if room < 0:
            return [], [unplaced(place, "HG005", f"the policy is larger than {_MOST_BYTES // 2**20} MiB")]
        outcome = decoded(name, data)
        if isinstance(outcome, Diagnostic):
            problems.append(outcome)
        else:
            sources.append(outcome)
    return sources, problems


def _listed(place: str) -> list[str]:
    """Every .hoop below a directory of a revision; hidden names are passed over, links refused, as on disk.

    Without `--full-tree` git leaves out what does not begin with the current directory of the work tree.
    """
    out = []
    for entry in _git("ls-tree", "-r", "-z", "--full-tree", place).split(b"\0"):
        head, _, raw = entry.partition(b"\t")
        name = raw.decode("utf-8", "surrogateescape")
        if not name.endswith(".hoop") or any(part.startswith(".") for part in name.split("/")):
            continue
        if head.startswith(b"120000"):
            raise _GitError(f"{name} is a link; a policy is made of files")
        out.append(name)
    return out


def _git(*words: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise _GitError("git is not installed")
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the words are ours but for the place, which is no option
            [program, *words], capture_output=True, timeout=_PATIENCE, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise _GitError("it takes too long") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _GitError(said[0].removeprefix("fatal: ") if said else f"exit {done.returncode}")
    return done.stdout
