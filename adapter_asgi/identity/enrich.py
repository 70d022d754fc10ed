"""Names of jobs, which GitHub and GitLab do not attest: asked of their API with the gate's own credential.

Strategy: the token names the job by an id that *is* attested; the API's answer counts only when it names the same run
and commit. Answers are kept per job for as long as a token may live. Whatever fails leaves the job unknown, which
never widens a decision (language.md, rule 3); it is logged, and asked again with the next token.

Sources: GitHub REST "Get a check run"; GitLab "Get a single job".
"""

from __future__ import annotations

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

from adapter_asgi.identity.authenticator import Issuer
from adapter_asgi.identity.normalise import Attributes
from adapter_asgi.identity.strict_json import StrictJSONError, parse_object

__all__ = ["JobNames", "Source", "api_of"]

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_MAX = 1024 * 1024
_RUN = re.compile(r"/actions/runs/(\d+)/job/\d+$")
_KEEP = 3600.0
_KEPT = 10_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """Where one table's jobs are asked for: the API's base URL and the gate's token for it."""

    api: str
    token: str


class _UnknownError(Exception):
    """The job's name cannot be had; the text says why, without what was sent."""


class JobNames:
    """An `Enricher`. `sources` are by the name of the identity table; a table without one stays as it is."""

    def __init__(
        self, sources: Mapping[str, Source], client: aiohttp.ClientSession, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sources = sources
        self._client = client
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], tuple[str, float]] = OrderedDict()

    async def enrich(self, issuer: Issuer, claims: Mapping[str, Any], found: Attributes) -> None:
        """Add `job`, provenance `enriched`; it stays unknown where it cannot be had. Never raises."""
        source, ask = self._sources.get(issuer.name), _ASK.get(issuer.provider.name)
        if source is None or ask is None:
            return
        try:
            id_ = _digits(claims.get(_ID_CLAIM[issuer.provider.name]))
            found.put("job", await self._name(issuer, source, id_, claims, ask), "enriched")
        except (_UnknownError, StrictJSONError, aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) if isinstance(error, _UnknownError | StrictJSONError) else type(error).__name__
            _log.warning("the job's name is not known: [identity.%s]: %s", issuer.name, reason)

    async def _name(self, issuer: Issuer, source: Source, id_: str, claims: Mapping[str, Any], ask: _Ask) -> str:
        bound = ("run_id", "run_attempt", "pipeline_id", "repository_id", "project_id", "sha")
        key = (issuer.name, id_, *(str(claims.get(name)) for name in bound))
        kept = self._kept.get(key)
        if kept is None or self._clock() >= kept[1]:
            kept = self._kept[key] = (await ask(self, source, id_, claims), self._clock() + _KEEP)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept[0]

    async def _get(self, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
        async with self._client.get(url, headers=headers, timeout=_TIMEOUT, allow_redirects=False) as answer:
            if answer.status != 200:
                raise _UnknownError(f"the provider's API answered {answer.status}")
            body = await answer.content.read(_MAX + 1)
            while len(body) <= _MAX and not answer.content.at_eof():
                body += await answer.content.read(_MAX + 1 - len(body))
        if len(body) > _MAX:
            raise _UnknownError("the provider's API answered too much")
        return parse_object(body)

    async def _github(self, source: Source, id_: str, claims: Mapping[str, Any]) -> str:
        """A job of GitHub Actions is a check run, and is named as it is; its address names the workflow's run."""
        repository = quote(str(claims.get("repository", "")), safe="/")
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {source.token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        check = await self._get(f"{source.api}/repos/{repository}/check-runs/{id_}", headers)
        app = check.get("app")
        _same(check.get("id"), id_, "job")
        _same(app.get("slug") if isinstance(app, dict) else None, "github-actions", "kind of check")
        run = _RUN.search(str(check.get("details_url")))
        _same(run[1] if run else None, claims.get("run_id"), "run")
        _same(check.get("head_sha"), claims.get("sha"), "commit")
        return _name(check)

    async def _gitlab(self, source: Source, id_: str, claims: Mapping[str, Any]) -> str:
        project = _digits(claims.get("job_project_id", claims.get("project_id")))
        headers = {"PRIVATE-TOKEN": source.token, "Accept": "application/json"}
        job = await self._get(f"{source.api}/projects/{project}/jobs/{id_}", headers)
        pipeline, commit = job.get("pipeline"), job.get("commit")
        _same(job.get("id"), id_, "job")
        _same(pipeline.get("id") if isinstance(pipeline, dict) else None, claims.get("pipeline_id"), "pipeline")
        _same(commit.get("id") if isinstance(commit, dict) else None, claims.get("sha"), "commit")
        return _name(job)


_ID_CLAIM = {"github": "check_run_id", "gitlab": "job_id"}
_Ask = Callable[[JobNames, Source, str, Mapping[str, Any]], Awaitable[str]]
_ASK: dict[str, _Ask] = {"github": JobNames._github, "gitlab": JobNames._gitlab}


def api_of(provider: str, issuer: str) -> str:
    """Where a provider's API is unless the table says so; "" where there is none that names jobs."""
    if provider == "github":
        return "https://api.github.com"
    return f"{issuer.rstrip('/')}/api/v4" if provider == "gitlab" else ""


def _digits(value: Any) -> str:
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise _UnknownError("the token has no usable id of its job")
    return text


def _same(told: Any, attested: Any, what: str) -> None:
    if told is None or attested is None or str(told) != str(attested):
        raise _UnknownError(f"the provider's API speaks of another {what}")


def _name(job: Mapping[str, Any]) -> str:
    name = job.get("name")
    if not isinstance(name, str) or not name or len(name) > 1024:
        raise _UnknownError("the provider's API gives the job no name")
    return name
