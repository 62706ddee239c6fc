"""The cited post is unfolded and found, lazy pictures are scrolled to, and a page that does not want it is left."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from archiver.capture.browser import OpenBrowser, find_browser, open_browser
from archiver.capture.isolated import IsolatedWorld
from archiver.capture.platforms import read_item, rules_for
from archiver.capture.platforms.item import Rules
from archiver.capture.settings import CaptureSettings
from archiver.model.errors import FormatError
from tests.support.consent_pages import BANNERS, page
from tests.support.shown import Shown
from tests.unit.capture.conftest import TickingClock

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
NOWHERE = "socks5://127.0.0.1:9"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened() -> AsyncIterator[OpenBrowser]:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def shown(opened: OpenBrowser) -> AsyncIterator[Shown]:
    context = await opened.fresh_context(CaptureSettings(), proxy=NOWHERE)
    tab = await context.new_page()
    yield Shown(tab, await context.new_cdp_session(tab), TickingClock())
    await context.close()


X_POST = """<article data-testid="tweet" tabindex="-1"><div><div lang="ar">قال المتحدث</div>{inside}
<a href="/someone/status/1700000000000000001"><time>now</time></a></div></article>"""


async def test_show_more_of_the_cited_post_is_pressed_and_not_of_another(shown: Shown) -> None:
    item = read_item("https://x.com/someone/status/1700000000000000001")
    assert item is not None
    button = "<button data-testid='tweet-text-show-more-link' data-is={}>Show more</button>"
    other = X_POST.replace("1700000000000000001", "1700000000000000002")
    html = other.format(inside=button.format("other")) + X_POST.format(inside=button.format("cited"))
    await shown.show(page(html))

    assert await shown.behaviours.open_post(rules_for(item), 8)
    assert await shown.pressed() == ["cited"]
    assert [one[0] for one in shown.log] == ["post_expanded"]


async def test_the_gate_before_sensitive_media_is_opened_before_the_post_is_unfolded(shown: Shown) -> None:
    rules = Rules(sensitive=("#post .gate",), more=("#post .more",))
    await shown.show(
        page("<div id=post style='position:absolute;top:2500px'><button class=more data-is=more>more</button>"
             "<button class=gate data-is=gate>Show</button></div>")
    )  # fmt: skip

    assert await shown.behaviours.open_post(rules, 8)
    assert await shown.pressed() == ["gate", "more"]
    assert shown.log == [("sensitive_media_shown", "#post .gate", "Show"), ("post_expanded", "#post .more", "more")]


async def test_a_post_that_is_whole_already_is_left_alone(shown: Shown) -> None:
    await shown.show(page("<article>whole</article>"))

    assert not await shown.behaviours.open_post(Rules(sensitive=(".gate",), more=(".more",)), 8)
    assert not await shown.behaviours.open_post(Rules(), 8)
    assert (await shown.pressed(), shown.log) == ([], [])


async def test_a_label_is_the_pages_own_bounded_and_whole(shown: Shown) -> None:
    label = "ارفض\u200f الكل \n\n" + "x" * 90
    await shown.show(page(BANNERS["OneTrust"].replace("Reject All", label)))
    await shown.behaviours.refuse_consent(8)

    ((_, _, told),) = shown.log
    assert told is not None
    assert told.startswith("ارفض\u200f الكل xxx")
    assert len(told) <= 80


async def test_the_cited_post_is_found_whole_wherever_the_page_stands(shown: Shown) -> None:
    place = "position:absolute;left:10.4px;top:1000.6px;width:200.3px;height:50.9px"
    await shown.show(page(f"<div id=none></div><div id=post style='{place}'>"))
    await shown.tab.evaluate("scrollTo(0, 700)")
    found = await shown.behaviours.find(("#absent", "#none", "#post"), 5)

    assert found is not None
    assert found.selector == "#post"
    box = found.box
    assert (box.x, box.y) == (10, 1000)
    assert box.x + box.width >= 10.4 + 200.3
    assert box.y + box.height >= 1000.6 + 50.9
    assert await shown.behaviours.find((), 5) is None
    assert await shown.behaviours.find(("#absent",), 5) is None


async def test_a_selector_that_no_browser_takes_is_a_page_that_cannot_be_read(shown: Shown) -> None:
    await shown.show(page(""))

    with pytest.raises(FormatError, match="could not read it"):
        await shown.behaviours.find(("[",), 5)


async def test_a_page_without_lazy_pictures_is_not_scrolled(shown: Shown) -> None:
    await shown.show(
        page(
            "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='><script>onscroll = () => pressed.push('s')</script>"
        )
    )

    assert not await shown.behaviours.load_lazy(8)
    assert (await shown.pressed(), shown.log) == ([], [])


async def test_lazy_pictures_are_scrolled_to_step_by_step_and_the_page_comes_back(shown: Shown) -> None:
    watch = "<script>tops = []; addEventListener('scroll', () => tops.push(scrollY));</script>"
    watch += "<style>html{scroll-behavior:smooth}</style>"
    await shown.show(page(watch + "<img class=lazyload data-src=/late.png style='height:10px'>"))

    assert await shown.behaviours.load_lazy(8)
    tops: list[Any] = await shown.tab.evaluate("tops")
    assert max(tops) >= 2000
    assert max(later - one for one, later in pairwise(tops)) <= 900
    assert await shown.tab.evaluate("scrollY") == 0
    assert [one[0] for one in shown.log] == ["scrolled_for_lazy_pictures:4"]


async def test_an_endless_page_is_scrolled_a_bounded_while(shown: Shown) -> None:
    await shown.show(page("<div style='height:1000000px'></div><img loading=lazy src='data:,'>"))

    assert await shown.behaviours.load_lazy(20)
    assert [one[0] for one in shown.log] == ["scrolled_for_lazy_pictures:60"]


async def test_a_page_that_keeps_its_thread_busy_is_left_at_the_deadline(shown: Shown) -> None:
    await shown.show(page("<script>setTimeout(() => { for (;;) ; }, 100)</script>"))
    await asyncio.sleep(0.5)

    with pytest.raises(TimeoutError):
        await shown.behaviours.load_lazy(1)


async def test_a_world_that_a_navigation_ended_is_made_anew(shown: Shown) -> None:
    world = IsolatedWorld(shown.session)
    await shown.show(page("<p id=first>"))
    assert await world.ask("return all('#first').length + limit;", 41, 5) == 42
    await shown.tab.goto("about:blank")
    await shown.show(page("<p id=second>"))

    assert await world.ask("return all('#second').length;", None, 5) == 1


async def test_what_a_page_defines_is_not_seen_by_our_questions(shown: Shown) -> None:
    await shown.show(page("<script>forged = 1; Document.prototype.querySelectorAll = () => [1, 2, 3];</script>"))
    world = IsolatedWorld(shown.session)

    assert await world.ask("return [typeof forged, all('p').length];", None, 5) == ["undefined", 0]
    assert await world.ask("return of('title');", None, 5) == "t"
    with pytest.raises(FormatError):
        await world.ask("throw 1;", None, 5)
