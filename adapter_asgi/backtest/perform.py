"""What `hoopgate backtest` does: read on the record, decide again, and say what would have changed."""

from __future__ import annotations

import argparse
import json

from adapter_asgi.backtest.candidate import Candidate
from adapter_asgi.backtest.changes import Outcome, replay
from adapter_asgi.backtest.recorded import Reading
from adapter_asgi.backtest.report import as_json, as_text
from policy_lang.proof.revisions import policy_at
from recorder.command import store_keys, store_path
from recorder.errors import KeysError, RequestError
from recorder.index import Index, Query
from recorder.keys import Keys
from recorder.reader import Payloads, Store
from recorder.reading import act

__all__ = ["backtest"]


_REASON = "to decide recorded calls again under the policy {}; nothing of what was sent is shown"


def backtest(args: argparse.Namespace) -> int:
    """`backtest POLICY`: 0, or 1 where a call changes as `--fail-on` says. Raises PolicyError, RecorderError.

    Without the store's keys only the leaves are read, and what it takes more to decide is counted as undecided.
    """
    policy = policy_at(args.policy)
    store, keys = store_path(args), _keys(args)
    query = Query([_fact(text) for text in args.where], None, args.since, args.until, args.session)
    reading = Reading(Payloads(Store(store), keys) if keys else None)
    with Index.open(store) as index:
        found = replay(reading.sessions(index, query), Candidate(policy))
    if keys:
        about = {"action": "backtest", "target": policy.digest, "count": reading.opened}
        reason = (args.reason or "").strip() or _REASON.format(policy.digest)
        act(store, keys, "read", "", {**about, "digest": reading.digest.hexdigest()}, reason)
    print(json.dumps(as_json(found, policy.digest), indent=2) if args.json else as_text(found, policy.digest, store))
    return 1 if args.fail_on and _fails(found, args.fail_on) else 0


def _keys(args: argparse.Namespace) -> Keys | None:
    """The store's keys; None where they are somewhere else, as with a copy. Raises KeysError where some are named."""
    try:
        return store_keys(args)
    except KeysError:
        if args.keys:
            raise
        return None


def _fact(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals:
        raise RequestError(f'"{text[:80]}" names no field', "write FIELD=VALUE, for example command=ehr/*")
    return field, value


def _fails(found: Outcome, on: str) -> bool:
    if on == "any":
        return bool(found.changes)
    return bool(found.count("widening" if on == "widening" else "narrowing"))
