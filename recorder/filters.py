"""Which sessions a command means, by what is known of them: the same arguments for listing, exporting and reporting."""

from __future__ import annotations

import argparse

__all__ = ["add_filters", "chosen"]

FIELDS = (
    *("subject", "issuer", "caller", "repository", "workflow", "job", "branch", "environment", "run", "actor"),
    *("commit", "source_ip", "command", "effect", "rule", "error", "approver", "approval"),
)


def add_filters(parser: argparse.ArgumentParser) -> None:
    """One argument for each field."""
    for name in FIELDS:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=f"where_{name}",
            metavar="VALUE",
            help=f"only sessions with this {name}; * stands for anything",
        )


def chosen(args: argparse.Namespace) -> list[tuple[str, str]]:
    """The fields and values that were given, as `recorder.index.Query` takes them."""
    return [(name, value) for name in FIELDS if (value := getattr(args, f"where_{name}")) is not None]
