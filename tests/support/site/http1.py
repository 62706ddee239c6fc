"""HTTP/1.1 by hand: heads and bodies go out exactly as a reply says, and are logged as they went."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Final

from tests.support.site.codings import encode
from tests.support.site.log import Log, Served
from tests.support.site.reply import Asked, End, Framing, Reply
from tests.support.site.websocket import talk

_LONGEST_HEAD: Final = 1 << 20
_BODILESS: Final = frozenset({204, 205, 304})

Answer = Callable[[Asked], Reply]


class Http1:
    """One connection after another, each request answered in turn."""

    def __init__(self, log: Log, answer: Answer, *, scheme: str) -> None:
        self._log = log
        self._answer = answer
        self._scheme = scheme

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client goes or a reply ends the connection."""
        self._log.open_connections += 1
        try:
            while True:
                asked = await read_request(reader)
                if asked.header("upgrade").lower() == "websocket":
                    await talk(asked, reader, writer, self._log, scheme=self._scheme)
                    return
                if not await self._exchange(asked, reader, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            return
        finally:
            self._log.open_connections -= 1
            await close(writer)

    async def _exchange(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; say whether the connection may serve another."""
        reply = self._answer(asked)
        served = self._logged(asked)
        self._log.served.append(served)
        if reply.silent:
            await _until_gone(reader, served)
            return False
        served.status, served.plain, served.coding = reply.status, reply.body, reply.coding
        coded = encode(reply.coding, reply.body)
        served.headers = wire_headers(reply, served.id, len(coded))
        served.head = _head(f"{reply.version} {reply.status} {reply.reason}", served.headers)
        try:
            writer.write(_hints(reply) + served.head)
            await writer.drain()
            if has_body(asked, reply):
                await _send(coded, reply, served, writer)
            served.sent_whole = reply.end is End.WHOLE
        except ConnectionError:
            served.client_gone = True
            raise
        if reply.end is End.HELD:
            await _until_gone(reader, served)
        return reply.end is End.WHOLE and reply.framing is not Framing.CLOSE

    def _logged(self, asked: Asked) -> Served:
        return Served(
            id=self._log.next_id(),
            protocol="http/1.1",
            origin=f"{self._scheme}://{asked.header('host')}",
            method=asked.method,
            target=asked.target,
            request_head=asked.head,
            request_headers=asked.headers,
            request_body=asked.body,
        )


async def read_request(reader: asyncio.StreamReader) -> Asked:
    """Read one request, its head exact and its body whole."""
    head = await reader.readuntil(b"\r\n\r\n")
    start, headers = parse_head(head)
    method, target, _ = start.split(" ", 2)
    fields = {name.lower(): value for name, value in headers}
    if fields.get("transfer-encoding", "").lower() == "chunked":
        body = b"".join([chunk async for chunk in chunks(reader)])
    else:
        body = await reader.readexactly(int(fields.get("content-length", "0")))
    return Asked(method=method, target=target, headers=headers, body=body, head=head)


def parse_head(head: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Give the start line and the fields of a head, in order."""
    start, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return start, tuple((name, value.strip()) for name, _, value in pairs)


async def chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Give the chunks of a body, without trailers."""
    while size := int((await reader.readline()).partition(b";")[0], 16):
        yield await reader.readexactly(size)
        await reader.readline()
    while (await reader.readline()).strip():
        pass


def has_body(asked: Asked, reply: Reply) -> bool:
    """Say whether a body follows the head."""
    return asked.method != "HEAD" and reply.status not in _BODILESS and reply.framing is not Framing.NONE


def wire_headers(reply: Reply, identity: str, length: int) -> tuple[tuple[str, str], ...]:
    """Give the fields as they are sent: the exchange's id first, then the reply's own, then what frames the body."""
    fields = [("X-Exchange-Id", identity), *reply.headers]
    if reply.coding:
        fields.append(("Content-Encoding", reply.coding))
    match reply.framing:
        case Framing.LENGTH if reply.status not in _BODILESS:
            fields.append(("Content-Length", str(length)))
        case Framing.CHUNKED:
            fields.append(("Transfer-Encoding", "chunked"))
        case Framing.CLOSE:
            fields.append(("Connection", "close"))
        case _:
            pass
    return tuple(fields)


def _head(start: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _hints(reply: Reply) -> bytes:
    return _head("HTTP/1.1 103 Early Hints", reply.hints) if reply.hints else b""


def pieces(coded: bytes, reply: Reply) -> Iterator[bytes]:
    """Give the body in the pieces in which it is sent, as far as it is sent."""
    until = len(coded) if reply.cut_at is None else reply.cut_at
    for at in range(0, until, reply.piece_bytes):
        yield coded[at : min(at + reply.piece_bytes, until)]


async def _send(coded: bytes, reply: Reply, served: Served, writer: asyncio.StreamWriter) -> None:
    parts: list[bytes] = []
    chunked = reply.framing is Framing.CHUNKED
    try:
        for piece in pieces(coded, reply):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            parts.append(piece)
            await writer.drain()
            await asyncio.sleep(reply.pace_s)
        if chunked and reply.end is End.WHOLE:
            writer.write(b"0\r\n\r\n")
            await writer.drain()
    finally:
        served.sent = b"".join(parts)


async def _until_gone(reader: asyncio.StreamReader, served: Served) -> None:
    with suppress(ConnectionError):
        await reader.read(1)
    served.client_gone = True


async def close(writer: asyncio.StreamWriter) -> None:
    """End a connection, whether or not the other side still listens."""
    writer.close()
    with suppress(ConnectionError, TimeoutError, OSError):
        async with asyncio.timeout(2):
            await writer.wait_closed()
