"""Several processes behind one listener: each with its own sessions and its own log of the store, all on one state.

Strategy: nothing stands between a client and the worker that holds its session. Whichever worker accepts a connection
reads its first request; where that belongs to another worker, the connection itself goes there, with the bytes read so
far (`connection`). Which worker that is follows from the session's id, or else from who calls (`placing`). What has to
be exact over all of them (approvals, budgets, shown tokens) is in the state's databases; what one worker changes there,
the others look up at once and each second (`news`). A parent that serves nothing starts them, and starts them again
(`parent`).

What it does not do: move a session. A worker that dies takes its sessions along, and their clients initialize anew.
"""

from __future__ import annotations

from adapter_asgi.workers.seat import Seat

__all__ = ["Seat"]
