"""`hoopgate whoami|token|connect`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapter_asgi.identity.whoami import Explained

__all__ = ["add_commands"]


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `whoami`."""
    parser = subparsers.add_parser(
        "whoami",
        help="what a token says about its bearer, and what a policy may rely on",
        description="Explain a token attribute by attribute. With a configuration it is checked as the gate would.",
    )
    source = '"-" reads it from standard input (default: HOOPGATE_TOKEN)'
    parser.add_argument("token", nargs="?", metavar="TOKEN", help=source)
    parser.add_argument("--config", metavar="FILE", help="the gate's hoopgate.toml (default: in this directory if any)")
    parser.add_argument("--provider", metavar="NAME", help="whose token it is, where nothing else tells")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_whoami)
    _add_token(subparsers)
    _add_connect(subparsers)


def _add_token(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "token",
        help="print the CI job's own OIDC token for a gate",
        description="Ask the CI that runs this job for a token meant for the gate, and print it.",
    )
    parser.add_argument("--gate", metavar="URL", required=True, help="the gate's address")
    parser.add_argument("--audience", metavar="TEXT", help="whom the token is for (default: the gate's address)")
    parser.add_argument("--exchange", action="store_true", help="exchange it for one of the gate's, of 15 minutes")
    parser.set_defaults(run=_print_token)


def _add_connect(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "connect",
        help="speak MCP over stdio with a server behind a gate",
        description="For clients that speak stdio: what comes on standard input goes to the gate, with a fresh token.",
    )
    parser.add_argument("server", metavar="SERVER", help="the server's name in the gate's configuration")
    parser.add_argument("--gate", metavar="URL", required=True, help="the gate's address")
    parser.add_argument("--audience", metavar="TEXT", help="whom the token is for (default: the gate's address)")
    parser.set_defaults(run=_connect)


def _print_token(args: argparse.Namespace) -> int:
    from adapter_asgi.identity.ci_tokens import exchange, fetch

    gate = args.gate.rstrip("/")
    token = fetch(args.audience or gate, os.environ)
    print(exchange(gate, token) if args.exchange else token)
    return 0


def _connect(args: argparse.Namespace) -> int:
    asyncio.run(_connected(args))
    return 0


async def _connected(args: argparse.Namespace) -> None:
    import aiohttp

    from adapter_asgi.connect import Connection
    from adapter_asgi.identity.ci_tokens import fetch

    gate = args.gate.rstrip("/")

    async def write(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    async def lines() -> AsyncIterator[str]:
        while line := await asyncio.to_thread(sys.stdin.readline):
            yield line.rstrip("\n")

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    async with aiohttp.ClientSession(timeout=timeout) as client:
        url, audience = f"{gate}/mcp/{args.server}", args.audience or gate
        await Connection(url, lambda: fetch(audience, os.environ), client, write).run(lines())


def _whoami(args: argparse.Namespace) -> int:
    import json

    from adapter_asgi import settings
    from adapter_asgi.identity.whoami import explain

    wanted = args.config is not None or Path(settings.FILE).exists()
    explained = asyncio.run(explain(_token(args.token), settings.load(args.config) if wanted else None, args.provider))
    if args.json:
        print(json.dumps(explained.to_json(), indent=2))
    else:
        _print(explained)
    return 0 if explained.refused is None else 1


def _token(given: str | None) -> str:
    from adapter_asgi.identity.error import IdentityError

    text = sys.stdin.read() if given == "-" else given or os.environ.get("HOOPGATE_TOKEN", "")
    if not text.strip():
        raise IdentityError("ID01", "there is no token", 'pass it on standard input ("-") or set HOOPGATE_TOKEN')
    return text


def _print(explained: Explained) -> None:
    table = f", by [identity.{explained.table}]" if explained.table else ""
    if explained.refused is not None:
        print(f"refused: {explained.refused.message} ({explained.refused.code}){table}")
    elif explained.checked:
        print(f"accepted as a token of {explained.provider}{table}")
    else:
        print(f"not checked: there is no hoopgate.toml; read as a token of {explained.provider}")
    for name, value, provenance, remark in explained.rows:
        visible = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in value)
        print(f"  {name:<14} {visible:<40} {provenance:<9} {remark}".rstrip())
