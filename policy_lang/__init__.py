"""The .hoop language: who may call what, who must approve it, and what the answer may show.

Start with `load` or `compile`; both give a `Policy` or raise `PolicyError` with every diagnostic. Everything not named
in `__all__` is private.
"""

from policy_lang.decision import Approval, Decision, Grant, Limit
from policy_lang.diagnostic import Diagnostic
from policy_lang.errors import PolicyError, RequestError
from policy_lang.kinds import KINDS, METHODS
from policy_lang.load import compile, load  # noqa: A004 - the public name, as in design.md
from policy_lang.meaning import Detector
from policy_lang.policy import BoundPolicy, Policy
from policy_lang.request import Request

__all__ = [
    "KINDS",
    "METHODS",
    "Approval",
    "BoundPolicy",
    "Decision",
    "Detector",
    "Diagnostic",
    "Grant",
    "Limit",
    "Policy",
    "PolicyError",
    "Request",
    "RequestError",
    "compile",
    "load",
]
