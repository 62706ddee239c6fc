"""Pictures of a page, taken through DevTools: nothing is injected, hidden, stopped or scrolled.

The viewport picture is what a reader saw first; the full-page one is cut at `MOST_PX` and says so.
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

MOST_PX: Final = 16_000
_NOT_DRAWN: Final = "Unable to capture screenshot"
_MOST_TRIES: Final = 10
_UNTIL_DRAWN_S: Final = 0.1
_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE: Final = slice(16, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One PNG. ``page_height_px`` is the whole page's, in CSS pixels."""

    content: bytes
    width_px: int
    height_px: int
    page_height_px: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    width: int
    height: int


class Camera:
    """Takes pictures of one page. Every method raises TimeoutError, FormatError or Playwright's Error."""

    def __init__(self, session: CDPSession, *, device_scale_percent: int = 100) -> None:
        self._session = session
        self._most = MOST_PX * 100 // device_scale_percent  # in CSS pixels

    async def viewport(self, deadline_s: float) -> Picture:
        """Give what the window shows now."""
        async with asyncio.timeout(deadline_s):
            content = await self._picture({})
        return _measured(content, _Page(width=0, height=0))

    async def full_page(self, deadline_s: float) -> Picture:
        """Give the whole page, at most `MOST_PX` device pixels high and wide."""
        async with asyncio.timeout(deadline_s):
            page = await self._layout()
            clip = {
                "x": 0,
                "y": 0,
                "width": min(page.width, self._most),
                "height": min(page.height, self._most),
                "scale": 1,
            }
            content = await self._picture({"captureBeyondViewport": True, "clip": clip})
        return _measured(content, page, cut=max(page.width, page.height) > self._most)

    async def _layout(self) -> _Page:
        found = (await self._session.send("Page.getLayoutMetrics"))["cssContentSize"]
        return _Page(width=max(1, int(found["width"])), height=max(1, int(found["height"])))

    async def _picture(self, options: dict[str, object]) -> bytes:
        answer = await self._shot({"format": "png", **options})
        try:
            return base64.b64decode(answer["data"], validate=True)
        except (KeyError, TypeError, binascii.Error) as error:
            raise FormatError("screenshot: the browser gave no picture") from error

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


def _measured(content: bytes, page: _Page, *, cut: bool = False) -> Picture:
    if not content.startswith(_PNG_HEAD) or len(content) < _PNG_SIZE.stop:
        raise FormatError("screenshot: expected a PNG")
    width, height = struct.unpack(">II", content[_PNG_SIZE])
    return Picture(content=content, width_px=width, height_px=height, page_height_px=page.height or None, cut=cut)
