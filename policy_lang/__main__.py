"""`python -m policy_lang check|test|fmt|decide`, with nothing but Lark installed."""

from __future__ import annotations

import argparse
import sys

from policy_lang.command import add_commands


def run(arguments: list[str] | None = None) -> int:
    """The exit status: 0 fine, 1 findings, 2 usage or unreadable input."""
    parser = argparse.ArgumentParser(prog="python -m policy_lang", description="The .hoop language.")
    add_commands(parser.add_subparsers(dest="command", required=True, metavar="COMMAND"))
    chosen = parser.parse_args(arguments)
    try:
        status: int = chosen.run(chosen)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return status


if __name__ == "__main__":
    sys.exit(run())
