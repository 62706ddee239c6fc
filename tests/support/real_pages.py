"""Serve real publishers' pages of the test data on loopback, with a picture of our own for each that they ask for."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from PIL import Image

PAGES: Final = Path(__file__).parents[3] / "shared" / "testdata" / "html"
# Persian, Arabic (three publishers, one of them gzipped), and English with embedded tweets.
FIVE: Final = (
    "htmldate/1602557452.html",
    "htmldate/1623715966.html",
    "trafilatura/assabah.com.tn.article.html",
    "fundus/lb/LBCGroup_2026_01_08.html.gz",
    "aeb/3f65af7b6b98b1c9ae9a3e0d8a09a85600cdc44e26e4b3a6db96a31f4b1767e3.html.gz",
)
_PICTURES: Final = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".gif": "GIF", ".webp": "WEBP"}


@dataclass(slots=True)
class RealPages:
    """The running site, and the bytes of each body that it sent, by path and query."""

    base_url: str = ""
    sent: dict[str, bytes] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return f"{self.base_url}/{name.removesuffix('.gz')}"


@contextmanager
def serve_real_pages(names: tuple[str, ...] = FIVE) -> Iterator[RealPages]:
    """Give the site. Pages that lie there gzipped are sent so, those that do not are sent as they are."""
    site = RealPages()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site, frozenset(names)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.base_url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def unpacked(name: str) -> bytes:
    """Give a page as its publisher wrote it."""
    content = (PAGES / name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


def _handler(site: RealPages, names: frozenset[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            name, kind = path[1:], _PICTURES.get(Path(path).suffix.lower())
            if name in names:
                self._send(200, "text/html; charset=utf-8", (PAGES / name).read_bytes())
            elif f"{name}.gz" in names:
                self._send(200, "text/html; charset=utf-8", (PAGES / f"{name}.gz").read_bytes(), "gzip")
            elif kind is not None:
                self._send(200, f"image/{kind.lower()}", _picture(self.path, kind))
            else:
                self._send(404, "text/plain", b"not on this site")

        def _send(self, status: int, kind: str, body: bytes, coding: str = "") -> None:
            site.sent[self.path] = gzip.decompress(body) if coding else body
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if coding:
                self.send_header("Content-Encoding", coding)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
            """Say nothing."""

    return Handler


def _picture(path: str, kind: str) -> bytes:
    """Give a picture whose colour is its address's own, so that no two can be taken for each other."""
    red, green, blue, *_ = sha256(path.encode()).digest()
    out = BytesIO()
    Image.new("RGB", (320, 180), (red, green, blue)).save(out, kind)
    return out.getvalue()
