"""Who may see and do what: roles from `[roles]` in hoopgate.toml.

| role | is for |
| --- | --- |
| reviewer | whoever decides on calls and signs off reviews |
| auditor | whoever examines the evidence: payloads for a reason, exports, reports, holds; never decides on a call |
| operator | whoever keeps the gate running: health and policy; no payloads |
| approver | whoever is in a group of approvers and has no other role: the calls that wait for that group |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapter_asgi.approvals.people import Approver, People

__all__ = ["APPROVER", "AUDITOR", "OPERATOR", "REVIEWER", "ROLES", "Roles"]

REVIEWER, AUDITOR, OPERATOR, APPROVER = "reviewer", "auditor", "operator", "approver"
ROLES = (REVIEWER, AUDITOR, OPERATOR)
"""Those that the configuration names."""


class Roles:
    """`table`: role -> names of people (subjects, verified e-mails) or of their groups."""

    def __init__(self, table: Mapping[str, Iterable[str]], people: People) -> None:
        self._table = {role: frozenset(name.strip().casefold() for name in names) for role, names in table.items()}
        self._people = people

    def of(self, approver: Approver) -> frozenset[str]:
        """The person's roles; who is not named has none. An auditor is nothing else: who examines does not decide."""
        if self._people.audits(approver):
            return frozenset({AUDITOR})
        groups = self._people.groups_of(approver)
        names = {name.strip().casefold() for name in (*approver.ids, *groups)}
        found = frozenset(role for role, members in self._table.items() if members & names)
        return found or frozenset({APPROVER} if groups else ())
