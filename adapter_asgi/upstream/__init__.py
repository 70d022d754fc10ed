"""The MCP servers behind the gate: over streamable HTTP, or as children over stdio."""

from adapter_asgi.upstream.http import HttpUpstream, http_client
from adapter_asgi.upstream.leg import Leg, Upstream, UpstreamError
from adapter_asgi.upstream.stdio import StdioUpstream

__all__ = ["HttpUpstream", "Leg", "StdioUpstream", "Upstream", "UpstreamError", "http_client"]
