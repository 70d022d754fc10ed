"""Just-in-time credentials for the upstream: lent per session and rule, and taken back."""

from adapter_asgi.credentials.lease import CredentialError, CredentialProvider, Lease

__all__ = ["CredentialError", "CredentialProvider", "Lease"]
