"""An MCP server on the official SDK whose tools say what they do; ``python annotated_server.py`` speaks stdio."""

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("clinic", version="1.0.0", log_level="WARNING")


@server.tool(annotations=ToolAnnotations(readOnlyHint=True))
def read_patient(patient_id: str) -> str:
    """One patient."""
    return f"patient {patient_id}"


@server.tool(annotations=ToolAnnotations(destructiveHint=True))
def delete_patient(patient_id: str) -> str:
    """Delete a patient's record."""
    return f"deleted {patient_id}"


if __name__ == "__main__":
    server.run("stdio")
