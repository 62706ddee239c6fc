"""Signatures of WACZ files by a certificate's key: both kinds of key, and what is no such thing."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from archiver.model.errors import FormatError
from archiver.proof.wacz_signature import certificates, check_by_certificate, check_domain_chain
from tests.support.waczs import AT, certificate

TEXT = "sha256:" + "a" * 64


def test_a_signature_by_each_kind_of_key_is_checked() -> None:
    elliptic, other = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    made = {
        elliptic.sign(TEXT.encode(), ec.ECDSA(hashes.SHA256())): certificate(elliptic),
        other.sign(TEXT.encode(), padding.PKCS1v15(), hashes.SHA256()): certificate(other),
    }
    for signature, leaf in made.items():
        text = base64.b64encode(signature).decode()
        check_by_certificate(leaf, text, TEXT)
        with pytest.raises(FormatError, match="not made by the key"):
            check_by_certificate(leaf, text, TEXT + "x")


def test_what_is_no_such_certificate_is_refused() -> None:
    with pytest.raises(FormatError, match="expected a key of ECDSA or RSA"):
        check_by_certificate(certificate(ed25519.Ed25519PrivateKey.generate()), "AAAA", TEXT)
    raw = certificate(ec.generate_private_key(ec.SECP256R1())).public_bytes(Encoding.DER)
    curve = bytes.fromhex("06082a8648ce3d030107")
    unknown = x509.load_der_x509_certificate(raw.replace(curve, curve[:-1] + b"\x7f"))
    with pytest.raises(FormatError, match="a key that cannot be read"):
        check_by_certificate(unknown, "AAAA", TEXT)
    for text, told in (
        ("x", "not a chain"),
        ("-----BEGIN CERTIFICATE-----" * 11, "at most 10"),
        ("x" * 70_000, "at most"),
    ):
        with pytest.raises(FormatError, match=told):
            certificates(text, what="domainCert")


def test_a_chain_that_leads_to_no_root_is_refused() -> None:
    leaf = certificate(ec.generate_private_key(ec.SECP256R1()))
    (again,) = certificates(leaf.public_bytes(Encoding.PEM).decode(), what="x")
    for domain in ("a.org", "not a domain"):
        with pytest.raises(FormatError, match="no trusted root stands behind it"):
            check_domain_chain([leaf], domain, roots=[again], at=AT)
