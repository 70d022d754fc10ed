"""Nothing that identifies a patient lies in clear in anything that is written, nor in an encoding that a grep undoes.

1,000 values are planted in every place where callers hand the recorder text that is not metadata: payloads, originals,
arguments, URIs, reasons. Then every byte that was written (store, keys, index, export) is searched for each of them:
raw, UTF-16, JSON-escaped, percent-encoded, base64 at each alignment, hex, inside zlib, gzip and zstd frames, and as an
unsalted hash.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import random
import urllib.parse
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import recorder
from recorder.erasure import erase
from recorder.export import export
from recorder.index import query
from recorder.keys import Keys
from recorder.payload import dictionaries
from recorder.proof import parse_proof, record_proof
from recorder.reader import Payloads, Store
from recorder.reading import add_payloads
from recorder.retention import set_hold
from recorder.rfc6962 import leaf_hash

WINDOW = 16  # bytes by which a value is recognised: too long to occur by chance
COUNT = 1000


def planted(count: int = COUNT) -> list[str]:
    """Values with letters that encodings treat apart; each has 24 characters of its own."""
    dice = random.Random(164)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return ["".join(dice.choice(letters) for _ in range(24)) + " é/ü+?" + str(number) for number in range(count)]


def spellings(value: str) -> Iterator[bytes]:
    """How a value may stand in a file, without what its neighbours would change."""
    raw = value.encode()
    yield raw
    yield value.encode("utf-16-le")
    yield json.dumps(value)[1:-1].encode()
    yield urllib.parse.quote(value, safe="").encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for pad in range(3):
        for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(pad) + raw)[4:-4]
    yield hashlib.sha256(raw).digest()
    yield hashlib.sha256(raw).hexdigest().encode()
    yield base64.b64encode(hashlib.sha256(raw).digest())
    yield hashlib.md5(raw).hexdigest().encode()


def windows(values: list[str]) -> dict[bytes, str]:
    """One window of each spelling, from within the value's own characters, and the value that it betrays."""
    return {spelling[2 : 2 + WINDOW]: value for value in values for spelling in spellings(value)}


def unpacked(data: bytes) -> Iterator[bytes]:
    """The data, and whatever decompresses from any place in it."""
    yield data
    for magic, inflate in ((b"\x28\xb5\x2f\xfd", unzstd), (b"\x1f\x8b\x08", ungzip), (b"\x78", unzlib)):
        at = data.find(magic)
        while at >= 0:
            found = inflate(data[at : at + 200_000])
            if len(found) >= WINDOW:
                yield found
            at = data.find(magic, at + 1)


def unzlib(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, 1 << 20)
    except zlib.error:
        return b""


def ungzip(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data, 1 << 20)
    except zlib.error:
        return b""


def unzstd(data: bytes) -> bytes:
    """With and without the recorder's own dictionary, which anybody has."""
    for known in (None, *dictionaries().values()):
        options = {} if known is None else {"dict_data": zstandard.ZstdCompressionDict(known)}
        try:
            return zstandard.ZstdDecompressor(**options).stream_reader(io.BytesIO(data)).read(1 << 20)
        except zstandard.ZstdError:
            continue
    return b""


def betrayed(root: Path, needles: dict[bytes, str]) -> set[tuple[str, str]]:
    """(file, value) of each planted value that any file under `root` gives away; names of files count too."""
    found: set[tuple[str, str]] = set()
    for path in sorted(root.rglob("*")):
        contents = unpacked(path.read_bytes()) if path.is_file() else iter(())
        for data in (str(path.relative_to(root)).encode(), *contents):
            if data.strip(b"\x00"):
                hits = {data[at : at + WINDOW] for at in range(len(data) - WINDOW + 1)} & needles.keys()
                found |= {(path.name, needles[hit]) for hit in hits}
    return found


@pytest.fixture(scope="module")
def auditor() -> X25519PrivateKey:
    return X25519PrivateKey.generate()


@pytest.fixture
def keys(store: Path, auditor: X25519PrivateKey) -> Keys:
    """Keys beside the store that can seal originals."""
    directory = store.parent / ".hoopgate-keys"
    Keys.in_directory(directory)
    public = auditor.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    (directory / "auditor.pub").write_text(base64.b64encode(public).decode())
    return Keys.in_directory(directory)


def record_all(store: Path, keys: Keys, values: list[str]) -> None:
    """Each value in each part of one call, and as the whole of a payload; a fifth of them at each level."""
    levels: tuple[recorder.entry.Level, ...] = ("full", "masked", "digest", "off", "full")
    with recorder.open(store, keys=keys, segment_bytes=400_000) as log:
        for number, value in enumerate(values):
            session, level = f"s{number % 50}", levels[number % 5]
            call = {"call": f"{number:032x}", "server": "ehr", "command": "ehr/search"}
            uri = f"ehr://patients/{urllib.parse.quote(value)}"
            request = json.dumps({"params": {"name": "search", "arguments": {"patient": value}, "uri": uri}})
            answer = json.dumps({"result": {"content": [{"type": "text", "text": value}]}}, ensure_ascii=False)
            log.submit(recorder.Entry("request", session, call, request.encode(), level=level))
            log.submit(recorder.Entry("decision", session, call, json.dumps({"reason": value}).encode(), level=level))
            log.submit(recorder.Entry("response", session, call, b"[masked]", answer.encode(), level=level))
            log.submit(recorder.Entry("masking", session, call, value.encode(), level=level))
        for session in ("s0", "s1", "s2"):
            log.end_session(session).result()


