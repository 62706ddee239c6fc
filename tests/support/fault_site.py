"""A site on loopback of everything that goes wrong: silence, broken connections, wrong lengths, floods, hostile pages.

Each path answers one way. ``/with?KIND&PATH`` is a page that loads PATH by an element or call of that kind.
"""

import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.fault_pages import MANY, PAGES, page_with
from tests.support.source_site import PNG

TEXT = "text/html; charset=utf-8"
BEGINNING = b"<!doctype html><title>fault</title><p>" + b"The beginning of the text. " * 40
_BLOCK = bytes(1 << 16)
_MIB = 1 << 20
BITMAP_HEAD = 54
BITMAP_ROW = 8192 * 3


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self._site.asked.append(self.path)
        first = "/" + path.split("/")[1]
        odd: dict[str, Callable[[], None]] = {
            "/with": lambda: self._page(page_with(query)),
            "/hang": self._hang,
            "/reset": self._reset,
            "/length": self._length,
            "/stream": self._stream,
            "/chunked": self._chunked,
            "/many": self._many,
            "/loop": self._loop,
            "/item": lambda: self._answer("image/png", PNG),
            "/slow": self._slow,
            "/dot.png": lambda: self._answer("image/png", PNG),
            "/lots": self._lots,
            "/bomb": self._bomb,
            "/picture": self._picture,
        }
        with suppress(OSError):  # the browser has left
            if path in PAGES:
                self._page("<!doctype html>" + PAGES[path])
            else:
                odd.get(first, self._absent)()

    @property
    def _site(self) -> "_Server":
        assert isinstance(self.server, _Server)
        return self.server

    @property
    def _last(self) -> str:
        return urlsplit(self.path).path.rsplit("/", 1)[-1]

    def _page(self, text: str) -> None:
        self._answer(TEXT, text.encode())

    def _absent(self) -> None:
        self.send_error(404)

    def _answer(self, kind: str, body: bytes) -> None:
        self._head(kind, ("Content-Length", str(len(body))))
        self.wfile.write(body)

    def _head(self, kind: str, *more: tuple[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        for name, value in more:
            self.send_header(name, value)
        self.end_headers()

    def _kind(self) -> str:
        """Give the media type that the path asks for: ``/reset/png`` and the like."""
        return {"png": "image/png", "js": "text/javascript", "json": "application/json", "css": "text/css"}.get(
            self._last, TEXT
        )

    def _hang(self) -> None:
        """Answer nothing, or half a head, or half a body, and then no more."""
        part = self.path.split("/")[2]
        if part == "half-head":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/ht")
        elif part == "body":
            self._head(self._kind(), ("Content-Length", "100000"))
            self.wfile.write(BEGINNING)
        elif part == "chunk":
            self._head(self._kind(), ("Transfer-Encoding", "chunked"))
            self.wfile.write(b"%x\r\n%s\r\n" % (len(BEGINNING), BEGINNING))
        self._site.stopping.wait(60)
        self.close_connection = True

    def _slow(self) -> None:
        """Answer after two seconds."""
        self._site.stopping.wait(2)
        self._answer("image/png", PNG)

    def _reset(self) -> None:
        """Cut the connection with a reset: before a head, or in the middle of a body."""
        part = self.path.split("/")[2]
        if part == "body":
            self._head(self._kind(), ("Content-Length", "100000"))
            self.wfile.write(BEGINNING)
        elif part == "large":
            self._head(self._kind(), ("Content-Length", str(8 * _MIB)))
            for _ in range(48):
                self.wfile.write(_BLOCK)
        elif part == "chunk":
            self._head(self._kind(), ("Transfer-Encoding", "chunked"))
            self.wfile.write(b"%x\r\n%s\r\nfff\r\nhalf a chunk" % (len(BEGINNING), BEGINNING))
        self._site.stopping.wait(0.3)  # else the reset overtakes what was sent
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _length(self) -> None:
        """Lie about the length, in the way that the path names."""
        body = BEGINNING + b"</p>"
        size = len(body)
        lies: dict[str, tuple[tuple[tuple[str, str], ...], bytes]] = {
            "longer": ((("Content-Length", str(size + 500)),), body),
            "shorter": ((("Content-Length", str(size - 500)),), body),
            "negative": ((("Content-Length", "-5"),), body),
            "word": ((("Content-Length", "many"),), body),
            "two": ((("Content-Length", str(size)), ("Content-Length", str(size + 1))), body),
            "both": ((("Content-Length", "10"), ("Transfer-Encoding", "chunked")), _chunk(body) + b"0\r\n\r\n"),
            "no-end": ((("Transfer-Encoding", "chunked"),), _chunk(body)),
            "chunk": ((("Transfer-Encoding", "chunked"),), b"zz\r\n" + body),
            "huge": ((("Content-Length", str(1 << 62)),), body),
            "gzip-cut": ((("Content-Encoding", "gzip"),), gzip.compress(body)[:-12]),
            "gzip-not": ((("Content-Encoding", "gzip"),), body),
            "none": ((), body),
        }
        more, sent = lies[self.path.split("/")[2]]
        self._head(self._kind(), *more, ("Connection", "close"))
        self.wfile.write(sent)
        self.close_connection = True

    def _stream(self) -> None:
        """Send so many MiB under an honest length."""
        size = int(self._last) * _MIB
        kind = {"page": TEXT, "file": "application/octet-stream", "img": "image/png", "video": "video/mp4"}
        self._head(kind[self.path.split("/")[2]], ("Content-Length", str(size)), ("Cache-Control", "no-store"))
        self._blocks(size, lambda block: block)

    def _chunked(self) -> None:
        """Send so many MiB without saying how many."""
        kind = {"page": TEXT, "file": "application/octet-stream", "img": "image/png", "video": "video/mp4"}
        self._head(kind[self.path.split("/")[2]], ("Transfer-Encoding", "chunked"))
        self._blocks(int(self._last) * _MIB, _chunk)
        self.wfile.write(b"0\r\n\r\n")

    def _picture(self) -> None:
        """Send a picture without packing (BMP) of so many rows, each of 24 KiB."""
        rows = int(self._last)
        size = BITMAP_HEAD + rows * BITMAP_ROW
        head = struct.pack(
            "<2sIHHIIiiHHIIiiII", b"BM", size, 0, 0, BITMAP_HEAD, 40, 8192, rows, 1, 24, 0, 0, 0, 0, 0, 0
        )
        self._head("image/bmp", ("Content-Length", str(size)))
        self.wfile.write(head)
        for _ in range(rows):
            self.wfile.write(bytes(BITMAP_ROW))

    def _bomb(self) -> None:
        """Send so many MiB packed a thousandfold, under the honest length of the pack."""
        packed = gzip.compress(bytes(int(self._last) * _MIB), 9)
        kind = {"page": TEXT, "file": "application/json", "img": "image/svg+xml", "video": "video/mp4"}
        more = (("Content-Encoding", "gzip"), ("Content-Length", str(len(packed))))
        self._head(kind[self.path.split("/")[2]], *more)
        self.wfile.write(packed)

    def _blocks(self, size: int, framed: Callable[[bytes], bytes]) -> None:
        block = framed(_BLOCK)
        for _ in range(size // len(_BLOCK)):
            if self._site.stopping.is_set():
                break
            self.wfile.write(block)
            self._site.sent += len(_BLOCK)

    def _many(self) -> None:
        """A page that asks for so many things, a hundred at a time."""
        self._page(MANY.replace("COUNT", str(int(self._last))))

    def _lots(self) -> None:
        """A page with so many elements that load something that does not exist."""
        self._page("<!doctype html><title>lots</title><p>text" + "".join(
            f"<img src='/gone/{n}'>" for n in range(int(self._last))
        ))  # fmt: skip

    def _loop(self) -> None:
        """Redirect for ever: to itself, between two, or to an ever longer address."""
        path, _, query = self.path.partition("?")
        there = {"/loop": "/loop", "/loop/a": "/loop/b", "/loop/b": "/loop/a"}.get(path, f"/loop/grow?{query}a")
        self.send_response(302)
        self.send_header("Location", there)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _chunk(block: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(block), block)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self.asked: list[str] = []
        self.sent = 0
        self.stopping = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Say nothing: broken connections are what is tested."""


@dataclass(frozen=True)
class FaultSite:
    """Where the site is reached, which paths were asked of it, and how much it sent by the MiB."""

    root: str
    server: _Server = field(repr=False)
    certificate: Path | None = None

    @property
    def asked(self) -> list[str]:
        return self.server.asked

    @property
    def sent_bytes(self) -> int:
        return self.server.sent

    def url(self, path: str) -> str:
        return self.root + path


@contextmanager
def serve_faults(certificate: Path | None = None) -> Iterator[FaultSite]:
    """Serve the site; over TLS with the key and certificate in a PEM file if one is given."""
    server = _Server(("127.0.0.1", 0))
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        root = f"{scheme}://127.0.0.1:{server.server_address[1]}"
        yield FaultSite(root=root, server=server, certificate=certificate)
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
