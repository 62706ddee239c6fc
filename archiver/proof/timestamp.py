"""RFC 3161 timestamps: the request, what a response says, and whether pinned roots stand behind it.

rfc3161-client (>= 1.0.9: older ones trust a root that comes inside the token) checks the CMS signature,
the certificate chain at genTime, and the critical timeStamping purpose. Imprint and nonce are compared
here as well. LIMIT: revocation of a TSA's certificate is not checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import cms, core, tsp

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

_LIMIT_BYTES = 64 << 10
_GRANTED = "granted"


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


def read_request(raw: bytes) -> tuple[Digest, int | None]:
    """Give digest and nonce of a request; raise FormatError if it is none."""
    _check_size(raw, what="timestamp request")
    try:
        found = tsp.TimeStampReq.load(raw, strict=True).native
        return Digest(found["message_imprint"]["hashed_message"].hex()), found["nonce"]
    except (ValueError, TypeError, KeyError) as error:
        raise FormatError(f"timestamp request: not a TimeStampReq: {error}") from error


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
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FormatError(f"timestamp response: not a TimeStampResp: {error}") from error


def verify(
    response: bytes,
    *,
    digest: Digest,
    roots: Sequence[bytes],
    intermediates: Sequence[bytes] = (),
    nonce: int | None,
) -> TimestampToken:
    """Give the token if a pinned root stands behind it and it is about this digest; raise FormatError else.

    ``roots`` and ``intermediates`` are PEM files. Certificates inside the token help to build the chain
    and are never trusted. ``nonce`` None means that the request is not at hand.
    """
    token = read(response)
    if token.imprint != digest:
        raise FormatError(f"timestamp: expected an imprint of {digest}, found {token.imprint}")
    if nonce is not None and token.nonce != nonce:
        raise FormatError("timestamp: the nonce is not that of the request")
    _check_chain(response, digest=digest, roots=_certificates(roots), intermediates=_certificates(intermediates))
    return token


def _check_chain(response: bytes, *, digest: Digest, roots: list[object], intermediates: list[object]) -> None:
    import rfc3161_client  # noqa: PLC0415 - a compiled library; verifying without timestamps needs none
    from rfc3161_client.errors import VerificationError  # noqa: PLC0415 - same

    if not roots:
        raise FormatError("timestamp: no pinned root to check against")
    try:
        decoded = rfc3161_client.decode_timestamp_response(_sorted_certificates(response))
        verifier = rfc3161_client.VerifierBuilder(roots=roots, intermediates=intermediates).build()  # type: ignore[arg-type] # x509 objects
        verifier.verify(decoded, bytes.fromhex(digest.hex))
    except (VerificationError, ValueError) as error:
        raise FormatError(f"timestamp: not backed by a pinned root: {error}") from error


def _certificates(files: Sequence[bytes]) -> list[object]:
    from cryptography import x509  # noqa: PLC0415 - see above

    found: list[object] = []
    for pem in files:
        try:
            found.extend(x509.load_pem_x509_certificates(pem))
        except ValueError as error:
            raise FormatError(f"pinned root: not a PEM certificate: {error}") from error
    return found


def _sorted_certificates(response: bytes) -> bytes:
    """Give a copy whose certificate SET is in DER order: some authorities send it unsorted, and it is not signed."""
    found = tsp.TimeStampResp.load(response)
    signed = found["time_stamp_token"]["content"]
    certificates = signed["certificates"]
    if not isinstance(certificates, core.Void):
        ordered = sorted((one.copy() for one in certificates), key=lambda one: bytes(one.dump()))
        signed["certificates"] = type(certificates)(ordered, tag_type="implicit", tag=0)
    return bytes(found.dump(force=True))


def _check_size(raw: bytes, *, what: str) -> None:
    if len(raw) > _LIMIT_BYTES:
        raise FormatError(f"{what}: expected at most {_LIMIT_BYTES} bytes, found {len(raw)}")
