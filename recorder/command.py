"""The recorder's commands. Imports only the standard library until a command runs."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recorder.amounts import count, span
from recorder.filters import add_filters, chosen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recorder.keys import KeyEncryption, Keys
    from recorder.reader import Record

__all__ = ["add_commands", "add_store", "kek_name", "keys_path", "store_keys", "store_path"]

CONFIG = "hoopgate.toml"


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the recorder's commands to a command line."""
    from recorder import report_command, upkeep_command

    _add_verify(subparsers)
    group = subparsers.add_parser("sessions", help="what was recorded", description="What a store has of each session.")
    sessions = group.add_subparsers(required=True, metavar="WHAT")
    what = "List the sessions of a store, those that meet every condition given."
    _add_list(sessions.add_parser("list", help="the sessions of a store", description=what))
    what = "Show one session's records, in their order."
    showing = sessions.add_parser("show", help="one session's records", description=what)
    what = "one session again, in its own rhythm, or as a mock MCP server"
    replaying = sessions.add_parser("replay", help=what, description=f"Play {what}.")
    for parser, run in ((showing, _show), (replaying, _replay)):
        parser.add_argument("session", metavar="ID", help="the session, as `sessions list` has it")
        parser.add_argument("--payloads", action="store_true", help="show what was said, too; needs --reason")
        parser.add_argument("--reason", metavar="TEXT", help="why payloads are read; it is recorded")
        add_store(parser)
        parser.set_defaults(run=run)
    showing.add_argument("--json", action="store_true", help="print JSON")
    replaying.add_argument(
        "--speed", type=span, default=1.0, metavar="X", help="times as fast (default: 1; 0: at once)"
    )
    replaying.add_argument(
        "--max-idle", type=span, default=2.0, metavar="SECONDS", help="the longest pause (default: 2)"
    )
    replaying.add_argument("--serve", action="store_true", help="answer MCP on stdin and stdout as the upstream did")
    upkeep_command.add_commands(subparsers)
    report_command.add_commands(subparsers)


def add_store(parser: argparse.ArgumentParser) -> None:
    """`--store` and `--config`, the two ways to say which store is meant."""
    parser.add_argument("--store", metavar="DIR", help="the store (default: the one of the configuration)")
    parser.add_argument(
        "--keys", metavar="DIR", help="its keys (default: beside the configuration; with --store, beside the store)"
    )
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


def keys_path(args: argparse.Namespace) -> Path:
    """The directory of the keys that are meant. Raises RequestError."""
    from recorder.keys import DIRECTORY, default_directory

    if args.keys:
        return Path(args.keys)
    if args.store:
        return default_directory(store_path(args))
    config = Path(args.config)
    return config.parent / str(_config(config).get("keys", DIRECTORY))


def store_keys(args: argparse.Namespace) -> Keys:
    """The store's keys, which must be there. Raises KeysError."""
    from recorder.keys import Keys

    return Keys.in_directory(keys_path(args), create=False, kek=_kek_elsewhere(args))


def kek_name(args: argparse.Namespace) -> str | None:
    """The key-encryption key that the configuration names; None where it is a file among the keys."""
    named = os.environ.get("HOOPGATE_KEK") or _config(Path(args.config)).get("kek")
    return str(named) if named else None


def _kek_elsewhere(args: argparse.Namespace) -> KeyEncryption | None:
    """What reaches that key. `args.key_encryption` is what the whole command line brings: name -> key."""
    from recorder.errors import KeysError

    name = kek_name(args)
    if name is None:
        return None
    reach = getattr(args, "key_encryption", None)
    if reach is None:
        raise KeysError(
            f"the key-encryption key {name} is reached by `hoopgate` only", "pip install 'hoopgate[gateway]'"
        )
    found: KeyEncryption = reach(name)
    return found


def _config(path: Path) -> dict[str, Any]:
    from recorder.errors import RequestError

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RequestError(f"{path} cannot be read: {error}") from None


