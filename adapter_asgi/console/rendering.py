"""Templates, and the filters that make recorded text fit to be looked at."""

from __future__ import annotations

import json
import unicodedata
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
        """The template with these values."""
        return self._environment.get_template(template).render(**values)


def spelled(text: object) -> Markup:
    """Text as HTML in which hidden characters are seen: controls, bidirectional marks, zero-width and odd spaces."""
    whole = str(text)
    parts = [_shown(c) for c in whole[:_SHOWN]]
    if len(whole) > _SHOWN:
        parts.append(Markup('<em class="cut">… cut here; {} characters in all</em>').format(len(whole)))
    return Markup("").join(parts)


def pretty(value: object) -> Markup:
    """A JSON value, indented, with hidden characters seen."""
    return spelled(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False))


def moment(text: str) -> str:
    """RFC 3339 as people read it: to the second, UTC."""
    return f"{text[:10]} {text[11:19]} UTC" if len(text) >= 19 else text


def _shown(character: str) -> Markup:
    if character in "\n " or (character.isprintable() and unicodedata.category(character) != "Zs"):
        return escape(character)
    name = unicodedata.name(character, "control character")
    code = f"U+{ord(character):04X}"
    return Markup('<span class="hidden" title="{}">{}</span>').format(name, code)
