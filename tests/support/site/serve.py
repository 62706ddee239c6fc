"""Run the site on loopback: two ports, over TCP or TLS, as HTTP/1.1 or h2, in a thread of its own."""

import asyncio
import base64
import hashlib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.site.http1 import Http1
from tests.support.site.http2 import Http2
from tests.support.site.log import Log
from tests.support.site.main_page import routes
from tests.support.site.reply import Asked, Origins, Reply, Route


@dataclass(slots=True)
class Site:
    """The running site: where it is, and what it did."""

    origins: Origins = field(default_factory=lambda: Origins(main="", port="", cross=""))
    log: Log = field(default_factory=Log)
    certificate: Path | None = None

    @property
    def page_url(self) -> str:
        """Give the page of everything, which is reached by a redirect."""
        return f"{self.origins.main}/"

    def url(self, path: str) -> str:
        return self.origins.main + path

    def key_pin(self) -> str:
        """Give the digest of the site's key, as Chromium's ``--ignore-certificate-errors-spki-list`` wants it."""
        assert self.certificate is not None
        key = x509.load_pem_x509_certificate(self.certificate.read_bytes()).public_key()
        der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(der).digest()).decode()

    def until_left(self, timeout_s: float = 5) -> None:
        """Wait until every client is gone: from then on the log no longer changes."""
        end = time.monotonic() + timeout_s
        while self.log.open_connections and time.monotonic() < end:
            time.sleep(0.02)


class _Running:
    """The servers within their event loop."""

    def __init__(self, site: Site, context: ssl.SSLContext | None, *, h2: bool) -> None:
        self._site = site
        self._context = context
        self._h2 = h2
        self._routes: dict[str, Route] = {}
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.ready = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        servers = [
            await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._context, limit=1 << 20)
            for _ in range(2)
        ]
        ports = [one.sockets[0].getsockname()[1] for one in servers]
        scheme = "https" if self._context else "http"
        self._site.origins = Origins(
            main=f"{scheme}://127.0.0.1:{ports[0]}",
            port=f"{scheme}://127.0.0.1:{ports[1]}",
            cross=f"{scheme}://localhost:{ports[0]}",
        )
        self._routes = routes(self._site.origins)
        self.ready.set()
        await self._stop.wait()
        for server in servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        scheme = "https" if self._context else "http"
        tls = writer.get_extra_info("ssl_object")
        protocol = Http2 if tls is not None and tls.selected_alpn_protocol() == "h2" else Http1
        try:
            with suppress(asyncio.CancelledError):
                await protocol(self._site.log, self._answer, scheme=scheme).serve(reader, writer)
        finally:
            self._tasks.discard(task)

    def _answer(self, asked: Asked) -> Reply:
        route = self._routes.get(asked.path)
        if route is None:
            return Reply(status=404, reason="Not Found", headers=(("Content-Type", "text/plain"),), body=b"not here")
        return route(asked)


@contextmanager
def serve_site(tls: Path | None = None, *, h2: bool = False) -> Iterator[Site]:
    """Serve the site; over TLS, with a certificate of nobody's, if a folder for it is given."""
    site = Site()
    context = None
    if tls is not None:
        site.certificate = _self_signed(tls)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(site.certificate)
        context.set_alpn_protocols(["h2", "http/1.1"] if h2 else ["http/1.1"])
    running = _Running(site, context, h2=h2)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    assert running.ready.wait(10), "the site did not start"
    try:
        yield site
    finally:
        running.stop()
        thread.join(timeout=10)


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody.invalid")])
    begins = datetime(2023, 11, 14, tzinfo=UTC)
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(2)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "site.pem"
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path
