"""What the pages for GitHub Actions, GitLab CI and Kubernetes say is what the gate does: YAML, tables and words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import samples
import yaml
from issuing import NOW, World, rsa
from joserfc import jwt

from adapter_asgi import settings as configuration
from adapter_asgi.identity.ci_tokens import fetch
from adapter_asgi.identity.replay import ReplayMarks
from adapter_asgi.identity.setup import authenticator
from policy_lang.attributes import AS_SAID, CALLER

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


def _blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", (PAGES / f"{page}.md").read_text(), re.MULTILINE | re.DOTALL)


def _table(page: str) -> tuple[str, dict[str, Any]]:
    [(provider, table)] = tomllib.loads(_blocks(page, "toml")[0])["identity"].items()
    return provider, table


async def _caller(page: str, tmp_path: Path, **changes: Any) -> dict[str, Any]:
    """What a policy sees of the page's own job, under the page's own configuration."""
    provider, table = _table(page)
    (tmp_path / "hoopgate.toml").write_text(_blocks(page, "toml")[0])
    world = World()

    async def documents(url: str) -> bytes:
        return (await world.fetch(url)).replace(b"https://ci.example", table["issuer"].encode())

    who = authenticator(
        configuration.load(tmp_path / "hoopgate.toml", {}), documents, ReplayMarks(":memory:", b"k" * 32)
    )
    who._clock = lambda: NOW
    claims = {**samples.OF[provider], "iss": table["issuer"], "aud": table["audience"], "iat": NOW, "exp": NOW + 300}
    token = jwt.encode({"alg": "RS256", "kid": "k1"}, {**claims, **changes}, rsa("k1"))
    principal = await who.authenticate(f"Bearer {token}", "10.0.0.1")
    return dict(zip(CALLER, principal.identity.values[AS_SAID:], strict=False))


async def test_github_actions(tmp_path: Path) -> None:
    [text] = _blocks("github-actions", "yaml")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"]["id-token"] == "write"
    [job] = workflow["jobs"].values()
    _, table = _table("github-actions")
    assert table["audience"] in text
    assert any("hoopgate" in step.get("run", "") for step in job["steps"])
    seen = await _caller(
        "github-actions", tmp_path, repository_owner_id=table["tenant"], environment=job["environment"]
    )
    assert (seen["branch"], seen["environment"], seen["reviewed"]) == ("main", "production", True)
    for event in ("pull_request_target", "workflow_run", "issue_comment"):
        seen = await _caller("github-actions", tmp_path, repository_owner_id=table["tenant"], event_name=event)
        assert (repr(seen["branch"]), seen["reviewed"]) == ("UNKNOWN", False)


async def test_gitlab_ci(tmp_path: Path) -> None:
    [text] = _blocks("gitlab-ci", "yaml")
    [job] = yaml.safe_load(text).values()
    _, table = _table("gitlab-ci")
    [(variable, wanted)] = job["id_tokens"].items()
    assert wanted["aud"] == table["audience"]
    assert fetch(table["audience"], {variable: "the-token", "GITLAB_CI": "true"}) == "the-token"
    seen = await _caller("gitlab-ci", tmp_path)
    assert (seen["branch"], seen["tenant"]) == ("main", table["tenant"])
    seen = await _caller("gitlab-ci", tmp_path, pipeline_source="merge_request_event")
    assert (repr(seen["branch"]), seen["reviewed"]) == ("UNKNOWN", False)
    seen = await _caller("gitlab-ci", tmp_path, project_id="999", project_path="mallory/ehr")
    assert (seen["repository_id"], repr(seen["branch"]), seen["reviewed"]) == ("999", "UNKNOWN", False)


async def test_kubernetes(tmp_path: Path) -> None:
    [text] = _blocks("kubernetes", "yaml")
    pod = yaml.safe_load(text)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [source] = [row["serviceAccountToken"] for row in pod["volumes"][0]["projected"]["sources"]]
    _, table = _table("kubernetes")
    assert source["audience"] == table["audience"]
    assert source["expirationSeconds"] >= 600  # the least that Kubernetes takes
    [mount] = pod["containers"][0]["volumeMounts"]
    assert mount["name"] == pod["volumes"][0]["name"]
    from adapter_asgi.identity import ci_tokens

    assert f"{mount['mountPath']}/{source['path']}" == ci_tokens._PROJECTED
    account = f"system:serviceaccount:{table['tenant']}:{pod['serviceAccountName']}"
    said = {**samples.KUBERNETES["kubernetes.io"], "namespace": table["tenant"]}
    seen = await _caller("kubernetes", tmp_path, sub=account, aud=[table["audience"]], **{"kubernetes.io": said})
    assert (seen["actor"], seen["tenant"], seen["run"], seen["caller"]) == (account, "ci", "pod-uid", "ci")


@pytest.mark.parametrize("page", ["github-actions", "gitlab-ci", "kubernetes"])
def test_the_endpoint_of_the_page_is_the_one_that_is_configured(page: str) -> None:
    config = tomllib.loads(_blocks(page, "toml")[0])
    [server] = config["server"]
    text = (PAGES / f"{page}.md").read_text()
    assert re.search(rf'connect"?,? "?{server}"?', text)
    assert config["identity"][_table(page)[0]]["audience"] in text.partition("```yaml")[2]
