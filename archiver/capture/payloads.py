"""Take a response's payload in the way that is right for its kind and size. Source: reference/recorder.md 3.5.

Copied while it streams to the page (``Network.streamResourceContent``) where that is known to work; whole
(``Fetch.getResponseBody``) where it is small or a document; block by block where it is large.

LIMIT: a payload under 256 KiB that a page reads while it is still coming reaches the page once it is whole.
LIMIT: a copy of a payload that its server breaks off at once may be empty: it is asked again, and that is labelled.
"""

import asyncio
import base64
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from archiver.capture import traffic
from archiver.capture.cdp_session import Event, Session, SessionGoneError
from archiver.capture.relay import Peers
from archiver.capture.traffic import Body, Chain, Hop

_STREAMED_OVER_BYTES = 256 << 10
_WHOLE_UP_TO_BYTES = 20 << 20
_TEE_TIMEOUT_S = 3
_WHOLE_S = 3.0
_DOCUMENT_S = 45.0
_DOCUMENT_BYTES = 64 << 20
_ENCODED_BYTES = 8 << 20
_BESIDE_BYTES = 128 << 20
_TOO_LARGE = "larger than can be taken whole"
_GLANCE_S = 0.25
_READ_BYTES = 1 << 20
_TEED = frozenset({"Stylesheet", "Image", "Media", "Font", "Script", "XHR", "Fetch", "EventSource", "TextTrack"})


