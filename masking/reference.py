"""The reference page of the kinds, made from the catalogue: `python -m masking.reference > docs/reference/kinds.md`."""

from __future__ import annotations

import sys

from .fields import examples
from .kinds import CATALOGUE
from .patterns import PATTERNS

_LETTERS = {
    "A": "names",
    "B": "geographic subdivisions smaller than a state",
    "C": "all elements of dates (except year), and ages over 89",
    "D": "telephone numbers",
    "E": "fax numbers",
    "F": "electronic mail addresses",
    "G": "social security numbers",
    "H": "medical record numbers",
    "I": "health plan beneficiary numbers",
    "J": "account numbers",
    "K": "certificate and license numbers",
    "L": "vehicle identifiers and serial numbers, license plates",
    "M": "device identifiers and serial numbers",
    "N": "web universal resource locators",
    "O": "internet protocol addresses",
    "P": "biometric identifiers",
    "Q": "full-face photographs and comparable images",
    "R": "any other unique identifying number, characteristic or code",
}
_HEAD = """# Kinds

Made from the catalogue by `python -m masking.reference`; a test keeps it current.

A mask names kinds and, for each, a method. The letters are those of 45 CFR 164.514(b)(2)(i), the Safe Harbor list of
what identifies. Masking every kind is not a determination that data is de-identified: (b)(2)(ii) also asks that nobody
knows that what is left could identify.

| method | what it leaves |
| --- | --- |
| `redact` | `[KIND]` |
| `token` | `[KIND:`, 24 hex digits, `]`: the same for the same value within a session, so that joins survive |
| `generalize` | the year of a date, `90+` for an age, three digits of a ZIP code; else redacted |
| `shift` | a date moved by the patient's own offset, in the shape it came in |
| `partial` | the last characters of a number; the first letter and the top-level domain of an e-mail address |

A token is 64 bits of HMAC-SHA256 of the value under the session's key and a 32-bit tag over them: only a token that the
tag proves ours is left alone when it turns up in an answer. A ZIP code of an area of 20,000 people or fewer becomes
`000`. A shift is 1 to 365 days into the past; masking shifted dates again shifts them again. `partial` shows four
characters of a social security, card or account number and two of a phone, fax or record number.

"""


def page() -> str:
    """The page as Markdown."""
    rows = "".join(
        f"| `{kind.name}` | {', '.join(f'({letter})' for letter in kind.letters)} | {kind.covers} | "
        f"{', '.join(f'`{method}`' for method in kind.methods)} |\n"
        for kind in CATALOGUE.values()
    )
    letters = "".join(
        f"| ({letter}) | {text} | {', '.join(f'`{k.name}`' for k in CATALOGUE.values() if letter in k.letters)} |\n"
        for letter, text in _LETTERS.items()
    )
    return (
        f"{_HEAD}| kind | Safe Harbor | covers | methods |\n| --- | --- | --- | --- |\n{rows}\n"
        f"## By Safe Harbor class\n\n| 164.514(b)(2)(i) | class | kinds |\n| --- | --- | --- |\n{letters}\n"
        + "".join(map(_kind, CATALOGUE))
    )


def _kind(name: str) -> str:
    patterns = [pattern for pattern in PATTERNS if pattern.kind == name]
    lines = [f"## {name}\n\n", f"Fields by name, among others: {', '.join(f'`{f}`' for f in examples(name))}.\n"]
    if patterns:
        lines.append("\n| detector | finds | needs | check |\n| --- | --- | --- | --- |\n")
        for pattern in patterns:
            example = pattern.example.replace("\n", "\u21b5").replace("|", "\\|")
            needs = "a label" if pattern.labelled else "a word nearby" if pattern.near else ""
            lines.append(f"| {pattern.name} | `{example}` | {needs} | {pattern.check.replace('_', ' ')} |\n")
    return "".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
