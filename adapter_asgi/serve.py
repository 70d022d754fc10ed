"""`hoopgate serve`: everything that can refuse does so before the store is opened; then it serves until a signal.

SIGTERM and SIGINT end it within 20 seconds, held calls included; a second one at once. SIGHUP reads the
policy again where that names somebody (`reloading`); the last good one stays when it has errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping

import uvicorn
import uvloop

import masking
import policy_lang
import recorder
from adapter_asgi import lifecycle, logs
from adapter_asgi import settings as configuration
from adapter_asgi.app import Gate
from adapter_asgi.errors import AdapterError
from adapter_asgi.listener import OPTIONS, Listener
from adapter_asgi.memory import settle_memory
from adapter_asgi.settings import Settings
from adapter_asgi.state import SOON, State, patience
from adapter_asgi.workers.connection import Connection, Inbox
from adapter_asgi.workers.parent import Parent
from adapter_asgi.workers.seat import Seat

__all__ = ["serve"]

_DRAIN = 8.0
"""Seconds that open calls get to end in, once the gate was told to stop."""
_CLOSE = 5
"""Seconds after that until what is still open is cut."""

_log = logging.getLogger("hoopgate")


def serve(config: str | None) -> int:
    """Run until a signal. Raises the error of whatever refuses: settings, policy, detectors, store, address."""
    os.umask(0o077)
    sys.setswitchinterval(0.0005)  # the loop and the recorder's thread change places under load: recorder-speed.md
    # the prose model's matrices are small: shared out over threads they cost more, in several workers twice as much
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is loaded, with the model
    settings = configuration.load(config)
    policy = policy_lang.load(settings.policy)
    listener = _listener(settings)
    with contextlib.closing(listener):
        ner = masking.load_ner(settings.prose)
        if settings.workers > 1:
            return _serve_together(settings, policy, ner, listener)
        with lifecycle.opened_store(settings) as store:
            logs.start(settings.log, sys.stderr)
            uvloop.run(_run(settings, policy, ner, store, listener))
    return 0


def _serve_together(
    settings: Settings, policy: policy_lang.Policy, ner: masking.Engine | None, listener: socket.socket
) -> int:
    """Several workers that this process starts and watches; it serves nothing itself."""

    def work(seat: Seat) -> None:
        with lifecycle.opened_log(settings, state, seat) as log:
            uvloop.run(_run(settings, policy, ner, (log, state), listener, seat))

    with contextlib.closing(State(settings.state, settings.keys)) as state:
        logs.start(settings.log, sys.stderr)
        settle_memory()
        with contextlib.closing(Parent(settings.workers, state, work)) as parent:
            return parent.run(lambda: _say(settings, policy, listener, f", {settings.workers} workers"))


def _say(settings: Settings, policy: policy_lang.Policy, listener: socket.socket, more: str = "") -> None:
    where, port = settings.listen.rpartition(":")[0], listener.getsockname()[1]
    _log.info("serving http://%s:%s, policy %s, store %s%s", where, port, policy.digest, settings.store, more)


def _listener(settings: Settings) -> socket.socket:
    """The address, taken but not yet listened on: whoever connects is refused until calls are served."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    deadline = time.monotonic() + patience(settings.state)
    while True:
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(SOON)
                continue
            listener.close()
            raise AdapterError("SRV01", f"cannot listen on {settings.listen}: {error.strerror}") from None
        return listener


async def _run(
    settings: Settings,
    policy: policy_lang.Policy,
    ner: masking.Engine | None,
    store: tuple[recorder.Log, State],
    listener: socket.socket,
    seat: Seat | None = None,
) -> None:
    async with lifecycle.standing(settings, policy, ner, store, "serve", seat=seat) as gate:
        await (_Server(settings, gate) if seat is None else _Worker(settings, gate, seat)).serve([listener])


@contextlib.contextmanager
def _handled(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """The running loop answers these signals, while the context lasts."""
    loop = asyncio.get_running_loop()
    for name, answer in handlers.items():
        loop.add_signal_handler(name, answer)
    try:
        yield
    finally:
        for name in handlers:
            loop.remove_signal_handler(name)


class _Server(uvicorn.Server):
    """uvicorn with our signals: it must not raise them again once the calls have ended."""

    def __init__(self, settings: Settings, gate: Gate, http: type[Listener] = Listener) -> None:
        super().__init__(
            uvicorn.Config(
                gate.app,
                loop="none",
                **{**OPTIONS, "http": http},
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=list(settings.trusted_proxies),
                timeout_graceful_shutdown=_CLOSE,
            )
        )
        self._settings = settings
        self._gate = gate
        self._hung_up = False
        self._reading: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        with _handled({signal.SIGTERM: self._stop, signal.SIGINT: self._stop, signal.SIGHUP: self._hang_up}):
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            settle_memory()
            self._gate.health.serving = True
            self._serving(sockets or [])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._gate.health.serving = False
        await self._gate.endpoint.drain(_DRAIN)
        await super().shutdown(sockets)

    def _serving(self, sockets: list[socket.socket]) -> None:
        _say(self._settings, self._gate.policy.current, sockets[0])

    def _stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    def _hang_up(self) -> None:
        self._hung_up = True
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_again())

    async def _read_again(self) -> None:
        """However many signals come while the policy is read, it is read once more."""
        while self._hung_up:
            self._hung_up = False
            await self._gate.reloader.by_signal()


class _Worker(_Server):
    """One of several. The parent has the signals that people send; it stops this one by SIGTERM, at once by SIGQUIT."""

    def __init__(self, settings: Settings, gate: Gate, seat: Seat) -> None:
        super().__init__(settings, gate, Connection)
        self._seat = seat
        self._inbox: Inbox | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        handlers = {signal.SIGTERM: self._end, signal.SIGQUIT: self._stop, signal.SIGHUP: self._hang_up}
        try:
            with _handled(handlers):
                yield
        finally:
            for name in handlers:
                signal.signal(name, signal.SIG_IGN)  # what is left to do is short, and ends by itself

    def _serving(self, _: list[socket.socket]) -> None:
        about = {"config": self.config, "server_state": self.server_state, "app_state": self.lifespan.state}
        self._inbox = Inbox(self._seat.inboxes[self._seat.number], lambda: Connection(**about))
        self._inbox.open()
        self._seat.board.put(self._seat.number, "up", 1)
        _log.info("worker %d serves, process %d", self._seat.number, os.getpid())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self._inbox is not None:
            self._inbox.close()

    def _end(self) -> None:
        self.should_exit = True

    def _stop(self) -> None:
        self.should_exit = self.force_exit = True
