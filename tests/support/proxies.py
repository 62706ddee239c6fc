"""Small proxies on loopback: SOCKS5 (with and without a password), SOCKS4a and HTTP CONNECT.

Each keeps what it was asked, and leads every name to one place, as a proxy in another network would.
"""

import base64
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

USER: Final = ("reporter", "open:sesame@7")


class NotServedError(Exception):
    """The client asked for what this proxy refuses."""


@dataclass(kw_only=True)
class Proxy:
    """A running proxy: ``asked`` are the places as they were asked for, ``forms`` how (name, ipv4, ipv6)."""

    kind: str
    port: int
    leads_to: tuple[str, int]
    secret: bool = False
    refuses: bool = False
    asked: list[tuple[str, int]] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Give the proxy's URL, with its user and password where it asks for them."""
        user = "reporter:open%3Asesame%407@" if self.secret else ""
        return f"{self.kind}://{user}127.0.0.1:{self.port}"


@contextmanager
def serve_proxy(
    kind: str, *, leads_to: tuple[str, int], secret: bool = False, refuses: bool = False
) -> Iterator[Proxy]:
    """Run a proxy of this kind until the end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = Proxy(kind=kind, port=listening.getsockname()[1], leads_to=leads_to, secret=secret, refuses=refuses)
        open_sockets: list[socket.socket] = []
        thread = threading.Thread(target=_accept, args=(listening, proxy, open_sockets), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for one in open_sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)


def _accept(listening: socket.socket, proxy: Proxy, open_sockets: list[socket.socket]) -> None:
    while True:
        try:
            near, _ = listening.accept()
        except OSError:
            return
        open_sockets.append(near)
        threading.Thread(target=_serve, args=(near, proxy, open_sockets), daemon=True).start()


def _serve(near: socket.socket, proxy: Proxy, open_sockets: list[socket.socket]) -> None:
    greet = {"http": _http, "socks4": _socks4}.get(proxy.kind, _socks5)
    with near, suppress(OSError, NotServedError, struct.error):
        done, no = greet(near, proxy)
        if proxy.refuses:
            near.sendall(no)
            return
        with socket.create_connection(proxy.leads_to, timeout=10) as far:
            far.settimeout(None)
            open_sockets.append(far)
            near.sendall(done)
            up = threading.Thread(target=_copy, args=(near, far), daemon=True)
            up.start()
            _copy(far, near)


def _copy(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(1 << 16):
            to.sendall(block)
        to.shutdown(socket.SHUT_WR)


def _exactly(near: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        block = near.recv(size - len(got))
        if not block:
            raise NotServedError
        got += block
    return got


def _until(near: socket.socket, end: bytes) -> bytes:
    got = b""
    while not got.endswith(end):
        got += _exactly(near, 1)
    return got


def _socks5(near: socket.socket, proxy: Proxy) -> tuple[bytes, bytes]:
    version, count = _exactly(near, 2)
    methods = _exactly(near, count)
    method = 2 if proxy.secret else 0
    if version != 5 or method not in methods:
        near.sendall(b"\x05\xff")
        raise NotServedError
    near.sendall(bytes((5, method)))
    if proxy.secret:
        _, size = _exactly(near, 2)
        user = _exactly(near, size).decode()
        word = _exactly(near, _exactly(near, 1)[0]).decode()
        near.sendall(bytes((1, (user, word) != USER)))
        if (user, word) != USER:
            raise NotServedError
    _, _, _, form = _exactly(near, 4)
    if form == 3:
        host = _exactly(near, _exactly(near, 1)[0]).decode()
    else:
        host = socket.inet_ntop(
            *((socket.AF_INET, _exactly(near, 4)) if form == 1 else (socket.AF_INET6, _exactly(near, 16)))
        )
    (port,) = struct.unpack(">H", _exactly(near, 2))
    proxy.asked.append((host, port))
    proxy.forms.append({1: "ipv4", 3: "name", 4: "ipv6"}[form])
    return bytes((5, 0, 0, 1)) + bytes(6), bytes((5, 2, 0, 1)) + bytes(6)


def _socks4(near: socket.socket, proxy: Proxy) -> tuple[bytes, bytes]:
    _, _, port = struct.unpack(">BBH", _exactly(near, 4))
    address = _exactly(near, 4)
    _until(near, b"\0")
    is_name = address[:3] == b"\0\0\0" and address[3] != 0
    host = _until(near, b"\0")[:-1].decode() if is_name else socket.inet_ntoa(address)
    proxy.asked.append((host, port))
    proxy.forms.append("name" if is_name else "ipv4")
    return b"\0\x5a" + bytes(6), b"\0\x5b" + bytes(6)


def _http(near: socket.socket, proxy: Proxy) -> tuple[bytes, bytes]:
    head = _until(near, b"\r\n\r\n").decode("latin-1").split("\r\n")
    method, place, _ = head[0].split(" ")
    wanted = "Basic " + base64.b64encode(":".join(USER).encode()).decode()
    given = {line.partition(": ")[2] for line in head if line.lower().startswith("proxy-authorization:")}
    if method != "CONNECT" or (proxy.secret and given != {wanted}):
        near.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        raise NotServedError
    host, _, port = place.rpartition(":")
    proxy.asked.append((host, int(port)))
    proxy.forms.append("name")
    return b"HTTP/1.1 200 Connection established\r\n\r\n", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
