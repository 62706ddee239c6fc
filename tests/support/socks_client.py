"""A SOCKS client by hand for tests of the relay, the name server that it has, and what it reaches."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address

from archiver.capture.guard import Guard, Resolver
from archiver.capture.outward import Outward
from archiver.capture.relay import Relay

DONE, FORBIDDEN, UNREACHABLE, REFUSED, UNSUPPORTED, UNKNOWN_KIND = 0, 2, 4, 5, 7, 8
GREETING = bytes((5, 1, 0))
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Names:
    """A name server of ours: answers one after another, the last one for ever. Keeps what it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = [tuple(one) for one in answers]
        self.asked: list[str] = []

    def __call__(self, host: str) -> tuple[str, ...]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def unasked(host: str) -> tuple[str, ...]:
    raise AssertionError(f"a number was looked up as a name: {host}")


@contextmanager
def echoing(address: str = "127.0.0.1", *, sends: int = 0) -> Iterator[int]:
    """Serve what sends so many bytes at once, then gives back what it gets; give its port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def one(near: socket.socket) -> None:
        with near, suppress(OSError):
            near.sendall(b"x" * sends)
            while block := near.recv(1 << 16):
                near.sendall(block)

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server((address, 0), family=family) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def relay(*, resolver: Resolver = unasked, allow_private: bool = True, max_bytes: int = 1 << 20) -> Relay:
    guard = Guard(allow_private=allow_private, resolver=resolver)
    return Relay(guard=guard, outward=Outward(), max_bytes=max_bytes)


def named(host: str) -> bytes:
    raw = host.encode("latin-1")
    return bytes((5, 1, 0, 3, len(raw))) + raw


def numbered(host: str) -> bytes:
    packed = (IPv6Address if ":" in host else IPv4Address)(host).packed
    return bytes((5, 1, 0, 4 if ":" in host else 1)) + packed


_DIALLED: list[asyncio.StreamWriter] = []


async def hang_up() -> None:
    """Close what was opened here."""
    while _DIALLED:
        writer = _DIALLED.pop()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def dial(opened: Relay) -> Streams:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(opened.url.rpartition(":")[2]))
    _DIALLED.append(writer)
    return reader, writer


async def ask(opened: Relay, request: bytes, port: int = 80) -> tuple[int, Streams]:
    """Give the relay's reply to a request, and the connection."""
    reader, writer = await dial(opened)
    writer.write(GREETING + request + struct.pack(">H", port))
    assert await reader.readexactly(2) == bytes((5, 0))
    reply = await reader.readexactly(10)
    return reply[1], (reader, writer)