class Payloads:
    """The payloads of one recording: files in ``scratch``, open ones by the browser's name for their request."""

    def __init__(self, *, scratch: Path, max_body_bytes: int, peers: Peers) -> None:
        self._scratch = scratch
        self._peers = peers
        self._max_body_bytes = max_body_bytes
        self._open: dict[str, Body] = {}
        self._late: set[asyncio.Future[Event]] = set()
        self._count = 0

    @property
    def awaited(self) -> int:
        """Give how many payloads are still coming though their responses were let go on."""
        return len(self._late)

    async def take(self, top: Session, chain: Chain, hop: Hop, owner: Session | None) -> tuple[str, Event] | None:
        """Take the payload; give the command that lets the response go on where it is not the usual one.

        Raises SessionGoneError if the browser does not give it.
        """
        event = hop.event
        length = _length(event)
        large = length is None or length > _STREAMED_OVER_BYTES
        if large and owner is not None and event.get("resourceType") in _TEED and await self._tee(chain, hop, owner):
            return None
        if event.get("resourceType") == "Document" or length is None or length <= _WHOLE_UP_TO_BYTES:
            return await self._whole(top, chain, hop)
        return await self._streamed(top, hop)

    def add(self, network_id: str, data: str) -> None:
        """Add what arrived for a payload that is being copied, base64 as the browser sends it."""
        body = self._open.get(network_id)
        if body is not None and data:
            body.write(base64.b64decode(data))

    def end(self, network_id: str, *, complete: bool) -> Body | None:
        """Close the payload that was being copied; give it, or None if there was none."""
        body = self._open.pop(network_id, None)
        if body is not None:
            body.end(complete=complete)
        return body

    def close(self, hops: Iterator[Hop]) -> None:
        """Close what is still open: it was cut off."""
        for late in tuple(self._late):
            late.cancel()
        for hop in hops:
            if hop.body is not None:
                hop.body.end(complete=False, at_once=True)
        self._open.clear()

    def _next_file(self) -> Path:
        self._count += 1
        return self._scratch / f"body-{self._count:05d}"

    async def _whole(self, top: Session, chain: Chain, hop: Hop) -> tuple[str, Event] | None:
        """Take it in one piece. A slow one is not waited for; one without a stated end fails past its bounds."""
        request = {"requestId": hop.event["requestId"]}
        asked = asyncio.ensure_future(top.send("Fetch.getResponseBody", request))
        asked.add_done_callback(lambda one: one.cancelled() or one.exception())  # the recorder may end before it
        if hop.event.get("resourceType") != "Document" and _length(hop.event) is not None:
            if not (await asyncio.wait((asked,), timeout=_WHOLE_S))[0]:
                self._take_later(asked, hop)
                return None
        elif (why := await self._past_bounds(asked, chain, hop.event)) is not None:
            asked.cancel()
            return _given_up(hop, why)
        hop.body = self._next_whole()
        _keep(asked.result(), hop.body)
        return None

    def _take_later(self, asked: "asyncio.Future[Event]", hop: Hop) -> None:
        """Keep the payload when it has come: the response goes on meanwhile, and the browser passes it on then."""
        body = hop.body = self._next_whole()
        self._late.add(asked)

        def came(done: "asyncio.Future[Event]") -> None:
            self._late.discard(done)
            if done.cancelled():
                return
            error = done.exception()
            if error is None:
                _keep(done.result(), body)
            else:
                hop.problem = f"its payload did not come whole: {error}"

        asked.add_done_callback(came)

    def _next_whole(self) -> Body:
        return Body(path=self._next_file(), how="Fetch.getResponseBody")

    async def _past_bounds(self, asked: "asyncio.Future[Event]", chain: Chain, event: Event) -> str | None:
        """Wait for it; give the bound that was passed first, or None: it may be long, not endless."""
        encoded = (traffic.header_of(event, "content-encoding") or "identity").strip().lower() != "identity"
        most = _ENCODED_BYTES if encoded else _DOCUMENT_BYTES
        if not chain.is_main_document:  # of a main document nothing is fetched beside it; here it may be anything
            most = _BESIDE_BYTES
        loop = asyncio.get_running_loop()
        began, end = self._peers.received, loop.time() + _DOCUMENT_S
        while not (await asyncio.wait((asked,), timeout=_GLANCE_S))[0]:
            if loop.time() > end:
                return "the server stopped in the middle of it"
            if (_plain_length(event) or most + 1) > most and self._peers.received - began > most:
                return _TOO_LARGE
        return None

    async def _tee(self, chain: Chain, hop: Hop, owner: Session) -> bool:
        """Have the browser copy the payload to us while the page gets it; False if it does not."""
        body = Body(path=self._next_file(), how="Network.streamResourceContent", ready=False)
        self._open[chain.network_id] = body
        try:
            found = await asyncio.wait_for(
                owner.send("Network.streamResourceContent", {"requestId": chain.network_id}), _TEE_TIMEOUT_S
            )
        except (SessionGoneError, TimeoutError):
            del self._open[chain.network_id]
            return False
        hop.body = body
        body.begin(base64.b64decode(str(found.get("bufferedData") or "")))
        return True

    async def _streamed(self, top: Session, hop: Hop) -> tuple[str, Event]:
        """Take a large payload block by block; the page gets an empty one, and the record says so."""
        request = {"requestId": hop.event["requestId"]}
        body = Body(path=self._next_file(), how="Fetch.takeResponseBodyAsStream")
        hop.body = body
        hop.problem = "recorded, but too large to give to the page as well: the page got an empty body"
        handle = (await top.send("Fetch.takeResponseBodyAsStream", request))["stream"]
        done = False
        while not done and body.size < self._max_body_bytes:
            block = await top.send("IO.read", {"handle": handle, "size": _READ_BYTES})
            data = str(block.get("data", ""))
            body.write(base64.b64decode(data) if block.get("base64Encoded") else data.encode())
            done = bool(block.get("eof"))
        with suppress(SessionGoneError):
            await top.send("IO.close", {"handle": handle})
        body.end(complete=done)
        headers = [one for one in hop.event.get("responseHeaders") or [] if one["name"].lower() != "content-length"]
        return "Fetch.fulfillRequest", {
            **request,
            "responseCode": hop.event["responseStatusCode"],
            "responseHeaders": headers,
            "body": "",
        }


def _given_up(hop: Hop, why: str) -> tuple[str, Event]:
    """Note that it is not taken, and give the command that ends it: Playwright's driver would die of it."""
    hop.problem = f"its payload was given up: {why}"
    hop.too_large = why == _TOO_LARGE
    return "Fetch.failRequest", {"requestId": hop.event["requestId"], "errorReason": "TimedOut"}


def _keep(found: Event, body: Body) -> None:
    """Write a payload that the browser gave in one piece."""
    text = str(found["body"])
    body.write(base64.b64decode(text) if found.get("base64Encoded") else text.encode())
    body.end(complete=True)


def _plain_length(event: Event) -> int | None:
    """Give how long the server says that the payload is as it comes over the wire; None where it does not say."""
    text = (traffic.header_of(event, "content-length") or "").strip()
    return int(text) if text.isdecimal() else None


def _length(event: Event) -> int | None:
    """Give how long a payload may become: unknown if chunked, guarded by a factor of eight if encoded."""
    text = traffic.header_of(event, "content-length")
    if text is None or not text.strip().isdecimal():
        return None
    encoded = traffic.header_of(event, "content-encoding")
    return int(text) * (8 if encoded and encoded.strip().lower() != "identity" else 1)
