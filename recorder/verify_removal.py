"""Verification of removals: each payload that is gone has a record that says so."""

from __future__ import annotations

from recorder import layout
from recorder.errors import VerificationError
from recorder.verify_log import LogFindings

__all__ = ["check_removal"]


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
