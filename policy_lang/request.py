"""A request, as it comes in JSON and as conditions read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policy_lang.attributes import (
    AS_SAID,
    ATTRIBUTES,
    CALL,
    CALL_AT,
    CALLER,
    CALLER_KINDS,
    CLAIMS_AT,
    GROUPS,
    NETWORK,
    SIZE,
    TEXT,
    TRUTH,
    TYPES,
    UNKNOWN,
    Values,
    index,
)
from policy_lang.diagnostic import did_you_mean, listing
from policy_lang.errors import RequestError
from policy_lang.values import ip_address

PROVENANCE: tuple[str, ...] = ("attested", "derived", "enriched", "asserted")
KEYS: tuple[str, ...] = (*ATTRIBUTES, "args", "claims", "provenance", "time")
_APART = ("args", "provenance", "time")
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
        values: list[Any] = [UNKNOWN] * SIZE
        for key, value in data.items():
            known = _READ.get(key)
            if known is None:
                _refuse_unknown(key)
                continue
            at, is_text, read = known
            values[at] = value if is_text and type(value) is str else read(key, value)
        _believe(values, data.get("provenance"))
        _check_address(values)
        args = data.get("args")
        if args is not None and not isinstance(args, dict):
            raise RequestError("args", '"args" is the call\'s arguments: a JSON object')
        time = data.get("time")
        return cls(tuple(values), {} if args is None else args, None if time is None else _time(time))

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


# ---- one field ------------------------------------------------------------------------------------------------------


def _refuse_unknown(key: Any) -> None:
    if key not in _APART:
        help_ = did_you_mean(str(key), KEYS) or f"a request knows {listing(KEYS)}"
        raise RequestError(str(key), f'unknown field "{key}" in a request', help_)


def _text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    help_ = "" if name in CALL else "numeric ids are written as strings"
    raise RequestError(name, f'"{name}" is a string or null', help_)


def _truth(name: str, value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise RequestError(name, f'"{name}" is true, false or null')


def _kind(name: str, value: Any) -> str | None:
    if value is None or value in CALLER_KINDS:
        return _text(name, value)
    raise RequestError(name, f'"caller" is {listing(CALLER_KINDS)}, not "{_text(name, value)}"')


def _groups(name: str, value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    many = [value] if isinstance(value, str) else value
    if not isinstance(many, (list, tuple)) or not all(isinstance(one, str) for one in many):
        raise RequestError(name, f'"{name}" is a string, a list of strings or null')
    return tuple(many)


def _ip(name: str, value: Any) -> str | None:
    text = _text(name, value)
    try:
        if text is not None:
            ip_address(text)
    except ValueError:
        raise RequestError(name, f'"{name}" is an IP address, not "{value}"') from None
    return text


def _claims(name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise RequestError(name, '"claims" is the token\'s raw claims: a JSON object')


_READERS = {TEXT: _text, TRUTH: _truth, GROUPS: _groups, NETWORK: _ip}
_READ: dict[Any, tuple[int, bool, Callable[[str, Any], Any]]] = {
    name: (index(name, asserted=True), TYPES[name] == TEXT, _READERS[TYPES[name]]) for name in ATTRIBUTES
}
_READ |= {"caller": (index("caller", asserted=True), False, _kind), "claims": (CLAIMS_AT + 1, False, _claims)}


# ---- what the fields say together -----------------------------------------------------------------------------------


def _believe(values: list[Any], provenance: Any) -> None:
    """Fill in what is to be believed of what is said."""
    if type(provenance) is str and provenance in PROVENANCE:
        if provenance != "asserted":
            values[:AS_SAID] = values[AS_SAID:CALL_AT]
            values[CLAIMS_AT] = values[CLAIMS_AT + 1]
        return
    words = _provenance(provenance)
    for at, name in enumerate(CALLER):
        if _trusted(words, name):
            values[at] = values[AS_SAID + at]
    if _trusted(words, "claims"):
        values[CLAIMS_AT] = values[CLAIMS_AT + 1]


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


def _check_address(values: list[Any]) -> None:
    """One address at most; where there is one, the others are none and a command says its server."""
    server, command, resource, prompt, method = values[CALL_AT:CLAIMS_AT]
    if type(command) is str and server is resource is prompt is method is UNKNOWN:
        values[CALL_AT:CLAIMS_AT] = address(None, command, None, None, None)
        return
    said = [
        name
        for name, value in zip(_ADDRESSES, (command, resource, prompt, method), strict=True)
        if value is not UNKNOWN and value is not None
    ]
    if not said:
        return
    if len(said) > 1:
        raise RequestError(
            said[1], f'a call is addressed by one of {listing(_ADDRESSES)}, not by "{said[0]}" and "{said[1]}"'
        )
    known = address(*(None if value is UNKNOWN else value for value in (server, command, resource, prompt, method)))
    if said == ["command"] and server not in (UNKNOWN, None, known[0]):
        raise RequestError("server", f'the server of command "{command}" is "{known[0]}", not "{server}"')
    values[CALL_AT:CLAIMS_AT] = known


def _time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RequestError("time", '"time" is an RFC 3339 time with its zone', 'for example "2026-11-22T03:00:00Z"')
    return moment
