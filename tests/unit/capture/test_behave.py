"""What is done to a page is small, logged, and what a person would have done: nothing else is ever pressed."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Page

from archiver.capture.behave import Behaviours
from archiver.capture.browser import OpenBrowser, find_browser, open_browser
from archiver.capture.consent import BANNERS as KNOWN
from archiver.capture.isolated import IsolatedWorld
from archiver.capture.platforms import read_item, rules_for
from archiver.capture.platforms.item import Rules
from archiver.capture.settings import CaptureSettings
from archiver.model.errors import FormatError
from tests.support.consent_pages import BANNERS, page
from tests.unit.capture.conftest import TickingClock

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
NOWHERE = "socks5://127.0.0.1:9"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened() -> AsyncIterator[OpenBrowser]:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    async with open_browser() as browser:
        yield browser


class Shown:
    """One page in the browser with the behaviours that would be used on it."""

    def __init__(self, tab: Page, session: CDPSession) -> None:
        self.tab = tab
        self.session = session
        self.behaviours = Behaviours(session, clock=TickingClock())

    async def show(self, html: str) -> "Shown":
        await self.tab.set_content(html)
        return self

    async def pressed(self) -> list[str]:
        await self.tab.wait_for_timeout(50)
        return list(await self.tab.evaluate("pressed"))

    @property
    def log(self) -> list[tuple[str, str | None, str | None]]:
        return [(one.action, one.selector, one.label) for one in self.behaviours.done]


@pytest_asyncio.fixture(loop_scope="module")
async def shown(opened: OpenBrowser) -> AsyncIterator[Shown]:
    context = await opened.fresh_context(CaptureSettings(), proxy=NOWHERE)
    tab = await context.new_page()
    yield Shown(tab, await context.new_cdp_session(tab))
    await context.close()


def maker(name: str) -> str:
    return next(one.maker for one in KNOWN if name.startswith(one.maker))


async def test_there_is_a_page_for_each_banner_that_is_known() -> None:
    assert {maker(name) for name in BANNERS} == {one.maker for one in KNOWN}


@pytest.mark.parametrize("name", BANNERS)
async def test_a_banner_is_refused_and_never_accepted(shown: Shown, name: str) -> None:
    await shown.show(page(BANNERS[name]))

    assert await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == ["refuse"]
    ((action, selector, label),) = shown.log
    assert action == f"consent_refused:{maker(name)}"
    assert selector in next(one for one in KNOWN if one.maker == maker(name)).refuse
    assert label


async def test_a_page_without_a_banner_is_left_alone(shown: Shown) -> None:
    await shown.show(page("<button class='osano-cm-denyAll cc-deny cmplz-deny' data-is=other>Deny</button>"))

    assert not await shown.behaviours.refuse_consent(8)
    assert (await shown.pressed(), shown.log) == ([], [])


@pytest.mark.parametrize(
    "hidden",
    [
        "display:none",
        "visibility:hidden",
        "opacity:0",
        "position:fixed;left:-9999px;width:100px",
        "height:0;overflow:hidden",
    ],
)
async def test_a_banner_that_is_not_shown_is_left_alone(shown: Shown, hidden: str) -> None:
    await shown.show(page(f"<div style='{hidden}'>{BANNERS['OneTrust'].replace(' banner', '')}</div>"))

    assert not await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == []


async def test_a_button_of_that_name_outside_the_banner_is_not_the_banners(shown: Shown) -> None:
    await shown.show(
        page(
            "<button class=onetrust-close-btn-handler data-is=other>Close my account</button>"
            "<div id=onetrust-banner-sdk class=banner><button data-is=accept>OK</button></div>"
        )
    )

    assert not await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == []


async def test_a_banner_in_nested_open_shadow_roots_is_refused(shown: Shown) -> None:
    await shown.show(
        page(
            """<x-shell></x-shell><script>
            const outer = document.querySelector('x-shell').attachShadow({mode: 'open'});
            outer.innerHTML = '<div><x-inner></x-inner></div>';
            const inner = outer.querySelector('x-inner').attachShadow({mode: 'open'});
            inner.innerHTML = `<div id=onetrust-banner-sdk style="position:fixed;bottom:0"><x-button
              id=onetrust-reject-all-handler data-is=refuse></x-button></div>`;
            inner.querySelector('x-button').attachShadow({mode: 'open'}).innerHTML = '<button>Reject</button>';
            </script>"""
        )
    )

    assert await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == ["refuse"]


async def test_a_banner_in_a_closed_shadow_root_stays_as_it_is(shown: Shown) -> None:
    closed = BANNERS["Usercentrics"].replace("mode: 'open'", "mode: 'closed'")
    await shown.show(page(closed))

    assert not await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == []


async def test_a_banner_that_slides_in_is_pressed_where_it_comes_to_rest(shown: Shown) -> None:
    slide = (
        "<style>#onetrust-banner-sdk{animation:in .6s linear} @keyframes in{from{transform:translateY(-700px)}}</style>"
    )
    await shown.show(page(slide + BANNERS["OneTrust"]))

    assert await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == ["refuse"]


async def test_a_banner_that_never_rests_is_left_alone(shown: Shown) -> None:
    moves = "@keyframes r{50%{transform:translateY(-600px)}}"
    run = f"<style>#onetrust-banner-sdk{{animation:r .4s linear infinite}} {moves}</style>"
    await shown.show(page(run + BANNERS["OneTrust"]))

    assert not await shown.behaviours.refuse_consent(8)
    assert (await shown.pressed(), shown.log) == ([], [])


async def test_a_banner_that_flees_from_the_pointer_is_not_pressed_and_neither_is_what_takes_its_place(
    shown: Shown,
) -> None:
    flee = """<script>addEventListener('mousemove', () => {
      document.querySelector('#onetrust-reject-all-handler').replaceWith(document.querySelector('#bait'));
    });</script><button id=bait data-is=bait style="position:absolute;left:0;top:0">Allow</button>"""
    await shown.show(page(BANNERS["OneTrust"] + flee))

    await shown.behaviours.refuse_consent(8)
    assert "bait" not in await shown.pressed()
    assert shown.log == []


async def test_a_button_that_something_covers_is_not_pressed(shown: Shown) -> None:
    cover = "<div data-is=cover style='position:fixed;inset:0;z-index:99999'></div>"
    await shown.show(page(BANNERS["OneTrust"] + cover))

    assert not await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == []


async def test_where_one_button_is_covered_the_next_one_is_pressed(shown: Shown) -> None:
    markup = BANNERS["OneTrust"].replace("</div></div></div></div>", "</div></div>") + (
        "<button class=onetrust-close-btn-handler data-is=closed>x</button></div></div>"
        "<script>const box = document.querySelector('#onetrust-reject-all-handler').getBoundingClientRect();"
        "const cover = document.body.appendChild(document.createElement('div'));"
        "cover.style = `position:fixed;z-index:99999;left:${box.x}px;top:${box.y}px;`"
        " + `width:${box.width}px;height:${box.height}px`;</script>"
    )
    await shown.show(page(markup))

    assert await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == ["closed"]


INSIDE = "&lt;body onclick=parent.pressed.push(1)&gt;Like"
FRAME = f"<iframe data-is=frame style='width:300px;height:60px;border:0' srcdoc='{INSIDE}'>"


@pytest.mark.parametrize(
    "markup",
    [
        f"<div id=onetrust-reject-all-handler style='display:inline-block'>{FRAME}</iframe></div>",
        (
            "<div style='position:relative'><button id=onetrust-reject-all-handler style='width:300px;height:60px'>"
            f"Reject</button><div style='position:absolute;left:0;top:0;opacity:0'>{FRAME}</iframe></div></div>"
        ),
        FRAME.replace("data-is=frame", "id=onetrust-reject-all-handler") + "</iframe>",
        "<object id=onetrust-reject-all-handler style='width:300px;height:60px'>x</object>",
    ],
)
async def test_a_page_cannot_make_us_click_into_a_frame_of_another_site(shown: Shown, markup: str) -> None:
    """A login is in the browser with ``--login``: a click into somebody's frame is the investigator's."""
    await shown.show(page(f"<div id=onetrust-banner-sdk class=banner>{markup}</div>"))

    assert not await shown.behaviours.refuse_consent(8)
    assert (await shown.pressed(), shown.log) == ([], [])


@pytest.mark.parametrize(
    "markup",
    [
        "<a id=onetrust-reject-all-handler href='https://elsewhere.example/buy'>Reject</a>",
        "<a href='https://elsewhere.example/buy'><span id=onetrust-reject-all-handler>Reject</span></a>",
        "<button id=onetrust-reject-all-handler><a href='https://elsewhere.example/buy'>Reject</a></button>",
    ],
)
async def test_a_link_that_leads_away_is_not_pressed(shown: Shown, markup: str) -> None:
    await shown.show(page(f"<div id=onetrust-banner-sdk class=banner>{markup}</div>"))

    assert not await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == []


@pytest.mark.parametrize("href", ["#", "javascript:void(0)"])
async def test_a_link_that_stays_on_the_page_is_a_button(shown: Shown, href: str) -> None:
    link = f"<a id=onetrust-reject-all-handler data-is=refuse href='{href}'>Reject</a>"
    await shown.show(page(f"<div id=onetrust-banner-sdk class=banner>{link}</div>"))

    assert await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == ["refuse"]


CLOBBER = "".join(
    f"<form name={name}></form>"
    for name in ("querySelectorAll", "elementFromPoint", "body", "documentElement", "title")
)


async def test_a_page_that_gives_its_elements_our_methods_names_changes_nothing(shown: Shown) -> None:
    form = BANNERS["OneTrust"].replace('<div id="onetrust-banner-sdk"', '<form id="onetrust-banner-sdk"')
    form = form.replace("<button", "<button type=button")
    names = ("querySelectorAll", "getBoundingClientRect", "shadowRoot", "parentNode", "checkVisibility", "innerText")
    inputs = "".join(f"<input type=hidden name={name}>" for name in names)
    await shown.show(page(CLOBBER + form.replace("otFlat bottom banner", "banner") + inputs))

    assert await shown.behaviours.refuse_consent(8)
    assert await shown.pressed() == ["refuse"]


async def test_a_page_that_overrides_its_own_interfaces_neither_hears_us_nor_answers(shown: Shown) -> None:
    override = """<script>heard = [];
    for (const [kind, name] of [[Document, 'querySelectorAll'], [Element, 'getBoundingClientRect'],
        [Document, 'elementFromPoint'], [Element, 'checkVisibility'], [Element, 'scrollIntoView'],
        [Element, 'querySelectorAll'], [DocumentFragment, 'querySelectorAll']]) {
      kind.prototype[name] = () => { heard.push(name); return []; };
    }
    scrollTo = () => heard.push('scrollTo');</script><img loading=lazy src='data:,'>"""
    await shown.show(page(BANNERS["OneTrust"] + override))

    assert await shown.behaviours.refuse_consent(8)
    assert await shown.behaviours.load_lazy(8)
    assert await shown.pressed() == ["refuse"]
    assert await shown.tab.evaluate("heard") == []


async def test_nothing_of_the_page_is_overridden_and_our_world_cannot_be_seen(shown: Shown) -> None:
    watch = """() => {
      const kinds = [Document, Element, HTMLElement, Node, Window, EventTarget, Function, Object, Navigator, Screen];
      const native = kinds.flatMap((kind) => Object.entries(Object.getOwnPropertyDescriptors(kind.prototype)))
        .flatMap(([name, one]) => [one.value, one.get, one.set].filter((part) => typeof part === 'function')
        .map((part) => name + Function.prototype.toString.call(part)));
      return [native, Object.getOwnPropertyNames(window), navigator.webdriver, document.documentElement.outerHTML];
    }"""
    await shown.show(page(BANNERS["OneTrust"] + "<img loading=lazy src='data:,'>"))
    before = await shown.tab.evaluate(watch)
    await shown.behaviours.refuse_consent(8)
    await shown.behaviours.open_post(Rules(more=("#story",)), 8)
    await shown.behaviours.load_lazy(8)

    assert await shown.tab.evaluate(watch) == before
    assert len(before[0]) > 500


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
