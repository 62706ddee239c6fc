"""Any pages that a test writes, served on loopback; what was asked for is kept."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Content = str | bytes | tuple[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Pages:
    """Where the pages are reached, and what was asked of them, query included."""

    root: str
    asked: list[str] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return self.root + path

    @property
    def port(self) -> int:
        return int(self.root.rpartition(":")[2])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, pages: Mapping[str, Content]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = pages
        self.asked: list[str] = []

    def handle_error(self, *_: object) -> None:
        """Say nothing: browsers leave when they like."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        self.server.asked.append(self.path)
        found = self.server.pages.get(self.path, self.server.pages.get(self.path.partition("?")[0]))
        match found:
            case None:
                self._answer(404, "text/plain", b"no")
            case str(text):
                self._answer(200, "text/html; charset=utf-8", text.encode())
            case bytes(body):
                self._answer(200, "image/png", body)
            case (kind, body):
                self._answer(200, kind, body)

    do_POST = do_GET  # noqa: N815 - http.server calls it so

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve_pages(pages: Mapping[str, Content]) -> Iterator[Pages]:
    """Serve the pages: text is HTML, bytes are a PNG, a pair names its media type."""
    server = _Server(pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Pages(root=f"http://127.0.0.1:{server.server_address[1]}", asked=server.asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
