"""The attributes of a request: their names, types, and which provider attests them (identity.md's table).

`Values` is how a request reaches the compiled conditions: one flat tuple. First every caller attribute as far as it is
to be believed (an asserted one is UNKNOWN), then the same as said, then the five ways to address a call, then the raw
claims twice in the same manner. A value is a str, bool or tuple of str; None means *none*, UNKNOWN means *unknown*.
"""

from __future__ import annotations

import enum
from typing import Any, Final, Literal, TypeAlias


class _Unknown(enum.Enum):
    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown.UNKNOWN
Unknown: TypeAlias = Literal[_Unknown.UNKNOWN]
Values: TypeAlias = tuple[Any, ...]

TEXT, TRUTH, GROUPS, NETWORK = "text", "truth", "groups", "network"

CALLER: tuple[str, ...] = (
    "caller", "provider", "issuer", "tenant", "repository", "repository_id", "workflow", "job", "branch", "tag",
    "commit", "environment", "event", "actor", "actor_id", "group", "run", "protected", "source_ip", "reviewed",
)  # fmt: skip
CALL: tuple[str, ...] = ("server", "command", "resource", "prompt", "method")
ATTRIBUTES: tuple[str, ...] = CALLER + CALL

TYPES: dict[str, str] = dict.fromkeys(ATTRIBUTES, TEXT) | {
    "group": GROUPS,
    "protected": TRUTH,
    "reviewed": TRUTH,
    "source_ip": NETWORK,
}
CALLER_KINDS: tuple[str, ...] = ("ci", "person", "agent")

AS_SAID: Final = len(CALLER)  # index of the first caller attribute as said
CALL_AT: Final = 2 * len(CALLER)  # index of `server`
COMMAND_AT: Final = CALL_AT + CALL.index("command")
CLAIMS_AT: Final = CALL_AT + len(CALL)  # the claims as believed; as said one further
SIZE: Final = CLAIMS_AT + 2


def index(name: str, asserted: bool = False) -> int:
    """Where an attribute stands in Values."""
    if name in CALL:
        return CALL_AT + CALL.index(name)
    return CALLER.index(name) + (AS_SAID if asserted else 0)


_COMMON = frozenset({"issuer", "tenant", "repository", "repository_id", "workflow", "run", "branch", "tag"})

# What each provider's token attests whenever there is one; the rest it cannot say. People have no CI attributes.
ATTESTS: dict[str, frozenset[str]] = {
    "github": _COMMON | {"commit", "environment", "event", "actor", "actor_id", "protected"},
    "gitlab": _COMMON | {"commit", "environment", "event", "actor", "actor_id", "protected"},
    "buildkite": _COMMON | {"commit", "job", "event"},
    "circleci": _COMMON | {"environment", "actor_id"},
    "azure": _COMMON,
    "bitbucket": (_COMMON - {"branch", "tag"}) | {"environment"},
    "terraform": (_COMMON - {"branch", "tag"}) | {"job", "environment"},
}
# Providers whose tokens do not name the job; the gate asks their API.
JOB_ENRICHED: tuple[str, ...] = ("github", "gitlab", "circleci", "azure", "bitbucket")
# Names that their owner can change or give away, and the attribute that stays.
IMMUTABLE: dict[str, str] = {"repository": "repository_id", "actor": "actor_id"}
