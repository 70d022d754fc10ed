"""The language's commands: check, test, fmt, decide, diff. Heavy imports wait until a command runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_FORMATS = ("text", "json", "sarif", "github", "junit")


def add_commands(subparsers: Subparsers) -> None:
    """Add check, test, fmt, decide and diff to a parser's sub-commands."""
    _check(subparsers)
    _test(subparsers)
    _fmt(subparsers)
    _decide(subparsers)
    _diff(subparsers)
    _lsp(subparsers)


def _check(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "check",
        help="say everything that is wrong with a policy, and run its tests",
        description="Say everything that is wrong with a policy: what does not parse or type, what can never hold, "
        "what a `never` rules out, which tests fail. Exit 1 where there is an error.",
    )
    _paths(parser)
    _written(parser, *_FORMATS)
    parser.add_argument("--lock", metavar="FILE", help="a lockfile of the servers' tools (default: hoopgate.lock here)")
    parser.add_argument("--strict", action="store_true", help="fail on warnings too")
    parser.set_defaults(run=_later("check"))


def _test(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "test",
        help="run a policy's test blocks",
        description="Run a policy's test blocks, and say what they leave untried. Exit 1 where one fails.",
    )
    _paths(parser)
    _written(parser, *_FORMATS)
    parser.add_argument("--coverage", action="store_true", help="say which rules and lines the tests reach")
    parser.add_argument(
        "--fail-under",
        type=float,
        metavar="PERCENT",
        help="fail below this coverage (implies --coverage), or with --mutate below this score",
    )
    parser.add_argument(
        "--mutate", action="store_true", help="break the rules on purpose, and say which mistakes no test notices"
    )
    parser.add_argument(
        "--only", metavar="TEXT", help="run the tests (with --mutate: break the rules) whose name holds this text"
    )
    parser.add_argument("--watch", action="store_true", help="run again whenever a file changes, until interrupted")
    parser.set_defaults(run=_later("test"))


def _fmt(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "fmt",
        help="lay policies out in the one way; rewrites files in place",
        description="Lay policies out in the one way. What a policy means does not change, and comments stay.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a .hoop file, a directory of them, or - for a pipe")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a file would change")
    parser.add_argument("--diff", action="store_true", help="change nothing; show what would change")
    parser.set_defaults(run=_later("fmt"))


def _decide(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "decide",
        help="decide one request, given as JSON",
        description="Decide one request as the gate would, and print the decision as JSON. Exit 0 whatever it is.",
    )
    parser.add_argument("path", metavar="PATH", help="a .hoop file or a directory of them")
    parser.add_argument(
        "request", nargs="?", default="-", metavar="REQUEST", help="a JSON file, or - for standard input (default)"
    )
    parser.add_argument(
        "--explain", action="store_true", help="say why: each rule's lines, and what would turn a refusal"
    )
    parser.add_argument("--json", action="store_true", help="the explanation as JSON (a decision always is)")
    parser.set_defaults(run=_later("decide"))


def _diff(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "diff",
        help="say which requests two policies decide differently, with examples",
        description="Say which requests two policies decide differently, rule by rule, each with an example, and "
        "whether the newer one permits more or less.",
    )
    what = "a .hoop file, a directory of them, or a git revision: HEAD~1, HEAD~1:policies/"
    parser.add_argument("old", metavar="OLD", help=what)
    parser.add_argument("new", metavar="NEW", help="likewise")
    _written(parser, "text", "json", "markdown")
    parser.add_argument(
        "--fail-on", choices=("widening", "narrowing", "any"), help="exit 1 if there is such a change, or could be"
    )
    parser.set_defaults(run=_run_diff)


def _lsp(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "lsp",
        help="the language server, for editors; speaks on standard input and output",
        description="A language server: diagnostics, hover, completion, definition, references, renaming, formatting.",
    )
    parser.set_defaults(run=_run_lsp)


def _run_lsp(_: argparse.Namespace) -> int:
    from policy_lang.editor.server import server

    server.start_io()
    return 0


def _run_diff(arguments: argparse.Namespace) -> int:
    from policy_lang.proof.perform import diff

    return diff(arguments)


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a .hoop file, or a directory of them as one policy")


def _written(parser: argparse.ArgumentParser, *formats: str) -> None:
    parser.add_argument("--format", choices=formats, default="text", help="how it is written (default: text)")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")


def _later(name: str) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        from policy_lang import perform

        chosen: Callable[[argparse.Namespace], int] = getattr(perform, name)
        return chosen(arguments)

    return run
