"""Names of jobs come from the provider's API, and only when it speaks of the very run and commit of the token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import samples
from issuing import World, github_claims
from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter_asgi.identity.authenticator import Issuer
from adapter_asgi.identity.enrich import JobNames, Source
from adapter_asgi.identity.normalise import normalise
from adapter_asgi.identity.providers import PROVIDERS


class Api:
    """GitHub's and GitLab's answers in their real shapes (members that do not matter left out)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.changes: dict[str, Any] = {}
        self.status = 200
        self.url = ""
        self.app = Starlette(
            routes=[
                Route("/repos/{owner}/{name}/check-runs/{id}", self.github),
                Route("/api/v4/projects/{project}/jobs/{id}", self.gitlab),
            ]
        )

    async def github(self, request: Request) -> Response:
        self.asked.append((request.url.path, request.headers.get("authorization", "")))
        body = {
            "id": int(request.path_params["id"]),
            "name": "nightly-etl",
            "node_id": "CR_1",
            "head_sha": "c0ffee",
            "external_id": "ca395085-040a-526b-2ce8-bdc85f692774",
            "details_url": "https://github.com/acme/ehr/actions/runs/77/job/1001",
            "status": "in_progress",
            "conclusion": None,
            "check_suite": {"id": 5},
            "app": {"id": 15368, "slug": "github-actions"},
            "pull_requests": [],
        }
        return JSONResponse({**body, **self.changes}, self.status)

    async def gitlab(self, request: Request) -> Response:
        self.asked.append((request.url.path, request.headers.get("private-token", "")))
        body = {
            "id": int(request.path_params["id"]),
            "name": "nightly-etl",
            "stage": "run",
            "status": "running",
            "ref": "main",
            "commit": {"id": "c0ffee", "short_id": "c0ff"},
            "pipeline": {"id": 574, "project_id": 20, "sha": "c0ffee", "status": "running"},
            "user": {"id": 1, "username": "alice"},
        }
        return JSONResponse({**body, **self.changes}, self.status)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    made = Api()
    async with serving(made.app) as url:
        made.url = url
        yield made


CLAIMS = {"github": github_claims(), "gitlab": samples.GITLAB}


async def _job(api: Api, provider: str, names: JobNames | None = None, **changes: Any) -> Any:
    claims = {k: v for k, v in {**CLAIMS[provider], **changes}.items() if v is not ...}
    base = api.url + ("/api/v4" if provider == "gitlab" else "")
    issuer = Issuer(provider, "https://x", "", PROVIDERS[provider], "ci", None)  # type: ignore[arg-type]
    found = normalise(PROVIDERS[provider], claims)
    async with aiohttp.ClientSession() as client:
        names = names or JobNames({provider: Source(base, "gate-secret")}, client)
        names._client = client
        await names.enrich(issuer, claims, found)
    return found.values.get("job"), found.provenance.get("job")


@pytest.mark.parametrize("provider", ["github", "gitlab"])
async def test_the_name_is_enriched_with_the_gate_s_own_credential(api: Api, provider: str) -> None:
    assert await _job(api, provider) == ("nightly-etl", "enriched")
    [(path, credential)] = api.asked
    assert path in ("/repos/acme/ehr/check-runs/1001", "/api/v4/projects/20/jobs/302")
    assert credential in ("Bearer gate-secret", "gate-secret")


@pytest.mark.parametrize(
    ("provider", "changes"),
    [
        ("github", {"head_sha": "bad"}),
        ("github", {"head_sha": None}),
        ("github", {"id": 1002}),
        ("github", {"details_url": "https://github.com/acme/ehr/actions/runs/78/job/1001"}),
        ("github", {"details_url": None}),
        ("github", {"app": {"slug": "evil-app"}}),
        ("github", {"name": ""}),
        ("github", {"name": None}),
        ("gitlab", {"id": 303}),
        ("gitlab", {"commit": {"id": "bad"}}),
        ("gitlab", {"commit": None}),
        ("gitlab", {"pipeline": {"id": 575}}),
        ("gitlab", {"name": ["x"]}),
    ],
)
async def test_an_answer_about_another_run_commit_or_job_leaves_it_unknown(
    api: Api, provider: str, changes: dict[str, Any]
) -> None:
    api.changes = changes
    assert await _job(api, provider) == (None, None)


@pytest.mark.parametrize("status", [301, 401, 403, 404, 500])
async def test_an_api_that_does_not_answer_leaves_it_unknown_and_its_token_unlogged(
    api: Api, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    api.status = status
    assert await _job(api, "github") == (None, None)
    assert "gate-secret" not in caplog.text
    assert str(status) in caplog.text


@pytest.mark.parametrize("check_run_id", [..., "", "../x", "1/2", "٣", None, "1" * 30])
async def test_an_id_that_is_none_is_not_asked_for(api: Api, check_run_id: Any) -> None:
    assert await _job(api, "github", check_run_id=check_run_id) == (None, None)
    assert api.asked == []


async def test_an_api_that_is_down_leaves_it_unknown(api: Api) -> None:
    api.url = "http://127.0.0.1:1"
    assert await _job(api, "github") == (None, None)


async def test_a_job_is_asked_for_once_and_a_failure_again(api: Api) -> None:
    names = JobNames({"github": Source(api.url, "s")}, None)  # type: ignore[arg-type]
    api.status = 500
    assert await _job(api, "github", names) == (None, None)
    api.status = 200
    assert (await _job(api, "github", names))[0] == "nightly-etl"
    assert (await _job(api, "github", names))[0] == "nightly-etl"
    assert len(api.asked) == 2
    assert await _job(api, "github", names, run_id="78") == (None, None)


async def test_a_provider_without_such_an_api_or_a_table_without_a_token_stays_as_it_is(api: Api) -> None:
    names = JobNames({}, None)  # type: ignore[arg-type]
    assert await _job(api, "github", names) == (None, None)
    assert api.asked == []


async def test_the_authenticator_enriches_what_the_policy_sees(api: Api) -> None:
    world = World()
    async with aiohttp.ClientSession() as client:
        world.who = world.authenticator(enricher=JobNames({"github": Source(api.url, "s")}, client))
        principal = await world.show(world.mint())
    assert "nightly-etl" in principal.same_as
    assert "nightly-etl" in principal.display
