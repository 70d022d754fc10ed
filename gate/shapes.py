"""Where text sits in MCP's messages, as a table: what is masked, what is carried, what is sealed.

A shape is a leaf rule, a dict from key to shape, a list of one shape (for each element), or `Each` (for each value
of an object whose keys are the protocol's or the caller's own). A key that a dict shape does not name is masked, key
and value: what this table does not know, nobody sees unmasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

__all__ = ["ERROR", "ERROR_DATA", "REQUESTS", "RESULTS", "Each", "Leaf", "notification_shape"]


class Leaf(Enum):
    """What happens to a value that has no shape of its own."""

    KEEP = auto()  # a number, a boolean or null of the protocol: carried; another type is masked
    NAME = auto()  # an identifier that the client sends back (a tool's, a prompt's, an argument's name): carried
    TEXT = auto()  # a string to mask; another type is masked as JSON
    TREE = auto()  # any JSON to mask, keys included
    STRUCTURED = auto()  # structuredContent: masked within the tool's outputSchema
    SEAL = auto()  # opaque: carried, or sealed where the masker finds something in it
    URI = auto()  # like SEAL, as a URI
    STAMP = auto()  # a protocol timestamp: carried if it is one, else masked
    SCHEMA = auto()  # a JSON Schema: its prose and sample values are masked, its structure is carried
    CONTENT = auto()  # a content block or a list of them, by its "type"
    RESOURCE = auto()  # the contents of a resource: text or blob
    INPUTS = auto()  # inputRequests: requests of the server inside a result


@dataclass(frozen=True, slots=True)
class Each:
    """Every value of an object; its keys are carried."""

    shape: Any


KEEP, NAME, TEXT, TREE = Leaf.KEEP, Leaf.NAME, Leaf.TEXT, Leaf.TREE
SEAL, URI, STAMP = Leaf.SEAL, Leaf.URI, Leaf.STAMP
CONTENT, RESOURCE, SCHEMA = Leaf.CONTENT, Leaf.RESOURCE, Leaf.SCHEMA

META: dict[str, Any] = {
    "progressToken": TEXT,
    "io.modelcontextprotocol/subscriptionId": TEXT,
    "io.modelcontextprotocol/related-task": {"taskId": SEAL},
}
ICONS = [{"src": TEXT, "mimeType": TEXT, "sizes": [TEXT], "theme": TEXT}]
INFO = {"name": TEXT, "title": TEXT, "version": TEXT, "description": TEXT, "websiteUrl": TEXT, "icons": ICONS}
META["io.modelcontextprotocol/serverInfo"] = INFO
ANNOTATIONS = {"audience": [TEXT], "priority": KEEP, "lastModified": STAMP}
HINTS = {
    "title": TEXT,
    "readOnlyHint": KEEP,
    "destructiveHint": KEEP,
    "idempotentHint": KEEP,
    "openWorldHint": KEEP,
}
TOOL = {
    "name": NAME,
    "title": TEXT,
    "description": TEXT,
    "inputSchema": SCHEMA,
    "outputSchema": SCHEMA,
    "annotations": HINTS,
    "icons": ICONS,
    "execution": {"taskSupport": TEXT},
    "_meta": META,
}
PROMPT = {
    "name": NAME,
    "title": TEXT,
    "description": TEXT,
    "arguments": [{"name": NAME, "title": TEXT, "description": TEXT, "required": KEEP}],
    "icons": ICONS,
    "_meta": META,
}
LINK = {
    "uri": URI,
    "name": TEXT,
    "title": TEXT,
    "description": TEXT,
    "mimeType": TEXT,
    "size": KEEP,
    "annotations": ANNOTATIONS,
    "icons": ICONS,
    "_meta": META,
}
TEMPLATE = {**LINK, "uriTemplate": TEXT}
CONTENTS = {
    "text": {"type": NAME, "text": TEXT, "annotations": ANNOTATIONS, "_meta": META},
    "resource_link": {"type": NAME, **LINK},
    "resource": {"type": NAME, "resource": RESOURCE, "annotations": ANNOTATIONS, "_meta": META},
    "image": {"type": NAME, "data": NAME, "mimeType": TEXT, "annotations": ANNOTATIONS, "_meta": META},
    "audio": {"type": NAME, "data": NAME, "mimeType": TEXT, "annotations": ANNOTATIONS, "_meta": META},
    "tool_use": {"type": NAME, "id": SEAL, "name": NAME, "input": TREE, "_meta": META},
    "tool_result": {
        "type": NAME,
        "toolUseId": SEAL,
        "content": CONTENT,
        "structuredContent": TREE,
        "isError": KEEP,
        "_meta": META,
    },
}
TASK = {
    "taskId": SEAL,
    "status": TEXT,
    "statusMessage": TEXT,
    "createdAt": STAMP,
    "lastUpdatedAt": STAMP,
    "ttl": KEEP,
    "ttlMs": KEEP,
    "pollInterval": KEEP,
    "pollIntervalMs": KEEP,
}
_RESULT = {"_meta": META, "resultType": TEXT, "ttlMs": KEEP, "cacheScope": TEXT, "nextCursor": SEAL}
_INPUT = {"requestState": SEAL, "inputRequests": Leaf.INPUTS}
_CALL = {
    **_RESULT,
    **_INPUT,
    **TASK,
    "content": CONTENT,
    "structuredContent": Leaf.STRUCTURED,
    "isError": KEEP,
    "task": TASK,
}
_TASK_RESULT = {**_RESULT, **_INPUT, **TASK, "error": TREE}

RESULTS: dict[str, Any] = {
    "initialize": {
        **_RESULT,
        "protocolVersion": TEXT,
        "capabilities": TREE,
        "serverInfo": INFO,
        "instructions": TEXT,
    },
    "server/discover": {
        **_RESULT,
        "supportedVersions": [TEXT],
        "capabilities": TREE,
        "serverInfo": INFO,
        "instructions": TEXT,
    },
    "tools/list": {**_RESULT, "tools": [TOOL]},
    "prompts/list": {**_RESULT, "prompts": [PROMPT]},
    "resources/list": {**_RESULT, "resources": [LINK]},
    "resources/templates/list": {**_RESULT, "resourceTemplates": [TEMPLATE]},
    "resources/read": {**_RESULT, **_INPUT, "contents": [RESOURCE]},
    "prompts/get": {
        **_RESULT,
        **_INPUT,
        "description": TEXT,
        "messages": [{"role": TEXT, "content": CONTENT, "_meta": META}],
    },
    "completion/complete": {**_RESULT, "completion": {"values": [TEXT], "total": KEEP, "hasMore": KEEP}},
    "tools/call": _CALL,
    "tasks/result": _CALL,
    "tasks/get": {**_TASK_RESULT, "result": _CALL},
    "tasks/cancel": _TASK_RESULT,
    "tasks/update": _TASK_RESULT,
    "tasks/list": {**_RESULT, "tasks": [TASK]},
    "": _RESULT,
}

REQUESTS: dict[str, Any] = {
    "elicitation/create": {
        "mode": TEXT,
        "message": TEXT,
        "requestedSchema": SCHEMA,
        "url": TEXT,
        "elicitationId": SEAL,
        "task": TASK,
        "_meta": META,
    },
    "sampling/createMessage": {
        "messages": [{"role": TEXT, "content": CONTENT, "_meta": META}],
        "systemPrompt": TEXT,
        "modelPreferences": TREE,
        "includeContext": TEXT,
        "temperature": KEEP,
        "maxTokens": KEEP,
        "stopSequences": [TEXT],
        "metadata": TREE,
        "tools": [TOOL],
        "toolChoice": {"mode": TEXT},
        "task": TASK,
        "_meta": META,
    },
    "roots/list": {"_meta": META},
    "ping": {"_meta": META},
    "": {"_meta": META},
}

_NOTIFICATIONS: dict[str, Any] = {
    "notifications/message": {"level": TEXT, "logger": TEXT, "data": TREE, "_meta": META},
    "notifications/progress": {
        "progressToken": TEXT,
        "progress": KEEP,
        "total": KEEP,
        "message": TEXT,
        "_meta": META,
    },
    "notifications/cancelled": {"requestId": TEXT, "reason": TEXT, "_meta": META},
    "notifications/resources/updated": {"uri": URI, "title": TEXT, "_meta": META},
    "notifications/elicitation/complete": {"elicitationId": SEAL, "_meta": META},
    "notifications/tasks/status": {**TASK, "result": _CALL, "error": TREE, "_meta": META},
    "notifications/tasks": {**TASK, "result": _CALL, "error": TREE, "_meta": META},
    "notifications/subscriptions/acknowledged": {
        "notifications": {
            "toolsListChanged": KEEP,
            "promptsListChanged": KEEP,
            "resourcesListChanged": KEEP,
            "resourceSubscriptions": [URI],
            "taskIds": [SEAL],
        },
        "_meta": META,
    },
    "notifications/tools/list_changed": {"_meta": META},
    "notifications/prompts/list_changed": {"_meta": META},
    "notifications/resources/list_changed": {"_meta": META},
}

ERROR = {"code": KEEP, "message": TEXT, "data": TREE}
ERROR_DATA: dict[int, Any] = {
    -32022: {"supported": [TEXT], "requested": TEXT},
    -32004: {"supported": [TEXT], "requested": TEXT},
    -32021: {"requiredCapabilities": TREE},
    -32042: {"elicitations": [REQUESTS["elicitation/create"]]},
}


def notification_shape(method: str) -> Any | None:
    """The shape of a server's notification; None for a method that MCP does not define."""
    return _NOTIFICATIONS.get(method)
