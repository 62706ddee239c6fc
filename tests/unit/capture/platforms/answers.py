"""What each platform answers in test_captured.py, after its documented structure: invented posts, none copied."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote

from PIL import Image

from tests.support.platform_site import Answering, Asked, Reply
from tests.unit.capture.platforms.pages import assigned, script

MADE: Final = "2024-11-20T08:30:00.000Z"  # when each of these ids was made
X: Final = 1_859_152_197_841_846_272
TOOT: Final = 113_514_341_990_400_000
TIKTOK: Final = 7_439_275_916_682_854_400
CODE: Final = "DCliZuzgAAA"
KEY: Final = "3lbejudv6k222"
VIDEO: Final = "dQw4w9WgXcQ"
PAGES: Final = Path(__file__).with_name("served")
WALL: Final = b"<!doctype html><title>Log in</title><form><input name=text><input type=password></form>"
GRAPHQL: Final = {
    1: {},
    2: {"result": {"__typename": "TweetUnavailable", "reason": "NsfwLoggedOut"}},
    3: {"result": {"__typename": "TweetUnavailable", "reason": "Suspended"}},
    4: {"result": {"__typename": "TweetUnavailable", "reason": "Protected"}},
    # Of a guest it says nothing here; the answer to the embed script says it.
    6: {"result": {"__typename": "SomethingNew"}},
}


def text(name: str, **put: str) -> bytes:
    """Give a page with its marks filled in."""
    found = (PAGES / name).read_text(encoding="utf-8")
    for mark, value in put.items():
        assert mark in found, (name, mark)
        found = found.replace(mark, value)
    return found.encode()


def picture(width: int, height: int, colour: str = "#203040") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


def data(value: object, status: int = 200, kind: str = "application/json; charset=utf-8") -> Reply:
    return Reply(body=json.dumps(value, ensure_ascii=False).encode(), kind=kind, status=status)


def jpeg(width: int, height: int) -> Reply:
    return Reply(body=picture(width, height), kind="image/jpeg")


def x_page(asked: Asked) -> Reply | None:
    if asked.place == "x.com/i/flow/login":
        return Reply(body=WALL)
    if asked.place == f"x.com/fajr_desk/status/{X + 5}":
        return Reply(status=302, location="https://x.com/i/flow/login?redirect_after_login=%2Ffajr_desk")
    if asked.place == f"x.com/fajr_desk/status/{X + 7}":
        return Reply(status=0)
    return Reply(body=text("x.html")) if asked.place.startswith("x.com/fajr_desk/status/") else None


def x_api(asked: Asked) -> Reply:
    number = int(json.loads(parse_qs(asked.query)["variables"][0])["tweetId"])
    media = {"media_url_https": "https://pbs.twimg.com/media/GfajrCrane01.jpg", "type": "photo"}
    legacy = {"full_text": "جرثقیل بزرگ بندر از روز سه‌شنبه کار نمی‌کند. ", "extended_entities": {"media": [media]}}
    post = {"result": {"__typename": "Tweet", "rest_id": str(number), "legacy": legacy}}
    return data({"data": {"tweetResult": GRAPHQL.get(number - X, post)}})


def x_syndication(asked: Asked) -> Reply:
    number = int(parse_qs(asked.query)["id"][0])
    if number in {X + 6, X + 7}:
        return data({"__typename": "TweetTombstone", "tombstone": {}})
    photo = {"media_url_https": "https://pbs.twimg.com/media/GfajrCrane01.jpg", "type": "photo"}
    second = {"media_url_https": "https://pbs.twimg.com/media/GfajrCrane02.png", "type": "photo"}
    if number in {X, X + 2}:
        return data({"__typename": "Tweet", "id_str": str(number), "mediaDetails": [photo, second]})
    return Reply(status=404, kind="text/html", body=b"")


def x_photo(asked: Asked) -> Reply:
    size = (1600, 900) if "name=orig" in asked.query else (400, 225)
    return jpeg(*size)


def telegram(asked: Asked) -> Reply | None:
    post = asked.place.removeprefix("t.me/")
    if "embed=1" in asked.query:
        gone = post == "IranWire/124"
        return Reply(body=text("telegram-error.html") if gone else text("telegram-embed.html", POST=post))
    if post.startswith("s/IranWire/"):
        return channel(int(post.rpartition("/")[2]))
    if post.startswith("IranWire/"):
        return Reply(body=text("telegram.html", POST=post))
    return Reply(body=text("telegram-contact.html")) if post == "nobody_here/9" else None


def channel(number: int) -> Reply:
    """Give a channel's page with the post among its neighbours; of 124 only the neighbours are left."""

    def bubble(one: int, kind: str) -> str:
        style = "background-image:url('https://cdn4.telesco.pe/file/aBcDeFgHiJkLmNoPqRsT.jpg')"
        photo = f'<a class="tgme_widget_message_photo_wrap" href="https://t.me/IranWire/{one}" style="{style}"></a>'
        words = (
            f'<div class="tgme_widget_message_text" dir="auto">اعتراض کارگران بندر</div><tg-spoiler>{one}</tg-spoiler>'
        )
        post = f'<div class="tgme_widget_message {kind}" data-post="IranWire/{one}">{photo}{words}</div>'
        return post if kind else f'<div class="tgme_widget_message_wrap">{post}</div>'

    post = "" if number == 124 else bubble(number, "own")
    return Reply(
        body=text("telegram-channel.html", BEFORE=bubble(number - 1, ""), POST=post, AFTER=bubble(number + 1, ""))
    )


