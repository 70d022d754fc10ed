"""Templates, and the filters that make recorded text fit to be looked at."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

__all__ = ["Renderer", "spelled"]

_SHOWN = 100_000
"""Characters of one text on a page; what is longer is cut, and says so."""


class Renderer:
    """Every template escapes by itself; a name that is not given is an error, never an empty text."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("adapter_asgi.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._environment.filters |= {"spelled": spelled, "pretty": pretty, "moment": moment}

    def render(self, template: str, **values: Any) -> str:
        """The template with these values, as text that can be encoded whatever names it holds."""
        text = self._environment.get_template(template).render(**values)
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def spelled(text: object) -> Markup:
    """Text as HTML in which hidden characters are seen: controls, bidirectional marks, zero-width and odd spaces."""
    whole = str(text)
    shown = _HIDING.sub(_mark, str(escape(whole[:_SHOWN])))
    if len(whole) > _SHOWN:
        shown += f'<em class="cut">… cut here; {len(whole)} characters in all</em>'
    return Markup(shown)  # noqa: S704 - escaped above; the marks are our own


def pretty(value: object) -> Markup:
    """A JSON value, indented, numbers as they were written, with hidden characters seen."""
    return spelled("".join(_json(value, 0)))


def moment(text: str) -> str:
    """RFC 3339 as people read it: to the second, UTC."""
    return f"{text[:10]} {text[11:19]} UTC" if len(text) >= 19 else text


_HIDING = re.compile(r"[^\n !-~\u00a1-\u00ac\u00ae-\u034e\u0370-\u0377\u0384-\u0386\u0400-\u052f\u4e00-\u9fff]")
"""What may have to be marked; the rest, most of all text, never has."""
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""


def _mark(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    varies = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180F
    if character.isprintable() and character not in _BLANK and not varies:
        return character
    name = unicodedata.name(character, "control character")
    return f'<span class="hidden" title="{name}">U+{code:04X}</span>'


def _json(value: Any, depth: int) -> Iterator[str]:
    """Pieces of the text. What is nested deeper than anybody reads is said to be there."""
    inner, outer = "\n" + "  " * (depth + 1), "\n" + "  " * depth
    if not isinstance(value, Mapping | list | tuple):
        yield json.dumps(value, ensure_ascii=False) if isinstance(value, str) else _word(value)
    elif depth > _DEEPEST:
        yield f"… nested more than {_DEEPEST} levels deep, not shown"
    elif isinstance(value, Mapping):
        for number, (name, one) in enumerate(value.items()):
            yield f"{'{' if number == 0 else ','}{inner}{json.dumps(str(name), ensure_ascii=False)}: "
            yield from _json(one, depth + 1)
        yield outer + "}" if value else "{}"
    else:
        for number, one in enumerate(value):
            yield f"{'[' if number == 0 else ','}{inner}"
            yield from _json(one, depth + 1)
        yield outer + "]" if value else "[]"


_DEEPEST = 100


def _word(value: Any) -> str:
    return (
        {True: "true", False: "false", None: "null"}[value]
        if value is None or value is True or value is False
        else str(value)
    )
