"""Sinks: records' leaves sent on to where a security team already looks. Never the record itself, only copies of it.

A process of its own (`hoopgate ship`) reads the store and follows it, so a slow or dead receiver holds nobody up. What
was confirmed is kept in a cursor; what was not is sent again: at least once, each record under the same id.
"""

from __future__ import annotations

from adapter_asgi.sinks.ship import ship

__all__ = ["ship"]
