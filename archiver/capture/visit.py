"""One page in the browser: the single steps of a visit, each bounded, none of which raises for a bad page.

`take` calls them in their order. What a step could not get is in ``missing``; a browser that dies in one
step leaves what earlier steps got.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from playwright.async_api import BrowserContext, Dialog, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from archiver.capture.browser import OpenBrowser
from archiver.capture.cdp_session import SessionGoneError
from archiver.capture.recorder import CdpRecorder
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
_CLOSE_S: Final = 5.0
_MOST_INTERVENTIONS: Final = 100
_LOST = (PlaywrightError, TimeoutError, FormatError)


class Visit:
    """One page from its context to its files. Its attributes say how far it got."""

    def __init__(
        self,
        *,
        browser: OpenBrowser,
        recorder: CdpRecorder,
        settings: CaptureSettings,
        clock: Clock,
        deadline: Deadline,
        scratch: Path,
    ) -> None:
        self._browser = browser
        self._recorder = recorder
        self._settings = settings
        self._clock = clock
        self._deadline = deadline
        self._scratch = scratch
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._camera: Camera | None = None
        self._reader: PageReader | None = None
        self.committed = False
        self.crashed = False
        self.timed_out = False
        self.downloading = False
        self.navigation_error: str | None = None
        self.claims: PageClaims | None = None
        self.page_height_px: int | None = None
        self.pieces: list[Piece] = []
        self.interventions: list[Intervention] = []
        self.missing: list[str] = []
        self.limits: list[str] = []

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
                browser = await self._browser.ready()
                await self._recorder.start(browser)
                self._context = await self._browser.fresh_context(self._settings)
                self._context.on("dialog", self._dismiss)
                self._page = page = await self._context.new_page()
                page.on("crash", self._crash)
                page.on("download", self._download)
                await self._recorder.attach(self._context, page)
                session = await self._context.new_cdp_session(page)
        except (PlaywrightError, SessionGoneError, TimeoutError):
            self.crashed = True
            return
        self._camera = Camera(session, device_scale_percent=self._settings.device_scale_percent)
        self._reader = PageReader(session)

    async def navigate(self, url: str, *, keep_s: float) -> None:
        """Go to the URL and wait for its load event; ``keep_s`` of the deadline are left for later steps."""
        if self._page is None or self.crashed:
            return
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
        try:
            await self._page.wait_for_load_state("load", timeout=self._deadline.left(keep=keep_s) * 1000)
        except PlaywrightTimeoutError:
            self.timed_out = True
            self.missing.append("load_event")
        except PlaywrightError as error:
            self._note_end(error)
            self.missing.append("load_event")

    async def settle(self, *, keep_s: float) -> None:
        """Wait until the network rests, a bounded while."""
        if self.crashed:
            return
        longest = self._deadline.left(at_most=self._settings.settle_s, keep=keep_s)
        if not await until_quiet(self._recorder, quiet_s=self._settings.quiet_ms / 1000, at_most_s=longest):
            self.limits.append("network_not_quiet")

    async def picture_viewport(self) -> None:
        """Keep what the window shows, before anything is done to the page."""
        await self._part("viewport.png", self._viewport)

    async def picture_full_page(self) -> None:
        """Keep the whole page, cut where it is too high."""
        await self._part("full.png", self._full_page)

    async def read(self) -> None:
        """Keep the DOM and the text, and note what the page says of itself."""
        await self._part("page_facts", self._claims)
        await self._part("dom.html", self._dom)
        await self._part("text.txt", self._text)

    async def close(self) -> None:
        """End the page and its context; a browser that does not obey is ended whole and started anew later."""
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
        if self.crashed or self._camera is None or self._reader is None:
            self.missing.append(name)
            return
        try:
            await work()
        except _LOST as error:
            self._note_end(error)
            self.missing.append(name)

    async def _viewport(self) -> None:
        assert self._camera is not None
        picture = await self._camera.viewport(self._deadline.left(at_most=_PICTURE_S))
        self._keep_picture(Role.SCREENSHOT_VIEWPORT, "viewport.png", picture, "window at load, untouched")

    async def _full_page(self) -> None:
        assert self._camera is not None
        picture = await self._camera.full_page(self._deadline.left(at_most=_PICTURE_S))
        self._keep_picture(Role.SCREENSHOT_FULL, "full.png", picture, "page after settling")
        self.page_height_px = picture.page_height_px
        if picture.cut:
            self.missing.append(f"full_page_beyond_px:{MOST_PX}")
            self.limits.append(f"page_cut_at_px:{MOST_PX}")

    async def _claims(self) -> None:
        assert self._reader is not None
        self.claims = await self._reader.claims(self._deadline.left(at_most=_READ_S))

    async def _dom(self) -> None:
        assert self._reader is not None
        html = await self._reader.dom(self._deadline.left(at_most=_READ_S))
        if html is None:
            self.missing.append("dom.html")
            return
        self._keep(Role.DOM, "dom.html", "text/html", html.encode("utf-8", "replace"), "DOM of the main frame")

    async def _text(self) -> None:
        assert self._reader is not None
        text = await self._reader.visible_text(self._deadline.left(at_most=_READ_S))
        content = text.text.encode("utf-8", "replace")
        self._keep(Role.TEXT, "text.txt", "text/plain", content, "innerText of the main frame")
        if text.cut:
            self.limits.append(f"text_cut_at_characters:{MOST_TEXT_CHARACTERS}")
        if self.claims is not None:
            self.claims = with_text(self.claims, text, content)

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
        if "crashed" in str(error) or not self._browser.browser.is_connected():
            self.crashed = True

    def _crash(self, _: Page) -> None:
        self.crashed = True

    def _download(self, _: object) -> None:
        self.downloading = True

    async def _dismiss(self, dialog: Dialog) -> None:
        if len(self.interventions) < _MOST_INTERVENTIONS:
            self.interventions.append(Intervention(at=self._clock.now(), action=f"dialog_dismissed:{dialog.type}"))
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
