"""A small site on loopback with the kinds of sources that a capture meets, good and bad."""

import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ARABIC_LINE = "قال المتحدث: «لن\u00a0نتراجع» — می\u200cخواهیم \u200fصلح\u200e 2021"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000020000000208020000"
    "00fdd49a730000001649444154789c63fccfc0c0c0c0c4c0c0c0c0c000000d1d0103"
    "2e0f7d1b0000000049454e44ae426082"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

ARABIC = f"""<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>بيان عن الهجوم</title>
<link rel="canonical" href="/story"><meta property="og:site_name" content="وكالة المثال">
<meta property="article:published_time" content="2021-09-11T10:00:00+03:00">
<style>body{{font:28px sans-serif;margin:40px}}</style><link rel="stylesheet" href="/style.css"></head>
<body><h1>بيان عن الهجوم</h1><p>{ARABIC_LINE}</p><p>{"كلمة أخرى في النص. " * 40}</p><img src="/dot.png" alt="">
<form name="title"><input name="body"></form><script>fetch('/data.json').then((a) => a.json())</script></body></html>"""

PAGES: dict[str, tuple[int, str, bytes]] = {
    "/story": (200, "text/html; charset=utf-8", ARABIC.encode()),
    "/style.css": (200, "text/css", b"h1{color:#036}"),
    "/dot.png": (200, "image/png", PNG),
    "/data.json": (200, "application/json", b'{"a": 1}'),
    "/absent": (404, "text/html", b"<!doctype html><title>no</title><p>There is nothing here."),
    "/absent-bare": (404, "text/html", b""),
    "/gone": (410, "text/html", b"<!doctype html><title>gone</title><p>This was removed."),
    "/broken": (500, "text/html", b"<!doctype html><title>error</title><p>Our fault."),
    "/login": (
        200,
        "text/html",
        b"<!doctype html><title>Log in</title><form><input name=u><input type=password></form><p>" + b"Welcome. " * 200,
    ),
    "/wall": (200, "text/html", b"<!doctype html><title>Wall</title>Sign in<form><input type=password></form>"),
    "/empty": (200, "text/html", b"<!doctype html><title>t</title><body></body>"),
    "/tall": (
        200,
        "text/html",
        (
            b"<!doctype html><title>tall</title><body style='margin:0;height:20000px;"
            b"background:linear-gradient(red,blue)'><div style='position:sticky;top:0;width:50px;height:50px;"
            b"background:lime'></div>tall"
        ),
    ),
    "/towering": (
        200,
        "text/html",
        b"<!doctype html><title>t</title><body style='margin:0'><div style='height:70000px;background:#ccc'>high</div>",
    ),
    "/dialogs": (
        200,
        "text/html",
        (
            b"<!doctype html><title>d</title><p>text<script>alert('a');confirm('b');"
            b"onbeforeunload = (e) => { e.preventDefault(); return 'x' };</script>"
        ),
    ),
    "/statement.pdf": (200, "application/pdf", PDF),
    "/no-content": (204, "text/html", b""),
    "/closing": (200, "text/html", b"<!doctype html><title>c</title><p>bye<script>window.close()</script>"),
    "/clobbered": (
        200,
        "text/html",
        (
            b"<!doctype html><title>true title</title><p>true text<img name=body><img name=title>"
            b"<script>Object.defineProperty(HTMLElement.prototype, 'innerText', {get: () => 'forged'});</script>"
        ),
    ),
    "/slow-image": (200, "text/html", b"<!doctype html><title>s</title><p>text<img src=/hanging>"),
    "/polling": (
        200,
        "text/html",
        b"<!doctype html><title>p</title><p>text<script>setInterval(() => fetch('/data.json'), 100)</script>",
    ),
    "/reaching-inside": (
        200,
        "text/html",
        (
            b"<!doctype html><title>r</title><p>text<img src='http://169.254.169.254/latest'>"
            b"<img src='http://hidden.localhost.invalid/'>"
        ),
    ),
    "/moving": (200, "text/html", b"<!doctype html><script>location.replace('/story')</script>"),
}
REDIRECTS = {"/old": "/older", "/older": "/story", "/loop": "/loop", "/members": "/login?next=/members"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self._site.asked.append(self.path)
        odd = {"/hanging": self._hang, "/dripping": self._drip, "/silent": self._hang_up, "/cut": self._cut}
        if path in odd:
            odd[path]()
        elif path in REDIRECTS or path == "/to":
            self._answer(302, "text/html", b"moved", {"Location": REDIRECTS.get(path, query)})
        elif path == "/packed.json":
            self._answer(200, "application/json", gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})
        else:
            self._answer(*PAGES.get(path, (404, "text/plain", b"no")))

    @property
    def _site(self) -> "_Server":
        assert isinstance(self.server, _Server)
        return self.server

    def _hang(self) -> None:
        self._site.stopping.wait(30)

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, kind: str, body: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/pdf")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self._site.stopping.wait(0.2):
            try:
                self.wfile.write(b"%")
                self.wfile.flush()
            except OSError:
                break
        self.close_connection = True

    def _cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>cut</title><p>the beginning")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self.asked: list[str] = []
        self.stopping = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that leave are what is tested."""


@dataclass(frozen=True)
class SourceSite:
    """Where the site is reached, and which paths were asked of it."""

    root: str
    asked: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return self.root + path


@contextmanager
def serve_sources(folder: Path | None = None, *, everywhere: bool = False) -> Iterator[SourceSite]:
    """Serve the site; over TLS with a certificate of nobody's if a folder for it is given."""
    server = _Server(("" if everywhere else "127.0.0.1", 0))
    scheme = "http"
    if folder is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_self_signed(folder))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield SourceSite(root=f"{scheme}://127.0.0.1:{server.server_address[1]}", asked=server.asked)
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


@contextmanager
def closed_port() -> Iterator[int]:
    """Give a port of loopback on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody.invalid")])
    now = datetime(2023, 11, 14, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
