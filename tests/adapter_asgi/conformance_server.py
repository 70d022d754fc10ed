"""What the MCP conformance suite expects to find: ``python conformance_server.py PORT``, on the official SDK.

The names of tools, resources and prompts, and the values in them, are the suite's. Most tools are rows of a table:
what they answer, or what they ask for (`input_required`) before they answer.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import mcp_types as t
from mcp.server.mcpserver import Context, MCPServer, RequestStateSecurity
from mcp.server.mcpserver.prompts.base import Prompt, UserMessage
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, Field
from toy_server import Events

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
server: MCPServer[Any] = MCPServer(
    "conformance", version="1.0.0", log_level="ERROR", request_state_security=RequestStateSecurity(keys=[b"k" * 32])
)


def text(words: str) -> t.TextContent:
    return t.TextContent(type="text", text=words)


def image() -> t.ImageContent:
    return t.ImageContent(type="image", data=PNG, mime_type="image/png")


def embedded(uri: str, words: str, kind: str = "text/plain") -> t.EmbeddedResource:
    return t.EmbeddedResource(type="resource", resource=t.TextResourceContents(uri=uri, mime_type=kind, text=words))


CONTENTS: dict[str, list[Any]] = {
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [image()],
    "test_audio_content": [t.AudioContent(type="audio", data=WAV, mime_type="audio/wav")],
    "test_embedded_resource": [embedded("test://embedded-resource", "This is an embedded resource content.")],
    "test_multiple_content_types": [
        text("Multiple content types test:"),
        image(),
        embedded("test://mixed-content-resource", '{"test": "data", "value": 123}', "application/json"),
    ],
    "json_schema_2020_12_tool": [text("fine")],
}


def answers(contents: list[Any]) -> Callable[[], t.CallToolResult]:
    def tool() -> t.CallToolResult:
        return t.CallToolResult(content=contents)

    return tool


for name, contents in CONTENTS.items():
    server.add_tool(answers(contents), name=name, description="Answers the same always.")

server._tool_manager._tools["json_schema_2020_12_tool"].parameters = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object", "properties": {"street": {"type": "string"}}}},
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


# -- tools that do something while they run --------------------------------------------------------------------------


@server.tool()
async def test_tool_with_logging(ctx: Context[Any]) -> str:
    """Logs three times."""
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await log(ctx, words)
    return "logged"


@server.tool()
async def test_tool_with_progress(ctx: Context[Any]) -> str:
    """Reports progress three times."""
    for step in (0, 50, 100):
        await ctx.report_progress(step, 100, f"Completed step {step} of 100")
        await asyncio.sleep(0.02)
    return "done"


@server.tool()
def test_error_handling() -> str:
    """Fails."""
    raise RuntimeError("This tool intentionally returns an error for testing")


@server.tool()
async def test_reconnection(ctx: Context[Any]) -> str:
    """Closes its stream before it answers."""
    await log(ctx, "Before disconnect")
    await ctx.close_sse_stream()
    await asyncio.sleep(0.2)
    return "Reconnection test completed"


@server.tool()
async def test_sampling(prompt: str, ctx: Context[Any]) -> str:
    """Asks the client's model."""
    message = t.SamplingMessage(role="user", content=text(prompt))
    result = await ctx.session.create_message(messages=[message], max_tokens=100, related_request_id=ctx.request_id)
    return f"LLM response: {getattr(result.content, 'text', '')}"


class Answer(BaseModel):
    response: str = Field(description="What you say")


