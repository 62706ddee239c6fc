"""The one way out for a browser: a SOCKS5 relay on loopback that connects to addresses which the guard gave.

Chromium resolves no name itself (``--host-resolver-rules``): it hands names to this relay, which asks the
guard once and connects to that answer. So a name server that changes its answer (rebinding) changes nothing, no
name is looked up that no request needs, and the bytes of a whole capture have a bound. Only places that a page
asked for are connected to: what the browser would tell its maker by itself (measured: a form on a page is enough)
goes nowhere. TLS passes through untouched: the relay sees what the network sees. One relay serves one capture.
Source: RFC 1928 (SOCKS5); Chromium's design document on SOCKS proxies.

LIMIT: any program on this machine can use the relay while a capture runs: it reaches what the capture may reach.
"""

import asyncio
import re
import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from types import TracebackType
from typing import Final, Protocol, Self

from archiver.capture.guard import Guard, Refusal
from archiver.capture.host import read_authority
from archiver.capture.outward import Outward
from archiver.model.errors import FormatError
from archiver.model.evidence import Reason

_BLOCK: Final = 256 << 10
_MOST_WAITING: Final = 1 << 20
_EXPECTED_WITHIN_S: Final = 2.0
_GLANCE_S: Final = 0.02
_HANDSHAKE_S: Final = 10.0
_VERSION: Final = 5
_NO_PASSWORD, _NO_METHOD = 0, 0xFF
_CONNECT: Final = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_DONE, _FAILED, _FORBIDDEN, _UNREACHABLE, _REFUSED, _UNSUPPORTED, _UNKNOWN_KIND = 0, 1, 2, 4, 5, 7, 8
_NOT_IN_A_HOST: Final = re.compile(r"[\x00-\x20/\\?#@\[\]]")
_REPLIES: Final = {
    Reason.FORBIDDEN_ADDRESS: _FORBIDDEN,
    Reason.BAD_URL: _FORBIDDEN,
    Reason.DNS: _UNREACHABLE,
    Reason.REFUSED: _REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Whom a name led to: the address that was connected to, or why none was."""

    address: str | None = None
    error: str | None = None


class Peers(Protocol):
    """Tells which addresses a capture's connections went to."""

    def peer(self, host: str, port: int) -> Peer | None:
        """Give whom this name and port led to, or None if nobody asked."""
        ...

    @property
    def received(self) -> int:
        """Give how many bytes came from the network so far."""
        ...

    def expect(self, url: str) -> None:
        """Hear that a page asked for this URL and may."""
        ...


class Relay:
    """A running relay. Used as a context: its port is closed and its connections are cut at the end."""

    def __init__(self, *, guard: Guard, outward: Outward, max_bytes: int) -> None:
        self._guard = guard
        self._outward = outward
        self._max_bytes = max_bytes
        self.received = 0
        self._peers: dict[tuple[str, int], Peer] = {}
        self._expected: set[tuple[str, int]] = set()
        self._open_to_all = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def spent(self) -> bool:
        """Say whether the bytes that a capture may receive have run out: its connections are cut since."""
        return self.received >= self._max_bytes

    @property
    def url(self) -> str:
        """Give the relay as a proxy's URL."""
        assert self._server is not None
        return f"socks5://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def expect(self, url: str) -> None:
        """Let connections for this URL's host and port through from now on: a page asked for it."""
        try:
            place = read_authority(url)
        except FormatError:
            return
        self._expected.add((place.host, place.port))

    def expect_all(self) -> None:
        """Let every connection through that the guard allows: the browser is done, another program uses the relay."""
        self._open_to_all = True

    def peer(self, host: str, port: int) -> Peer | None:
        """Give whom this name and port led to, or None if nobody asked."""
        try:
            return self._peers.get(_key(host.strip("[]"), port))
        except FormatError:
            return None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_BLOCK)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: the server's would report its cancelling at the end as a mistake.
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._connection(reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            return  # the browser left, or talks no SOCKS
        finally:
            writer.transport.abort() if self.spent else writer.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HANDSHAKE_S):
            asked = await _asked(reader, writer)
        if asked is None:
            return
        there = await self._connect(asked)
        if isinstance(there, int):
            _reply(writer, there)
            return
        _reply(writer, _DONE)
        far_reader, far_writer = there
        try:
            await self._both_ways((reader, writer), (far_reader, far_writer))
        finally:
            far_writer.transport.abort() if self.spent else far_writer.close()

    async def _connect(self, key: tuple[str, int]) -> "tuple[asyncio.StreamReader, asyncio.StreamWriter] | int":
        """Give a connection to an address that the guard allows, or the SOCKS reply that says why not."""
        if self.spent or not await self._is_expected(key):
            return _FORBIDDEN
        addresses = await self._outward.addresses(self._guard, key[0])
        if isinstance(addresses, Refusal):
            self._peers[key] = Peer(error=_ERRORS.get(addresses.reason, "ERR_FAILED"))
            return _REPLIES.get(addresses.reason, _FAILED)
        error = "ERR_CONNECTION_FAILED"
        for address in addresses:
            try:
                connection = await self._outward.connect(address, key[1])
            except ConnectionRefusedError:
                error = "ERR_CONNECTION_REFUSED"
            except TimeoutError:
                error = "ERR_CONNECTION_TIMED_OUT"
            except OSError:
                error = "ERR_ADDRESS_UNREACHABLE"
            else:
                self._peers[key] = Peer(address=address if self._outward.is_direct else None)
                return connection
        self._peers[key] = Peer(error=error)
        return _REFUSED if error == "ERR_CONNECTION_REFUSED" else _UNREACHABLE

    async def _is_expected(self, key: tuple[str, int]) -> bool:
        """Say whether a page asked for this place; its word may arrive a moment after the connection."""
        for _ in range(round(_EXPECTED_WITHIN_S / _GLANCE_S)):
            if self._open_to_all or key in self._expected:
                return True
            await asyncio.sleep(_GLANCE_S)
        return False

    async def _both_ways(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        far[1].transport.set_write_buffer_limits(_MOST_WAITING)
        near[1].transport.set_write_buffer_limits(_MOST_WAITING)
        up = asyncio.create_task(self._pass_on(near[0], far[1], counted=False))
        try:
            await self._pass_on(far[0], near[1], counted=True)
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool) -> None:
        while block := await reader.read(_BLOCK):
            if counted:
                self.received += len(block)
                if self.spent:
                    return
            writer.write(block)
            await writer.drain()
        with suppress(OSError):
            if writer.can_write_eof():
                writer.write_eof()


