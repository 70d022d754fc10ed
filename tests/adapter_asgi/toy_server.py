"""An MCP server on the official SDK that uses every corner of the protocol; ``python toy_server.py`` speaks stdio."""

from __future__ import annotations

import asyncio
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from pydantic import BaseModel

SSN = "123-45-6789"
SEEN: list[str] = []


class Events(EventStore):
    """Keeps every event of a server, so that clients may resume."""

    def __init__(self) -> None:
        self.held: list[tuple[str, Any]] = []

    async def store_event(self, stream_id: str, message: Any) -> str:
        self.held.append((stream_id, message))
        return str(len(self.held))

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        if not last_event_id.isdigit() or not 0 < int(last_event_id) <= len(self.held):
            return None
        stream = self.held[int(last_event_id) - 1][0]
        for number, (name, message) in enumerate(self.held, 1):
            if name == stream and number > int(last_event_id) and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


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
    async def polls(ctx: Context[Any]) -> str:
        """Closes the stream before it answers: the client has to fetch the answer (2025-11-25)."""
        await ctx.close_sse_stream()
        return f"fetched {SSN}"

    @server.tool()
    async def changes(ctx: Context[Any]) -> str:
        """Says on the session's own stream that the tools have changed."""
        await ctx.session.send_tool_list_changed()
        return "changed"

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
