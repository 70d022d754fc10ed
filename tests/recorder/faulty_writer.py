"""Records and reports what was acknowledged; test_faults.py runs it under strace, which makes its calls fail."""

from __future__ import annotations

import contextlib
import os
import sys

import recorder

RECORDS = 14


def say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


def run(store: str) -> None:
    """Append, with small segments and a checkpoint now and then; refusals are reported, not fatal."""
    log = recorder.open(store, segment_bytes=1500)
    say("opened")
    for number in range(RECORDS):
        entry = recorder.Entry("request", f"s{number % 3}", {"call": f"{number:032x}"}, b"x" * 200)
        try:
            receipt = log.append(entry)
            say(f"{receipt.seq} {receipt.leaf_hash.hex()}")
        except recorder.WriteError as error:
            say(f"refused {error.code}")
        if number % 5 == 4:
            with contextlib.suppress(recorder.WriteError):
                log.checkpoint()
    with contextlib.suppress(recorder.WriteError):
        log.close()
    say("closed")


if __name__ == "__main__":
    try:
        run(sys.argv[1])
    except recorder.RecorderError as error:
        say(f"error {error.code}")
