"""Escapes, entities, percent signs, markup and lists of bytes: where they stand in a text, and what each reads as.

Strategy: what begins with a sign is looked for in every text that has one of the signs; what begins with a letter or a
digit (lists of bytes, calls that spell a text) only where the scanner says that there may be such. A match reads as a
text that is never longer than itself, or as nothing.
"""

from __future__ import annotations

import binascii
import html
import quopri
import re
import sys
import unicodedata
from urllib.parse import unquote_to_bytes

from .model import lexicon as lx

_GLUE = r"\s{0,8}(?:\+|\|\||&|\.{1,2})\s{0,8}"
_SIGNED = (
    r"\\X(?:[0-9a-fA-F]{2}){1,200}\\|\\[a-zA-Z]{3,12}\{[^{}\\\s]{1,24}\}|\+A[A-Za-z0-9+/]{6,400}-",
    r"(?:\\'[0-9a-fA-F]{2}){2,200}|(?:\\0[0-3][0-7]{2}){2,200}|(?:\\[0-9a-fA-F]{2,6}\s){3,200}",
    r"\\N\{[A-Za-z0-9 +-]{1,80}\}|\\(?:x\{[0-9a-fA-F]{1,6}\}|o\{[0-7]{1,7}\}|U[0-9a-fA-F]{8})",
    r"(?<!\\)\\{1,8}u[dD][89abAB][0-9a-fA-F]{2}\\{1,8}u[dD][c-fC-F][0-9a-fA-F]{2}|(?:\\[!-\[\]-~]){5,400}",
    r"\\(?:kern|hskip)-?0?(?:pt|em|ex)\s?|\\(?:relax|null|empty|allowbreak|protect)\b(?:\{\}|\s)?|\\/(?=\w)",
    r"\\00[0-9a-fA-F]{4}\s?|(?<!\\)\\+(?:u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,5}\}|x[0-9a-fA-F]{2}|[nrt\"'/])",
    r"\\[0-3][0-7]{2}|\\(?=[-_.*()])",
    r"&(?:#\d{1,7}(?:;|\s(?=&#))?|#[xX][0-9a-fA-F]{1,6}(?:;|\s(?=&#))?|[a-zA-Z][a-zA-Z0-9]{1,30};)",
    r"(?:%[0-9a-fA-F]{2})+|%[uU][0-9a-fA-F]{4}|<!--(?:[^<>]|[<>](?!!--)){0,400}?-->|<\?[^<>]{0,400}\?>",
    r"</?[a-zA-Z][^<>]{0,4000}>|=\?[\w-]{2,20}\?[QqBb]\?[^?\s]{1,400}\?=|=\r?\n(?=\S)|(?:=[0-9A-Fa-f]{2}){2,}",
    r"(?<!\*)(?P<mark>\*\*|`|~~|__)[\d-]{1,12}(?P=mark)(?!\*)",
    r"\x1b\[[\d;:?]{0,32}[ -/]{0,2}[@-~]|\x9b[\d;:?]{0,32}[@-~]",
    r"\x1b\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[\x00-\x08\x0b\x0e-\x1f]|(?<=[\w-])\x7f(?=[\w-])|<!\[CDATA\[|\]\]>",
    r"(?<=[\w)/.@-])(?:\*{2,}|~{2,}|_{4,}|`{1,3})(?=[\w( /.@-])|(?<=[ \w*])\*{2,}(?=[\w(])|(?<=[\w)*])\*{2,}(?=[ \w*])",
    r"(?<=[\w) @.-])(?:\{\{?\s?\}?\}|[$#%]\{[\"' ]{0,4}\})(?=[\w() @./-])|\]\([^()\s]{0,80}\)(?=[\w-])",
    rf"(?<=[\d-])(?:\[\]|\(\))(?=[\d-])|\[//\]: # \([^()\n]{{0,80}}\)|[\"']{_GLUE}[\"'](?=[\w() @./-])",
)
_BYTE = r"(?:0x|\$|#)?[0-9a-fA-F]{2}h?"
_CHAR = r"(?i:\b(?:n?char|u?n?i?chrw?|fromcharcode))"
_SPELT = (
    r"\bU\+00[0-9a-fA-F]{2}\b(?:\s(?=U\+))?|[^\n]\x08",
    rf"(?<!\w){_BYTE}(?:[ ,:;._\n-]{{1,2}}{_BYTE}(?![0-9a-gi-zA-GI-Z])){{7,400}}",
    r"\d{2,3}(?:[ ,;-]{1,2}\d{2,3}){7,400}",
    r"[01]{7,8}(?: [01]{7,8}){8,400}|(?<!\w)(?:[01]{8}){8,400}(?!\w)",
    r"(?<!\w)[0-9a-fA-F]{4}(?: [0-9a-fA-F]{4}){2,400}(?: [0-9a-fA-F]{2})?(?!\w)",
    r"(?<!\w)[0-9a-fA-F]{8}(?: [0-9a-fA-F]{2,8}){1,200}(?!\w)",
    rf"{_CHAR}\(\s?\d{{2,3}}(?:\s?,\s?\d{{2,3}}){{0,400}}\s?\)(?:\s{{0,2}}(?:\|\||\+|\.|&)\s{{0,2}}(?={_CHAR}))?",
    r"(?i:\bconcat)\(\s?(?P<quote>['\"])[^'\"()\n]{0,80}(?P=quote)(?:\s?,\s?(?P=quote)[^'\"()\n]{0,80}(?P=quote)){1,20}\s?\)",
)
SIGNS = ("\\", "&", "%", "<", "=\n", "=\r", "=?", "+A", "\x7f")  # what a coded text has one of
SIGNED = re.compile(r"(?=[^A-Za-z0-9])(?:" + "|".join(_SIGNED) + ")")
ANY = re.compile("|".join((*_SIGNED, *_SPELT)))
_DROPPED = re.compile(
    r"[\x1b\x9b]|[^\n]?\x08|[\x00-\x1f\x7f]$|<!\[CDATA|\]\]>|\]\(|[$#%]?\{|\(\)|\[\]|\[//|<[!?]"
    rf"|[\"'](?={_GLUE}[\"']$)|\\(?:kern|hskip|relax|null|empty|allowbreak|protect|/)"
)
_BLOCK = re.compile(
    r"(?i)</?(?:p|div|br|hr|li|ul|ol|tr|td|th|table|thead|tbody|h\d|section|paragraph|item|"
    r"list|title|text|caption|dt|dd|dl|"
    r"address|article|header|footer|body|html|component|entry|pre|blockquote)\b"
)
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF$#")
_OVERLONG = re.compile(rb"([\xc0\xc1])([\x80-\xbf])")
_SPELLS = re.compile(r"(?i)(?:n?char|u?n?i?chrw?|fromcharcode|concat)\(")
_NEW_LINE = {"n": "\n", "r": "\n", "t": "\t"}


