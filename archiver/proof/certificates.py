"""The certificates inside a timestamp: which one signed it, until when it holds, and whether a list revokes it.

Nothing here is trusted by being here: `timestamp.verify` says whether a pinned root stands behind a token. A
revocation list counts only if the issuer of the certificate signed it.
"""

from collections.abc import Iterable, Sequence

from asn1crypto import cms, tsp
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    Certificate,
    CertificateRevocationList,
    CRLDistributionPoints,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    UniformResourceIdentifier,
    UnsupportedGeneralNameType,
    load_der_x509_certificate,
    load_der_x509_crl,
    load_pem_x509_certificates,
)

from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.proof import timestamp

_MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
ODD = (*_MALFORMED, UnsupportedAlgorithm, InvalidVersion, DuplicateExtension, UnsupportedGeneralNameType)
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
    except (StopIteration, *ODD) as error:
        raise FormatError(f"timestamp response: the signer's certificate is not in it: {error}") from error
    return (signer, *(one for one in found if one != signer))


def _is(certificate: Certificate, sid: object) -> bool:
    if not isinstance(sid, cms.IssuerAndSerialNumber):  # RFC 3161 section 2.4.2 names signers so
        return False
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
    """Give where the signer's certificate says that its issuer's revocation list is: HTTP addresses only.

    Raises FormatError if that certificate is not in the response.
    """
    try:
        points = embedded(response)[0].extensions.get_extension_for_class(CRLDistributionPoints).value
    except (ExtensionNotFound, *ODD):
        return ()
    names = (name.value for point in points for name in point.full_name or () if _is_url(name))
    return tuple(name for name in names if name.startswith(("http://", "https://")))[:_MOST_URLS]


def _is_url(name: object) -> bool:
    return isinstance(name, UniformResourceIdentifier)


def check_revocation(response: bytes, crl: bytes, chain: Sequence[bytes]) -> str:
    """Give why a revocation list does not clear the signer's certificate at the token's time, or "".

    ``chain`` are PEM files that hold the issuer: whoever signed the certificate itself, so that a stranger of the
    same name is none. Raises FormatError for what is no list of that issuer, or one that had ended by then.
    """
    try:
        signer = embedded(response)[0]
        known = (one for pem in chain for one in load_pem_x509_certificates(pem))
        issuers = [one for one in known if issued(signer, one)]
        found = _load(crl)
        if not any(found.is_signature_valid(one.public_key()) for one in issuers):  # type: ignore[arg-type] # a CA's key signs
            raise FormatError("revocation list: not signed by the issuer of the authority's certificate")
        ends = found.next_update_utc
        if ends is not None and Instant.at(ends) < timestamp.read(response).gen_time:
            raise FormatError("revocation list: it had ended before the timestamp was made")
        entry = found.get_revoked_certificate_by_serial_number(signer.serial_number)
        revoked = str(Instant.at(entry.revocation_date_utc)) if entry is not None else ""
    except ODD as error:
        raise FormatError(f"revocation list: it cannot be checked: {error}") from error
    return f"the authority's certificate {signer.serial_number:x} was revoked at {revoked}" if revoked else ""


def issued(signer: Certificate, issuer: Certificate) -> bool:
    """Say whether this issuer's own key signed the certificate: a stranger of the same name is none."""
    try:
        signer.verify_directly_issued_by(issuer)
    except (InvalidSignature, *ODD):
        return False
    return True


def _load(crl: bytes) -> CertificateRevocationList:
    if len(crl) > _LIMIT_BYTES:
        raise FormatError(f"revocation list: expected at most {_LIMIT_BYTES} bytes, found {len(crl)}")
    return load_der_x509_crl(crl)


def _once(certificates: Iterable[Certificate]) -> Iterable[Certificate]:
    seen: set[bytes] = set()
    for one in certificates:
        raw = one.public_bytes(Encoding.DER)
        if raw not in seen:
            seen.add(raw)
            yield one
