"""Why a word on an approval does not count."""

from __future__ import annotations

from adapter_asgi.errors import AdapterError

__all__ = ["ApprovalError"]


class ApprovalError(AdapterError):
    """A refused decision (codes APR…); the approval is as it was before."""
