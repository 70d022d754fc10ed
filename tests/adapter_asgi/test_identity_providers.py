"""What each provider's token says: attributes, provenance, nones and unknowns (identity.md's table, row by row)."""

from __future__ import annotations

from typing import Any

import pytest
import samples

from adapter_asgi.identity.caller import request_of
from adapter_asgi.identity.normalise import normalise
from adapter_asgi.identity.providers import PROVIDERS
from policy_lang import Request
from policy_lang.attributes import ATTESTS, CALLER

UNKNOWN = object()


def _of(provider: str, claims: dict[str, Any], **changes: Any) -> dict[str, Any]:
    merged = {name: value for name, value in {**claims, **changes}.items() if value is not ...}
    return normalise(PROVIDERS[provider], merged).values


def _expect(found: dict[str, Any], **wanted: Any) -> None:
    assert {name: found.get(name, UNKNOWN) for name in wanted} == wanted


TABLE = [
    (
        "github",
        samples.GITHUB,
        {
            "tenant": "123",
            "repository": "acme/ehr",
            "repository_id": "456",
            "workflow": "acme/ehr/.github/workflows/deploy.yml@refs/heads/main",
            "job": UNKNOWN,
            "branch": "main",
            "tag": None,
            "commit": "c0ffee",
            "environment": "prod",
            "event": "push",
            "actor": "alice",
            "actor_id": "9",
            "run": "77",
            "protected": True,
            "reviewed": True,
            "group": UNKNOWN,
        },
    ),
    (
        "gitlab",
        samples.GITLAB,
        {
            "tenant": "72",
            "repository": "acme/ehr",
            "repository_id": "20",
            "workflow": "gitlab.com/acme/ehr//.gitlab-ci.yml@refs/heads/main",
            "job": UNKNOWN,
            "branch": "main",
            "tag": None,
            "commit": "c0ffee",
            "environment": "prod",
            "event": "push",
            "actor": "alice",
            "actor_id": "1",
            "group": ["acme/sre"],
            "run": "574",
            "protected": True,
            "reviewed": True,
        },
    ),
    (
        "buildkite",
        samples.BUILDKITE,
        {
            "tenant": samples.UUID,
            "repository": "ehr",
            "repository_id": "p-1",
            "workflow": "ehr",
            "job": "deploy",
            "branch": "main",
            "tag": None,
            "commit": "c0ffee",
            "environment": UNKNOWN,
            "event": "webhook",
            "actor": UNKNOWN,
            "run": "1",
            "protected": UNKNOWN,
            "reviewed": UNKNOWN,
        },
    ),
    (
        "circleci",
        samples.CIRCLECI,
        {
            "tenant": samples.UUID,
            "repository": "github.com/acme/ehr",
            "repository_id": "project",
            "workflow": "definition",
            "job": UNKNOWN,
            "branch": "main",
            "tag": None,
            "environment": "context",
            "event": UNKNOWN,
            "actor_id": samples.UUID,
            "run": "workflow",
            "reviewed": UNKNOWN,
        },
    ),
    (
        "azure",
        samples.AZURE,
        {
            "tenant": samples.UUID,
            "repository": "https://dev.azure.com/org/p/_git/ehr",
            "repository_id": "rpo",
            "workflow": "1",
            "job": UNKNOWN,
            "branch": "main",
            "environment": UNKNOWN,
            "event": UNKNOWN,
            "run": "5",
            "reviewed": UNKNOWN,
        },
    ),
    (
        "bitbucket",
        samples.BITBUCKET,
        {
            "tenant": "{w}",
            "repository": "{r}",
            "repository_id": "{r}",
            "workflow": "{p}",
            "job": UNKNOWN,
            "branch": "main",
            "tag": UNKNOWN,
            "environment": "{d}",
            "event": UNKNOWN,
            "run": "{p}",
        },
    ),
    (
        "terraform",
        samples.TERRAFORM,
        {
            "tenant": "org-abc",
            "repository": "ehr-prod",
            "repository_id": "ws-1",
            "workflow": "ehr-prod",
            "job": "apply",
            "branch": UNKNOWN,
            "environment": "apply",
            "run": "run-1",
        },
    ),
    (
        "google_cloud",
        samples.GOOGLE,
        {"tenant": "my-project", "actor": samples.GOOGLE["email"], "actor_id": "1122334455", "repository": UNKNOWN},
    ),
    ("jenkins", samples.JENKINS, {"workflow": samples.JENKINS["sub"], "job": "ehr/job/main", "run": "12"}),
    (
        "kubernetes",
        samples.KUBERNETES,
        {"tenant": "ci", "actor": "system:serviceaccount:ci:deployer", "actor_id": "sa-uid", "run": "pod-uid"},
    ),
    ("spiffe", samples.SPIFFE, {"tenant": "acme.example", "workflow": "ci/ehr/deploy", "run": UNKNOWN}),
    ("aws", samples.AWS, {"tenant": "123456789012", "actor": samples.AWS["sub"]}),
]