_ERRORS: Final = {
    Reason.DNS: "ERR_NAME_NOT_RESOLVED",
    Reason.FORBIDDEN_ADDRESS: "ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS",
    Reason.BAD_URL: "ERR_INVALID_URL",
}


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int] | None:
    """Give the place that the browser wants to reach; None, the reply written, where this relay does not do that."""
    version, count = await reader.readexactly(2)
    methods = await reader.readexactly(count)
    if version != _VERSION or _NO_PASSWORD not in methods:
        writer.write(bytes((_VERSION, _NO_METHOD)))
        return None
    writer.write(bytes((_VERSION, _NO_PASSWORD)))
    _, command, _, kind = await reader.readexactly(4)
    if kind == _NAME:
        length = (await reader.readexactly(1))[0]
        host = (await reader.readexactly(length)).decode("ascii")
    elif kind == _IPV4:
        host = str(IPv4Address(await reader.readexactly(4)))
    elif kind == _IPV6:
        host = str(IPv6Address(await reader.readexactly(16)))
    else:
        _reply(writer, _UNKNOWN_KIND)
        return None
    (port,) = struct.unpack(">H", await reader.readexactly(2))
    if command != _CONNECT:
        _reply(writer, _UNSUPPORTED)
        return None
    try:
        return _key(host, port)
    except FormatError:
        _reply(writer, _FORBIDDEN)
        return None


@lru_cache(maxsize=4096)
def _key(host: str, port: int) -> tuple[str, int]:
    """Give a place in its one form: 127.0.0.1 is that however it is written. Raises FormatError for no host at all."""
    if _NOT_IN_A_HOST.search(host):
        raise FormatError("host: a character that ends one")
    return read_authority(f"http://[{host}]" if ":" in host else f"http://{host}").host, port


def _reply(writer: asyncio.StreamWriter, code: int) -> None:
    writer.write(bytes((_VERSION, code, 0, _IPV4)) + bytes(6))
