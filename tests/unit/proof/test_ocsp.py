"""OCSP answers made by openssl: whose count, about what, of which time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp as foreign

from archiver.app.clock import SystemClock
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.proof import ocsp, timestamp
from tests.support.openssl_tsa import OpensslTsa, answer_status, make_tsa

NOW = SystemClock().now().as_datetime


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> OpensslTsa:
    return make_tsa(tmp_path_factory.mktemp("tsa"), ocsp_url="http://127.0.0.1:1/ocsp")


@pytest.fixture(scope="module")
def token(tsa: OpensslTsa) -> bytes:
    return tsa.answer(timestamp.request(Digest.of(b"x"), nonce=7))


@pytest.fixture(scope="module")
def asked(tsa: OpensslTsa, token: bytes) -> bytes:
    return ocsp.request(token, [tsa.root_pem])


def test_the_certificate_says_whom_to_ask(token: bytes, tmp_path: Path) -> None:
    assert ocsp.responder_urls(token) == ("http://127.0.0.1:1/ocsp",)
    other = make_tsa(tmp_path / "other")
    assert ocsp.responder_urls(other.answer(timestamp.request(Digest.of(b"x"), nonce=7))) == ()


@pytest.mark.parametrize("responder", ["root", "responder"])
def test_the_issuer_or_whom_it_certified_clears_or_revokes(
    tsa: OpensslTsa, token: bytes, asked: bytes, responder: str
) -> None:
    good = answer_status(tsa, asked, responder=responder)
    assert ocsp.check(token, good, [tsa.root_pem]) == ""
    revoked = answer_status(tsa, asked, status="R", responder=responder)
    assert "was revoked at 2026-01-01" in ocsp.check(token, revoked, [tsa.root_pem])


def test_a_responder_that_knows_nothing_clears_nobody(tsa: OpensslTsa, token: bytes, asked: bytes) -> None:
    unknown = answer_status(tsa, asked, status="none")
    with pytest.raises(FormatError, match="does not know this certificate"):
        ocsp.check(token, unknown, [tsa.root_pem])


def test_a_certificate_of_the_issuer_that_is_not_for_this_clears_nobody(
    tsa: OpensslTsa, token: bytes, asked: bytes
) -> None:
    """The authority answers about itself: its key may stamp and nothing else."""
    own = answer_status(tsa, asked, responder="tsa")
    with pytest.raises(FormatError, match="not signed by the issuer"):
        ocsp.check(token, own, [tsa.root_pem])


def test_a_stranger_of_the_issuers_name_clears_nobody(
    tsa: OpensslTsa, token: bytes, asked: bytes, tmp_path: Path
) -> None:
    stranger = make_tsa(tmp_path / "stranger")
    (stranger.folder / "tsa.pem").write_bytes((tsa.folder / "tsa.pem").read_bytes())
    forged = answer_status(stranger, asked)
    with pytest.raises(FormatError, match=r"another certificate|not signed by the issuer|does not know"):
        ocsp.check(token, forged, [tsa.root_pem])
    with pytest.raises(FormatError, match="is not at hand"):
        ocsp.request(token, [stranger.root_pem])


def test_an_answer_about_another_certificate_clears_nobody(token: bytes, tsa: OpensslTsa, tmp_path: Path) -> None:
    other = make_tsa(tmp_path / "other")
    theirs = ocsp.request(other.answer(timestamp.request(Digest.of(b"x"), nonce=7)), [other.root_pem])
    with pytest.raises(FormatError, match="about another certificate"):
        ocsp.check(token, answer_status(other, theirs), [tsa.root_pem])


@pytest.mark.parametrize("answer", [b"", b"<html>", b"0" * 70_000, bytes.fromhex("30030a0106")])
def test_what_is_no_answer_is_told(tsa: OpensslTsa, token: bytes, answer: bytes) -> None:
    with pytest.raises(FormatError, match="OCSP answer"):
        ocsp.check(token, answer, [tsa.root_pem])


def test_a_chain_that_is_none_is_told(token: bytes) -> None:
    with pytest.raises(FormatError, match="the chain cannot be read"):
        ocsp.request(token, [b"no PEM"])


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def signed(tsa: OpensslTsa, *, begins: datetime, ends: datetime | None, key: Key | None = None) -> bytes:
    """Give an answer of these times by the root, or by a responder whose certificate by the root has this key."""
    root = x509.load_pem_x509_certificate(tsa.root_pem)
    private = serialization.load_pem_private_key((tsa.folder / "root.key").read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    signer = x509.load_pem_x509_certificate((tsa.folder / "tsa.pem").read_bytes())
    builder = foreign.OCSPResponseBuilder().add_response(
        signer, root, hashes.SHA256(), foreign.OCSPCertStatus.GOOD, begins, ends, None, None
    )
    if key is None:
        made = builder.responder_id(foreign.OCSPResponderEncoding.HASH, root).sign(private, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.DER)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "responder")])
    purposes = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING])
    certified = (
        x509.CertificateBuilder(subject_name=name, issuer_name=root.subject, public_key=key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=2))
        .not_valid_after(NOW + timedelta(days=2))
        .add_extension(purposes, critical=False)
        .sign(private, hashes.SHA256())
    )
    builder = builder.responder_id(foreign.OCSPResponderEncoding.HASH, certified).certificates([certified])
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("begins", "ends", "fresh"),
    [
        (timedelta(hours=-1), timedelta(hours=1), True),
        (timedelta(days=-7), timedelta(days=-1), False),
        (timedelta(hours=-1), None, True),
        (timedelta(days=-2), None, False),
    ],
)
def test_an_answer_must_be_of_the_timestamps_time(
    tsa: OpensslTsa, token: bytes, begins: timedelta, ends: timedelta | None, *, fresh: bool
) -> None:
    answer = signed(tsa, begins=NOW + begins, ends=NOW + ends if ends is not None else None)
    if fresh:
        assert ocsp.check(token, answer, [tsa.root_pem]) == ""
        return
    with pytest.raises(FormatError, match="it had ended before"):
        ocsp.check(token, answer, [tsa.root_pem])


@pytest.mark.parametrize(
    ("make", "counts"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), True),
        (lambda: ec.generate_private_key(ec.SECP256R1()), True),
        (ed25519.Ed25519PrivateKey.generate, False),
    ],
    ids=["RSA", "ECDSA", "of a kind that is not read"],
)
def test_a_responder_signs_with_rsa_or_ecdsa(
    tsa: OpensslTsa, token: bytes, make: Callable[[], Key], *, counts: bool
) -> None:
    answer = signed(tsa, begins=NOW, ends=NOW + timedelta(days=1), key=make())
    if counts:
        assert ocsp.check(token, answer, [tsa.root_pem]) == ""
        return
    with pytest.raises(FormatError, match="not signed by the issuer"):
        ocsp.check(token, answer, [tsa.root_pem])


def test_a_responder_whose_certificate_had_ended_clears_nobody(tsa: OpensslTsa, token: bytes) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    answer = signed(tsa, begins=NOW + timedelta(days=3), ends=NOW + timedelta(days=4), key=key)
    with pytest.raises(FormatError, match="not signed by the issuer"):
        ocsp.check(token, answer, [tsa.root_pem])


def test_a_changed_answer_clears_nobody(tsa: OpensslTsa, token: bytes, asked: bytes) -> None:
    answer = answer_status(tsa, asked)
    signature = foreign.load_der_ocsp_response(answer).signature
    changed = answer.replace(signature, signature[:-1] + bytes([signature[-1] ^ 1]))
    with pytest.raises(FormatError, match="not signed by the issuer"):
        ocsp.check(token, changed, [tsa.root_pem])
