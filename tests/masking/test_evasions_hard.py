"""What somebody who controls a tool's text would try: each spelling of a value that is masked, or withheld."""

from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"
PATIENT = {
    "resourceType": "Patient",
    "name": [{"family": "Brankovic", "given": ["Marisol"]}],
    "birthDate": "1951-03-18",
    "telecom": [
        {"system": "phone", "value": "(918) 555-0138"},
        {"system": "email", "value": "m.brankovic@example.org"},
    ],
}
VALUES = {
    "name": ("Patient: ", "Marisol Brankovic"),
    "ssn": ("SSN ", "912-44-7781"),
    "phone": ("call ", "(918) 555-0138"),
    "mail": ("write to ", "m.brankovic@example.org"),
}


def _mid(value: str, put: str) -> str:
    half = len(value) // 2
    return value[:half] + put + value[half:]


def _each(form: str) -> Callable[[str], str]:
    return lambda value: "".join(form.format(char=char, code=ord(char)) for char in value)


def _in(first_upper: int, first_lower: int, first_digit: int | None = None) -> Callable[[str], str]:
    def written(value: str) -> str:
        out = ""
        for char in value:
            if char.isalpha():
                out += chr((first_upper if char.isupper() else first_lower) + ord(char.upper()) - 65)
            else:
                out += chr(first_digit + int(char)) if first_digit is not None and char.isdigit() else char
        return out

    return written


def _b64(data: str | bytes) -> str:
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def _times(value: str, times: int) -> str:
    for _ in range(times):
        value = _b64(value)
    return value


def _lines(value: str, size: int, end: str) -> str:
    return end.join(value[at : at + size] for at in range(0, len(value), size))


def _apart(gap: str) -> Callable[[str], str]:
    return gap.join


def _hex(gap: str, size: int = 1) -> Callable[[str], str]:
    return lambda value: value.encode().hex(gap, size)


