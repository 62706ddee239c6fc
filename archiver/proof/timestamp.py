"""RFC 3161 timestamps: the request, what a response says, and whether pinned roots stand behind it.

rfc3161-client (>= 1.0.9: older ones trust a root that comes inside the token) checks the CMS signature,
the certificate chain at genTime, and the critical timeStamping purpose. It cuts genTime to seconds, so
asn1crypto reads what the token says; both readings must agree, and imprint and nonce are compared here.
Revocation is `proof.certificates`' affair.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import cms, core, tsp
from cryptography.x509 import Certificate, InvalidVersion, load_pem_x509_certificates

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

_LIMIT_BYTES = 64 << 10
_GRANTED = "granted"
_MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
# One form: what `request` writes. Version 1, SHA-256 imprint, nonce, certReq true.
_REQUEST = re.compile(
    rb"\x30.\x02\x01\x01\x30\x31" + re.escape(_SHA256) + rb"\x04\x20(.{32})\x02.(.{1,40})\x01\x01\xff", re.DOTALL
)
_CERTIFICATES_TAG = 0xA0
_LONG_FORM = 0x80
_LENGTH_BYTES = 4
_SECOND_US = 1_000_000


class _Response(core.Sequence):  # type: ignore[misc] # asn1crypto ships no types
    """RFC 3161 section 2.4.2, the token optional as it is there: a rejection has none."""

    _fields = [  # noqa: RUF012 - the form that asn1crypto asks for, and completes in place
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampToken:
    """What a time-stamping authority's response says. Claims, until `verify` gave it back."""

    gen_time: Instant
    serial: str
    policy: str
    imprint: Digest
    nonce: int | None


def request(digest: Digest, *, nonce: int) -> bytes:
    """Give the DER TimeStampReq (RFC 3161 section 2.4.1) over a SHA-256 digest, asking for the certificate."""
    return bytes(
        tsp.TimeStampReq(
            {
                "version": "v1",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": "sha256", "parameters": core.Null()},
                    "hashed_message": bytes.fromhex(digest.hex),
                },
                "nonce": nonce,
                "cert_req": True,
            }
        ).dump()
    )


def read_request(raw: bytes) -> tuple[Digest, int]:
    """Give digest and nonce of a request that `request` wrote; raise FormatError for any other bytes."""
    _check_size(raw, what="timestamp request")
    match = _REQUEST.fullmatch(raw)
    if match:
        digest, nonce = Digest(match[1].hex()), int.from_bytes(match[2], "big", signed=True)
        if request(digest, nonce=nonce) == raw:
            return digest, nonce
    raise FormatError("timestamp request: not a TimeStampReq of ours (SHA-256, a nonce, certReq true)")


