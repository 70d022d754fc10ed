"""The command `mask`: text, JSON, NDJSON or CSV in, masked out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `mask` to a command line."""
    parser = subparsers.add_parser("mask", help="mask what identifies people in text, JSON or CSV")
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE|DIR|-", help="what to mask; - reads standard input"
    )
    parser.add_argument(
        "--kinds",
        default="all",
        metavar="KINDS",
        help="kinds to mask, comma separated; kind=method picks a method (default: all, redacted)",
    )
    parser.add_argument(
        "--ner", default="default", metavar="ENGINE", help="the prose engine: default, own, spacy, both, none"
    )
    parser.set_defaults(run=mask)


def mask(options: argparse.Namespace) -> int:
    """Mask `options.file` to standard output. Exit 0, or 2 for unreadable input."""
    import secrets

    from .errors import MaskingError
    from .masker import Masker

    masker = Masker(plan_of(options.kinds), secrets.token_bytes(32), ner=options.ner)
    try:
        data = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MaskingError(
            "HM020",
            f"{options.file} cannot be read: {type(error).__name__}",
            "give a readable UTF-8 file, or - for a pipe",
        ) from error
    sys.stdout.write(masker.mask_text(text).value)
    return 0


def plan_of(kinds: str) -> dict[str, str]:
    """`all`, `name,ssn` or `all,date=generalize` as a plan. Raises MaskingError for what it does not know."""
    from .errors import MaskingError
    from .kinds import ALL, KINDS

    plan: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in kinds.split(","))):
        kind, _, method = part.partition("=")
        if kind == "all":
            plan.update(dict.fromkeys(ALL, method or "redact"))
        elif kind in KINDS:
            plan[kind] = method or "redact"
        else:
            raise MaskingError("HM001", f"there is no kind {kind!r}", f"kinds are {', '.join(KINDS)}, or all")
    if not plan:
        raise MaskingError("HM001", "no kinds were given", "use --kinds all")
    return plan
