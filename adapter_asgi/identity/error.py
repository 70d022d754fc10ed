"""Why a caller was not let in."""

from __future__ import annotations

from adapter_asgi.errors import AdapterError

__all__ = ["IdentityError"]

_PUBLIC = {
    "ID01": "authentication is required",
    "ID02": "the authorization header is too large",
    "ID51": "the gate cannot check tokens at the moment",
    "ID52": "the gate cannot check tokens at the moment",
}
"""What the caller may know. Everything else is "the token was not accepted": which check failed is for the operator."""


class IdentityError(AdapterError):
    """A refused caller: `code` and `message` are for the operator's records, `public` and `challenge` for the caller.

    `status` is the HTTP status: 401, or 431 for an oversized header. `challenge` is the value of WWW-Authenticate
    (RFC 6750 section 3, RFC 9728 section 5.1).
    """

    def __init__(self, code: str, message: str, help: str = "", *, metadata: str = "", status: int = 401) -> None:  # noqa: A002
        super().__init__(code, message, help)
        self.status = status
        self.metadata = metadata

    @property
    def public(self) -> str:
        """The one sentence that the caller gets."""
        return _PUBLIC.get(self.code, "the token was not accepted")

    @property
    def challenge(self) -> str:
        """The WWW-Authenticate header's value."""
        parts = [] if self.code == "ID01" else ['error="invalid_token"', f'error_description="{self.public}"']
        if self.metadata:
            parts.append(f'resource_metadata="{self.metadata}"')
        return f"Bearer {', '.join(parts)}" if parts else "Bearer"
