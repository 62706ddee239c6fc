"""Files on loopback, with byte ranges: what ReplayWeb.page needs to read a WACZ."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml"}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


@contextmanager
def serve_files(folder: Path, also: Mapping[str, Path]) -> Iterator[str]:
    """Give the address of a server of a folder, and of other files by name, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.partition("?")[0].lstrip("/") or "index.html"
            place = also.get(name, folder / name)
            if ".." in name or not place.is_file():
                self.send_error(404)
                return
            content, size = place.read_bytes(), place.stat().st_size
            asked = _RANGE.match(self.headers.get("Range", ""))
            self.send_response(206 if asked else 200)
            if asked:
                start, end = _bounds(asked[1], asked[2], size)
                content = content[start:end]
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Type", _TYPES.get(place.suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815 - the server's own name for it

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
