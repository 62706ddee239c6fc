"""Serve the demonstration site on this machine, and write the draft that cites it."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_PAGES = Path(__file__).parent / "pages"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
}
_COMPRESSED = frozenset({".html", ".css", ".js"})
_ROUTES = {
    "/fajr_desk/status/2123332951864246272": "post.html",
    "/agency/2026/harbour-crane": "story.html",
    "/agency/embed/map": "map.html",
    "/statements/port-authority-14.pdf": "statement.pdf",
    "/assets/site.css": "site.css",
    "/assets/site.js": "site.js",
    "/assets/harbour.svg": "harbour.svg",
    "/assets/crane.svg": "crane.svg",
    "/assets/related.json": "related.json",
}
_MOVED = {"/s/7kq": "/agency/2026/harbour-crane"}
_GONE = {"/council/minutes/2026-11": "gone.html"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSite:
    """The running site."""

    base_url: str

    def write_draft(self, folder: Path) -> Path:
        """Write the draft, its links leading to this site; give its path."""
        text = (_PAGES / "draft.html").read_text(encoding="utf-8").replace("{base}", self.base_url)
        path = folder / "draft.html"
        path.write_text(text, encoding="utf-8")
        return path


@contextmanager
def serve_demo() -> Iterator[DemoSite]:
    """Give the site, served on a free port of the loopback address until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="demo-site", daemon=True)
    thread.start()
    try:
        yield DemoSite(base_url=f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demonstration"
    sys_version = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in _MOVED:
            self._send(302, b"", "text/plain", (("Location", _MOVED[path]),))
        elif path in _GONE:
            self._file(_GONE[path], status=410)
        elif path in _ROUTES:
            self._file(_ROUTES[path], status=200)
        else:
            self._send(404, b"not found", "text/plain")

    def _file(self, name: str, *, status: int) -> None:
        file = _PAGES / name
        content = file.read_bytes()
        if file.suffix in _COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", ""):
            self._send(status, gzip.compress(content, mtime=0), _TYPES[file.suffix], (("Content-Encoding", "gzip"),))
        else:
            self._send(status, content, _TYPES[file.suffix])

    def _send(self, status: int, content: bytes, kind: str, more: tuple[tuple[str, str], ...] = ()) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(content))), *more):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
        """Say nothing: URLs do not reach logs."""
