"""An OpenTimestamps calendar on loopback that promises, and mines blocks of its own making when it is told to."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import Timestamp

_EASY = (0x207FFFFF).to_bytes(4, "little")  # the work that Bitcoin's test networks ask: about two tries


def header(root: bytes, *, seconds: int) -> bytes:
    """Give a block's header with this Merkle root and time, whose work holds."""
    for nonce in range(1 << 20):
        made = (2).to_bytes(4, "little") + bytes(32) + root + seconds.to_bytes(4, "little") + _EASY
        made += nonce.to_bytes(4, "little")
        if hashlib.sha256(hashlib.sha256(made).digest()).digest()[-1] < 0x7F:
            return made
    raise AssertionError("no nonce found")


class Calendar:
    """``mood``: ok, error or garbage. `mine` puts all that was promised into one block."""

    def __init__(self) -> None:
        self.mood = "ok"
        self.url = ""
        self.asked: list[str] = []
        self._promised: list[bytes] = []
        self._mined: dict[bytes, Timestamp] = {}

    def promise(self, commitment: bytes) -> bytes:
        """Take a commitment; give the promise, over a hash of it as real calendars do."""
        found = Timestamp(commitment)
        inner = found.ops.add(OpPrepend(b"time")).ops.add(OpAppend(b"calendar"))
        inner.attestations.add(PendingAttestation(self.url))
        self._promised.append(inner.msg)
        return _bytes(found)

    def mine(self, *, height: int, seconds: int) -> bytes:
        """Put what is promised into a block; give its header."""
        found = Timestamp(self._promised[-1])
        root = found.ops.add(OpAppend(b"the other half of the tree")).ops.add(OpSHA256()).ops.add(OpSHA256())
        root.attestations.add(BitcoinBlockHeaderAttestation(height))
        self._mined[self._promised[-1]] = found
        return header(root.msg, seconds=seconds)

    def known(self, commitment: bytes) -> bytes | None:
        """Give what became of a commitment."""
        found = self._mined.get(commitment)
        return _bytes(found) if found is not None else None


def _bytes(found: Timestamp) -> bytes:
    context = BytesSerializationContext()
    found.serialize(context)
    return bytes(context.getbytes())


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, calendar: Calendar, *given: object) -> None:
        self._calendar = calendar
        super().__init__(*given)  # type: ignore[arg-type] # the server's own three

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(self._calendar.promise(body))

    def do_GET(self) -> None:
        self._answer(self._calendar.known(bytes.fromhex(self.path.rsplit("/", 1)[-1])))

    def _answer(self, content: bytes | None) -> None:
        self._calendar.asked.append(self.path)
        if self._calendar.mood == "garbage":
            content = b"<html>busy</html>"
        status = 503 if self._calendar.mood == "error" else (200 if content is not None else 404)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve_calendar() -> Iterator[Calendar]:
    """Give a calendar, answering on loopback until the end of the block."""
    calendar = Calendar()
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: _Handler(calendar, *given))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    calendar.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield calendar
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
