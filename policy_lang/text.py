"""What a policy's text may not hold: hidden characters, look-alike names, more than can be read in bounded time."""

from __future__ import annotations

import re
import unicodedata

from policy_lang.diagnostic import Diagnostic, found, unplaced
from policy_lang.source import Source, visible

MOST_CHARACTERS = 16 * 1024 * 1024
_MOST = 20  # findings of one kind

# Carriage returns alone (an editor ends a line there, the language no comment), controls, bidirectional and other
# format characters, separators that are no spaces, surrogates, tags, private use.
_HIDDEN = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)


def text_problems(source: Source) -> list[Diagnostic]:
    """Why a text cannot be parsed at all; usually nothing."""
    text = source.text
    if len(text) > MOST_CHARACTERS:
        message = f"the policy has {len(text):,} characters; {MOST_CHARACTERS:,} can be read"
        return [
            unplaced(source.name, "HG005", message, "split what does not belong together into policies of their own")
        ]
    problems = []
    for match in _HIDDEN.finditer(text, 1 if text.startswith("\ufeff") else 0):
        message = f"a character that does not show: {visible(match.group())}"
        help_ = "remove it; inside a string write it as an escape, such as \\u202e"
        if match.group() == "\r":
            message, help_ = (
                "a carriage return alone, which ends no line here",
                "save the file with LF or CRLF line ends",
            )
        problems.append(found(source, match.span(), "HG003", message, help_))
        if len(problems) >= _MOST:
            break
    return problems


_BREAK = re.compile(r"[\t\r\n]")  # an escape may write these into a name
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")


def look_alike(name: str) -> str:
    """Why a name can be mistaken for another, with the odd character shown; "" where it cannot."""
    hidden = None if name.isprintable() else _HIDDEN.search(name) or _BREAK.search(name)
    if hidden:
        return f"{visible(hidden.group())}, which does not show"
    if name.isascii():
        return ""
    if unicodedata.normalize("NFKC", name) != name:
        odd = next((c for c in name if unicodedata.normalize("NFKC", c) != c), name)
        return f"{spelled_out(odd)} looks like {unicodedata.normalize('NFKC', odd)}"
    for word in re.findall(r"\w+", name):
        scripts = {script: c for c in word for script in _SCRIPTS if unicodedata.name(c, "").startswith(script)}
        if len(scripts) > 1:
            odd = next(c for script, c in scripts.items() if script != "LATIN")
            return f"{spelled_out(odd)} among letters of another script"
    return ""


def spelled_out(text: str) -> str:
    """Each character as itself, its number and its name."""
    return ", ".join(f"{c} (U+{ord(c):04X} {unicodedata.name(c, 'unnamed')})" for c in text[:3])


# Letters of other scripts that are drawn as Latin ones (after Unicode TR 39, the ones that common fonts share).
_DRAWN_AS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u04bb\u0432\u043a\u043c\u043d\u0442"
    "\u03bf\u03b1\u03bd\u03c1\u03c5\u03b9\u03ba\u03c7\u03c4\u0585\u057d\u0578",
    "aeopcyxijsdqwhbkmhtoavpuikxtosn",
)


def skeleton(name: str) -> str:
    """What a name looks like: equal for names that a reader would take for one."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_DRAWN_AS)


def differing(name: str, other: str) -> str:
    """The first character in which two names differ, of the one that is not plain ASCII."""
    odd = name if not name.isascii() else other
    return spelled_out(next((c for c in odd if not c.isascii()), odd[:1]))
