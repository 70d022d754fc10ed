"""What happened yesterday: a run that was refused, written into a store before the gate opens it."""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from pathlib import Path
from unittest import mock

import recorder
from adapter_asgi.evidence import open_keys
from adapter_asgi.identity.replay import ReplayMarks
from adapter_asgi.settings import load
from adapter_asgi.state import State
from recorder.clock import Clock

DAY = 86_400 * 10**9
RUN, SESSION, RULE = "4711", "yesterday0000000000000000000refus", "pipelines never delete a record"
CALL = {"call": "c0ffee0000000001", "command": "ehr/delete_patient", "method": "tools/call"}


def seed(config: Path) -> None:
    """One session of a run, a day old: one call, refused. The gate has had its marks of shown tokens since before."""
    settings = load(config, {})
    with closing(State(settings.state, settings.keys)) as state:
        ReplayMarks(state.file("replay.sqlite"), state.key("replay")).close()
    who = {"server": "ehr", "subject": "project_path:acme/etl:ref_type:branch:ref:main", "run": RUN}
    about = {**who, "display": f"acme/etl (branch main, run {RUN})", "caller": "ci", "repository": "acme/etl"}
    ruled = {"rules": [RULE], "decision": "dec1510000000001"}
    with (
        mock.patch("recorder.log.Clock", partial(Clock, wall=lambda: time.time_ns() - DAY)),
        recorder.open(settings.store, keys=open_keys(settings)) as log,
    ):
        for kind, metadata in (
            ("session.opened", who),
            ("session.identity", {**about, "branch": "main", "environment": "production", "actor": "alice"}),
            ("decision", {**who, **CALL, **ruled, "effect": "deny", "policy": "sha256:" + "0" * 64}),
            ("refusal", {**who, **CALL, **ruled, "error": "GT201", "outcome": "refused"}),
            ("session.ended", who),
        ):
            log.append(recorder.Entry(kind, SESSION, metadata))
