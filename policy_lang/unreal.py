"""Whether a test's request could be: what each CI provider's token says and cannot say."""

from __future__ import annotations

from collections.abc import Mapping

from policy_lang.attributes import ATTESTS

# Events for which code may run that nobody has reviewed: reviewed is false and branch unknown.
FOREIGN: dict[str, frozenset[str]] = {
    "github": frozenset({
        "pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment",
        "pull_request_comment", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment",
        "check_run", "check_suite", "status", "fork", "watch", "gollum",
    }),
    "gitlab": frozenset({"merge_request_event", "external_pull_request_event"}),
}  # fmt: skip
_ANYWHERE = frozenset({"pull_request", "pull_request_target", "merge_request_event"})
ATTESTABLE = frozenset().union(*ATTESTS.values()) - {"job"}
_OF_JOBS = ("job", "workflow", "environment", "branch", "tag", "commit", "event")
_WITHOUT_STARS = ("branch", "tag", "repository", "command")  # git and MCP know no * in a name


def why_not(request: Mapping[str, object]) -> str:
    """Why nothing could send such a request; "" where something could."""
    for name in _WITHOUT_STARS:
        value = request.get(name)
        if isinstance(value, str) and "*" in value:
            return f'the {name} "{value}" holds a *; a fact is one name, no pattern'
    if request.get("branch") and request.get("tag"):
        return "it has a branch and a tag"
    if request.get("caller") == "person":
        return _of_person(request)
    provider = request.get("provider")
    return _of_event(request) or (_of_provider(provider, request) if isinstance(provider, str) else "")


def _of_person(request: Mapping[str, object]) -> str:
    if any(request.get(name) for name in _OF_JOBS):
        return f"a person has no {', '.join(_OF_JOBS[:-1])} or {_OF_JOBS[-1]}"
    return "reviewed is none for people" if request.get("reviewed") is not None else ""


def _of_event(request: Mapping[str, object]) -> str:
    provider, event = request.get("provider"), request.get("event")
    foreign = FOREIGN.get(provider, frozenset()) if isinstance(provider, str) else frozenset()
    if event in foreign | _ANYWHERE and request.get("reviewed") is True:
        return f"the code of a {event} is not reviewed"
    return f"branch is unknown for a {event}" if event in foreign and request.get("branch") else ""


def _of_provider(provider: str, request: Mapping[str, object]) -> str:
    if provider not in ATTESTS:
        return ""
    for name in sorted(ATTESTABLE - ATTESTS[provider]):
        if request.get(name) is not None:
            return f"{provider} cannot say {name}"
    if request.get("reviewed") is True:
        if "protected" not in ATTESTS[provider]:
            return f"{provider} cannot say that code is reviewed"
        if request.get("protected") is False and not request.get("environment"):
            return "only the code of a protected branch or environment is reviewed"
    return ""