@pytest.mark.parametrize(("provider", "claims", "wanted"), TABLE, ids=[row[0] for row in TABLE])
def test_a_token_gives_the_documented_attributes(provider: str, claims: dict[str, Any], wanted: dict[str, Any]) -> None:
    _expect(_of(provider, claims), **wanted)


@pytest.mark.parametrize(("provider", "claims", "wanted"), TABLE, ids=[row[0] for row in TABLE])
def test_every_attribute_is_one_of_the_language_and_has_its_provenance(
    provider: str, claims: dict[str, Any], wanted: dict[str, Any]
) -> None:
    found = normalise(PROVIDERS[provider], claims)
    assert set(found.values) <= set(CALLER)
    assert set(found.provenance) == set(found.values)
    assert set(found.provenance.values()) <= {"attested", "derived"}
    Request.from_json({**found.values, "provenance": {"default": "attested", **found.provenance}})


@pytest.mark.parametrize("provider", sorted(ATTESTS))
def test_what_the_language_says_a_provider_attests_has_a_source_here(provider: str) -> None:
    claims = next(row[1] for row in TABLE if row[0] == provider)
    missing = ATTESTS[provider] - set(_of(provider, claims)) - {"issuer"}
    assert not missing


# --- nones and unknowns ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "claims", "claim", "attribute", "absent"),
    [
        ("github", samples.GITHUB, "environment", "environment", None),
        ("github", samples.GITHUB, "actor", "actor", UNKNOWN),
        ("github", samples.GITHUB, "repository", "repository", UNKNOWN),
        ("gitlab", samples.GITLAB, "environment", "environment", None),
        ("gitlab", samples.GITLAB, "groups_direct", "group", UNKNOWN),
        ("buildkite", samples.BUILDKITE, "step_key", "job", None),
        ("buildkite", samples.BUILDKITE, "organization_id", "tenant", UNKNOWN),
        ("buildkite", samples.BUILDKITE, "build_tag", "tag", None),
        ("circleci", samples.CIRCLECI, "oidc.circleci.com/context-ids", "environment", None),
        ("circleci", samples.CIRCLECI, "oidc.circleci.com/vcs-ref", "branch", UNKNOWN),
        ("azure", samples.AZURE, "rpo_ref", "branch", UNKNOWN),
        ("bitbucket", samples.BITBUCKET, "deploymentEnvironmentUuid", "environment", None),
        ("bitbucket", samples.BITBUCKET, "branchName", "branch", UNKNOWN),
    ],
)
@pytest.mark.parametrize("value", [..., "", None])
def test_a_missing_claim_is_none_or_unknown_as_documented_and_never_an_empty_text(
    provider: str, claims: dict[str, Any], claim: str, attribute: str, absent: Any, value: Any
) -> None:
    if provider in ("azure", "circleci") and attribute == "branch":
        value = ... if value == "" else value
    if provider == "bitbucket" and attribute == "branch" and value != ...:
        absent = None
    _expect(_of(provider, claims, **{claim: value}), **{attribute: absent})


@pytest.mark.parametrize("value", [[], {}, ["a", "b"], True, 1.5, {"x": 1}])
def test_a_claim_of_an_unexpected_type_is_unknown(value: Any) -> None:
    if value != []:
        _expect(_of("github", samples.GITHUB, repository=value), repository=UNKNOWN)
    _expect(_of("gitlab", samples.GITLAB, ref_path=value), branch=UNKNOWN, tag=UNKNOWN)


def test_several_contexts_are_no_environment() -> None:
    _expect(_of("circleci", samples.CIRCLECI, **{"oidc.circleci.com/context-ids": ["a", "b"]}), environment=UNKNOWN)


def test_a_service_connection_of_azure_says_nothing_of_repository_and_run() -> None:
    found = _of("azure", {"sub": "sc://org/project/connection", "org_id": samples.UUID})
    _expect(found, tenant=samples.UUID, repository=UNKNOWN, branch=UNKNOWN, run=UNKNOWN, reviewed=UNKNOWN)


