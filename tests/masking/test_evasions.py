"""Every evasion that is known to leak elsewhere is caught or withheld here."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

import masking

KEY = b"k" * 32
SSN = "123-45-6789"
B64 = base64.b64encode(b"patient SSN 123-45-6789").decode()
JWT_BODY = base64.urlsafe_b64encode(b'{"name":"John Smith","ssn":"123-45-6789"}').decode().rstrip("=")
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(64))).decode()

TEXTS = {
    "zero-width characters": "SSN 1\u200b2\u200b3-45-67\u200d89",
    "soft hyphens": "ssn 123\u00ad-45-67\u00ad89",
    "word joiners and variation selectors": "SSN 1\u20602\ufe0f3-45-6789",
    "fullwidth digits": "SSN \uff11\uff12\uff13-\uff14\uff15-\uff16\uff17\uff18\uff19",
    "Arabic-Indic digits": "SSN \u0661\u0662\u0663-\u0664\u0665-\u0666\u0667\u0668\u0669",
    "mathematical digits": "SSN "
    "\U0001d7cf\U0001d7d0\U0001d7d1-\U0001d7d2\U0001d7d3-\U0001d7d4\U0001d7d5\U0001d7d6\U0001d7d7",
    "non-breaking hyphens": "SSN 123\u201145\u20116789",
    "unicode escapes": r"SSN \u0031\u0032\u0033-45-6789",
    "escaped escapes": r"SSN \\u0031\\u0032\\u0033-45-6789",
    "double-encoded JSON": json.dumps(json.dumps({"ssn": SSN})),
    "JSON in JSON in JSON": json.dumps({"a": json.dumps({"b": json.dumps({"ssn": SSN})})}),
    "decimal entities": "SSN &#49;&#50;&#51;-45-6789",
    "hex entities": "&#x31;&#x32;3-45-6789",
    "percent-encoding": "ssn=%31%32%33%2D45%2D6789",
    "twice percent-encoded": "%2531%2532%2533-45-6789",
    "base64": f"see {B64} for it",
    "base64 alone": B64,
    "base64url": base64.urlsafe_b64encode(b'{"ssn":"123-45-6789","n":"??>>"}').decode().rstrip("="),
    "base85": base64.b85encode(b"patient SSN 123-45-6789").decode(),
    "base85 in a sentence": f"see {base64.b85encode(b'patient SSN 123-45-6789').decode()} for it",
    "Ascii85": base64.a85encode(b"patient SSN 123-45-6789").decode(),
    "Ascii85, framed": base64.a85encode(b"patient SSN 123-45-6789", adobe=True).decode(),
    "base64 in base64": base64.b64encode(B64.encode()).decode(),
    "hex": b"SSN 123-45-6789".hex(),
    "spaced digits": "1 2 3 - 4 5 - 6 7 8 9",
    "spaced digits with a label": "SSN: 1 2 3 4 5 6 7 8 9",
    "spelled-out digits": "one two three dash four five dash six seven eight nine",
    "markup inside the value": "123-<b>45</b>-6789",
    "markup and a label": "<p>SSN <span class='x'>123</span>-45-6789</p>",
    "a comment inside the value": "123-<!-- x -->45-6789",
    "a wrapped line": "SSN 123-45-\n6789",
    "a line wrapped in the last group": "SSN 123-45-67\n    89",
    "a right-to-left override": "SSN \u202e9876-54-321\u202c",
    "combining marks": "1\u03012\u03013\u0301-45-6789",
    "a data URI": "data:text/plain;base64," + B64,
    "base64 of UTF-16": base64.b64encode("SSN 123-45-6789".encode("utf-16-le")).decode(),
    "base64 of gzip": base64.b64encode(gzip.compress(b"patient SSN 123-45-6789")).decode(),
    "base32": base64.b32encode(b"patient SSN 123-45-6789").decode(),
    "quoted-printable": "SSN =31=32=33-45-6789",
    "a soft line break": "SSN 123-=\n45-6789",
    "hex bytes listed": " ".join(f"{byte:02x}" for byte in b"SSN 123-45-6789"),
    "hex bytes with a prefix": " ".join(f"0x{byte:02x}" for byte in b"SSN 123-45-6789"),
    "decimal bytes listed": " ".join(str(byte) for byte in b"SSN 123-45-6789"),
    "binary bytes listed": " ".join(f"{byte:08b}" for byte in b"SSN 123-45-6789"),
    "octal escapes": "".join(f"\\{byte:03o}" for byte in b"SSN 123-45-6789"),
    "braced escapes": "SSN " + "".join(f"\\u{{{byte:x}}}" for byte in b"123-45-6789"),
    "code points": "SSN " + " ".join(f"U+{byte:04X}" for byte in b"123-45-6789"),
    "entities without their end": "SSN &#49&#50&#51-45-6789",
    "numerals of Chinese": "SSN \u4e00\u4e8c\u4e09-45-6789",
    "digits in parentheses": "SSN \u2474\u2475\u2476-45-6789",
    "letters for digits": "SSN I23-4S-6789",
    "dots": "123.45.6789",
    "plus signs": "123+45+6789",
    "tabs": "123\t45\t6789",
    "blanks around hyphens": "123 - 45 - 6789",
    "bullets": "123\u202245\u20226789",
    "brackets": "[123][45][6789]",
    "strings put together": '"123-45-" + "6789"',
    "bold marks": "123-**45**-6789",
    "backslashes": r"123\-45\-6789",
    "tens and units": "SSN one twenty-three, forty-five, sixty-seven eighty-nine",
    "doubled digits": "SSN one two three, double four, six, seven eight nine",
    "figures and words": "1 two 3 four 5 six 7 eight 9",
    "another language": "SSN uno dos tres cuatro cinco seis siete ocho nueve",
    "an exponent": "SSN 1.23456789e8",
    "a label of another language": "seguro social: 123-45-6789",
    "a JWT payload": f"eyJhbGciOiJIUzI1NiJ9.{JWT_BODY}.c2lnbmF0dXJl",
}


@pytest.fixture(scope="module")
def masker() -> masking.Masker:
    return masking.Masker(masking.ALL, KEY, ner="none")


@pytest.fixture(scope="module")
def only_ssn() -> masking.Masker:
    return masking.Masker({"ssn": "redact"}, KEY, ner="none")


def shown(text: str) -> str:
    """What somebody could still read: digits of any script, also inside base64."""
    out = text
    for run in text.split():
        try:
            out += base64.b64decode(run + "=" * (-len(run) % 4)).decode()
        except (ValueError, UnicodeDecodeError):
            continue
    return out


@pytest.mark.parametrize("name", TEXTS)
def test_the_number_is_not_let_through(masker: masking.Masker, name: str) -> None:
    masked = masker.mask_text(TEXTS[name])
    assert masked.changed
    for part in ("6789", "123-", "321", "\u0669", "\uff19", "nine", B64):
        assert part not in shown(masked.value)


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "spelled-out digits"])
def test_it_is_found_as_what_it_is(only_ssn: masking.Masker, name: str) -> None:
    masked = only_ssn.mask_text(TEXTS[name])
    assert masked.changed
    assert {finding.kind for finding in masked.findings} == {"ssn"}


@pytest.mark.parametrize("name", TEXTS)
def test_masking_twice_changes_nothing(masker: masking.Masker, name: str) -> None:
    once = masker.mask_text(TEXTS[name]).value
    assert masker.mask_text(once).value == once


NUMBERS = {
    "an invisible separator": "123\u206345\u20636789",
    "zero-width characters without a label": "12\u200b34\u200b56789",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_with_hidden_characters_is_masked_whatever_it_is(masker: masking.Masker, name: str) -> None:
    assert "6789" not in masker.mask_text(NUMBERS[name]).value


@pytest.mark.parametrize(
    "text",
    [
        "heart rates 88 90 92 95 97 99 101 104 98 96",
        "scores 3, 45, 6789 and 2",
        "one two three four",
        "ten, twenty, thirty, forty, fifty",
        "12 34 5678 90 12",
        "2**3**2 and __init__",
        "grid 120|45|6789|12",
        "GET /v1/items?sort=name&page=2&size=50&filter=status:open HTTP/1.1",
        "if(!a&&(b||c)){return(x<=y)?f(x):g(y);}",
        "loading \u2807 done, ====>>>>=====####$$$$%%%%",
    ],
)
def test_what_only_looks_like_an_evasion_stays(masker: masking.Masker, text: str) -> None:
    assert masker.mask_text(text).value == text


def test_values_in_keys_and_numbers_are_masked(masker: masking.Masker) -> None:
    masked = masker.mask_json(
        {
            "123-45-6789": 1,
            "Maria Gonzalez": 2,
            "ssn": 123456789,
            "dob": 323456000,
            "birthDate": 19610305,
            "age": 93,
            "glucose": 104,
        }
    ).value
    assert list(masked) == ["[SSN]", "[NAME]", "ssn", "dob", "birthDate", "age", "glucose"]
    assert list(masked.values()) == [1, 2, "[SSN]", "[DATE]", "[DATE]", "[AGE]", 104]


def test_a_value_split_over_neighbours_is_masked(masker: masking.Masker) -> None:
    parts = [{"type": "text", "text": "his SSN is 123-45-"}, {"type": "text", "text": "6789 as told"}]
    masked = json.dumps(masker.mask_json(parts).value)
    assert "123-45" not in masked
    assert "6789" not in masked
    assert "as told" in masked


def test_images_and_documents_are_withheld(masker: masking.Masker) -> None:
    pdf = base64.b64encode(b"%PDF-1.7 " + bytes(range(200))).decode()
    for value in (PNG, pdf, "data:image/png;base64," + PNG):
        assert masker.mask_json({"x": value}).value == {"x": "[PHOTO]"}
    attachment = {"contentType": "application/dicom", "data": PNG, "title": "Chest"}
    assert masker.mask_json(attachment).value == {**attachment, "data": "[PHOTO]"}


def test_encoded_text_is_masked_inside_and_encoded_again(masker: masking.Masker) -> None:
    attachment = {"contentType": "text/plain", "data": base64.b64encode(b"BP 120/80. SSN 123-45-6789.").decode()}
    data = masker.mask_json(attachment).value["data"]
    assert base64.b64decode(data) == b"BP 120/80. SSN [SSN]."


def test_an_injected_stand_in_hides_nothing(masker: masking.Masker) -> None:
    text = "[NAME] [SSN] 123-45-6789 [SSN:0123456789abcdef01234567]"
    assert "6789" not in masker.mask_text(text).value.replace("0123456789abcdef", "")


def test_confusable_letters_do_not_hide_a_label(masker: masking.Masker) -> None:
    assert "4711" not in masker.mask_text("\u041c\u0420RN MRN\u200b: 0044711").value


def test_markup_stays_balanced_around_a_masked_value(masker: masking.Masker) -> None:
    out = masker.mask_text("<p>SSN <span class='x'>123</span>-45-6789</p>").value
    assert out.count("</span>") == 1
    assert out.startswith("<p>")
    assert out.endswith("</p>")


def test_braille_is_withheld(masker: masking.Masker) -> None:
    assert masker.mask_text("name \u281a\u2815\u2813\u281d \u280e\u280d\u280a\u281e\u2813.").value == "name [PHOTO]."


def test_a_name_split_over_sibling_elements_is_masked_in_each(masker: masking.Masker) -> None:
    out = masker.mask_text("<n><w>John</w><w>Smith</w><w>seen</w></n>").value
    assert out == "<n><w>[NAME]</w><w>[NAME]</w><w>seen</w></n>"
    letters = "".join(f"<c>{letter}</c>" for letter in "John")
    assert "h" not in masker.mask_text(f"<n>{letters}</n>").value.replace("</", "")
    plain = "<n><w>Blood</w><w>Bank</w><w>open</w></n>"
    assert masker.mask_text(plain).value == plain


NAMES = {
    "letter by letter": "J o h n was admitted",
    "inline markup": "<p><b>John</b> <i>Smith</i> was admitted</p>",
    "no blank after the comma": "SMITH,JOHN",
    "entities": "J&#111;hn Sm&#105;th was admitted",
    "percent signs": "J%6Fhn%20Smith was seen",
    "letters of other scripts": "Mr. J\u043ehn Sm\u0456th was admitted",
    "fullwidth letters": "\uff2a\uff4f\uff48\uff4e \uff33\uff4d\uff49\uff54\uff48 was admitted",
    "soft hyphens": "Jo\u00adhn Smi\u00adth was admitted",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_not_let_through(name: str) -> None:
    out = masking.Masker(None, KEY).mask_text(NAMES[name]).value
    assert "[NAME]" in out
    assert not [
        part for part in ("ohn", "OHN", "mi", "MITH", "h n", "\u043e", "\uff4f") if part in out.replace("admi", "")
    ]


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("患者 田中太郎 さん", "患者 [NAME] さん"),
        ("المريض محمد الحسن يعاني", "المريض [NAME] يعاني"),
        ("Пациент Иванов И. И. поступил", "Пациент [NAME] поступил"),
        ("환자 김민수 씨", "환자 [NAME] 씨"),
    ],
)  # fmt: skip
def test_a_title_of_another_script_gives_its_name_away(masker: masking.Masker, text: str, out: str) -> None:
    assert masker.mask_text(text).value == out


def test_a_learnt_name_is_found_over_a_line_break_and_its_birth_date_as_seconds() -> None:
    masker = masking.Masker(None, KEY, ner="none")
    masker.learn({"patient": {"family": "Kowalczyk", "birthDate": "1961-02-03"}})
    assert "czyk" not in masker.mask_text("referred to Kowal-\nczyk today").value
    assert masker.mask_json({"a": [-281145600, 281145600000]}).value == {"a": ["[DATE]", "[DATE]"]}
