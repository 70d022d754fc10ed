"""The tools that a server had when somebody looked at them: what changes or appears later is not what was agreed to.

A lockfile is JSON: `{"lockfile": 1, "servers": {"ehr": {"tools": {"search": {"digest": "sha256:…", "description": …,
"inputSchema": …, "outputSchema": …}}}}}`. A digest is SHA-256 over the canonical JSON of everything that a model or a
person reads of a tool: name, title, description, schemas, annotations.

What this does not do: ask servers. It compares what passes by, in all sessions of the process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from gate.errors import GateError, MalformedError
from gate.strict_json import canonical, parse

__all__ = ["LOCKED", "Lockfile", "ServerLock", "fingerprint", "locked"]

LOCKED = ("title", "description", "inputSchema", "outputSchema", "annotations")


class ServerLock:
    """One server's locked tools, by name → digest. `alert` records what differs but lets it pass."""

    def __init__(self, tools: Mapping[str, str], *, alert: bool = False) -> None:
        self._tools, self._alert = dict(tools), alert
        self._seen: dict[str, str] = {}  # tools that differ, and the digest under which that was noticed

    def digest_of(self, name: str) -> str:
        """The locked tool's fingerprint, "" for one that is not locked."""
        return self._tools.get(name, "")

    def follow(self, before: ServerLock) -> None:
        """Take the place of `before`: what was noticed to differ still does, unless it is as this one locks it."""
        self._seen = {name: digest for name, digest in before._seen.items() if self._tools.get(name) != digest}

    def notice(self, tool: Mapping[str, Any]) -> tuple[str, bool]:
        """How a listed tool differs ("", "changed" or "new"), and whether that is news."""
        name = str(tool.get("name"))
        digest = fingerprint(tool)
        how = "" if self._tools.get(name) == digest else "changed" if name in self._tools else "new"
        if not how:
            self._seen.pop(name, None)
            return "", False
        news = self._seen.get(name) != digest
        self._seen[name] = digest
        return how, news

    def passes(self, how: str) -> bool:
        """Whether a tool that differs in this way is shown."""
        return not how or self._alert

    def refusal(self, name: str) -> str:
        """Why the tool may not be called; "" if it may."""
        if self._alert:
            return ""
        if name not in self._tools:
            return f'The tool "{name}" is not in the lockfile.'
        if name in self._seen:
            return f'The tool "{name}" has changed since it was locked.'
        return ""


class Lockfile:
    """All servers' locked tools."""

    def __init__(self, servers: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        self.servers = servers

    @classmethod
    def read(cls, data: bytes) -> Lockfile:
        """Raises GateError GT401 for what is no lockfile, GT402 where a digest does not fit its tool."""
        try:
            tree = parse(data)
            found = {name: server["tools"] for name, server in tree["servers"].items()}
            stated = [
                (name, tool, held, held["digest"]) for name, tools in found.items() for tool, held in tools.items()
            ]
        except (MalformedError, KeyError, TypeError, AttributeError):
            raise GateError("GT401", "This is not a lockfile.", "Write it anew with `hoopgate lock`.") from None
        for server, tool, held, digest in stated:
            if fingerprint({**held, "name": tool}) != digest:
                help_ = (
                    "Lockfiles are not edited by hand: write it anew with `hoopgate lock`, and look at the difference."
                )
                raise GateError("GT402", f"The digest of {server}/{tool} does not fit what stands beside it.", help_)
        return cls(found)

    def to_json(self) -> dict[str, Any]:
        """The file's content."""
        return {"lockfile": 1, "servers": {name: {"tools": tools} for name, tools in sorted(self.servers.items())}}

    def server(self, name: str, *, alert: bool = False) -> ServerLock | None:
        """The lock of one server; None for one that is not in the file, of which nothing is locked."""
        tools = self.servers.get(name)
        return (
            None if tools is None else ServerLock({tool: held["digest"] for tool, held in tools.items()}, alert=alert)
        )


def fingerprint(tool: Mapping[str, Any]) -> str:
    """`sha256:` and 64 hex digits over the tool's canonical form."""
    form = {"name": tool.get("name"), **{key: tool[key] for key in LOCKED if key in tool}}
    return "sha256:" + hashlib.sha256(canonical(form)).hexdigest()


def locked(tool: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the file for a tool as it was listed."""
    return {"digest": fingerprint(tool), **{key: tool[key] for key in LOCKED if key in tool}}
