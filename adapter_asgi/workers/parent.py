"""The process that starts the workers, hands on the signals, and starts again what dies. It serves nothing itself.

Strategy: what the workers share is made here before they are forked, and stays open here: connections that were sent to
a worker that died wait for the one that takes its place. The first worker is up before the others start, so that one of
them makes what is new (keys, databases, the store) and ends what an earlier gate left open. Whatever ends this process
ends the workers with it (PR_SET_PDEATHSIG), so the store is never written by workers that nobody watches.

No event loop, no thread, no open database or log lives here: a fork copies none.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from adapter_asgi.admin import bound
from adapter_asgi.state import State
from adapter_asgi.workers.board import Board
from adapter_asgi.workers.in_force import LOCK, POLICY
from adapter_asgi.workers.seat import Seat

__all__ = ["Parent"]

_STOP = (signal.SIGTERM, signal.SIGINT)
_HEARD = {*_STOP, signal.SIGHUP, signal.SIGCHLD}
_GRACE = 18.0
"""Seconds from a stop until the workers that are left are killed."""
_YOUNG = 5.0
_SOON = 1.0
"""Seconds that what is on its way to a worker may wait for the next one."""
_SLOWEST = 30.0
_PR_SET_PDEATHSIG = 1
_log = logging.getLogger("hoopgate")


@dataclass(slots=True)
class _Child:
    """A worker's process. `failed` is how often in a row it died young; `due` when it is started again."""

    pid: int = 0
    began: float = 0.0
    failed: int = 0
    due: float = 0.0


class Parent:
    """`work` is a worker's whole life. Until `close` this process has no other use for its signals."""

    def __init__(self, count: int, state: State, work: Callable[[Seat], None]) -> None:
        self.count, self.state, self.work = count, state, work
        self._children = [_Child() for _ in range(count)]
        self._stopping: float | None = None
        self._hung_up = False
        self._status = 0
        self._board = Board(count)
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(count)]
        for one in (end for pair in pairs for end in pair):
            one.setblocking(False)
        self._inboxes, self._outboxes = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
        self._admin = bound(self.state.folder)
        self._admin.listen()
        for stale in (*self.state.folder.glob("worker-*.sock"), self.state.file(POLICY), self.state.file(LOCK)):
            stale.unlink(missing_ok=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)

    def close(self) -> None:
        """Close what was made, and take the door off the disk."""
        for one in (*self._inboxes, *self._outboxes, self._admin):
            one.close()
        (self.state.folder / "admin.sock").unlink(missing_ok=True)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)

    def run(self, serving: Callable[[], None]) -> int:
        """Start the workers, the first one first, and watch them until a signal; `serving` is called once all serve.

        Gives the exit status: of a worker that cannot start, else 0, or 2 where one did not end well.
        """
        for worker in range(self.count):
            if self._stopping is None:
                self._fork(worker, first=True)
                self._await([worker] if worker == 0 else [])
        self._await([*range(self.count)])
        if self._stopping is None:
            serving()
        while self._stopping is None or any(child.pid for child in self._children):
            self._turn()
        return self._status

    def _await(self, workers: list[int]) -> None:
        """Until these serve, or one of them ends."""
        while self._stopping is None and not all(self._board.up(worker) for worker in workers):
            self._turn(0.02, again=False)

    def _turn(self, patience: float = 1.0, *, again: bool = True) -> None:
        """One signal, or so many seconds without one; then whatever is due."""
        now = time.monotonic()
        due = [child.due - now for child in self._children if not child.pid and child.due]
        heard = signal.sigtimedwait(_HEARD, max(0.0, min([patience, *due])))
        if heard is not None and heard.si_signo in _STOP:
            self._stop(signal.SIGTERM if self._stopping is None else signal.SIGQUIT)
        elif heard is not None and heard.si_signo == signal.SIGHUP:
            self._hung_up = True
        for worker, child in enumerate(self._children):
            self._reap(worker, child, again=again)
            if not child.pid and child.due and self._stopping is None and time.monotonic() >= child.due:
                self._fork(worker, first=False)
        if self._hung_up:
            self._hang_up()
        if self._stopping is not None and time.monotonic() >= self._stopping:
            self._send(signal.SIGKILL)

    def _hang_up(self) -> None:
        """One worker that serves reads the files again, and the others take up what it read; until then it waits."""
        for worker, child in enumerate(self._children):
            if child.pid and self._board.up(worker):
                self._hung_up = False
                os.kill(child.pid, signal.SIGHUP)
                return

    def _stop(self, how: signal.Signals) -> None:
        self._stopping = self._stopping or time.monotonic() + _GRACE
        self._send(how)

    def _send(self, what: signal.Signals) -> None:
        for child in self._children:
            if child.pid:
                os.kill(child.pid, what)  # not yet waited for, so the number is still its own

    def _reap(self, worker: int, child: _Child, *, again: bool) -> None:
        """Notice that a worker has ended, and when it is to be started again."""
        ended, status = os.waitpid(child.pid, os.WNOHANG) if child.pid else (0, 0)
        if not ended:
            return
        code = os.waitstatus_to_exitcode(status)
        child.pid = 0
        self._board.put(worker, "up", 0)
        self._board.put(worker, "sessions", 0)
        if self._stopping is not None:
            well = code in (0, -signal.SIGTERM)  # one that does not serve yet has no handler, and nothing to end
            self._status = self._status or (0 if well else 2)
        elif not again:
            self._status = code if code > 0 else 2
            self._stop(signal.SIGTERM)
        else:
            now = time.monotonic()
            child.failed = child.failed + 1 if now - child.began < _YOUNG else 0
            child.due = now + (min(_SLOWEST, 2.0 ** (child.failed - 2)) if child.failed else 0.0)
            how = f"by signal {-code}" if code < 0 else f"with status {code}"
            _log.error("worker %d ended %s and is started again; its sessions are over", worker, how)
            if child.due - now > _SOON:
                self._turn_away(worker)

    def _turn_away(self, worker: int) -> None:
        """Close the connections that wait for a worker that does not come up soon."""
        while True:
            try:
                _, files, _, _ = socket.recv_fds(self._inboxes[worker], 1, 2)
            except BlockingIOError:
                return
            for file in files:
                os.close(file)

    def _fork(self, worker: int, *, first: bool) -> None:
        board = self._board
        seat = Seat(worker, self.count, board, self._inboxes, self._outboxes, self._admin, first)
        if not first:
            board.put(worker, "restarts", board.get(worker, "restarts") + 1)
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            child = self._children[worker]
            child.pid, child.began, child.due = pid, time.monotonic(), 0.0
            return
        status = 2
        try:
            status = _life(self.work, seat, parent)
        finally:
            os._exit(status)  # whatever it was, this process goes no further up


def _life(work: Callable[[Seat], None], seat: Seat, parent: int) -> int:
    """A worker, from its fork to its exit status."""
    from adapter_asgi.cli import failed

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it has ended in between
        return 2
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to everybody; the parent decides
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
    try:
        work(seat)
    except Exception as error:  # noqa: BLE001 (a process's entry point, as in `cli`: a message, never a traceback)
        return failed(error)
    finally:
        sys.stderr.flush()
    return 0
