"""OCSP (RFC 6960): ask whether the certificate of a timestamp's signer is revoked, and check what is answered.

An answer counts only if the certificate's issuer signed it, or somebody whom that issuer itself certified for signing
such answers. No nonce is sent: responders answer with what they signed in advance, and times tell whether it is fresh.
The request names the certificate by SHA-1, as RFC 5019 has it and responders expect: a name, not a proof.
"""

from collections.abc import Iterator, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    AuthorityInformationAccess,
    Certificate,
    ExtendedKeyUsage,
    ExtensionNotFound,
    UniformResourceIdentifier,
    load_pem_x509_certificates,
    ocsp,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.proof import certificates, timestamp
from archiver.proof.certificates import ODD

_MOST_URLS = 4
_LIMIT_BYTES = 64 << 10
_DAY_US = 24 * 3600 * 1_000_000


def responder_urls(response: bytes) -> tuple[str, ...]:
    """Give where the signer's certificate says that its issuer answers: HTTP addresses only.

    Raises FormatError if that certificate is not in the response.
    """
    try:
        found = certificates.embedded(response)[0].extensions.get_extension_for_class(AuthorityInformationAccess).value
    except (ExtensionNotFound, *ODD):
        return ()
    places = (one.access_location for one in found if one.access_method == AuthorityInformationAccessOID.OCSP)
    urls = (one.value for one in places if isinstance(one, UniformResourceIdentifier))
    return tuple(url for url in urls if url.startswith(("http://", "https://")))[:_MOST_URLS]


def request(response: bytes, chain: Sequence[bytes]) -> bytes:
    """Give the DER OCSPRequest about the signer's certificate; raise FormatError if no issuer of it is in ``chain``."""
    signer, issuer = _pair(response, chain)
    made = _about(signer, issuer, hashes.SHA1())  # noqa: S303 - a name that responders know, not a proof
    return made.public_bytes(Encoding.DER)


def check(response: bytes, answer: bytes, chain: Sequence[bytes]) -> str:
    """Give why an OCSP answer does not clear the signer's certificate at the token's time, or "".

    ``chain`` are PEM files that hold the issuer. Raises FormatError for what is no answer of that issuer about this
    certificate, or one that is not of the timestamp's time.
    """
    signer, issuer = _pair(response, chain)
    if len(answer) > _LIMIT_BYTES:
        raise FormatError(f"OCSP answer: expected at most {_LIMIT_BYTES} bytes, found {len(answer)}")
    try:
        found = ocsp.load_der_ocsp_response(answer)
        if found.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise FormatError(f"OCSP answer: {found.response_status.name.lower()}")
        _check_subject(found, signer, issuer)
        if not any(_signed(found, one) for one in _responders(found, issuer)):
            raise FormatError("OCSP answer: not signed by the issuer of the authority's certificate")
        _check_times(found, timestamp.read(response).gen_time)
        status, revoked_at = found.certificate_status, found.revocation_time_utc
    except ODD as error:
        raise FormatError(f"OCSP answer: it cannot be checked: {error}") from error
    if status is ocsp.OCSPCertStatus.GOOD:
        return ""
    if revoked_at is None:
        raise FormatError("OCSP answer: the responder does not know this certificate")
    return f"the authority's certificate {signer.serial_number:x} was revoked at {Instant.at(revoked_at)}"


def _pair(response: bytes, chain: Sequence[bytes]) -> tuple[Certificate, Certificate]:
    """Give the signer's certificate and one that issued it."""
    signer = certificates.embedded(response)[0]
    try:
        known = [one for pem in chain for one in load_pem_x509_certificates(pem)]
    except ODD as error:
        raise FormatError(f"OCSP: the chain cannot be read: {error}") from error
    issuer = next((one for one in known if certificates.issued(signer, one)), None)
    if issuer is None:
        raise FormatError("OCSP: the issuer of the authority's certificate is not at hand")
    return signer, issuer


def _about(signer: Certificate, issuer: Certificate, algorithm: hashes.HashAlgorithm) -> ocsp.OCSPRequest:
    return ocsp.OCSPRequestBuilder().add_certificate(signer, issuer, algorithm).build()


def _check_subject(found: ocsp.OCSPResponse, signer: Certificate, issuer: Certificate) -> None:
    """Raise FormatError unless the answer is about this certificate of this issuer."""
    wanted = _about(signer, issuer, found.hash_algorithm)
    said = (found.serial_number, found.issuer_name_hash, found.issuer_key_hash)
    if said != (wanted.serial_number, wanted.issuer_name_hash, wanted.issuer_key_hash):
        raise FormatError("OCSP answer: about another certificate")


def _responders(found: ocsp.OCSPResponse, issuer: Certificate) -> Iterator[Certificate]:
    """Give who may have signed: the issuer, and whom it certified itself for this, while that certificate held."""
    yield issuer
    for one in found.certificates:
        held = one.not_valid_before_utc <= found.this_update_utc <= one.not_valid_after_utc
        if held and certificates.issued(one, issuer) and _signs_answers(one):
            yield one


def _signs_answers(certificate: Certificate) -> bool:
    try:
        purposes = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _signed(found: ocsp.OCSPResponse, responder: Certificate) -> bool:
    key, algorithm = responder.public_key(), found.signature_hash_algorithm
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(found.signature, found.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(found.signature, found.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _check_times(found: ocsp.OCSPResponse, gen_time: Instant) -> None:
    """Raise FormatError for an answer that had ended before the timestamp, or that names no end and is a day older."""
    ends, begins = found.next_update_utc, Instant.at(found.this_update_utc)
    fresh = Instant.at(ends) >= gen_time if ends is not None else begins.epoch_us + _DAY_US >= gen_time.epoch_us
    if not fresh:
        raise FormatError("OCSP answer: it had ended before the timestamp was made")