# --- references and events ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", sorted(PROVIDERS["github"].foreign_events))
def test_under_a_foreign_event_of_github_the_branch_is_unknown_and_nothing_is_reviewed(event: str) -> None:
    found = _of("github", samples.GITHUB, event_name=event)
    _expect(found, branch=UNKNOWN, tag=UNKNOWN, commit=UNKNOWN, protected=UNKNOWN, reviewed=False, event=event)
    assert found["repository"] == "acme/ehr"


def test_the_merge_commit_of_a_pull_request_is_the_code_that_runs() -> None:
    found = _of("github", samples.GITHUB, event_name="pull_request", ref="refs/pull/7/merge", ref_protected="false")
    _expect(found, branch=UNKNOWN, commit="c0ffee", reviewed=False)


@pytest.mark.parametrize("event", ["something_new", ..., "", 1])
def test_an_event_that_nobody_knows_makes_unknown(event: Any) -> None:
    _expect(_of("github", samples.GITHUB, event_name=event), branch=UNKNOWN, protected=UNKNOWN, reviewed=UNKNOWN)


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch"])
def test_an_unprotected_branch_is_known_but_not_reviewed(event: str) -> None:
    found = _of("github", samples.GITHUB, event_name=event, ref_protected="false")
    _expect(found, branch="main", protected=False, reviewed=UNKNOWN)


def test_a_tag_is_no_branch() -> None:
    _expect(_of("github", samples.GITHUB, ref="refs/tags/v1", ref_type="tag"), branch=None, tag="v1")
    _expect(_of("github", samples.GITHUB, ref="refs/heads/"), branch=UNKNOWN, tag=UNKNOWN)
    _expect(_of("github", samples.GITHUB, ref="main"), branch=UNKNOWN, tag=UNKNOWN)


def test_a_merge_request_of_gitlab_is_not_reviewed_whatever_it_calls_its_branch() -> None:
    found = _of("gitlab", samples.GITLAB, pipeline_source="merge_request_event")
    _expect(found, branch=UNKNOWN, reviewed=False, commit="c0ffee")


def test_a_fork_is_where_project_and_job_project_differ() -> None:
    fork = {"project_id": "999", "project_path": "mallory/ehr", "pipeline_source": "parent_pipeline"}
    found = _of("gitlab", samples.GITLAB, **fork)
    _expect(found, branch=UNKNOWN, protected=UNKNOWN, reviewed=False, repository="mallory/ehr", tenant="72")


def test_a_protected_environment_is_reviewed_where_gitlab_says_so() -> None:
    _expect(_of("gitlab", samples.GITLAB, ref_protected="false"), protected=False, reviewed=True)
    unprotected = {"ref_protected": "false", "environment_protected": "false"}
    _expect(_of("gitlab", samples.GITLAB, **unprotected), reviewed=UNKNOWN)


def test_a_shell_in_the_job_is_not_reviewed() -> None:
    _expect(_of("circleci", samples.CIRCLECI, **{"oidc.circleci.com/ssh-rerun": True}), reviewed=False)


@pytest.mark.parametrize(
    ("provider", "claims", "claim"),
    [("azure", samples.AZURE, "rpo_ref"), ("circleci", samples.CIRCLECI, "oidc.circleci.com/vcs-ref")],
)
def test_a_pull_request_s_reference_is_foreign_everywhere(provider: str, claims: dict[str, Any], claim: str) -> None:
    _expect(_of(provider, claims, **{claim: "refs/pull/3/merge"}), branch=UNKNOWN, reviewed=False)


def test_a_renamed_repository_keeps_its_id_and_its_subject_decides_nothing() -> None:
    renamed = _of("github", samples.GITHUB, repository="acme/new", sub="repo:acme@123/new@456:ref:refs/heads/main")
    _expect(renamed, repository="acme/new", repository_id="456", tenant="123")


def test_no_provider_reads_an_attribute_from_a_subject_that_the_caller_can_shape() -> None:
    derived = {"circleci", "jenkins", "kubernetes", "spiffe", "google_cloud", "aws"}
    for name, provider in PROVIDERS.items():
        reads_subject = any("sub" in one.claims for one in provider.attributes.values())
        assert not reads_subject or name in derived


@pytest.mark.parametrize(("provider", "claims", "_"), TABLE, ids=[row[0] for row in TABLE])
def test_the_policy_reads_what_the_language_s_own_reader_gives(provider: str, claims: dict[str, Any], _: Any) -> None:
    found = normalise(PROVIDERS[provider], claims)
    found.put("group", ["a", "b"])
    found.put("source_ip", "10.0.0.1", "enriched")
    data = {**found.values, "claims": claims, "provenance": {"default": "attested", **found.provenance}}
    assert request_of(found, claims) == Request.from_json(data)
