"""What the site did: each exchange with its exact bytes, each socket with its messages."""

import hashlib
from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True, kw_only=True)
class Served:
    """One exchange. ``sent`` is the body as it went out: content-coded, without the framing of HTTP/1.1 chunks.

    ``plain`` is the body before content-coding, whole also where less was sent.
    """

    id: str
    protocol: str
    origin: str
    method: str
    target: str
    request_head: bytes
    request_headers: Headers
    request_body: bytes = field(repr=False)
    status: int = 0
    head: bytes = b""
    headers: Headers = ()
    plain: bytes = field(default=b"", repr=False)
    coding: str = ""
    sent: bytes = field(default=b"", repr=False)
    sent_whole: bool = False
    client_gone: bool = False

    @property
    def url(self) -> str:
        return self.origin + self.target

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def request_digest(self) -> str:
        return digest(self.request_body)

    @property
    def sent_digest(self) -> str:
        return digest(self.sent)

    @property
    def plain_digest(self) -> str:
        return digest(self.plain)


@dataclass(slots=True, kw_only=True)
class Socket:
    """One WebSocket: its handshake, and each message as (who sent it, opcode, bytes)."""

    id: str
    url: str
    request_head: bytes
    head: bytes
    messages: list[tuple[str, int, bytes]] = field(default_factory=list, repr=False)


@dataclass(slots=True)
class Log:
    """Everything that was served, in the order of asking."""

    served: list[Served] = field(default_factory=list)
    sockets: list[Socket] = field(default_factory=list)
    open_connections: int = 0

    def next_id(self) -> str:
        return f"x-{len(self.served) + 1:05d}"

    def by_path(self, path: str) -> list[Served]:
        return [one for one in self.served if one.path == path]


def digest(content: bytes) -> str:
    """Give the content's SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()
