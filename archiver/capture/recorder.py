"""Record everything a browser fetches, over the DevTools protocol, from the browser's own connections.

Each response of every target (documents, frames in other processes, workers, beacons, preflights) is
paused once (``Fetch`` on the browser's session, see `interception`); its payload is taken and it is let go
on, so the page gets what it would have got. Heads as on the wire, addresses, TLS come from ``Network`` events of each
target. Every pause ends in exactly one continue or fail. What was seen and not recorded is listed.
Source: reference/recorder.md section 3.

LIMIT: payloads are content-decoded by the browser; redirects' payloads cannot be had.
LIMIT: a document is taken whole by Playwright's driver: one of more than 64 MiB is given up, and one that unpacks
to hundreds of MiB out of a few ends the driver. That attempt is a browser crash; what ran beside it is tried again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from archiver.capture import traffic
from archiver.capture.cdp_session import ChildSession, Event, Session, SessionGoneError, TopSession
from archiver.capture.certificates import certificates
from archiver.capture.exchange import Recording
from archiver.capture.interception import Interception
from archiver.capture.outcome import kind_of_response
from archiver.capture.payloads import Payloads
from archiver.capture.relay import Peers
from archiver.capture.sockets import Sockets
from archiver.capture.traffic import Chain, Hop
from archiver.model.evidence import Method, Unrecorded
from archiver.model.instant import Clock

_MOST_PAUSED = 64
_MOST_REQUESTS = 16
_FRAMING = 16  # the last chunk of an empty chunked payload, and its like
_MOST_PROBLEMS = 10_000
_SUCCESS = range(200, 300)

Refuse = Callable[[str], Awaitable[str | None]]


class Recorder(Protocol):
    """What records a page's traffic. The next engine is to fit behind the same calls."""

    name: str
    payload_form: str

    async def attach(self, context: BrowserContext, hearing: CDPSession) -> None:
        """Hear a page and its children over a session of the page: before it navigates."""
        ...

    async def stop(self, deadline_s: float) -> Recording:
        """End within the deadline and give all that was recorded; what is unfinished is marked as cut off."""
        ...


