"""Lines of JSON in a text are masked together: what one teaches holds for all, and the rest stays byte for byte."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import masking
from masking import documents

KEY = b"k" * 32


def masker() -> masking.Masker:
    return masking.Masker(masking.ALL, KEY, ner="none")


TEXT = (
    '{"note": "Zebrowski came", "n": 1.50}\r\n'
    "\n"
    '{ "quiet":  "\u2028", "n": 1e3 }\n'
    '{"last_name": "Zebrowski", "mrn": "00482913"}\n'
    '["seen", "00482913"]\n'
)


@pytest.mark.parametrize("together", [1, 60, 1 << 20])
def test_a_later_line_teaches_an_earlier_one(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """However the lines are grouped."""
    monkeypatch.setattr(documents, "TOGETHER", together)
    masked = masker().mask_text(TEXT)
    lines = masked.value.split("\n")
    assert lines[0] == '{"note": "[NAME] came", "n": 1.50}\r'
    assert lines[1:3] == ["", '{ "quiet":  "\u2028", "n": 1e3 }']
    assert lines[3] == '{"last_name": "[NAME]", "mrn": "[MRN]"}'
    assert lines[4] == '["seen", "[MRN]"]'
    assert [finding.where for finding in masked.findings] == [
        "line 1: $.note", "line 4: $.last_name", "line 4: $.mrn", "line 5: $[1]",
    ]  # fmt: skip


def test_json_in_sentences_and_the_sentences_teach_each_other() -> None:
    text = 'Zebrowski called.\n{"note": "Quuxley came"}\nlast_name: Quuxley\n{"last_name": "Zebrowski"}'
    masked = masker().mask_text(text)
    assert "Zebrowski" not in masked.value
    assert "Quuxley" not in masked.value
    assert {"line 2: $.note", "line 4: $.last_name"} < {finding.where for finding in masked.findings}


ROW = st.fixed_dictionaries(
    {"a": st.sampled_from(["Zebrowski came", "mg/dL", "", "123-45-6789", "x\ty", '{"last_name": "Quuxley"}'])},
    optional={
        "last_name": st.sampled_from(["Zebrowski", "Quuxley", "\u00c1lvarez"]),
        "n": st.sampled_from([1, 2.5, None, True, [], {}, [1, {"b": "Quuxley"}], 123456789]),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=6), st.sampled_from([1, 40, 1 << 20]))
def test_lines_are_masked_as_the_items_of_an_array_are(rows: list[dict[str, object]], together: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "TOGETHER", together)
        masked = masker().mask_text("\n".join(map(json.dumps, rows)))
    as_array = masker().mask_json(rows)
    assert [json.loads(line) for line in masked.value.split("\n")] == as_array.value


@pytest.mark.parametrize(
    "taught",
    [
        {"body": '{"patient": {"last_name": "Zebrowski"}}'},
        {"body": json.dumps(json.dumps({"last_name": "Zebrowski"}))},
        {"body": 'see [{"last_name": "Zebrowski"}] for it'},
        {"body": '{"last_name": "Zebrowski"}\n{"last_name": "Other"}'},
        {"body": "last_name: Zebrowski"},
        {"body": base64.b64encode(b'{"last_name": "Zebrowski"}').decode()},
    ],
)
def test_what_is_learnt_is_also_read_from_documents_in_strings(taught: dict[str, str]) -> None:
    one = masker()
    one.learn(taught)
    assert one.mask_json({"note": "zebrowski walked in"}).value == {"note": "[NAME] walked in"}
