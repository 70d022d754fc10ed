"""An MCP server on the official SDK that uses every corner of the protocol; ``python toy_server.py`` speaks stdio."""

from __future__ import annotations

import asyncio
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from pydantic import BaseModel

SSN = "123-45-6789"
SEEN: list[str] = []


class Reply(BaseModel):
    ok: bool


def build() -> MCPServer[Any]:  # noqa: C901 - a list of small tools
    server: MCPServer[Any] = MCPServer("toy", version="1.0.0", log_level="WARNING", instructions=f"Ask about {SSN}.")

    @server.tool()
    def echo(text: str) -> str:
        """Says what it was told."""
        SEEN.append(text)
        return text

    @server.tool()
    def record(number: int = 1) -> dict[str, Any]:
        """A record with an identifying number, structured and as text."""
        SEEN.append(f"record {number}")
        return {"number": number, "ssn": SSN, "note": f"SSN {SSN}"}

    @server.tool()
    async def steps(count: int, ctx: Context[Any]) -> str:
        """Reports progress and logs, then answers."""
        for step in range(count):
            await ctx.report_progress(step + 1, count, f"step {step + 1} for {SSN}")
        return "stepped"

    @server.tool()
    async def ask(question: str, ctx: Context[Any]) -> str:
        """Asks the person at the client."""
        answer = await ctx.elicit(question, Reply)
        return str(answer.action)

    @server.tool()
    async def forever() -> str:
        """Never answers; says in SEEN when it was cancelled."""
        SEEN.append("forever began")
        try:
            await asyncio.sleep(3600)
        except BaseException:
            SEEN.append("forever was cancelled")
            raise
        return "never"

    @server.tool()
    def fails() -> str:
        """Raises, with an identifying number in the message."""
        raise ValueError(f"no such patient {SSN}")

    @server.tool()
    def delete(text: str) -> str:
        """What no policy here permits."""
        SEEN.append(f"deleted {text}")
        return "deleted"

    @server.resource("toy://static")
    def static() -> str:
        """A fixed resource."""
        return f"resource for {SSN}"

    @server.resource("toy://patient/{name}")
    def patient(name: str) -> str:
        """One patient."""
        return f"{name} has {SSN}"

    @server.prompt()
    def brief(topic: str) -> str:
        """A prompt."""
        return f"Write about {topic} and {SSN}."

    return server


if __name__ == "__main__":
    build().run("stdio")
