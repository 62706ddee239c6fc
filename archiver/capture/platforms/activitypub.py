"""Mastodon and its kin (Truth Social among them), on whatever host: told by the form of their URLs.

LIMIT: a site that is none of them, but gives its pages the same form, is taken for one of them.
"""

import re
from collections.abc import Iterator
from typing import Final

from archiver.capture.platforms.hosts import Place, host_of, is_of, path_of
from archiver.capture.platforms.ids import mastodon
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Json, Structure, dig, listed, objects
from archiver.model.evidence import Reason

_USER: Final = re.compile(r"@?([A-Za-z0-9_.-]{1,64}(?:@[a-z0-9.-]{3,255})?)\Z")
_ID: Final = re.compile(r"[1-9][0-9]{4,18}\Z")
_OBJECT: Final = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
_NOT_THESE: Final = (
    *("x.com", "twitter.com", "t.me", "facebook.com", "instagram.com", "youtube.com", "tiktok.com", "bsky.app"),
    *("threads.net", "threads.com", "medium.com", "substack.com", "steemit.com", "hive.blog", "odysee.com"),
)
_MEDIA: Final = re.compile(r"https?://[a-z0-9.:-]{3,255}/[A-Za-z0-9/_.%~-]{5,500}\.(jpe?g|png|webp|gif|mp4|webm)\Z")
_MOST_MEDIA: Final = 8
_NOT_FOUND: Final = frozenset({404, 410})
_LOGIN: Final = frozenset({401, 403})


def read(place: Place) -> Item | None:
    """Give the post of ``/@<user>/<id>``, ``/@<user>/posts/<id>`` or ``/users/<user>/statuses/<id>``."""
    named = _named(place.path)
    if named is None or is_of(place.host, *_NOT_THESE):
        return None
    user, number = named
    truth = is_of(place.host, "truthsocial.com")
    time = mastodon(int(number))
    post = f"{place.origin}/@{user}/{number}"
    api = Extra(url=f"{place.origin}/api/v1/statuses/{number}", name="status.json", accept="application/json")
    return Item(
        platform="truth_social" if truth else "mastodon",
        canonical_url=post,
        item_id=number,
        author=user,
        claimed_at=time,
        claimed_by="mastodon_snowflake" if time else None,
        extras=(api,) if truth else (Extra(url=_object(place, user, number), name="object.json", accept=_OBJECT), api),
    )


def _object(place: Place, user: str, number: str) -> str:
    """Give the address of the object: not the page's own, where a replayed WARC would answer it as the page.

    LIMIT: an account of another server has none here; of its posts the page's own address is asked.
    """
    return f"{place.origin}/@{user}/{number}" if "@" in user else f"{place.origin}/users/{user}/statuses/{number}"


def rules(item: Item) -> Rules:
    """Give where the post stands: the detailed status of its page, which is there once."""
    return Rules(
        post=(
            f".detailed-status__wrapper[data-id='{item.item_id}']",
            f"#status-{item.item_id}",
            ".detailed-status__wrapper",
            ".detailed-status",
            ".thread__detailed-status",
        ),
        more=(
            ".detailed-status .status__content__spoiler-link",
            ".detailed-status .content-warning button",
        ),
        sensitive=(".detailed-status .spoiler-button__overlay", ".detailed-status .media-spoiler"),
    )


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give the post's media at their full size, out of the answers that the page itself got."""
    urls: dict[str, str] = {}
    for status in _statuses(item, page):
        for media in listed(status, "media_attachments"):
            url = dig(media, "url")
            match = _MEDIA.match(url) if isinstance(url, str) else None
            if match is not None:
                urls.setdefault(match[0], match[1])
    found = list(urls.items())[:_MOST_MEDIA]
    return tuple(Extra(url=url, name=f"media-{number}.{kind}") for number, (url, kind) in enumerate(found, 1))


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the post is not there: a tombstone, or the server's own answer about its id."""
    if next(_statuses(item, page), None) is not None or page.select("//*[contains(@class, 'detailed-status')]"):
        return None
    home = host_of(item.canonical_url or "")
    for answer in page.answers:
        if host_of(answer.url) != home or path_of(answer.url).rpartition("/")[2] != item.item_id:
            continue
        if isinstance(answer.body, dict) and answer.body.get("type") == "Tombstone":
            return Judgement(reason=Reason.DELETED, rests_on=f"{item.platform}: the object is a Tombstone")
        if not path_of(answer.url).startswith("/api/"):
            continue
        told = f"{item.platform}: status {answer.status} of the API for this id"
        if answer.status in _NOT_FOUND:
            return Judgement(reason=Reason.GONE, rests_on=told)
        if answer.status in _LOGIN:
            return Judgement(reason=Reason.LOGIN_WALL, rests_on=told)
    return None


def _named(path: tuple[str, ...]) -> tuple[str, str] | None:
    if len(path) > 1 and path[0].startswith("@"):
        user = path[0]
        number = path[2] if len(path) > 2 and path[1] in {"posts", "statuses"} else path[1]  # noqa: PLR2004
    elif len(path) > 3 and (path[0], path[2]) == ("users", "statuses"):  # noqa: PLR2004 - words, user, id
        user, number = path[1], path[3]
    else:
        return None
    match = _USER.match(user)
    return (match[1], number) if match is not None and _ID.match(number) else None


def _statuses(item: Item, page: Structure) -> Iterator[Json]:
    """Give the post's own data out of the page's answers."""
    for answer in page.answers:
        for one in objects(answer.body):
            if one.get("id") == item.item_id and "media_attachments" in one and "account" in one:
                yield one
