"""Whatever JSON and markup a page was made to hold, no rule raises, and what it says stays fit for a manifest."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.capture.judge import judge
from archiver.capture.platforms import judge_item, more_extras
from archiver.capture.platforms.news import read_news
from archiver.capture.structure import Answer
from tests.unit.capture.platforms.pages import assigned, item_of, linked, page, script

NUMBER, TOOT, KEY, CODE, VIDEO = (
    "1212816983592488961",
    "109252195123456789",
    "3luzluujzah2m",
    "CGgDsi7JQdS",
    "dQw4w9WgXcQ",
)
URLS = (
    f"https://x.com/ab/status/{NUMBER}",
    "https://t.me/abcd/123",
    f"https://www.youtube.com/watch?v={VIDEO}",
    "https://www.tiktok.com/@ab/video/7086595171827322158",
    f"https://www.instagram.com/p/{CODE}/",
    f"https://www.threads.com/@ab/post/{CODE}",
    "https://www.facebook.com/ab/posts/123456789",
    f"https://bsky.app/profile/a.example/post/{KEY}",
    f"https://mastodon.social/@ab/{TOOT}",
)
ANSWERED = (
    f'https://api.x.com/graphql/a/TweetResultByRestId?variables={{"tweetId":"{NUMBER}","screen_name":"ab"}}',
    f"https://cdn.syndication.twimg.com/tweet-result?id={NUMBER}",
    "https://www.youtube.com/youtubei/v1/player",
    f"https://a.example/xrpc/app.bsky.feed.getPostThread?uri=at://a.example/app.bsky.feed.post/{KEY}&actor=a.example",
    f"https://mastodon.social/api/v1/statuses/{TOOT}",
)
# The names and words that the rules look for: what is hostile is what stands under them.
NAMES = (
    *("data", "tweetResult", "result", "__typename", "reason", "errors", "code", "user", "legacy", "rest_id", "id_str"),
    *("extended_entities", "mediaDetails", "photos", "media_url_https", "url", "entryId", "content", "itemContent"),
    *("threaded_conversation_with_injections_v2", "instructions", "tweet_results", "playabilityStatus", "status"),
    *("videoDetails", "videoId", "captions", "playerCaptionsTracklistRenderer", "captionTracks", "baseUrl", "kind"),
    *("languageCode", "errorScreen", "microformat", "playerMicroformatRenderer", "availableCountries", "thread", "uri"),
    *(
        "post",
        "author",
        "labels",
        "val",
        "$type",
        "value",
        "embed",
        "images",
        "media",
        "fullsize",
        "error",
        "type",
        "id",
    ),
    *(
        "account",
        "media_attachments",
        "__DEFAULT_SCOPE__",
        "webapp.video-detail",
        "statusCode",
        "itemInfo",
        "itemStruct",
    ),
    *(
        "xdt_api__v1__media__shortcode__web_info",
        "xdt_shortcode_media",
        "items",
        "rootView",
        "resource",
        "__dr",
        "page",
    ),
    *(
        "@type",
        "@id",
        "@graph",
        "headline",
        "name",
        "publisher",
        "datePublished",
        "isAccessibleForFree",
        "state",
        "path",
    ),
    *("mainEntityOfPage", "creator", "__type", "currentPath"),
)
WORDS = (
    *("Tweet", "TweetUnavailable", "TweetTombstone", "Suspended", "UserUnavailable", "UNPLAYABLE", "LOGIN_REQUIRED"),
    *(
        "ERROR",
        "OK",
        "NotFound",
        "Tombstone",
        "NewsArticle",
        "CometErrorRoot.react",
        "RouteErrorResponse",
        "system/404",
    ),
    *(
        "app.bsky.feed.defs#notFoundPost",
        f"at://a/app.bsky.feed.post/{KEY}",
        NUMBER,
        TOOT,
        CODE,
        VIDEO,
        "\ud800",
        "/404",
    ),
    *(
        f"tweet-{NUMBER}",
        "https://pbs.twimg.com/media/abcdefgh.jpg",
        "https://a.example/media/abcdefgh.png",
        "fa",
        "a\x00",
    ),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.sampled_from((0, 404, 144, 10204, 1 << 70, 0.5)), st.sampled_from(WORDS)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)),
    max_leaves=30,
)


def scripts(value: object) -> str:
    return (
        assigned("ytInitialPlayerResponse", value)
        + assigned("ytInitialData", value)
        + assigned("__remixContext", value)
        + script("__UNIVERSAL_DATA_FOR_REHYDRATION__", value)
        + script("__NEXT_DATA__", value)
        + script("__NUXT_DATA__", [value, value])
        + linked(value)
    )


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(URLS), st.sampled_from(ANSWERED), VALUES, VALUES, st.sampled_from((200, 401, 404)))
def test_no_json_raises(url: str, asked: str, told: object, shown: object, status: int) -> None:
    item = item_of(url)
    seen = page(url, scripts(shown), Answer(url=asked, status=status, body=told))
    judged = judge(seen, item)
    assert judged is None or re.fullmatch(r"[ -~]{5,300}", judged.rests_on)
    for extra in more_extras(item, seen):
        assert re.fullmatch(r"https://[!-~]+", extra.url)
        assert re.fullmatch(r"[A-Za-z0-9.-]+", extra.name)
    claims = read_news(seen)
    if claims is not None:
        json.dumps([claims.headline, claims.publisher, claims.published_claimed, claims.url]).encode("utf-8")
        assert "\ud800" not in f"{claims}"


# One shape for each way that a rule reads JSON: item, where the answer came from, body.
TWEET = {
    "__typename": "Tweet",
    "rest_id": NUMBER,
    "legacy": {"extended_entities": {"media": [{"media_url_https": "?"}]}},
}
ENTRY = {"entryId": f"tweet-{NUMBER}", "content": {"itemContent": {"tweet_results": {"result": {"__typename": "?"}}}}}
PLAYER = {
    "playabilityStatus": {"status": "UNPLAYABLE", "desktopLegacyAgeGateReason": None, "errorScreen": {"a": {}}},
    "videoDetails": {"videoId": VIDEO},
    "microformat": {"playerMicroformatRenderer": {"availableCountries": ["FR"]}},
    "captions": {"playerCaptionsTracklistRenderer": {"captionTracks": [{"baseUrl": "?", "languageCode": "fa"}]}},
}
POST = {
    "uri": f"at://a/app.bsky.feed.post/{KEY}",
    "author": {"labels": [{"val": "?"}]},
    "embed": {"images": [{"fullsize": "?"}]},
}
SHAPES: tuple[tuple[str, str, object], ...] = (
    (URLS[0], ANSWERED[0], {"data": {"tweetResult": {"result": TWEET}}}),
    (URLS[0], ANSWERED[0], {"data": {"tweetResult": {"result": {"__typename": "TweetUnavailable", "reason": "?"}}}}),
    (URLS[0], ANSWERED[0], {"data": {"user": {"result": {"__typename": "UserUnavailable", "reason": "?"}}}}),
    (
        URLS[0],
        ANSWERED[0],
        {"data": {"threaded_conversation_with_injections_v2": {"instructions": [{"entries": [ENTRY]}]}}},
    ),
    (URLS[0], ANSWERED[0], {"errors": [{"code": 144}]}),
    (URLS[0], ANSWERED[1], {"__typename": "TweetTombstone"}),
    (URLS[0], ANSWERED[1], {"id_str": NUMBER, "photos": [{"url": "?"}], "mediaDetails": [{"media_url_https": "?"}]}),
    (URLS[2], ANSWERED[2], PLAYER),
    (
        URLS[3],
        "",
        {"__DEFAULT_SCOPE__": {"webapp.video-detail": {"statusCode": 1, "itemInfo": {"itemStruct": {"id": None}}}}},
    ),
    (URLS[4], "", {"xdt_api__v1__media__shortcode__web_info": {"items": []}, "xdt_shortcode_media": None}),
    (URLS[4], "", {"code": CODE, "user": {}}),
    (URLS[6], "", {"rootView": {"resource": {"__dr": "?"}}}),
    (URLS[7], ANSWERED[3], {"thread": {"$type": "?", "uri": POST["uri"], "post": POST}}),
    (URLS[7], ANSWERED[3], {"thread": [{"uri": POST["uri"], "value": {"$type": "?"}}]}),
    (URLS[7], ANSWERED[3], {"error": "NotFound"}),
    (URLS[8], ANSWERED[4], {"id": TOOT, "account": {}, "media_attachments": [{"url": "?"}]}),
    (URLS[8], ANSWERED[4], {"type": "Tombstone"}),
    (URLS[6], "", {"page": "/404"}),
    (URLS[6], "", {"state": {"errors": {"a": {"__type": "RouteErrorResponse", "status": 404}}}}),
    (URLS[6], "", {"error": 0, "statusCode": 1, "path": {"currentPath": "system/404"}}),
    (
        URLS[6],
        "",
        {
            "@type": ["NewsArticle"],
            "headline": "x",
            "author": [{"name": "x", "@id": "#a"}],
            "creator": {"@id": "#a"},
            "publisher": {"name": "x"},
            "datePublished": "x",
            "isAccessibleForFree": False,
            "url": "x",
            "@id": "#a",
            "mainEntityOfPage": {"@id": "x"},
        },
    ),
)
ODD: tuple[object, ...] = (None, True, 7, -1, 1 << 70, 0.5, "x", "", "\ud800", [], {}, ["x"], [[]], [{}], {"a": []})


def places(value: object) -> Iterator[tuple[str | int, ...]]:
    """Give the path of each value inside a value, its own first."""
    yield ()
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield from ((key, *rest) for rest in places(value[key]))  # type: ignore[index]


def replaced(value: Any, path: tuple[str | int, ...], by: object) -> object:  # noqa: ANN401 - JSON
    if not path:
        return by
    copied = copy.copy(value)
    copied[path[0]] = replaced(value[path[0]], path[1:], by)
    return copied


@pytest.mark.parametrize(("url", "asked", "body"), SHAPES)
def test_no_part_of_a_known_shape_raises_when_it_is_odd(url: str, asked: str, body: object) -> None:
    item = item_of(url)
    for path in places(body):
        for odd in ODD:
            told = replaced(body, path, odd)
            answers = (Answer(url=asked, status=200, body=told),) if asked else ()
            seen = page(url, scripts(told) if not asked or "youtubei" in asked else "<p>.</p>", *answers)
            judged = judge(seen, item)
            assert judged is None or judged.rests_on.isascii(), (path, odd)
            more_extras(item, seen)
            read_news(seen)


def nested(depth: int) -> object:
    value: object = "x"
    for _ in range(depth):
        value = {"data": [value]}
    return value


@pytest.mark.parametrize("url", URLS)
def test_deep_json_does_not_raise(url: str) -> None:
    deep = nested(5_000)
    body = dict.fromkeys(NAMES, deep)
    seen = page(url, "<p>.</p>", *(Answer(url=asked, status=200, body=body) for asked in ANSWERED))
    judge_item(item_of(url), seen)
    assert more_extras(item_of(url), seen) == ()
    lists = "[" * 900 + "]" * 900
    text = f'{{"@type":"NewsArticle","headline":"x","isAccessibleForFree":{lists}}}'
    assert read_news(page(url, f'<script type="application/ld+json">{text}</script>')) is not None