def act_on_all(store: Path, keys: Keys, values: list[str], out: Path) -> None:
    """What people do afterwards, with values in their reasons: read, hold, export, erase; and the index is made."""
    records = Store(store).session("s3")
    told = [record.to_json() for record in records]
    add_payloads(told, records, store, keys, values[0], "show")
    set_hold(store, keys, ["s4"], values[1], who="counsel")
    export(store, out / "export.hgx", keys, values[2], sessions=["s5"], who="auditor")
    erase(store, keys, "s6", values[3], who="officer")
    query(store)


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    values = planted(40)
    plain = [spelling for value in values[:10] for spelling in spellings(value)]
    compressor = zstandard.ZstdCompressor(dict_data=zstandard.ZstdCompressionDict(next(iter(dictionaries().values()))))
    (tmp_path / "plain").write_bytes(b"..".join(plain))
    (tmp_path / "zlib").write_bytes(b"noise" + zlib.compress(" ".join(values[10:20]).encode()))
    (tmp_path / "gzip").write_bytes(b"noise" + gzip.compress(" ".join(values[20:30]).encode()))
    (tmp_path / "zstd").write_bytes(b"noise" + compressor.compress(" ".join(values[30:]).encode()) + b"noise")
    assert {value for _, value in betrayed(tmp_path, windows(values))} == set(values)
    assert len(windows(values)) >= 10 * len(values)


def test_a_thousand_planted_values_are_nowhere_in_what_is_written(store: Path, keys: Keys, tmp_path: Path) -> None:
    values = planted()
    record_all(store, keys, values)
    act_on_all(store, keys, values, tmp_path)
    recorder.verify(store)
    payloads = Payloads(Store(store), keys)
    readable = [payloads.payload(record) for record in Store(store).records(session="s10")]
    assert values[10].encode() in readable, "they were recorded"
    assert betrayed(tmp_path, windows(values)) == set()


def test_no_unsalted_hash_of_a_payload_can_be_used_to_guess_it(store: Path, keys: Keys, tmp_path: Path) -> None:
    """A patient's number has few digits: whoever sees SHA-256 of it has it. Commitments are salted; so must be what
    the record of a reading says about what was shown.
    """
    guesses = [b"MRN %06d" % number for number in range(20)]
    with recorder.open(store, keys=keys) as log:
        for number, guess in enumerate(guesses):
            log.append(recorder.Entry("response", f"s{number}", {}, guess, guess, level="full"))
    for number in range(len(guesses)):
        records = Store(store).session(f"s{number}")
        add_payloads([record.to_json() for record in records], records, store, keys, "review", "show")
    hashes = {
        spelling: guess.decode()
        for guess in guesses
        for digest in (hashlib.sha256(guess), hashlib.sha1(guess), hashlib.md5(guess))
        for spelling in (digest.digest()[:WINDOW], digest.hexdigest().encode()[:WINDOW])
    }
    assert betrayed(tmp_path, hashes) == set()


def test_a_refused_entry_leaves_no_trace_and_its_error_names_no_value(store: Path, keys: Keys, tmp_path: Path) -> None:
    values = planted(30)
    with recorder.open(store, keys=keys) as log:
        for number, value in enumerate(values):
            wrong = [{"patient": value}, {"command": [value]}, {value: "x"}, {"count": value}][number % 4]
            with pytest.raises(recorder.EntryError) as caught:
                log.append(recorder.Entry("request", "s", wrong, value.encode()))
            assert value not in repr(caught.value) + str(caught.value) or number % 4 == 2
        log.append(recorder.Entry("request", "s", {}, values[0].encode()))
        assert values[0] not in repr(recorder.Entry("request", "s", {}, values[0].encode(), values[0].encode()))
    assert betrayed(tmp_path, windows(values)) == set()


def test_after_erasure_nothing_on_disk_decrypts_and_old_proofs_still_verify(
    store: Path, keys: Keys, auditor: X25519PrivateKey
) -> None:
    record_all(store, keys, planted(100))
    records = [record for record in Store(store).session("s1") if record.body]
    proofs = [record_proof(store, record.log, record.seq, record.raw).render() for record in records]
    assert readable(store, keys, auditor)
    erase(store, keys, "s1", "the patient asked", who="officer")
    assert readable(store, keys, auditor) == []
    for record, text in zip(records, proofs, strict=True):
        parse_proof(text).check(leaf_hash(record.raw))
    recorder.verify(store)


def readable(store: Path, keys: Keys, auditor: X25519PrivateKey) -> list[bytes]:
    """What can be decrypted of session s1 with every key that there is, the auditor's too."""
    payloads = Payloads(Store(store), keys)
    found = []
    for record in Store(store).session("s1"):
        for read in (payloads.payload, lambda item: payloads.original(item, auditor)):
            try:
                found.append(read(record))
            except recorder.KeysError:
                continue
    return [data for data in found if data is not None]
