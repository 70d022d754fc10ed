"""The command line of `hoopgate init`."""

from __future__ import annotations

import argparse

__all__ = ["add_commands"]


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `init`."""
    parser = subparsers.add_parser(
        "init",
        help="write a first policy from a server's own list of tools",
        description="Ask the configured servers (or one that is named here) for their tools, and write a first policy "
        "for each: tools that only read are permitted, all others wait for people, everything is masked.",
    )
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME", help="whose pipelines may call")
    parser.add_argument("--branch", default="main", metavar="GLOB", help="the branches they run on (default: main)")
    parser.add_argument(
        "--provider", default="github", choices=("github", "gitlab", "buildkite"), help="whose CI it is"
    )
    parser.add_argument("--approvers", default="platform-team", metavar="GROUP", help="who is asked (platform-team)")
    parser.add_argument("--output", default="policies", metavar="DIR", help="where to write (default: policies)")
    parser.add_argument("--server", metavar="NAME", help="only this one; with --url or --stdio, what policies call it")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--config", metavar="FILE", help="hoopgate.toml (default: in this directory)")
    which.add_argument("--url", metavar="URL", help="a server's MCP endpoint")
    which.add_argument("--stdio", metavar="COMMAND", help="a server that is started and spoken to over stdio")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from adapter_asgi.first_policy.write import write

    return write(args)