def read(response: bytes) -> TimestampToken:
    """Give what a response says, unverified; raise FormatError if nothing was granted or it is malformed."""
    _check_size(response, what="timestamp response")
    try:
        found = _Response.load(response, strict=True)
        status = str(found["status"]["status"].native)
        if status != _GRANTED:
            raise FormatError(f"timestamp response: expected status granted, found {status}")
        info = found["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        if algorithm != "sha256":
            raise FormatError(f"timestamp response: expected an imprint by sha256, found {algorithm}")
        return TimestampToken(
            gen_time=Instant.at(info["gen_time"].native),
            serial=format(info["serial_number"].native, "x"),
            policy=str(info["policy"].native),
            imprint=Digest(imprint["hashed_message"].native.hex()),
            nonce=info["nonce"].native,
        )
    except _MALFORMED as error:
        raise FormatError(f"timestamp response: not a TimeStampResp: {error}") from error


def verify(
    response: bytes,
    *,
    digest: Digest,
    roots: Sequence[bytes],
    intermediates: Sequence[bytes] = (),
    nonce: int | None,
    signer: bytes | None = None,
) -> TimestampToken:
    """Give the token if a pinned root stands behind it and it is about this digest; raise FormatError else.

    ``roots`` and ``intermediates`` are PEM files. Certificates inside the token help to build the chain
    and are never trusted, nor is an intermediate that is its own issuer: the library would take it for a
    root. ``nonce`` None means that the request is not at hand. ``signer`` is the authority's own
    certificate (PEM) where the response came without it; it has to lead to a pinned root like any other.
    """
    token = read(response)
    if token.imprint != digest:
        raise FormatError(f"timestamp: expected an imprint of {digest}, found {token.imprint}")
    if nonce is not None and token.nonce != nonce:
        raise FormatError("timestamp: the nonce is not that of the request")
    pinned, helping = _certificates(roots), _certificates(intermediates)
    if not pinned:
        raise FormatError("timestamp: no pinned root to check against")
    if any(one.issuer == one.subject for one in helping):
        raise FormatError("timestamp: an intermediate that is its own issuer is a root: pin it or leave it out")
    _check_chain(response, token, roots=pinned, intermediates=helping, signer=signer)
    return token


def _check_chain(
    response: bytes,
    token: TimestampToken,
    *,
    roots: list[Certificate],
    intermediates: list[Certificate],
    signer: bytes | None = None,
) -> None:
    import rfc3161_client  # noqa: PLC0415 - a compiled library; verifying without timestamps needs none
    from rfc3161_client.errors import VerificationError  # noqa: PLC0415 - same

    try:
        decoded = rfc3161_client.decode_timestamp_response(_sorted_certificates(response))
        own = _certificates([signer])[0] if signer else None
        builder = rfc3161_client.VerifierBuilder(roots=roots, intermediates=intermediates, tsa_certificate=own)
        verifier = builder.build()
        verifier.verify(decoded, bytes.fromhex(token.imprint.hex))
    except (VerificationError, ValueError, InvalidVersion) as error:
        raise FormatError(f"timestamp: not backed by a pinned root: {error}") from error
    # What was read and what was verified come from two parsers: they must mean the same.
    info = decoded.tst_info
    verified = (Instant.at(info.gen_time).epoch_us // _SECOND_US, f"{info.serial_number:x}", info.nonce)
    if verified != (token.gen_time.epoch_us // _SECOND_US, token.serial, token.nonce):
        raise FormatError("timestamp: what was verified is not what was read")


def check_root(pem: bytes) -> bytes:
    """Give the file back if it is one of PEM certificates; raise FormatError else."""
    _certificates([pem])
    return pem


def _certificates(files: Sequence[bytes]) -> list[Certificate]:
    found: list[Certificate] = []
    for pem in files:
        try:
            found.extend(load_pem_x509_certificates(pem))
        except (ValueError, InvalidVersion) as error:
            raise FormatError(f"pinned root: not a PEM certificate: {error}") from error
    return found


def _sorted_certificates(response: bytes) -> bytes:
    """Give a copy whose certificate SET is in DER order: some authorities send it unsorted, and it is not signed.

    Only whole certificates change places; every byte of them and of the rest stays. A shape that is not
    understood comes back as it is: the verifier has the last word on it.
    """
    try:
        start, end = 0, len(response)
        for index in (0, 1, 1, 0):  # TimeStampResp, its timeStampToken, that one's content, SignedData
            _, start, end = _elements(response, start, end)[index]
        inside = [one for one in _elements(response, start, end) if response[one[0]] == _CERTIFICATES_TAG]
        _, start, end = inside[0]
        ordered = sorted(response[at:stop] for at, _, stop in _elements(response, start, end))
    except (ValueError, IndexError):
        return response
    return response[:start] + b"".join(ordered) + response[end:]


def _elements(raw: bytes, at: int, end: int) -> list[tuple[int, int, int]]:
    """Give each DER element between two offsets: where it begins, where its content begins, where it ends."""
    found: list[tuple[int, int, int]] = []
    while at < end:
        start, size = at + 2, raw[at + 1]
        if size >= _LONG_FORM:
            start += size - _LONG_FORM
            size = int.from_bytes(raw[at + 2 : start], "big")
        if not at + 2 <= start <= at + 2 + _LENGTH_BYTES or start + size > end:
            raise ValueError(f"no DER element at byte {at}")
        found.append((at, start, start + size))
        at = start + size
    return found


def _check_size(raw: bytes, *, what: str) -> None:
    if len(raw) > _LIMIT_BYTES:
        raise FormatError(f"{what}: expected at most {_LIMIT_BYTES} bytes, found {len(raw)}")
