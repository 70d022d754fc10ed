"""`python -m masking mask FILE`: the commands of this package alone."""

from __future__ import annotations

import argparse
import sys

from .command import add_commands
from .errors import MaskingError


def run(arguments: list[str] | None = None) -> int:
    """Run one command; errors go to stderr without a traceback, exit 2."""
    parser = argparse.ArgumentParser(prog="python -m masking", description="Mask what identifies people.")
    add_commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except MaskingError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(run())
