"""One walk over a message of the upstream: what is masked is gathered, masked in one go, and put back.

Strategy: the walk follows the shapes table and gathers *slots* (a container and a key). All gathered strings and
trees go through the masker as one value, so that a name learned from one leaf is masked in every other. Structured
content goes first and alone, because its masks must fit the tool's schema. Nothing is written again unless a slot
changed: the caller then forwards the bytes that came.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gate.errors import UPSTREAM_WITHHELD, RefusedError
from gate.shapes import CONTENTS, ERROR, ERROR_DATA, REQUESTS, RESULTS, Each, Leaf, notification_shape

if TYPE_CHECKING:
    import masking
    from gate.messages import Message
    from gate.seal import Sealer

__all__ = ["Masked", "mask_message"]

# Words and versions of the protocol itself: they hold nothing about anybody and clients compare them.
_WORDS = frozenset(
    {
        "", "complete", "input_required", "task", "private", "public", "user", "assistant", "debug", "info", "notice",
        "warning", "error", "critical", "alert", "emergency", "form", "url", "none", "thisServer", "allServers",
        "auto", "required", "optional", "forbidden", "working", "completed", "failed", "cancelled", "light", "dark",
        "any", "text/plain", "application/json", "image/png", "image/jpeg", "audio/wav", "text/html", "text/markdown",
        "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28",
    }
)  # fmt: skip
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
_TEXTUAL = re.compile(r"text/|[^;]*(?:json|xml|yaml|csv|javascript)", re.IGNORECASE)
_SCHEMA_PROSE = frozenset({"title", "description", "$comment"})
_SCHEMA_SAMPLES = frozenset({"default", "const", "enum", "examples", "example", "enumNames"})
_SCHEMA_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_SCHEMA_CHILDREN = frozenset(
    {
        "items", "prefixItems", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems",
        "additionalItems", "propertyNames", "not", "if", "then", "else", "allOf", "anyOf", "oneOf", "contentSchema",
    }
)  # fmt: skip
_SCHEMA_STRUCTURE = frozenset(
    {
        "type", "format", "required", "pattern", "$ref", "$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor",
        "$vocabulary", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties",
        "maxProperties", "dependentRequired", "readOnly", "writeOnly", "deprecated", "contentEncoding",
        "contentMediaType", "x-mcp-header", "nullable",
    }
)  # fmt: skip
_WITHHELD = "[WITHHELD]"


@dataclass(slots=True)
class Masked:
    """What the masker did to one message: `changed` says whether the tree differs from what came."""

    changed: bool = False
    findings: list[masking.Finding] = field(default_factory=list)
    withheld: int = 0

    def counts(self) -> dict[str, int]:
        """How many values of each kind were masked."""
        found: dict[str, int] = {}
        for finding in self.findings:
            found[finding.kind] = found.get(finding.kind, 0) + 1
        return found


@dataclass(slots=True)
class _Slot:
    holder: Any
    key: Any
    leaf: Leaf
    put: Callable[[Any], Any] | None = None


class _Walk:
    def __init__(
        self, masker: masking.Masker, plan: Collection[str], sealer: Sealer, known: Collection[Any], schema: Any
    ) -> None:
        self.masker, self.plan, self.sealer, self.schema = masker, plan, sealer, schema
        self.known = known
        self.result = Masked()
        self.slots: list[_Slot] = []
        self.values: list[Any] = []

    # -- gathering -------------------------------------------------------------------------------------------------

    def visit(self, holder: Any, key: Any, shape: Any) -> None:
        value = holder[key]
        if shape.__class__ is Leaf:
            self._leaf(holder, key, shape)
        elif isinstance(shape, dict) and isinstance(value, dict):
            self._object(value, shape)
        elif isinstance(shape, list) and isinstance(value, list):
            for index in range(len(value)):
                self.visit(value, index, shape[0])
        elif isinstance(shape, Each) and isinstance(value, dict):
            for name in value:
                self.visit(value, name, shape.shape)
        else:
            self._leaf(holder, key, Leaf.TREE)

    def _object(self, value: dict[str, Any], shape: dict[str, Any]) -> None:
        unknown = []
        for key in value:
            if (known := shape.get(key)) is not None:
                self.visit(value, key, known)
            else:
                unknown.append(key)
        if unknown:
            self._unknown(value, unknown)

    def _unknown(self, holder: dict[str, Any], keys: list[str]) -> None:
        """Members that no shape names are masked as one tree, their keys too."""

        def put(masked: Any) -> None:
            for key in keys:
                del holder[key]
            holder.update(masked)

        self._gather(_Slot(holder, None, Leaf.TREE, put), {key: holder[key] for key in keys})

    def _gather(self, slot: _Slot, value: Any) -> None:
        self.slots.append(slot)
        self.values.append(value)

    def _leaf(self, holder: Any, key: Any, leaf: Leaf) -> None:
        value = holder[key]
        if isinstance(value, str) and leaf is not Leaf.STRUCTURED:
            self._text(holder, key, leaf, value)
            return
        match leaf:
            case Leaf.STRUCTURED:
                self._structured(holder, key)
            case Leaf.CONTENT if isinstance(value, (dict, list)):
                self._content(holder, key)
            case Leaf.RESOURCE if isinstance(value, dict):
                self._resource(value)
            case Leaf.INPUTS if isinstance(value, dict):
                for request in value.values():
                    self._input(request)
            case Leaf.SCHEMA if isinstance(value, (dict, list)):
                self._schema(value)
            case _:
                self._scalar(holder, key, leaf)

    def _scalar(self, holder: Any, key: Any, leaf: Leaf) -> None:
        value = holder[key]
        if value is None or isinstance(value, bool):
            return
        if isinstance(value, str):
            self._text(holder, key, leaf, value)
        elif not isinstance(value, (int, float)) or leaf in (Leaf.TREE, Leaf.STRUCTURED):
            self._gather(_Slot(holder, key, leaf), value)

    def _text(self, holder: Any, key: Any, leaf: Leaf, value: str) -> None:
        if leaf is Leaf.NAME or value in _WORDS or value in self.known:
            return
        if leaf is not Leaf.STAMP or _STAMP.fullmatch(value) is None:
            self._gather(_Slot(holder, key, leaf), value)

    def _content(self, holder: Any, key: Any) -> None:
        value = holder[key]
        if isinstance(value, list):
            for index in range(len(value)):
                self._content(value, index)
            return
        kind = value.get("type") if isinstance(value, dict) else None
        shape = CONTENTS.get(kind) if isinstance(kind, str) else None
        if shape is None:
            self._leaf(holder, key, Leaf.TREE)
        elif kind in ("image", "audio") and self._withholds("photo" if kind == "image" else "biometric"):
            holder[key] = {"type": "text", "text": f"[{'PHOTO' if kind == 'image' else 'BIOMETRIC'}]"}
            self._note_withheld()
        else:
            self._object(value, shape)

    def _withholds(self, kind: str) -> bool:
        return kind in self.plan

    def _note_withheld(self) -> None:
        self.result.changed = True
        self.result.withheld += 1

    def _resource(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("blob"), str):
            self._blob(value)
        shape = {"uri": Leaf.URI, "mimeType": Leaf.TEXT, "text": Leaf.TEXT, "blob": Leaf.NAME, "_meta": _META}
        self._object(value, shape)

    def _blob(self, value: dict[str, Any]) -> None:
        """A blob that is text is masked as text; one that cannot be read is withheld, never guessed."""
        kind = value.get("mimeType")
        try:
            raw = base64.b64decode(value["blob"], validate=True)
            text = raw.decode() if isinstance(kind, str) and _TEXTUAL.match(kind) else None
        except (binascii.Error, UnicodeDecodeError):
            text = None
        if text is None:
            value["blob"] = base64.b64encode(_WITHHELD.encode()).decode()
            self._note_withheld()
            return

        def put(masked: Any) -> None:
            value["blob"] = base64.b64encode(str(masked).encode()).decode()

        self._gather(_Slot(value, None, Leaf.TEXT, put), text)

    def _input(self, request: Any) -> None:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            raise _withhold("an input request without a method")
        params = REQUESTS.get(request["method"], REQUESTS[""])
        self._object(request, {"method": Leaf.NAME, "params": params})

    def _schema(self, schema: Any) -> None:
        if isinstance(schema, list):
            for item in schema:
                self._schema(item)
            return
        if not isinstance(schema, dict):
            return
        unknown = []
        for key, value in schema.items():
            if key in _SCHEMA_PROSE:
                self._scalar(schema, key, Leaf.TEXT)
            elif key in _SCHEMA_SAMPLES:
                self._scalar(schema, key, Leaf.TREE)
            elif key in _SCHEMA_MAPS and isinstance(value, dict):
                for child in value.values():
                    self._schema(child)
            elif key in _SCHEMA_CHILDREN:
                self._schema(value)
            elif key not in _SCHEMA_STRUCTURE:
                unknown.append(key)
        if unknown:
            self._unknown(schema, unknown)

    # -- masking ---------------------------------------------------------------------------------------------------

    def _structured(self, holder: Any, key: Any) -> None:
        masked = self.masker.mask_json(holder[key], schema=self.schema)
        if masked.value is None and holder[key] is not None:
            raise _withhold("structured content that cannot be masked within the tool's outputSchema")
        if masked.changed:
            self.result.findings += masked.findings
            holder[key] = masked.value
            self.result.changed = True

    def finish(self) -> Masked:
        if not self.slots:
            return self.result
        masked = self.masker.mask_json({"values": self.values})
        if not masked.changed:
            return self.result
        self.result.findings += masked.findings
        values = masked.value["values"] if isinstance(masked.value, dict) else None
        if not isinstance(values, list) or len(values) != len(self.slots):
            raise _withhold("a message whose masked form has lost its shape")
        for slot, before, after in zip(self.slots, self.values, values, strict=True):
            if before != after or type(before) is not type(after):
                self._put(slot, before, after)
        return self.result

    def _put(self, slot: _Slot, before: Any, after: Any) -> None:
        self.result.changed = True
        if slot.leaf is Leaf.SEAL and isinstance(before, str):
            after = self.sealer.seal(before, "value")
        elif slot.leaf is Leaf.URI and isinstance(before, str):
            after = self.sealer.seal_uri(before)
        if slot.put is None:
            slot.holder[slot.key] = after
        else:
            slot.put(after)


_META: Any = RESULTS[""]["_meta"]


def mask_message(
    message: Message,
    *,
    masker: masking.Masker,
    plan: Collection[str],
    sealer: Sealer,
    method: str,
    known: Collection[Any] = (),
    schema: Any = None,
) -> Masked:
    """Mask `message` of the upstream in place.

    `method` is the request's that it answers, or its own. `known` are the client's own ids and tokens, which an answer
    repeats. `schema` is the called tool's outputSchema.
    Raises RefusedError GT303 where the message cannot be masked within its shape.
    """
    walk = _Walk(masker, plan, sealer, known, schema)
    tree = message.tree
    match message.kind:
        case "result":
            walk.visit(tree, "result", RESULTS.get(method, RESULTS[""]))
        case "error":
            code = tree["error"].get("code")
            data = ERROR_DATA.get(code, Leaf.TREE) if isinstance(code, int) else Leaf.TREE
            walk.visit(tree, "error", {**ERROR, "data": data})
        case "notification":
            if "params" in tree:
                walk.visit(tree, "params", notification_shape(message.method) or {})
        case _:
            if "params" in tree:
                walk.visit(tree, "params", REQUESTS.get(message.method, REQUESTS[""]))
    return walk.finish()


def _withhold(what: str) -> RefusedError:
    return RefusedError("GT303", f"The server sent {what}; it was withheld.", rpc_code=UPSTREAM_WITHHELD)
