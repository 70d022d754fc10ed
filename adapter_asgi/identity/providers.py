"""The providers, as a table: which claim gives which attribute, and what its absence means.

Sources: each provider's documentation of its OIDC claims; docs/reference/identity.md explains every row. A cell that is
not here is unknown: the provider cannot say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from adapter_asgi.identity.template import Attribute, Provider, Ref

__all__ = ["ALIASES", "PROVIDERS", "Provider"]

_NUMERIC = re.compile(r"\d{1,19}")
_UUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")


def _claim(*names: str | tuple[str, ...]) -> Attribute:
    """Copied from the first of these claims; nothing is known when none of them is there."""
    return Attribute(names)


def _or_none(*names: str | tuple[str, ...]) -> Attribute:
    """Copied likewise; the provider sends the claim whenever there is one, so its absence says that there is none."""
    return Attribute(names, absent="none")


def _part(name: str | tuple[str, ...], pattern: str) -> Attribute:
    """The one group of `pattern` in the claim."""
    return Attribute((name,), pattern=re.compile(pattern), provenance="derived")


_GITHUB = Provider(
    "github",
    attributes={
        "tenant": _claim("repository_owner_id"),
        "repository": _claim("repository"),
        "repository_id": _claim("repository_id"),
        "workflow": _claim("workflow_ref"),
        "commit": _claim("sha"),
        "environment": _or_none("environment"),
        "event": _claim("event_name"),
        "actor": _claim("actor"),
        "actor_id": _claim("actor_id"),
        "run": _claim("run_id"),
    },
    ref=Ref(claim="ref"),
    event="event_name",
    own_events=frozenset(
        {"push", "schedule", "workflow_dispatch", "repository_dispatch", "release", "create", "merge_group"}
    ),
    foreign_events=frozenset(
        {
            "pull_request",
            "pull_request_target",
            "pull_request_review",
            "pull_request_review_comment",
            "pull_request_comment",
            "workflow_run",
            "issue_comment",
            "issues",
            "discussion",
            "discussion_comment",
            "check_run",
            "check_suite",
            "status",
            "fork",
            "watch",
            "gollum",
        }
    ),
    base_commit=True,
    protected="ref_protected",
    reviewable=True,
    shared=("https://token.actions.githubusercontent.com",),
    tenant_pattern=_NUMERIC,
    tenant_help="the numeric id of the organisation (the claim repository_owner_id), not its name",
    display=("repository",),
)

_GITLAB = Provider(
    "gitlab",
    attributes={
        "tenant": _claim("job_namespace_id", "namespace_id"),
        "repository": _claim("project_path"),
        "repository_id": _claim("project_id"),
        "workflow": _claim("ci_config_ref_uri"),
        "commit": _claim("sha"),
        "environment": _or_none("environment"),
        "event": _claim("pipeline_source"),
        "actor": _claim("user_login"),
        "actor_id": _claim("user_id"),
        "group": _claim("groups_direct"),
        "run": _claim("pipeline_id"),
    },
    ref=Ref(claim="ref_path"),
    event="pipeline_source",
    own_events=frozenset(
        {"push", "web", "trigger", "schedule", "api", "pipeline", "parent_pipeline", "chat", "webide"}
    ),
    foreign_events=frozenset({"merge_request_event", "external_pull_request_event"}),
    fork=("project_id", "job_project_id"),
    protected="ref_protected",
    protected_environment="environment_protected",
    reviewable=True,
    shared=("https://gitlab.com",),
    tenant_pattern=_NUMERIC,
    tenant_help="the numeric id of the group (the claim job_namespace_id), not its path",
    display=("project_path",),
)

_BUILDKITE = Provider(
    "buildkite",
    attributes={
        "tenant": _claim("organization_id"),
        "repository": _claim("pipeline_slug"),
        "repository_id": _claim("pipeline_id"),
        "workflow": _claim("pipeline_slug"),
        "job": _or_none("step_key"),
        "commit": _claim("build_commit"),
        "event": _claim("build_source"),
        "run": _claim("build_number"),
    },
    ref=Ref(branch="build_branch", tag="build_tag"),
    event="build_source",
    own_events=frozenset({"ui", "api", "webhook", "trigger_job", "schedule"}),
    shared=("https://agent.buildkite.com",),
    tenant_pattern=_UUID,
    tenant_help=(
        "the organisation's UUID; jobs must ask for it with "
        "`buildkite-agent oidc request-token --claim organization_id --claim pipeline_id`"
    ),
    display=("organization_slug", "pipeline_slug"),
)

_CIRCLE = "oidc.circleci.com/"
_CIRCLECI = Provider(
    "circleci",
    attributes={
        "tenant": _claim(f"{_CIRCLE}org-id"),
        "repository": _claim(f"{_CIRCLE}vcs-origin"),
        "repository_id": _claim(f"{_CIRCLE}project-id"),
        "workflow": _claim(f"{_CIRCLE}pipeline-definition-id"),
        "environment": _or_none(f"{_CIRCLE}context-ids"),
        "actor": _part("sub", r"org/[^/]+/project/[^/]+/user/([^/]+)(?:/.*)?"),
        "actor_id": _part("sub", r"org/[^/]+/project/[^/]+/user/([^/]+)(?:/.*)?"),
        "run": _claim(f"{_CIRCLE}workflow-id"),
    },
    ref=Ref(claim=f"{_CIRCLE}vcs-ref"),
    debug=f"{_CIRCLE}ssh-rerun",
    shared=("https://oidc.circleci.com",),
    tenant_pattern=_UUID,
    tenant_help="the organisation's UUID (the claim oidc.circleci.com/org-id)",
    display=(f"{_CIRCLE}vcs-origin",),
)

_AZURE = Provider(
    "azure",
    attributes={
        "tenant": _claim("org_id"),
        "repository": _claim("rpo_uri"),
        "repository_id": _claim("rpo_id"),
        "workflow": _claim("def_id"),
        "commit": _claim("rpo_ver"),
        "run": _claim("run_id"),
    },
    ref=Ref(claim="rpo_ref"),
    shared=("https://vstoken.dev.azure.com/",),  # one JWKS for every organisation
    tenant_pattern=_UUID,
    tenant_help="the organisation's UUID (the claim org_id); all organisations are signed with the same keys",
    display=("rpo_uri",),
)

_BITBUCKET = Provider(
    "bitbucket",
    attributes={
        "tenant": _claim("workspaceUuid"),
        "repository": _claim("repositoryUuid"),
        "repository_id": _claim("repositoryUuid"),
        "workflow": _claim("pipelineUuid"),
        "environment": _or_none("deploymentEnvironmentUuid"),
        "run": _claim("pipelineUuid"),
    },
    ref=Ref(branch="branchName"),
    tenant_pattern=_UUID,
    tenant_help="the workspace's UUID in braces (the claim workspaceUuid)",
    display=("repositoryUuid",),
)

_TERRAFORM = Provider(
    "terraform",
    attributes={
        "tenant": _claim("terraform_organization_id"),
        "repository": _claim("terraform_workspace_name"),
        "repository_id": _claim("terraform_workspace_id"),
        "workflow": _claim("terraform_workspace_name"),
        "job": _claim("terraform_run_phase"),
        "environment": _claim("terraform_run_phase"),
        "run": _claim("terraform_run_id"),
    },
    shared=("https://app.terraform.io", "https://app.eu.terraform.io"),
    tenant_pattern=re.compile(r"org-[A-Za-z0-9]+"),
    tenant_help="the organisation's id, org-… (the claim terraform_organization_id)",
    display=("terraform_full_workspace",),
)

_GOOGLE_CLOUD = Provider(
    "google_cloud",
    caller="agent",
    attributes={
        "tenant": _part("email", r"[^@]+@([a-z][a-z0-9-]{4,28}[a-z0-9])\.iam\.gserviceaccount\.com"),
        "actor": _claim("email"),
        "actor_id": _claim("sub"),
    },
    shared=("https://accounts.google.com",),
    tenant_pattern=re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
    tenant_help="the id of the project that owns the service accounts",
    display=("email",),
)

_JENKINS = Provider(
    "jenkins",
    attributes={
        "workflow": _claim("sub"),
        "job": _part("sub", r"https?://[^/]+/(?:.*?/)??job/(.+?)/?"),
        "run": _claim("build_number"),
    },
)

_KUBERNETES = Provider(
    "kubernetes",
    caller="agent",
    attributes={
        "tenant": _claim(("kubernetes.io", "namespace")),
        "actor": _part("sub", r"(system:serviceaccount:[^:]+:[^:]+)"),
        "actor_id": _claim(("kubernetes.io", "serviceaccount", "uid")),
        "run": _claim(("kubernetes.io", "pod", "uid")),
    },
    algorithms=("RS256", "ES256"),
)

_SPIFFE = Provider(
    "spiffe",
    caller="agent",
    attributes={
        "tenant": _part("sub", r"spiffe://([^/]+)/.+"),
        "workflow": _part("sub", r"spiffe://[^/]+/(.+)"),
        "actor": _part("sub", r"(spiffe://[^/]+/.+)"),
        "actor_id": _part("sub", r"(spiffe://[^/]+/.+)"),
    },
    algorithms=("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"),
    types=frozenset({"jwt", "jose"}),
)

_AWS = Provider(
    "aws",
    caller="agent",
    attributes={
        "tenant": _claim(("https://sts.amazonaws.com/", "aws_account")),
        "actor": _claim("sub"),
        "actor_id": _claim("sub"),
    },
    algorithms=("RS256", "ES384"),
    tenant_pattern=re.compile(r"\d{12}"),
    tenant_help="the twelve digits of the AWS account",
)

_GENERIC = Provider(
    "generic",
    caller="agent",
    algorithms=("RS256", "PS256", "ES256"),
    types=frozenset({"jwt", "at+jwt"}),
    display=("email", "preferred_username", "sub"),
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        row.name: row
        for row in (
            _GITHUB,
            _GITLAB,
            _BUILDKITE,
            _CIRCLECI,
            _AZURE,
            _BITBUCKET,
            _TERRAFORM,
            _GOOGLE_CLOUD,
            _JENKINS,
            _KUBERNETES,
            _SPIFFE,
            _AWS,
            _GENERIC,
        )
    }
)

ALIASES: Mapping[str, str] = MappingProxyType(
    {"azure_devops": "azure", "hcp_terraform": "terraform", "google": "google_cloud", "jwt_svid": "spiffe"}
)
"""Other names under which a provider may be configured; the attribute `provider` has the short one."""