def _add_verify(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "verify",
        help="check that the evidence is whole and unaltered",
        description="Recompute every leaf, commitment and checkpoint; needs no keys, and writes nothing. Exit 1, "
        "naming the record or the file, where it does not hold.",
    )
    parser.add_argument("path", metavar="PATH", help="a store, an export (.zip) or a record's proof (.tlog-proof)")
    parser.add_argument("--signer", metavar="FINGERPRINT", help="the signing key that must have signed, hex SHA-256")
    parser.add_argument("--checkpoint", metavar="FILE", help="a checkpoint kept elsewhere, which the log must continue")
    parser.add_argument("--receipt", metavar="FILE", help="receipts of answers: a text that holds them, a job's log")
    parser.add_argument("--timestamp", metavar="FILE", help="an RFC 3161 timestamp (.tsr) of that checkpoint")
    parser.add_argument("--authority", metavar="PEM", help="certificates that must vouch for the timestamp's signer")
    parser.add_argument("--session", metavar="ID", help="say what was verified of this session; it must be there")
    parser.add_argument("--record", type=count, metavar="N", help="say what record N is; it must be there")
    parser.add_argument("--log", type=count, default=0, metavar="N", help="the log that --record means (default: 0)")
    parser.add_argument("--steps", action="store_true", help="say each step that was taken, by number")
    parser.add_argument("--no-index", action="store_true", help="do not compare the index with the records")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_verify)


def _verify(args: argparse.Namespace) -> int:
    from recorder.errors import RecorderError, VerificationError
    from recorder.verify import FILE_STEPS, STEPS, verify_report

    try:
        report = verify_report(
            args.path,
            signer=args.signer,
            checkpoint=args.checkpoint,
            receipts=args.receipt,
            index=not args.no_index,
        )
        named = [*_stamped(args), *_named(args)]
    except VerificationError as error:
        print(error, file=sys.stderr)
        return 1
    except RecorderError as error:
        print(error, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps({**report.to_json(), **({"named": named} if named else {})}))
        return 0
    print(
        f"verified: {report.records} records, checkpoint {report.checkpoint}, {report.after} after the last checkpoint"
    )
    signers = ", ".join(name[:16] for name in report.signers) or "nobody yet"
    print(f"  {report.checkpoints} checkpoints signed by {signers}")
    print(f"  {report.payloads} payloads fit their commitments, {report.removed} are not here")
    if report.receipts:
        print(f"  receipts borne out: {report.receipts}, each record in its log under what was signed with it")
    for text in named:
        print(f"  {text}")
    if args.steps:
        for number, step in enumerate(STEPS if Path(args.path).is_dir() else FILE_STEPS, 1):
            print(f"  step {number}: {step}")
    for sentence in report.unchecked():
        print(f"  not checked: {sentence}")
    return 0


def _stamped(args: argparse.Namespace) -> list[str]:
    """Since when the checkpoint that was given is known to have existed."""
    if args.timestamp is None:
        return []
    from cryptography import x509

    from recorder.errors import RequestError
    from recorder.timestamp import check_timestamp

    if args.checkpoint is None:
        raise RequestError("--timestamp is of a checkpoint", "give the checkpoint with --checkpoint FILE")
    try:
        answer, data = Path(args.timestamp).read_bytes(), Path(args.checkpoint).read_bytes()
        pinned = x509.load_pem_x509_certificates(Path(args.authority).read_bytes()) if args.authority else []
    except (OSError, ValueError) as error:
        raise RequestError(f"the timestamp cannot be checked: {error}") from None
    told = check_timestamp(answer, data, authorities=pinned)
    whom = told.authority if told.pinned else f"{told.authority} (not pinned: --authority)"
    return [f"the checkpoint existed at {told.time:%Y-%m-%dT%H:%M:%SZ}, says {whom}"]


def _named(args: argparse.Namespace) -> list[str]:
    """What was asked about by name, from a store that has just been verified."""
    if args.session is None and args.record is None:
        return []
    from recorder.errors import VerificationError
    from recorder.sessions import line

    told = []
    records = _verified_records(Path(args.path))
    ours = [record for record in records if record.session == args.session or _is_named(record, args)]
    if args.session is not None:
        found = [record for record in ours if record.session == args.session]
        if not found:
            raise VerificationError(f'no record of session "{args.session[:80]}" is there')
        told.append(f"session {args.session}: {len(found)} records, {found[0].seq} to {found[-1].seq}")
    if args.record is not None:
        named = next((record for record in ours if _is_named(record, args)), None)
        if named is None:
            raise VerificationError(f"log {args.log} has no record {args.record}", record=args.record)
        told.append(f"record {args.record}: {line(named.to_json())}")
    return told


def _is_named(record: Record, args: argparse.Namespace) -> bool:
    return (record.log, record.seq) == (args.log, args.record)


def _verified_records(path: Path) -> Iterator[Record]:
    """The records of a store, an export or a proof, without their payloads."""
    from recorder.reader import Record, Store
    from recorder.verify_export import leaves

    if path.is_dir():
        yield from Store(path).records()
        return
    for log, leaf in leaves(path):
        yield Record(log, leaf["seq"], 0, leaf, b"", b"")


