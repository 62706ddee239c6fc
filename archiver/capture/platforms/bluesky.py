"""Bluesky: posts of the AT Protocol; its API says what became of one."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from archiver.capture.platforms.hosts import Place, is_of, path_of, query_of
from archiver.capture.platforms.ids import bluesky
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Answer, Structure, dig, listed, objects, word_of
from archiver.model.evidence import Reason

NAME: Final = "bluesky"
_API: Final = "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?depth=0&uri="
_AUTHOR: Final = re.compile(
    r"(?:did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]{3,200})|[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){1,8})\Z"
)
_KEY: Final = re.compile(r"[234567a-j][234567a-z]{12}\Z")
_MEDIA: Final = re.compile(
    r"https://cdn\.bsky\.app/img/feed_fullsize/plain/did:[a-z0-9:.%-]{5,210}/[a-z2-7]{10,100}(?:@[a-z]{3,5})?\Z"
)
_MOST_MEDIA: Final = 4
_SHOWN: Final = "//*[starts-with(@data-testid, 'postThreadItem-by-')]"
# Lexicons: what stands in the place of a post, and the errors of requests for one.
_INSTEAD: Final = {
    "app.bsky.feed.defs#notFoundPost": Reason.DELETED,
    "app.bsky.feed.defs#blockedPost": Reason.PROTECTED,
    "app.bsky.unspecced.defs#threadItemNotFound": Reason.DELETED,
    "app.bsky.unspecced.defs#threadItemBlocked": Reason.PROTECTED,
    "app.bsky.unspecced.defs#threadItemNoUnauthenticated": Reason.LOGIN_WALL,
}
_ERRORS: Final = {
    "NotFound": Reason.DELETED,
    "AccountTakedown": Reason.SUSPENDED,
    "AccountSuspended": Reason.SUSPENDED,
    "AccountDeactivated": Reason.DELETED,
    "RepoDeactivated": Reason.DELETED,
    "RepoTakendown": Reason.SUSPENDED,
    "RepoSuspended": Reason.SUSPENDED,
}
_FOR_MEMBERS: Final = "!no-unauthenticated"


def read(place: Place) -> Item | None:
    """Give the post of ``/profile/<handle or did>/post/<key>``."""
    path = place.path
    if not is_of(place.host, "bsky.app") or len(path) < 4:  # noqa: PLR2004 - word, author, word, key
        return None
    if path[0] != "profile" or path[2] != "post" or not _AUTHOR.match(path[1]) or not _KEY.match(path[3]):
        return None
    time = bluesky(path[3])
    uri = f"at://{path[1]}/app.bsky.feed.post/{path[3]}"
    return Item(
        platform=NAME,
        canonical_url=f"https://bsky.app/profile/{path[1]}/post/{path[3]}",
        item_id=path[3],
        author=path[1],
        claimed_at=time,
        claimed_by="bluesky_tid" if time else None,
        extras=(Extra(url=_API + quote(uri, safe=""), name="thread.json", accept="application/json"),),
    )


def rules(item: Item) -> Rules:
    """Give where the post stands on its page: its item links to its own likes, or, having none, to no post at all."""
    shown = "[data-testid^='postThreadItem-by-']"
    own = f"{shown}:has(a[href*='/post/{item.item_id}'])"
    return Rules(
        post=(own, f"{shown}:not(:has(a[href*='/post/']))"),
        sensitive=(
            f"{own} [data-testid='contentHider-post'] button",
            f"{own} [data-testid='contentHider-embed'] button",
        ),
    )


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give the post's pictures at full size, out of the answers that the page itself got; not those of quoted posts."""
    urls: dict[str, None] = {}
    for answer in page.answers:
        for one in objects(answer.body):
            if not _is_uri(item, one.get("uri")):
                continue
            embed = one.get("embed")
            for image in (*listed(embed, "images"), *listed(embed, "media", "images")):
                url = dig(image, "fullsize")
                if isinstance(url, str) and _MEDIA.match(url):
                    urls.setdefault(url)
    return tuple(Extra(url=url, name=f"photo-{number}.jpg") for number, url in enumerate(list(urls)[:_MOST_MEDIA], 1))


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the post is not there, by the API's own words for it. A post that is shown is there."""
    if page.select(_SHOWN):
        return None
    for answer in page.answers:
        judged = _of_thread(item, answer) or _of_error(item, answer)
        if judged is not None:
            return judged
    return None


def _of_thread(item: Item, answer: Answer) -> Judgement | None:
    """Judge by what stands in the post's own place in a thread: first form a tree, second form a list."""
    thread = dig(answer.body, "thread")
    places: list[tuple[object, object]] = [(dig(thread, "uri"), thread)]
    places.extend((dig(one, "uri"), dig(one, "value")) for one in listed(answer.body, "thread")[:1000])
    for uri, value in places:
        kind = dig(value, "$type")
        if _is_uri(item, uri) and isinstance(kind, str) and kind in _INSTEAD:
            return Judgement(reason=_INSTEAD[kind], rests_on=f"bluesky: {kind.partition('#')[2]} in its own place")
    if _is_uri(item, dig(thread, "post", "uri")) and _FOR_MEMBERS in _labels(thread):
        return Judgement(reason=Reason.LOGIN_WALL, rests_on=f"bluesky: the author's label {_FOR_MEMBERS}")
    return None


def _labels(thread: object) -> Iterator[object]:
    return (dig(label, "val") for label in listed(thread, "post", "author", "labels"))


def _of_error(item: Item, answer: Answer) -> Judgement | None:
    """Judge by an error of a request for this post, or for its author."""
    error, method = dig(answer.body, "error"), path_of(answer.url).rpartition("/xrpc/")[2]
    if not isinstance(error, str) or error not in _ERRORS:
        return None
    asked = query_of(answer.url)
    for_post = _is_uri(item, asked.get("uri")) or _is_uri(item, asked.get("anchor"))
    for_author = item.author in {asked.get("actor"), asked.get("handle"), asked.get("repo"), asked.get("did")}
    if for_post or (for_author and error != "NotFound"):
        return Judgement(reason=_ERRORS[error], rests_on=f"bluesky: error {error} of {word_of(method)}")
    return None


def _is_uri(item: Item, uri: object) -> bool:
    return isinstance(uri, str) and uri.startswith("at://") and uri.endswith(f"/app.bsky.feed.post/{item.item_id}")
