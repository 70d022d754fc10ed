"""The process that the fault suites torment: it records, and tells each acknowledgement before it goes on.

    appender.py     a nursery: for each line `live|crowd STORE TOLD GO` on stdin it forks one life, which prints its pid

A life waits until something is written to the pipe GO (so that a tracer can be attached first), opens STORE, records,
and writes to the file TOLD, one line each:

    ack CALL SEQ HASH      `append` returned: this must be found from now on, whatever happens
    ref CALL               `append` was refused: this must never be found
    note WHAT              opening, a checkpoint or closing failed, with the error's code
    end                    the life came to its end

The nursery has imported and exercised everything before it forks, so that a life's system calls are the recorder's own.
Told lines go out by writev, which the recorder does not use: the injected faults do not meet them.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import recorder

BATCHES, BATCH = 6, 4
SEGMENT = 2500  # bytes; small, so that segments are rolled while faults strike
ANY_TRACER = (0x59616D61, ctypes.c_ulong(-1))  # prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY)

Tell = Callable[[str], None]


def entry(call: str, session: str, number: int, kind: str = "request") -> recorder.Entry:
    """The number-th entry of a life: every third one in a retention class of its own."""
    metadata = {"call": call, "server": "ehr", "command": "ehr/search"}
    retain = 3600 if number % 3 == 0 else None
    return recorder.Entry(kind, session, metadata, b'{"number": %d}' % number, retain=retain)


def settle(call: str, future: Future[recorder.Receipt], tell: Tell) -> None:
    try:
        receipt = future.result()
    except recorder.WriteError:
        tell(f"ref {call}")
    else:
        tell(f"ack {call} {receipt.seq} {receipt.leaf_hash.hex()}")


def live(store: str, life: str, tell: Tell) -> None:
    """Batches of four over two sessions and two retention classes, a checkpoint in the middle, an orderly end."""
    try:
        log = recorder.open(store, segment_bytes=SEGMENT)
    except recorder.RecorderError as error:
        tell(f"note open {error.code}")
        return
    number = 0
    for batch in range(BATCHES):
        futures = []
        for _ in range(BATCH):
            call = f"{life}.{number}"
            futures.append((call, log.submit(entry(call, f"session{number % 2}", number))))
            number += 1
        for call, future in futures:
            settle(call, future, tell)
        if batch == BATCHES // 2:
            attempt("checkpoint", log.checkpoint, tell)
            attempt("end", lambda: log.end_session("session1").result(), tell)
    attempt("close", log.close, tell)


def attempt(what: str, act: Callable[[], object], tell: Tell) -> None:
    try:
        act()
    except recorder.RecorderError as error:
        tell(f"note {what} {error.code}")


def crowd(store: str, life: str, tell: Tell, writers: int = 64) -> None:
    """Many writers that never stop: somebody else has to end this process."""
    log = recorder.open(store, segment_bytes=200_000)

    def write(name: int) -> None:
        number = 0
        while True:
            call = f"{life}.{name}.{number}"
            settle(call, log.submit(entry(call, f"{life}.{name}", number, "response")), tell)
            number += 1

    for name in range(writers):
        threading.Thread(target=write, args=(name,), daemon=True).start()
    threading.Event().wait()


def be(store: str, told: str, go: str, work: Callable[[str, str, Tell], None]) -> None:
    """One life, from the fork to its end."""
    out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    gate = select.poll()
    gate.register(os.open(go, os.O_RDONLY | os.O_NONBLOCK), select.POLLIN)
    print(os.getpid(), flush=True)
    gate.poll()

    def tell(line: str) -> None:
        os.writev(out, [line.encode() + b"\n"])

    work(store, Path(told).name, tell)
    tell("end")


def void(_: object) -> None:
    return None


def nursery() -> None:
    """Fork a life for each line of stdin; end with it."""
    with tempfile.TemporaryDirectory() as rehearsal:
        live(f"{rehearsal}/evidence", "rehearsal", void)
    ctypes.CDLL(None).prctl(*ANY_TRACER, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.disable()
    for line in sys.stdin:
        kind, store, told, go = line.split()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(*ANY_TRACER, 0, 0, 0)
            be(store, told, go, live if kind == "live" else crowd)
            os._exit(0)


if __name__ == "__main__":
    nursery()
