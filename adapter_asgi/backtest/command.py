"""The command line of `hoopgate backtest`."""

from __future__ import annotations

import argparse

__all__ = ["add_commands"]


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `backtest`."""
    parser = subparsers.add_parser(
        "backtest",
        help="decide recorded calls again under another policy",
        description="Decide recorded calls again under a candidate policy, and say what would have changed. "
        "It reads recorded arguments, and records that it does; it shows none.",
    )
    parser.add_argument("policy", metavar="POLICY", help="a .hoop file, a directory, or one in a git revision")
    parser.add_argument("--store", metavar="DIR", help="the store (default: the one of the configuration)")
    parser.add_argument("--keys", metavar="DIR", help="its keys (default: where the store's are)")
    parser.add_argument("--config", metavar="FILE", default="hoopgate.toml", help="the gate's configuration")
    parser.add_argument(
        "--reason", metavar="TEXT", help="why recorded calls are read; it is recorded (default: for this)"
    )
    parser.add_argument("--since", metavar="TIME", help="only decisions since then (RFC 3339)")
    parser.add_argument("--until", metavar="TIME", help="only decisions before then")
    parser.add_argument("--session", metavar="ID", help="only this session; `*` stands for anything")
    parser.add_argument(
        "--where", action="append", default=[], metavar="FIELD=VALUE",
        help="only sessions with this: repository=acme/etl, command=ehr/*, rule=… (may be repeated)",
    )  # fmt: skip
    parser.add_argument("--fail-on", choices=("widening", "narrowing", "any"), help="exit 1 if a call changes so")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from adapter_asgi.backtest.perform import backtest

    return backtest(args)
