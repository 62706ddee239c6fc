"""A news page with all that an ordinary one has; the server keeps a digest of every body as it was sent."""

import gzip
import hashlib
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BIG = b"0123456789abcdef" * (5 << 16)
BIGGER = b"x" * (26 << 20)

PAGE = """<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>خبر</title>
<link rel="stylesheet" href="/style.css"><link rel="preload" href="/preloaded.js" as="script"></head>
<body><h1>خبر عاجل</h1><p>قال المتحدث «هذا صحيح».</p>
<img src="/picture.svg"><img src="/absent.png"><img src="/moved.svg">
<iframe src="{other}/frame"></iframe><iframe srcdoc="&lt;p&gt;inside&lt;img src=/in-srcdoc.svg&gt;"></iframe>
<script src="/script.js"></script></body></html>"""
SCRIPT = """
const done = [];
done.push(fetch("/chunked.txt").then(a => a.text()));
done.push(fetch("/post", {method: "POST", body: new Uint8Array([0, 255, 200, 3])}).then(a => a.text()));
const json = {method: "POST", headers: {"content-type": "application/json"}, body: '{"a":"ب"}'};
done.push(fetch("/json", json).then(a => a.text()));
done.push(fetch("/big").then(a => a.arrayBuffer()));
done.push(fetch("/bigger").then(a => a.arrayBuffer()));
done.push(fetch("/no-content"));
done.push(fetch("/head", {method: "HEAD"}));
const again = () => fetch("/cached.txt", {cache: "no-cache"});
done.push(fetch("/cached.txt").then(a => a.text()).then(again).then(a => a.text()));
new Worker("/worker.js");
const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket");
socket.onerror = () => {};
navigator.sendBeacon("/beacon", "seen");
Promise.allSettled(done).then(() => { document.title = "done"; });
"""
PLAIN: dict[str, tuple[str, bytes]] = {
    "/style.css": ("text/css", b"@import url(/imported.css); h1 { color: #036 }"),
    "/imported.css": ("text/css", b"@font-face { font-family: f; src: url(/font.woff2) } p { font-family: f }"),
    "/font.woff2": ("font/woff2", b"no font at all"),
    "/preloaded.js": ("text/javascript", b"1;"),
    "/worker.js": ("text/javascript", b"fetch('/from-worker');"),
    "/from-worker": ("text/plain", b"worker"),
    "/frame": ("text/html", b"<p>frame<img src=/in-frame.svg>"),
    "/script.js": ("text/javascript", SCRIPT.encode()),
    "/big": ("application/octet-stream", BIG),
    "/bigger": ("application/octet-stream", BIGGER),
    "/doc.pdf": ("application/pdf", b"%PDF-1.4 nothing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One response as the server sent it: what was asked, and the digest of the body before content-encoding."""

    path: str
    method: str
    status: int
    digest: str
    request_body: bytes


@dataclass(slots=True)
class NewsSite:
    """The running site and its log."""

    base: str = ""
    other: str = ""
    log: list[Sent] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: NewsSite, *args: object) -> None:
        self._site = site
        self._asked = b""
        super().__init__(*args)  # type: ignore[arg-type] # the server's own three

    def do_POST(self) -> None:
        self._asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send(200, "text/plain", b"got %d" % len(self._asked))

    def do_HEAD(self) -> None:
        self._send(200, "text/plain", b"", more={"Content-Length": "77"})

    def do_GET(self) -> None:
        self._asked = b""
        path = self.path
        if path in PLAIN:
            kind, body = PLAIN[path]
            self._send(200, kind, body, coding="gzip" if path in ("/style.css", "/script.js") else "")
        elif path == "/":
            self._send(301, "text/html", b"moved to the page", more={"Location": "/page"})
        elif path == "/page":
            page = PAGE.format(other=self._site.other).encode()
            self._send(200, "text/html; charset=utf-8", page, coding="deflate", more={"Set-Cookie": "a=1"})
        elif path.endswith(".svg"):
            self._picture(path)
        elif path == "/chunked.txt":
            self._chunked([b"one ", b"two ", b"three"])
        elif path == "/cached.txt":
            self._cached()
        elif path == "/no-content":
            self._send(204, "", b"")
        else:
            self._send(404, "text/plain", b"not found")

    def _picture(self, path: str) -> None:
        if path == "/moved.svg":
            self._send(302, "text/plain", b"elsewhere", more={"Location": "/picture.svg?moved"})
        else:
            self._send(200, "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")

    def do_OPTIONS(self) -> None:
        self._send(204, "", b"")

    def _cached(self) -> None:
        if self.headers.get("If-None-Match") == '"v1"':
            self._send(304, "", b"", more={"ETag": '"v1"'})
        else:
            self._send(200, "text/plain", b"cached", more={"ETag": '"v1"', "Cache-Control": "max-age=60"})

    def _send(
        self, status: int, kind: str, body: bytes, *, coding: str = "", more: dict[str, str] | None = None
    ) -> None:
        packed = gzip.compress(body) if coding == "gzip" else zlib.compress(body) if coding == "deflate" else body
        self._keep(status, body)
        self.send_response(status)
        headers = (
            ({"Content-Type": kind} if kind else {}) | ({"Content-Encoding": coding} if coding else {}) | (more or {})
        )
        if status not in (204, 304) and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(packed))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(packed)

    def _chunked(self, parts: list[bytes]) -> None:
        self._keep(200, b"".join(parts))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (*parts, b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    def _keep(self, status: int, body: bytes) -> None:
        digest = hashlib.sha256(body).hexdigest()
        self._site.log.append(
            Sent(path=self.path, method=self.command, status=status, digest=digest, request_body=self._asked)
        )

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve_news() -> Iterator[NewsSite]:
    """Serve the site on loopback; its frame comes from the same server under another name."""
    site = NewsSite()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, site))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.base = f"http://127.0.0.1:{server.server_port}"
    site.other = f"http://localhost:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
