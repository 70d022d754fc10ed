"""The command line of the demo."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``demo``."""
    demo = subparsers.add_parser(
        "demo",
        help="show one CI job's session through a gate, on real parts",
        description="Show one CI job's session through a gate, on real parts. On a terminal it then stays up.",
    )
    demo.add_argument(
        "--dir",
        type=Path,
        metavar="DIR",
        help="where configuration and evidence go (default: a new folder in var/demo)",
    )
    demo.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from adapter_asgi.demo.show import run

    return run(args.dir)
