"""RFC 3161 timestamps by a real authority (`openssl ts`): kept when they hold, refused when anything differs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

import recorder
from recorder.__main__ import run
from recorder.anchors import TimestampAnchor
from recorder.errors import VerificationError
from recorder.timestamp import check_timestamp, timestamp_request
from tests.recorder.conftest import call

DATA, NONCE = b"a checkpoint", bytes.fromhex("80ffeeddccbbaa01")

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[ca]
basicConstraints = critical, CA:true
[tsa]
basicConstraints = CA:false
extendedKeyUsage = {usage}
[tsa_section]
serial = {place}/serial
crypto_device = builtin
signer_cert = {place}/tsa.crt
certs = {place}/ca.crt
signer_key = {place}/tsa.key
signer_digest = {digest}
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
ordering = no
tsa_name = yes
"""


class Authority:
    """`openssl ts` with a certificate authority of its own."""

    def __init__(self, place: Path, *, key: str = "rsa", usage: str = "critical, timeStamping", **more: str) -> None:
        self.place = place
        place.mkdir()
        (place / "serial").write_text("01\n")
        told = {"digest": "sha256", "ess": "sha256", **more}
        (place / "conf").write_text(CONFIG.format(place=place, usage=usage, name="test authority", **told))
        kinds = {"rsa": ["rsa:2048"], "ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}
        ca = ["-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-extensions", "ca"]
        self.openssl("req", "-config", "conf", *ca, "-days", "30")
        self.openssl(
            "req", "-config", "conf", "-newkey", *kinds[key], "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr"
        )
        issued = ["-req", "-in", "tsa.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.crt"]
        self.openssl("x509", *issued, "-days", "20", "-extfile", "conf", "-extensions", "tsa")
        self.root = x509.load_pem_x509_certificate((place / "ca.crt").read_bytes())

    def openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.place, check=True, capture_output=True)

    def stamp(self, request: bytes) -> bytes:
        (self.place / "query").write_bytes(request)
        reply = ["-reply", "-config", "conf", "-section", "tsa_section", "-queryfile", "query", "-out", "answer"]
        self.openssl("ts", *reply)
        return (self.place / "answer").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "place")


@pytest.fixture(scope="module")
def answer(authority: Authority) -> bytes:
    return authority.stamp(timestamp_request(DATA, NONCE))


def test_a_timestamp_says_when_and_by_whom(authority: Authority, answer: bytes) -> None:
    told = check_timestamp(answer, DATA, nonce=NONCE, authorities=[authority.root])
    assert abs(told.time - datetime.now(UTC)) < timedelta(days=1)
    assert (told.authority, told.pinned) == ("CN=test authority", True)
    assert not check_timestamp(answer, DATA).pinned


@pytest.mark.parametrize("more", [{"key": "ec"}, {"ess": "sha1"}, {"digest": "sha512", "ess": "sha384"}])
def test_keys_and_digests_of_other_kinds_are_understood(tmp_path: Path, more: dict[str, str]) -> None:
    other = Authority(tmp_path / "place", **more)
    check_timestamp(other.stamp(timestamp_request(DATA, NONCE)), DATA, nonce=NONCE, authorities=[other.root])


def test_a_timestamp_of_something_else_is_refused(authority: Authority, answer: bytes, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "place")
    wrong: list[tuple[str, Callable[[], object]]] = [
        ("of something else", lambda: check_timestamp(answer, b"another checkpoint")),
        ("another request", lambda: check_timestamp(answer, DATA, nonce=bytes(8))),
        ("none of the given authorities", lambda: check_timestamp(answer, DATA, authorities=[stranger.root])),
        ("not granted", lambda: check_timestamp(bytes.fromhex("30053003020102"), DATA)),
    ]
    for what, check in wrong:
        with pytest.raises(VerificationError, match=what):
            check()


def test_a_certificate_that_is_not_for_timestamps_alone_is_refused(tmp_path: Path, authority: Authority) -> None:
    other = Authority(tmp_path / "place")
    answer = other.stamp(timestamp_request(DATA, NONCE))
    usual = bytes.fromhex("0603551d250101ff")  # extendedKeyUsage, critical
    assert usual in answer
    with pytest.raises(VerificationError):
        check_timestamp(answer.replace(usual, bytes.fromhex("0603551d2501") + b"\x01\x00"), DATA)


def test_no_byte_that_is_signed_can_change(authority: Authority, answer: bytes) -> None:
    """A change is told, or (in the certificates' surroundings, which nobody signs) leaves what is said as it was."""
    said = check_timestamp(answer, DATA, nonce=NONCE, authorities=[authority.root])
    refused = 0
    for at in range(len(answer)):
        changed = answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]
        try:
            assert check_timestamp(changed, DATA, nonce=NONCE, authorities=[authority.root]) == said
        except VerificationError:
            refused += 1
    assert refused > len(answer) * 0.6


def test_openssl_reads_our_requests(tmp_path: Path) -> None:
    path = tmp_path / "request"
    path.write_bytes(timestamp_request(b"checkpoint", NONCE))
    ran = subprocess.run(["openssl", "ts", "-query", "-in", path, "-text"], capture_output=True, text=True, check=True)
    assert "Hash Algorithm: sha256" in ran.stdout
    assert "Certificate required: yes" in ran.stdout
    assert "Nonce: 0x80FFEEDDCCBBAA01" in ran.stdout


def test_a_log_keeps_checked_timestamps_beside_its_checkpoints(
    authority: Authority, store: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    anchor = TimestampAnchor(authority.stamp, kept, [authority.root])
    with recorder.open(store, anchors=[anchor]) as log:
        log.append(call(1))
    checkpoints = sorted(kept.glob("*.checkpoint"))
    assert checkpoints
    for checkpoint in checkpoints:
        answer = checkpoint.with_suffix(".tsr").read_bytes()
        assert check_timestamp(answer, checkpoint.read_bytes(), authorities=[authority.root]).pinned
        recorder.verify(store, checkpoint=checkpoint)


def test_an_answer_that_does_not_hold_is_not_kept(authority: Authority, store: Path, tmp_path: Path) -> None:
    stale = authority.stamp(timestamp_request(b"something else", NONCE))
    with recorder.open(store, anchors=[TimestampAnchor(lambda _: stale, tmp_path)]) as log:
        log.append(call(1))
        log.checkpoint()
        assert log.unanchored >= 1
    assert not list(tmp_path.glob("*.tsr"))


def test_the_command_line_says_since_when_a_checkpoint_is_known(
    authority: Authority,
    store: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with recorder.open(store) as log:
        log.append(call(1))
        checkpoint = log.checkpoint()
    (tmp_path / "kept").write_text(checkpoint)
    (tmp_path / "kept.tsr").write_bytes(authority.stamp(timestamp_request(checkpoint.encode(), NONCE)))
    command = ["hoopgate", "verify", store, "--checkpoint", tmp_path / "kept", "--timestamp", tmp_path / "kept.tsr"]
    monkeypatch.setattr(sys, "argv", [str(word) for word in [*command, "--authority", authority.place / "ca.crt"]])
    assert run() == 0
    assert "the checkpoint existed at 20" in capsys.readouterr().out
    (tmp_path / "kept.tsr").write_bytes(authority.stamp(timestamp_request(b"another", NONCE)))
    assert run() == 1
    assert "is of something else" in capsys.readouterr().err
