"""Controls of a framework, as data: what each asks, and the measures that bear on it.

A framework is a TOML file; the ones that come with the project lie in `frameworks/`. Its keys:

    name, title, source       of the framework
    [[control]]               one control: id, title, asks,
        measures              names of measures.py, exceptions first
        coverage              "full" (default), "partial" (the gate sees only a part of it) or "none"
        quiet                 true where nothing at all happening in the period is as it should be
        note                  what a reader has to know
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from recorder.errors import RequestError
from recorder.report.measures import MEASURES

__all__ = ["Control", "Framework", "load", "names"]

_COVERAGE = ("full", "partial", "none")
_TEXTS = ("id", "title", "asks", "coverage", "note")


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `measures`: names of measures; `coverage`: how much of it the gate can see."""

    id: str
    title: str
    asks: str
    measures: tuple[str, ...] = ()
    coverage: str = "full"
    quiet: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Framework:
    """A named list of controls."""

    name: str
    title: str
    source: str
    controls: tuple[Control, ...]


def names() -> list[str]:
    """The frameworks that come with the project."""
    return sorted(item.name.removesuffix(".toml") for item in _folder().iterdir() if item.name.endswith(".toml"))


def load(name: str) -> Framework:
    """A framework by name, or by the path of a TOML file. Raises RequestError."""
    if name in names():
        return _read(_folder().joinpath(f"{name}.toml").read_text(encoding="utf-8"), name)
    path = Path(name)
    if path.suffix != ".toml":
        raise RequestError(f'no framework "{name[:60]}"', f"one of {', '.join(names())}, or the path of a .toml file")
    try:
        return _read(path.read_text(encoding="utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"cannot read {path}: {error}") from None


def _folder() -> Any:
    return resources.files("recorder.report") / "frameworks"


def _read(text: str, place: str) -> Framework:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RequestError(f"{place} is not TOML: {error}") from None
    items = data.get("control")
    heads = [data.get(key) for key in ("name", "title", "source")]
    if not isinstance(items, list) or not items or not all(isinstance(head, str) and head for head in heads):
        raise RequestError(f"{place} is no framework", "it needs name, title, source and [[control]] tables")
    controls = tuple(_control(item, place) for item in items)
    if len({control.id for control in controls}) != len(controls):
        raise RequestError(f"{place} names a control twice")
    return Framework(data["name"], data["title"], data["source"], controls)


def _control(item: Mapping[str, Any], place: str) -> Control:
    ident = item.get("id")
    if not isinstance(ident, str) or not ident:
        raise RequestError(f"{place} has a control without id")
    unknown = set(item) - {*_TEXTS, "measures", "quiet"}
    measures = item.get("measures", [])
    wrong = next((name for name in measures if name not in MEASURES), None)
    if unknown:
        raise RequestError(f'{place}, control {ident}: unknown key "{min(unknown)}"')
    if wrong is not None:
        raise RequestError(f'{place}, control {ident}: no measure "{wrong}"', f"known: {', '.join(sorted(MEASURES))}")
    if item.get("coverage", "full") not in _COVERAGE:
        raise RequestError(f"{place}, control {ident}: coverage is one of {', '.join(_COVERAGE)}")
    if item.get("coverage") != "none" and not measures:
        raise RequestError(f"{place}, control {ident}: it has no measures", 'say coverage = "none"')
    texts = {name: str(item[name]) for name in _TEXTS if name in item}
    return Control(**texts, measures=tuple(measures), quiet=bool(item.get("quiet", False)))
