"""X, formerly Twitter. What endures is the picture, the text and the API's answers: replay of X breaks often."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from archiver.capture.platforms.hosts import Place, is_of, query_of
from archiver.capture.platforms.ids import x_snowflake
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.platforms.x_token import token
from archiver.capture.structure import Answer, Json, Structure, dig, listed, objects, parsed, word_of
from archiver.model.evidence import Reason

NAME: Final = "x"
_HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,20}\Z")
_ID: Final = re.compile(r"[1-9][0-9]{0,18}\Z")
_MOST_ID: Final = 1 << 63
_PHOTO: Final = re.compile(
    r"https://pbs\.twimg\.com/media/([A-Za-z0-9_-]{8,40})(?:\.(jpg|png|webp)|\?format=(jpg|png|webp))"
)
_MOST_PHOTOS: Final = 8
_REASONS: Final = {
    "Suspended": Reason.SUSPENDED,
    "Protected": Reason.PROTECTED,
    "NsfwLoggedOut": Reason.AGE_GATE,
    "NsfwViewerHasNoStatedAge": Reason.AGE_GATE,
    "NsfwViewerIsUnderage": Reason.AGE_GATE,
    "Deactivated": Reason.DELETED,
    "NoStatus": Reason.DELETED,
    "LoggedOut": Reason.LOGIN_WALL,
    "GeoWithheld": Reason.GEO_BLOCK,
}
# "Error codes" of the API: no status of that id, user suspended, not authorised to see it.
_CODES: Final = {144: Reason.DELETED, 63: Reason.SUSPENDED, 179: Reason.PROTECTED}


def read(place: Place) -> Item | None:
    """Give the post of ``/<handle>/status/<id>``, ``/i/(web/)status/<id>`` or, of old, ``/statuses/<id>``."""
    if not is_of(place.host, "x.com", "twitter.com"):
        return None
    at = next((index for index, one in enumerate(place.path[:3]) if one.lower() in {"status", "statuses"}), -1)
    if at < 0 or len(place.path) <= at + 1 or (at == 2 and place.path[:2] != ("i", "web")):  # noqa: PLR2004
        return None
    number = place.path[at + 1]
    if not _ID.match(number) or int(number) >= _MOST_ID:
        return None
    handle = place.path[0] if at == 1 and _HANDLE.match(place.path[0]) and place.path[0].lower() != "i" else None
    time = x_snowflake(int(number))
    post = f"https://x.com/{handle or 'i'}/status/{number}"
    return Item(
        platform=NAME,
        canonical_url=post,
        item_id=number,
        author=handle,
        claimed_at=time,
        claimed_by="snowflake" if time else None,
        extras=(
            Extra(
                url=f"https://cdn.syndication.twimg.com/tweet-result?id={number}&token={token(int(number))}",
                name="syndication.json",
            ),
            Extra(url=f"https://publish.x.com/oembed?omit_script=1&url={quote(post, safe='')}", name="oembed.json"),
        ),
    )


def rules(item: Item) -> Rules:
    """Give where the post stands on its page: the article whose time links to the post itself.

    A quoted post lies in an element of role ``link``; its "show more" would leave the page.
    """
    post = f"article[data-testid='tweet']:has(a[href$='/status/{item.item_id}'] time)"
    return Rules(
        post=(post, f"article:has(a[href$='/status/{item.item_id}'])"),
        more=(f"{post} [data-testid='tweet-text-show-more-link']:not([role='link'] *)",),
        sensitive=(f"{post} div:has(> div > div > a[href='/settings/content_you_see']) [role='button']",),
        login_overlay=("[data-testid='sheetDialog'] [data-testid='app-bar-close']",),
    )


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give the post's photos at their original size: out of its own data, or as its page shows them."""
    found: dict[str, str] = {}
    for url in (*_photos_told(item, page), *_photos_shown(item, page)):
        match = _PHOTO.match(url) if isinstance(url, str) else None
        if match is not None:
            found.setdefault(match[1], match[2] or match[3])
    return tuple(
        Extra(url=f"https://pbs.twimg.com/media/{name}?format={kind}&name=orig", name=f"photo-{number}.{kind}")
        for number, (name, kind) in enumerate(list(found.items())[:_MOST_PHOTOS], 1)
    )


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the post is not there, by what X's own API answered to the page."""
    if item.item_id is None or next(_posts(item, page), None) is not None:
        return None
    judged = (rule(item, answer) for answer in page.answers for rule in (_of_post, _of_errors, _of_syndication))
    of_author = (_of_author(item, answer) for answer in page.answers)
    return next((one for one in (*judged, *of_author) if one is not None), None)


