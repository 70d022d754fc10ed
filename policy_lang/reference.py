"""The reference page of diagnostics, made from codes.toml: `python -m policy_lang.reference` prints it."""

from __future__ import annotations

import sys

from policy_lang.codes import Code, codes
from policy_lang.source import visible

_HEAD = """# Diagnostics

Made from `policy_lang/codes.toml`; do not edit (`python -m policy_lang.reference`). Each example is run as a test: the
first gives the finding, the second does not. Codes below HG100 are errors: nothing is loaded. The others are warnings,
which only `check --strict` fails on.

| code | severity | what was found |
| --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    table = codes().values()
    rows = [f"| [{c.code}](#{c.code.lower()}) | {c.severity} | {c.title} |" for c in table]
    return _HEAD + "\n".join(rows) + "\n" + "".join(map(_section, table))


def _section(code: Code) -> str:
    parts = [f"\n## {code.code}\n\n**{code.title}.** {code.why}\n"]
    if code.wrong:
        parts.append(f"\n{_fence(code.wrong)}")
    if code.mended:
        parts.append(f"\nMended:\n\n{_fence(code.mended)}")
    return "".join(parts)


def _fence(text: str) -> str:
    shown = "\n".join(map(visible, text.split("\n")))
    shown = shown if len(shown) < 400 or max(map(len, shown.split("\n"))) < 120 else _shortened(shown)
    return f"```text\n{shown}\n```\n"


def _shortened(text: str) -> str:
    return "\n".join(line if len(line) < 100 else f"{line[:30]} … {line[-30:]}" for line in text.split("\n"))


if __name__ == "__main__":
    sys.stdout.write(page())