def plain(code: str) -> str:
    """What one escape, entity, percent run, tag or list reads as."""
    if _DROPPED.match(code):
        return ""
    if _SPELLS.match(code):
        return _called(code)
    if code[0] == "\\":
        return _escaped(code)
    if code[0] == "&":
        return html.unescape(code.rstrip())
    if code[0] == "+":
        return _utf7(code)
    if code[0] == "%":
        return _char(int(code[2:6], 16)) if code[1] in "uU" else _utf8(unquote_to_bytes(code))
    if code[0] == "=":
        return _quoted(code)
    if code[:2] == "U+":
        return chr(int(code[2:].strip(), 16))
    if code[0] in "*`~_":
        return code.strip("*`~_")
    if code[0] in _HEX_DIGITS:
        return _listed(code)
    return "\n" if _BLOCK.match(code) else ""


def _utf8(data: bytes) -> str:
    """`data` as UTF-8; characters that are spelt with a byte too many are read all the same."""
    if b"\xc0" in data or b"\xc1" in data:
        data = _OVERLONG.sub(lambda pair: bytes([(pair[1][0] & 1) << 6 | pair[2][0] & 0x3F]), data)
    return data.decode("utf-8", "replace")


def _quoted(code: str) -> str:
    """Quoted-printable (RFC 2045): a run, a soft break, or an encoded word of a header (RFC 2047)."""
    if code[1] == "?":
        _, _, how, body, _ = code.split("?", 4)
        try:
            data = binascii.a2b_base64(body) if how in "bB" else quopri.decodestring(body.replace("_", " ").encode())
        except (binascii.Error, ValueError):
            return code
        return data.decode("utf-8", "replace")
    return bytes.fromhex(code.replace("=", "")).decode("utf-8", "replace") if code[1] not in "\r\n" else ""


def _called(code: str) -> str:
    """`CHAR(83, 83)` and `CONCAT('Ja', 'ne')`: the text that a call would give."""
    if code[:6].lower() == "concat":
        return "".join(part for _, part in re.findall(r"(['\"])(.*?)\1", code))
    return "".join(_char(int(number)) for number in re.findall(r"\d{2,3}", code))


