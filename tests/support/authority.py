"""A certificate authority of a test's own, for certificates that are good, too old, or somebody else's."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate authority of a test's own."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def issue(self, path: Path, *, host: str, begins: datetime, ends: datetime) -> Path:
        """Write a key and a certificate for ``host`` (a name or an address) into a PEM file."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name: x509.GeneralName = x509.IPAddress(ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        made = (
            _builder(key, host, self.certificate.subject, begins, ends)
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        path.write_bytes(_pem(key) + made.public_bytes(serialization.Encoding.PEM))
        return path


def new_authority(now: datetime) -> Authority:
    """Give an authority whose own certificate is good for a month around ``now``."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name("archiver test authority")
    month = timedelta(days=30)
    certificate = (
        _builder(key, "archiver test authority", subject, now - month, now + month)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(key=key, certificate=certificate)


def _builder(
    key: ec.EllipticCurvePrivateKey, host: str, issuer: x509.Name, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(host))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins.astimezone(UTC))
        .not_valid_after(ends.astimezone(UTC))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
