"""The commands that keep a store: reindex, export, proof, retain, hold, erase, keys."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from recorder.amounts import count, span

if TYPE_CHECKING:
    from collections.abc import Callable

    from recorder.retention import Expiry

__all__ = ["add_commands"]

_DAY = 86_400


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them to a command line."""
    from recorder import export_command

    _add(subparsers, "reindex", "make the index anew from the segments", _reindex)
    exporting = _add(
        subparsers, "export", "write sessions, or everything, to a file that verifies alone", export_command.run
    )
    export_command.add_arguments(exporting)
    proving = _add(subparsers, "proof", "print one record's C2SP tlog-proof", _proof)
    proving.add_argument("record", type=count, metavar="N", help="the record's number")
    proving.add_argument("--log", type=count, default=0, metavar="N", help="the log (default: 0)")
    retaining = _add(subparsers, "retain", "say what is due for removal; with --do, remove it", _retain)
    retaining.add_argument("--do", action="store_true", help="remove it; without, nothing is changed")
    retaining.add_argument(
        "--days", type=span, metavar="N", help="keep payloads without a rule's time so long (default: 6 years)"
    )
    retaining.add_argument("--json", action="store_true", help="print JSON")
    erasing = _add(subparsers, "erase", "destroy a session's keys: nobody reads its payloads again", _erase)
    erasing.add_argument("session", metavar="ID", help="the session, as `sessions list` has it")
    erasing.add_argument("--reason", metavar="TEXT", help="why; it is recorded (required)")
    erasing.add_argument(
        "--certificate", metavar="FILE", help="write the deletion certificate there (default: print it)"
    )
    what = "Legal holds: what they name is neither expired nor erased."
    holds = subparsers.add_parser("hold", help="legal holds", description=what)
    _add_holds(holds.add_subparsers(required=True, metavar="WHAT"))
    what = "The keys that sign a store's evidence and open its payloads."
    keys = subparsers.add_parser("keys", help="the store's keys", description=what)
    _add_keys(keys.add_subparsers(required=True, metavar="WHAT"))


