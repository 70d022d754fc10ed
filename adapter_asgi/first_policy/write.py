"""Asking servers for their tools, and writing one policy for each; nothing that is there is ever written over."""

from __future__ import annotations

import argparse
import asyncio
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from adapter_asgi import locking, settings
from adapter_asgi.errors import AdapterError
from adapter_asgi.first_policy.draft import Draft, draft
from adapter_asgi.tables import ServerTable
from policy_lang.examination import examination
from policy_lang.format import formatted
from policy_lang.source import Source

if TYPE_CHECKING:
    from gate.lockfile import Lockfile

__all__ = ["FirstPolicyError", "write"]


class FirstPolicyError(AdapterError):
    """A first policy cannot be written (codes INI…)."""


def write(args: argparse.Namespace) -> int:
    """`init`: 0. Raises FirstPolicyError: INI01 a file is there, INI02 no server is named, INI03 a text is no policy;
    LockError LCK01 where a server cannot be asked.
    """
    servers = _servers(args)
    folder = Path(args.output)
    places = {name: folder / f"{name}.hoop" for name in servers}
    for place in places.values():
        if place.exists() or place.is_symlink():
            raise FirstPolicyError(
                "INI01", f"{place} is there already", "nothing is written over: name another --output"
            )
    found = asyncio.run(locking.ask_all(servers))
    texts = {place: _text(args, name, found, place) for name, place in places.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for place, text in texts.items():
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
        print(f"wrote {place}: {len(found.servers[place.stem])} tools")
    print(f"read it, then: hoopgate check {folder}")
    return 0


def _servers(args: argparse.Namespace) -> Mapping[str, ServerTable]:
    if args.url or args.stdio:
        if not args.server or "/" in args.server or "*" in args.server or not args.server.isprintable():
            raise FirstPolicyError("INI02", "the server has no name", "say what policies call it: --server ehr")
        table = ServerTable(url=args.url) if args.url else ServerTable(command=tuple(shlex.split(args.stdio)))
        return {args.server: table}
    found = settings.load(args.config)
    chosen = {name: table for name, table in found.server.items() if args.server in (None, name)}
    if not chosen:
        raise FirstPolicyError("INI02", f'the configuration has no server "{args.server}"', "or give --url, or --stdio")
    return chosen


def _text(args: argparse.Namespace, name: str, found: Lockfile, place: Path) -> str:
    about = Draft(name, args.repository, args.branch, args.provider, args.approvers)
    source = Source(str(place), draft(about, found.servers[name]))
    examined = examination([source])
    if examined.errors:
        raise FirstPolicyError("INI03", f"what was drawn up for {name} is no policy: {examined.errors[0].message}")
    return formatted(source)
