"""Step 9: claims → the language's attributes, each with where it comes from (language.md, rules 3 and 4).

Strategy: three-valued throughout. An attribute is a value, `None` (the provider attests that there is none) or absent
from the result (unknown). Whatever is neither certain nor of the expected type is unknown, never an empty text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter_asgi.identity.template import ABSENT, Attribute, Provider, find

__all__ = ["Attributes", "map_generic", "normalise"]

_MAX_GROUPS = 500
_REF_KINDS = (("refs/heads/", "branch"), ("refs/tags/", "tag"))


@dataclass(slots=True)
class Attributes:
    """`values` by attribute (None means none; a missing one is unknown); `provenance` of each value that is there."""

    values: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, value: Any, provenance: str = "attested") -> None:
        """Set an attribute; `None` says that there is none."""
        self.values[name] = value
        self.provenance[name] = provenance

    def forget(self, *names: str) -> None:
        """Make attributes unknown."""
        for name in names:
            self.values.pop(name, None)
            self.provenance.pop(name, None)

    def known(self, name: str) -> str:
        """The value as a text, "" where it is none or unknown."""
        value = self.values.get(name)
        return "" if value is None else str(value)


def normalise(provider: Provider, claims: Mapping[str, Any]) -> Attributes:
    """What a verified token of `provider` says about its caller. Never raises: what it cannot read is unknown."""
    found = Attributes()
    for name, attribute in provider.attributes.items():
        _read(found, name, attribute, claims)
    _read_ref(found, provider, claims)
    foreign = _is_foreign(provider, claims)
    _read_protected(found, provider, claims)
    if foreign is not False:
        found.forget("branch", "tag", "protected")
        if provider.base_commit and not _ref_is_foreign(provider, claims):
            found.forget("commit")
    if provider.caller == "ci":
        _read_reviewed(found, provider, claims, foreign)
    return found


def map_generic(mapping: Mapping[str, str | tuple[str, ...]], claims: Mapping[str, Any]) -> Attributes:
    """A generic issuer's claims by the configuration's mapping from attribute to claim."""
    found = Attributes()
    for name, path in mapping.items():
        _read(found, name, Attribute((path,)), claims)
    return found


# --- single attributes ------------------------------------------------------------------------------------------------


def _read(found: Attributes, name: str, attribute: Attribute, claims: Mapping[str, Any]) -> None:
    raw: Any = ABSENT
    for path in attribute.claims:
        raw = find(claims, path)
        if raw is not ABSENT:
            break
    if raw is ABSENT or raw is None or raw in ("", []):
        if attribute.absent == "none":
            found.put(name, None)
        return
    value = _groups(raw) if name == "group" else _truth(raw) if name in _TRUTHS else _text(raw)
    if value is None:
        return
    if attribute.pattern is not None:
        match = attribute.pattern.fullmatch(str(value))
        if match is None:
            return
        value = match[1]
    found.put(name, value, attribute.provenance)


_TRUTHS = ("protected", "reviewed")


def _text(raw: Any) -> str | None:
    """A text, a whole number as its digits, or the one member of a list; anything else is not understood."""
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return str(raw)
    return raw if isinstance(raw, str) and raw else None


def _groups(raw: Any) -> list[str] | None:
    if isinstance(raw, str):
        return [raw]
    if isinstance(raw, list) and len(raw) <= _MAX_GROUPS and all(isinstance(item, str) and item for item in raw):
        return list(raw)
    return None


def _truth(raw: Any) -> bool | None:
    """JSON's true and false, or the texts that GitHub and GitLab send."""
    if isinstance(raw, bool):
        return raw
    return {"true": True, "false": False}.get(raw) if isinstance(raw, str) else None


# --- the reference ----------------------------------------------------------------------------------------------------


def _read_ref(found: Attributes, provider: Provider, claims: Mapping[str, Any]) -> None:
    if provider.ref.claim is not None:
        _read_full_ref(found, find(claims, provider.ref.claim))
        return
    for name, claim in (("branch", provider.ref.branch), ("tag", provider.ref.tag)):
        raw = find(claims, claim) if claim is not None else ABSENT
        if isinstance(raw, str) and raw:
            found.put(name, raw)
        elif raw is None or raw == "" or (raw is ABSENT and name == "tag" and claim is not None):
            found.put(name, None)


def _read_full_ref(found: Attributes, ref: Any) -> None:
    if not isinstance(ref, str):
        return
    for prefix, name in _REF_KINDS:
        if ref.startswith(prefix) and len(ref) > len(prefix):
            found.put("branch", None, "derived")
            found.put("tag", None, "derived")
            found.put(name, ref[len(prefix) :], "derived")


# --- whose code runs --------------------------------------------------------------------------------------------------


def _is_fork(provider: Provider, claims: Mapping[str, Any]) -> bool:
    if provider.fork is None:
        return False
    source, target = (find(claims, name) for name in provider.fork)
    return target is not ABSENT and str(source) != str(target)


def _ref_is_foreign(provider: Provider, claims: Mapping[str, Any]) -> bool:
    ref = find(claims, provider.ref.claim) if provider.ref.claim is not None else ABSENT
    return isinstance(ref, str) and ref.startswith(provider.foreign_refs)


def _is_foreign(provider: Provider, claims: Mapping[str, Any]) -> bool | None:
    """Whether code that nobody reviewed may run under this reference; None where it cannot be said."""
    if _is_fork(provider, claims) or _ref_is_foreign(provider, claims):
        return True
    if provider.event is None:
        return False
    event = find(claims, provider.event)
    if isinstance(event, str) and event in provider.foreign_events:
        return True
    return False if isinstance(event, str) and event in provider.own_events else None


def _read_protected(found: Attributes, provider: Provider, claims: Mapping[str, Any]) -> None:
    if provider.protected is not None:
        value = _truth(find(claims, provider.protected))
        if value is not None:
            found.put("protected", value)


def _read_reviewed(found: Attributes, provider: Provider, claims: Mapping[str, Any], foreign: bool | None) -> None:
    if foreign or (provider.debug is not None and _truth(find(claims, provider.debug)) is True):
        found.put("reviewed", False, "derived")
        return
    if foreign is None or not provider.reviewable:
        return
    environment = provider.protected_environment
    if found.values.get("protected") is True or (environment and _truth(find(claims, environment)) is True):
        found.put("reviewed", True, "derived")
