"""The two signatures of WACZ files (wacz-auth 0.1.0): over the text ``sha256:<hex>`` of the package.

Anonymous: ECDSA P-384 with SHA-256, raw ``r || s`` as WebCrypto gives it, the key as SPKI. By a domain: a key that a
certificate names, DER, and an RFC 3161 timestamp over the signature's own base64 text.
"""

import base64
import binascii
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from archiver.model.digest import Digest
from archiver.model.errors import FormatError

_HALF = 48
_MOST_CERTIFICATES = 10
_LONGEST = 64 << 10


def anonymous_key(public_key: str) -> bytes:
    """Give the SPKI of an anonymous signature's key; raise FormatError unless it is of P-384."""
    raw = _base64(public_key, what="publicKey")
    try:
        key = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise FormatError(f"publicKey: no SPKI: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise FormatError("publicKey: expected an ECDSA key of P-384")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def check_anonymous(public_key: str, signature: str, text: str) -> str:
    """Give the key's name if it signed the text; raise FormatError else."""
    spki = anonymous_key(public_key)
    raw = _base64(signature, what="signature")
    if len(raw) != 2 * _HALF:
        raise FormatError(f"signature: expected {2 * _HALF} bytes (r and s), found {len(raw)}")
    key = load_der_public_key(spki)
    assert isinstance(key, ec.EllipticCurvePublicKey), "checked above"
    pair = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
    try:
        key.verify(pair, text.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise FormatError("signature: not made by this key over this package") from error
    return str(Digest.of(spki))


def certificates(pem: str, *, what: str) -> list[x509.Certificate]:
    """Give a chain of certificates, leaf first; raise FormatError if it is none."""
    if len(pem) > _LONGEST or pem.count("BEGIN CERTIFICATE") > _MOST_CERTIFICATES:
        raise FormatError(f"{what}: expected at most {_MOST_CERTIFICATES} certificates in {_LONGEST} characters")
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, x509.InvalidVersion) as error:
        raise FormatError(f"{what}: not a chain of PEM certificates: {error}") from error


def check_by_certificate(leaf: x509.Certificate, signature: str, text: str) -> None:
    """Raise FormatError unless the certificate's key signed the text."""
    raw = _base64(signature, what="signature")
    try:
        key = leaf.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, text.encode(), ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        else:
            raise FormatError("domainCert: expected a key of ECDSA or RSA")
    except InvalidSignature as error:
        raise FormatError("signature: not made by the key of domainCert over this package") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise FormatError(f"domainCert: a key that cannot be read: {error}") from error


def check_domain_chain(
    chain: list[x509.Certificate], domain: str, *, roots: list[x509.Certificate], at: datetime
) -> None:
    """Raise FormatError unless one of the roots stood behind the leaf for this domain at this time (RFC 5280)."""
    try:
        verifier = PolicyBuilder().store(Store(roots)).time(at).build_server_verifier(x509.DNSName(domain))
        verifier.verify(chain[0], chain[1:])
    except (VerificationError, ValueError) as error:
        raise FormatError(f"domainCert: no trusted root stands behind it for {domain[:100]}: {error}") from error


def _base64(text: str, *, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"{what}: not base64: {error}") from error
