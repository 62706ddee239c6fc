"""HTTP/2 by the `h2` library: the same replies as frames, with flow control; heads are logged as lists."""

import asyncio
from collections.abc import Callable
from typing import Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError

from tests.support.site.codings import encode
from tests.support.site.http1 import close, has_body, pieces, wire_headers
from tests.support.site.log import Headers, Log, Served
from tests.support.site.reply import Asked, End, Reply

_OF_HTTP1: Final = frozenset({"connection", "transfer-encoding"})
_READ_BYTES: Final = 1 << 16
_BEFORE_RESET_S: Final = 0.1  # a reset overtakes what was sent before it: browsers then drop what they have not read


class _Stream:
    """One request on its way in."""

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self.body = bytearray()
        self.served: Served | None = None
        self.gone = asyncio.Event()


class Http2:
    """One connection: requests are answered side by side."""

    def __init__(self, log: Log, answer: Callable[[Asked], Reply], *, scheme: str) -> None:
        self._log = log
        self._answer = answer
        self._scheme = scheme
        self._streams: dict[int, _Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Condition()
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="latin-1"))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client goes."""
        self._log.open_connections += 1
        self._writer = writer
        try:
            self._h2.initiate_connection()
            self._flush()
            while data := await reader.read(_READ_BYTES):
                for event in self._h2.receive_data(data):
                    await self._heard(event)
                self._flush()
        except (ConnectionError, ProtocolError):
            pass
        finally:
            await self._end()
            self._log.open_connections -= 1
            await close(writer)

    async def _end(self) -> None:
        for stream in self._streams.values():
            stream.gone.set()
        async with self._room:
            self._room.notify_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _heard(self, event: Event) -> None:
        match event:
            case RequestReceived():
                fields = tuple((str(name), str(value)) for name, value in event.headers)
                self._streams[event.stream_id] = _Stream(fields)
            case DataReceived():
                self._streams[event.stream_id].body += event.data
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case StreamEnded():
                task = asyncio.create_task(self._exchange(event.stream_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case StreamReset():
                self._streams[event.stream_id].gone.set()
            case ConnectionTerminated():
                raise ConnectionResetError("the client ends the connection")
            case _:
                pass
        if isinstance(event, (WindowUpdated, StreamReset)):
            async with self._room:
                self._room.notify_all()

    async def _exchange(self, number: int) -> None:
        stream = self._streams[number]
        asked = _asked(stream)
        reply = self._answer(asked)
        stream.served = served = self._logged(stream, asked)
        self._log.served.append(served)
        if not reply.silent:
            coded = encode(reply.coding, reply.body)
            headers = wire_headers(reply, served.id, len(coded))
            served.headers = tuple((name.lower(), value.strip()) for name, value in headers if not _left_out(name))
            served.status, served.plain, served.coding = reply.status, reply.body, reply.coding
            await self._send(number, stream, asked, reply, coded)
        if reply.silent or reply.end is End.HELD:
            await stream.gone.wait()
            served.client_gone = True

    async def _send(self, number: int, stream: _Stream, asked: Asked, reply: Reply, coded: bytes) -> None:
        assert stream.served is not None
        bodied = has_body(asked, reply)
        try:
            head = [(":status", str(reply.status)), *stream.served.headers]
            self._h2.send_headers(number, _latin1(head), end_stream=not bodied)
            self._flush()
            if bodied:
                await self._send_body(number, stream, reply, coded)
            stream.served.sent_whole = reply.end is End.WHOLE
        except (ProtocolError, ConnectionError):
            stream.served.client_gone = True

    async def _send_body(self, number: int, stream: _Stream, reply: Reply, coded: bytes) -> None:
        assert stream.served is not None
        sent = bytearray()
        try:
            for piece in pieces(coded, reply):
                left = memoryview(piece)
                while left:
                    block = left[: await self._allowed(number, stream)]
                    self._h2.send_data(number, bytes(block))
                    self._flush()
                    await self._writer.drain()
                    sent += block
                    left = left[len(block) :]
                await asyncio.sleep(reply.pace_s)
        finally:
            stream.served.sent = bytes(sent)
        if reply.end is End.WHOLE:
            self._h2.end_stream(number)
        elif reply.end is End.CLOSED:
            await asyncio.sleep(_BEFORE_RESET_S)
            self._h2.reset_stream(number, ErrorCodes.INTERNAL_ERROR)
        self._flush()

    async def _allowed(self, number: int, stream: _Stream) -> int:
        """Wait until the client takes more of this stream; give how much."""
        async with self._room:
            while not stream.gone.is_set():
                room = min(self._h2.local_flow_control_window(number), self._h2.max_outbound_frame_size)
                if room > 0:
                    return room
                await self._room.wait()
        raise ConnectionResetError("the client left the stream")

    def _logged(self, stream: _Stream, asked: Asked) -> Served:
        fields = dict(stream.headers)
        return Served(
            id=self._log.next_id(),
            protocol="h2",
            origin=f"{self._scheme}://{fields[':authority']}",
            method=asked.method,
            target=asked.target,
            request_head=b"",
            request_headers=asked.headers,
            request_body=asked.body,
        )

    def _flush(self) -> None:
        self._writer.write(self._h2.data_to_send())


def _asked(stream: _Stream) -> Asked:
    fields = dict(stream.headers)
    plain = tuple((name, value) for name, value in stream.headers if not name.startswith(":"))
    return Asked(method=fields[":method"], target=fields[":path"], headers=plain, body=bytes(stream.body))


def _left_out(name: str) -> bool:
    return name.lower() in _OF_HTTP1


def _latin1(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
