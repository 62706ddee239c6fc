"""The selectors of each platform find the one cited post in a real browser, among others that are near to it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from archiver.capture.browser import OpenBrowser
from archiver.capture.platforms import rules_for
from tests.unit.capture.platforms.pages import item_of

pytestmark = pytest.mark.browser
NUMBER = "1212816983592488961"
TOOT = "109252195123456789"
TIKTOK = "7086595171827322158"
KEY = "3luzluujzah2m"
CODE = "CGgDsi7JQdS"
VIDEO = "dQw4w9WgXcQ"
URLS = {
    "x": f"https://x.com/ABC7News/status/{NUMBER}",
    "telegram": "https://t.me/IranWire/123",
    "facebook": "https://www.facebook.com/user/posts/123456789",
    "instagram": f"https://www.instagram.com/p/{CODE}/",
    "threads": f"https://www.threads.com/@user/post/{CODE}",
    "youtube": f"https://www.youtube.com/watch?v={VIDEO}",
    "tiktok": f"https://www.tiktok.com/@user/video/{TIKTOK}",
    "mastodon": f"https://mastodon.social/@user/{TOOT}",
    "truth_social": f"https://truthsocial.com/@user/{TOOT}",
    "bluesky": f"https://bsky.app/profile/user.example/post/{KEY}",
}


# The mark of the element that each kind of selector must find first on the platform's page in ``markup/``.
FOUND = {
    "x": {"post": "post", "more": "more", "sensitive": "gate", "login_overlay": "close"},
    "telegram": {"post": "post", "sensitive": "gate"},
    "facebook": {"post": "post", "login_overlay": "close"},
    "instagram": {"post": "post", "login_overlay": "close"},
    "threads": {"post": "post"},
    "youtube": {"post": "post", "more": "more"},
    "tiktok": {"post": "post", "more": "more", "login_overlay": "close"},
    "mastodon": {"post": "post", "more": "more", "sensitive": "gate"},
    "truth_social": {"post": "post"},
    "bluesky": {"post": "post", "sensitive": "gate"},
}
MARKUP = Path(__file__).with_name("markup")


@pytest.fixture
async def blank(browser: OpenBrowser) -> AsyncIterator[Page]:
    context = await browser.browser.new_context(java_script_enabled=True, offline=True)
    yield await context.new_page()
    await context.close()


def selectors(platform: str, kind: str) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(rules_for(item_of(URLS[platform])), kind)
    return found


async def test_each_selector_finds_its_element_and_is_one_that_a_browser_takes(blank: Page) -> None:
    assert {item_of(url).platform for url in URLS.values()} == {path.stem for path in MARKUP.iterdir()} == set(FOUND)
    for platform, expected in FOUND.items():
        await blank.set_content((MARKUP / f"{platform}.html").read_text(encoding="utf-8"))
        for kind in ("post", "more", "sensitive", "login_overlay"):
            marks = [
                await blank.evaluate("s => document.querySelector(s)?.dataset.mark ?? null", one)
                for one in selectors(platform, kind)
            ]
            first = next((mark for mark in marks if mark is not None), None)
            assert first == expected.get(kind), (platform, kind, marks)
            assert "wrong" not in marks, (platform, kind, marks)


def test_a_post_is_looked_for_by_its_id_first() -> None:
    for platform, url in URLS.items():
        number = (item_of(url).item_id or "").rpartition("/")[2]
        if platform != "tiktok":  # its page shows one video; its markup does not carry the id
            assert re.search(re.escape(number), selectors(platform, "post")[0]), platform
