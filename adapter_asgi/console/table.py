"""Every page of the console: its method, path, who may have it, and what answers: the authorisation matrix."""

from __future__ import annotations

from adapter_asgi.console import now
from adapter_asgi.console.approvals import PAGES_OF_APPROVALS
from adapter_asgi.console.charts import PAGES_OF_CHARTS
from adapter_asgi.console.difference import PAGES_OF_DIFFERENCE
from adapter_asgi.console.evidence_page import PAGES_OF_EVIDENCE
from adapter_asgi.console.offline import PAGES_OF_OFFLINE
from adapter_asgi.console.page import Page
from adapter_asgi.console.policy_page import PAGES_OF_POLICY
from adapter_asgi.console.replay import PAGES_OF_REPLAY
from adapter_asgi.console.sessions import PAGES_OF_SESSIONS
from adapter_asgi.console.visit import HOME
from adapter_asgi.console.why import PAGES_OF_WHY

__all__ = ["PAGES", "Page", "navigation"]

PAGES: tuple[Page, ...] = (
    *now.PAGES_OF_NOW,
    *PAGES_OF_APPROVALS,
    *PAGES_OF_SESSIONS,
    *PAGES_OF_REPLAY,
    *PAGES_OF_WHY,
    *PAGES_OF_DIFFERENCE,
    *PAGES_OF_OFFLINE,
    *PAGES_OF_POLICY,
    *PAGES_OF_CHARTS,
    *PAGES_OF_EVIDENCE,
)

_AREAS = {
    "/": "Now",
    "/approvals": "Approvals",
    "/sessions": "Sessions",
    "/policy": "Policy",
    "/evidence": "Evidence",
}


def navigation(roles: frozenset[str]) -> list[tuple[str, str]]:
    """Address and name of each area of which these roles may see the first page."""
    open_ = {page.path for page in PAGES if page.method == "GET" and roles & page.roles}
    return [(f"{HOME}{path}", name) for path, name in _AREAS.items() if path in open_]
