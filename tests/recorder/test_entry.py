"""What may be recorded, and what is refused before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

import recorder
from recorder.entry import MAX_TEXT


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (recorder.Entry("nonsense", "s"), 'unknown entry kind "nonsense"'),
        (recorder.Entry("log.opened", "s"), "unknown entry kind"),
        (recorder.Entry("request", "s", {"arguments": "{}"}), '"arguments" is not a field of a leaf'),
        (recorder.Entry("request", "s", {"reason": "because"}), '"reason" is not a field'),
        (recorder.Entry("request", "s", {"command": "x" * (MAX_TEXT + 1)}), 'field "command" is not printable text'),
        (recorder.Entry("request", "s", {"command": "a\nb"}), 'field "command"'),
        (recorder.Entry("request", "s", {"count": True}), 'field "count" is not a 64-bit integer'),
        (recorder.Entry("request", "s", {"rules": "one"}), 'field "rules" is not a list'),
        (recorder.Entry("request", "s", {"masked": {"name": "three"}}), 'field "masked" is not a map'),
        (recorder.Entry("request", "a\x00b"), "session's id"),
        (recorder.Entry("request", "s", level="all"), "unknown record level"),  # type: ignore[arg-type]
        (recorder.Entry("request", "s", payload="text"), "payload is not bytes"),  # type: ignore[arg-type]
        (recorder.Entry("request", "s", {"rules": ["x" * 1000] * 80}), "leaf would exceed 65535 bytes"),
    ],
)
def test_what_has_no_place_in_a_leaf_is_refused(entry: recorder.Entry, says: str, store: Path) -> None:
    with recorder.open(store) as log:
        with pytest.raises(recorder.EntryError, match=says.replace("(", r"\(")) as caught:
            log.append(entry)
        assert caught.value.code == "HR001"
    assert recorder.verify_report(store).records == 1


def test_a_refusal_never_repeats_the_value(log: recorder.Log) -> None:
    with pytest.raises(recorder.EntryError) as caught:
        log.append(recorder.Entry("request", "s", {"command": "Jane Doe 123-45-6789\n"}))
    assert "Jane" not in str(caught.value)


def test_a_field_that_is_none_is_left_out(store: Path, log: recorder.Log) -> None:
    from recorder.reader import Store

    log.append(recorder.Entry("request", "s", {"command": "ehr/search", "run": None}))
    (record,) = Store(store).records(session="s")
    assert record.data == {"command": "ehr/search"}
