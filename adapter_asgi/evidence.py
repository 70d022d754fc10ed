"""The store as the configuration asks for it: its key-encryption key, its anchors, and what is done by schedule.

Strategy: the recorder opens no connections; what reaches OpenBao, AWS, a bucket or a timestamp authority is made here,
and works in the recorder's own threads, never in the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import recorder
from adapter_asgi.background import in_background
from adapter_asgi.errors import SettingsError
from adapter_asgi.settings import Settings
from adapter_asgi.tables import is_loopback
from recorder.anchors import Anchor, BucketAnchor, FileAnchor, Paced, TimestampAnchor
from recorder.keys import KeyEncryption, environment_key
from recorder.providers import AwsKms, TransitKey

__all__ = ["anchors", "checkpoint_route", "key_encryption", "open_keys", "retained"]

_TIMEOUT = 10.0
_PACE = 600.0
"""Seconds between two checkpoints for what is far away; the last one of a process always goes."""
_ROUND = 3600.0
"""Seconds between two looks at what is due for removal."""
_ANSWER = 1 << 20

_log = logging.getLogger("hoopgate")


def open_keys(settings: Settings) -> recorder.Keys:
    """The store's keys. Raises `KeysError`, `SettingsError`."""
    return recorder.Keys.in_directory(settings.keys, kek=key_encryption(settings.kek) if settings.kek else None)


def key_encryption(name: str, environ: Mapping[str, str] | None = None) -> KeyEncryption:
    """What `kek` in the configuration means: `env:NAME`, `transit:URL#KEY` (OpenBao, Vault) or `kms:KEY` (AWS).

    Raises `SettingsError`, `KeysError`.
    """
    variables = os.environ if environ is None else environ
    kind, _, rest = name.partition(":")
    if kind == "env" and rest:
        return environment_key(rest, variables.get(rest))
    if kind == "kms" and rest:
        return AwsKms(rest, _boto3("kek").client("kms"))
    url, _, key = rest.partition("#")
    if kind == "transit" and key and _may_reach(url):
        token = variables.get("BAO_TOKEN") or variables.get("VAULT_TOKEN")
        if not token:
            raise SettingsError("CFG04", '"kek" is a key of OpenBao, and neither BAO_TOKEN nor VAULT_TOKEN is set')
        return TransitKey(key, _transit(url.rstrip("/"), token))
    help_ = "write env:NAME, transit:https://bao.example.org/v1/transit#KEY or kms:alias/NAME"
    raise SettingsError("CFG04", '"kek" names no key-encryption key', help_)


def anchors(settings: Settings) -> list[Anchor]:
    """Where checkpoints are kept beside the store: a directory, `s3://BUCKET/PREFIX[?days=N]`, or `tsa:URL` (RFC 3161),
    whose timestamps are kept in `<store>.timestamps`. Raises `SettingsError`.
    """
    return [_anchor(text, settings) for text in settings.anchors]


def _anchor(text: str, settings: Settings) -> Anchor:
    if text.startswith("s3://"):
        parts = urlsplit(text)
        days = parts.query.removeprefix("days=")
        if not parts.netloc or (days and not days.isdecimal()):
            raise SettingsError("CFG04", f'"anchors" has no bucket in "{text}"', "write s3://BUCKET/PREFIX/?days=2190")
        client = _boto3("anchors").client("s3")
        prefix = parts.path.lstrip("/") or "checkpoints/"
        return Paced(BucketAnchor(client, parts.netloc, prefix, int(days) if days else None), _PACE)
    if text.startswith("tsa:"):
        url = text.removeprefix("tsa:")
        if urlsplit(url).scheme not in ("http", "https"):
            raise SettingsError("CFG04", f'"anchors" has no address in "{text}"', "write tsa:https://tsa.example.org/")
        place = settings.store.with_name(settings.store.name + ".timestamps")
        place.mkdir(exist_ok=True, mode=0o700)
        return Paced(TimestampAnchor(lambda body: _post(url, body, _QUERY), place), _PACE)
    place = Path(text)
    if not place.is_dir():
        raise SettingsError("CFG04", f'"anchors": {place} is no directory', "make it, on another disk than the store")
    return FileAnchor(place)


def checkpoint_route(log: recorder.Log) -> Route:
    """`GET /checkpoint`: the newest signed checkpoint, as C2SP tlog-tiles serves one. A job prints it into its own log,
    which is then one more place that a store rolled back or rewritten has to contradict.
    """

    async def checkpoint(_: Request) -> Response:
        text = log.latest_checkpoint
        return PlainTextResponse(text, 200 if text else 404, {"Cache-Control": "no-store"})

    return Route("/checkpoint", checkpoint)


def retained(log: recorder.Log, days: int) -> contextlib.AbstractAsyncContextManager[None]:
    """Within this context, payloads are removed when their time is over, on record."""
    return in_background(functools.partial(_retain, log, days))


async def _retain(log: recorder.Log, days: int) -> None:
    while True:
        try:
            done = await asyncio.to_thread(log.expire, default=days * 86_400)
        except (recorder.RecorderError, OSError) as error:
            _log.error("what is due for removal could not be removed: %s", error)
        else:
            for item in done:
                _log.info(
                    "log %s segment %s: %s payloads were due and are removed", item.log, item.segment, item.records
                )
        await asyncio.sleep(_ROUND)


_QUERY = {"Content-Type": "application/timestamp-query"}


def _transit(url: str, token: str) -> Callable[[str, dict[str, str]], Mapping[str, Any]]:
    import orjson

    headers = {"X-Vault-Token": token, "Content-Type": "application/json"}

    def request(path: str, body: dict[str, str]) -> Mapping[str, Any]:
        try:
            answer = orjson.loads(_post(f"{url}/{path}", orjson.dumps(body), headers))
        except orjson.JSONDecodeError:
            raise OSError("the answer is no JSON") from None
        found = answer.get("data") if isinstance(answer, dict) else None
        return found if isinstance(found, dict) else {}

    return request


class _Straight(urllib.request.HTTPRedirectHandler):
    """A token, or a question, goes where it was sent and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """No redirect is followed."""


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Raises OSError."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - checked before
    opener = urllib.request.build_opener(_Straight)
    with opener.open(request, timeout=_TIMEOUT) as answer:
        found: bytes = answer.read(_ANSWER)
        return found


def _may_reach(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _boto3(setting: str) -> Any:
    try:
        return import_module("boto3")
    except ModuleNotFoundError:
        raise SettingsError(
            "CFG04", f'"{setting}" asks for AWS, and boto3 is not installed', "pip install 'hoopgate[aws]'"
        ) from None
