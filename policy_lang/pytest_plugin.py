"""Policies among a project's tests: each `test` and `never` of a `.hoop` file is an item of pytest's.

A file is collected where it is named on the command line, or lies in a place that `hoop_policies` in pytest's
configuration names (a file, or a directory, which is one policy), or in a directory that pytest is run on and that
holds policies and no Python files. Nowhere else: other projects notice nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from policy_lang.diagnostic import Diagnostic
    from policy_lang.examination import Examination
    from policy_lang.meaning import Never, Trial

_INI = "hoop_policies"
_JUDGED = ("HG040", "HG041", "HG046")  # of a test or a never; everything else is wrong with the policy itself
_KNOWN: pytest.StashKey[dict[Path, Examination]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one setting."""
    parser.addini(_INI, "policies whose tests and nevers are items: .hoop files, or directories of them", type="paths")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A policy's file, if the project asks for it."""
    if file_path.suffix != ".hoop":
        return None
    policy = _policy_of(file_path, parent)
    return None if policy is None else PolicyFile.from_parent(parent, path=file_path, policy=policy)


def _policy_of(path: Path, parent: pytest.Collector) -> Path | None:
    """The file or directory that is the whole policy; None where nobody asked for it."""
    for place in parent.config.getini(_INI):
        if path == place or place in path.parents:
            return Path(place)
    if parent.session.isinitpath(path):
        return path
    return next((one for one in path.parents if parent.session.isinitpath(one) and _holds_policies(one)), None)


def _holds_policies(folder: Path) -> bool:
    """Whether a directory is there for its policies."""
    return any(folder.glob("*.hoop")) and not any(folder.glob("*.py"))


class PolicyError(Exception):
    """What is wrong, as the diagnostics say it."""


class PolicyFile(pytest.File):
    """One file of a policy: an item for the file itself, one for each test and one for each never in it."""

    def __init__(self, *, policy: Path, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type] # as pytest's own collectors pass it on
        self.policy = policy

    def collect(self) -> Iterable[pytest.Item]:
        """The items. A policy that cannot be read has one item, which says why."""
        examined = _examined(self.config, self.policy)
        name = str(self.path)
        own = [d for d in examined.errors if d.code not in _JUDGED and (d.file == name or not d.line)]
        if examined.policy is None and not own:
            own = list(examined.errors)
        yield PolicyItem.from_parent(self, name="check", found=own, line=1)
        if examined.policy is None:
            return
        meaning = examined.policy.meaning
        for trial in meaning.trials:
            if trial.source.name == name:
                verdict = next(one for one in examined.verdicts if one.trial is trial)
                yield PolicyItem.from_parent(self, name=f"test {trial.name}", found=verdict.failures, line=_line(trial))
        for never in meaning.nevers:
            if never.source is not None and never.source.name == name:
                yield PolicyItem.from_parent(
                    self, name=f"never {never.name}", found=_about(never, examined), line=_line(never)
                )


class PolicyItem(pytest.Item):
    """A test, a never, or the file itself; `found` is what speaks against it."""

    def __init__(self, *, found: Sequence[Diagnostic], line: int, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type] # as above
        self.found, self.line = tuple(found), line

    def runtest(self) -> None:
        """Fail with the diagnostics, if there are any."""
        if self.found:
            raise PolicyError("\n\n".join(map(str, self.found)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:  # noqa: ARG002
        """The diagnostics as `hoopgate check` prints them."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands, from line 0."""
        return self.path, self.line - 1, self.name


def _examined(config: pytest.Config, policy: Path) -> Examination:
    """A policy is examined once, whatever its number of files."""
    from policy_lang.examination import Examination, examination
    from policy_lang.files import read_sources

    known = config.stash.setdefault(_KNOWN, {})
    if policy not in known:
        sources, problems = read_sources(policy)
        known[policy] = Examination(tuple(problems), None, ()) if problems else examination(sources)
    return known[policy]


def _about(never: Never, examined: Examination) -> list[Diagnostic]:
    """What was found of a never: it is violated, or not proved."""
    source = never.source
    if source is None:
        return []
    first, last = (source.position(at)[0] for at in never.span)
    errors = [one for one in examined.errors if one.code in _JUDGED and one.file == source.name]
    return [one for one in errors if first <= one.line <= last]


def _line(block: Trial | Never) -> int:
    return block.source.position(block.span[0])[0] if block.source else 1
