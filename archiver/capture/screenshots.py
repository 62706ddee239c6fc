"""Pictures of a page, taken through DevTools: nothing is injected, hidden, stopped or scrolled.

The viewport picture is what a reader saw first. The full page is one picture, or strips that join exactly where
it is higher than the browser can draw at once (all drawn at one layout, so that nothing sticky is repeated); it
is cut at `MOST_PX` and says so. The browser encodes for speed: larger files, the same pixels.

DevTools puts a page's window back, after a picture beyond it, to what the asking session had set: so this session
first sets what is there already. Else the page loses its device scale and its screen (measured: 2 became 1).
LIMIT: while a picture beyond the window is drawn, the page hears that its window was resized, though it is as before.
"""

import asyncio
import base64
import binascii
import struct
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from archiver.model.errors import FormatError

MOST_PX: Final = 60_000
STRIP_PX: Final = 15_000
_WIDEST_PX: Final = 16_000
_NOT_DRAWN: Final = "Unable to capture screenshot"
_MOST_TRIES: Final = 10
_UNTIL_DRAWN_S: Final = 0.1
_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE: Final = slice(16, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One PNG, and from which height of the page it starts, in CSS pixels."""

    content: bytes
    width_px: int
    height_px: int
    top_px: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FullPage:
    """A whole page in strips, top first. ``page_height_px`` is the page's own, in CSS pixels.

    ``cut`` where the page is larger than what is kept; ``moved`` where it changed its size between two strips.
    """

    strips: tuple[Picture, ...]
    page_height_px: int
    cut: bool = False
    moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A part of the page, in CSS pixels from its top left corner."""

    x: int
    y: int
    width: int
    height: int


class Camera:
    """Takes pictures of one page. Every method raises TimeoutError, FormatError or Playwright's Error."""

    def __init__(self, session: CDPSession, *, device_scale_percent: int = 100) -> None:
        self._session = session
        self._percent = device_scale_percent
        self._is_held = False

    async def viewport(self, deadline_s: float) -> Picture:
        """Give what the window shows now."""
        async with asyncio.timeout(deadline_s):
            return await self._picture({})

    async def full_page(self, deadline_s: float) -> FullPage:
        """Give the whole page, at most `MOST_PX` device pixels high."""
        async with asyncio.timeout(deadline_s):
            page = await self._layout()
            most, widest = self._css(MOST_PX), self._css(_WIDEST_PX)
            height, width = min(page.height, most), min(page.width, widest)
            step = self._css(STRIP_PX)
            strips = [
                await self.part(Box(x=0, y=top, width=width, height=min(step, height - top)))
                for top in range(0, height, step)
            ]
            after = await self._layout() if len(strips) > 1 else page
        return FullPage(
            strips=tuple(strips),
            page_height_px=page.height,
            cut=page.height > most or page.width > widest,
            moved=after != page,
        )

    async def part(self, box: Box) -> Picture:
        """Give a part of the page, where it stands in the whole; at most a strip's size."""
        clip = {
            "x": box.x,
            "y": box.y,
            "width": min(box.width, self._css(_WIDEST_PX)),
            "height": min(box.height, self._css(STRIP_PX)),
            "scale": 1,
        }
        return await self._picture({"captureBeyondViewport": True, "clip": clip}, top_px=box.y)

    def _css(self, device_px: int) -> int:
        return device_px * 100 // self._percent

    async def _layout(self) -> Box:
        found = (await self._session.send("Page.getLayoutMetrics"))["cssContentSize"]
        return Box(x=0, y=0, width=max(1, int(found["width"])), height=max(1, int(found["height"])))

    async def _picture(self, options: dict[str, object], *, top_px: int = 0) -> Picture:
        await self._hold()
        answer = await self._shot({"format": "png", "optimizeForSpeed": True, **options})
        try:
            content = base64.b64decode(answer["data"], validate=True)
        except (KeyError, TypeError, binascii.Error) as error:
            raise FormatError("screenshot: the browser gave no picture") from error
        return _measured(content, top_px=top_px)

    async def _hold(self) -> None:
        """Set the window as it is, once: what DevTools puts back after a picture beyond it."""
        if self._is_held:
            return
        window = (await self._session.send("Page.getLayoutMetrics"))["cssLayoutViewport"]
        width, height = max(1, int(window["clientWidth"])), max(1, int(window["clientHeight"]))
        as_it_is = {
            "width": width,
            "height": height,
            "screenWidth": width,
            "screenHeight": height,
            "deviceScaleFactor": self._percent / 100,
            "mobile": False,
            "screenOrientation": {"type": "landscapePrimary", "angle": 0},
        }
        await self._session.send("Emulation.setDeviceMetricsOverride", as_it_is)
        self._is_held = True

    async def _shot(self, options: dict[str, object]) -> dict[str, Any]:
        """Ask again, a few times, where the page is loaded but the browser has not drawn it yet (measured: 2 %)."""
        for _ in range(_MOST_TRIES - 1):
            try:
                return dict(await self._session.send("Page.captureScreenshot", options))
            except PlaywrightError as error:
                if _NOT_DRAWN not in error.message:
                    raise
                await asyncio.sleep(_UNTIL_DRAWN_S)
        return dict(await self._session.send("Page.captureScreenshot", options))


def _measured(content: bytes, *, top_px: int) -> Picture:
    if not content.startswith(_PNG_HEAD) or len(content) < _PNG_SIZE.stop:
        raise FormatError("screenshot: expected a PNG")
    width, height = struct.unpack(">II", content[_PNG_SIZE])
    return Picture(content=content, width_px=width, height_px=height, top_px=top_px)
