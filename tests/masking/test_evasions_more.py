"""Further spellings that hide a value: control characters, colour codes, split markup, misread figures."""

from __future__ import annotations

import base64

import pytest

import masking

KEY = b"a key for tests, thirty-two bytes"
NAME, SSN, PHONE, MAIL, BORN = (
    "Marisol Brankovic",
    "912-44-7781",
    "(918) 555-0138",
    "m.brankovic@example.org",
    "03/18/1951",
)


def masked(text: str) -> str:
    return str(masking.Masker(masking.ALL, KEY).mask_text(text).value)


def utf16(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-le")).decode()


HIDDEN = {
    "nul": lambda value: "\0".join(value),
    "control": lambda value: "\x01".join(value),
    "backspace": lambda value: value[:5] + "x\x08" + value[5:],
    "colour": lambda value: f"{value[:5]}\x1b[31m{value[5:]}\x1b[0m",
    "cdata": lambda value: f"<![CDATA[{value[:5]}]]><![CDATA[{value[5:]}]]>",
    "bold letters": lambda value: "".join(f"**{char}**" for char in value),
    "bold half": lambda value: f"{value[:5]}**{value[5:]}**",
    "code halves": lambda value: f"`{value[:5]}``{value[5:]}`",
    "link": lambda value: f"[{value[:5]}](x){value[5:]}",
    "empty group": lambda value: value[:5] + "{}" + value[5:],
    "joined strings": lambda value: f'"{value[:5]}" + "{value[5:]}"',
    "css": lambda value: "".join(f"\\{ord(char):06x}" for char in value),
    "bare entities": lambda value: "".join(f"&#{ord(char)} " for char in value),
    "byte list": lambda value: "[" + ",".join(map(str, value.encode())) + "]",
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "base85": lambda value: base64.b85encode(f"patient {value}".encode()).decode(),
    "utf-16": utf16,
}


def shown(out: str, written: str) -> bool:
    """Whether half of what was written is still there."""
    size = max(6, len(written) // 2)
    return any(written[at : at + size] in out for at in range(len(written) - size + 1))


@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.parametrize(("before", "value"), [("Patient: ", NAME), ("SSN ", SSN), ("write to ", MAIL)])
def test_a_value_in_another_spelling_is_masked(how: str, before: str, value: str) -> None:
    written = HIDDEN[how](value)
    assert not shown(masked(f"{before}{written} on file"), written)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("SSN 912-4<br>4-7781 on file", "912-4"),
        ("SSN 912-4\\\n4-7781 on file", "912-4"),
        ("SSN 912-4-\n4-7781 on file", "912-4"),
        ("call (9l8) 555-Ol38 please", "555-Ol38"),
        ("born O3/l8/l95l there", "O3/l8"),
        ("born 03\u00b718\u00b71951 there", "18\u00b71951"),
        ("born 0 3 / 1 8 / 1 9 5 1 there", "0 3 / 1 8"),
        ("Patient: B r a n k o v i c here", "B r a n"),
        ("Patient: B*r*a*n*k*o*v*i*c here", "B*r*a*n"),
        ("Patient: B\tr\ta\tn\tk\to\tv\ti\tc here", "B\tr\ta\tn"),
        ("born zero three slash one eight slash one nine five one", "one eight"),
        (
            "Patient: \U0001f1f2\U0001f1e6\U0001f1f7\U0001f1ee\U0001f1f8\U0001f1f4\U0001f1f1 here",
            "\U0001f1f7\U0001f1ee",
        ),
    ],
)
def test_other_marks_inside_a_value_do_not_hide_it(text: str, gone: str) -> None:
    assert gone not in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "**Plan:** continue `lisinopril` 10 mg; ~~stop~~ hold **aspirin**. 2**3 = 8, f(){} ok",
        "see [the guide](guide.md)s, \x1b[32mOK\x1b[0m 12 passed",
        "W A R N I N G: S e c t i o n A-B-C-D",
        "HR 72 75 80 78 76 74 73 70 71",
        "doses 10,20,30,40,50,60,70,80,90 mg",
        "vitals 98 97 98 99 96 97 98 99",
        "ratio 1/2/3, grades 1-2-3-4, I/II/III",
        "version 1.2.3, IL-6 and B12, SpO2 98, O2 2L, T1-L2",
    ],
)
def test_marks_of_ordinary_texts_hide_nothing(text: str) -> None:
    assert masked(text) == text
