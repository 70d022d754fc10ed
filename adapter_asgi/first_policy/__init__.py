"""A first policy from a server's own list of tools: `hoopgate init`."""
