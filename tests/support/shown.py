"""One page in the browser with the behaviours that would be used on it."""

from playwright.async_api import CDPSession, Page

from archiver.capture.behave import Behaviours
from archiver.capture.isolated import IsolatedWorld
from archiver.model.instant import Clock


class Shown:
    """One page in the browser with the behaviours that would be used on it."""

    def __init__(self, tab: Page, session: CDPSession, clock: Clock) -> None:
        self.tab = tab
        self.session = session
        self.behaviours = Behaviours(session, world=IsolatedWorld(session), clock=clock)

    async def show(self, html: str) -> "Shown":
        await self.tab.set_content(html)
        return self

    async def pressed(self) -> list[str]:
        await self.tab.wait_for_timeout(50)
        return list(await self.tab.evaluate("pressed"))

    @property
    def log(self) -> list[tuple[str, str | None, str | None]]:
        return [(one.action, one.selector, one.label) for one in self.behaviours.done]
