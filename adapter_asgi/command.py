"""The adapter's commands: `serve`, `lock`, `approvals`, `whoami`."""

from __future__ import annotations

import argparse

from adapter_asgi.approvals.command import add_commands as add_approvals
from adapter_asgi.backtest.command import add_commands as add_backtest
from adapter_asgi.first_policy.command import add_commands as add_init
from adapter_asgi.identity.command import add_commands as add_identity
from adapter_asgi.sinks.command import add_commands as add_sinks

__all__ = ["add_commands"]


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add every command of the adapter."""
    serve = subparsers.add_parser("serve", help="run the gate", description="Run the gate until SIGTERM.")
    serve.add_argument("--config", metavar="FILE", help="hoopgate.toml (default: in this directory)")
    serve.set_defaults(run=_serve)
    lock = subparsers.add_parser(
        "lock",
        help="write down the servers' tools, or compare them",
        description="Write every server's tools to hoopgate.lock. A running gate then refuses what differs.",
    )
    lock.add_argument("--check", action="store_true", help="compare instead: exit 1 and say what differs")
    lock.add_argument("--config", metavar="FILE", help="hoopgate.toml (default: in this directory)")
    lock.set_defaults(run=_lock)
    reload = subparsers.add_parser(
        "reload",
        help="have the running gate read its policy again",
        description="Have the running gate read its policy again; the record names who. Errors: it stays as it was.",
    )
    reload.add_argument("--config", metavar="FILE", help="the gate's hoopgate.toml (default: in this directory)")
    reload.add_argument("--as", dest="name", metavar="NAME", help="who changes the policy; it is recorded (required)")
    reload.set_defaults(run=_reload)
    add_approvals(subparsers)
    add_sinks(subparsers)
    add_identity(subparsers)
    add_backtest(subparsers)
    add_init(subparsers)


def _serve(args: argparse.Namespace) -> int:
    from adapter_asgi.serve import serve

    return serve(args.config)


def _lock(args: argparse.Namespace) -> int:
    from pathlib import Path

    from adapter_asgi import locking, settings

    found = settings.load(args.config)
    path = found.lock or Path(args.config or settings.FILE).resolve().parent / settings.LOCKFILE
    return locking.check(found, path) if args.check else locking.lock(found, path)


def _reload(args: argparse.Namespace) -> int:
    from adapter_asgi import settings
    from adapter_asgi.admin import ask

    answer = ask(settings.load(args.config).state, {"do": "reload", "as": args.name or ""})
    print(f"policy {answer['policy']} {'is in force' if answer['changed'] else 'is unchanged'}")
    for worker in answer["late"]:
        print(f"worker {worker} has not taken it up yet: until it has, it refuses calls")
    return 0
