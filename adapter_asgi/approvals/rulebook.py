"""Whether a person's word counts on an approval. Pure: no store, no clock, no record."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from adapter_asgi.approvals.asked import Asked
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.people import Approver, People

__all__ = ["BREAK_GLASS", "check_office", "check_word", "may_break_glass", "may_decide", "may_review"]

BREAK_GLASS = "break-glass"
"""The group in `[approvers]` whose members may approve alone in an emergency, for review later."""


def may_decide(
    asked: Asked, approver: Approver, people: People, states: Collection[str] = ("pending",)
) -> tuple[str, ...]:
    """The groups in which `approver` may decide while the approval is in `states`. Raises `ApprovalError`.

    APR02 decided already · APR03 the requester's own · APR04 in none of the groups · APR14 an auditor.
    """
    _check_open(asked, approver, people, states)
    groups = people.groups_of(approver)
    wanted = {group for demand in asked.demands for group in demand.groups}
    if wanted.isdisjoint(groups):
        help_ = "groups come from [approvers] in hoopgate.toml and from the approver's token"
        raise ApprovalError("APR04", f"{approver.name} is not in {_either(wanted)}", help_)
    return tuple(sorted(wanted.intersection(groups)))


def may_break_glass(asked: Asked, approver: Approver, people: People) -> None:
    """One member of `break-glass` alone, never the requester. Raises `ApprovalError` APR02, APR03, APR04, APR14."""
    _check_open(asked, approver, people, ("pending",))
    if BREAK_GLASS not in people.groups_of(approver):
        raise ApprovalError("APR04", f'{approver.name} is not in "{BREAK_GLASS}"', "see [approvers] in hoopgate.toml")


def may_review(asked: Asked, approver: Approver, people: People) -> None:
    """An approver who neither asked nor broke the glass. Raises `ApprovalError` APR02, APR03, APR04, APR14."""
    if asked.review != "due":
        raise ApprovalError("APR02", f"no review of approval {asked.id} is due")
    if any(people.same(ids, approver.names) for ids in (asked.requester.ids, *(word.ids for word in asked.words))):
        raise ApprovalError("APR03", f"{approver.name} asked for the call or broke the glass; somebody else reviews it")
    check_office(approver, people)
    if not people.groups_of(approver):
        raise ApprovalError("APR04", f"{approver.name} is no approver", "see [approvers] in hoopgate.toml")


def _check_open(asked: Asked, approver: Approver, people: People, states: Collection[str]) -> None:
    if asked.state not in states:
        raise ApprovalError("APR02", f"approval {asked.id} is already {asked.state}")
    if people.same(asked.requester.ids, approver.names):
        raise ApprovalError("APR03", f"{approver.name} asked for {asked.id}; nobody decides for themselves")
    check_office(approver, people)


def check_office(approver: Approver, people: People) -> None:
    """Who examines decides nothing, whatever group they are in. Raises `ApprovalError` APR14."""
    if people.audits(approver):
        help_ = "see auditor in [roles] of hoopgate.toml"
        raise ApprovalError("APR14", f"{approver.name} is an auditor; auditors decide nothing", help_)


def check_word(asked: Asked, approver: Approver, people: People, *, proven: bool) -> None:
    """Whether this person's yes adds to those given. Raises `ApprovalError`.

    APR05 gave a word already · APR06 a second word that is only asserted · APR07 independence is not proven.
    """
    if any(people.same(word.ids, approver.names) for word in asked.words):
        raise ApprovalError("APR05", f"{approver.name} has already approved {asked.id}")
    if approver.local and any(word.local for word in asked.words):
        help_ = "the other words need a signed token: set HOOPGATE_TOKEN"
        raise ApprovalError("APR06", f"approval {asked.id} already rests on a name that was only asserted", help_)
    if proven and people.independence(asked.requester.ids, approver.ids) != "established":
        help_ = 'link both to people in [people], or set independence = "recorded"'
        raise ApprovalError("APR07", f"nothing proves that {approver.name} is not who asked for {asked.id}", help_)


def _either(groups: Iterable[str]) -> str:
    return " or ".join(f'"{group}"' for group in sorted(groups))