def _add_holds(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    setting = _add(subparsers, "set", "keep sessions from expiry and erasure", _hold_set)
    setting.add_argument("session", nargs="+", metavar="ID", help="a session, as `sessions list` has it")
    lifting = _add(subparsers, "lift", "end a hold", _hold_lift)
    lifting.add_argument("hold", metavar="HOLD", help="the hold, as `hold list` has it")
    for parser in (setting, lifting):
        parser.add_argument("--reason", metavar="TEXT", help="why; it is recorded (required)")
    listing = _add(subparsers, "list", "list the holds of a store", _hold_list)
    listing.add_argument("--json", action="store_true", help="print JSON")


def _add_keys(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listing = _add(subparsers, "list", "list fingerprints, and what losing each key means", _keys_list)
    listing.add_argument("--json", action="store_true", help="print JSON")
    rotating = _add(subparsers, "rotate", "make a new key; each log takes it when it is next opened", _keys_rotate)
    rotating.add_argument("which", choices=("kek", "signer"), help="which key")
    auditing = _add(subparsers, "auditor", "seal originals to an auditor's X25519 public key", _keys_auditor)
    auditing.add_argument("public", metavar="BASE64", help="the auditor's public key")


def _add(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    from recorder.command import add_store

    parser = subparsers.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    add_store(parser)
    parser.set_defaults(run=run)
    return parser


def _who() -> str:
    from recorder.reading import user

    return user()


def _reindex(args: argparse.Namespace) -> int:
    from recorder.command import store_path
    from recorder.index import reindex

    print(f"indexed: {reindex(store_path(args))} records")
    return 0


def _proof(args: argparse.Namespace) -> int:
    from recorder.command import store_path
    from recorder.errors import RequestError
    from recorder.proof import record_proof
    from recorder.reader import Store

    store = Store(store_path(args))
    found = next((item for item in store.records(log=args.log, first=args.record) if item.seq == args.record), None)
    if found is None:
        raise RequestError(f"log {args.log} has no record {args.record}")
    sys.stdout.write(record_proof(store.root, args.log, found.seq, found.raw).render())
    return 0


def _retain(args: argparse.Namespace) -> int:
    from recorder.command import store_keys, store_path
    from recorder.retention import SIX_YEARS, expire, plan

    default = SIX_YEARS if args.days is None else int(args.days * _DAY)
    path = store_path(args)
    if args.do:
        due = expire(path, store_keys(args), default=default, who=_who(), via="command line")
    else:
        due = plan(path, default=default)
    if args.json:
        print(json.dumps([item.to_json() for item in due]))
        return 0
    for item in due:
        print(_due(item))
    verb = "removed" if args.do else "due (nothing was changed; --do removes it)"
    print(f"{verb}: {sum(item.records for item in due)} payloads, {sum(item.bytes for item in due)} bytes")
    return 0


def _due(item: Expiry) -> str:
    held = f"; kept by holds: {', '.join(item.held)}" if item.held else ""
    where = f"log {item.log} segment {item.segment} ({item.retention})"
    return f"{where}: {item.records} payloads of records {item.first} to {item.last}{held}"


def _erase(args: argparse.Namespace) -> int:
    from recorder.command import store_keys, store_path
    from recorder.erasure import erase

    done = erase(store_path(args), store_keys(args), args.session, args.reason, who=_who(), via="command line")
    if args.certificate:
        Path(args.certificate).write_text(done.note, encoding="utf-8")
        print(f"erased: session {done.session}, {len(done.keys)} keys; certificate in {args.certificate}")
    else:
        sys.stdout.write(done.note)
    if done.exports:
        print(f"exports that hold the session, outside this store: {', '.join(done.exports)}", file=sys.stderr)
    return 0


def _hold_set(args: argparse.Namespace) -> int:
    from recorder.command import store_keys, store_path
    from recorder.retention import set_hold

    hold = set_hold(store_path(args), store_keys(args), args.session, args.reason, who=_who(), via="command line")
    print(f"hold {hold.id}: {', '.join(hold.sessions)}")
    return 0


def _hold_lift(args: argparse.Namespace) -> int:
    from recorder.command import store_keys, store_path
    from recorder.retention import lift_hold

    hold = lift_hold(store_path(args), store_keys(args), args.hold, args.reason, who=_who(), via="command line")
    print(f"lifted: hold {hold.id}")
    return 0


def _hold_list(args: argparse.Namespace) -> int:
    from recorder.command import store_path
    from recorder.index_acts import ledger_of

    holds = sorted(ledger_of(store_path(args)).holds.values(), key=lambda hold: hold.set)
    if args.json:
        print(json.dumps([hold.to_json() for hold in holds]))
        return 0
    for hold in holds:
        state = f"lifted {hold.lifted}" if hold.lifted else "active"
        print(f"{hold.id}  set {hold.set} by {hold.who}  {state}  {', '.join(hold.sessions)}")
    return 0


def _keys_list(args: argparse.Namespace) -> int:
    from recorder.command import keys_path, store_keys
    from recorder.key_files import LOSS, describe

    told = describe(keys_path(args), store_keys(args))
    if args.json:
        print(json.dumps(told))
        return 0
    for name, value in told.items():
        print(f"{name:<28} {value or '-'}")
    for name, text in LOSS.items():
        print(f"losing the {name}: {text}")
    return 0


def _keys_rotate(args: argparse.Namespace) -> int:
    from recorder.command import kek_name, keys_path
    from recorder.errors import RequestError
    from recorder.key_files import LOSS, rotate_kek, rotate_signer

    directory, elsewhere = keys_path(args), kek_name(args)
    if args.which == "kek" and elsewhere is not None:
        raise RequestError(f"the key-encryption key is {elsewhere}", "rotate it there; nothing here needs to change")
    name, new = ("key-encryption key", rotate_kek) if args.which == "kek" else ("signing key", rotate_signer)
    print(f"new {name}: {new(directory)}")
    print(f"losing it: {LOSS[name]}")
    print("the one before stays beside it until every log was opened once; then check `hoopgate verify` and remove it")
    return 0


def _keys_auditor(args: argparse.Namespace) -> int:
    from recorder.command import keys_path
    from recorder.key_files import LOSS, add_auditor

    print(f"originals will be sealed to {add_auditor(keys_path(args), args.public)}")
    print(f"losing the auditor's private key: {LOSS['auditor private key']}")
    return 0
