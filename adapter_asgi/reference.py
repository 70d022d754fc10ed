"""The command line's page, from its parsers: `python -m adapter_asgi.reference docs/reference/command-line.md`.

Strategy: what a parser cannot say (exit statuses, variables, codes) is written by hand at the head of the page, and is
kept; all behind it is made anew. Options that differ in their name alone share a row, and so do the three that say
which store is meant.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from adapter_asgi import cli

__all__ = ["MARK", "page", "walk"]

MARK = "## Commands\n"
_STORE = ("--store", "--keys", "--config")


def walk(
    parser: argparse.ArgumentParser, path: str = "", summary: str | None = None
) -> Iterator[tuple[str, str | None, argparse.ArgumentParser]]:
    """Each command below a parser, groups included: its words, its line in the list of commands, its parser."""
    path = path or parser.prog
    yield path, summary, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            lines = {choice.dest: choice.help for choice in action._choices_actions}
            for name, below in action.choices.items():
                yield from walk(below, f"{path} {name}", lines.get(name))


def page(before: str) -> str:
    """The page, Markdown, with the head that it had `before`. Raises ValueError where that has no list of commands."""
    commands = [(path, summary, found) for path, summary, found in walk(cli._parser()) if summary is not None]
    tops = [f"| {_link(path)} | {_cell(summary)} |" for path, summary, _ in commands if path.count(" ") == 1]
    sections = (_section(path, found) for path, _, found in commands)
    head = before[: before.index(MARK)]
    return "\n".join([f"{head}{MARK}", "| command | |", "| --- | --- |", *tops, *sections]) + "\n"


def _link(path: str) -> str:
    return f"[`{path}`](#{path.replace(' ', '-')})"


def _section(path: str, command: argparse.ArgumentParser) -> str:
    """One command: what it does, how it is written, what it takes."""
    level = "##" if path.count(" ") == 1 else "###"
    lines = ["", f"{level} {path}", "", command.description or ""]
    arguments = _arguments(command)
    if command.get_default("run"):
        lines += ["", f"    {' '.join([path, *_usage(arguments)])}"]
    if arguments:
        lines += ["", "| argument | |", "| --- | --- |", *_rows(arguments)]
    return "\n".join(lines)


def _arguments(command: argparse.ArgumentParser) -> list[argparse.Action]:
    left_out = (argparse._HelpAction, argparse._SubParsersAction)
    found = [action for action in command._actions if not isinstance(action, left_out)]
    return sorted(found, key=lambda action: (bool(action.option_strings), _of_store(action, found)))


def _of_store(action: argparse.Action, among: list[argparse.Action]) -> bool:
    """Whether it is one of the three that say which store is meant."""
    names = {option for other in among for option in other.option_strings}
    return set(_STORE) <= names and bool(set(_STORE) & set(action.option_strings))


def _usage(arguments: list[argparse.Action]) -> Iterator[str]:
    """What cannot be left out, behind what can."""
    if any(action.option_strings and not action.required for action in arguments):
        yield "[OPTION …]"
    for action in arguments:
        if action.option_strings and action.required:
            yield _spelt(action)
    for action in arguments:
        if not action.option_strings:
            word = _value(action) + (" …" if action.nargs in ("+", "*") else "")
            yield f"[{word}]" if action.nargs in ("?", "*") else word


def _rows(arguments: list[argparse.Action]) -> Iterator[str]:
    for told, group in groupby(arguments, key=lambda action: _told(action, arguments)):
        spelt = ", ".join(f"`{_cell(_spelt(action))}`" for action in group)
        yield f"| {spelt} | {_cell(told)} |"


def _told(action: argparse.Action, among: list[argparse.Action]) -> str:
    """An argument's help; its own name is left out, so that those which differ in nothing else are alike."""
    if _of_store(action, among):
        return "[which store](#which-store)"
    own = action.option_strings[-1].lstrip("-").replace("-", "_") if action.option_strings else ""
    text = action.help or ""
    return text.replace(f"with this {own}", "with this") if own else text


def _spelt(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings)
    return " ".join(part for part in (name, _value(action)) if part)


def _value(action: argparse.Action) -> str:
    """What stands for its value: the choices where there are few words, else the metavar."""
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, str):
        return action.metavar
    return "|".join(map(str, action.choices)) if action.choices else action.dest.upper()


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.write_text(page(place.read_text(encoding="utf-8")), encoding="utf-8")
