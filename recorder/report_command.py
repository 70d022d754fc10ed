"""`hoopgate report` and `hoopgate review`. Imports only the standard library until a command runs."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from recorder.amounts import count
from recorder.filters import add_filters, chosen

__all__ = ["add_commands"]


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them to a command line."""
    from recorder.command import add_store

    reporting = subparsers.add_parser(
        "report",
        help="the evidence for each control, for a period",
        description="Collect, for each control of a framework, what the store says of a period. Prints it, unless "
        "--out names files.",
    )
    reporting.add_argument(
        "--framework", default="hipaa", metavar="NAME", help="hipaa, nist-800-53, soc2, or a .toml file"
    )
    reporting.add_argument(
        "--out",
        action="append",
        metavar="FILE",
        help="write .html, .pdf, .json, .csv, .oscal.json or .txt (may be repeated)",
    )
    _add_period(reporting)
    add_filters(reporting)
    reporting.add_argument(
        "--destructive",
        action="append",
        metavar="PATTERN",
        help="a command that destroys, server/tool (may be repeated)",
    )
    reporting.add_argument(
        "--idle-minutes", type=count, default=15, metavar="N", help="after which a session has to end (15)"
    )
    reporting.add_argument(
        "--review-days", type=count, default=31, metavar="N", help="after which a review is due (31)"
    )
    reporting.add_argument("--no-verify", action="store_true", help="do not verify the store; the report says so")
    reporting.add_argument("--no-proofs", action="store_true", help="leave the records' proofs out")
    reporting.add_argument("--strict", action="store_true", help="exit 1 where there are exceptions")
    add_store(reporting)
    reporting.set_defaults(run=_report)
    what = "Reviews of what was recorded: somebody looks, and their word is a record."
    group = subparsers.add_parser("review", help="reviews of activity", description=what)
    reviews = group.add_subparsers(required=True, metavar="WHAT")
    what = "Sign off a review of a period; the word becomes a record."
    signing = reviews.add_parser("sign", help="sign off a review of a period", description=what)
    _add_period(signing)
    signing.add_argument("--reason", metavar="TEXT", help="what was found; it is recorded (required)")
    signing.add_argument("--report", metavar="FILE", help="the report that was reviewed; its digest is recorded")
    what = "list the reviews on record; exit 1 where one is overdue"
    listing = reviews.add_parser("list", help=what, description=f"L{what[1:]}.")
    listing.add_argument("--review-days", type=count, default=31, metavar="N", help="after which a review is due (31)")
    listing.add_argument("--json", action="store_true", help="print JSON")
    for parser, run in ((signing, _sign), (listing, _list)):
        add_store(parser)
        parser.set_defaults(run=run)


def _add_period(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", metavar="TIME", help="RFC 3339; a date is its midnight, UTC (default: the first record)"
    )
    parser.add_argument("--until", metavar="TIME", help="RFC 3339, not included (default: now)")
    parser.add_argument("--month", metavar="YYYY-MM", help="a month instead, UTC")


def _period(args: argparse.Namespace) -> tuple[str | None, str | None]:
    """Raises RequestError for a month that is none, or together with --since or --until."""
    from recorder.errors import RequestError

    if args.month is None:
        return args.since, args.until
    if args.since or args.until:
        raise RequestError("--month stands alone", "leave --since and --until out")
    year, _, month = args.month.partition("-")
    if not (len(year) == 4 and year.isdecimal() and len(month) == 2 and month.isdecimal() and 1 <= int(month) <= 12):
        raise RequestError("--month is YYYY-MM")
    after = f"{int(year) + 1:04d}-01" if month == "12" else f"{year}-{int(month) + 1:02d}"
    return f"{args.month}-01T00:00:00Z", f"{after}-01T00:00:00Z"


