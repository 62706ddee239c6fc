"""A time-stamping authority over HTTP on loopback, in good and in bad moods."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from archiver.model.digest import Digest
from archiver.proof import timestamp
from tests.support.openssl_tsa import OpensslTsa, answer_status, make_tsa


class TsaServer:
    """The running authority. ``mood`` may be changed while it runs: ok, refuse, garbage, slow, replay, error."""

    def __init__(self, tsa: OpensslTsa, *, root_pem: bytes | None = None) -> None:
        self.tsa = tsa
        self.mood = "ok"
        self.url = ""
        self.asked = 0
        self.crl = b""
        self.ocsp = ""
        self.root_pem = root_pem or tsa.root_pem

    def answer(self, query: bytes) -> tuple[int, bytes]:
        """Give status and body for a request."""
        self.asked += 1
        match self.mood:
            case "garbage":
                return 200, b"<html>busy</html>"
            case "error":
                return 503, b""
            case "slow":
                time.sleep(3)
                return 200, self.tsa.answer(query)
            case "replay":
                digest, _ = timestamp.read_request(query)
                return 200, self.tsa.answer(timestamp.request(digest, nonce=1))
            case "other":
                return 200, self.tsa.answer(timestamp.request(Digest.of(b"something else"), nonce=1))
            case "refuse":
                return 200, bytes.fromhex("30053003020102")  # PKIStatusInfo: rejection, no token
            case _:
                return 200, self.tsa.answer(query)

    def answer_status(self, query: bytes) -> tuple[int, bytes]:
        """Give status and body for an OCSP request: as ``ocsp`` says, V or R; garbage or nothing else."""
        if self.ocsp in ("V", "R"):
            return 200, answer_status(self.tsa, query, status=self.ocsp, responder="responder")
        return (200, b"<html>") if self.ocsp else (503, b"")


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, server_state: TsaServer, *args: object) -> None:
        self._tsa = server_state
        super().__init__(*args)  # type: ignore[arg-type] # the server's own three

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Type"] == "application/ocsp-request":
            status, content = self._tsa.answer_status(body)
        else:
            status, content = self._tsa.answer(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked has given up waiting
            self.wfile.write(content)

    def do_GET(self) -> None:
        content = self._tsa.crl
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve_tsa(
    folder: Path, *, with_list: bool = False, with_ocsp: bool = False, days: int = 1825, name: str = "Test"
) -> Iterator[TsaServer]:
    """Give an authority of its own, answering on loopback until the end of the block.

    ``with_list`` and ``with_ocsp`` put the address of its revocation list and responder into its certificate;
    ``days`` are those of that one.
    """
    states: list[TsaServer] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: _Handler(states[0], *given))
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_port}/list.crl" if with_list else ""
    responder = f"http://127.0.0.1:{server.server_port}/ocsp" if with_ocsp else ""
    state = TsaServer(make_tsa(folder, crl_url=url, ocsp_url=responder, days=days, name=name))
    states.append(state)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
