"""Stand in for the platforms on loopback: their own host names over TLS, by a certificate of a test authority.

Clients reach it through a proxy that leads every name here, or by a resolver that gives this address.
"""

import base64
import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_BEGINS: Final = datetime(2024, 1, 1, tzinfo=UTC)
_LASTS: Final = timedelta(days=36_500)
_SHARED: Final = (
    ("Access-Control-Allow-Headers", "authorization, content-type, x-guest-token"),
    ("Access-Control-Allow-Credentials", "true"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    url: str
    accept: str

    @property
    def place(self) -> str:
        """Give host and path."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}{parts.path}"

    @property
    def query(self) -> str:
        return urlsplit(self.url).query


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered; with status 0 nothing is, and the connection ends."""

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    location: str = ""


Answering = Callable[[Asked], Reply | None]


@dataclass(slots=True, kw_only=True)
class PlatformSite:
    """The running site: its port, what was asked of it, and the key and authority that clients must be told of."""

    port: int
    authority: Path
    key_pin: str
    asked: list[Asked] = field(default_factory=list)

    def of(self, place: str) -> list[Asked]:
        return [one for one in self.asked if one.place == place]


@contextmanager
def serve_platforms(hosts: Mapping[str, Answering], folder: Path, *, port: int = 0) -> Iterator[PlatformSite]:
    """Give the site, which answers for these hosts; any other path or host is 404."""
    authority, chain, pin = _certified(tuple(hosts), folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    context.set_alpn_protocols(["http/1.1"])
    site = PlatformSite(port=port, authority=authority, key_pin=pin)
    handler = type("Handler", (_Handler,), {"site": site, "hosts": hosts})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: PlatformSite
    hosts: Mapping[str, Answering]

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0]
        asked = Asked(url=f"https://{host}{self.path}", accept=self.headers.get("Accept", ""))
        self.site.asked.append(asked)
        answer = self.hosts[host](asked) if host in self.hosts else None
        self._send(answer or Reply(status=404, kind="text/plain", body=b"no such page"))

    def do_OPTIONS(self) -> None:
        self._send(Reply(status=204))

    def _send(self, reply: Reply) -> None:
        if reply.status == 0:
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.location:
            self.send_header("Location", reply.location)
        origin = self.headers.get("Origin")
        for name, value in (("Access-Control-Allow-Origin", origin), *_SHARED) if origin else ():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
        """Say nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            return  # the client left, or speaks no TLS


def _certified(hosts: tuple[str, ...], folder: Path) -> tuple[Path, Path, str]:
    """Give the authority's certificate, the site's key and chain, and the pin of the site's key."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in ("a test authority", "the platforms")
    )
    root = (
        _unsigned(root_name, root_name, root_key, 1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _unsigned(name, root_name, key, 2)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in hosts]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    authority, chain = folder / "authority.pem", folder / "platforms.pem"
    authority.write_bytes(root.public_bytes(pem))
    chain.write_bytes(secret + leaf.public_bytes(pem) + root.public_bytes(pem))
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return authority, chain, base64.b64encode(hashlib.sha256(spki).digest()).decode()


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, number: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(_BEGINS)
        .not_valid_after(_BEGINS + _LASTS)
    )