HIDDEN: dict[str, Callable[[str], str]] = {
    "tag characters": lambda v: "".join(chr(0xE0000 + ord(char)) for char in v),
    "variation selectors": _apart("\ufe0f"),
    "supplementary selectors": _apart("\U000e0101"),
    "private use": _apart("\ue000"),
    "negative circles": _in(0x1F150, 0x1F150),
    "squares": _in(0x1F130, 0x1F130),
    "parentheses": _in(0x1F110, 0x249C),
    "mathematical": _in(0x1D400, 0x1D41A, 0x1D7CE),
    "keycaps": lambda v: "".join(char + "\ufe0f\u20e3" if char.isdigit() else char for char in v),
    "colours": _each("\x1b[38;5;196m{char}"),
    "colours with colons": lambda v: _mid(v, "\x1b[38:5:1m"),
    "colour of one byte": lambda v: _mid(v, "\x9b31m"),
    "terminal link": lambda v: _mid(v, "\x1b]8;;http://x\x1b\\"),
    "terminal title": lambda v: _mid(v, "\x1b]0;t\x07"),
    **{f"apart by {gap!r}": _apart(gap) for gap in (" ", "  ", ".", "-", "_", "/", ", ", "|", "\n", "*", "\t")},
    **{f"apart by {gap!r}": _apart(gap) for gap in ('" "', "','", "][", "}{")},
    "SQL ||": lambda v: f"'{v[:4]}'||'{v[4:]}'",
    "SQL || with blanks": lambda v: f"'{v[:4]}' || '{v[4:]}'",
    "PHP's dot": lambda v: f"'{v[:4]}' . '{v[4:]}'",
    "Basic's &": lambda v: f'"{v[:4]}" & "{v[4:]}"',
    "plus over lines": lambda v: f'"{v[:4]}" +\n   "{v[4:]}"',
    "CONCAT": lambda v: f"CONCAT('{v[:4]}','{v[4:]}')",
    "CHAR": lambda v: "CHAR(" + ",".join(str(ord(char)) for char in v) + ")",
    "CHR ||": lambda v: "||".join(f"CHR({ord(char)})" for char in v),
    "fromCharCode": lambda v: "String.fromCharCode(" + ", ".join(str(ord(char)) for char in v) + ")",
    "an empty expression": lambda v: _mid(v, '${""}'),
    "an empty template": lambda v: _mid(v, "{{}}"),
    "RTF": _each("\\'{code:02x}"),
    "backslashes": _each("\\{char}"),
    "TeX's groups": _each("{{{char}}}"),
    "TeX's empty space": lambda v: _mid(v, "\\kern0pt "),
    "four tildes": lambda v: _mid(v, "~~~~"),
    "a Markdown comment": lambda v: _mid(v, "[//]: # (x)"),
    "a long entity": lambda v: _mid(v, "&ZeroWidthSpace;"),
    "a long tag": lambda v: _mid(v, f'<span style="{"x" * 500}">'),
    "a comment with tags": lambda v: _mid(v, "<!-- a > b -->"),
    "a processing instruction": lambda v: _mid(v, "<?x?>"),
    "entities without their end": _each("&#{code}"),
    "hex entities without their end": _each("&#x{code:x}"),
    "entities of entities": _each("&amp;#{code};"),
    "percents of percents of percents": _each("%2525{code:02x}"),
    "characters by name": _each("\\N{{U+{code:04X}}}"),
    "braced hex": _each("\\x{{{code:x}}}"),
    "braced octal": _each("\\o{{{code:o}}}"),
    "octal with a nought": _each("\\0{code:03o}"),
    "CSS": _each("\\{code:x} "),
    "UTF-16 halves": lambda v: json.dumps(_in(0x1D400, 0x1D400, 0x1D7CE)(v)),
    **{f"hex apart by {gap!r}": _hex(gap) for gap in "-_.\n:"},
    "hex in pairs": _hex(" ", 2),
    "hex in fours": _hex(" ", 4),
    "hex with its letter": lambda v: " ".join(f"{ord(char):02x}h" for char in v),
    "hex with dollars": lambda v: " ".join(f"${ord(char):02x}" for char in v),
    "hex with commas": lambda v: ", ".join(f"0x{ord(char):02x}" for char in v),
    "a bytea": lambda v: "\\x" + v.encode().hex(),
    "bytes with semicolons": lambda v: "; ".join(str(ord(char)) for char in v),
    "binary in one": lambda v: "".join(f"{ord(char):08b}" for char in v),
    "base64 in lines of four": lambda v: _lines(_b64(v), 4, "\n"),
    "base64 without its end": lambda v: _b64(v).rstrip("="),
    "base64, one on": lambda v: "x" + _b64(v),
    "base64, two on": lambda v: "x/" + _b64(v),
    "base64, three on": lambda v: "a/b" + _b64(v),
    "base64 in strings": lambda v: f'"{_b64(v)[:9]}" + "{_b64(v)[9:]}"',
    "base64 in percents": lambda v: quote(_b64(v), safe="").replace("M", "%4D"),
    "base64 in a string's lines": lambda v: json.dumps(_lines(_b64(v), 4, "\r\n")),
    **{f"base64 {times} times": lambda v, times=times: _times(v, times) for times in (2, 3, 4, 5, 6)},
    "base64 of Latin-1": lambda v: _b64(f"\xe9 {v}".encode("latin-1")),
    "base64 among bytes": lambda v: _b64(b"\x00\x01\x02\xff" + v.encode() + b"\xfe\x80\x81"),
    "base64 of gzip": lambda v: _b64(gzip.compress(v.encode(), mtime=0)),
    "base64 of zlib": lambda v: _b64(zlib.compress(v.encode())),
    "base64 of deflate": lambda v: _b64(zlib.compress(v.encode())[2:-4]),
    "base64 of bzip2": lambda v: _b64(bz2.compress(v.encode())),
    "hex of zlib": lambda v: zlib.compress(v.encode()).hex(),
    "hex of base64": lambda v: _b64(v).encode().hex(),
    "base32 of hex digits": lambda v: base64.b32hexencode(v.encode()).decode(),
    "base32": lambda v: base64.b32encode(v.encode()).decode(),
    "base85 of a sentence": lambda v: base64.b85encode(f"patient {v}".encode()).decode(),
    "a data URI": lambda v: "data:text/plain;base64," + _b64(v),
    "a data URI in percents": lambda v: "data:text/plain," + _each("%{code:02x}")(v),
    "a JWT": lambda v: "eyJhbGciOiJIUzI1NiJ9." + _b64(json.dumps({"sub": v})).rstrip("=") + ".c2lnbmF0dXJl",
    "a quoted word": lambda v: "=?utf-8?Q?" + _each("={code:02X}")(v) + "?=",
    "a word in base64": lambda v: "=?utf-8?B?" + _b64(v) + "?=",
    "small quoted-printable": _each("={code:02x}"),
    "JSON in a query": lambda v: "GET /s?q=" + quote(json.dumps({"t": v})) + " HTTP/1.1",
    "JSON in a query with pluses": lambda v: "GET /s?q=" + quote_plus(json.dumps({"t": v})) + " HTTP/1.1",
    "a form": lambda v: f'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nsee {v} there\r\n--b--',
}  # fmt: skip


