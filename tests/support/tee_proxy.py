"""A proxy that changes nothing and keeps everything: the second opinion on what passed on the wire.

Requests arrive in absolute form and leave in origin form, one connection each; responses pass as they come.
CONNECT opens a tunnel (WebSockets), of which only the opening is kept. Nothing leaves the machine: what a browser
asks of its maker's hosts is refused, and listed.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from tests.support.site.codings import decode
from tests.support.site.http1 import close, parse_head, read_request
from tests.support.site.reply import Asked

_BLOCK: Final = 1 << 16
_BODILESS: Final = frozenset({204, 205, 304})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})
_HOP: Final = frozenset({"proxy-connection"})


@dataclass(slots=True, kw_only=True)
class Teed:
    """One exchange: ``raw`` is the body as it passed, ``entity`` the same without the framing of chunks."""

    method: str
    url: str
    request_head: bytes
    request_body: bytes = field(repr=False)
    head: bytes = b""
    raw: bytearray = field(default_factory=bytearray, repr=False)
    entity: bytearray = field(default_factory=bytearray, repr=False)
    whole: bool = False

    @property
    def status(self) -> int:
        return int(self.head.split(None, 2)[1]) if self.head else 0

    def header(self, name: str) -> str:
        return next((value for key, value in parse_head(self.head)[1] if key.lower() == name), "")

    @property
    def plain(self) -> bytes:
        """Give the body after content-decoding."""
        return decode(self.header("content-encoding"), bytes(self.entity)) if self.entity else b""


@dataclass(slots=True)
class Tee:
    """The running proxy: where it listens, and what passed."""

    server: str = ""
    exchanges: list[Teed] = field(default_factory=list)
    tunnels: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class _Proxy:
    """The server within its event loop."""

    def __init__(self, tee: Tee) -> None:
        self._tee = tee
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.ready = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=1 << 20)
        self._tee.server = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self.ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._one(await read_request(reader), reader, writer):
                    pass
        finally:
            self._tasks.discard(task)
            await close(writer)

    async def _one(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Pass one request on; say whether the connection may bring another."""
        host = urlsplit(asked.target if "//" in asked.target else f"//{asked.target}").hostname
        if host not in _LOOPBACK:
            self._tee.refused.append(asked.target)
            return False
        if asked.method == "CONNECT":
            await self._tunnel(asked.target, reader, writer)
            return False
        teed = _teed(asked)
        self._tee.exchanges.append(teed)
        parts = urlsplit(asked.target)
        upstream, onwards = await asyncio.open_connection("127.0.0.1", parts.port, limit=1 << 20)
        try:
            onwards.write(teed.request_head + teed.request_body)
            return await _answer(teed, upstream, writer)
        finally:
            await close(onwards)

    async def _tunnel(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tee.tunnels.append(target)
        upstream, onwards = await asyncio.open_connection("127.0.0.1", int(target.rpartition(":")[2]))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_copy(reader, onwards), _copy(upstream, writer))
        finally:
            await close(onwards)


def _teed(asked: Asked) -> Teed:
    parts = urlsplit(asked.target)
    origin_form = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{asked.method} {origin_form} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in asked.headers if name.lower() not in _HOP]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return Teed(method=asked.method, url=asked.target, request_head=head, request_body=asked.body)


async def _answer(teed: Teed, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Pass the answer on as it comes; say whether the client's connection may bring another request."""
    while not teed.head or teed.status < 200:  # hints pass, the last head is the answer's
        teed.head = await upstream.readuntil(b"\r\n\r\n")
        writer.write(teed.head)
    framed = True
    async for raw, entity in _body(teed, upstream):
        framed = raw is not None
        writer.write(raw or entity)
        teed.raw += raw or entity
        teed.entity += entity
        await writer.drain()
    teed.whole = True
    return framed and teed.header("connection").lower() != "close"


async def _body(teed: Teed, upstream: asyncio.StreamReader) -> AsyncIterator[tuple[bytes | None, bytes]]:
    """Give the body block by block: as it passed, and without framing; no first where only the end frames it."""
    if teed.method == "HEAD" or teed.status in _BODILESS:
        return
    if teed.header("transfer-encoding").lower() == "chunked":
        async for chunk in _chunked(upstream):
            yield chunk
    elif length := teed.header("content-length"):
        left = int(length)
        while left:
            block = await upstream.read(min(left, _BLOCK))
            if not block:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(block)
            yield block, block
    else:
        while block := await upstream.read(_BLOCK):
            yield None, block


async def _chunked(upstream: asyncio.StreamReader) -> AsyncIterator[tuple[bytes, bytes]]:
    while True:
        line = await upstream.readuntil(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        rest = await upstream.readexactly(size + 2)
        yield line + rest, rest[:-2]
        if not size:
            return


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while block := await reader.read(_BLOCK):
            writer.write(block)
            await writer.drain()
        writer.write_eof()


@contextmanager
def serve_tee() -> Iterator[Tee]:
    """Run the proxy on loopback, for loopback alone."""
    tee = Tee()
    running = _Proxy(tee)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    assert running.ready.wait(10), "the proxy did not start"
    try:
        yield tee
    finally:
        running.stop()
        thread.join(timeout=10)
