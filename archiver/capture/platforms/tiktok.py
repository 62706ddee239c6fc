"""TikTok: videos and photo posts; the state that the page was made from says what became of a video.

LIMIT: TikTok answers 10204 ("does not exist") also to some networks that it refuses.
"""

import re
from typing import Final
from urllib.parse import quote

from archiver.capture.platforms.hosts import Place, is_of
from archiver.capture.platforms.ids import tiktok
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Structure, dig
from archiver.model.evidence import Reason

NAME: Final = "tiktok"
_USER: Final = re.compile(r"@[A-Za-z0-9_.]{0,30}\Z")
_ID: Final = re.compile(r"[1-9][0-9]{14,19}\Z")
_MOST_ID: Final = 1 << 63
_SHORT: Final = re.compile(r"[A-Za-z0-9]{5,16}\Z")
_STATE: Final = "__UNIVERSAL_DATA_FOR_REHYDRATION__"
_CODES: Final = {
    10000: Reason.CAPTCHA,
    10102: Reason.LOGIN_WALL,
    10204: Reason.GONE,
    10216: Reason.PROTECTED,
    10221: Reason.SUSPENDED,
    10222: Reason.PROTECTED,
    10231: Reason.GEO_BLOCK,
}


def read(place: Place) -> Item | None:
    """Give the video of ``/@<user>/video/<id>`` (or ``photo``), or of an embed. A short link tells no id."""
    if not is_of(place.host, "tiktok.com"):
        return None
    path = place.path
    if place.host in {"vm.tiktok.com", "vt.tiktok.com"} or path[:1] == ("t",):
        return Item(platform=NAME) if path and _SHORT.match(path[-1]) else None
    user, kind, number = "", "video", ""
    if len(path) > 2 and _USER.match(path[0]) and path[1] in {"video", "photo"}:  # noqa: PLR2004 - user, kind, id
        user, kind, number = path[0][1:], path[1], path[2]
    elif len(path) > 1 and path[0] in {"embed", "player", "v"}:
        number = path[-1].removesuffix(".html")
    if not _ID.match(number) or int(number) >= _MOST_ID:
        return None
    time = tiktok(int(number))
    post = f"https://www.tiktok.com/@{user}/{kind}/{number}"
    return Item(
        platform=NAME,
        canonical_url=post,
        item_id=number,
        author=user or None,
        claimed_at=time,
        claimed_by="tiktok_id" if time else None,
        extras=(Extra(url=f"https://www.tiktok.com/oembed?url={quote(post, safe='')}", name="oembed.json"),),
    )


def rules(item: Item) -> Rules:
    """Give where the video stands on its page: the first one, others are proposed below it."""
    del item
    return Rules(
        post=("[data-e2e='browse-video']", "[data-e2e='detail-video']"),
        more=("[data-e2e='browse-video-desc'] button", "[data-e2e='detail-video'] [data-e2e='video-desc'] button"),
        login_overlay=("[data-e2e='modal-close-inner-button']", "[role='dialog'] [data-e2e='modal-close-button']"),
    )


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give nothing more: a video's addresses are bound to the browser that was given them."""
    del item, page
    return ()


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the video is not there, by the status code in the page's state."""
    del item
    scope = dig(page.state(_STATE), "__DEFAULT_SCOPE__")
    for name in ("webapp.video-detail", "webapp.reflow.video.detail"):
        code = dig(scope, name, "statusCode")
        shown = dig(scope, name, "itemInfo", "itemStruct", "id") is not None
        if isinstance(code, int) and code != 0 and not shown:
            return Judgement(reason=_CODES.get(code, Reason.GONE), rests_on=f"tiktok: {name} statusCode {code}")
    return None
