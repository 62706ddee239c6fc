"""What was fetched besides a page speaks for its post: of some platforms, in their own form, never against the page."""

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.capture.exchange import Exchange
from archiver.capture.platforms import more_extras
from archiver.capture.told import judged_besides, with_besides
from archiver.model.evidence import Reason
from archiver.model.instant import Instant
from tests.unit.capture.platforms.pages import graphql, item_of, page

NUMBER = "1212816983592488961"
TWEET = f"https://x.com/ABC7News/status/{NUMBER}"
SYNDICATION = f"https://cdn.syndication.twimg.com/tweet-result?id={NUMBER}&token=a"
TOMBSTONE = {"__typename": "TweetTombstone"}


def extra(folder: Path, url: str, content: object, **fields: Any) -> Exchange:  # noqa: ANN401 - its fields
    path = folder / f"body-{len(list(folder.iterdir()))}"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    given: dict[str, Any] = {
        "url": url,
        "method": "GET",
        "request_headers": (),
        "status": 200,
        "status_text": "OK",
        "headers": (("Content-Type", "application/json; charset=utf-8"),),
        "started_at": Instant(0),
        "resource_type": "Extra",
        "body": path,
        "body_size_bytes": path.stat().st_size,
        "body_form": "wire",
        "how": "requests",
    }
    return Exchange(**{**given, **fields})


def test_the_answer_to_the_embed_script_tells_what_the_page_does_not(tmp_path: Path) -> None:
    item = item_of(TWEET)
    for found, rests_on in (
        (extra(tmp_path, SYNDICATION, TOMBSTONE), "x: TweetTombstone in the syndication answer"),
        (
            extra(tmp_path, SYNDICATION, b"", status=404, headers=(("content-type", "text/html"),)),
            "x: status 404 of the syndication answer",
        ),
    ):
        told = with_besides(item, page(TWEET), [found])
        assert judged_besides(item, told) == (Reason.GONE, f"{rests_on}, asked besides the page")


def test_a_page_that_shows_the_post_is_not_spoken_against(tmp_path: Path) -> None:
    shown = {"data": {"tweetResult": {"result": {"__typename": "Tweet", "rest_id": NUMBER}}}}
    seen = page(TWEET, "<article>", graphql("TweetResultByRestId", {"tweetId": NUMBER}, shown))
    item = item_of(TWEET)
    assert judged_besides(item, with_besides(item, seen, [extra(tmp_path, SYNDICATION, TOMBSTONE)])) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"resource_type": "Document"},  # the page's own
        {"headers": (("Content-Type", "text/html"),)},
        {"headers": ()},
        {"status": 302, "headers": (("Location", "/"),)},
        {"body": None},
    ],
)
def test_only_answers_that_were_asked_besides_and_are_json_count(fields: dict[str, Any], tmp_path: Path) -> None:
    item = item_of(TWEET)
    assert (
        judged_besides(item, with_besides(item, page(TWEET), [extra(tmp_path, SYNDICATION, TOMBSTONE, **fields)]))
        is None
    )


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff\xfe", b""])
def test_a_damaged_answer_tells_nothing(body: bytes, tmp_path: Path) -> None:
    item = item_of(TWEET)
    assert with_besides(item, page(TWEET), [extra(tmp_path, SYNDICATION, body)]) == page(TWEET)


def test_a_site_that_only_looks_like_mastodon_is_not_gone_because_it_has_no_api(tmp_path: Path) -> None:
    url = "https://blog.example/@ab/109252195123456789"
    item = item_of(url)
    absent = extra(tmp_path, "https://blog.example/api/v1/statuses/109252195123456789", {"error": "no"}, status=404)
    assert judged_besides(item, with_besides(item, page(url, "<h1>A whole article"), [absent])) is None


def test_telegrams_embed_page_gives_the_photos_that_the_posts_own_page_has_in_a_frame(tmp_path: Path) -> None:
    item = item_of("https://t.me/IranWire/123")
    photo = "https://cdn4.telesco.pe/file/aBcDeFgHiJkLmNoPqRsT.jpg"
    embed = f"""<div class="tgme_widget_message" data-post="IranWire/123"><a class="tgme_widget_message_photo_wrap"
        style="background-image:url('{photo}')"></a></div>""".encode()
    html = (("Content-Type", "text/html; charset=utf-8"),)
    found = extra(tmp_path, "https://t.me/IranWire/123?embed=1&mode=tme", embed, headers=html)
    own = page("https://t.me/IranWire/123", '<div class="tgme_page_widget">')
    told = with_besides(item, own, [found])
    assert [(one.url, one.name) for one in more_extras(item, told)] == [(photo, "photo-1.jpg")]
    assert judged_besides(item, told) is None
    assert with_besides(item, own, []) == own
