"""What an approval is bound to beside the call itself, kept so that it can be told when it no longer holds.

The digest (`judge.approval_digest`) is over the principal, the call and the slice of the policy that decided. Under
another policy it is computed again from the *basis*: what the decision looked at. The tool's schema is compared where
both sides know it: whether a client has listed a server's tools must not change what it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import policy_lang
from gate.case import waits_for_people
from gate.errors import MalformedError
from gate.judge import approval_digest, judge
from gate.lockfile import fingerprint
from gate.messages import Message
from gate.principal import Principal
from gate.seal import Sealer
from gate.session import Session
from policy_lang.attributes import UNKNOWN

if TYPE_CHECKING:
    from gate.call import Call

__all__ = ["basis_of", "digest_under", "tool_of"]

_UNKNOWN = {"unknown": True}
_SKIPPED = frozenset({"_meta", "requestState"})


def basis_of(call: Call, session: Session, now: datetime) -> dict[str, Any]:
    """What a decision on this call looks at, as JSON (numbers as they were spelled). It holds arguments and claims."""
    principal = session.principal
    return {
        "identity": [_UNKNOWN if value is UNKNOWN else value for value in principal.identity.values],
        "issuer": principal.issuer,
        "subject": principal.subject,
        "same_as": list(principal.same_as),
        "server": session.server,
        "kind": call.message.kind,
        "method": call.method,
        "params": {name: value for name, value in call.message.params.items() if name not in _SKIPPED},
        "time": now.isoformat(),
    }


def digest_under(basis: Mapping[str, Any], policy: policy_lang.Policy) -> str | None:
    """The digest that the call would have under `policy`; None where that would ask nobody, or cannot be told."""
    try:
        identity = policy_lang.Request(tuple(_value(value) for value in basis["identity"]))
        who = Principal(identity, basis["issuer"], basis["subject"], "", same_as=tuple(basis["same_as"]))
        message = Message(basis["kind"], {"params": basis["params"]}, None, basis["method"])
        now = datetime.fromisoformat(basis["time"])
        session = Session("", basis["server"], who, policy, bytes(32), Sealer(bytes(32)), ner="none")
        call = judge(message, session, now)
    except (KeyError, TypeError, ValueError, MalformedError):
        return None
    return approval_digest(call, session) if waits_for_people(call) else None


def tool_of(call: Call, session: Session) -> str:
    """The fingerprint of the tool as the server lists it, else as it is locked; "" where neither is known."""
    if call.tool is None:
        return ""
    listed = session.tools.get(call.tool)
    if listed is not None:
        return fingerprint(listed)
    return "" if session.lock is None else session.lock.digest_of(call.tool)


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return UNKNOWN if value == _UNKNOWN else value
