"""Values spelt in rarer ways: listed, broken up, in forms and cards, in encodings of mail and of other programs."""

from __future__ import annotations

import base64
import gzip
import html
import json
from binascii import b2a_uu
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

import masking

KEY = b"k" * 32
SSN = "123-45-6789"
SAID = f"SSN is {SSN}"
RECORD = json.dumps({"last_name": "Zebrowski", "ssn": SSN})


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _by(text: str, size: int, glue: str) -> str:
    return glue.join(text[at : at + size] for at in range(0, len(text), size))


LONG = _b64((SAID + ". ").encode() * 6)
TEXTS = [
    *(f"the SSN is {char.join(SSN)} today" for char in "\x0b\x7f\ufffc\U0001d159\u2800\U000e0100"),
    "SSN " + "".join(f"%u{ord(char):04x}" for char in SSN),
    "SSN +" + _b64(SSN.encode("utf-16-be")).rstrip("=") + "-",
    "SSN \\textbf{123}-\\textbf{45}-\\textbf{6789}",
    "SSN (1)(2)(3)(4)(5)(6)(7)(8)(9)",
    "SSN '1''2''3''4''5''6''7''8''9'",
    "SSN {1}{2}{3}{4}{5}{6}{7}{8}{9}",
    "NSS uno dos tres cuatro cinco seis siete ocho nueve",
    "INSERT INTO p VALUES (0x" + SSN.encode().hex() + ")",
    "MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5\rNTE|1||SSN \\X" + SSN.encode().hex().upper() + "\\",
    _by(LONG, 20, "\n"),
    _by(LONG, 76, "\r\n"),
    _by(_b64(SAID.encode()), 4, " "),
    _b64(SAID.encode("utf-32-le")),
    _b64(SAID.encode("utf-32-be")),
    base64.b32encode(SAID.encode()).decode().lower(),
    gzip.compress(SAID.encode(), mtime=0).hex(),
    "begin 644 x\n" + b2a_uu(SAID.encode()).decode() + "`\nend",
    "=ybegin line=128 size=18\n" + "".join(chr((byte + 42) % 256) for byte in SAID.encode()) + "\n=yend",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_numbers_spelt_in_rarer_ways_are_masked(text: str) -> None:
    once = masking.Masker(masking.ALL, KEY, ner="none").mask_text(text).value
    shown = [line for line in text.split() if len(line) > 8 and not line.startswith(("MSH", "NTE", "=ybegin", "begin"))]
    assert once != text
    assert not any(part in once for part in shown if any(map(str.isdigit, part)) or len(shown) == 1)
    assert masking.Masker(masking.ALL, KEY, ner="none").mask_text(once).value == once


LAST = {"last_name": "Zebrowski"}
VALUES: list[tuple[Any, str]] = [
    ({"x": quote(RECORD)}, "Zebrowski"),
    ({"x": quote(RECORD, safe="")}, "Zebrowski"),
    ({"x": quote_plus(RECORD)}, "Zebrowski"),
    ({"x": quote(quote(RECORD))}, "Zebrowski"),
    ({"x": html.escape(RECORD)}, "Zebrowski"),
    ({"x": "".join(f"\\u{ord(char):04x}" for char in RECORD)}, "\\\\u005a"),
    ({"x": "".join(f"\\\\u{ord(char):04x}" for char in RECORD)}, "\\\\u005a"),
    ({"a": "SSN 123-45-", "b": "6789 is it"}, "6789"),
    ({"x": list(SSN)}, '"6", "7"'),
    ({"x": list(SAID.encode())}, "49, 50, 51"),
    ({"dob": {"year": 1961, "month": 3, "day": 5}}, '"day": 5'),
    ({"area_code": "617", "exchange": "555", "line_number": "0142"}, "0142"),
    ([LAST, {"x": "\u1d22\u1d07\u0299\u0280\u1d0f\u1d21s\u1d0b\u026a came"}], "\u1d22"),
    ([LAST, {"x": "\u0396\u03b5browski came"}], "browski"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "gone"), VALUES)
def test_values_spread_over_json_are_masked(value: Any, gone: str) -> None:
    masked = masking.Masker(masking.ALL, KEY, ner="none").mask_json(value).value
    assert gone in json.dumps(value, ensure_ascii=False)
    assert gone not in json.dumps(masked, ensure_ascii=False)
    assert masking.Masker(masking.ALL, KEY, ner="none").mask_json(masked).value == masked


@pytest.mark.parametrize(
    "text",
    [
        '--b\r\nContent-Disposition: form-data; name="last_name"\r\n\r\nZebrowski\r\n--b--',
        "BEGIN:VCARD\nN:Zebrowski;Jan;;;\nFN:Jan Zebrowski\nEND:VCARD",
        "BEGIN:VEVENT\nATTENDEE;CN=Jan Zebrowski:mailto:jan@example.org\nEND:VEVENT",
    ],
)
def test_forms_and_cards_say_whose_name_it_is(text: str) -> None:
    assert "Zebrowski" not in masking.Masker(masking.ALL, KEY, ner="none").mask_text(text).value


@pytest.mark.parametrize(
    "value",
    [
        {"x": [98, 97, 99, 100, 96, 95, 97, 98]},
        {"x": list("ABCDEFGH")},
        {"x": quote(json.dumps({"code": "8302-2", "unit": "mg/dL"}))},
        {"x": "the \\alpha{1} and {2}"},
        {"prefix": "Dr", "station": "4B"},
        {"a": "BP 120/", "b": "80 was read"},
        {"x": "This will make them like that more than ever"},
    ],
)
def test_what_only_looks_like_it_stays(value: Any) -> None:
    assert masking.Masker(masking.ALL, KEY, ner="none").mask_json(value).value == value
