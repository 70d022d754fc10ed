"""Whether a person's word counts on an approval. Pure: no store, no clock, no record."""

from __future__ import annotations

from collections.abc import Iterable

from adapter_asgi.approvals.asked import Asked
from adapter_asgi.approvals.error import ApprovalError
from adapter_asgi.approvals.people import Approver, People

__all__ = ["may_decide"]


def may_decide(asked: Asked, approver: Approver, people: People, *, proven: bool, approving: bool) -> tuple[str, ...]:
    """The groups in which `approver` may decide. Raises `ApprovalError`.

    APR02 not open any more · APR03 the requester's own · APR04 in none of the groups · APR05 gave a word already ·
    APR06 a second word that is only asserted · APR07 independence is not proven.
    """
    if asked.state != "pending":
        raise ApprovalError("APR02", f"approval {asked.id} is already {asked.state}")
    if people.same(asked.requester.ids, approver.ids):
        raise ApprovalError("APR03", f"{approver.name} asked for {asked.id}; nobody decides for themselves")
    groups = people.groups_of(approver)
    wanted = {group for demand in asked.demands for group in demand.groups}
    if wanted.isdisjoint(groups):
        help_ = "groups come from [approvers] in hoopgate.toml and from the approver's token"
        raise ApprovalError("APR04", f"{approver.name} is not in {_either(wanted)}", help_)
    if approving:
        _check_word(asked, approver, people, proven=proven)
    return tuple(sorted(wanted.intersection(groups)))


def _check_word(asked: Asked, approver: Approver, people: People, *, proven: bool) -> None:
    if any(people.same(word.ids, approver.ids) for word in asked.words):
        raise ApprovalError("APR05", f"{approver.name} has already approved {asked.id}")
    if approver.local and any(word.local for word in asked.words):
        help_ = "the other words need a signed token: set HOOPGATE_TOKEN"
        raise ApprovalError("APR06", f"approval {asked.id} already rests on a name that was only asserted", help_)
    if proven and people.independence(asked.requester.ids, approver.ids) != "established":
        help_ = 'link both to people in [people], or set independence = "recorded"'
        raise ApprovalError("APR07", f"nothing proves that {approver.name} is not who asked for {asked.id}", help_)


def _either(groups: Iterable[str]) -> str:
    return " or ".join(f'"{group}"' for group in sorted(groups))
