"""What an export is asked for, checked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from recorder.errors import RequestError

__all__ = ["FORMATS", "LEDGERS", "Wanted"]

LEDGERS: dict[str, str] = {
    "sessions": "session archives: every record with its payload, as it was received and released",
    "masking": "the masking log: what was masked where, by which detector, method and rule; never the value",
    "approvals": "the approval ledger: who asked, who decided and why",
    "grants": "the grant ledger: credentials lent, renewed, used and taken back",
    "decisions": "the decision log: who called what, what the policy said and by which rules",
    "reviews": "the review ledger: reviews, readings, exports, holds, erasures",
}
FORMATS = ("ndjson", "json", "csv", "xlsx", "parquet", "ocsf")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`sessions`: their ids, or None for all that fit `facts` and the period (RFC 3339). `ledgers`: names of LEDGERS,
    each in every one of `formats`. `originals`: also the upstream's answers before masking, for who has the auditor's
    key. `payloads`: whether the sessions' ciphertexts are in the export.
    """

    sessions: tuple[str, ...] | None = None
    facts: tuple[tuple[str, str], ...] = ()
    since: str | None = None
    until: str | None = None
    ledgers: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("ndjson",)
    originals: bool = False
    payloads: bool = True

    def __post_init__(self) -> None:
        for name in self.ledgers:
            if name not in LEDGERS:
                raise RequestError(f'no ledger "{name[:40]}"', f"one of {', '.join(LEDGERS)}")
        for name in self.formats:
            if name not in FORMATS:
                raise RequestError(f'no format "{name[:40]}"', f"one of {', '.join(FORMATS)}")
        if "ocsf" in self.formats and set(self.ledgers) - {"decisions"}:
            raise RequestError("OCSF 6003 events are made of decisions", "ask for --what decisions --format ocsf")
        if self.originals and "sessions" not in self.ledgers:
            raise RequestError("originals belong to session archives", "ask for --what sessions")

    @property
    def everything(self) -> bool:
        """Whether no session is left out."""
        return self.sessions is None and not self.facts and self.since is None and self.until is None

    def to_json(self) -> dict[str, Any]:
        """As it is kept beside an export that is being made."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Wanted:
        """What `to_json` gave. Raises RequestError, as the constructor does."""
        made: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return cls(**{**made, "facts": tuple((name, value) for name, value in data["facts"])})
