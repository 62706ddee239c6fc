"""DevTools sessions: a page's own, and those of its children reached through it.

Playwright addresses no flat child session, so children (frames in other processes, workers) are
attached in the older, nested way: their messages travel inside the parent's
(``Target.sendMessageToTarget`` and ``Target.receivedMessageFromTarget``).
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from inspect import Parameter, Signature
from typing import Any, Final, Protocol

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

Event = dict[str, Any]
Handler = Callable[[Event], None]
_ONE_ARGUMENT: Final = Signature([Parameter("parameters", Parameter.POSITIONAL_ONLY)])


class SessionGoneError(Exception):
    """The target went away, or refused the command: normal while pages change."""


class Session(Protocol):
    """Sends commands to one target and hears its events."""

    async def send(self, method: str, params: Event | None = None) -> Event:
        """Give the command's result; raise SessionGoneError if the target is gone or refuses."""
        ...

    def on(self, event: str, handler: Handler) -> None:
        """Call ``handler`` with the parameters of each such event, in the order in which they arrive."""
        ...


class TopSession:
    """A session that Playwright made."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self.answered_at = float("-inf")

    async def send(self, method: str, params: Event | None = None) -> Event:
        """Send to the target; note when it answered, by the event loop's clock."""
        try:
            found: Event = await self._session.send(method, params or {})
        except PlaywrightError as error:
            raise SessionGoneError(f"{method}: {error.message[:200]}") from error
        self.answered_at = asyncio.get_running_loop().time()
        return found

    def on(self, event: str, handler: Handler) -> None:
        """Hear an event."""

        def heard(parameters: Event) -> None:
            handler(parameters)

        # Playwright looks a handler's signature up at every event: this is where it looks first, and costs nothing.
        heard.__signature__ = _ONE_ARGUMENT  # type: ignore[attr-defined]
        self._session.on(event, heard)

    async def detach(self) -> None:
        """Leave the target: nothing more is heard or sent."""
        with suppress(PlaywrightError):
            await self._session.detach()


class ChildSession:
    """A session nested in another one."""

    def __init__(self, parent: Session, session_id: str) -> None:
        self._parent = parent
        self._id = session_id
        self._next = 0
        self._answers: dict[int, asyncio.Future[Event]] = {}
        self._handlers: dict[str, list[Handler]] = {}

    async def send(self, method: str, params: Event | None = None) -> Event:
        """Send through the parent and wait for the answer."""
        self._next += 1
        number = self._next
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        message = json.dumps({"id": number, "method": method, "params": params or {}})
        try:
            await self._parent.send("Target.sendMessageToTarget", {"message": message, "sessionId": self._id})
            return await answer
        finally:
            self._answers.pop(number, None)

    def on(self, event: str, handler: Handler) -> None:
        """Hear an event of the child."""
        self._handlers.setdefault(event, []).append(handler)

    def receive(self, message: str) -> None:
        """Take one message that the parent passed on: an answer or an event."""
        found = json.loads(message)
        if "id" not in found:
            for handler in self._handlers.get(found.get("method", ""), ()):
                handler(found.get("params", {}))
            return
        answer = self._answers.get(found["id"])
        if answer is None or answer.done():
            return
        if "error" in found:
            answer.set_exception(SessionGoneError(str(found["error"].get("message", ""))[:200]))
        else:
            answer.set_result(found.get("result", {}))

    def close(self) -> None:
        """Tell everybody who waits for an answer that none will come."""
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(SessionGoneError("the target went away"))
