"""`hoopgate approvals list|show|approve|refuse|revoke|break-glass|review`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from typing import Any

__all__ = ["add_commands"]


_WITH_REASON = {
    "refuse": "refuse a call, finally; the requester reads the reason",
    "revoke": "take an approval back, and end what runs on it",
    "break-glass": "approve alone in an emergency, for review later",
}


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `approvals` with its commands."""
    group = subparsers.add_parser(
        "approvals", help="see and decide what waits for people", description="See and decide what waits for people."
    )
    commands = group.add_subparsers(dest="approvals", required=True, metavar="COMMAND")
    _add_list(commands)
    _add_show(commands)
    _add_decision(commands, "approve", "give your word for a call")
    for name, summary in _WITH_REASON.items():
        parser = _add_decision(commands, name, summary)
        parser.add_argument("--reason", metavar="TEXT", help="why (required)")
    _add_decision(commands, "review", "sign off an approval for which the glass was broken")


def _add_list(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "list", "what waits, and what was decided")
    states = ("pending", "approved", "refused", "expired", "consumed", "revoked", "void")
    help_ = f"only this state ({', '.join(states)}); may be given again"
    parser.add_argument("--state", action="append", metavar="STATE", choices=states, help=help_)
    parser.set_defaults(run=_list)


def _add_show(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "show", "one approval with its arguments")
    parser.add_argument("id", metavar="ID", help="the approval, as `approvals list` has it")
    help_ = "why you look; from another machine (--gate) patients are masked until you say it"
    parser.add_argument("--reason", metavar="TEXT", help=help_)
    parser.set_defaults(run=_show)


def _add_decision(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str
) -> argparse.ArgumentParser:
    parser = _add(commands, name, summary)
    parser.add_argument("id", metavar="ID", help="the approval, as `approvals list` has it")
    parser.add_argument("--as", dest="name", metavar="NAME", help="who you are, where HOOPGATE_TOKEN does not say it")
    parser.set_defaults(run=_decide, verb=name)
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    parser.add_argument("--config", metavar="FILE", help="the gate's hoopgate.toml (default: in this directory)")
    parser.add_argument("--gate", metavar="URL", help="a gate on another machine; HOOPGATE_TOKEN says who you are")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


# --- running ----------------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace) -> int:
    rows = _ask(args, {"do": "approvals.list", "states": args.state or []})
    if args.json:
        _print_json(rows)
    elif not rows:
        print("nothing waits, and nothing was decided yet")
    else:
        for row in rows:
            _print_line(row)
    return 0


def _show(args: argparse.Namespace) -> int:
    asked = _ask(args, {"do": "approvals.show", "id": args.id, "reason": args.reason or ""})
    if args.json:
        _print_json(asked)
        return 0
    _print_line(asked)
    from adapter_asgi.approvals.asked import spell

    print(f"  asked by   {_visible(asked['requester'])}")
    print(f"  arguments  {_visible(spell(asked['arguments']))}")
    if asked.get("masked"):
        print("             (patients are masked; --reason TEXT shows them, and is a record)")
    for word in asked["words"]:
        print(f"  word       {_visible(word['approver'])} ({word['asserted']}, independence {word['independence']})")
    if asked["reason"]:
        print(f"  reason     {_visible(asked['reason'])}")
    return 0


def _decide(args: argparse.Namespace) -> int:
    request = {"do": f"approvals.{args.verb}", "id": args.id}
    if args.verb in _WITH_REASON:
        request["reason"] = args.reason or ""
    token = os.environ.get("HOOPGATE_TOKEN")
    request.update({"token": token} if token else {"as": args.name or ""})
    asked = _ask(args, request)
    if args.json:
        _print_json(asked)
    else:
        _print_line(asked)
    return 0


def _ask(args: argparse.Namespace, request: Mapping[str, Any]) -> Any:
    if args.gate:
        return _ask_from_afar(args.gate, request)
    from adapter_asgi import settings
    from adapter_asgi.admin import ask

    return ask(settings.load(args.config).state, request)


def _ask_from_afar(gate: str, request: Mapping[str, Any]) -> Any:
    """Over HTTP, with a person's token."""
    import urllib.error
    import urllib.request
    from decimal import Decimal

    from adapter_asgi.errors import AdapterError

    token = os.environ.get("HOOPGATE_TOKEN", "")
    if not token or not gate.startswith(("https://", "http://")):
        raise AdapterError("APR10", "who decides, and where?", "set HOOPGATE_TOKEN, and give --gate an http address")
    body = json.dumps({name: value for name, value in request.items() if name not in ("token", "as")}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    call = urllib.request.Request(f"{gate.rstrip('/')}/api/approvals", body, headers)  # noqa: S310 (checked above)
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:  # noqa: S310 (checked above)
            text = answer.read()
    except urllib.error.HTTPError as refused:
        text = refused.read()
    except OSError:
        raise AdapterError("ADM03", f"no gate answers at {gate}") from None
    try:
        told = json.loads(text, parse_float=Decimal)
        if "error" in told:
            raise AdapterError(**told["error"])
        return told["ok"]
    except (ValueError, KeyError, TypeError):
        raise AdapterError("ADM02", f"{gate} does not answer as a gate does") from None


def _print_json(value: Any) -> None:
    from adapter_asgi.approvals.asked import spell

    print(spell(value))


def _print_line(row: Mapping[str, Any]) -> None:
    groups = " or ".join(row["from"])
    need = f"{row['given']} of {row['count']} from {groups}"
    print(
        f"{row['id']}  {row['state']:<8}  {_visible(row['command'])}  {need}  until {row['expires']}  [{row['rule']}]"
    )


def _visible(text: str) -> str:
    """Hidden and control characters spelled out, so that what is shown is what is decided on."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