def _report(args: argparse.Namespace) -> int:
    from recorder.command import store_path
    from recorder.errors import RequestError
    from recorder.report.build import DESTRUCTIVE, build
    from recorder.report.text import text
    from recorder.report.write import FORMATS, write

    outs = [Path(name) for name in args.out or []]
    for out in outs:
        if not out.name.endswith(tuple(FORMATS)):
            raise RequestError(f'no report format ends as "{out.name[-40:]}" does', f"one of {', '.join(FORMATS)}")
        if out.exists():
            raise RequestError(f"{out} exists", "name a new file")
    since, until = _period(args)
    facts = chosen(args)
    path = store_path(args)
    report = build(
        path,
        args.framework,
        since=since,
        until=until,
        facts=facts,
        destructive=args.destructive or DESTRUCTIVE,
        idle=args.idle_minutes * 60,
        review=args.review_days * 86_400,
        verify=not args.no_verify,
        proofs=not args.no_proofs,
        progress=_progress(),
    )
    for out in outs:
        write(report, out)
        print(f"written: {out}{_on_record(args, path, out, report.records)}")
    if not outs:
        sys.stdout.write(text(report))
    return 1 if args.strict and report.summary()["exceptions"] else 0


def _progress() -> Any:
    """Progress on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        return lambda _: None

    def show(count: int) -> None:
        sys.stderr.write(f"\r{count} records")
        sys.stderr.flush()

    return show


def _on_record(args: argparse.Namespace, path: Path, out: Path, records: int) -> str:
    """A report leaves the store: that is a record, where the store's keys are at hand."""
    from hashlib import sha256

    from recorder.command import store_keys
    from recorder.entry import Entry
    from recorder.errors import KeysError
    from recorder.log import open as open_log
    from recorder.reading import user

    digest = sha256(out.read_bytes()).hexdigest()
    try:
        keys = store_keys(args)
    except KeysError:
        return f", sha256 {digest} (not recorded: the store's keys are not here)"
    metadata = {"user": user(), "via": "command line", "action": "report", "count": records, "digest": digest}
    with open_log(path, keys=keys, acting=True) as log:
        seq = log.append(Entry("export", "", metadata)).seq
    return f", sha256 {digest}, on record as {seq}"


def _sign(args: argparse.Namespace) -> int:
    from datetime import UTC, datetime
    from hashlib import sha256

    from recorder.command import store_keys, store_path
    from recorder.errors import RequestError
    from recorder.index_query import nanoseconds
    from recorder.reading import act

    since, until = _period(args)
    until = until or datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if since is None:
        raise RequestError("a review needs the beginning of its period", "give --since, or --month")
    if nanoseconds(until) <= nanoseconds(since):
        raise RequestError("the period ends before it begins", "give --since before --until")
    if nanoseconds(until) > datetime.now(UTC).timestamp() * 1e9 + 1e9:
        raise RequestError("nobody reviews what has not happened yet", "give an earlier --until")
    metadata = {"action": "sign-off", "since": since, "until": until}
    if args.report:
        try:
            metadata["digest"] = sha256(Path(args.report).read_bytes()).hexdigest()
        except OSError as error:
            raise RequestError(f"cannot read {args.report}: {error.strerror}") from None
    seq = act(store_path(args), store_keys(args), "review", "", metadata, args.reason)
    print(f"signed off: {since} to {until}, record {seq}")
    return 0


def _list(args: argparse.Namespace) -> int:
    from recorder.command import store_path
    from recorder.index import Index
    from recorder.index_acts import acts
    from recorder.report.reviews import moment, reviewed

    with Index.open(store_path(args)) as index:
        records, spans = reviewed(index, acts(index, ("review",)), time.time_ns(), args.review_days * 86_400 * 10**9)
    found = [record.to_json() for record in records]
    overdue = [[moment(first), moment(last)] for first, last in spans]
    if args.json:
        print(json.dumps({"reviews": found, "overdue": overdue}))
        return 1 if overdue else 0
    for review in found:
        span = f"{review['since']} to {review['until']}" if "since" in review else f"approval {review.get('approval')}"
        print(f"{review['time'][:19]}Z  {review.get('approver') or review.get('user')}  {span}")
    for first, last in overdue:
        print(f"overdue: nobody reviewed {first} to {last}")
    return 1 if overdue else 0
