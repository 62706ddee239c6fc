"""Facebook: posts, photos, videos and reels under its many forms of URL. No time is in an id.

LIMIT: what is gone, what is not public and what Facebook refuses a visitor look alike without a login.
LIMIT: the cited post's element is found by a link to its id; behind a login Facebook writes other ids into its links.
"""

import re
from typing import Final

from archiver.capture.platforms.hosts import Place, is_of
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Structure, dig, objects
from archiver.model.evidence import Reason

NAME: Final = "facebook"
_ID: Final = re.compile(r"(?:[1-9][0-9]{4,24}|pfbid[A-Za-z0-9]{10,120})\Z")
_USER: Final = re.compile(r"[A-Za-z0-9.-]{1,80}\Z")
_SHORT: Final = re.compile(r"[A-Za-z0-9_-]{5,40}\Z")
_SITE: Final = "https://www.facebook.com"
# Which field of the query names the item, by the first word of the path.
_FIELDS: Final = {
    "permalink.php": "story_fbid",
    "story.php": "story_fbid",
    "photo.php": "fbid",
    "photo": "fbid",
    "watch": "v",
    "video.php": "v",
}
_KINDS: Final = frozenset({"posts", "videos", "photos", "reel", "permalink"})


def read(place: Place) -> Item | None:
    """Give the post, photo, video or reel. A short link tells no id."""
    path = place.path
    if is_of(place.host, "fb.watch"):
        return Item(platform=NAME) if path and _SHORT.match(path[0]) else None
    if not is_of(place.host, "facebook.com", "fb.com") or not path:
        return None
    if path[0] == "share":
        return Item(platform=NAME) if _SHORT.match(path[-1]) else None
    return _by_query(path[0], place.query) if path[0] in _FIELDS else _by_path(path)


def _by_path(path: tuple[str, ...]) -> Item | None:
    """Read ``/<author>/<kind>/(<words>/)<id>``, ``/groups/<group>/<kind>/<id>`` and ``/reel/<id>``."""
    at = next((index for index, one in enumerate(path[:3]) if one in _KINDS), -1)
    number = next((one for one in reversed(path[at + 1 :]) if _ID.match(one)), None)
    if at < 0 or number is None:
        return None
    kind = path[at]
    if kind == "reel":
        return _item(number, f"/reel/{number}")
    if at == 0 or not _USER.match(path[at - 1]):
        return None
    if at == 2:  # noqa: PLR2004 - word, group, kind
        return _item(number, f"/groups/{path[1]}/posts/{number}/") if path[0] == "groups" else None
    if kind == "photos":
        return _item(number, f"/photo/?fbid={number}", path[0])
    return _item(number, f"/{path[0]}/{'videos' if kind == 'videos' else 'posts'}/{number}", path[0])


def rules(item: Item) -> Rules:
    """Give where the post stands: the outermost article that itself links to it, for comments are articles too."""
    outer = "[role='article']:not([role='article'] *)"
    named = f":has(a[href*='{item.item_id}']:not([role='article'] [role='article'] *))"
    return Rules(
        post=(f"[role='main'] {outer}{named}", f"[role='dialog'] {outer}{named}", "#m_story_permalink_view"),
        login_overlay=("[role='dialog'] [aria-label='Close'][role='button']", "[role='dialog'] [aria-label='Close']"),
    )


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give nothing more: addresses of media are signed for the browser that was given them."""
    del item, page
    return ()


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the post is not there: the page was built around Facebook's own error page.

    The name of that page stands among the parts of any page; only the root that was shown counts.
    """
    del item
    for value in page.embedded():
        for one in objects(value):
            if dig(one, "rootView", "resource", "__dr") == "CometErrorRoot.react":
                return Judgement(reason=Reason.GONE, rests_on="facebook: rootView is CometErrorRoot")
    return None


def _by_query(word: str, query: dict[str, str]) -> Item | None:
    number, user = query.get(_FIELDS[word], ""), query.get("id", "")
    if not _ID.match(number):
        return None
    if _FIELDS[word] != "story_fbid":
        form = "/photo/?fbid=" if _FIELDS[word] == "fbid" else "/watch/?v="
        return _item(number, form + number)
    if not _ID.match(user):
        return None
    return _item(number, f"/permalink.php?story_fbid={number}&id={user}", user)


def _item(number: str, path: str, author: str | None = None) -> Item:
    return Item(platform=NAME, canonical_url=_SITE + path, item_id=number, author=author)
