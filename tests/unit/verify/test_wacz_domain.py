"""A WACZ file signed for a domain, with a timestamp: believed under pinned roots, and as of a time."""

from base64 import b64encode
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from archiver.app.clock import SystemClock
from archiver.formats.wacz import Package, SignedData
from archiver.model.digest import Digest
from archiver.model.instant import Instant
from archiver.model.report import Verdict
from archiver.proof import timestamp
from archiver.verify.wacz_signed import WaczTrust, check_signature
from tests.support.openssl_tsa import make_tsa

USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
          "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


def issued(
    key: ec.EllipticCurvePrivateKey, name: str, *, by: ec.EllipticCurvePrivateKey, issuer: str
) -> x509.Certificate:
    """Give a certificate as web browsers ask for it; of itself where issuer and name are one."""
    is_root = name == issuer
    now = SystemClock().now().as_datetime
    usage = x509.KeyUsage(**{one: one == ("key_cert_sign" if is_root else "digital_signature") for one in USAGES})
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not is_root:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return made.sign(by, hashes.SHA256())


def test_a_signature_for_a_domain_passes_under_pinned_roots_and_not_as_of_a_time_before_it(tmp_path: Path) -> None:
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = issued(authority, "root", by=authority, issuer="root").public_bytes(Encoding.PEM)
    leaf = issued(key, "a.org", by=authority, issuer="root").public_bytes(Encoding.PEM)
    tsa = make_tsa(tmp_path / "tsa")
    stated = "sha256:" + "a" * 64
    text = b64encode(key.sign(stated.encode(), ec.ECDSA(hashes.SHA256()))).decode()
    answer = tsa.answer(timestamp.request(Digest.of(text.encode()), nonce=1))
    made = str(timestamp.read(answer).gen_time)
    package = Package(profile="data-package", version="1.1.1", software="x", created=made, resources=())
    signed = SignedData(
        hash=stated, created=made, software="x", signature=text, domain="a.org", domain_cert=(leaf + root).decode(),
        time_signature=b64encode(answer).decode(),
        timestamp_cert=(tsa.folder / "tsa.pem").read_text() + tsa.root_pem.decode(),
    )  # fmt: skip

    def told(trust: WaczTrust) -> tuple[Verdict, str]:
        found = check_signature(signed, package, stated, subject="x", trust=trust)
        return found.verdict, found.reason

    pinned = told(WaczTrust(roots=(root,), tsa_roots=(tsa.root_pem,)))
    assert pinned[0] is Verdict.PASS
    assert "before" in pinned[1]
    embedded = told(WaczTrust(embedded=True))
    assert embedded[0] is Verdict.PASS
    assert "--trust-embedded" in embedded[1]
    late = told(WaczTrust(roots=(root,), tsa_roots=(tsa.root_pem,), at=Instant.parse("2099-01-01T00:00:00Z")))
    assert late[0] is Verdict.NOT_CHECKED
    assert "not in force" in late[1]
