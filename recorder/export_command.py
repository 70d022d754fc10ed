"""`hoopgate export`. Imports only the standard library until the command runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from recorder.filters import add_filters, chosen

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be asked of an export."""
    parser.add_argument("out", metavar="FILE.zip", help="where to write")
    parser.add_argument("--session", action="append", metavar="ID", help="only this session (may be repeated)")
    add_filters(parser)
    parser.add_argument("--since", metavar="TIME", help="only sessions that were active since then")
    parser.add_argument("--until", metavar="TIME", help="only sessions that began before then")
    parser.add_argument(
        "--what",
        action="append",
        metavar="LEDGER",
        help="add sessions, masking, approvals, grants, decisions, reviews, or all (may be repeated)",
    )
    parser.add_argument(
        "--format",
        action="append",
        metavar="FORMAT",
        help="ndjson (default), json, csv, xlsx, parquet or ocsf (may be repeated)",
    )
    parser.add_argument("--no-payloads", action="store_true", help="leave the sessions' encrypted payloads out")
    parser.add_argument("--originals", action="store_true", help="add what the upstream answered before masking")
    parser.add_argument("--auditor-key", metavar="FILE", help="the auditor's X25519 private key, PEM")
    parser.add_argument("--reason", metavar="TEXT", help="why; it is recorded (required)")


def run(args: argparse.Namespace) -> int:
    """Make the export, or go on with one that was interrupted."""
    from recorder.command import store_keys, store_path
    from recorder.export import LEDGERS, Wanted, export
    from recorder.reading import user

    facts = tuple(chosen(args))
    asked = args.what or []
    wanted = Wanted(
        sessions=tuple(sorted(set(args.session))) if args.session else None,
        facts=facts,
        since=args.since,
        until=args.until,
        ledgers=tuple(LEDGERS) if "all" in asked else tuple(dict.fromkeys(asked)),
        formats=tuple(dict.fromkeys(args.format or ["ndjson"])),
        originals=args.originals,
        payloads=not args.no_payloads,
    )
    auditor = _auditor(args.auditor_key) if args.auditor_key else None
    digest = export(
        store_path(args),
        Path(args.out),
        store_keys(args),
        args.reason,
        wanted=wanted,
        auditor=auditor,
        who=user(),
        via="command line",
        progress=_progress(),
    )
    print(f"exported: {args.out}, digest {digest}")
    return 0


def _auditor(name: str) -> X25519PrivateKey:
    """Raises KeysError, which never tells what is in the file."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from recorder.errors import KeysError

    try:
        key = load_pem_private_key(Path(name).read_bytes(), None)
    except OSError as error:
        raise KeysError(f"cannot read {name}: {error.strerror}") from None
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise KeysError(f"{name} is no X25519 private key", "it is made by `openssl genpkey -algorithm X25519`")
    return key


def _progress() -> Callable[[str], None]:
    """Progress on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        return lambda _: None

    def show(what: str) -> None:
        sys.stderr.write(f"\r\033[K{what}")
        sys.stderr.flush()

    return show
