"""Just-in-time credentials for the upstream: lent per session and rule, and taken back."""

from adapter_asgi.credentials.broker import Broker
from adapter_asgi.credentials.lease import CredentialError, CredentialProvider, Lease
from adapter_asgi.credentials.unsafe_static import UnsafeStatic

__all__ = ["Broker", "CredentialError", "CredentialProvider", "Lease", "UnsafeStatic"]
