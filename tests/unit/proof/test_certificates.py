"""Certificates and lists that are hostile: each is a FormatError, none is taken for the issuer's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.proof import certificates, timestamp
from tests.support.openssl_tsa import OpensslTsa, make_crl, make_tsa


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> OpensslTsa:
    return make_tsa(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def token(tsa: OpensslTsa) -> bytes:
    return tsa.answer(timestamp.request(Digest.of(b"x"), nonce=7))


def test_a_stranger_of_the_issuers_name_clears_nobody(tsa: OpensslTsa, token: bytes, tmp_path: Path) -> None:
    """An attacker who puts a certificate of the issuer's name into the chain, and his own list beside it."""
    stranger = make_tsa(tmp_path / "stranger")
    assert (
        x509.load_pem_x509_certificate(stranger.root_pem).subject
        == x509.load_pem_x509_certificate(tsa.root_pem).subject
    )
    crl = make_crl(stranger, revoked=False)
    with pytest.raises(FormatError, match="not signed by the issuer"):
        certificates.check_revocation(token, crl, [stranger.root_pem, tsa.root_pem])


def test_a_list_that_had_ended_clears_nobody(tsa: OpensslTsa, token: bytes) -> None:
    issuer = x509.load_pem_x509_certificate(tsa.root_pem)
    key = serialization.load_pem_private_key((tsa.folder / "root.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    old = x509.CertificateRevocationListBuilder(
        issuer_name=issuer.subject, last_update=begin, next_update=begin + timedelta(days=7)
    ).sign(key, hashes.SHA256())
    with pytest.raises(FormatError, match="it had ended before"):
        certificates.check_revocation(token, old.public_bytes(serialization.Encoding.DER), [tsa.root_pem])


@pytest.mark.parametrize("crl", [b"", b"<html>", b"0" * (9 << 20)])
def test_what_is_no_list_is_told(tsa: OpensslTsa, token: bytes, crl: bytes) -> None:
    with pytest.raises(FormatError, match="revocation list"):
        certificates.check_revocation(token, crl, [tsa.root_pem])


def test_a_chain_that_is_none_is_told(tsa: OpensslTsa, token: bytes) -> None:
    with pytest.raises(FormatError, match="cannot be checked"):
        certificates.check_revocation(token, make_crl(tsa, revoked=False), [b"no PEM"])


def changed(token: bytes, *, sid: bool) -> bytes:
    """Give the response without its certificates, or with a signer that is named by its key alone."""
    found = tsp.TimeStampResp.load(token)
    signed = found["time_stamp_token"]["content"]
    if sid:
        identifier = cms.SignerIdentifier(name="subject_key_identifier", value=b"k" * 20)
        signed["signer_infos"][0]["sid"] = identifier
    else:
        signed["certificates"] = cms.CertificateSet([])
    return bytes(found.dump(force=True))


@pytest.mark.parametrize("sid", [True, False], ids=["named by its key", "no certificate"])
def test_a_response_without_its_signers_certificate_is_told(token: bytes, *, sid: bool) -> None:
    with pytest.raises(FormatError, match="the signer's certificate is not in it"):
        certificates.embedded(changed(token, sid=sid))
    with pytest.raises(FormatError, match="the signer's certificate is not in it"):
        certificates.list_urls(changed(token, sid=sid))
