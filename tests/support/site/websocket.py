"""A WebSocket server by hand (RFC 6455): greets in text and in bytes, echoes, and logs every message."""

import asyncio
import base64
import hashlib
from typing import Final

from tests.support.site.log import Log, Socket
from tests.support.site.reply import Asked

_MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _BYTES, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10
GREETINGS: Final = ((_TEXT, "سلام — hello".encode()), (_BYTES, bytes(range(256))), (_TEXT, b"long " * 14_000))


async def talk(
    asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: Log, *, scheme: str
) -> None:
    """Shake hands, greet, then echo each message until the page closes."""
    accept = base64.b64encode(hashlib.sha1(asked.header("sec-websocket-key").encode() + _MAGIC).digest()).decode()
    identity = f"s-{len(log.sockets) + 1:05d}"
    lines = ["HTTP/1.1 101 Switching Protocols", f"X-Exchange-Id: {identity}"]
    lines += ["Upgrade: websocket", "Connection: Upgrade"]
    head = "\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode()
    secure = scheme == "https"
    url = f"{'wss' if secure else 'ws'}://{asked.header('host')}{asked.target}"
    socket = Socket(id=identity, url=url, request_head=asked.head, head=head)
    log.sockets.append(socket)
    writer.write(head)
    for opcode, content in GREETINGS:
        _send(writer, socket, opcode, content)
    while True:
        opcode, content = await _message(reader)
        if opcode == _CLOSE:
            writer.write(_frame(_CLOSE, content[:2]))
            await writer.drain()
            return
        if opcode == _PING:
            writer.write(_frame(_PONG, content))
        elif opcode in {_TEXT, _BYTES}:
            socket.messages.append(("sent", opcode, content))
            _send(writer, socket, opcode, b"echo " + content if opcode == _TEXT else content[::-1])
        await writer.drain()


def _send(writer: asyncio.StreamWriter, socket: Socket, opcode: int, content: bytes) -> None:
    """Send one message of the server; the log names directions as the page sees them."""
    writer.write(_frame(opcode, content))
    socket.messages.append(("received", opcode, content))


def _frame(opcode: int, content: bytes) -> bytes:
    size = len(content)
    if size < 126:
        length = bytes([size])
    elif size < 1 << 16:
        length = b"\x7e" + size.to_bytes(2)
    else:
        length = b"\x7f" + size.to_bytes(8)
    return bytes([0x80 | opcode]) + length + content


async def _message(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one message, put together from its fragments."""
    opcode, content = 0, b""
    while True:
        first, second = await reader.readexactly(2)
        size = second & 0x7F
        if size >= 126:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
        mask = await reader.readexactly(4)
        masked = await reader.readexactly(size)
        content += _unmasked(masked, mask)
        opcode = first & 0x0F or opcode
        if first & 0x80:
            return opcode, content


def _unmasked(masked: bytes, mask: bytes) -> bytes:
    key = (mask * (len(masked) // 4 + 1))[: len(masked)]
    return (int.from_bytes(masked) ^ int.from_bytes(key)).to_bytes(len(masked))
