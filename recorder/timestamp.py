"""RFC 3161 timestamps: the request, and the check of the answer, with `cryptography` alone.

    1. The authority granted it (PKIStatus 0 or 1).
    2. The TSTInfo is over SHA-256 of these very bytes, and carries the nonce of the request, where that is known.
    3. The signer's certificate is in the answer, is the one that the signed attributes name (ESSCertID, RFC 5816), was
       valid at the time stamped, and may sign timestamps and nothing else (RFC 3161, section 2.3).
    4. The signed attributes commit to the TSTInfo, and the certificate's key signed them (RFC 5652, section 5.4).
    5. With `authorities`: one of them is, or issued, that certificate, directly or through others in the answer.

Not checked: revocation. Without `authorities` anybody could have signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1, sha256, sha384, sha512
from typing import Any, NoReturn

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from recorder.errors import VerificationError

__all__ = ["Timestamp", "check_timestamp", "timestamp_request"]

_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier: id-sha256, NULL
_DIGESTS: dict[bytes, tuple[Any, HashAlgorithm]] = {
    bytes.fromhex("608648016503040201"): (sha256, SHA256()),
    bytes.fromhex("608648016503040202"): (sha384, SHA384()),
    bytes.fromhex("608648016503040203"): (sha512, SHA512()),
}
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_CERT_ID = bytes.fromhex("2a864886f70d010910020c")
_CERT_ID_V2 = bytes.fromhex("2a864886f70d010910022f")
_INTEGER, _OCTETS, _OID, _TIME, _SEQUENCE, _SET, _FIRST = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31, 0xA0
MAX_CHAIN = 8
_UNFIT = (
    *(ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
"""What `cryptography` raises about a certificate or signature that is not what it should be."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What an authority says: `time` (UTC), `authority` (its certificate's subject), whether that was pinned."""

    time: datetime
    authority: str
    pinned: bool


class _Node:
    """One DER element: `tag`, `body`, and `raw` with its head. Raises VerificationError where it is not whole."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        if at + 2 > len(data):
            _bad("is cut")
        self.tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                _bad("is no DER")
            length, start = int.from_bytes(data[start : start + size], "big"), start + size
        if start + length > len(data):
            _bad("is cut")
        self.end = start + length
        self.body, self.raw = data[start : self.end], data[at : self.end]

    def __iter__(self) -> Iterator[_Node]:
        at = 0
        while at < len(self.body):
            node = _Node(self.body, at)
            yield node
            at = node.end

    def parts(self, *tags: int) -> list[_Node]:
        """The children, of which the first have these tags. Raises VerificationError."""
        found = list(self)
        if len(found) < len(tags) or any(node.tag != tag for node, tag in zip(found, tags, strict=False)):
            _bad("is not formed as RFC 3161 says")
        return found


def timestamp_request(data: bytes, nonce: bytes) -> bytes:
    """A TimeStampReq (DER) for SHA-256 of the data, asking for the authority's certificate. `nonce`: 8 bytes."""
    imprint = _SHA256 + b"\x04\x20" + sha256(data).digest()
    number = nonce.lstrip(b"\x00") or b"\x00"
    number = b"\x00" + number if number[0] & 0x80 else number
    body = b"\x02\x01\x01" + _tlv(_SEQUENCE, imprint) + _tlv(_INTEGER, number) + b"\x01\x01\xff"
    return _tlv(_SEQUENCE, body)


def check_timestamp(
    answer: bytes, data: bytes, *, nonce: bytes | None = None, authorities: Sequence[x509.Certificate] = ()
) -> Timestamp:
    """What a TimeStampResp (DER) says of these bytes. Raises VerificationError where a step above fails."""
    status, *token = _Node(answer).parts(_SEQUENCE)
    if status.parts(_INTEGER)[0].body not in (b"\x00", b"\x01") or not token:
        _bad("was not granted by the authority")
    kind, content = token[0].parts(_OID, _FIRST)[:2]
    if kind.body != _SIGNED_DATA:
        _bad("is no signed data")
    _, _, encapsulated, *rest = _Node(content.body).parts(_INTEGER, _SET, _SEQUENCE)
    inner, wrapped = encapsulated.parts(_OID, _FIRST)[:2]
    if inner.body != _TST_INFO:
        _bad("holds no TSTInfo")
    info = _Node(wrapped.body).body
    certificates = [_certificate(node.raw) for part in rest if part.tag == _FIRST for node in part]
    signers = [node for part in rest if part.tag == _SET for node in part]
    if len(signers) != 1:
        _bad("has not exactly one signature")
    time = _check_info(info, data, nonce)
    signer = _check_signature(signers[0], info, certificates)
    _check_certificate(signer, time)
    pinned = bool(authorities) and _leads_to(signer, certificates, authorities)
    if authorities and not pinned:
        _bad(f"is signed by {_name(signer)}, whom none of the given authorities vouches for")
    return Timestamp(time, _name(signer), pinned)