class Defaults(BaseModel):
    name: str = Field("John Doe", description="Name")
    age: int = Field(30, description="Age")
    score: float = Field(95.5, description="Score")
    status: str = Field("active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = Field(True, description="Verified")


def titled(**options: str) -> list[dict[str, str]]:
    return [{"const": value, "title": title} for value, title in options.items()]


SIZES: dict[str, Any] = {"enum": ["small", "medium", "large"], "enumNames": ["Small", "Medium", "Large"]}


class Enums(BaseModel):
    untitledSingle: str = Field(json_schema_extra={"enum": ["active", "inactive", "pending"]})  # noqa: N815
    titledSingle: str = Field(json_schema_extra={"oneOf": titled(low="Low", high="High")})  # type: ignore[dict-item] # noqa: N815
    untitledMulti: list[str] = Field(  # noqa: N815
        json_schema_extra={"items": {"type": "string", "enum": ["read", "write", "execute"]}}
    )
    titledMulti: list[str] = Field(  # noqa: N815
        json_schema_extra={"items": {"anyOf": titled(feature="Feature", bug="Bug")}}  # type: ignore[dict-item]
    )
    legacyEnum: str = Field(json_schema_extra=SIZES)  # noqa: N815


@server.tool()
async def test_elicitation(message: str, ctx: Context[Any]) -> str:
    """Asks the person at the client."""
    return said(await ctx.elicit(message, Answer))


@server.tool()
async def test_elicitation_sep1034_defaults(ctx: Context[Any]) -> str:
    """Asks with defaults."""
    return said(await ctx.elicit("Please fill in", Defaults))


@server.tool()
async def test_elicitation_sep1330_enums(ctx: Context[Any]) -> str:
    """Asks with enumerations."""
    return said(await ctx.elicit("Please choose", Enums))


def said(result: Any) -> str:
    content = result.data.model_dump_json() if result.action == "accept" else "{}"
    return f"Elicitation: action={result.action}, content={content}"


async def log(ctx: Context[Any], words: str) -> None:
    params = t.LoggingMessageNotificationParams(level="info", data=words)
    notification = t.LoggingMessageNotification(params=params)
    await ctx.session.send_notification(notification, related_request_id=ctx.request_id)


@server.tool()
def test_x_mcp_header(
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})] = "none",  # noqa: PT028 - no test
) -> str:
    """Has an argument that a header mirrors."""
    return f"region={region}"


@server.tool()
async def test_missing_capability(ctx: Context[Any]) -> str:
    """Needs sampling."""
    capabilities = ctx.session.client_capabilities
    if capabilities is None or capabilities.sampling is None:
        raise MCPError(code=-32021, message="needs sampling", data={"requiredCapabilities": {"sampling": {}}})
    return "has sampling"


@server.tool()
async def test_trigger_tool_change(ctx: Context[Any]) -> str:
    """Says that the tools have changed."""
    server.add_tool(answers([]), name="test_dynamic_tool")
    server.remove_tool("test_dynamic_tool")
    await ctx.notify_tools_changed()
    return "changed"


@server.tool()
async def test_trigger_prompt_change(ctx: Context[Any]) -> str:
    """Says that the prompts have changed."""
    server.add_prompt(Prompt.from_function(lambda: "dynamic", name="test_dynamic_prompt", description="dynamic"))
    server.remove_prompt("test_dynamic_prompt")
    await ctx.notify_prompts_changed()
    return "changed"


# -- tools that ask before they answer (input_required, 2026-07-28) --------------------------------------------------


