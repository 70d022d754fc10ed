"""Reading a store: records in order, and payloads for those who hold the keys. Checks nothing; `recorder.verify` does.

A log that is being written, or that a crash tore, is read to the end of its last whole record.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from recorder import frames, layout
from recorder.errors import DamageError, KeysError, RequestError, StoreError
from recorder.frames import Broken
from recorder.slots import SLOT_SIZE, Slot, unwrap

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from recorder.keys import Keys

__all__ = ["Payloads", "Record", "Store"]


@dataclass(slots=True)
class Record:
    """One record: `leaf` is the parsed leaf, `raw` its bytes, `body` the ciphertexts (b"" if none or removed).

    Nobody changes one; that this is not enforced saves a tenth of the time in which a store is read.
    """

    log: int
    seq: int
    segment: int
    leaf: dict[str, Any]
    raw: bytes
    body: bytes

    @property
    def kind(self) -> str:
        return str(self.leaf["kind"])

    @property
    def session(self) -> str:
        return str(self.leaf["session"])

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.leaf.get("data", {}))

    @property
    def time(self) -> str:
        """RFC 3339, UTC, microseconds."""
        seconds, nanoseconds = divmod(int(self.leaf["time"]), 1_000_000_000)
        moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanoseconds // 1000)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def to_json(self) -> dict[str, Any]:
        """The record as `sessions show --json` gives it: its number, time and kind, then the leaf's fields.

        A record that speaks of a log (`log.opened`, `log.seen`) says so as `about`: `log` is the one that it lies in.
        """
        told: dict[str, Any] = {name: self.leaf[name] for name in ("level", "payload", "original") if name in self.leaf}
        head = {"seq": self.seq, "log": self.log, "time": self.time, "kind": self.kind, "session": self.session}
        data = self.data
        if "log" in data:
            data["about"] = data.pop("log")
        return {**head, **data, **told}


class Store:
    """A store, or a copy of one, opened for reading."""

    def __init__(self, path: str | Path) -> None:
        self.root = Path(path)
        self.logs = layout.logs(self.root) if self.root.is_dir() else []
        if not self.logs:
            raise StoreError(
                f"{self.root} is no store: it has no segments", "name the directory that the gate records in"
            )

    def records(self, *, session: str | None = None, log: int | None = None, first: int = 0) -> Iterator[Record]:
        """Every record of each log in turn, in order; only those of `session` if it is given; from number `first`
        on.
        """
        needle = b"" if session is None else _needle(session)
        for number in self.logs if log is None else [log]:
            for segment, frame in self.raw_frames(number, first):
                if needle not in frame.leaf:
                    continue
                leaf = orjson.loads(frame.leaf)
                if session is None or leaf["session"] == session:
                    yield Record(number, frame.seq, segment, leaf, frame.leaf, frame.body)

    def session(self, session: str, spans: Mapping[int, tuple[int, int]] | None = None) -> list[Record]:
        """A session's records by time. Raises RequestError if there are none.

        `spans`: for each log its first and last record of the session, where somebody knows them: then only the
        segments that may hold them are read.
        """
        found: list[Record] = []
        for log in self.logs if spans is None else spans:
            first, last = (0, None) if spans is None else spans[log]
            for record in self.records(session=session, log=log, first=first):
                found.append(record)
                if record.seq == last:
                    break
        found.sort(key=lambda record: (record.leaf["time"], record.seq))
        if not found:
            raise RequestError(
                f'no session "{session[:80]}" in {self.root}', "`hoopgate sessions list` shows what is there"
            )
        return found

    def segment_headers(self, log: int) -> list[tuple[int, dict[str, Any], int]]:
        """(number, header, offset of the first frame) of each segment of a log."""
        found = []
        for number in layout.segment_numbers(self.root, log):
            try:
                header, start = frames.read_header(self.root / layout.segment(log, number))
            except Broken:
                break  # a crash before its first record; `verify` tells
            found.append((number, header, start))
        return found

    def segment_class(self, log: int, number: int) -> str:
        """The class of what lies in a segment; "" where its header cannot be read."""
        try:
            return str(frames.read_header(self.root / layout.segment(log, number))[0]["class"])
        except (Broken, OSError):
            return ""

    def segment(self, log: int, number: int, start: int) -> Iterator[Record]:
        """The records of one segment, in order."""
        for _, frame in self._chain(log, [(number, start)]):
            yield Record(log, frame.seq, number, orjson.loads(frame.leaf), frame.leaf, frame.body)

    def stretch(
        self, log: int, segment: int, at: int, first: int, last: int, session: str | None = None
    ) -> Iterator[Record]:
        """The records `first` to `last` that lie in one segment, which may begin at byte `at`: a hint.

        `session`: leave out most of what is not of this one, unparsed. Raises DamageError.
        """
        needle = b"" if session is None else _needle(session)
        path = self.root / layout.segment(log, segment)
        with path.open("rb") as file:
            file.seek(at)
            head = file.read(frames.FRAME.size)
            if frames.seq_at(head, 0) != first:
                at = frames.read_header(path)[1]  # the segment was written anew without what was removed
            try:
                for frame in frames.stream(file, at):
                    if frame.seq > last:
                        return
                    if frame.seq >= first and needle in frame.leaf:
                        yield Record(log, frame.seq, segment, orjson.loads(frame.leaf), frame.leaf, frame.body)
            except Broken as error:
                place = layout.segment(log, segment)
                raise DamageError(f"{place}: {error.what}", "`hoopgate verify` says what is damaged") from None

    def raw_frames(
        self, log: int, first: int = 0, hint: Callable[[int], tuple[int, int] | None] = lambda _: None
    ) -> Iterator[tuple[int, frames.Frame]]:
        """(segment, frame) of each record of a log in order, from about `first` on: none that is later is left out.

        `hint(segment)`: number and byte offset of a record before `first`, to begin at instead of at the segment's
        start; one that is wrong costs time alone.
        """
        chains: dict[str, list[tuple[int, int]]] = {}
        for number, header, start in self.segment_headers(log):
            chain = chains.setdefault(header["class"], [])
            if header["first"] <= first:
                chain.clear()  # the segments before hold only earlier records of this class
            chain.append((number, start))
        for chain in chains.values():
            chain[0] = (chain[0][0], self._start(log, *chain[0], hint(chain[0][0])))
        streams = [self._chain(log, chain) for chain in chains.values()]
        merged = streams[0] if len(streams) == 1 else heapq.merge(*streams, key=lambda item: item[1].seq)
        for item in merged:
            if item[1].seq >= first:
                yield item

    def _start(self, log: int, segment: int, start: int, hint: tuple[int, int] | None) -> int:
        """Where to begin in a segment: where the hint says, if that record is there."""
        if hint is None or not all(type(value) is int and value >= 0 for value in hint):
            return start
        with (self.root / layout.segment(log, segment)).open("rb") as file:
            file.seek(hint[1])
            return hint[1] if frames.seq_at(file.read(frames.FRAME.size), 0) == hint[0] else start

    def _chain(self, log: int, chain: list[tuple[int, int]]) -> Iterator[tuple[int, frames.Frame]]:
        for number, start in chain:
            with (self.root / layout.segment(log, number)).open("rb") as file:
                try:
                    for frame in frames.stream(file, start):
                        yield number, frame
                except Broken:
                    break


def _needle(session: str) -> bytes:
    """What every leaf of a session has in it."""
    return b'"session":' + json.dumps(session, ensure_ascii=False).encode()


class Payloads:
    """Opens payloads: the session's key from its slot, the epoch's key from the key-encryption key."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store, self._given = store, keys
        self._keys: dict[str, Any] = {}
        self._slots: dict[int, dict[str, Slot]] = {}
        self._epochs: dict[tuple[int, int], Any] = {}

    def payload(self, record: Record) -> bytes | None:
        """The exact bytes, or None where there are none. Raises KeysError where they were removed or destroyed."""
        from recorder.payload import open_ciphertext

        if "sha256" not in record.leaf.get("payload", {}):
            return None
        ciphertext, _ = self._parts(record)
        return open_ciphertext(self._cipher(record), ciphertext)[1]

    def original(self, record: Record, auditor: X25519PrivateKey) -> bytes | None:
        """The upstream's bytes before masking, for the auditor. Raises KeysError."""
        from recorder.payload import open_ciphertext, unseal

        if "sha256" not in record.leaf.get("original", {}):
            return None
        _, sealed = self._parts(record)
        return open_ciphertext(self._cipher(record), unseal(auditor, sealed))[1]

    def _parts(self, record: Record) -> tuple[bytes, bytes]:
        if not record.body:
            raise KeysError(f"the payload of record {record.seq} was removed when its retention time was over")
        return frames.split(record.body)

    def _cipher(self, record: Record) -> Any:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = record.leaf["key"]
        key_id = key if isinstance(key, str) else key["id"]
        if key_id not in self._keys:
            slot = self._slot(record.log, key_id)
            self._keys[key_id] = AESGCM(unwrap(self._epoch(record.log, slot.epoch), slot))
        return self._keys[key_id]

    def _slot(self, log: int, key_id: str) -> Slot:
        if log not in self._slots:
            path = self._store.root / layout.slots(log)
            data = path.read_bytes() if path.is_file() else b""
            parsed = (Slot.parse(data[at : at + SLOT_SIZE]) for at in range(0, len(data), SLOT_SIZE))
            self._slots[log] = {slot.key_id.hex(): slot for slot in parsed if slot is not None}
        found = self._slots[log].get(key_id)
        if found is None:
            raise KeysError(f"the session key {key_id} is not in {layout.slots(log)}")
        return found

    def _epoch(self, log: int, number: int) -> Any:
        from recorder.vault import open_epoch

        if (log, number) not in self._epochs:
            path = layout.epoch(log, number)
            self._epochs[log, number] = open_epoch((self._store.root / path).read_bytes(), self._given, path).cipher
        return self._epochs[log, number]
