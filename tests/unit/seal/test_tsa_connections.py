"""Whatever a connection does, the answer is bytes or a SealError that names the address."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from archiver.model.digest import Digest
from archiver.model.errors import SealError
from archiver.seal.tsa import ask

DIGEST = Digest.of(b"checkpoint")
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def answering(content: bytes, *, hold: bool = False) -> Iterator[str]:
    """Give the address of a server that answers one request with these bytes; ``hold`` keeps the line open."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                line, _ = listening.accept()
                with line:
                    line.recv(1 << 16)
                    line.sendall(content)
                    if hold:
                        done.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            done.set()
            thread.join()


BROKEN = {
    "cut short": (OK + b"Content-Length: 100\r\n\r\nabc", "no answer: ProtocolError"),
    "no chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc", "no answer: ProtocolError"),
    "not packed": (OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "no answer: DecodeError"),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "no answer: ConnectionError"),
    "nothing": (b"", "no answer: ConnectionError"),
    "elsewhere": (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "found 302"),
    "busy": (b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", "found 429"),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_a_broken_answer_is_told(how: str) -> None:
    content, reason = BROKEN[how]
    with answering(content) as url, pytest.raises(SealError, match=rf"{url}: .*{reason}"):
        ask(url, DIGEST, nonce=7, timeout_s=5)


def test_an_answer_that_stops_in_the_middle_is_not_waited_for(tmp_path: object) -> None:
    with (
        answering(OK + b"Content-Length: 100\r\n\r\nabc", hold=True) as url,
        pytest.raises(SealError, match="no answer: ReadTimeoutError"),
    ):
        ask(url, DIGEST, nonce=7, timeout_s=0.3)


def test_a_packed_flood_is_not_unpacked() -> None:
    import gzip  # noqa: PLC0415 - only here

    packed = gzip.compress(b"x" * 10_000_000)
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with answering(head + packed) as url, pytest.raises(SealError, match="at most 65536 bytes"):
        ask(url, DIGEST, nonce=7, timeout_s=5)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://x/", "http://", "http://[::1", "http://.x/", f"http://{'a' * 300}.invalid/"]
)
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(SealError, match="no answer"):
        ask(url, DIGEST, nonce=7, timeout_s=1)


def test_the_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    monkeypatch.setenv("no_proxy", "")
    with answering(OK + b"Content-Length: 2\r\n\r\nok") as url:
        assert ask(url, DIGEST, nonce=7, timeout_s=5).response == b"ok"
