"""Verification of removals: each payload that is gone has a record that says so."""

from __future__ import annotations

from recorder import layout
from recorder.errors import VerificationError
from recorder.verify_log import LogFindings

__all__ = ["check_removal", "check_seen"]


def check_removal(found: list[LogFindings]) -> None:
    """Step 7: segments that lost payloads are those that a `retention.expired` record names. Raises
    VerificationError.
    """
    gone = [leaf["data"] for item in found for _, leaf in item.facts if leaf["kind"] == "retention.expired"]
    for item in found:
        expired = {data["segment"] for data in gone if data["log"] == str(item.log)}
        for segment, records in sorted(item.stripped.items()):
            if segment not in expired:
                place = layout.segment(item.log, segment)
                raise VerificationError(
                    f"record {records[0]}, in {place}: its payload is gone and no record says why",
                    place=place,
                    record=records[0],
                )
        for segment, (size, sealed) in sorted(item.resized.items()):
            if segment not in expired:
                place = layout.segment(item.log, segment)
                raise VerificationError(f"{place} has {size} bytes; it was sealed with {sealed}", place=place)


def check_seen(found: list[LogFindings]) -> None:
    """Each log is as far as another log once saw it: none was deleted, cut or rewritten since. Raises
    VerificationError.
    """
    logs = {str(item.log): item for item in found}
    for item in found:
        for seq, leaf in item.facts:
            if leaf["kind"] != "log.seen":
                continue
            data = leaf["data"]
            other = logs.get(data["log"])
            if other is None or other.roots.get(data["size"], b"").hex() != data["root"]:
                raise VerificationError(
                    f"record {seq} of log {item.log} saw log {data['log']} at {data['size']} records: not there",
                    "the other log was deleted, rolled back or rewritten",
                    place=layout.segment(int(data["log"]), 0),
                    record=data["size"] - 1,
                )
