"""Telegram answers 200 whatever is asked: what became of a post is told by the parts of its page."""

import pytest

from archiver.capture.platforms import judge_item, more_extras
from archiver.model.evidence import Reason
from tests.unit.capture.platforms.pages import item_of, page

URL = "https://t.me/iranwire/123"
LIST = "https://t.me/s/iranwire/123"
EMBED = f"{URL}?embed=1"
ITEM = item_of(URL)
FILE = "https://cdn4.telesco.pe/file/abcDEF_-123.jpg"


def bubble(number: int, inside: str = "", channel: str = "IranWire") -> str:
    return f'<div class="tgme_widget_message js-widget_message" data-post="{channel}/{number}">{inside}</div>'


CHANNEL_CARD = '<div class="tgme_page_extra">9 subscribers</div><div class="tgme_page_action"><a>View</a></div>'
NO_CHANNEL_CARD = '<div class="tgme_page_icon"></div><div class="tgme_page_action"><a>Send Message</a></div>'


@pytest.mark.parametrize(
    ("url", "dom", "reason", "rests_on"),
    [
        (EMBED, '<div class="a tgme_widget_message_error">…</div>', Reason.DELETED, "tgme_widget_message_error"),
        (URL, CHANNEL_CARD, Reason.SOFT_404, "without the post's widget"),
        (URL, NO_CHANNEL_CARD, Reason.GONE, "no such channel"),
        (LIST, bubble(121) + bubble(122) + bubble(124), Reason.DELETED, "its neighbours before and after"),
        (LIST, bubble(100) + bubble(101), Reason.SOFT_404, "without data-post of this one"),
        ("https://telegram.org/", "<h1>Telegram</h1>", Reason.GONE, "led to telegram.org"),
    ],
)
def test_a_post_that_is_not_there_is_told_by_its_page(url: str, dom: str, reason: Reason, rests_on: str) -> None:
    judged = judge_item(ITEM, page(URL, dom, final_url=url))
    assert judged is not None
    assert judged.reason is reason
    assert rests_on in judged.rests_on


@pytest.mark.parametrize(
    ("url", "dom"),
    [
        (URL, '<div class="tgme_page_widget"><script data-telegram-post="iranwire/123"></script></div>'),
        (URL, f'{CHANNEL_CARD}<div class="tgme_page_widget"><iframe></iframe></div>'),
        (EMBED, bubble(123)),
        (LIST, bubble(122) + bubble(123, channel="iranwire") + bubble(124)),
        # An album is one element, under its first number.
        (LIST, bubble(122, '<a href="https://t.me/iranwire/123?single"></a>') + bubble(125)),
        # Posts of another channel say nothing of this one; neither does a page that was not read.
        (LIST, bubble(122, channel="other") + bubble(124, channel="other")),
        (LIST, '<div data-post="iranwire/x"></div><div data-post=""></div>'),
        (URL, ""),
        ("https://news.example/", '<div class="tgme_widget_message_error">About Telegram</div>'),
    ],
)
def test_nothing_is_said_of_a_post_that_is_there(url: str, dom: str) -> None:
    assert judge_item(ITEM, page(URL, dom, final_url=url)) is None


def test_a_link_that_only_quotes_a_post_is_not_the_post() -> None:
    quoting = bubble(122, '<a href="https://t.me/iranwire/123">see</a>') + bubble(124)
    judged = judge_item(ITEM, page(LIST, quoting))
    assert judged is not None
    assert judged.reason is Reason.DELETED


def test_pictures_and_videos_of_the_post_are_asked_for_and_no_others() -> None:
    inside = (
        f'<a class="tgme_widget_message_photo_wrap x" style="width:9px;background-image:url(\'{FILE}\')"></a>'
        f'<a class="tgme_widget_message_photo_wrap" style="background-image:url({FILE.replace("123", "456")})"></a>'
        '<a class="tgme_widget_message_photo_wrap" style="background-image:url(\'https://evil.example/file/abcdefgh.jpg\')"></a>'
        '<a class="tgme_widget_message_photo_wrap" style="width:9px"></a>'
        '<video src="https://cdn4.telesco.pe/file/abcdefgh.mp4?token=a-b"></video>'
        '<video src="//x/file/abcdefgh.mp4"></video>'
    )
    other = bubble(124, f'<a class="tgme_widget_message_photo_wrap" style="background-image:url({FILE}x)"></a>')
    found = more_extras(ITEM, page(LIST, bubble(123, inside) + other))
    assert [(one.url, one.name) for one in found] == [
        (FILE, "photo-1.jpg"),
        (FILE.replace("123", "456"), "photo-2.jpg"),
        ("https://cdn4.telesco.pe/file/abcdefgh.mp4?token=a-b", "video-3.mp4"),
    ]
    assert more_extras(ITEM, page(LIST, other)) == ()


def test_a_page_of_very_many_links_is_judged_in_time() -> None:
    nested = "<div data-post='iranwire/1'>" * 200 + "<a href='/iranwire/124?single'></a>" * 100_000
    assert judge_item(ITEM, page(LIST, nested)) is not None
