"""Views of text that hides in another spelling: escapes, entities, percent signs, markup, spread-out and spoken digits.

Strategy: each view is built from pieces of the source, so a hit in it maps back to the encoded stretch, which is then
masked whole. Decoding is repeated at most `_DEPTH` times (double-encoded text) and never grows: every step shortens the
text. The digits view only joins what a person would read as one number, and only hits across a join count.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from .canonical import Builder, View, build
from .findings import Span
from .model import lexicon as lx

_DEPTH = 3
_CODED = re.compile(
    r"\\X(?:[0-9a-fA-F]{2}){1,200}\\|\\[a-z]{3,12}\{[\w-]{1,12}\}|\+A[A-Za-z0-9+/]{6,400}-"
    r"|\\00[0-9a-fA-F]{4}\s?|(?<!\\)\\+(?:u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,5}\}|x[0-9a-fA-F]{2}|[nrt\"'/])|\\[0-3][0-7]{2}|\\(?=[-_.*()])"
    r"|&(?:#\d{1,7}(?:;|\s(?=&#))?|#[xX][0-9a-fA-F]{1,6}(?:;|\s(?=&#))?|[a-zA-Z]{2,8};)|\bU\+00[0-9a-fA-F]{2}\b(?:\s(?=U\+))?"
    r"|(?:%[0-9a-fA-F]{2})+|%[uU][0-9a-fA-F]{4}|<!--[^<>]{0,400}-->|</?[a-zA-Z][^<>]{0,400}>|=\r?\n(?=\S)|(?:=[0-9A-F]{2}){2,}"
    r"|(?:0x)?[0-9a-fA-F]{2}(?:[ ,:]{1,2}(?:0x)?[0-9a-fA-F]{2}){7,400}|\d{2,3}(?:[ ,]{1,2}\d{2,3}){7,400}"
    r"|[01]{8}(?: [01]{8}){8,400}|(?<!\*)(\*\*|`|~~|__)[\d-]{1,12}\1(?!\*)"
    r"|\x1b\[[\d;]{0,16}[A-Za-z]|[^\n]\x08|[\x00-\x08\x0b\x0e-\x1f]|(?<=[\w-])\x7f(?=[\w-])|<!\[CDATA\[|\]\]>"
    r"|(?<=[\w)/.@-])(?:\*{2,}|~~|`{1,3})(?=[\w( /.@-])|(?<=[ \w*])\*{2,}(?=[\w(])|(?<=[\w)*])\*{2,}(?=[ \w*])"
    r"|(?<=[\w)-])\{\}(?=[\w( -])|\]\([^()\s]{0,80}\)(?=[\w-])|[\"']\s?\+\s?[\"'](?=[\w( -])"
)
_SIGNS = ("\\", "&", "%", "<", "=\n", "=\r", "+A", "\x7f")  # what a coded text has one of
_DROPPED = re.compile(r"\x1b|[^\n]?\x08|[\x00-\x1f\x7f]$|<!\[CDATA|\]\]>|\]\(|\{\}|[\"'](?=\s?\+)")
_BLOCK = re.compile(
    r"(?i)</?(?:p|div|br|hr|li|ul|ol|tr|td|th|table|thead|tbody|h\d|section|paragraph|item|"
    r"list|title|text|caption|dt|dd|dl|"
    r"address|article|header|footer|body|html|component|entry|pre|blockquote)\b"
)
_BREAK = r"(?:\\?\r?\n|<br ?/?>(?:\r?\n)?)"
_WRAP = re.compile(rf"(?<=[\d-])[ \t]*{_BREAK}[ \t>|*]*(?=[\d-])|(?<=[A-Za-z])-[ \t]*\r?\n[ \t>|*]*(?=[a-z])")
_HYPHENED = re.compile(r"(?<=\d)-[ \t]*\r?\n[ \t>|*]*(?=\d)")
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_LISTED = re.compile(r"\n\s*(?:\d{1,2}[.)]\s|[01]\d[0-5]\d\s+[A-Z])")
_STRONG = frozenset({"ssn", "phone", "fax", "card", "account", "mrn", "health_plan", "license"})


def decoded(text: str, *, listed: bool = False) -> View | None:
    """The view with escapes, entities, percent signs and markup resolved; None when there are none.

    `listed` says that the text may hold bytes listed one by one, marks inside numbers or other rare spellings.
    """
    if not (listed or any(map(text.__contains__, _SIGNS))):
        return None
    if not _CODED.search(text):
        return None
    builder = Builder()
    decoded_text: list[str] = []
    cursor = 0
    for match in _CODED.finditer(text):
        builder.run(text, cursor, match.start())
        plain = _plain(match[0])
        builder.code(plain, match.start(), match.end())
        decoded_text += (text[cursor : match.start()], plain)
        cursor = match.end()
    builder.run(text, cursor, len(text))
    decoded_text.append(text[cursor:])
    return _deeper(text) if _CODED.search("".join(decoded_text)) else builder.view()


def _deeper(text: str) -> View:
    """The view of a text that is encoded more than once."""
    pieces = list(_decode([(char, index, index + 1) for index, char in enumerate(text)], text))
    for _ in range(_DEPTH - 1):
        joined = "".join(piece[0] for piece in pieces)
        if not _CODED.search(joined):
            break
        flat = [(char, start, end) for chars, start, end in pieces for char in chars]
        pieces = list(_decode(flat, joined))
    return build(pieces)


def _decode(chars: list[tuple[str, int, int]], text: str) -> Iterator[tuple[str, int, int]]:
    cursor = 0
    for match in _CODED.finditer(text):
        yield from chars[cursor : match.start()]
        cursor = match.end()
        yield _plain(match[0]), chars[match.start()][1], chars[match.end() - 1][2]
    yield from chars[cursor:]


def _plain(code: str) -> str:
    """What one escape, entity, percent run or tag reads as."""
    if _DROPPED.match(code):
        return ""
    if code[0] == "\\":
        return _escaped(code.lstrip("\\"))
    if code[0] == "&":
        return html.unescape(code.rstrip())
    if code[0] == "+":
        return _utf7(code)
    if code[0] == "%":
        wide = code[1] in "uU"
        return _char(int(code.lstrip("%uU"), 16)) if wide else unquote_to_bytes(code).decode("utf-8", "replace")
    if code[0] == "=":
        return bytes.fromhex(code.replace("=", "")).decode("utf-8", "replace") if code[1] not in "\r\n" else ""
    if code[0] == "U":
        return chr(int(code[2:].strip(), 16))
    if code[0] in "*`~_":
        return code.strip("*`~_")
    if code[0] in _HEX_DIGITS:
        return _listed(code)
    return "\n" if _BLOCK.match(code) else ""


def _escaped(body: str) -> str:
    """What stands behind the backslashes of an escape reads as."""
    if not body:
        return ""
    if body[0] == "X":
        return bytes.fromhex(body[1:-1]).decode("utf-8", "replace")
    if "{" in body and body[0:2] != "u{":
        return body[body.index("{") + 1 : -1]
    if body[0] in "ux":
        return _char(int(body[1:].strip("{}"), 16))
    if body[0].isdigit():
        return chr(int(body, 8)) if len(body) < 6 else _char(int(body[:6], 16))
    return {"n": "\n", "r": "\n", "t": "\t"}.get(body, body)


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
    """Bytes listed one by one (hex, decimal or binary) as the text they spell; as they stand when they spell none."""
    parts = re.findall(r"[0-9a-fA-F]+", codes.replace("0x", ""))
    readings = []
    for size, base in ((8, 2), (2, 16), (3, 10)):
        if any(len(part) > size for part in parts) or (base == 2 and any(len(part) < size for part in parts)):
            continue
        try:
            values = [int(part, base) for part in parts]
        except ValueError:
            continue
        if all(32 <= value < 127 for value in values):
            spelt = "".join(map(chr, values))
            if not codes.replace(",", " ").replace(" ", "").isdigit() or _says(spelt):
                readings.append(spelt)
    return " ".join(readings) if readings else codes


def _says(spelt: str) -> bool:
    """Whether what a list of plain numbers would spell says anything: words, a number, a name; not `HKPNLJIFG`."""
    flags = lx.load().flags(spelt.casefold())
    return (
        spelt.isdigit()
        or bool(flags & lx.ANY_NAME)
        or bool(re.search(r"[ @./()-]", spelt) and re.search(r"\w{2}", spelt))
    )


def unwrapped(text: str, *, hyphens: bool = False) -> View | None:
    """The view in which a number broken over two lines is whole; None when no line breaks inside one.

    `hyphens`: a hyphen at the end of a line is the break's, not the number's.
    """
    wrap = _HYPHENED if hyphens else _WRAP
    if not wrap.search(text):
        return None
    builder = Builder()
    cursor = 0
    for match in wrap.finditer(text):
        builder.run(text, cursor, match.start())
        cursor = match.end()
    builder.run(text, cursor, len(text))
    return builder.view()


def across_wrap(text: str, span: Span) -> bool:
    """Whether a hit in the unwrapped view counts: a strong kind, and a line really breaks inside it."""
    if span.kind not in _STRONG and span.detector != "known value":
        return False
    value = text[span.start : span.end]
    if "<br" in value:
        return True
    return "\n" in value and not _LISTED.match(text, span.start + value.rindex("\n"))
