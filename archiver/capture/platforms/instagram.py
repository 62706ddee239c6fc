"""Instagram. Without a login it shows little, and what it shows says little.

LIMIT: what is gone and what is only not shown without a login look alike; both are told as gone, or as a login wall.
"""

import re
from collections.abc import Iterator
from typing import Final

from archiver.capture.platforms.hosts import Place, is_of
from archiver.capture.platforms.ids import instagram, instagram_media
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Json, Structure, dig, listed, objects
from archiver.model.evidence import Reason

NAME: Final = "instagram"
CODE: Final = re.compile(r"[A-Za-z0-9_-]{5,45}\Z")
USER: Final = re.compile(r"[A-Za-z0-9_.]{1,50}\Z")
_MEDIA_ID: Final = re.compile(r"[1-9][0-9]{9,18}\Z")
_KINDS: Final = frozenset({"p", "reel", "reels", "tv"})
_WEB_INFO: Final = "xdt_api__v1__media__shortcode__web_info"


def read(place: Place) -> Item | None:
    """Give the post of ``/(<user>/)(p|reel|tv)/<code>`` or the story of ``/stories/<user>/<id>``."""
    if not is_of(place.host, "instagram.com", "instagr.am"):
        return None
    path = place.path
    if path[:1] == ("share",):
        return Item(platform=NAME)
    if len(path) > 2 and path[0] == "stories" and USER.match(path[1]) and _MEDIA_ID.match(path[2]):  # noqa: PLR2004
        return _story(path[1], path[2])
    at = next((index for index, one in enumerate(path[:2]) if one in _KINDS), -1)
    if at < 0 or len(path) <= at + 1 or not CODE.match(path[at + 1]):
        return None
    code = path[at + 1]
    time = instagram(code)
    kind = "p" if path[at] == "p" else "reel"
    return Item(
        platform=NAME,
        canonical_url=f"https://www.instagram.com/{kind}/{code}/",
        item_id=code,
        author=path[0] if at == 1 and USER.match(path[0]) else None,
        claimed_at=time,
        claimed_by="instagram_shortcode" if time else None,
        extras=(Extra(url=f"https://www.instagram.com/{kind}/{code}/embed/captioned/", name="embed.html"),),
    )


def rules(item: Item) -> Rules:
    """Give where the post stands: it is the only article of its page's main part."""
    return Rules(
        post=(f"main article:has(a[href*='/{item.item_id}/'])", "main article"),
        login_overlay=("[role='dialog'] [aria-label='Close'][role='button']", "[role='dialog'] [aria-label='Close']"),
    )


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give nothing more: addresses of media are signed for the browser that was given them."""
    del item, page
    return ()


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the post is not there, where the page was answered with no media for its code."""
    empty: str | None = None
    for one in _told(page):
        if _WEB_INFO in one:
            if listed(one, _WEB_INFO, "items"):
                return None
            empty = empty or f"{_WEB_INFO} without items"
        if "xdt_shortcode_media" in one:
            if isinstance(one["xdt_shortcode_media"], dict):
                return None
            empty = empty or "xdt_shortcode_media is null"
        if item.item_id is not None and one.get("code") == item.item_id and dig(one, "user") is not None:
            return None
    return Judgement(reason=Reason.GONE, rests_on=f"instagram: {empty}") if empty else None


def _told(page: Structure) -> Iterator[Json]:
    for answer in page.answers:
        yield from objects(answer.body)
    for value in page.embedded():
        yield from objects(value)


def _story(user: str, number: str) -> Item:
    time = instagram_media(int(number))
    return Item(
        platform=NAME,
        canonical_url=f"https://www.instagram.com/stories/{user}/{number}/",
        item_id=number,
        author=user,
        claimed_at=time,
        claimed_by="instagram_media_id" if time else None,
    )
