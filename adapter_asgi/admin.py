"""The gate's own door for administration: a Unix socket that only its own user (and root) can open.

One line of JSON in (`{"do": NAME, …}`), one out (`{"ok": …}` or `{"error": {"code", "message", "help"}}`). The kernel
says who connects, so what is asserted here is recorded with the system's user.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import recorder
from adapter_asgi.errors import AdapterError

__all__ = ["AdminSocket", "Handler", "ask", "ask_soon", "bound"]

Handler = Callable[[Mapping[str, Any], str], Awaitable[Any]]
"""Takes the request and the system's user, gives JSON; what it raises as an error with a code goes to the caller."""

_NAME = "admin.sock"
_LIMIT = 1024 * 1024
_TIMEOUT = 30.0
_KEPT: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
"""Who bound a socket takes it off the disk: the loop would do so for whichever worker ends first."""


class AdminSocket:
    """Serves `handlers` in `folder`/`name`. Remove a stale one only while holding the store's lock."""

    def __init__(
        self, folder: Path, handlers: Mapping[str, Handler], encode: Callable[[Any], str], name: str = _NAME
    ) -> None:
        self._place = folder / name
        self._handlers = handlers
        self._encode = encode
        self._server: asyncio.AbstractServer | None = None
        self._own = True

    async def start(self, listener: socket.socket | None = None) -> None:
        """Listen, on what was bound before where that is given. Raises `AdapterError` ADM01."""
        self._own = listener is None
        listener = listener or bound(self._place.parent, self._place.name)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener, limit=_LIMIT, **_KEPT)

    async def stop(self) -> None:
        """Close the door; whoever bound it takes it off the disk."""
        if self._server is not None:
            self._server.close()
            if self._own:
                self._place.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT):
                line = await reader.readline()
            answer = await self._answer(line, _user(writer.get_extra_info("socket")))
            writer.write(self._encode(answer).encode("utf-8") + b"\n")
            await writer.drain()
        except (TimeoutError, ValueError, ConnectionError):
            pass  # whoever asked has gone, or sent no line
        finally:
            writer.close()

    async def _answer(self, line: bytes, user: str) -> Any:
        try:
            request = json.loads(line)
            handler = self._handlers[request["do"]]
        except (ValueError, KeyError, TypeError):
            return _failed(AdapterError("ADM02", "the running gate does not know this command", "compare the versions"))
        try:
            return {"ok": await handler(request, user)}
        except AdapterError as error:
            return _failed(error)
        except recorder.RecorderError as error:
            return _failed(AdapterError("ADM05", f"nothing was done, for it cannot be recorded: {error.message}"))


def bound(folder: Path, name: str = _NAME) -> socket.socket:
    """A socket at `folder`/`name` that is its user's alone. Raises `AdapterError` ADM01."""
    path = folder / name
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    try:
        with _short(folder) as short:
            listener.bind(f"{short}/{name}")
    except OSError as error:
        listener.close()
        raise AdapterError("ADM01", f"cannot listen on {path}: {error.strerror}") from None
    finally:
        os.umask(old)
    return listener


async def ask_soon(folder: Path, name: str, request: Mapping[str, Any]) -> Any:
    """Send one request to what serves `folder`/`name`. Raises OSError, ValueError, and `AdapterError` as it answers."""
    with _short(folder) as short:
        reader, writer = await asyncio.open_unix_connection(f"{short}/{name}")
    try:
        writer.write(json.dumps(request).encode("utf-8") + b"\n")
        answer = json.loads(await reader.read(-1))
    finally:
        writer.close()
    if "error" in answer:
        raise AdapterError(**answer["error"])
    return answer["ok"]


def ask(folder: Path, request: Mapping[str, Any]) -> Any:
    """Send one request to the gate that serves in `folder`. Raises `AdapterError`: ADM03 when nobody serves there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(_TIMEOUT)
        try:
            with _short(folder) as short:
                link.connect(f"{short}/{_NAME}")
            link.sendall(json.dumps(request).encode("utf-8") + b"\n")
            answer = json.loads(_read(link), parse_float=Decimal)
        except PermissionError:
            raise AdapterError("ADM04", f"{folder / _NAME} is another user's", "run this as the gate's user") from None
        except (OSError, ValueError):
            help_ = "start `hoopgate serve` with the same configuration, or point --config at the one it runs with"
            raise AdapterError("ADM03", f"no gate serves on {folder / _NAME}", help_) from None
    if "error" in answer:
        raise AdapterError(**answer["error"])
    return answer["ok"]


def _read(link: socket.socket) -> bytes:
    pieces = []
    while piece := link.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def _failed(error: AdapterError) -> dict[str, Any]:
    return {"error": {"code": error.code, "message": error.message, "help": error.help}}


def _user(link: socket.socket) -> str:
    """The system's name of whoever connects (SO_PEERCRED, unix(7))."""
    _, uid, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


class _short:  # noqa: N801 (used as a function)
    """A short name of a folder: a socket's address has room for 107 bytes only (unix(7))."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> str:
        self._fd = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._fd}"

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
