"""What a caller's calls have in common: the bound policy, the masking key, known values, and who asked what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import masking
    import policy_lang
    from gate.principal import Principal

__all__ = ["Session"]


@dataclass(slots=True)
class Session:
    """One caller on one server: the MCP session where there is one, else the caller's run.

    `key` (32 random bytes) keys the session's mask tokens and dies with it. `bound` is the policy bound to the
    caller's identity; a reload binds anew. `awaited` holds the ids of the upstream's requests that the client has
    not answered yet, so that an answer nobody asked for is refused.
    """

    id: str
    server: str
    principal: Principal
    bound: policy_lang.BoundPolicy
    key: bytes = field(repr=False)
    known: masking.KnownValues = field(repr=False)
    era: str = "legacy"  # "legacy" or "modern"
    upstream_id: str | None = None
    awaited: set[Any] = field(default_factory=set)