def youtube(asked: Asked) -> Reply | None:
    if asked.place == "www.youtube.com/api/timedtext":
        return Reply(body="WEBVTT\n\n00:01.000 --> 00:02.000\nالرافعة\n".encode(), kind="text/vtt; charset=utf-8")
    if asked.place == "www.youtube.com/oembed":
        return data({"type": "video", "title": "Harbour crane stands still"})
    number = parse_qs(asked.query).get("v", [""])[0]
    if number == "consentcons":
        return Reply(status=302, location=f"https://consent.youtube.com/m?continue={quote(asked.url, safe='')}")
    status: dict[str, object] = {"status": "OK"}
    if number == "goneGoneG0n":
        status = {"status": "ERROR", "reason": "Video unavailable"}
    if number == "ageAgeAge18":
        status = {"status": "LOGIN_REQUIRED", "desktopLegacyAgeGateReason": 1}
    player: dict[str, object] = {"playabilityStatus": status}
    if number == VIDEO:
        track = f"https://www.youtube.com/api/timedtext?v={VIDEO}&lang=ar&signature=00"
        tracks = {"captionTracks": [{"baseUrl": track, "languageCode": "ar", "kind": "asr"}]}
        player |= {"videoDetails": {"videoId": number}, "captions": {"playerCaptionsTracklistRenderer": tracks}}
    scripts = assigned("ytInitialPlayerResponse", player) + assigned("ytInitialData", {"contents": []})
    return Reply(body=text("youtube.html", SCRIPTS=scripts, VIDEO_ID=f'video-id="{number}"'))


def mastodon(asked: Asked) -> Reply | None:
    number = asked.place.rpartition("/")[2]
    if asked.place.startswith("social.example/api/v1/statuses/"):
        if number == str(TOOT):
            return data(toot())
        refused = number == str(TOOT + 2)
        return data({"error": "login" if refused else "Record not found"}, status=401 if refused else 404)
    if "activity+json" in asked.accept:
        return data({"type": "Note", "id": asked.url}, kind="application/activity+json; charset=utf-8")
    return Reply(body=text("mastodon.html")) if asked.place.startswith("social.example/@ab/") else None


def toot() -> dict[str, object]:
    files = "https://files.social.example/media_attachments/files/113"
    media = [{"type": "image", "url": f"{files}/original/a1b2c3.jpg", "preview_url": f"{files}/small/a1b2c3.jpg"}]
    account = {"acct": "ab", "display_name": "Ab"}
    return {
        "id": str(TOOT),
        "url": f"https://social.example/@ab/{TOOT}",
        "account": account,
        "spoiler_text": "Harbour",
        "content": "<p>الرافعة لا تعمل</p>" * 6,
        "media_attachments": media,
    }


def media(asked: Asked) -> Reply:
    return jpeg(1200, 675) if "/original/" in asked.url else jpeg(320, 180)


def instagram(asked: Asked) -> Reply | None:
    if asked.place == "www.instagram.com/accounts/login/":
        return Reply(body=WALL)
    code = asked.place.split("/")[2] if asked.place.startswith("www.instagram.com/p/") else ""
    if asked.place.endswith("/embed/captioned/"):
        return Reply(body=b"<!doctype html><title>embed</title><p>harbour.watch</p>")
    if code == "DCliZuzgWal":
        return Reply(status=302, location="https://www.instagram.com/accounts/login/?next=%2Fp%2F")
    items = [{"code": code, "user": {"username": "harbour.watch"}}] if code == CODE else []
    told = script("told", {"data": {"xdt_api__v1__media__shortcode__web_info": {"items": items}}})
    return Reply(body=text("instagram.html", SCRIPTS=told, CODE=code)) if code else None


