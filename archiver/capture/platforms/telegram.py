"""Telegram: public channels' posts, ``t.me/<channel>/<number>``. The embed page is the one that holds the post.

Telegram answers 200 whatever is asked, so the page's parts tell: the post's widget, the channel's card, neighbours.
LIMIT: on ``t.me/<channel>/<number>`` the post stands in a frame, so that a deleted one is told on its embed page only.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from archiver.capture.platforms.hosts import Place, host_of, is_of
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Structure
from archiver.model.evidence import Reason

NAME: Final = "telegram"
_CHANNEL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}\Z")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}\Z")
_OTHER_WORDS: Final = frozenset(
    {"addemoji", "addlist", "addstickers", "addtheme", "boost", "confirmphone", "contact", "giftcode", "invoice"}
    | {"joinchat", "login", "proxy", "setlanguage", "share", "socks"}
)
_FILE: Final = re.compile(
    r"https://cdn[0-9]{1,2}\.(?:telesco\.pe|telegram-cdn\.org|cdn-telegram\.org)/file/[A-Za-z0-9._~%?=&-]{10,700}\Z"
)
_BACKGROUND: Final = re.compile(r"background-image:\s*url\(\s*['\"]?([^'\")\s]{10,800})['\"]?\s*\)")
_MOST_MEDIA: Final = 12
_MOST_LINKS: Final = 2_000
_HAS_CLASS: Final = "//*[contains(concat(' ', normalize-space(@class), ' '), concat(' ', $name, ' '))]"


def read(place: Place) -> Item | None:
    """Give the post of ``/(s/)<channel>/(<topic>/)<number>``, or of ``<channel>.t.me/<number>``."""
    if not is_of(place.host, "t.me", "telegram.me", "telegram.dog"):
        return None
    path = place.path[1:] if place.path[:1] == ("s",) else place.path
    label = place.host.removesuffix(".t.me")
    if len(path) == 1 and label not in {place.host, "www"}:
        path = (label, *path)
    if len(path) not in {2, 3} or not _CHANNEL.match(path[0]) or path[0].lower() in _OTHER_WORDS:
        return None
    if not all(_NUMBER.match(one) for one in path[1:]):
        return None
    comment = place.query.get("comment", "")
    post = f"https://t.me/{path[0]}/{path[-1]}"
    about = f"&comment={comment}" if _NUMBER.match(comment) else ""
    return Item(
        platform=NAME,
        canonical_url=post + about.replace("&", "?"),
        item_id=f"{path[0]}/{path[-1]}",
        author=path[0],
        extras=(Extra(url=f"{post}?embed=1&mode=tme{about}", name="embed.html"),),
    )


def rules(item: Item) -> Rules:
    """Give where the post stands: on the channel's page, on its embed page, or in the frame of its own page."""
    post = f".tgme_widget_message[data-post='{item.item_id}' i]"
    album = f".tgme_widget_message:has(a[href*='/{item.item_id}?single' i])"
    frame = f"iframe[id='telegram-post-{(item.item_id or '').replace('/', '-')}' i]"
    return Rules(post=(post, album, frame), sensitive=(f"{post} tg-spoiler",))


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give the post's pictures and videos as the page names them."""
    found: dict[str, str] = {}
    for bubble in _bubbles(item, page)[:1]:
        for style in bubble.xpath(".//a[contains(@class, 'photo_wrap')]/@style")[:50]:
            match = _BACKGROUND.search(str(style))
            if match is not None:
                found.setdefault(match[1], "photo.jpg")
        for source in bubble.xpath(".//video/@src")[:20]:
            found.setdefault(str(source), "video.mp4")
    kept = [(url, *kind.split(".")) for url, kind in found.items() if _FILE.match(url)][:_MOST_MEDIA]
    return tuple(Extra(url=url, name=f"{kind}-{number}.{end}") for number, (url, kind, end) in enumerate(kept, 1))


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the post is not there."""
    if is_of(host_of(page.final_url), "telegram.org"):
        return Judgement(reason=Reason.GONE, rests_on="telegram: led to telegram.org, as for names that are none")
    if not is_of(host_of(page.final_url), "t.me", "telegram.me", "telegram.dog"):
        return None
    if page.select(_HAS_CLASS, name="tgme_widget_message_error"):
        return Judgement(reason=Reason.DELETED, rests_on="telegram: tgme_widget_message_error on the embed page")
    if page.select("//*[@data-post]"):
        return None if _bubbles(item, page) else _not_among(item, page)
    card = page.select(_HAS_CLASS, name="tgme_page_action")
    if not card or page.select("//*[@data-telegram-post]") or page.select(_HAS_CLASS, name="tgme_page_widget"):
        return None
    if page.select(_HAS_CLASS, name="tgme_page_extra"):
        return Judgement(reason=Reason.SOFT_404, rests_on="telegram: the channel's card without the post's widget")
    return Judgement(reason=Reason.GONE, rests_on="telegram: a contact card without tgme_page_extra: no such channel")


def _not_among(item: Item, page: Structure) -> Judgement | None:
    """Judge a channel's page that shows posts, but not this one."""
    channel, _, number = (item.item_id or "").lower().partition("/")
    shown = [one for name, one in _posts(page) if name == channel]
    if not number or not shown:
        return None
    if min(shown) < int(number) < max(shown):
        return Judgement(
            reason=Reason.DELETED, rests_on="telegram: its neighbours before and after, no data-post of it"
        )
    return Judgement(reason=Reason.SOFT_404, rests_on="telegram: the channel's posts without data-post of this one")


def _posts(page: Structure) -> Iterator[tuple[str, int]]:
    for one in page.select("//@data-post")[:500]:
        channel, _, number = str(one).lower().partition("/")
        if _NUMBER.match(number):
            yield channel, int(number)


def _bubbles(item: Item, page: Structure) -> list[Any]:
    """Give the post's element. An album is one element under its first number; its other numbers are links in it."""
    wanted = (item.item_id or "").lower()
    bubbles = page.select("//*[@data-post]")[:500]
    own = [one for one in bubbles if str(one.get("data-post")).lower() == wanted]
    if own:
        return own
    links = [one for one in page.select("//a[contains(@href, '?single')]")[:_MOST_LINKS] if _links_to(wanted, one)]
    return links[0].xpath("ancestor::*[@data-post][1]") if links else []


def _links_to(wanted: str, link: Any) -> bool:  # noqa: ANN401 - an element of lxml
    return str(link.get("href")).lower().partition("?")[0].endswith(f"/{wanted}")