def form(message: str, **properties: str) -> t.ElicitRequest:
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in properties.items()},
        "required": list(properties),
    }
    return t.ElicitRequest(params=t.ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(words: str) -> t.CreateMessageRequest:
    message = t.SamplingMessage(role="user", content=text(words))
    return t.CreateMessageRequest(params=t.CreateMessageRequestParams(messages=[message], max_tokens=100))


def filled(answer: Any, key: str) -> str:
    content = answer.content if isinstance(answer, t.ElicitResult) and answer.content else {}
    return str(content.get(key, "stranger"))


Reply = Callable[[dict[str, Any]], str]
NAME = form("What is your name?", name="string")
CONFIRM = form("Please confirm", ok="boolean")
ASKS: dict[str, tuple[dict[str, Any], str | None, Reply]] = {
    "elicitation": ({"user_name": NAME}, None, lambda got: f"Hello, {filled(got['user_name'], 'name')}!"),
    "sampling": (
        {"capital_question": sample("What is the capital of France?")},
        None,
        lambda got: f"Model said: {got['capital_question'].content.text}",
    ),
    "list_roots": (
        {"client_roots": t.ListRootsRequest()},
        None,
        lambda got: f"{len(got['client_roots'].roots)} roots",
    ),
    "request_state": ({"confirm": CONFIRM}, "one state", lambda _: "state-ok"),
    "multiple_inputs": (
        {"user_name": NAME, "greeting": sample("Greet"), "client_roots": t.ListRootsRequest()},
        "several",
        lambda _: "All inputs received.",
    ),
    "tampered_state": ({"confirm": CONFIRM}, "first", lambda _: "state-ok"),
}


def asks(
    wanted: dict[str, Any], state: str | None, reply: Reply
) -> Callable[[Context[Any]], Awaitable[str | t.InputRequiredResult]]:
    async def tool(ctx: Context[Any]) -> str | t.InputRequiredResult:
        got = ctx.input_responses or {}
        if wanted.keys() <= got.keys() and ctx.request_state == state:
            return reply(dict(got))
        return t.InputRequiredResult(input_requests=wanted, request_state=state)

    return tool


for name, (wanted, state, reply) in ASKS.items():
    server.add_tool(asks(wanted, state, reply), name=f"test_input_required_result_{name}", description="Asks first.")


@server.tool()
async def test_input_required_result_multi_round(ctx: Context[Any]) -> str | t.InputRequiredResult:
    """Asks twice, carrying what it learned in its state."""
    got, state = ctx.input_responses or {}, json.loads(ctx.request_state or "{}")
    if "name" in state and "step2" in got:
        return f"{state['name']} likes {filled(got['step2'], 'color')}."
    if state and "step1" in got:
        learned = json.dumps({"round": 2, "name": filled(got["step1"], "name")})
        return t.InputRequiredResult(
            input_requests={"step2": form("Step 2: a colour?", color="string")}, request_state=learned
        )
    return t.InputRequiredResult(
        input_requests={"step1": form("Step 1: your name?", name="string")}, request_state=json.dumps({"round": 1})
    )


@server.tool()
async def test_input_required_result_capabilities(ctx: Context[Any]) -> t.InputRequiredResult:
    """Asks only for what the client can do."""
    can = ctx.client_capabilities
    requests: dict[str, Any] = {}
    if can is None or can.sampling is not None:
        requests["sample"] = sample("Say hello")
    if can is None or can.elicitation is not None:
        requests["ask"] = NAME
    return t.InputRequiredResult(input_requests=requests, request_state="capabilities")


# -- resources, prompts, and the rest --------------------------------------------------------------------------------


@server.resource("test://static-text", mime_type="text/plain")
def static_text() -> str:
    """Text."""
    return "This is the content of the static text resource."


@server.resource("test://static-binary", mime_type="image/png")
def static_binary() -> bytes:
    """Bytes."""
    return base64.b64decode(PNG)


@server.resource("test://template/{id}/data", mime_type="application/json")
def template(id: str) -> str:  # noqa: A002 - the suite's name
    """A template."""
    return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


@server.resource("test://watched-resource")
def watched() -> str:
    """A resource to subscribe to."""
    return "Watched resource content"


@server.prompt()
def test_simple_prompt() -> list[UserMessage]:
    """A prompt."""
    return [UserMessage(content=text("This is a simple prompt for testing."))]


@server.prompt()
def test_prompt_with_arguments(arg1: str, arg2: str) -> list[UserMessage]:
    """A prompt with arguments."""
    return [UserMessage(content=text(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"))]


@server.prompt()
def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803 - the suite's name
    """A prompt with a resource in it."""
    return [
        UserMessage(content=embedded(resourceUri, "Embedded resource content for testing.")),
        UserMessage(content=text("Please process the embedded resource above.")),
    ]


@server.prompt()
def test_prompt_with_image() -> list[UserMessage]:
    """A prompt with an image in it."""
    return [UserMessage(content=image()), UserMessage(content=text("Please analyze the image above."))]


@server.prompt()
async def test_input_required_result_prompt(ctx: Context[Any]) -> list[UserMessage] | t.InputRequiredResult:
    """A prompt that asks first."""
    got = ctx.input_responses or {}
    if "user_context" in got:
        return [UserMessage(content=text(f"Context: {filled(got['user_context'], 'context')}"))]
    return t.InputRequiredResult(input_requests={"user_context": form("What context?", context="string")})


@server.completion()
async def completion(
    ref: Any, argument: t.CompletionArgument, context: t.CompletionContext | None
) -> t.Completion | None:
    return t.Completion(values=[], total=0, has_more=False)


async def acknowledge(ctx: Any, params: Any) -> t.EmptyResult:
    return t.EmptyResult()


Method = Literal["logging/setLevel", "resources/subscribe", "resources/unsubscribe"]
PARAMS: dict[Method, Any] = {
    "logging/setLevel": t.SetLevelRequestParams,
    "resources/subscribe": t.SubscribeRequestParams,
    "resources/unsubscribe": t.UnsubscribeRequestParams,
}
for method, params in PARAMS.items():
    server._lowlevel_server.add_request_handler(method, params, acknowledge)


if __name__ == "__main__":
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]), event_store=Events(), retry_interval=100)
