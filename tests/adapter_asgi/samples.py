"""Claims as the providers document them, one token of each, with synthetic ids."""

from __future__ import annotations

from typing import Any

UUID = "0a1b2c3d-1111-2222-3333-444455556666"

GITHUB: dict[str, Any] = {
    "sub": "repo:acme@123/ehr@456:environment:prod",
    "repository": "acme/ehr",
    "repository_id": "456",
    "repository_owner": "acme",
    "repository_owner_id": "123",
    "ref": "refs/heads/main",
    "ref_type": "branch",
    "ref_protected": "true",
    "sha": "c0ffee",
    "head_ref": "",
    "base_ref": "",
    "event_name": "push",
    "workflow": "deploy",
    "workflow_ref": "acme/ehr/.github/workflows/deploy.yml@refs/heads/main",
    "environment": "prod",
    "actor": "alice",
    "actor_id": "9",
    "run_id": "77",
    "run_attempt": "1",
    "check_run_id": "1001",
    "repo_property_data_class": "phi",
}
GITLAB: dict[str, Any] = {
    "sub": "project_path:acme/ehr:ref_type:branch:ref:main",
    "project_id": "20",
    "project_path": "acme/ehr",
    "namespace_id": "72",
    "job_project_id": "20",
    "job_project_path": "acme/ehr",
    "job_namespace_id": "72",
    "user_id": "1",
    "user_login": "alice",
    "user_email": "alice@acme.example",
    "pipeline_id": "574",
    "pipeline_source": "push",
    "job_id": "302",
    "ref": "main",
    "ref_type": "branch",
    "ref_path": "refs/heads/main",
    "ref_protected": "true",
    "environment": "prod",
    "environment_protected": "true",
    "deployment_tier": "production",
    "sha": "c0ffee",
    "ci_config_ref_uri": "gitlab.com/acme/ehr//.gitlab-ci.yml@refs/heads/main",
    "groups_direct": ["acme/sre"],
}
BUILDKITE: dict[str, Any] = {
    "sub": "organization:acme:pipeline:ehr:ref:refs/heads/main:commit:c0ffee:step:deploy",
    "organization_slug": "acme",
    "organization_id": UUID,
    "pipeline_slug": "ehr",
    "pipeline_id": "p-1",
    "build_number": 1,
    "build_branch": "main",
    "build_tag": None,
    "build_commit": "c0ffee",
    "step_key": "deploy",
    "job_id": "j-1",
    "build_source": "webhook",
}
_C = "oidc.circleci.com/"
CIRCLECI: dict[str, Any] = {
    "sub": f"org/O/project/P/user/{UUID}/vcs-origin/github.com/acme/ehr/vcs-ref/refs/heads/main",
    f"{_C}org-id": UUID,
    f"{_C}project-id": "project",
    f"{_C}pipeline-definition-id": "definition",
    f"{_C}workflow-id": "workflow",
    f"{_C}job-id": "job",
    f"{_C}vcs-origin": "github.com/acme/ehr",
    f"{_C}vcs-ref": "refs/heads/main",
    f"{_C}context-ids": ["context"],
    f"{_C}ssh-rerun": False,
}
AZURE: dict[str, Any] = {
    "sub": "p://org/project/pipeline",
    "org_id": UUID,
    "prj_id": "prj",
    "def_id": "1",
    "rpo_id": "rpo",
    "rpo_uri": "https://dev.azure.com/org/p/_git/ehr",
    "rpo_ver": "c0ffee",
    "rpo_ref": "refs/heads/main",
    "run_id": "5",
}
BITBUCKET: dict[str, Any] = {
    "sub": "{r}:{d}:{s}",
    "workspaceUuid": "{w}",
    "repositoryUuid": "{r}",
    "pipelineUuid": "{p}",
    "stepUuid": "{s}",
    "branchName": "main",
    "deploymentEnvironmentUuid": "{d}",
}
TERRAFORM: dict[str, Any] = {
    "sub": "organization:acme:project:Default Project:workspace:ehr-prod:run_phase:apply",
    "terraform_run_phase": "apply",
    "terraform_organization_id": "org-abc",
    "terraform_workspace_id": "ws-1",
    "terraform_workspace_name": "ehr-prod",
    "terraform_full_workspace": "organization:acme:project:Default Project:workspace:ehr-prod",
    "terraform_run_id": "run-1",
}
GOOGLE: dict[str, Any] = {
    "sub": "1122334455",
    "email": "builder@my-project.iam.gserviceaccount.com",
    "email_verified": True,
}
JENKINS: dict[str, Any] = {"sub": "https://jenkins.example/job/ehr/job/main/", "build_number": 12}
KUBERNETES: dict[str, Any] = {
    "sub": "system:serviceaccount:ci:deployer",
    "kubernetes.io": {
        "namespace": "ci",
        "serviceaccount": {"name": "deployer", "uid": "sa-uid"},
        "pod": {"name": "p", "uid": "pod-uid"},
    },
}
SPIFFE: dict[str, Any] = {"sub": "spiffe://acme.example/ci/ehr/deploy"}
AWS: dict[str, Any] = {
    "sub": "arn:aws:iam::123456789012:role/agent",
    "https://sts.amazonaws.com/": {"aws_account": "123456789012"},
}

OF: dict[str, dict[str, Any]] = {
    "github": GITHUB,
    "gitlab": GITLAB,
    "buildkite": BUILDKITE,
    "circleci": CIRCLECI,
    "azure": AZURE,
    "bitbucket": BITBUCKET,
    "terraform": TERRAFORM,
    "google_cloud": GOOGLE,
    "jenkins": JENKINS,
    "kubernetes": KUBERNETES,
    "spiffe": SPIFFE,
    "aws": AWS,
}
"""One token of every provider."""
