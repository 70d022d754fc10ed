"""From a server's tools to the text of a first policy: as narrow as can be without knowing what the jobs do.

Strategy: a tool is a reading one only where the server says so (`readOnlyHint`); every other may change something, as
MCP's defaults have it, and waits for people. Everything is masked. What the text says is proved and tested by the same
file, so that whoever edits it is told what the edit gives away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy_lang.segments import has_dot_segments
from policy_lang.spell import scalar

__all__ = ["Draft", "draft"]

_WIDTH = 90
_ODD = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True)
class Draft:
    """What the policy is for. `branches` are the first places from which it may be called."""

    server: str
    repository: str
    branch: str
    provider: str
    approvers: str


def draft(about: Draft, tools: Mapping[str, Mapping[str, Any]]) -> str:
    """The policy's text; `tools` are as the server lists them, by name."""
    named = [name for name in sorted(tools) if _can_be_named(name)]
    reading = [name for name in named if _annotations(tools[name]).get("readOnlyHint") is True]
    changing = [name for name in named if name not in reading]
    lines = [*_head(about), *_callers(about), *_unreviewed(about)]
    if reading:
        lines += _permit(about, "reading", reading, tools)
    if changing:
        lines += _permit(about, "changing", changing, tools)
    lines += _left_out(about, sorted(set(tools) - set(named)))
    lines += _nevers(about, changing)
    lines += _tests(about, reading, changing)
    return "\n".join(lines)


def _can_be_named(tool: str) -> bool:
    """Plain ASCII, so that no name can be taken for another."""
    return bool(tool) and tool.isascii() and tool.isprintable() and "*" not in tool and not has_dot_segments(tool)


def _annotations(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    found = tool.get("annotations")
    return found if isinstance(found, Mapping) else {}


def _let(about: Draft, what: str) -> str:
    word = _ODD.sub("_", about.server.lower()).strip("_") or "server"
    return f"{word if word[0].isalpha() else 's_' + word}_{what}"


def _head(about: Draft) -> Iterator[str]:
    yield f"# A first policy for the MCP server {scalar(about.server)}, drawn up from its own list of tools."
    yield "# It permits little and shows nothing. Read it line by line, then open what your jobs need:"
    yield "# the tests and nevers at its end say what an edit gives away (`hoopgate check`, `hoopgate diff`)."
    yield ""


def _callers(about: Draft) -> Iterator[str]:
    yield f"let {_let(about, 'callers')} = {scalar(about.repository)}   # the repositories whose pipelines may call"
    yield f"let {_let(about, 'branches')} = {scalar(about.branch)}   # and the branches that they may run on"
    yield ""


def _unreviewed(about: Draft) -> Iterator[str]:
    yield f"rule {scalar(f'{about.server}: code that nobody reviewed stays out')} {{"
    yield f"    server   {scalar(about.server)}"
    yield "    reviewed false"
    yield f"    deny     because {scalar(f'Code that nobody has reviewed may not use {about.server}.')}"
    yield "}"
    yield ""


def _permit(about: Draft, what: str, names: Sequence[str], tools: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name in names:
        yield f"# {_comment(name, tools[name])}"
    yield f"rule {scalar(f'{about.server}: {what}')} {{"
    yield f"    repository {_let(about, 'callers')}"
    yield f"    branch     {_let(about, 'branches')}"
    commands = [scalar(f"{about.server}/{name}") for name in names]
    yield "    command    " + ",\n               ".join(commands)
    yield "    allow"
    if what == "changing":
        yield f"    require approval from {scalar(about.approvers)} within 30m"
    yield "    mask       all   # what a job has to see is taken out by hand: mask all except date, age"
    yield "}"
    yield ""


def _comment(name: str, tool: Mapping[str, Any]) -> str:
    """What the server says of a tool, on one line: the words are the server's."""
    hints = _annotations(tool)
    kind = "only reads" if hints.get("readOnlyHint") is True else "may change or delete"
    if not hints:
        kind = "does not say whether it changes anything"
    words = "".join(c if c.isprintable() else " " for c in str(tool.get("description") or tool.get("title") or ""))
    text = f"{name}: {kind}. {' '.join(words.split())}".rstrip()
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _left_out(about: Draft, odd: Sequence[str]) -> Iterator[str]:
    if odd:
        yield f"# Left out, as their names could mean other tools too: {', '.join(map(ascii, odd))}"
        yield f"# Nothing permits them. ({about.server})"
        yield ""


def _nevers(about: Draft, changing: Sequence[str]) -> Iterator[str]:
    server = scalar(about.server)
    yield f"never {scalar(f'unreviewed code at {about.server}')} {{ server {server}  reviewed false  allowed }}"
    yield (
        f"never {scalar(f'another repository at {about.server}')} "
        f"{{ server {server}  repository not {_let(about, 'callers')}  allowed }}"
    )
    if changing:
        commands = ", ".join(scalar(f"{about.server}/{name}") for name in changing)
        yield f"never {scalar(f'an unasked change at {about.server}')} {{"
        yield f"    command {commands}"
        yield "    allowed without approval"
        yield "}"
    yield ""


def _tests(about: Draft, reading: Sequence[str], changing: Sequence[str]) -> Iterator[str]:
    yield f"given {_given(about)} {{"
    yield f"    provider   {scalar(about.provider)}"
    yield f"    repository {scalar(about.repository)}"
    yield f"    branch     {scalar(_whole(about.branch))}"
    yield "    reviewed   true"
    yield "}"
    for name in reading:
        yield from _test(about, name, "is open to it, and shows nothing", [], ["allow", "mask all with redact"])
    asked = f"approval from {scalar(about.approvers)} count 1 within 30m once"
    for name in changing:
        yield from _test(about, name, "waits for people", [], [asked, "mask all with redact"])
    for name in [*reading[:1], *changing[:1]]:
        yield from _closed(about, name)


def _closed(about: Draft, name: str) -> Iterator[str]:
    """Who may not call a tool: whoever differs in one thing."""
    repository, branch = (scalar(f"{_whole(text)}-x") for text in (about.repository, about.branch))
    yield from _test(about, name, "is closed to other repositories", [f"repository {repository}"], ["deny"])
    if not about.branch.endswith("*"):
        yield from _test(about, name, "is closed to other branches", [f"branch {branch}"], ["deny"])
    yield from _test(about, name, "is closed to code that nobody reviewed", ["reviewed false"], ["deny"])
    yield from _test(about, f"{name}-x", "is no tool that is known", [], ["deny"])


def _test(about: Draft, tool: str, what: str, facts: Sequence[str], expected: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"test {scalar(f'{about.server}/{tool} {what}')} {{"
    yield f"    as {_given(about)}"
    yield from (f"    {fact}" for fact in facts)
    yield f"    command {scalar(f'{about.server}/{tool}')}"
    yield from (f"    expect {one}" for one in expected)
    yield "}"


def _given(about: Draft) -> str:
    return scalar(f"{about.server}: a pipeline of {about.repository}")


def _whole(pattern: str) -> str:
    """A branch that the pattern holds."""
    return pattern.replace("*", "x")
