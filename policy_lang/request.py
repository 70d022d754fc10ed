"""A request, as it comes in JSON and as conditions read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policy_lang.attributes import (
    ATTRIBUTES,
    CALL,
    CALLER,
    CALLER_KINDS,
    GROUPS,
    NETWORK,
    TRUTH,
    TYPES,
    UNKNOWN,
    Values,
)
from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.errors import RequestError
from policy_lang.values import ip_address

PROVENANCE: tuple[str, ...] = ("attested", "derived", "enriched", "asserted")
KEYS: tuple[str, ...] = (*ATTRIBUTES, "args", "claims", "provenance", "time")
_ADDRESSES = ("command", "resource", "prompt", "method")


@dataclass(frozen=True, slots=True)
class Request:
    """Who calls what. Made by `from_json`; immutable.

    `values` is laid out as attributes.py says, `args` is the call's arguments (a JSON object), `time` an aware datetime
    or None.
    """

    values: Values = field(repr=False)  # who calls and what with may be personal: neither is shown
    args: Mapping[str, Any] = field(default_factory=dict, repr=False)
    time: datetime | None = None

    @classmethod
    def from_json(cls, data: Any) -> Request:
        """Read the JSON object of language.md, "As data". Raises RequestError that names the field.

        A missing key is unknown, null is none; what `provenance` leaves out counts as asserted.
        """
        if not isinstance(data, Mapping):
            raise RequestError("", "a request is a JSON object")
        _refuse_unknown(data)
        said = tuple(_caller_value(name, data) for name in CALLER)
        words = _provenance(data.get("provenance"))
        believed = tuple(value if _trusted(words, name) else UNKNOWN for name, value in zip(CALLER, said, strict=True))
        claims = _claims(data)
        trusted_claims = claims if _trusted(words, "claims") else UNKNOWN
        args = data.get("args")
        if args is not None and not isinstance(args, dict):
            raise RequestError("args", '"args" is the call\'s arguments: a JSON object')
        values = (*believed, *said, *_address(data), trusted_claims, claims)
        return cls(values, args if args is not None else {}, _time(data.get("time")))

    def known(self) -> dict[str, Any]:
        """The caller's attributes that are to be believed and are there: str, bool or tuple of str by name."""
        return {name: self.values[at] for at, name in enumerate(CALLER) if self.values[at] not in (UNKNOWN, None)}


def address(
    server: str | None, command: str | None, resource: str | None, prompt: str | None, method: str | None
) -> Values:
    """The five call values of one call; the server of a tool call is its command up to the first slash."""
    if command is not None:
        server = command.partition("/")[0]
    return (UNKNOWN if server is None else server, command, resource, prompt, method)


def _refuse_unknown(data: Mapping[str, Any]) -> None:
    for key in data:
        if key not in KEYS:
            help_ = did_you_mean(str(key), KEYS) or f"a request knows {listing(KEYS)}"
            raise RequestError(str(key), f'unknown field "{key}" in a request', help_)


def _caller_value(name: str, data: Mapping[str, Any]) -> Any:
    if name not in data:
        return UNKNOWN
    value, kind = data[name], TYPES[name]
    if value is None:
        return None
    if kind == TRUTH:
        if not isinstance(value, bool):
            raise RequestError(name, f'"{name}" is true, false or null')
        return value
    if kind == GROUPS:
        return _groups(name, value)
    if not isinstance(value, str):
        raise RequestError(name, f'"{name}" is a string or null', "numeric ids are written as strings")
    if kind == NETWORK:
        _check_ip(name, value)
    if name == "caller" and value not in CALLER_KINDS:
        raise RequestError(name, f'"caller" is {listing(CALLER_KINDS)}, not "{value}"')
    return value


def _groups(name: str, value: Any) -> tuple[str, ...]:
    many = [value] if isinstance(value, str) else value
    if not isinstance(many, (list, tuple)) or not all(isinstance(one, str) for one in many):
        raise RequestError(name, f'"{name}" is a string, a list of strings or null')
    return tuple(many)


def _check_ip(name: str, value: str) -> None:
    try:
        ip_address(value)
    except ValueError:
        raise RequestError(name, f'"{name}" is an IP address, not "{value}"') from None


def _provenance(value: Any) -> Mapping[str, str]:
    words = {"default": value} if isinstance(value, str) else {} if value is None else value
    if not isinstance(words, Mapping):
        raise RequestError("provenance", '"provenance" is one word or an object of words')
    for name, word in words.items():
        if name not in (*CALLER, "claims", "default"):
            raise RequestError(
                "provenance", f'"provenance" of an unknown attribute "{name}"', did_you_mean(str(name), CALLER)
            )
        if word not in PROVENANCE:
            raise RequestError("provenance", f'the provenance of "{name}" is {listing(PROVENANCE)}, not {word!r}')
    return words


def _trusted(words: Mapping[str, str], name: str) -> bool:
    return words.get(name, words.get("default", "asserted")) != "asserted"


def _claims(data: Mapping[str, Any]) -> Any:
    claims = data.get("claims", UNKNOWN)
    if claims is UNKNOWN or isinstance(claims, dict):
        return claims
    if claims is None:
        return {}
    raise RequestError("claims", '"claims" is the token\'s raw claims: a JSON object')


def _address(data: Mapping[str, Any]) -> Values:
    for name in CALL:
        if not isinstance(data.get(name), (str, type(None))):
            raise RequestError(name, f'"{name}" is a string or null')
    said = [name for name in _ADDRESSES if data.get(name) is not None]
    if len(said) > 1:
        raise RequestError(
            said[1], f'a call is addressed by one of {listing(_ADDRESSES)}, not by "{said[0]}" and "{said[1]}"'
        )
    if not said:
        return tuple(data.get(name, UNKNOWN) for name in CALL)
    values = address(data.get("server"), *(data.get(name) for name in _ADDRESSES))
    if said == ["command"] and data.get("server") not in (None, values[0]):
        raise RequestError(
            "server", f'the server of command "{data["command"]}" is "{values[0]}", not "{data["server"]}"'
        )
    return values


def _time(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RequestError("time", '"time" is an RFC 3339 time with its zone', 'for example "2026-11-22T03:00:00Z"')
    return moment
