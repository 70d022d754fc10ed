"""JSON-RPC messages as MCP uses them: parsed once, strictly, so that what is decided on is what is forwarded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gate.errors import MalformedError
from gate.strict_json import parse

__all__ = ["Batch", "Message", "read_client_body", "read_server_data"]

_MEMBERS = frozenset({"jsonrpc", "id", "method", "params", "result", "error"})
# What a decision, an approval or the routing of a message looks at. A server whose reader ignores case (Go's does)
# would take `Arguments` for `arguments`, so another spelling of these is refused.
_PARAMS = frozenset(
    {
        "_meta", "name", "arguments", "uri", "cursor", "ref", "argument", "context", "level", "task", "taskId",
        "requestState", "inputResponses", "protocolVersion", "capabilities", "clientInfo", "progressToken",
        "requestId", "subscriptions", "notifications",
    }
)  # fmt: skip
_FOLDED = {key.casefold(): key for key in _MEMBERS | _PARAMS}
_ID_LENGTH = 256
_ID_LIMIT = 1 << 63


class Message:
    """One JSON-RPC message. `kind` is "request", "notification", "result" or "error"; `tree` is the parsed object.

    `params` is the tree's own object, empty where there is none; `meta` its `_meta`.
    """

    __slots__ = ("id", "kind", "meta", "method", "params", "tree")

    def __init__(self, kind: str, tree: dict[str, Any], id: Any = None, method: str = "") -> None:  # noqa: A002
        self.kind, self.tree, self.id, self.method = kind, tree, id, method
        params = tree.get("params")
        if not isinstance(params, dict):
            params = {}
        meta = params.get("_meta")
        self.params: dict[str, Any] = params
        self.meta: dict[str, Any] = meta if isinstance(meta, dict) else {}


@dataclass(slots=True)
class Batch:
    """The messages of one body or one SSE event; `array` says whether they came as a JSON array."""

    messages: list[Message]
    array: bool = False


def read_client_body(body: bytes) -> Batch:
    """The client's messages. Raises MalformedError (GT101…GT109, GT122); with `id` where one could be read."""
    batch = _read(body)
    if b"__proto__" in body or b"\\u00" in body:
        for message in batch.messages:
            _check_prototypes(message)
    return batch


def read_server_data(data: bytes) -> Batch:
    """The upstream's messages, read as strictly as the client's: what is masked must be what the client reads."""
    return _read(data, null_id=True)


def _read(data: bytes, *, null_id: bool = False) -> Batch:
    tree = parse(data)
    if isinstance(tree, dict):
        return Batch([_message(tree, null_id)])
    if not isinstance(tree, list):
        raise MalformedError("GT104", "The body is not a JSON-RPC message: an object was expected.")
    if not tree:
        raise MalformedError("GT104", "The batch is empty.")
    messages = [_message(item, null_id) for item in tree]
    ids = [(type(message.id), message.id) for message in messages if message.kind == "request"]
    if len(set(ids)) != len(ids):
        raise MalformedError("GT105", "Two requests of the batch have the same id.")
    return Batch(messages, array=True)


def _check_prototypes(message: Message) -> None:
    """JavaScript that copies an object takes `__proto__` for what the object inherits, so that it has keys that no
    rule has seen.
    """
    open_nodes: list[Any] = [message.tree]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, dict):
            if "__proto__" in node:
                error = MalformedError(
                    "GT122", 'The message has a key "__proto__", which two readers read differently.'
                )
                error.id = message.id
                raise error
            open_nodes += node.values()
        elif isinstance(node, list):
            open_nodes += node


def _message(tree: Any, null_id: bool) -> Message:
    if not isinstance(tree, dict):
        raise MalformedError("GT104", "The body is not a JSON-RPC message: an object was expected.")
    try:
        return _classify(tree, null_id)
    except MalformedError as error:
        identifier = tree.get("id")
        if isinstance(identifier, (str, int)) and not isinstance(identifier, bool):
            error.id = identifier
        raise


def _classify(tree: dict[str, Any], null_id: bool) -> Message:
    if not _MEMBERS.issuperset(tree):
        _refuse_member(tree)
    if tree.get("jsonrpc") != "2.0":
        raise MalformedError("GT106", 'The message\'s "jsonrpc" is not "2.0".')
    if "method" in tree:
        return _call(tree)
    if ("result" in tree) == ("error" in tree) or "params" in tree or "id" not in tree:
        raise MalformedError("GT104", "The message is neither a request, a notification nor an answer.")
    if not (null_id and tree["id"] is None and "error" in tree):
        _check_id(tree["id"])
    if "error" in tree and not isinstance(tree["error"], dict):
        raise MalformedError("GT104", 'The answer\'s "error" is not an object.')
    return Message("result" if "result" in tree else "error", tree, tree["id"])


def _call(tree: dict[str, Any]) -> Message:
    method = tree["method"]
    if not isinstance(method, str) or not method or len(method) > _ID_LENGTH:
        raise MalformedError("GT104", 'The message\'s "method" is not a string of 1 to 256 characters.')
    if "result" in tree or "error" in tree:
        raise MalformedError("GT104", "The message is a request and an answer at once.")
    params = tree.get("params")
    if params is not None:
        if not isinstance(params, dict):
            raise MalformedError("GT104", 'The message\'s "params" is not an object.')
        _check_spelling(params)
    if "id" not in tree:
        return Message("notification", tree, None, method)
    _check_id(tree["id"])
    return Message("request", tree, tree["id"], method)


def _check_id(identifier: Any) -> None:
    kind = type(identifier)  # as parsed: a bool is no int here
    if kind is int:
        if -_ID_LIMIT < identifier < _ID_LIMIT:
            return
    elif kind is str and len(identifier) <= _ID_LENGTH:
        return
    raise MalformedError(
        "GT107", f'The message\'s "id" is not a string of at most {_ID_LENGTH} characters or an integer.'
    )


def _check_spelling(params: dict[str, Any]) -> None:
    """No key of a protocol object may differ from another, or from one that the protocol knows, only in case."""
    strange = False
    for key, value in params.items():
        if key not in _PARAMS:
            strange = True
            if _FOLDED.get(key.casefold(), key) != key:
                _refuse_spelling(key)
        if isinstance(value, dict) and len(value) > 1 and key not in ("arguments", "inputResponses"):
            _check_collisions(value)
    if strange:
        _check_collisions(params)


def _check_collisions(tree: dict[str, Any]) -> None:
    if len(set(map(str.casefold, tree))) != len(tree):
        _refuse_spelling("")


def _refuse_spelling(key: str) -> None:
    known = _FOLDED.get(key.casefold(), "")
    raise MalformedError(
        "GT108",
        f'The message has a key that differs from "{known}" only in case.'
        if known
        else "The message has two keys that differ only in case.",
        "Spell the protocol's keys as the specification does.",
    )


def _refuse_member(tree: dict[str, Any]) -> None:
    for key in tree.keys() - _MEMBERS:
        if key.casefold() in _FOLDED:
            _refuse_spelling(key)
    raise MalformedError("GT109", "The message has a member that JSON-RPC does not define.")