class CdpRecorder:
    """The default recorder. One for one capture; bodies go to files in ``scratch``."""

    name = "cdp"
    payload_form = "decoded"

    def __init__(
        self,
        *,
        interception: Interception,
        peers: Peers,
        scratch: Path,
        clock: Clock,
        refuse: Refuse,
        max_body_bytes: int,
    ) -> None:
        self._interception = interception
        self._peers = peers
        self._context_id = ""
        self._payloads = Payloads(scratch=scratch, max_body_bytes=max_body_bytes, peers=peers)
        self._clock = clock
        self._refuse = refuse
        self._chains: dict[str, Chain] = {}
        self._owners: dict[str, Session] = {}
        self._sockets = Sockets(clock=clock, peers=peers)
        self._children: dict[str, ChildSession] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(_MOST_PAUSED)
        self._request_gate = asyncio.Semaphore(_MOST_REQUESTS)
        self._top = interception.session
        self._page: Session | None = None
        self._main_frame = ""
        self._stopped = False
        self._direct: str | None = None
        self._delivered = False
        self._late: list[str] = []
        self._problems: list[Unrecorded] = []
        self._open: set[str] = set()
        self.last_activity = time.monotonic()

    @property
    def inflight(self) -> int:
        """Give how many requests have no end yet."""
        return len(self._open)

    async def attach(self, context: BrowserContext, hearing: CDPSession) -> None:
        """Hear the page, its frames and workers, and the windows that it opens."""
        session = TopSession(hearing)
        if self._page is None:
            self._page = session
            found = (await session.send("Target.getTargetInfo"))["targetInfo"]
            self._main_frame = str(found["targetId"])
            self._context_id = str(found["browserContextId"])
            self._interception.enrol(self._context_id, self)
            self._interception.claim(self._main_frame, self)
            context.on("page", lambda opened: self._spawn(self._attach_popup(context, opened)))
        await self._listen(session)

    async def stop(self, deadline_s: float) -> Recording:
        """Wait for open bodies until the deadline, then end, and give what was recorded."""
        end = time.monotonic() + deadline_s
        while (self._tasks or self._open or self._payloads.awaited) and time.monotonic() < end:  # noqa: ASYNC110 - two sets and a clock are watched
            await asyncio.sleep(0.05)
        origins = (one.url for one in tuple(self._chains.values()) if one.hops)
        chains = await certificates(self._page, origins, timeout_s=max(end - time.monotonic(), 1.0))
        self._stopped = True
        self._interception.leave(self._context_id)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for child in self._children.values():
            child.close()
        self._payloads.close(hop for chain in self._chains.values() for hop in chain.hops)
        return self._recording(chains)

    def _recording(self, chains: tuple[tuple[str, tuple[bytes, ...]], ...]) -> Recording:
        everything = tuple(self._chains.values())
        failures = (traffic.failure(chain, self._peers) for chain in everything)
        return Recording(
            exchanges=traffic.of_origin(
                (
                    *(one for chain in everything for one in traffic.exchanges(chain, self._peers)),
                    *self._sockets.handshakes(),
                )
            ),
            failures=tuple(one for one in failures if one is not None),
            unrecorded=(
                *(one for chain in everything for one in traffic.unrecorded(chain, self._peers)),
                *self._problems,
                *self._sockets.unrecorded(),
            ),
            chains=chains,
            websockets=self._sockets.logs(),
            direct_wanted=self._direct,
            late_documents=tuple(self._late),
        )

    # --- pauses -----------------------------------------------------------------------------------

    async def paused(self, event: Event) -> None:
        """Take one pause to its end: exactly one continue or fail, whatever happens in between."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Few requests at once, each until the browser has taken the answer: else a page that asks for thousands keeps
        # this loop busy with its requests, and the responses that came meanwhile are not read.
        is_response = "responseStatusCode" in event or "responseErrorReason" in event
        async with self._gate if is_response else self._request_gate:
            verdict = ("Fetch.continueRequest", {"requestId": event["requestId"]})
            self.last_activity = time.monotonic()
            try:
                verdict = await (self._response(event) if is_response else self._request(event))
            except SessionGoneError as error:
                self._problems.append(Unrecorded(url=str(event["request"]["url"]), reason=f"not recorded: {error}"))
            finally:
                if not self._stopped:
                    await self._quietly(self._top, *verdict)

    def stray(self, url: str) -> None:
        """Note a request that no page of this browser owned: it may have been one of ours."""
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(Unrecorded(url=url, reason="asked by no page that is known: let go on unrecorded"))

    async def _request(self, event: Event) -> tuple[str, Event]:
        """Let a request go, or refuse it where the guard does."""
        refused = await self._refuse(str(event["request"]["url"]))
        if refused is None:
            self._peers.expect(str(event["request"]["url"]))
            return "Fetch.continueRequest", {"requestId": event["requestId"]}
        chain = self._chain(event)
        chain.refused, chain.asked = refused, str(event["request"]["url"])
        return "Fetch.failRequest", {"requestId": event["requestId"], "errorReason": "AddressUnreachable"}

    async def _response(self, event: Event) -> tuple[str, Event]:
        """Take a response's payload and let it go on to the page."""
        onwards: tuple[str, Event] = ("Fetch.continueResponse", {"requestId": event["requestId"]})
        if "responseStatusCode" not in event:
            return "Fetch.continueRequest", {"requestId": event["requestId"]}
        chain = self._chain(event)
        hop = Hop(event=event, at=self._clock.now())
        chain.hops.append(hop)
        if self._is_main(event) and self._is_late(event):
            chain.is_main_document = False
            self._late.append(str(event["request"]["url"]))
        elif self._is_main(event):
            chain.is_main_document = True
            self._delivered = self._delivered or not traffic.is_redirect(event)
            if traffic.may_have_body(event) and self._wants_direct(event):
                hop.problem = "a main document that is no page: left to the direct client"
                return "Fetch.failRequest", {"requestId": event["requestId"], "errorReason": "Aborted"}
        if traffic.may_have_body(event):
            onwards = await self._payloads.take(self._top, chain, hop, self._owners.get(chain.network_id)) or onwards
            if hop.body is not None and hop.body.complete:
                # A worker's script never reports its end to the page's session: its payload at hand is its end.
                self._open.discard(chain.network_id)
        return onwards

    def _is_late(self, event: Event) -> bool:
        """Say whether a page that is there already offers this file: then it is an exchange like any other."""
        headers = [(one["name"], one["value"]) for one in event.get("responseHeaders") or []]
        return self._delivered and not traffic.is_redirect(event) and kind_of_response(headers) is Method.DIRECT

    def _wants_direct(self, event: Event) -> bool:
        status = int(event["responseStatusCode"])
        headers = [(one["name"], one["value"]) for one in event.get("responseHeaders") or []]
        if status not in _SUCCESS or kind_of_response(headers) is Method.BROWSER:
            return False
        self._direct = traffic.header_of(event, "content-type") or "application/octet-stream"
        return True

    # --- events -----------------------------------------------------------------------------------

    async def _listen(self, session: Session) -> None:
        """Hear a target's network, and attach to its children before they run."""
        session.on("Network.requestWillBeSent", lambda event: self._sent(session, event))
        session.on("Network.requestWillBeSentExtraInfo", lambda event: self._by_id(event).sent_extra.append(event))
        session.on("Network.responseReceived", lambda event: self._by_id(event).received.append(event))
        session.on("Network.responseReceivedExtraInfo", lambda event: self._by_id(event).received_extra.append(event))
        session.on("Network.requestServedFromCache", self._served_from_cache)
        session.on("Network.dataReceived", self._data)
        session.on("Network.loadingFinished", lambda event: self._ended(event, error=None))
        session.on("Network.loadingFailed", lambda event: self._ended(event, error=str(event.get("errorText", ""))))
        self._sockets.listen(session)
        session.on("Page.frameAttached", lambda event: self._interception.claim(str(event["frameId"]), self))
        session.on("Target.attachedToTarget", lambda event: self._spawn(self._attached(session, event)))
        session.on("Target.receivedMessageFromTarget", self._from_child)
        session.on("Target.detachedFromTarget", self._detached)
        await session.send("Network.enable", {"maxTotalBufferSize": 1 << 20, "maxResourceBufferSize": 512 << 10})
        attach = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False}
        await self._quietly(session, "Page.enable")
        await self._quietly(session, "Target.setAutoAttach", attach)

    async def _attach_popup(self, context: BrowserContext, page: Page) -> None:
        try:
            await self.attach(context, await context.new_cdp_session(page))
        except (SessionGoneError, PlaywrightError) as error:
            self._problems.append(Unrecorded(url=page.url, reason=f"a window opened and could not be heard: {error}"))

    async def _attached(self, parent: Session, event: Event) -> None:
        child = ChildSession(parent, str(event["sessionId"]))
        self._children[str(event["sessionId"])] = child
        try:
            await self._listen(child)
        except SessionGoneError as error:
            url = str(event.get("targetInfo", {}).get("url", ""))
            self._problems.append(Unrecorded(url=url, reason=f"a frame or worker could not be heard: {error}"))
        finally:
            await self._quietly(child, "Runtime.runIfWaitingForDebugger")

    def _from_child(self, event: Event) -> None:
        child = self._children.get(str(event.get("sessionId")))
        if child is not None:
            child.receive(str(event["message"]))

    def _detached(self, event: Event) -> None:
        child = self._children.get(str(event.get("sessionId")))
        if child is not None:
            child.close()

    def _sent(self, session: Session, event: Event) -> None:
        chain = self._by_id(event)
        chain.sent.append(event)
        self._owners[chain.network_id] = session
        if event["request"]["url"].startswith(("http:", "https:")):
            self._open.add(chain.network_id)
        if self._is_main_request(event):
            chain.is_main_document = True

    def _served_from_cache(self, event: Event) -> None:
        self._by_id(event).from_cache = True

    def _data(self, event: Event) -> None:
        self.last_activity = time.monotonic()
        self._payloads.add(str(event["requestId"]), str(event.get("data") or ""))

    def _ended(self, event: Event, *, error: str | None) -> None:
        chain = self._by_id(event)
        self.last_activity = time.monotonic()
        self._open.discard(chain.network_id)
        chain.finished = error is None
        chain.error = error
        chain.blocked = bool(
            event.get("corsErrorStatus") or event.get("blockedReason")
        )  # the page's verdict, not the wire's
        chain.encoded_bytes = int(event.get("encodedDataLength", 0))
        body = self._payloads.end(chain.network_id, complete=error is None)
        if body is not None and error is None and body.size == 0 and chain.encoded_bytes > _head_size(chain) + _FRAMING:
            chain.hops[-1].problem = "the browser gave no bytes of a payload that it received"

    # --- bookkeeping ------------------------------------------------------------------------------

    def _by_id(self, event: Event) -> Chain:
        return self._chains.setdefault(str(event["requestId"]), Chain(network_id=str(event["requestId"])))

    def _chain(self, paused: Event) -> Chain:
        name = str(paused.get("networkId") or f"fetch-{paused['requestId']}")
        return self._chains.setdefault(name, Chain(network_id=name))

    def _is_main(self, paused: Event) -> bool:
        return paused.get("resourceType") == "Document" and paused.get("frameId") == self._main_frame

    def _is_main_request(self, sent: Event) -> bool:
        return sent.get("type") == "Document" and sent.get("frameId") == self._main_frame

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._stopped:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, session: Session | None, method: str, params: Event | None = None) -> None:
        """Send a command whose failure means only that the target is gone already."""
        if session is None:
            return
        try:
            await session.send(method, params)
        except SessionGoneError:
            return


def _head_size(chain: Chain) -> int:
    text = chain.received_extra[-1].get("headersText") if chain.received_extra else None
    return len(str(text)) if text else 1024
