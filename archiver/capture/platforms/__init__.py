"""Rules per platform: what a URL says of one cited post, how to find it on its page, and what "gone" looks like there.

Pure functions and data: no network, no clock. A host is a platform's if it is its domain or lies below it.
"""

from typing import Final, Protocol

from archiver.capture.platforms import (
    activitypub,
    bluesky,
    facebook,
    instagram,
    telegram,
    threads,
    tiktok,
    x,
    youtube,
)
from archiver.capture.platforms.hosts import Place, read_place
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Structure

__all__ = ["judge_item", "more_extras", "read_item", "rules_for"]


class _Platform(Protocol):
    """What each platform's module gives."""

    def read(self, place: Place, /) -> Item | None: ...
    def rules(self, item: Item, /) -> Rules: ...
    def more(self, item: Item, page: Structure, /) -> tuple[Extra, ...]: ...
    def judge(self, item: Item, page: Structure, /) -> Judgement | None: ...


_PLATFORMS: Final[dict[str, _Platform]] = {
    "x": x,
    "telegram": telegram,
    "youtube": youtube,
    "tiktok": tiktok,
    "instagram": instagram,
    "threads": threads,
    "facebook": facebook,
    "bluesky": bluesky,
    # The last to be asked: it knows its posts by the form of their URLs, on any host.
    "mastodon": activitypub,
}
_KIN: Final = {"truth_social": "mastodon"}


def read_item(url: str) -> Item | None:
    """Give the one post that a URL names, or None where no platform's rules know the form. Never raises."""
    place = read_place(url)
    if place is None:
        return None
    items = (platform.read(place) for platform in _PLATFORMS.values())
    return next((item for item in items if item is not None), None)


def rules_for(item: Item) -> Rules:
    """Give the selectors of the item's post on its page; none where the URL names no post."""
    return _of(item).rules(item) if item.item_id is not None else Rules()


def more_extras(item: Item, structure: Structure) -> tuple[Extra, ...]:
    """Give what only the page tells of: photos at original size, captions."""
    return _of(item).more(item, structure) if item.item_id is not None else ()


def judge_item(item: Item, structure: Structure) -> Judgement | None:
    """Give why the post is not on its page, where the platform's own structure says so."""
    return _of(item).judge(item, structure)


def _of(item: Item) -> _Platform:
    return _PLATFORMS[_KIN.get(item.platform, item.platform)]
