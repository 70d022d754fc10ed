"""`hoopgate`: every package's commands under one name.

Strategy: only the standard library at import, so that a policy repository's CI needs nothing but Lark. A group whose
package cannot be imported still has its name, and says which extra brings it. Errors are data and go to stderr; this
is the process's entry point, so no traceback leaves it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

__all__ = ["failed", "run"]

_GATEWAY = ("serve", "lock", "reload", "approvals", "ship", "whoami", "token", "connect", "backtest", "init")
_GROUPS = (
    ("policy_lang.command", "", ()),
    ("masking.command", "masking", ("mask",)),
    (
        "recorder.command",
        "recorder",
        ("verify", "sessions", "export", "proof", "retain", "hold", "erase", "keys", "reindex", "report", "review"),
    ),
    ("adapter_asgi.command", "gateway", _GATEWAY),
    ("adapter_asgi.demo.command", "demo", ("demo",)),
)
"""A package's commands, the extra that brings what they need, and their names should even their module not load."""

_EXTRAS = {
    "presidio_analyzer": "masking",
    "spacy": "masking",
    "re2": "masking",
    "numpy": "masking",
    "orjson": "masking",
    "cryptography": "recorder",
    "zstandard": "recorder",
    "sqlglot": "sql",
    "pygls": "lsp",
    "lsprotocol": "lsp",
    "openpyxl": "report",
    "pyarrow": "report",
    "reportlab": "report",
    "asyncpg": "postgres",
    "boto3": "aws",
    "botocore": "aws",
    "apprise": "notify",
    "opentelemetry": "otel",
    "mcp": "demo",
    "httpx2": "demo",
}
_OURS = ("policy_lang", "masking", "recorder", "gate", "adapter_asgi")
_DECISIONS = {
    *(f"APR{number:02}" for number in (*range(1, 8), 11, 12, 14)),
    *(f"ID{number:02}" for number in (7, 10, 11, 12, *range(20, 27), *range(30, 33), *range(40, 44))),
}
"""What a person decided and the gate did not accept, and a person whose token it does not believe, is a finding
(exit 1); every other error is usage or input (2).
"""


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status: 0 fine, 1 findings, 2 usage or unreadable input."""
    try:
        args = _parser().parse_args(argv)
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return 141
    except ModuleNotFoundError as error:
        return _missing(error)
    except Exception as error:  # noqa: BLE001 (the process's entry point: a user gets a message, never a traceback)
        return failed(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hoopgate", description="A policy engine and gate for MCP.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    parser.set_defaults(key_encryption=_key_encryption)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module, extra, names in _GROUPS:
        try:
            importlib.import_module(module).add_commands(commands)
        except ModuleNotFoundError as error:
            for name in names:
                _stand_in(commands, name, extra, error)
    return parser


def _key_encryption(name: str) -> object:
    """What `kek` in the configuration names, for the recorder's commands."""
    return importlib.import_module("adapter_asgi.evidence").key_encryption(name)


def _stand_in(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, extra: str, error: ModuleNotFoundError
) -> None:
    """A command that says what is missing, whatever its arguments."""

    def say(_: argparse.Namespace) -> int:
        return _missing(error, extra)

    parser = commands.add_parser(name, help=f"(needs hoopgate[{extra}])", prefix_chars="\0", add_help=False)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    parser.set_defaults(run=say)


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"hoopgate {version('hoopgate')}")
        parser.exit()


def _missing(error: ModuleNotFoundError, extra: str = "") -> int:
    """An extra is not installed; a module of our own that is missing is a broken installation."""
    name = (error.name or "").partition(".")[0]
    if name in _OURS:
        print(f"error[CLI02]: this installation lacks {error.name}\n  help: install hoopgate anew", file=sys.stderr)
        return 2
    wanted = _EXTRAS.get(name, extra or "gateway")
    message = f"error[CLI01]: this command needs {name or 'a package'}, which is not installed"
    print(f"{message}\n  help: pip install 'hoopgate[{wanted}]'", file=sys.stderr)
    return 2


def failed(error: Exception) -> int:
    """A package's own error carries its words; anything else is ours, and is named without what it holds."""
    code = getattr(error, "code", None)
    if isinstance(code, str) and isinstance(getattr(error, "message", None), str):
        print(str(error), file=sys.stderr)
        return 1 if code in _DECISIONS else 2
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        print(f"error[CLI03]: {error.strerror or type(error).__name__}:{where}", file=sys.stderr)
        return 2
    print(f"error[CLI04]: a fault of hoopgate itself ({type(error).__name__}); please report it", file=sys.stderr)
    return 2


def _drop_output() -> None:
    """Nobody reads any more; leave without a second complaint at shutdown."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
