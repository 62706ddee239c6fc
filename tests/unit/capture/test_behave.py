"""What is done to a page is small, logged, and what a person would have done: nothing else is ever pressed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from archiver.capture.browser import OpenBrowser, find_browser, open_browser
from archiver.capture.consent import BANNERS as KNOWN
from archiver.capture.platforms.item import Rules
from archiver.capture.settings import CaptureSettings
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