def _add_list(parser: argparse.ArgumentParser) -> None:
    add_filters(parser)
    parser.add_argument("--text", metavar="TEXT", help="only sessions whose metadata hold this text")
    parser.add_argument("--since", metavar="TIME", help="only sessions that were active since then")
    parser.add_argument("--until", metavar="TIME", help="only sessions that began before then")
    parser.add_argument("--session", metavar="ID", help="only this session; * stands for anything")
    parser.add_argument("--newest", action="store_true", help="the latest first")
    parser.add_argument("--limit", type=count, metavar="N", help="at most so many")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_store(parser)
    parser.set_defaults(run=_list)


def _list(args: argparse.Namespace) -> int:
    from recorder.index import Index, Query

    facts = chosen(args)
    wanted = Query(facts, args.text, args.since, args.until, args.session)
    with Index.open(store_path(args)) as index:
        shown = _Counted(itertools.islice(index.sessions(wanted, newest=args.newest), args.limit))
        if args.json:
            _print_array(shown)
        else:
            for session in shown:
                print(_session_line(session))
    asked = {**dict(facts), "text": args.text, "since": args.since, "until": args.until, "session": args.session}
    _record_view(args, "list", None, shown.count, {name: value for name, value in asked.items() if value is not None})
    return 0


class _Counted:
    """What passes, counted."""

    def __init__(self, values: Iterable[dict[str, Any]]) -> None:
        self._values, self.count = values, 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for value in self._values:
            self.count += 1
            yield value


def _record_view(args: argparse.Namespace, action: str, target: str | None, count: int, asked: dict[str, Any]) -> None:
    """Put a look at metadata on record. It is not refused where that cannot be: a copy without keys is still read."""
    from recorder.errors import RecorderError
    from recorder.reading import record_view

    try:
        record_view(store_path(args), store_keys(args), action, target, count, asked)
    except RecorderError as error:
        print(f"note: this look at the metadata is not on record: {error.message}", file=sys.stderr)


def _print_array(values: Iterable[dict[str, Any]]) -> None:
    """A JSON array, written as it comes: it may hold a million objects."""
    separator = "["
    for value in values:
        sys.stdout.write(separator + json.dumps(value))
        separator = ", "
    sys.stdout.write("]\n" if separator == ", " else "[]\n")


def _session_line(session: dict[str, Any]) -> str:
    who = session.get("subject") or session.get("display") or "?"
    effects = ", ".join(f"{count} {effect}" for effect, count in sorted(session["effects"].items()))
    state = "ended" if session["ended"] else "open"
    return f"{session['started'][:19]}Z  {session['id']}  {who}  {session['records']} records  {effects}  {state}"


def _show(args: argparse.Namespace) -> int:
    from recorder.sessions import line

    told, _ = _told(args, "show")
    if args.json:
        print(json.dumps(told))
        return 0
    for value in told:
        print(line(value))
        if value.get("text"):
            print(_indented(value["text"]))
    return 0


def _told(args: argparse.Namespace, action: str) -> tuple[list[dict[str, Any]], Any]:
    from recorder.errors import RequestError
    from recorder.index import Index
    from recorder.sessions import with_commands

    path = store_path(args)
    with Index.open(path) as index:
        records = index.session_records(args.session)
    if not records:
        raise RequestError(
            f'no session "{args.session[:80]}" in {path}', "`hoopgate sessions list` shows what is there"
        )
    told = with_commands(records)
    if args.payloads or getattr(args, "serve", False):
        from recorder.reading import add_payloads

        add_payloads(told, records, path, store_keys(args), args.reason, action)
    else:
        _record_view(args, action, args.session, len(records), {})
    return told, records


def _indented(text: str) -> str:
    """A payload is hostile text: control characters are shown, not sent to the terminal."""
    safe = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
    return "    " + safe.replace("\n", "\n    ")


def _replay(args: argparse.Namespace) -> int:
    from recorder.errors import RequestError
    from recorder.replay import Script, pauses, play, serve_lines
    from recorder.sessions import line

    if args.speed < 0 or args.max_idle < 0:
        raise RequestError("--speed and --max-idle are not negative")
    told, records = _told(args, "replay")
    if args.serve:
        messages = ((value.get("call", ""), value["kind"], value.get("text", "").encode()) for value in told)
        serve_lines(Script(messages), sys.stdin, sys.stdout)
        return 0
    lines = [line(value) + ("\n" + _indented(value["text"]) if value.get("text") else "") for value in told]
    waits = pauses(records, args.speed, args.max_idle) if args.speed else [0.0] * len(lines)
    play(lines, waits, sys.stdout)
    return 0
