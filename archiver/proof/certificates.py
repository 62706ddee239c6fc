"""The certificates inside a timestamp: which one signed it, until when it holds, and whether a list revokes it.

Nothing here is trusted by being here: `timestamp.verify` says whether a pinned root stands behind a token. A
revocation list counts only if the issuer of the certificate signed it.
"""

from collections.abc import Iterable, Sequence

from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    Certificate,
    CertificateRevocationList,
    CRLDistributionPoints,
    ExtensionNotFound,
    UniformResourceIdentifier,
    load_der_x509_certificate,
    load_der_x509_crl,
    load_pem_x509_certificates,
)

from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.proof import timestamp

_MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
_MOST_URLS = 4
_LIMIT_BYTES = 8 << 20


def embedded(response: bytes) -> tuple[Certificate, ...]:
    """Give the certificates inside a response, the signer's first; raise FormatError if it names no signer."""
    timestamp.read(response)
    try:
        signed = tsp.TimeStampResp.load(response)["time_stamp_token"]["content"]
        found = [load_der_x509_certificate(one.chosen.dump()) for one in signed["certificates"]]
        sid = signed["signer_infos"][0]["sid"].chosen
        signer = next(one for one in found if _is(one, sid))
    except (StopIteration, *_MALFORMED) as error:
        raise FormatError(f"timestamp response: the signer's certificate is not in it: {error}") from error
    return (signer, *(one for one in found if one != signer))


def _is(certificate: Certificate, sid: object) -> bool:
    assert isinstance(sid, cms.IssuerAndSerialNumber), "RFC 3161 signers name issuer and serial"
    same = certificate.issuer.public_bytes() == sid["issuer"].dump()
    return bool(same and certificate.serial_number == sid["serial_number"].native)


def ends_at(response: bytes) -> Instant:
    """Give when the certificate of a response's signer ends; raise FormatError if it is not in it."""
    return Instant.at(embedded(response)[0].not_valid_after_utc)


def chain_pem(response: bytes, pinned: Sequence[bytes]) -> bytes:
    """Give signer, intermediates and pinned roots as PEM: what a reader needs besides the response."""
    known = [one for pem in pinned for one in load_pem_x509_certificates(pem)]
    return b"".join(one.public_bytes(Encoding.PEM) for one in _once((*embedded(response), *known)))


def list_urls(response: bytes) -> tuple[str, ...]:
    """Give where the signer's certificate says that its issuer's revocation list is: HTTP addresses only."""
    try:
        points = embedded(response)[0].extensions.get_extension_for_class(CRLDistributionPoints).value
    except (ExtensionNotFound, ValueError):
        return ()
    names = (name.value for point in points for name in point.full_name or () if _is_url(name))
    return tuple(name for name in names if name.startswith(("http://", "https://")))[:_MOST_URLS]


def _is_url(name: object) -> bool:
    return isinstance(name, UniformResourceIdentifier)


def check_revocation(response: bytes, crl: bytes, chain: Sequence[bytes]) -> str:
    """Give why a revocation list does not clear the signer's certificate at the token's time, or "".

    ``chain`` are PEM files that hold the issuer. Raises FormatError for what is no list of that issuer.
    """
    signer = embedded(response)[0]
    issuers = [one for pem in chain for one in load_pem_x509_certificates(pem) if one.subject == signer.issuer]
    found = _load(crl)
    if not any(found.is_signature_valid(one.public_key()) for one in issuers if found.issuer == one.subject):  # type: ignore[arg-type] # a CA's key signs
        raise FormatError("revocation list: not signed by the issuer of the authority's certificate")
    entry = found.get_revoked_certificate_by_serial_number(signer.serial_number)
    if entry is None:
        return ""
    revoked = Instant.at(entry.revocation_date_utc)
    return f"the authority's certificate {signer.serial_number:x} was revoked at {revoked}"


def _load(crl: bytes) -> CertificateRevocationList:
    if len(crl) > _LIMIT_BYTES:
        raise FormatError(f"revocation list: expected at most {_LIMIT_BYTES} bytes, found {len(crl)}")
    try:
        return load_der_x509_crl(crl)
    except ValueError as error:
        raise FormatError(f"revocation list: not a DER list: {error}") from error


def _once(certificates: Iterable[Certificate]) -> Iterable[Certificate]:
    seen: set[bytes] = set()
    for one in certificates:
        raw = one.public_bytes(Encoding.DER)
        if raw not in seen:
            seen.add(raw)
            yield one