def _of_post(item: Item, answer: Answer) -> Judgement | None:
    if _asked(answer) != item.item_id:
        return None
    result = dig(answer.body, "data", "tweetResult")
    if isinstance(result, dict):
        return _result(result, "TweetResultByRestId")
    for entry in objects(dig(answer.body, "data", "threaded_conversation_with_injections_v2", "instructions")):
        if entry.get("entryId") == f"tweet-{item.item_id}":
            result = dig(entry, "content", "itemContent", "tweet_results")
            return _result(result, "TweetDetail") if isinstance(result, dict) else None
    return None


def _result(results: Json, operation: str) -> Judgement | None:
    result = results.get("result")
    if result is None:
        return Judgement(reason=Reason.GONE, rests_on=f"x: no result in {operation}")
    kind, why = dig(result, "__typename"), dig(result, "reason")
    if kind == "TweetUnavailable":
        reason = _REASONS.get(why, Reason.GONE) if isinstance(why, str) else Reason.GONE
        return Judgement(reason=reason, rests_on=f"x: TweetUnavailable in {operation}, reason {word_of(why)}")
    if kind == "TweetTombstone":
        return Judgement(reason=Reason.GONE, rests_on=f"x: TweetTombstone in {operation}")
    return None


def _of_errors(item: Item, answer: Answer) -> Judgement | None:
    if _asked(answer) != item.item_id:
        return None
    for error in listed(answer.body, "errors")[:10]:
        code = dig(error, "code")
        if isinstance(code, int) and code in _CODES:
            return Judgement(reason=_CODES[code], rests_on=f"x: error code {code} for this id")
    return None


def _of_syndication(item: Item, answer: Answer) -> Judgement | None:
    if "/tweet-result?" not in answer.url or query_of(answer.url).get("id") != item.item_id:
        return None
    if dig(answer.body, "__typename") == "TweetTombstone":
        return Judgement(reason=Reason.GONE, rests_on="x: TweetTombstone in the syndication answer")
    if answer.status == 404:  # noqa: PLR2004
        return Judgement(reason=Reason.GONE, rests_on="x: status 404 of the syndication answer")
    return None


def _of_author(item: Item, answer: Answer) -> Judgement | None:
    name = _variables(answer).get("screen_name")
    if item.author is None or not isinstance(name, str) or name.lower() != item.author.lower():
        return None
    if dig(answer.body, "data", "user", "result", "__typename") != "UserUnavailable":
        return None
    why = dig(answer.body, "data", "user", "result", "reason")
    reason = _REASONS.get(why, Reason.GONE) if isinstance(why, str) else Reason.GONE
    return Judgement(reason=reason, rests_on=f"x: UserUnavailable for the author, reason {word_of(why)}")


def _variables(answer: Answer) -> Json:
    found = parsed(query_of(answer.url).get("variables", ""))
    return found if isinstance(found, dict) else {}


def _asked(answer: Answer) -> str | None:
    """Give which post a GraphQL request asked for: a page may ask for others too."""
    variables = _variables(answer)
    number = variables.get("tweetId") or variables.get("focalTweetId")
    return number if isinstance(number, str) else None


def _posts(item: Item, page: Structure) -> Iterator[Json]:
    """Give the post's own data out of the page's answers."""
    for answer in page.answers:
        for one in objects(answer.body):
            number = one.get("rest_id") or one.get("id_str")
            if number == item.item_id and one.get("__typename") in ("Tweet", None):
                yield one


def _photos_told(item: Item, page: Structure) -> Iterator[object]:
    for one in _posts(item, page):
        own = [dig(one, *path) for path in (("extended_entities",), ("legacy", "extended_entities"), ("mediaDetails",))]
        for photo in objects([*own, one.get("photos")]):
            yield photo.get("media_url_https")
            yield photo.get("url")


def _photos_shown(item: Item, page: Structure) -> Iterator[str]:
    part = f"/status/{item.item_id}/photo/"
    yield from map(str, page.select("//a[contains(@href, $part)]//img/@src", part=part)[: _MOST_PHOTOS * 4])
