"""WebSockets: the handshake as an exchange, the messages as JSON lines, in the order in which they passed.

The browser pauses no handshake, so both are taken from Network events. The form of the messages is that of
iipc/warc-specifications issue 115, still open. The handshake's response has no body: what follows it is the messages.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from archiver.capture.cdp_session import Event, Session
from archiver.capture.exchange import Exchange, FrameLog, Headers
from archiver.capture.relay import Peers
from archiver.capture.traffic import fields_of
from archiver.model.evidence import Unrecorded
from archiver.model.instant import Clock, Instant

_MOST_SOCKETS: Final = 2_000
_MOST_LINES: Final = 200_000
_MOST_CHARACTERS: Final = 128 << 20


@dataclass(slots=True, kw_only=True)
class _Socket:
    url: str
    at: Instant
    request: Event = field(default_factory=dict)
    response: Event = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    dropped: int = 0


class Sockets:
    """The WebSockets of one recording. What is kept of all of them together has a bound."""

    def __init__(self, *, clock: Clock, peers: Peers) -> None:
        self._clock = clock
        self._peers = peers
        self._found: dict[str, _Socket] = {}
        self._beyond: dict[str, None] = {}
        self._unnamed = 0
        self._lines = 0
        self._characters = 0

    def listen(self, session: Session) -> None:
        """Hear the sockets of a target."""
        session.on("Network.webSocketCreated", self._created)
        session.on("Network.webSocketWillSendHandshakeRequest", self._asked)
        session.on("Network.webSocketHandshakeResponseReceived", self._answered)
        session.on("Network.webSocketFrameSent", lambda event: self._frame(event, "sent"))
        session.on("Network.webSocketFrameReceived", lambda event: self._frame(event, "received"))

    def handshakes(self) -> Iterator[Exchange]:
        """Give the handshakes that were answered, as exchanges."""
        for one in self._found.values():
            if one.response:
                yield _exchange(one, self._peers)

    def logs(self) -> tuple[FrameLog, ...]:
        """Give the messages of each socket."""
        return tuple(FrameLog(url=one.url, lines=tuple(one.lines)) for one in self._found.values())

    def unrecorded(self) -> Iterator[Unrecorded]:
        """Give the sockets of which something is missing."""
        for one in self._found.values():
            if not one.response:
                yield Unrecorded(url=one.url, reason="WebSocket: the handshake was not answered")
            if one.dropped:
                yield Unrecorded(url=one.url, reason=f"WebSocket: {one.dropped} messages beyond the bound, not kept")
        for url in self._beyond:
            yield Unrecorded(url=url, reason=f"WebSocket: beyond the first {_MOST_SOCKETS}, nothing of it was kept")
        if self._unnamed:
            yield Unrecorded(url="", reason=f"WebSocket: {self._unnamed} more beyond the first {_MOST_SOCKETS}")

    def _created(self, event: Event) -> None:
        self._peers.expect(str(event["url"]))
        if len(self._found) >= _MOST_SOCKETS:
            if len(self._beyond) < _MOST_SOCKETS:
                self._beyond[str(event["url"])] = None
            else:
                self._unnamed += 1
            return
        self._found[str(event["requestId"])] = _Socket(url=str(event["url"]), at=self._clock.now())

    def _asked(self, event: Event) -> None:
        socket = self._found.get(str(event["requestId"]))
        if socket is not None:
            socket.request = dict(event.get("request", {}))

    def _answered(self, event: Event) -> None:
        socket = self._found.get(str(event["requestId"]))
        if socket is not None:
            socket.response = dict(event.get("response", {}))

    def _frame(self, event: Event, direction: str) -> None:
        socket = self._found.get(str(event["requestId"]))
        if socket is None:
            return
        frame = event.get("response", {})
        line = json.dumps(
            {
                "at": str(self._clock.now()),
                "direction": direction,
                "opcode": frame.get("opcode"),
                "payload": frame.get("payloadData"),
            },
            ensure_ascii=False,
        )
        if self._lines >= _MOST_LINES or self._characters + len(line) > _MOST_CHARACTERS:
            socket.dropped += 1
            return
        socket.lines.append(line)
        self._lines += 1
        self._characters += len(line)


def _exchange(socket: _Socket, peers: Peers) -> Exchange:
    parts = urlsplit(socket.url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    peer = peers.peer(parts.hostname or "", port)
    response = socket.response
    verbatim = str(response["headersText"]) if response.get("headersText") else None
    return Exchange(
        url=socket.url.replace("ws", "http", 1),  # what the handshake is: an HTTP request to that address
        method="GET",
        request_headers=_headers(response.get("requestHeaders") or socket.request.get("headers") or {}),
        status=int(response.get("status", 0)),
        status_text=str(response.get("statusText", "")),
        headers=fields_of(verbatim) or _headers(response.get("headers") or {}),
        verbatim_head=verbatim,
        started_at=socket.at,
        resource_type="WebSocket",
        body_form="none",
        how="Network.webSocketHandshakeResponseReceived",
        truncated=None,
        protocol="http/1.1",
        remote_ip=peer.address if peer else None,
        remote_port=port if peer and peer.address else None,
    )


def _headers(found: object) -> Headers:
    listed = found if isinstance(found, dict) else {}
    return tuple((str(name), value) for name, joined in listed.items() for value in str(joined).split("\n"))
