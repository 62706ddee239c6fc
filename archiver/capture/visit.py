"""One page in the browser: the single steps of a visit, each bounded, none of which raises for a bad page.

`take` calls them in their order. What a step could not get is in ``missing``; a browser that dies in one
step leaves what earlier steps got.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from playwright.async_api import BrowserContext, Dialog, Page, Request
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from archiver.capture.behave import Behaviours
from archiver.capture.browser import OpenBrowser
from archiver.capture.cdp_session import Event, SessionGoneError, TopSession
from archiver.capture.exchange import Recording
from archiver.capture.interception import Interception
from archiver.capture.isolated import IsolatedWorld
from archiver.capture.life import Life
from archiver.capture.platforms.item import Rules
from archiver.capture.recorder import CdpRecorder
from archiver.capture.relay import Relay
from archiver.capture.screenshots import MOST_PX, Camera, Picture
from archiver.capture.settings import CaptureSettings
from archiver.capture.settle import Deadline, until_quiet
from archiver.capture.text import MOST_TEXT_CHARACTERS, PageClaims, PageReader, with_text
from archiver.model.errors import FormatError, StoreError
from archiver.model.evidence import Intervention, Piece, Role
from archiver.model.instant import Clock

_OPEN_S: Final = 15.0
_PICTURE_S: Final = 20.0
_READ_S: Final = 10.0
_BEHAVE_S: Final = 8.0
_LEAST_S: Final = 1.0
_GLANCE_S: Final = 0.1
_SILENT_S: Final = 10.0
_BROKEN_S: Final = 1.5
_ABORTED: Final = "ERR_ABORTED"
_CRASHED_S: Final = 0.1
_CLOSE_S: Final = 5.0
_MOST_INTERVENTIONS: Final = 100
_MOST_ANEW: Final = 3
_ONWARDS_S: Final = 3.0
_LOST = (PlaywrightError, TimeoutError, FormatError)


class Visit:
    """One page from its context to its files. Its attributes say how far it got."""

    def __init__(
        self,
        *,
        browser: OpenBrowser,
        new_recorder: Callable[[Interception], CdpRecorder],
        relay: Relay,
        settings: CaptureSettings,
        clock: Clock,
        deadline: Deadline,
        scratch: Path,
    ) -> None:
        self._browser = browser
        self._interception: Interception | None = None
        self._new_recorder = new_recorder
        self._relay = relay
        self.recorder: CdpRecorder | None = None
        self._settings = settings
        self._clock = clock
        self._deadline = deadline
        self._scratch = scratch
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._camera: Camera | None = None
        self._reader: PageReader | None = None
        self._has_loaded = asyncio.Event()
        self._went_on = asyncio.Event()
        self.committed = False
        self.timed_out = False
        self.downloading = False
        self.navigation_error: str | None = None
        self.broken: str | None = None
        self.life = Life(browser)
        self.claims: PageClaims | None = None
        self.page_height_px: int | None = None
        self.pieces: list[Piece] = []
        self._dialogs: list[Intervention] = []
        self._behaviours: Behaviours | None = None
        self.missing: list[str] = []
        self.limits: list[str] = []

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """Give what was done to the page, in order of time."""
        done = self._behaviours.done if self._behaviours is not None else []
        return tuple(sorted((*self._dialogs, *done), key=lambda one: one.at.epoch_us))

    @property
    def url(self) -> str | None:
        """Give where the page ended up."""
        if self.claims is not None and self.claims.url:
            return self.claims.url
        return self._page.url if self._page is not None and self.committed else None

    async def open(self) -> None:
        """Make a fresh context, start the recorder, then the page: in this order nothing is missed."""
        try:
            async with asyncio.timeout(self._deadline.left(at_most=_OPEN_S)):
                interception = self._interception = await self._browser.ready()
                self._context = await self._browser.fresh_context(self._settings, proxy=self._relay.url)
                self._context.on("dialog", self._dismiss)
                self._page = page = await self._context.new_page()
                page.on("crash", lambda _: self.life.crash())
                page.on("close", lambda _: self.life.close())
                page.on("download", self._download)
                page.on("requestfailed", lambda request: self._failed(page, request))
                self.recorder = self._new_recorder(interception)
                session = await self._context.new_cdp_session(page)
                hearing = TopSession(session)
                hearing.on("Page.frameNavigated", self._navigated)
                hearing.on("Page.loadEventFired", lambda _: self._has_loaded.set())
                await self.recorder.attach(self._context, session)
        except (PlaywrightError, SessionGoneError, TimeoutError) as error:
            self._browser.note(error)
            self.life.crash()
            return
        self.life.watch(interception)
        self._camera = Camera(session, device_scale_percent=self._settings.device_scale_percent)
        world = IsolatedWorld(session)
        self._reader = PageReader(world)
        self._behaviours = Behaviours(session, world=world, clock=self._clock)

    async def navigate(self, url: str, *, keep_s: float) -> None:
        """Go to the URL and wait for its load event; ``keep_s`` of the deadline are left for later steps."""
        if self._page is None or self.life.is_over:
            return
        self._has_loaded.clear()
        try:
            await self._page.goto(url, wait_until="commit", timeout=self._deadline.left(keep=keep_s) * 1000)
            self.committed = True
        except PlaywrightTimeoutError:
            self.timed_out = True
            return
        except PlaywrightError as error:
            self._stopped(error)
            if not self.committed:
                return
        await self._loaded(keep_s)

    async def _loaded(self, keep_s: float) -> None:
        """Wait for the load event, but not for ever for what a server begins and never answers."""
        assert self.recorder is not None
        loop = asyncio.get_running_loop()
        end = loop.time() + self._deadline.left(keep=keep_s)
        while not self._has_loaded.is_set():
            longest = _BROKEN_S if self.broken else _SILENT_S
            if self.life.is_over or loop.time() > end or loop.time() - self.recorder.last_activity > longest:
                self.missing.append("load_event")
                self.timed_out = loop.time() > end
                if not self.timed_out:
                    self.limits.append("load_event_given_up")
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_loaded.wait(), _GLANCE_S)

    def _navigated(self, event: Event) -> None:
        """Hear that a document replaced another in the main frame: its load event is still to come."""
        if "parentId" not in event["frame"]:
            self._has_loaded.clear()
            self._went_on.set()

    async def settle(self, *, keep_s: float) -> None:
        """Wait until the network rests, a bounded while."""
        if self.life.is_over or self.recorder is None:
            return
        longest = self._deadline.left(at_most=self._settings.settle_s, keep=keep_s)
        quiet = until_quiet(self.recorder, quiet_s=self._settings.quiet_ms / 1000, at_most_s=longest)
        try:
            if not await self.life.during(quiet):
                self.limits.append("network_not_quiet")
        except TimeoutError:
            return

    async def picture_viewport(self) -> None:
        """Keep what the window shows, before anything is done to the page."""
        await self._part("viewport.png", self._viewport)

    async def picture_full_page(self) -> None:
        """Keep the whole page, in strips where it is high, cut where it is too high."""
        await self._part("full.png", lambda: self._full_page(Role.SCREENSHOT_FULL, "full", "page after settling"))

    async def picture_post(self, rules: Rules) -> None:
        """Keep the cited post by itself, where the rules of its platform find it."""
        await self._part("element.png", lambda: self._post(rules, "element", "the cited post"))

    async def read(self) -> None:
        """Keep the DOM and the text, and note what the page says of itself."""
        await self._part("page_facts", self._claims)
        await self._part("dom.html", lambda: self._dom("dom.html", "DOM of the main frame"))
        await self._part("text.txt", lambda: self._text("text.txt", "innerText of the main frame"))

    async def behave(self, rules: Rules, *, keep_s: float) -> None:
        """Do the gentle things that the page needs, then keep what it shows and says after them."""
        if self.life.is_over or self._behaviours is None or self._deadline.left(keep=keep_s) < _LEAST_S:
            return
        before = len(self._behaviours.done)
        await self._try(self._behaviours.refuse_consent)
        await self._try(lambda left: self._needed().open_post(rules, left))
        await self._try(self._behaviours.load_lazy)
        if len(self._behaviours.done) == before:
            return
        await self.settle(keep_s=keep_s)
        after = "page after the interventions"
        await self._part("after.png", lambda: self._full_page(Role.SCREENSHOT_AFTER, "after", after))
        await self._part("element-after.png", lambda: self._post(rules, "element-after", f"the cited post, {after}"))
        await self._part("dom-after.html", lambda: self._dom("dom-after.html", f"DOM, {after}"))
        await self._part("text-after.txt", lambda: self._text("text-after.txt", f"innerText, {after}"))

    async def stop(self, deadline_s: float) -> Recording:
        """End the recorder and give what it recorded; nothing where it never began."""
        if self.recorder is None or self._interception is None:
            return Recording()
        await self.life.judge(self._interception)
        if self.life.closed and not self.life.crashed:
            self.limits.append("page_closed_itself")
        return await self.recorder.stop(_CRASHED_S if self.life.crashed else deadline_s)

    async def close(self) -> None:
        """End the page and its context; a browser that does not obey is ended whole and started anew later."""
        self.life.end()
        if self._context is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._context.close()
        except PlaywrightError:
            return  # it was gone already
        except TimeoutError:
            await self._browser.end()

    async def _part(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        if self.life.is_over or self._camera is None or self._reader is None:
            self.missing.append(name)
            return
        try:
            await self.life.during(self._on_one_document(work))
        except _LOST as error:
            self._note_end(error)
            self.missing.append(name)

    async def _on_one_document(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work, and anew where the page went on meanwhile: what the old document was asked is never answered."""
        for _ in range(_MOST_ANEW):
            self._went_on.clear()
            doing, gone = asyncio.ensure_future(work()), asyncio.ensure_future(self._went_on.wait())
            try:
                await asyncio.wait((doing, gone), return_when=asyncio.FIRST_COMPLETED)
                if not self._went_on.is_set() or (doing.done() and doing.exception() is None):
                    return doing.result()
            finally:
                for one in (doing, gone):
                    one.cancel()
                doing.add_done_callback(lambda one: one.cancelled() or one.exception())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_loaded.wait(), self._deadline.left(at_most=_ONWARDS_S))
        return await work()

    async def _viewport(self) -> None:
        assert self._camera is not None
        picture = await self._camera.viewport(self._left(_PICTURE_S))
        self._keep_picture(Role.SCREENSHOT_VIEWPORT, "viewport.png", picture, "window at load, untouched")

    async def _full_page(self, role: Role, name: str, made_from: str) -> None:
        assert self._camera is not None
        page = await self._camera.full_page(self._left(_PICTURE_S))
        for number, strip in enumerate(page.strips, 1):
            one = f"{name}.png" if len(page.strips) == 1 else f"{name}-{number:02d}.png"
            where = made_from if len(page.strips) == 1 else f"{made_from}, from {strip.top_px} px downwards"
            self._keep_picture(role, one, strip, where)
        self.page_height_px = page.page_height_px
        if page.cut:
            self.missing.append(f"{name}_page_beyond_px:{MOST_PX}")
            self.limits.append(f"page_cut_at_px:{MOST_PX}")
        if page.moved:
            self.limits.append(f"page_moved_between_strips:{name}")

    async def _post(self, rules: Rules, name: str, made_from: str) -> None:
        assert self._camera is not None
        found = await self._needed().find(rules.post, self._deadline.left(at_most=_READ_S))
        if found is None:
            if rules.post:
                self.limits.append(f"cited_post_not_found:{name}")
            return
        picture = await self._camera.part(found.box)
        self._keep_picture(Role.SCREENSHOT_ELEMENT, f"{name}.png", picture, f"{made_from}: {found.selector}"[:500])

    def _needed(self) -> Behaviours:
        assert self._behaviours is not None
        return self._behaviours

    async def _try(self, act: Callable[[float], Awaitable[bool]]) -> None:
        """Do one thing to the page; what it refuses is left as it is."""
        try:
            await self.life.during(act(self._deadline.left(at_most=_BEHAVE_S)))
        except _LOST as error:
            self._note_end(error)

    async def _claims(self) -> None:
        assert self._reader is not None
        self.claims = await self._reader.claims(self._left(_READ_S))

    async def _dom(self, name: str, made_from: str) -> None:
        assert self._reader is not None
        html = await self._reader.dom(self._left(_READ_S))
        if html is None:
            self.missing.append(name)
            return
        self._keep(Role.DOM, name, "text/html", html.encode("utf-8", "replace"), made_from)

    async def _text(self, name: str, made_from: str) -> None:
        assert self._reader is not None
        text = await self._reader.visible_text(self._left(_READ_S))
        content = text.text.encode("utf-8", "replace")
        self._keep(Role.TEXT, name, "text/plain", content, made_from)
        if text.cut:
            self.limits.append(f"text_cut_at_characters:{MOST_TEXT_CHARACTERS}")
        if self.claims is not None and self.claims.facts.text_digest is None:
            self.claims = with_text(self.claims, text, content)

    def _left(self, at_most: float) -> float:
        """Give how long a part may take: a page whose document broke off may never be drawn, and is not waited for."""
        return self._deadline.left(at_most=_BROKEN_S if self.broken else at_most)

    def _keep_picture(self, role: Role, name: str, picture: Picture, made_from: str) -> None:
        path = save(self._scratch / name, picture.content)
        self.pieces.append(
            Piece(
                role=role,
                name=name,
                media_type="image/png",
                path=path,
                made_from=made_from,
                width_px=picture.width_px,
                height_px=picture.height_px,
            )
        )

    def _keep(self, role: Role, name: str, media_type: str, content: bytes, made_from: str) -> None:
        path = save(self._scratch / name, content)
        self.pieces.append(Piece(role=role, name=name, media_type=media_type, path=path, made_from=made_from))

    def _stopped(self, error: PlaywrightError) -> None:
        """Note why a navigation ended early: by a download, by another navigation, or by a failure."""
        if "interrupted by another navigation" in error.message:
            self.committed = True
        elif "Download is starting" in error.message:
            self.downloading = True
        else:
            self.navigation_error = error.message
            self._note_end(error)

    def _note_end(self, error: Exception) -> None:
        self._browser.note(error)
        if "has been closed" in str(error):
            self.life.close()
        if "crashed" in str(error) or not self._browser.is_alive:
            self.life.crash()

    def _failed(self, page: Page, request: Request) -> None:
        """Note why a document of the main frame did not come whole; one that another replaced is no failure."""
        failure = request.failure or ""
        if self._deadline.left() < _GLANCE_S:
            return  # what fails now was ended by us
        if request.is_navigation_request() and request.frame == page.main_frame and _ABORTED not in failure:
            self.broken = failure

    def _download(self, _: object) -> None:
        if not self.committed:  # later ones are a frame's or a link's: exchanges like any other
            self.downloading = True

    async def _dismiss(self, dialog: Dialog) -> None:
        if len(self._dialogs) < _MOST_INTERVENTIONS:
            self._dialogs.append(Intervention(at=self._clock.now(), action=f"dialog_dismissed:{dialog.type}"))
        try:
            await dialog.dismiss()
        except PlaywrightError:
            return  # the page is gone, and its dialog with it


def save(path: Path, content: bytes) -> Path:
    """Write one file into scratch space and give its path; raise StoreError if the disk refuses."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StoreError(f"{path.name}: could not be written to scratch space: {error}") from error
    return path
