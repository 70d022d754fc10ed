"""`python -m recorder`: the recorder's commands alone."""

from __future__ import annotations

import argparse
import sys

from recorder.command import add_commands
from recorder.errors import RecorderError


def run() -> int:
    """Run one command: 0 fine, 1 findings, 2 usage or unreadable input."""
    parser = argparse.ArgumentParser(prog="python -m recorder", description=__doc__)
    add_commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    args = parser.parse_args()
    try:
        return int(args.run(args))
    except RecorderError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(run())
