"""A time-stamping authority made with the ``openssl`` program: not our code, so a judge of our code."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_CONFIG = """\
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign
[stamping]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
{points}
[responding]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = {purpose}
[tsa]
default_tsa = config
[config]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
{chain}
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpensslTsa:
    """One authority: its root as PEM, and a folder in which ``openssl ts`` answers."""

    folder: Path
    root_pem: bytes
    intermediate_pem: bytes

    def answer(self, request: bytes) -> bytes:
        """Give the DER response to a DER request."""
        query, reply = self.folder / "q.tsq", self.folder / "r.tsr"
        query.write_bytes(request)
        _openssl(
            self.folder,
            *("ts", "-reply", "-config", "tsa.cnf", "-queryfile", str(query), "-out", str(reply)),
        )
        return reply.read_bytes()


def make_tsa(
    folder: Path,
    *,
    name: str = "Test",
    with_chain: bool = False,
    crl_url: str = "",
    ocsp_url: str = "",
    days: int = 1825,
) -> OpensslTsa:
    """Make keys and certificates: root -> TSA, or root -> intermediate -> TSA with the chain embedded."""
    folder.mkdir(parents=True, exist_ok=True)
    chain = f"certs = {folder}/chain.pem" if with_chain else ""
    points = f"crlDistributionPoints = URI:{crl_url}\n" if crl_url else ""
    points += f"authorityInfoAccess = OCSP;URI:{ocsp_url}" if ocsp_url else ""
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder, chain=chain, points=points, purpose="OCSPSigning"))
    (folder / "serial").write_text("01\n")
    _key(folder, "root")
    _openssl(
        folder,
        *("req", "-x509", "-new", "-key", "root.key", "-subj", f"/CN={name} Root", "-days", "3650"),
        *("-config", "tsa.cnf", "-extensions", "root", "-out", "root.pem"),
    )
    issuer = "root"
    if with_chain:
        _issue(folder, "intermediate", subject=f"/CN={name} Intermediate", issuer="root", section="intermediate")
        issuer = "intermediate"
    _issue(folder, "tsa", subject=f"/CN={name} TSA", issuer=issuer, section="stamping", days=days)
    root = (folder / "root.pem").read_bytes()
    intermediate = (folder / "intermediate.pem").read_bytes() if with_chain else b""
    (folder / "chain.pem").write_bytes(intermediate + root)
    return OpensslTsa(folder=folder, root_pem=root, intermediate_pem=intermediate)


def _issue(folder: Path, name: str, *, subject: str, issuer: str, section: str, days: int = 1825) -> None:
    _key(folder, name)
    _openssl(
        folder, "req", "-new", "-key", f"{name}.key", "-subj", subject, "-config", "tsa.cnf", "-out", f"{name}.csr"
    )
    _openssl(
        folder,
        *("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"),
        *("-CAcreateserial", "-days", str(days), "-extfile", "tsa.cnf", "-extensions", section, "-out", f"{name}.pem"),
    )


def _key(folder: Path, name: str) -> None:
    _openssl(folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)


def make_crl(tsa: OpensslTsa, *, revoked: bool, key: str = "root") -> bytes:
    """Give the root's revocation list (DER), which names the authority's certificate or nobody."""
    issuer = x509.load_pem_x509_certificate(tsa.root_pem)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=issuer.subject, last_update=begin, next_update=begin + timedelta(days=3650)
    )
    if revoked:
        serial = x509.load_pem_x509_certificate((tsa.folder / "tsa.pem").read_bytes()).serial_number
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(begin).build()
        builder = builder.add_revoked_certificate(entry)
    private = serialization.load_pem_private_key((tsa.folder / f"{key}.key").read_bytes(), None)
    assert isinstance(private, EllipticCurvePrivateKey)
    return builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def answer_status(
    tsa: OpensslTsa, request: bytes, *, status: str = "V", responder: str = "root", minutes: int | None = 60
) -> bytes:
    """Give what ``openssl ocsp`` answers about the authority's certificate: V valid, R revoked, anything else unknown.

    ``responder`` signs it: the root itself, "responder" (certified for it by the root), or any other key of the folder.
    """
    folder = tsa.folder
    if responder == "responder" and not (folder / "responder.pem").exists():
        _issue(folder, "responder", subject="/CN=Responder", issuer="root", section="responding")
    serial = x509.load_pem_x509_certificate((folder / "tsa.pem").read_bytes()).serial_number
    revoked = "260101000000Z" if status == "R" else ""
    line = f"{status}\t360101000000Z\t{revoked}\t{serial:X}\tunknown\t/CN=TSA\n"
    (folder / "index.txt").write_text(line if status in "VR" else "")
    (folder / "o.req").write_bytes(request)
    ends = ("-nmin", str(minutes)) if minutes is not None else ()
    _openssl(
        folder,
        *(
            "ocsp",
            "-index",
            "index.txt",
            "-CA",
            "root.pem",
            "-rsigner",
            f"{responder}.pem",
            "-rkey",
            f"{responder}.key",
        ),
        *("-reqin", "o.req", "-respout", "o.resp", *ends),
    )
    return (folder / "o.resp").read_bytes()
