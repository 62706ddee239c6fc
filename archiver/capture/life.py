"""Whether a page and its browser still live: whoever waits for an answer of theirs is told that none will come.

A renderer that dies and a page that closes are told by events; that Playwright's driver died is told by nobody (what
it was asked stays unanswered for ever), so the browser is asked for a sign of life once a second.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final, TypeVar

from archiver.capture.browser import OpenBrowser
from archiver.capture.interception import Interception

_HEARTBEAT_S: Final = 1.0

Got = TypeVar("Got")


class Life:
    """One page's life. ``crashed`` if its process or the browser ended, ``closed`` if it was closed before we did."""

    def __init__(self, browser: OpenBrowser) -> None:
        self._browser = browser
        self._over = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self.crashed = False
        self.closed = False

    @property
    def is_over(self) -> bool:
        """Say whether nothing more can be had of the page."""
        return self._over.is_set()

    def watch(self, interception: Interception) -> None:
        """Ask the browser for signs of life from now on."""
        self._watching = asyncio.create_task(self._watch(interception))

    def crash(self) -> None:
        """Hear that the page's process or the browser ended."""
        self.crashed = True
        self._over.set()

    def close(self) -> None:
        """Hear that the page was closed."""
        self.closed = True
        self._over.set()

    def end(self) -> None:
        """Stop asking."""
        if self._watching is not None:
            self._watching.cancel()

    async def judge(self, interception: Interception) -> None:
        """Tell a page that closed from one whose browser died: both look alike to who was refused."""
        if self.closed and not self.crashed:
            try:
                self.crashed = not await self._browser.still_runs(interception)
            except TimeoutError:
                self.crashed = True

    async def during(self, work: Awaitable[Got]) -> Got:
        """Give what this comes to; raise TimeoutError once the page is gone: what it was asked is never answered."""
        doing, over = asyncio.ensure_future(work), asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait((doing, over), return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise TimeoutError("the page is gone")
            return doing.result()
        finally:
            for one in (doing, over):
                one.cancel()
            doing.add_done_callback(lambda one: one.cancelled() or one.exception())

    async def _watch(self, interception: Interception) -> None:
        while not self.is_over:
            await asyncio.sleep(_HEARTBEAT_S)
            if asyncio.get_running_loop().time() - interception.session.answered_at < _HEARTBEAT_S:
                continue  # it answered another capture, or this one
            with suppress(TimeoutError):  # slow is not dead
                if not await self._browser.still_runs(interception):
                    self.crash()
