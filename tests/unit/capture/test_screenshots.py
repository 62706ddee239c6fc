"""Pictures are the page's own, exactly: strips that join, nothing sticky twice, and a page that stays as it was."""

import base64
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from archiver.capture import screenshots as screenshots_module
from archiver.capture.behave import Behaviours
from archiver.capture.browser import OpenBrowser, find_browser, open_browser
from archiver.capture.isolated import IsolatedWorld
from archiver.capture.screenshots import MOST_PX, STRIP_PX, Box, Camera, FullPage, Picture
from archiver.capture.settings import CaptureSettings
from archiver.model.errors import FormatError
from tests.support.source_site import PNG
from tests.unit.capture.conftest import TickingClock

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
NOWHERE = "socks5://127.0.0.1:9"
HEAD = "<!doctype html><meta charset=utf-8><style>body{margin:0}</style>"
RED, LIME, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened() -> AsyncIterator[OpenBrowser]:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    async with open_browser() as browser:
        yield browser


class Stage:
    """One page, and a camera before it."""

    def __init__(self, tab: Page, session: CDPSession, percent: int) -> None:
        self.tab = tab
        self.session = session
        self.camera = Camera(session, device_scale_percent=percent)


@pytest_asyncio.fixture(loop_scope="module")
async def stage(opened: OpenBrowser, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    percent = getattr(request, "param", 100)
    context = await opened.fresh_context(CaptureSettings(device_scale_percent=percent), proxy=NOWHERE)
    tab = await context.new_page()
    yield Stage(tab, await context.new_cdp_session(tab), percent)
    await context.close()


def image(picture: Picture) -> Image.Image:
    opened = Image.open(BytesIO(picture.content)).convert("RGB")
    assert opened.size == (picture.width_px, picture.height_px)
    return opened


def joined(page: FullPage) -> Image.Image:
    """Give all strips as one picture, as a reader would lay them below one another."""
    parts = [image(one) for one in page.strips]
    whole = Image.new("RGB", (parts[0].width, sum(one.height for one in parts)))
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole


def rows(count: int, height: int = 100) -> str:
    """Give a page of rows whose colour tells their number."""
    return HEAD + "".join(
        f"<div style='height:{height}px;background:rgb({n % 256},{n // 256},77)'></div>" for n in range(count)
    )


@pytest.mark.parametrize("stage", [100, 200], indirect=True)
async def test_the_strips_of_a_high_page_join_exactly(stage: Stage) -> None:
    await stage.tab.set_content(rows(160))
    scale = 2 if stage.camera._percent == 200 else 1
    page = await stage.camera.full_page(30)
    whole = joined(page)

    assert [one.top_px for one in page.strips] == list(range(0, 16_000, STRIP_PX // scale))
    assert all(one.height_px <= STRIP_PX for one in page.strips)
    assert (whole.width, whole.height, page.page_height_px) == (1280 * scale, 16_000 * scale, 16_000)
    assert (page.cut, page.moved) == (False, False)
    edges = [(n * 100 * scale, n) for n in range(160)]
    assert [whole.getpixel((700, top)) for top, _ in edges] == [(n, 0, 77) for _, n in edges]
    assert [whole.getpixel((700, top + 100 * scale - 1)) for top, _ in edges] == [(n, 0, 77) for _, n in edges]


async def test_what_sticks_to_the_window_is_drawn_once_on_a_page_of_several_strips(stage: Stage) -> None:
    await stage.tab.set_content(
        rows(170)
        + "<div style='position:fixed;top:0;left:0;width:100px;height:40px;background:lime'></div>"
        + "<div style='position:fixed;bottom:0;left:200px;width:100px;height:40px;background:lime'></div>"
        + "<script>document.body.insertAdjacentHTML('afterbegin', '<div style=\"position:sticky;top:0;height:40px;"
        + "width:100px;margin-left:400px;background:lime\"></div>')</script>"
    )
    whole = joined(await stage.camera.full_page(30))

    for x in (50, 250, 450):
        column = whole.crop((x, 0, x + 1, whole.height))
        stuck = sum(count for count, colour in column.getcolors(1 << 20) or () if colour == LIME)
        assert stuck == 40, f"at {x} px"


@pytest.mark.parametrize("stage", [100, 200], indirect=True)
async def test_a_page_keeps_its_scale_its_screen_and_its_window_when_it_is_pictured(stage: Stage) -> None:
    """DevTools puts the window back to what the asking session had set: at two device pixels pages fell back to one."""
    told = "[devicePixelRatio, innerWidth, innerHeight, screen.width, screen.height, scrollY, outerWidth]"
    await stage.tab.set_content(
        rows(400)
        + "<script>heard = []; addEventListener('resize', () => heard.push([devicePixelRatio, screen.width]));"
        "for (const at of [1, 2]) matchMedia(`(resolution: ${at}dppx)`).onchange = () => heard.push('scale');</script>"
    )
    scale = stage.camera._percent // 100
    await stage.tab.evaluate("scrollTo(0, 1234)")
    before = await stage.tab.evaluate(told)
    first = await stage.camera.viewport(20)
    await stage.camera.full_page(30)
    await stage.camera.part(Box(x=0, y=0, width=50, height=50))
    await stage.camera.full_page(30)
    second = await stage.camera.viewport(20)

    assert before == [scale, 1280, 900, 1280, 900, 1234, 1280]
    assert await stage.tab.evaluate(told) == before
    assert all(one == [scale, 1280] for one in await stage.tab.evaluate("heard"))
    assert (first.width_px, first.height_px) == (1280 * scale, 900 * scale)
    assert image(first).tobytes() == image(second).tobytes()


async def test_a_page_higher_than_is_kept_is_cut_and_says_so(stage: Stage) -> None:
    await stage.tab.set_content(rows(640))
    page = await stage.camera.full_page(60)

    assert page.cut
    assert page.page_height_px == 64_000
    assert sum(one.height_px for one in page.strips) == MOST_PX


async def test_a_wide_page_is_pictured_whole_and_a_wider_one_is_cut(stage: Stage) -> None:
    await stage.tab.set_content(
        HEAD + "<div style='width:9000px;height:50px;background:linear-gradient(to right,red,blue)'>"
    )
    page = await stage.camera.full_page(30)
    assert ([one.width_px for one in page.strips], page.cut) == ([9_000], False)
    left, right = image(page.strips[0]).getpixel((0, 9)), image(page.strips[0]).getpixel((8_999, 9))
    assert (left, right) == (RED, BLUE)

    await stage.tab.set_content(HEAD + "<div style='width:20000px;height:50px;background:red'>")
    page = await stage.camera.full_page(30)
    assert ([one.width_px for one in page.strips], page.cut) == ([16_000], True)


async def test_a_page_from_right_to_left_that_is_wider_than_the_window_is_pictured_whole(stage: Stage) -> None:
    inner = (
        "<div style='position:absolute;right:1500px;top:40px;width:200px;height:100px;background:lime' id=post></div>"
    )
    wide = f"<div style='width:2000px;height:1000px;background:linear-gradient(to left,red 500px,blue 500px)'>{inner}"
    await stage.tab.set_content(f"<html dir=rtl>{HEAD}{wide}")
    whole = image((await stage.camera.full_page(30)).strips[0])

    assert whole.size == (2_000, 1_000)
    assert [whole.getpixel((x, 500)) for x in (0, 1_499, 1_501, 1_999)] == [BLUE, BLUE, RED, RED]
    found = await Behaviours(stage.session, world=IsolatedWorld(stage.session), clock=TickingClock()).find(
        ("#post",), 5
    )
    assert found is not None
    element = image(await stage.camera.part(found.box))
    assert element.size == (200, 100)
    assert element.getcolors() == [(20_000, LIME)], "the cited post and nothing else"


async def test_a_page_that_grows_between_two_strips_says_that_it_moved(stage: Stage) -> None:
    await stage.tab.set_content(
        rows(170) + "<script>setInterval(() => document.body.append(Object.assign(document.createElement('div'),"
        "{style: 'height:100px'})), 20)</script>"
    )
    page = await stage.camera.full_page(30)

    assert page.moved


async def test_a_part_is_bounded_however_large_the_element_says_it_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshots_module, "_WIDEST_PX", 1_600)
    monkeypatch.setattr(screenshots_module, "STRIP_PX", 1_500)
    await stage.tab.set_content(rows(30))
    picture = await stage.camera.part(Box(x=0, y=0, width=10**9, height=10**9))

    assert (picture.width_px, picture.height_px) == (1_600, 1_500)


async def test_an_empty_page_has_a_picture_too(stage: Stage) -> None:
    await stage.tab.set_content("")
    page = await stage.camera.full_page(20)

    assert len(page.strips) == 1
    assert page.strips[0].height_px >= 1


class Answering:
    """A DevTools session that gives these answers to each question for a picture, the last one for ever."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        del params
        if method == "Page.getLayoutMetrics":
            size = {"x": 0, "y": 0, "width": 10, "height": 10}
            return {"cssContentSize": size, "cssLayoutViewport": {"clientWidth": 10, "clientHeight": 10}}
        if method == "Emulation.setDeviceMetricsOverride":
            return {}
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"data": answer}


GOOD = base64.b64encode(PNG).decode()
NOT_DRAWN = PlaywrightError("Protocol error (Page.captureScreenshot): Unable to capture screenshot")


def camera(session: Answering) -> Camera:
    return Camera(session)  # type: ignore[arg-type] # speaks as much DevTools as is asked


async def test_a_page_that_is_not_drawn_yet_is_asked_again() -> None:
    session = Answering(NOT_DRAWN, NOT_DRAWN, GOOD)
    picture = await camera(session).viewport(5)

    assert (picture.content, picture.width_px, picture.height_px, session.asked) == (PNG, 2, 2, 3)


async def test_a_page_that_is_never_drawn_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshots_module, "_UNTIL_DRAWN_S", 0.001)
    session = Answering(NOT_DRAWN)

    with pytest.raises(PlaywrightError, match="Unable to capture"):
        await camera(session).viewport(5)
    assert session.asked == 10


async def test_another_failure_is_told_at_once() -> None:
    session = Answering(PlaywrightError("Target crashed"))

    with pytest.raises(PlaywrightError, match="Target crashed"):
        await camera(session).full_page(5)
    assert session.asked == 1


@pytest.mark.parametrize("data", ["", "no base64!", None, base64.b64encode(b"GIF89a").decode(), GOOD[:20]])
async def test_what_is_no_png_is_no_picture(data: object) -> None:
    with pytest.raises(FormatError, match="screenshot: "):
        await camera(Answering(data)).viewport(5)
