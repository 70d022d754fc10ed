"""The MCP servers behind the gate: over streamable HTTP, as children over stdio, or in this process."""

from adapter_asgi.upstream.asgi import AsgiUpstream
from adapter_asgi.upstream.http import HttpUpstream, http_client
from adapter_asgi.upstream.leg import Leg, Upstream, UpstreamError
from adapter_asgi.upstream.pool import Pool
from adapter_asgi.upstream.stdio import StdioUpstream

__all__ = ["AsgiUpstream", "HttpUpstream", "Leg", "Pool", "StdioUpstream", "Upstream", "UpstreamError", "http_client"]
