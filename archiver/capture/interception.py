"""The one session that pauses a running browser's requests, shared by all captures that it runs at once.

DevTools can pause every target of a browser only on the browser's own session (reference/recorder.md section
2), so there is one such session, and each pause is given to the capture whose page, frame or worker asked. Whose
it is, is told by the frame: frames and workers are targets of a browser context, and every capture has a context
of its own. A pause that nobody owns within a second is let go on, and every running capture is told of it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from playwright.async_api import Browser

from archiver.capture.cdp_session import Event, SessionGoneError, TopSession

_UNKNOWN_S: Final = 1.0
_GLANCE_S: Final = 0.02
_MOST_LEFT: Final = 100_000
_STAGES: Final = ("Request", "Response")


class Taker(Protocol):
    """What takes a capture's pauses: its recorder."""

    async def paused(self, event: Event) -> None:
        """Take one pause to its end."""
        ...

    def stray(self, url: str) -> None:
        """Hear of a pause that nobody owned."""
        ...


class Interception:
    """Every pause of one browser, given to its owner. Made by `open_interception`."""

    def __init__(self, session: TopSession) -> None:
        self.session = session
        self._takers: dict[str, Taker] = {}
        self._frames: dict[str, Taker] = {}
        self._contexts: dict[str, str] = {}
        self._left: dict[str, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def enrol(self, context_id: str, taker: Taker) -> None:
        """Give ``taker`` the pauses of a browser context from now on."""
        self._takers[context_id] = taker

    def claim(self, frame_id: str, taker: Taker) -> None:
        """Give ``taker`` the pauses of a frame: it heard of the frame before this session did."""
        self._frames[frame_id] = taker

    def leave(self, context_id: str) -> None:
        """End a capture: what its context still asks for fails from now on, and is forgotten."""
        taker = self._takers.pop(context_id, None)
        mine = [frame for frame, one in self._frames.items() if one is taker]
        for name in (context_id, *mine):
            self._frames.pop(name, None)
            self._left[name] = None
        while len(self._left) > _MOST_LEFT:
            del self._left[next(iter(self._left))]

    def heard(self, event: Event) -> None:
        """Note which context a target belongs to."""
        found = event["targetInfo"]
        self._contexts[str(found["targetId"])] = str(found.get("browserContextId", ""))

    def gone(self, event: Event) -> None:
        """Forget a target."""
        self._contexts.pop(str(event["targetId"]), None)

    def on_pause(self, event: Event) -> None:
        """Give a pause to its owner, in a task of its own: one slow pause holds up no other."""
        owner = self._owner(event)
        self._spawn(owner.paused(event) if owner is not None else self._unknown(event))

    def _owner(self, event: Event) -> Taker | None:
        frame = str(event.get("frameId", ""))
        return self._frames.get(frame) or self._takers.get(self._contexts.get(frame, ""))

    async def _unknown(self, event: Event) -> None:
        frame = str(event.get("frameId", ""))
        for _ in range(round(_UNKNOWN_S / _GLANCE_S)):
            if frame in self._left or self._contexts.get(frame, "") in self._left:
                await self._end("Fetch.failRequest", {"requestId": event["requestId"], "errorReason": "Aborted"})
                return
            owner = self._owner(event)
            if owner is not None:
                await owner.paused(event)
                return
            await asyncio.sleep(_GLANCE_S)
        for taker in tuple(self._takers.values()):
            taker.stray(str(event["request"]["url"]))
        await self._end("Fetch.continueRequest", {"requestId": event["requestId"]})

    async def _end(self, method: str, params: Event) -> None:
        try:
            await self.session.send(method, params)
        except SessionGoneError:
            return

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def open_interception(browser: Browser) -> Interception:
    """Pause every request and response of the browser from now on: before its first page exists.

    Raises SessionGoneError if the browser is gone.
    """
    session = TopSession(await browser.new_browser_cdp_session())
    opened = Interception(session)
    hear: tuple[tuple[str, Callable[[Event], None]], ...] = (
        ("Target.targetCreated", opened.heard),
        ("Target.targetInfoChanged", opened.heard),
        ("Target.targetDestroyed", opened.gone),
        ("Fetch.requestPaused", opened.on_pause),
    )
    for name, handler in hear:
        session.on(name, handler)
    await session.send("Target.setDiscoverTargets", {"discover": True, "filter": [{}]})
    await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "requestStage": stage} for stage in _STAGES]})
    return opened
