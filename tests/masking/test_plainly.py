"""What only looks like JSON is masked like JSON, or refused: no type lets a value pass by."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
from collections import OrderedDict, UserDict, defaultdict
from typing import Any, NamedTuple

import pytest

import masking

KEY = b"k" * 32


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Colour(enum.StrEnum):
    FILED = "SSN 123-45-6789"


class Row(NamedTuple):
    ssn: str


def masker() -> masking.Masker:
    return masking.Masker(masking.ALL, KEY, ner="none")


@pytest.mark.parametrize(
    "obj",
    [
        OrderedDict(ssn="123-45-6789"),
        UserDict({"ssn": "123-45-6789"}),
        defaultdict(str, ssn="123-45-6789"),
        {"ssn": Text("123-45-6789")},
        {Text("ssn"): Text("123-45-6789")},
        {"note": Text("SSN 123-45-6789")},
        {"note": Colour.FILED},
        {"ssn": Number(123456789)},
        {"a": ({"ssn": "123-45-6789"},)},
        ({"ssn": "123-45-6789"},),
        [Text("SSN 123-45-6789")],
        [["id", "ssn"], [1, Text("123-45-6789")]],
        [("name", "ssn"), ("x", "123-45-6789")],
        [Row("SSN 123-45-6789")],
    ],
)
@pytest.mark.parametrize("warm", [False, True])
def test_subclasses_and_tuples_are_masked_as_json(obj: Any, warm: bool) -> None:
    one = masker()
    if warm:
        for _ in range(2):
            one.mask_json([{"ssn": "none", "note": "seen", "a": []}, {"ssn": 5, "note": None, "a": True}])
    out = str(one.mask_json(obj).value)
    assert "123-45-6789" not in out
    assert "123456789" not in out


@pytest.mark.parametrize(
    "value", [decimal.Decimal(123456789), dt.date(1961, 3, 5), b"123-45-6789", {"123-45-6789"}, object()]
)
@pytest.mark.parametrize("hold", [lambda v: v, lambda v: [v], lambda v: {"ssn": v}, lambda v: {"a": [{"b": v}]}])
def test_what_is_no_json_value_is_refused_without_being_shown(value: Any, hold: Any) -> None:
    for mask in (masker().mask_json, masker().learn):
        with pytest.raises(masking.MaskingError) as caught:
            mask(hold(value))
        assert caught.value.code == "HM014"
        assert "123" not in str(caught.value)
        assert "1961" not in str(caught.value)


@pytest.mark.parametrize("key", [5, None, 1.5, ("ssn",)])
def test_keys_that_are_no_strings_are_refused(key: Any) -> None:
    with pytest.raises(masking.MaskingError) as caught:
        masker().mask_json([{"a": {key: "123-45-6789"}}])
    assert caught.value.code == "HM014"


def test_a_value_that_holds_itself_ends() -> None:
    ring: list[Any] = [OrderedDict(ssn="123-45-6789")]
    ring.append(ring)
    assert "123-45-6789" not in str(masker().mask_json(ring).value)


def test_the_input_is_not_touched_and_nothing_masked_is_shared_with_later_outputs() -> None:
    obj = {"note": "quiet words", "inner": [{"ssn": "123-45-6789"}, {"note": "quiet words"}], "n": 5}
    again = {"note": "quiet words", "inner": [{"ssn": "123-45-6789"}, {"note": "quiet words"}], "n": 5}
    one = masker()
    first = one.mask_json(obj).value
    assert obj == again
    first["inner"][0]["ssn"] = first["note"] = "spoilt"
    assert one.mask_json(again).value["inner"][0]["ssn"] == "[SSN]"
    assert obj == again
