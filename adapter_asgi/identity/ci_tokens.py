"""The job's own OIDC token, fetched from whatever CI it runs in: `hoopgate token`, `hoopgate connect`.

Sources: GitHub "OpenID Connect reference", GitLab "id_tokens", Buildkite "buildkite-agent oidc", CircleCI "circleci run
oidc get", Kubernetes "Service account token volume projection".
"""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from adapter_asgi.errors import AdapterError

__all__ = ["TokenError", "exchange", "fetch"]

_TIMEOUT = 20
_PROJECTED = "/var/run/secrets/hoopgate/token"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_JWT = "urn:ietf:params:oauth:token-type:jwt"

Run = Callable[[list[str]], str]


class TokenError(AdapterError):
    """No token could be had (codes TOK…). Holds none."""


def fetch(audience: str, environ: Mapping[str, str], run: Run | None = None) -> str:
    """The token for `audience`. Raises `TokenError`: TOK01 (no CI that is known), TOK02 (it gave none)."""
    run = run or _run
    if environ.get("HOOPGATE_TOKEN"):
        return environ["HOOPGATE_TOKEN"].strip()
    if "ACTIONS_ID_TOKEN_REQUEST_URL" in environ:
        return _github(audience, environ)
    if environ.get("HOOPGATE_ID_TOKEN"):  # GitLab: `id_tokens: HOOPGATE_ID_TOKEN: aud: …`
        return environ["HOOPGATE_ID_TOKEN"].strip()
    if "BUILDKITE_AGENT_ACCESS_TOKEN" in environ or environ.get("BUILDKITE") == "true":
        claims = ["--claim", "organization_id", "--claim", "pipeline_id"]
        return run(["buildkite-agent", "oidc", "request-token", "--audience", audience, *claims])
    if environ.get("CIRCLECI") == "true":
        return run(["circleci", "run", "oidc", "get", "--claims", json.dumps({"aud": audience})])
    projected = Path(environ.get("HOOPGATE_TOKEN_FILE", _PROJECTED))
    if projected.is_file():
        return projected.read_text(encoding="ascii").strip()
    raise TokenError("TOK01", "no CI that hands out tokens is known here", _how(environ))


def exchange(gate: str, token: str) -> str:
    """The gate's own token for a CI's (RFC 8693). Raises `TokenError` TOK03."""
    form = {"grant_type": _EXCHANGE, "subject_token": token, "subject_token_type": _JWT}
    answer = _json(f"{gate}/token", "TOK03", urllib.parse.urlencode(form).encode())
    return _text(answer.get("access_token"), "TOK03")


def _github(audience: str, environ: Mapping[str, str]) -> str:
    url = f"{environ['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={urllib.parse.quote(audience, safe='')}"
    headers = {"Authorization": f"Bearer {environ.get('ACTIONS_ID_TOKEN_REQUEST_TOKEN', '')}"}
    return _text(_json(url, "TOK02", headers=headers).get("value"), "TOK02")


def _json(
    url: str, code: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Mapping[str, object]:
    where = url.partition("?")[0]
    if urllib.parse.urlsplit(where).scheme not in ("http", "https"):
        raise TokenError(code, f"{where} is no http address")
    request = urllib.request.Request(url, body, dict(headers or {}))  # noqa: S310 (checked above)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 (checked above)
            value = json.loads(answer.read(1024 * 1024))
    except urllib.error.HTTPError as error:
        error.close()
        raise TokenError(code, f"{where} refused with {error.code}") from None
    except (OSError, ValueError) as error:
        raise TokenError(code, f"{where} did not answer ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise TokenError(code, f"{where} did not answer with an object")
    return value


def _text(value: object, code: str) -> str:
    if not isinstance(value, str) or not value:
        raise TokenError(code, "the answer holds no token")
    return value


def _run(command: list[str]) -> str:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=True)  # noqa: S603 (ours)
    except (OSError, subprocess.SubprocessError):
        raise TokenError("TOK02", f"`{command[0]}` gave no token") from None
    return _text(ran.stdout.strip(), "TOK02")


def _how(environ: Mapping[str, str]) -> str:
    if environ.get("GITHUB_ACTIONS") == "true":
        return "give the job `permissions: { id-token: write }`"
    if environ.get("GITLAB_CI") == "true":
        return "give the job `id_tokens: { HOOPGATE_ID_TOKEN: { aud: … } }`"
    return f"set HOOPGATE_TOKEN, or project a service account's token to {_PROJECTED}"
