"""What `hoopgate diff` does."""

from __future__ import annotations

import argparse
import sys

from policy_lang.errors import PolicyError
from policy_lang.proof.difference import Difference, difference
from policy_lang.proof.report import render
from policy_lang.proof.revisions import policy_at

FINE, FINDINGS, UNREADABLE = 0, 1, 2


def diff(arguments: argparse.Namespace) -> int:
    """`diff OLD NEW`: every region of requests that is decided differently."""
    try:
        old, new = policy_at(arguments.old), policy_at(arguments.new)
    except PolicyError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    found = difference(old, new)
    print(render(found, arguments.format))
    return FINDINGS if arguments.fail_on and fails(found, arguments.fail_on) else FINE


def fails(found: Difference, on: str) -> bool:
    """Whether there is such a change; what was not decided might be one."""
    if not found.complete or found.notes:
        return True
    return bool(found.changes if on == "any" else found.widenings if on == "widening" else found.narrowings)