def _escaped(code: str) -> str:
    """What an escape, or a run of them, reads as."""
    body = code.lstrip("\\")
    if not body:
        return ""
    if "\\" in body:
        return _escapes(code)
    if body[0] == "X":
        return _utf8(bytes.fromhex(body[1:-1]))
    if body[:2] == "N{":
        return _named(body[2:-1])
    if body[:2] in ("x{", "u{", "o{"):
        return _char(int(body[2:-1], 8 if body[0] == "o" else 16))
    if "{" in body:
        return body[body.index("{") + 1 : -1]
    if body[0] in "uxU" and len(body) > 2:
        return _char(int(body[1:], 16))
    if body[0].isdigit() and len(body) > 1:
        return chr(int(body, 8)) if len(body) < 6 else _char(int(body[:6], 16))
    return _NEW_LINE.get(body, body)


def _escapes(code: str) -> str:
    """A run of escapes: RTF's, octal with a nought, CSS's short ones, two halves of a character, or of one each."""
    if code[1] == "'":
        return bytes.fromhex(code.replace("\\'", "")).decode("cp1252", "replace")
    if re.match(r"(?:\\0[0-3][0-7]{2}){2}", code):
        return "".join(chr(int(part, 8)) for part in re.findall(r"[0-7]{4}", code))
    if code[-1].isspace():
        return "".join(_char(int(part, 16)) for part in re.findall(r"[0-9a-fA-F]{2,6}", code))
    halves = re.fullmatch(r"\\+u([0-9a-fA-F]{4})\\+u([0-9a-fA-F]{4})", code)
    if halves:
        return chr(0x10000 + ((int(halves[1], 16) & 0x3FF) << 10) + (int(halves[2], 16) & 0x3FF))
    chars = code[1::2]
    return "".join(map(_NEW_LINE.get, chars, chars)) if set(chars) <= set("nrtbf\"'/") else chars


def _named(name: str) -> str:
    """A character by its name or its code: `U+004D`, `LATIN CAPITAL LETTER M`."""
    try:
        return _char(int(name[2:10], 16)) if name[:2].upper() == "U+" else unicodedata.lookup(name)
    except (KeyError, ValueError):
        return ""


def _utf7(run: str) -> str:
    """A run of UTF-7 (RFC 2152); as it stands when it is none."""
    try:
        spelt = run.encode("ascii").decode("utf-7")
    except UnicodeDecodeError:
        return run
    return spelt if spelt.isprintable() else run


def _char(code: int) -> str:
    return chr(code) if code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _listed(codes: str) -> str:
    """Bytes listed one by one or in groups (hex, decimal, binary) as the text they spell; as they stand for none."""
    parts = re.findall(r"[0-9a-fA-F]+", codes.replace("0x", ""))
    digits = not re.search(r"[a-zA-Z$#]", codes)
    readings = []
    for base, values in _readings(parts):
        if values and all(32 <= value < 127 for value in values):
            spelt = "".join(map(chr, values))
            if not digits or _says(spelt) or (base == 2 and len(values) >= 8):
                readings.append(spelt)
    return " ".join(readings) if readings else codes


def _readings(parts: list[str]) -> list[tuple[int, list[int]]]:
    """The bytes that `parts` may be: binary, hex, decimal or octal, one a part; hex or binary in longer groups."""
    longest, shortest = max(map(len, parts)), min(map(len, parts))
    joined = "".join(parts)
    out = []
    if set(joined) <= {"0", "1"} and len(joined) % 8 == 0 and (shortest >= 7 or len(parts) == 1):
        out.append((2, [int(joined[at : at + 8], 2) for at in range(0, len(joined), 8)]))
    if set(joined) <= {"0", "1"} and longest == shortest == 7:
        out.append((2, [int(part, 2) for part in parts]))
    if longest <= 2 or (longest in (4, 8) and len(joined) % 2 == 0):
        out.append((16, list(bytes.fromhex(joined)) if longest > 2 else [int(part, 16) for part in parts]))
    if longest <= 3 and joined.isdigit():
        out.append((10, list(map(int, parts))))
        if longest == shortest == 3 and not {"8", "9"} & set(joined):
            out.append((8, [int(part, 8) for part in parts]))
    return out


def _says(spelt: str) -> bool:
    """Whether what a list of plain numbers would spell says anything: words, a number, a name; not `HKPNLJIFG`."""
    flags = lx.load().flags(spelt.casefold())
    return (
        spelt.isdigit()
        or bool(flags & lx.ANY_NAME)
        or bool(re.search(r"[ @./()-]", spelt) and re.search(r"\w{2}", spelt))
    )
