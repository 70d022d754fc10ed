"""Keys change hands without rewriting payloads, and a verifier who trusts the first signer can follow."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

import recorder
from recorder import layout
from recorder.errors import VerificationError
from recorder.key_files import add_auditor, describe, rotate_kek, rotate_signer
from recorder.keys import Keys, environment_key
from recorder.providers import AwsKms, TransitKey
from recorder.reader import Payloads, Store
from tests.recorder.conftest import call


def directory(store: Path) -> Path:
    return store.parent / ".hoopgate-keys"


def payloads(store: Path, keys: Keys | None = None) -> list[bytes | None]:
    opened = Payloads(Store(store), keys or Keys.in_directory(directory(store)))
    return [opened.payload(record) for record in Store(store).records(session="s1")]


def test_a_new_key_encryption_key_opens_old_payloads_and_no_segment_is_rewritten(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1, payload=b"old"))
    before = (store / layout.segment(0, 0)).read_bytes()
    rotate_kek(directory(store))
    with recorder.open(store) as log:
        log.append(call(2, payload=b"new"))
    recorder.verify(store)
    (directory(store) / "kek.previous").unlink()
    assert payloads(store) == [b"old", b"new"]
    assert (store / layout.segment(0, 0)).read_bytes().startswith(before)


def test_a_verifier_who_pins_the_first_signer_follows_a_rotation(store: Path) -> None:
    with recorder.open(store) as log:
        first = log.signer
        log.append(call(1))
    rotate_signer(directory(store))
    with recorder.open(store) as log:
        assert log.signer != first
        second = log.signer
        log.append(call(2))
    report = recorder.verify_report(store, signer=first)
    assert set(report.signers) == {first, second}
    recorder.verify(store, signer=second)
    with pytest.raises(VerificationError, match="pinned"):
        recorder.verify(store, signer="0" * 64)


def test_a_signer_that_nobody_introduced_is_refused(store: Path) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
    rotate_signer(directory(store))
    (directory(store) / "signer.previous.pem").unlink()
    with pytest.raises(recorder.KeysError, match="signed by another key"):
        recorder.open(store)


def test_a_rotation_waits_until_every_log_has_taken_the_one_before(store: Path) -> None:
    recorder.open(store).close()
    rotate_kek(directory(store))
    with pytest.raises(recorder.KeysError, match=r"kek\.previous"):
        rotate_kek(directory(store))


@pytest.mark.parametrize("recorded", [True, False])
def test_a_rotation_cut_by_a_crash_is_finished_or_undone(store: Path, recorded: bool) -> None:
    with recorder.open(store) as log:
        log.append(call(1, payload=b"old"))
    place = store / layout.epoch(0, 0)
    before = place.read_bytes()
    rotate_kek(directory(store))
    if recorded:
        recorder.open(store).close()
        after = place.read_bytes()
        place.with_name(place.name + ".next").write_bytes(after)
        place.write_bytes(before)
    else:
        place.with_name(place.name + ".next").write_bytes(b"half a fi")
    with recorder.open(store) as log:
        log.append(call(2, payload=b"new"))
    recorder.verify(store)
    assert payloads(store) == [b"old", b"new"]


def test_the_key_encryption_key_may_come_from_the_environment(store: Path) -> None:
    value = base64.b64encode(bytes(32)).decode()
    file = Keys.in_directory(directory(store))
    keys = Keys(kek=environment_key("HOOPGATE_KEK", value), signer=file.signer)
    with recorder.open(store, keys=keys) as log:
        log.append(call(1, payload=b"text"))
    assert payloads(store, keys) == [b"text"]
    with pytest.raises(recorder.KeysError, match="HOOPGATE_KEK is not set"):
        environment_key("HOOPGATE_KEK", None)


class Transit:
    """OpenBao's transit engine, as far as it is used: POST encrypt/NAME and decrypt/NAME."""

    def __init__(self) -> None:
        self.version, self.calls = 1, 0

    def __call__(self, path: str, body: dict[str, str]) -> dict[str, str]:
        self.calls += 1
        if path == "encrypt/hoopgate":
            return {"ciphertext": f"vault:v{self.version}:{body['plaintext'][::-1]}"}
        assert path == "decrypt/hoopgate"
        if not body["ciphertext"].startswith("vault:"):
            raise OSError("400")
        return {"plaintext": body["ciphertext"].split(":")[2][::-1]}


def test_openbao_transit_wraps_the_epoch_key_once_and_is_not_asked_for_each_session(store: Path) -> None:
    transit = Transit()
    keys = Keys(kek=TransitKey("hoopgate", transit), signer=Keys.in_directory(directory(store)).signer)
    with recorder.open(store, keys=keys) as log:
        for number in range(20):
            log.append(call(number, f"s{number}", b"text"))
    assert transit.calls <= 2
    recorder.verify(store)
    assert payloads(store, keys) == [b"text"]


class Kms:
    """The two calls of boto3's KMS client that are used."""

    def encrypt(self, **request: object) -> dict[str, object]:
        plaintext = request["Plaintext"]
        assert isinstance(plaintext, bytes)
        return {"CiphertextBlob": b"kms" + plaintext[::-1], "KeyId": request["KeyId"]}

    def decrypt(self, **request: object) -> dict[str, object]:
        blob = request["CiphertextBlob"]
        assert isinstance(blob, bytes)
        return {"Plaintext": blob[3:][::-1]}


def test_aws_kms_wraps_the_epoch_key(store: Path) -> None:
    keys = Keys(kek=AwsKms("alias/hoopgate", Kms()), signer=Keys.in_directory(directory(store)).signer)
    with recorder.open(store, keys=keys) as log:
        log.append(call(1, payload=b"text"))
    assert payloads(store, keys) == [b"text"]


def test_an_auditors_key_that_is_no_key_is_refused(store: Path) -> None:
    Keys.in_directory(directory(store))
    with pytest.raises(recorder.KeysError, match="X25519"):
        add_auditor(directory(store), "bm90IGEga2V5")


def test_keys_are_described_without_being_shown(store: Path) -> None:
    keys = Keys.in_directory(directory(store))
    told = str(describe(directory(store)))
    assert keys.signer.fingerprint in told
    assert "PRIVATE" not in told
    assert (directory(store) / "kek").read_text().strip() not in told


def test_keys_inside_the_store_are_refused(store: Path) -> None:
    with pytest.raises(recorder.KeysError, match="inside the store"):
        recorder.open(store, keys=Keys.in_directory(store / ".hoopgate-keys"))


@pytest.mark.parametrize("left", [(), ("signer.pem.new",), ("signer.pem.new", "kek.new"), ("signer.pem", "kek.new")])
def test_a_crash_while_keys_are_made_leaves_nothing_that_needs_a_person(store: Path, left: tuple[str, ...]) -> None:
    path = directory(store)
    Keys.in_directory(path)
    whole = {name: (path / name).read_bytes() for name in ("signer.pem", "kek")}
    for name in whole:
        (path / name).unlink()
    for name in left:
        (path / name).write_bytes(whole[name.removesuffix(".new")])
    with recorder.open(store) as log:
        log.append(call(1))
    recorder.verify(store)
    if left == ("signer.pem", "kek.new"):
        assert {name: (path / name).read_bytes() for name in whole} == whole


def test_one_key_of_two_is_never_made_anew(store: Path) -> None:
    recorder.open(store).close()
    (directory(store) / "kek").unlink()
    with pytest.raises(recorder.KeysError, match="cannot read the key"):
        Keys.in_directory(directory(store))
    assert not (directory(store) / "kek").exists()
