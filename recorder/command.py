"""The recorder's commands: verify, sessions. Imports only the standard library until a command runs."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recorder.keys import Keys

__all__ = ["add_commands"]

CONFIG = "hoopgate.toml"


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the recorder's commands to a command line."""
    verify = subparsers.add_parser("verify", help="check that the evidence is whole and unaltered")
    verify.add_argument("path", metavar="PATH", help="a store")
    verify.add_argument("--signer", metavar="FINGERPRINT", help="the signing key that must have signed, hex SHA-256")
    verify.add_argument("--checkpoint", metavar="FILE", help="a checkpoint kept elsewhere, which the log must continue")
    verify.add_argument("--json", action="store_true", help="the report as JSON")
    verify.set_defaults(run=_verify)
    sessions = subparsers.add_parser("sessions", help="what was recorded").add_subparsers(required=True, metavar="WHAT")
    listing = sessions.add_parser("list", help="the sessions of a store")
    showing = sessions.add_parser("show", help="one session's records")
    showing.add_argument("session", metavar="ID")
    showing.add_argument("--payloads", action="store_true", help="show the recorded bytes; the reason is recorded")
    showing.add_argument("--reason", help="why payloads are read")
    for parser, run in ((listing, _list), (showing, _show)):
        parser.add_argument("--json", action="store_true")
        add_store(parser)
        parser.set_defaults(run=run)


def add_store(parser: argparse.ArgumentParser) -> None:
    """`--store` and `--config`, the two ways to say which store is meant."""
    parser.add_argument("--store", metavar="DIR", help="the store (default: the one of the configuration)")
    parser.add_argument("--config", metavar="FILE", default=CONFIG, help=f"the configuration (default: {CONFIG})")


def store_path(args: argparse.Namespace) -> Path:
    """The store that is meant. Raises RequestError where none is."""
    from recorder.errors import RequestError

    if args.store:
        return Path(args.store)
    config = Path(args.config)
    value = _config(config).get("store")
    if not isinstance(value, str):
        raise RequestError(f"no store is named: {config} says none", "give --store DIR, or --config FILE")
    return config.parent / value


def store_keys(args: argparse.Namespace, store: Path) -> Keys:
    """The store's keys: the configuration's `keys` directory, or the one beside the store. They must be there."""
    from recorder.keys import Keys, default_directory

    config = Path(args.config)
    value = None if args.store else _config(config).get("keys")
    directory = config.parent / value if isinstance(value, str) else default_directory(store)
    return Keys.in_directory(directory, create=False)


def _config(path: Path) -> dict[str, Any]:
    from recorder.errors import RequestError

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RequestError(f"{path} cannot be read: {error}") from None


def _verify(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from recorder.errors import VerificationError
    from recorder.verify import verify_report

    try:
        report = verify_report(args.path, signer=args.signer, checkpoint=args.checkpoint)
    except VerificationError as error:
        print(error, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps({**asdict(report), "unchecked": report.unchecked()}))
        return 0
    print(
        f"verified: {report.records} records, checkpoint {report.checkpoint}, {report.after} after the last checkpoint"
    )
    signers = ", ".join(name[:16] for name in report.signers) or "nobody yet"
    print(f"  {report.checkpoints} checkpoints signed by {signers}")
    print(f"  {report.payloads} payloads fit their commitments, {report.removed} were removed and say so")
    for sentence in report.unchecked():
        print(f"  not checked: {sentence}")
    return 0


def _list(args: argparse.Namespace) -> int:
    from recorder.reader import Store
    from recorder.sessions import sessions

    found = sessions(Store(store_path(args)).records())
    if args.json:
        print(json.dumps([session.to_json() for session in found]))
        return 0
    for session in found:
        who = session.identity.get("subject") or session.identity.get("display") or "?"
        effects = ", ".join(f"{count} {effect}" for effect, count in sorted(session.effects.items()))
        state = "ended" if session.ended else "open"
        print(f"{session.started[:19]}Z  {session.id}  {who}  {session.records} records  {effects}  {state}")
    return 0


def _show(args: argparse.Namespace) -> int:
    from recorder.reader import Store
    from recorder.sessions import line, with_commands

    path = store_path(args)
    records = Store(path).session(args.session)
    told = with_commands(records)
    if args.payloads:
        from recorder.reading import add_payloads

        add_payloads(told, records, path, store_keys(args, path), args.reason, "show")
    if args.json:
        print(json.dumps(told))
        return 0
    for value in told:
        print(line(value))
        if value.get("text"):
            print("    " + str(value["text"]).replace("\n", "\n    "))
    return 0