def plain(post: str, *, scripts: str = "", before: str = "", after: str = "") -> Reply:
    near = '<div class="near">another</div>'
    return Reply(body=text("plain.html", SCRIPTS=scripts, BEFORE=before or near, POST=post, AFTER=after or near))


def bluesky(asked: Asked) -> Reply:
    key = asked.place.rpartition("/")[2]
    if key == KEY:
        return plain(
            f'<div class="own" data-testid="postThreadItem-by-ab.example"><p>text</p><a href="{key}/liked-by">1</a>'
            f'<a href="/profile/ab.example/post/{key}/reposted-by">2</a></div>'
        )
    return plain("<div>Post not found</div>")


def bluesky_api(asked: Asked) -> Reply:
    uri = parse_qs(asked.query)["uri"][0]
    if uri.endswith(KEY):
        return data({"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": {"uri": uri}}})
    return data({"thread": {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri, "notFound": True}})


def tiktok(asked: Asked) -> Reply:
    if asked.place == "www.tiktok.com/oembed":
        return data({"version": "1.0", "type": "video"})
    shown = asked.place.endswith(str(TIKTOK))
    item = {"itemInfo": {"itemStruct": {"id": str(TIKTOK)}}, "statusCode": 0}
    told = {"__DEFAULT_SCOPE__": {"webapp.video-detail": item if shown else {"statusCode": 10222}}}
    state = script("__UNIVERSAL_DATA_FOR_REHYDRATION__", told)
    post = '<div class="own" data-e2e="browse-video"><p>video</p></div>' if shown else "<p>This account is private</p>"
    return plain(post, scripts=state)


def threads(asked: Asked) -> Reply:
    if asked.place.endswith("AAAA"):
        return Reply(status=302, location="https://www.threads.com/?error=invalid_post")
    link = f'<a href="/@ab/post/{CODE}"><time>1h</time></a>'
    return plain(f'<div class="own" data-pressable-container="true">{link}<p>text</p></div>')


def truth(asked: Asked) -> Reply:
    number = asked.place.rpartition("/")[2]
    if "/api/v1/statuses/" in asked.place:
        return data({"error": "Record not found"}, status=404) if number != str(TOOT) else data(toot())
    asking = f"<script>fetch('/api/v1/statuses/{number}')</script>"
    post = f'<div class="own" id="status-{number}"><p>text</p></div>' if number == str(TOOT) else "<p>.</p>"
    return plain(post, scripts=asking)


def facebook(asked: Asked) -> Reply:
    number = asked.place.rstrip("/").rpartition("/")[2]
    shown = number == "1234567890"
    root = "CometSinglePostDialogContentQuery.react" if shown else "CometErrorRoot.react"
    told = script("root", {"require": [{"rootView": {"resource": {"__dr": root}}}]})
    post = (
        f'<div role="main"><div class="own" role="article"><a href="/ab/posts/{number}">1h</a><p>text</p></div></div>'
    )
    return plain(post if shown else "<p>.</p>", scripts=told)


def only(reply: Callable[[], Reply]) -> Answering:
    return lambda asked: None if asked.place.endswith("/favicon.ico") else reply()


HOSTS: Final[dict[str, Answering]] = {
    "x.com": x_page,
    "api.x.com": x_api,
    "cdn.syndication.twimg.com": x_syndication,
    "publish.x.com": only(lambda: data({"author_name": "fajr_desk", "html": "<blockquote></blockquote>"})),
    "pbs.twimg.com": x_photo,
    "t.me": telegram,
    "telegram.org": only(lambda: Reply(body=(PAGES / "telegram-widget.js").read_bytes(), kind="text/javascript")),
    "cdn4.telesco.pe": only(lambda: jpeg(1280, 720)),
    "www.youtube.com": youtube,
    "consent.youtube.com": only(lambda: Reply(body=b"<!doctype html><title>Before you continue</title><p>Cookies")),
    "i.ytimg.com": only(lambda: jpeg(480, 360)),
    "social.example": mastodon,
    "files.social.example": media,
    "www.instagram.com": instagram,
    "scontent.cdninstagram.com": only(lambda: jpeg(400, 300)),
    "bsky.app": bluesky,
    "public.api.bsky.app": bluesky_api,
    "www.tiktok.com": tiktok,
    "www.threads.com": threads,
    "truthsocial.com": truth,
    "www.facebook.com": facebook,
}
