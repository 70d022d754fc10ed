"""Making an export: plan, parts, ledgers, manifest; on record; resumed where it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from recorder.entry import MAX_ITEMS, Entry
from recorder.errors import RequestError
from recorder.export.asking import Wanted
from recorder.export.ledgers import rows
from recorder.export.places import Places, find
from recorder.export.records import checkpoint_of, frames_of, parts, place_of, signers
from recorder.export.tables import FILES, write_table
from recorder.export.workplace import Workplace
from recorder.keys import Keys
from recorder.log import open as open_log
from recorder.reader import Payloads, Store

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from recorder.log import Log

__all__ = ["export"]

Progress = Callable[[str], None]


def export(
    path: Path,
    out: Path,
    keys: Keys,
    reason: str | None,
    *,
    sessions: Collection[str] | None = None,
    wanted: Wanted | None = None,
    auditor: X25519PrivateKey | None = None,
    who: str,
    via: str = "library",
    progress: Progress = lambda _: None,
) -> str:
    """Write an export of what is wanted, or of everything signed so far; the act is recorded first. Returns its digest.

    Interrupted, it leaves `<out>.part`; the same call again goes on there. Memory is bounded by the largest payload,
    the ids of the chosen sessions, and one batch of rows.

    Raises RequestError: no reason, unknown session, nothing signed yet, too large, `out` exists, originals without the
    auditor's key, another export's remains.
    """
    if not reason or not reason.strip():
        raise RequestError("an export needs a reason, which is recorded", "give --reason TEXT")
    if out.exists():
        Workplace(out).remove()  # one that was ended when its file had its name already: what is in it is in the clear
        raise RequestError(f"{out} exists", "name a new file")
    asked = wanted or Wanted(sessions=None if sessions is None else tuple(sorted(sessions)))
    if asked.originals and auditor is None:
        raise RequestError("originals are sealed to the auditor", "give --auditor-key FILE")
    store = Store(path)
    work = Workplace(out)
    plan = work.plan(asked.to_json())
    if plan is None:
        places = find(store, asked)
        work.begin({"asked": asked.to_json(), "places": places.to_json()})
    else:
        places = Places.from_json(plan["places"])
    with open_log(path, keys=keys, acting=True) as log:
        if "sessions" in asked.ledgers or "masking" in asked.ledgers:
            _announce(log, asked, places, reason, who, via)
        _fill(work, store, places, asked, Payloads(store, keys), auditor, progress)
        sums = list(work.sums())
        text = "".join(f"{digest} {size} {name}\n" for name, digest, _, size in sums)
        digest = sha256(text.encode()).hexdigest()
        for entry in _entries(places, digest, reason, who, via):
            log.append(entry)
        work.assemble(sums, log.sign("hoopgate export v1\n" + text).encode())
    return digest


def _announce(log: Log, asked: Wanted, places: Places, reason: str, who: str, via: str) -> None:
    """Payloads are read: that is on record before the first one is."""
    action = "originals" if asked.originals else "export"
    metadata = {"action": action, "count": places.records, "user": who, "via": via}
    log.append(Entry("read", "", metadata, payload=reason.encode()))


def _entries(places: Places, digest: str, reason: str, who: str, via: str) -> Iterator[Entry]:
    """The act, as one record for each MAX_ITEMS sessions, so that each session's erasure finds its exports."""
    targets = sorted(places.sessions or ())
    for at in range(0, max(len(targets), 1), MAX_ITEMS):
        metadata = {"user": who, "via": via, "targets": targets[at : at + MAX_ITEMS], "digest": digest}
        yield Entry("export", "", {**metadata, "count": places.records}, payload=reason.encode())


def _fill(
    work: Workplace,
    store: Store,
    places: Places,
    asked: Wanted,
    payloads: Payloads,
    auditor: X25519PrivateKey | None,
    progress: Progress,
) -> None:
    for log, (_, _, size) in sorted(places.ranges.items()):
        work.write(f"log-{log}/checkpoint", [checkpoint_of(store, log, size)[0].render().encode()])
        work.write(f"log-{log}/range.json", [place_of(store, places, log, asked.payloads)])
        for name, first, end in parts(places, log):
            progress(f"{name}: records {first} to {end - 1}")
            if not work.has(name):
                work.write(name, frames_of(store, places, log, first, end, asked.payloads))
    for name, data in signers(store):
        work.write(name, [data])
    for ledger in asked.ledgers:
        for format_ in asked.formats:
            name = f"ledgers/{ledger}.{FILES[format_]}"
            progress(name)
            if not work.has(name):
                found = rows(ledger, store, places, payloads, auditor if asked.originals else None)
                aside = work.path(f"{name}.new")
                write_table(ledger, format_, aside, found)
                aside.replace(work.path(name))
