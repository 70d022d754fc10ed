"""The adapter's commands: `serve`, `approvals`, `whoami`."""

from __future__ import annotations

import argparse

from adapter_asgi.approvals.command import add_commands as add_approvals
from adapter_asgi.identity.command import add_commands as add_identity

__all__ = ["add_commands"]


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add every command of the adapter."""
    serve = subparsers.add_parser("serve", help="run the gate", description="Run the gate.")
    serve.add_argument("--config", metavar="FILE", help="hoopgate.toml (default: in this directory)")
    serve.set_defaults(run=_serve)
    add_approvals(subparsers)
    add_identity(subparsers)


def _serve(args: argparse.Namespace) -> int:
    from adapter_asgi.serve import serve

    return serve(args.config)
