"""Payloads: exact bytes for those who hold the keys, nothing for anybody else, and proofs that survive destruction."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

import recorder
from recorder import frames, training
from recorder.keys import Keys
from recorder.payload import Compressor, _decompress, open_ciphertext
from recorder.reader import Payloads, Record, Store


@pytest.fixture(scope="module")
def auditor() -> X25519PrivateKey:
    return X25519PrivateKey.generate()


@pytest.fixture
def audited(store: Path, auditor: X25519PrivateKey) -> Keys:
    """Keys beside the store, with the auditor's public key among them."""
    directory = store.parent / ".hoopgate-keys"
    Keys.in_directory(directory)
    public = auditor.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    (directory / "auditor.pub").write_text(base64.b64encode(public).decode())
    return Keys.in_directory(directory)


def only(store: Path) -> Record:
    (record,) = [record for record in Store(store).records() if record.session]
    return record


def test_the_leaf_commits_to_the_salted_plaintext_and_to_the_ciphertext(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(recorder.Entry("response", "s", {}, b"what was shown"))
    record = only(store)
    payloads = Payloads(Store(store), Keys.in_directory(store.parent / ".hoopgate-keys"))
    ciphertext, _ = frames.split(record.body)
    salt, plaintext = open_ciphertext(payloads._cipher(record), ciphertext)
    assert plaintext == b"what was shown"
    assert len(salt) == 32
    assert record.leaf["payload"]["commitment"] == sha256(salt + plaintext).hexdigest()
    assert record.leaf["payload"]["sha256"] == sha256(ciphertext).hexdigest()


def test_the_auditor_reads_the_original_and_the_gate_cannot(
    store: Path, audited: Keys, auditor: X25519PrivateKey
) -> None:
    with recorder.open(store, keys=audited) as log:
        log.append(recorder.Entry("response", "s", {}, b"[NAME]", original=b"Jane Doe", level="full"))
    recorder.verify(store)
    payloads = Payloads(Store(store), audited)
    assert payloads.payload(only(store)) == b"[NAME]"
    assert payloads.original(only(store), auditor) == b"Jane Doe"
    with pytest.raises(recorder.KeysError, match="not sealed to this auditor"):
        payloads.original(only(store), X25519PrivateKey.generate())


def test_the_auditor_alone_cannot_read_without_the_sessions_key(
    store: Path, audited: Keys, auditor: X25519PrivateKey, tmp_path: Path
) -> None:
    with recorder.open(store, keys=audited) as log:
        log.append(recorder.Entry("response", "s", {}, original=b"Jane Doe", level="full"))
    other = Payloads(Store(store), Keys.in_directory(tmp_path / "other"))
    with pytest.raises(recorder.KeysError, match="does not open this store's keys"):
        other.original(only(store), auditor)


def test_equal_payloads_leave_unequal_traces(store: Path) -> None:
    with recorder.open(store) as log:
        for _ in range(2):
            log.append(recorder.Entry("response", "s", {}, b"same"))
    first, second = [record for record in Store(store).records() if record.session]
    assert first.leaf["payload"]["commitment"] != second.leaf["payload"]["commitment"]
    assert first.body != second.body


@given(st.binary(max_size=5000))
@settings(max_examples=100, deadline=None)
def test_compression_gives_back_exactly_what_went_in(data: bytes) -> None:
    assert _decompress(Compressor().compress([data])[0]) == data
    both = Compressor().compress([data, b"", data * 3])
    assert [_decompress(item) for item in both] == [data, b"", data * 3]


def test_the_dictionary_earns_its_place_on_messages_of_a_kibibyte() -> None:

    messages = [message for message in training.samples(2000, seed=77) if 700 < len(message) < 1400]
    compressor, plain = Compressor(), zstandard.ZstdCompressor(level=1)
    total = sum(map(len, messages))
    with_dictionary = total / sum(len(packed) for packed in compressor.compress(messages))
    assert with_dictionary > 4
    assert with_dictionary > 1.5 * total / sum(len(plain.compress(message)) for message in messages)


def test_the_dictionary_is_the_one_that_the_invented_messages_give() -> None:
    directory = Path(training.__file__).parent / "dictionaries"
    assert [path.name for path in sorted(directory.iterdir())] == ["1.zdict"]
    assert (directory / "1.zdict").read_bytes() == training.train(1)


@pytest.mark.parametrize("number", [1, 31, 32, 96])
def test_what_is_compressed_together_comes_back_in_its_order(number: int) -> None:
    payloads = [b"%5d " % at * (4096 if at % 3 else 40) for at in range(number)]
    packed = Compressor().compress(payloads)
    assert [_decompress(item) for item in packed] == payloads