def _check_info(info: bytes, data: bytes, nonce: bytes | None) -> datetime:
    """Step 2. The time that was stamped."""
    parts = _Node(info).parts(_INTEGER, _OID, _SEQUENCE, _INTEGER, _TIME)
    algorithm, imprint = parts[2].parts(_SEQUENCE, _OCTETS)[:2]
    if algorithm.parts(_OID)[0].body != _Node(_SHA256).parts(_OID)[0].body or imprint.body != sha256(data).digest():
        _bad("is of something else")
    if nonce is not None:
        numbers = [int.from_bytes(node.body, "big") for node in parts[5:] if node.tag == _INTEGER]
        if numbers != [int.from_bytes(nonce, "big")]:
            _bad("answers another request: its nonce differs")
    text = parts[4].body.decode("ascii", "replace")
    try:
        whole, _, fraction = text.removesuffix("Z").partition(".")
        moment = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return moment.replace(microsecond=int((fraction + "000000")[:6]))
    except ValueError:
        _bad("names no time")


def _check_signature(signer: _Node, info: bytes, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """Steps 3 and 4, without the certificate's own fitness. The signer's certificate."""
    _, _, algorithm, signed, *rest = signer.parts(_INTEGER, _SEQUENCE, _SEQUENCE, _FIRST)
    digest, hashed = _DIGESTS.get(algorithm.parts(_OID)[0].body, (None, None))
    signature = next((node.body for node in rest if node.tag == _OCTETS), b"")
    if digest is None or hashed is None:
        _bad("is signed with a digest other than SHA-256, SHA-384 or SHA-512")
    attributes = {node.parts(_OID, _SET)[0].body: node.parts(_OID, _SET)[1] for node in signed}
    if _value(attributes, _CONTENT_TYPE).body != _TST_INFO:
        _bad("signs another kind of content")
    if _value(attributes, _MESSAGE_DIGEST).body != digest(info).digest():
        _bad("was altered: the signature is of another TSTInfo")
    certificate = next((item for item in certificates if _named(attributes, item)), None)
    if certificate is None:
        _bad("does not hold the certificate that it names")
    data = bytes([_SET]) + signed.raw[1:]  # signed as a SET, carried as [0] (RFC 5652, 5.4)
    try:
        _verify(certificate.public_key(), signature, data, hashed)
    except _UNFIT:
        _bad("was altered: its signature does not fit")
    return certificate


def _verify(key: Any, signature: bytes, data: bytes, hashed: HashAlgorithm) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), hashed)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(hashed))
    elif isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, data)
    else:
        _bad("is signed with a key of an unknown kind")


def _named(attributes: dict[bytes, _Node], certificate: x509.Certificate) -> bool:
    """Whether the signed attributes name this certificate (ESSCertIDv2, SHA-256 unless said; ESSCertID, SHA-1)."""
    der = certificate.public_bytes(Encoding.DER)
    for kind in (_CERT_ID_V2, _CERT_ID):
        if kind not in attributes:
            continue
        listed = [part for certs in list(_value(attributes, kind))[:1] for part in list(certs)[:1]]
        parts = [part for first in listed for part in first]
        if kind == _CERT_ID:
            return bool(parts) and parts[0].body == sha1(der, usedforsecurity=False).digest()
        digest: Any = sha256
        if parts and parts[0].tag == _SEQUENCE:
            digest = _DIGESTS.get(parts.pop(0).parts(_OID)[0].body, (None, None))[0]
        return digest is not None and bool(parts) and parts[0].body == digest(der).digest()
    return False


def _check_certificate(certificate: x509.Certificate, time: datetime) -> None:
    """Step 3: valid at that time, and for timestamps alone, critically."""
    if not certificate.not_valid_before_utc <= time <= certificate.not_valid_after_utc:
        _bad(f"is signed by {_name(certificate)}, whose certificate was not valid then")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except _UNFIT:
        usage = None
    if usage is None or not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        _bad(f"is signed by {_name(certificate)}, whose certificate is not for timestamps alone")


def _leads_to(
    certificate: x509.Certificate, others: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate]
) -> bool:
    """Step 5."""
    current = certificate
    for _ in range(MAX_CHAIN):
        if current in authorities or any(_issued(authority, current) for authority in authorities):
            return True
        above = next((item for item in others if item != current and _issued(item, current)), None)
        if above is None:
            return False
        current = above
    return False


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except _UNFIT:
        return False
    return constraints.ca


def _certificate(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except _UNFIT:
        _bad("holds a certificate that cannot be read")


def _value(attributes: dict[bytes, _Node], kind: bytes) -> _Node:
    """An attribute's single value."""
    found = list(attributes[kind]) if kind in attributes else []
    if len(found) != 1:
        _bad("lacks a signed attribute")
    return found[0]


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _tlv(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body


def _bad(what: str) -> NoReturn:
    raise VerificationError(f"the timestamp {what}")
