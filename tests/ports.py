"""Ports for programs that have to be told theirs before they take it.

Strategy: a port that the system chose and that was let go may be anybody's before the program takes it. These lie below
those that the system chooses from, and whoever is given one holds its number (a name in Linux's abstract socket
namespace, which ends with the process) for as long as it runs, so that suites beside each other never share one.
"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

__all__ = ["free_port"]

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
_held: list[socket.socket] = []


def free_port() -> int:
    """A port of loopback that nobody listens on, and that nobody else who asks here is given."""
    end = int(_RANGE.read_text().split()[0])
    start = _LOWEST + os.getpid() * 101 % (end - _LOWEST)
    for port in (*range(start, end), *range(_LOWEST, start)):
        name = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with contextlib.suppress(OSError), socket.socket() as probe:
            name.bind(f"\0hoopgate-test-port-{port}")
            probe.bind(("127.0.0.1", port))
            _held.append(name)
            return port
        name.close()
    raise AssertionError("no port is free")
