"""`hoopgate ship`. Imports only the standard library until it runs."""

from __future__ import annotations

import argparse

__all__ = ["add_commands"]

SECRET = "HOOPGATE_SINK_SECRET"  # noqa: S105 - the variable's name


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to a command line."""
    from recorder.command import add_store

    shipping = subparsers.add_parser(
        "ship",
        help="send records on to a SIEM, at least once",
        description="Follow a store and deliver each record's metadata; payloads never leave.",
    )
    shipping.add_argument(
        "--to", required=True, metavar="URL", help="file, syslog+tcp, syslog+tls, otlp+http(s), http(s)"
    )
    shipping.add_argument("--cursor", metavar="FILE", help="how far it has come (default: beside the store)")
    shipping.add_argument("--once", action="store_true", help="deliver what is there and end")
    add_store(shipping)
    shipping.set_defaults(run=_ship)


def _ship(args: argparse.Namespace) -> int:
    import os
    import signal
    import sys
    import threading
    from hashlib import sha256

    from adapter_asgi.sinks.cursor import Cursor
    from adapter_asgi.sinks.ship import ship
    from adapter_asgi.sinks.target import target
    from recorder.command import store_path
    from recorder.index import Index

    store = store_path(args)
    receiver = target(args.to, os.environ.get(SECRET))
    with Index.open(store) as index:
        name = next((str(record.data.get("store", "")) for record in index.records(kinds=("log.opened",))), "")
    default = store.with_name(f"{store.name}.cursor-{sha256(args.to.encode()).hexdigest()[:12]}")
    cursor = Cursor(store.parent / args.cursor if args.cursor else default, name, args.to)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        sent = ship(store, name, receiver, cursor, once=args.once, stop=stop)
    except OSError as error:
        print(f"error[SNK04]: not delivered: {error}", file=sys.stderr)
        return 1
    print(f"delivered: {sent} records")
    return 0