def left(out: str, value: str, written: str) -> bool:
    """Whether the value, or the better half of what was written for it, can still be read."""
    size = max(8, 2 * len(written) // 3)
    said = written.replace(value, "") != written  # the rest is a frame
    return value in out or (not said and any(written[at : at + size] in out for at in range(len(written) - size + 1)))


def masked(text: str, *, known: bool) -> str:
    masker = masking.Masker(masking.ALL, KEY)
    if known:
        masker.learn(PATIENT)
    return masker.mask_text(text).value


@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.parametrize("kind", VALUES)
def test_a_labelled_value_is_not_let_through(how: str, kind: str) -> None:
    label, value = VALUES[kind]
    written = HIDDEN[how](value)
    text = f"{label}{written} on file"
    out = masked(text, known=False)
    assert not left(out, value, written)
    assert masked(out, known=False) == out


def test_a_long_run_of_data_is_withheld_and_what_stands_beside_it_masked() -> None:
    data = _b64(b"".join(hashlib.sha256(bytes([at])).digest() for at in range(200)))
    out = masked(f"SSN 912-44-7781 {data} call (918) 555-0138", known=False)
    assert out == "SSN [SSN] [PHOTO] call [PHONE]"
    note = _b64("BP 120/80, doing well today. " * 200 + "SSN 912-44-7781")
    assert masked(f"see {note} there", known=False) == "see [SSN] there"


TURNED: dict[str, Callable[[str], str]] = {
    "backwards": lambda v: v[::-1],
    "words backwards": lambda v: " ".join(word[::-1] for word in v.split()),
    "ROT13": lambda v: codecs.encode(v, "rot13"),
    "hex": lambda v: v.encode().hex(),
    "percents": _each("%{code:02x}"),
    "base64": _b64,
    "base64, one on": lambda v: _b64("x" + v),
    "base64, two on": lambda v: _b64("xy" + v),
    "base64 within a word": lambda v: "blob" + _b64(v) + "end",
}


@pytest.mark.parametrize("how", TURNED)
@pytest.mark.parametrize("text", ["see {} on file", "{}", "[{}]"])
def test_a_patients_name_is_known_turned_or_encoded_without_a_label(how: str, text: str) -> None:
    value = "Marisol Brankovic"
    written = TURNED[how](value)
    assert not left(masked(text.format(written), known=True), value, written)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("born 12.III.1948 there", "III"),
        ("born 12 III 1948 there", "III"),
        ("born 7/xi/1948 there", "xi"),
        ("\u751f\u5e74\u6708\u65e5 1948\u5e743\u670812\u65e5", "12"),
        ("\u4e00\u4e5d\u56db\u516b\u5e74\u4e09\u6708\u5341\u4e8c\u65e5", "\u5341\u4e8c"),
        ("\u662d\u548c23\u5e743\u670812\u65e5", "12"),
        ("1948\ub144 3\uc6d4 12\uc77c", "12"),
        ("write m.brankovic @ example . org today", "brankovic"),
        ("write m.brankovic@@example.org today", "brankovic"),
        ("write m.br4nk0v1c@3xampl3.0rg today", "br4nk"),
        ("call nine one eight, five five five, zero one three eight", "five"),
        ("born march twelfth nineteen forty-eight", "twelfth"),
    ],
)
def test_dates_and_addresses_of_other_shapes(text: str, gone: str) -> None:
    assert gone in text
    assert gone not in masked(text, known=False)


@pytest.mark.parametrize("text", ["Minh Do came.", "DO, MINH", "Mr. Do came.", "Dr. Do called.", "Do, Minh"])
def test_a_surname_that_is_a_plain_word_is_known_beside_its_given_name_or_a_title(text: str) -> None:
    masker = masking.Masker(masking.ALL, KEY, ner="none")
    masker.learn({"resourceType": "Patient", "name": [{"family": "Do", "given": ["Minh"]}]})
    assert "do" not in masker.mask_text(text).value.lower()
    for plain in ("Do not resuscitate.", "What to do? Do it.", "do minh", "DO: osteopath"):
        assert masker.mask_text(plain).value.replace("[NAME]", "minh") == plain


@pytest.mark.parametrize(
    "text",
    [
        "a/b/c/d/e and I / II / III / IV / V / VI",
        "| 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |",
        "A, B, C, D, E, F: grades 1-2-3-4-5-6-7",
        "vitals 98-97-98-99-96-97-98-99; 72;75;80;78;76;74;73;70",
        "f(x)(y) = g[0][1]{2}; s = 'total ' + 'count'; path C:\\new\\table\\x",
        "Fever\nCough\nNausea\nVomiting\nRash\nPain",
        "have been seen with this same type from last week",
        "codes 4142 4344 4546 of 2019 2020 2021 2022",
        "> quoted line\n> another line # 2\n// note 3",
        "diabetes/hypertension/hyperlipidemia-uncontrolled_today",
    ],
)
def test_ordinary_texts_that_look_like_it_stay(text: str) -> None:
    assert masked(text, known=True) == text
