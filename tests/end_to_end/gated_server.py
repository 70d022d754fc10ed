"""An MCP server whose one one tool says when a call has reached it, and never answers.

Run ``python gated_server.py PORT FOLDER``: the call touches FOLDER/reached.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import anyio
from mcp.server.mcpserver import MCPServer

port, folder = int(sys.argv[1]), Path(sys.argv[2])
server: MCPServer[Any] = MCPServer("gated", log_level="WARNING")


@server.tool()
async def read_slowly(patient_id: str) -> str:
    """Never answers."""
    (folder / "reached").touch()
    await anyio.sleep_forever()
    return f"done with {patient_id}"


server.run("streamable-http", host="127.0.0.1", port=port)
