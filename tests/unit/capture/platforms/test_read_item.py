"""A URL names the cited post of a platform by its host and its form; what only looks so names none."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.capture.platforms import more_extras, read_item, rules_for
from archiver.capture.platforms.hosts import host_of, is_of, path_of, query_of, read_place
from archiver.capture.platforms.item import Rules
from tests.unit.capture.platforms.pages import item_of, page

TWEET = "https://x.com/ABC7News/status/1212816983592488961"
VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
CODE = "CGgDsi7JQdS"
TIKTOK = "7086595171827322158"
TOOT = "109252195123456789"
KEY = "3luzluujzah2m"
DID = "did:plc:u5cwb2mwiv2bfq53cjufe6yn"
POST = f"https://www.instagram.com/p/{CODE}/"
FACEBOOK = "https://www.facebook.com"

# URL, platform, id, author, canonical URL
ITEMS = [
    (TWEET, "x", "1212816983592488961", "ABC7News", TWEET),
    (f"{TWEET}/photo/1?s=20#frag", "x", "1212816983592488961", "ABC7News", TWEET),
    (TWEET.replace("x.com", "mobile.twitter.com"), "x", "1212816983592488961", "ABC7News", TWEET),
    ("http://twitter.com/statuses/20", "x", "20", None, "https://x.com/i/status/20"),
    ("https://twitter.com/#!/jack/status/20", "x", "20", "jack", "https://x.com/jack/status/20"),
    ("https://x.com/i/web/status/20", "x", "20", None, "https://x.com/i/status/20"),
    ("https://X.COM./i/status/20", "x", "20", None, "https://x.com/i/status/20"),
    ("https://t.me/iranwire/123", "telegram", "iranwire/123", "iranwire", "https://t.me/iranwire/123"),
    ("https://t.me/s/iranwire/123?q=%23a", "telegram", "iranwire/123", "iranwire", "https://t.me/iranwire/123"),
    ("https://telegram.me/iranwire/7/123", "telegram", "iranwire/123", "iranwire", "https://t.me/iranwire/123"),
    ("https://iranwire.t.me/123", "telegram", "iranwire/123", "iranwire", "https://t.me/iranwire/123"),
    ("https://t.me/abcd/5?comment=9", "telegram", "abcd/5", "abcd", "https://t.me/abcd/5?comment=9"),
    (f"{VIDEO}&t=10s", "youtube", "dQw4w9WgXcQ", None, VIDEO),
    ("https://youtu.be/dQw4w9WgXcQ?si=x", "youtube", "dQw4w9WgXcQ", None, VIDEO),
    ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", None, VIDEO),
    ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", None, VIDEO),
    (
        f"https://www.tiktok.com/@a.b/video/{TIKTOK}?lang=ar",
        *("tiktok", TIKTOK, "a.b", f"https://www.tiktok.com/@a.b/video/{TIKTOK}"),
    ),
    (
        f"https://www.tiktok.com/@/photo/{TIKTOK}",
        *("tiktok", TIKTOK, None, f"https://www.tiktok.com/@/photo/{TIKTOK}"),
    ),
    (
        f"https://m.tiktok.com/v/{TIKTOK}.html",
        *("tiktok", TIKTOK, None, f"https://www.tiktok.com/@/video/{TIKTOK}"),
    ),
    ("https://vm.tiktok.com/ZMabc1234/", "tiktok", None, None, None),
    ("https://www.tiktok.com/t/ZMabc1234/", "tiktok", None, None, None),
    (POST, "instagram", CODE, None, POST),
    (f"https://instagr.am/p/{CODE}", "instagram", CODE, None, POST),
    (f"https://www.instagram.com/a.b_c/p/{CODE}/?img_index=2", "instagram", CODE, "a.b_c", POST),
    (f"https://instagram.com/reels/{CODE}/", "instagram", CODE, None, f"https://www.instagram.com/reel/{CODE}/"),
    (
        "https://www.instagram.com/stories/a.b/2000000000000000000/",
        *("instagram", "2000000000000000000", "a.b", "https://www.instagram.com/stories/a.b/2000000000000000000/"),
    ),
    (f"https://www.instagram.com/share/reel/{CODE}", "instagram", None, None, None),
    (f"https://www.threads.net/@a.b/post/{CODE}", "threads", CODE, "a.b", f"https://www.threads.com/@a.b/post/{CODE}"),
    (f"https://threads.com/t/{CODE}", "threads", CODE, None, f"https://www.threads.com/t/{CODE}"),
    (f"{FACEBOOK}/a.b/posts/12345678", "facebook", "12345678", "a.b", f"{FACEBOOK}/a.b/posts/12345678"),
    (f"{FACEBOOK}/ab/posts/عنوان/12345678", "facebook", "12345678", "ab", f"{FACEBOOK}/ab/posts/12345678"),
    (
        "https://m.facebook.com/story.php?story_fbid=pfbid0abcdefghij&id=1000012345",
        *("facebook", "pfbid0abcdefghij", "1000012345"),
        f"{FACEBOOK}/permalink.php?story_fbid=pfbid0abcdefghij&id=1000012345",
    ),
    (f"{FACEBOOK}/watch/?v=123456789", "facebook", "123456789", None, f"{FACEBOOK}/watch/?v=123456789"),
    (f"{FACEBOOK}/ab/videos/123456789/", "facebook", "123456789", "ab", f"{FACEBOOK}/ab/videos/123456789"),
    (f"{FACEBOOK}/ab/photos/a.1/123456789", "facebook", "123456789", "ab", f"{FACEBOOK}/photo/?fbid=123456789"),
    (
        f"{FACEBOOK}/photo.php?fbid=123456789&set=a.1",
        "facebook",
        "123456789",
        None,
        f"{FACEBOOK}/photo/?fbid=123456789",
    ),
    (f"{FACEBOOK}/groups/ab/permalink/12345678", "facebook", "12345678", None, f"{FACEBOOK}/groups/ab/posts/12345678/"),
    (f"{FACEBOOK}/reel/123456789", "facebook", "123456789", None, f"{FACEBOOK}/reel/123456789"),
    (f"{FACEBOOK}/share/p/1AbCdEfG/", "facebook", None, None, None),
    ("https://fb.watch/abcDEF12/", "facebook", None, None, None),
    (f"https://mastodon.social/@a_b/{TOOT}", "mastodon", TOOT, "a_b", f"https://mastodon.social/@a_b/{TOOT}"),
    (f"https://a.example:8443/users/ab/statuses/{TOOT}", "mastodon", TOOT, "ab", f"https://a.example:8443/@ab/{TOOT}"),
    (
        f"https://a.example/@ab@b.example/{TOOT}",
        "mastodon",
        TOOT,
        "ab@b.example",
        f"https://a.example/@ab@b.example/{TOOT}",
    ),
    (f"http://[2001:db8::1]/@ab/{TOOT}", "mastodon", TOOT, "ab", f"http://[2001:db8::1]/@ab/{TOOT}"),
    (f"https://truthsocial.com/@ab/posts/{TOOT}", "truth_social", TOOT, "ab", f"https://truthsocial.com/@ab/{TOOT}"),
    (
        f"https://bsky.app/profile/a.example/post/{KEY}",
        "bluesky",
        KEY,
        "a.example",
        f"https://bsky.app/profile/a.example/post/{KEY}",
    ),
    (f"https://bsky.app/profile/{DID}/post/{KEY}", "bluesky", KEY, DID, f"https://bsky.app/profile/{DID}/post/{KEY}"),
]

NONE = [
    *("", "x", "https://", "https:///x.com/a/status/20", "ftp://x.com/a/status/20", "javascript:alert(1)"),
    # Hosts that only look like a platform's.
    *("https://netflix.com/a/status/20", "https://x.com.evil.org/a/status/20", "https://notx.com/a/status/20"),
    *("https://nitter.net/a/status/20", "https://xn--x-com.example/a/status/20", "https://evil.org/x.com/a/status/20"),
    *("https://ｘ.com/a/status/20", "https://х.com/a/status/20", "https://evil.org#@x.com/a/status/20"),
    *("https://x.com@evil.org/a/status/20", "https://a:b@x.com/a/status/20", "https://x.com\\@evil.org/a/status/20"),
    *(
        "https://x.com:99999/a/status/20",
        "https://x.com:٨٠/a/status/20",
        "https://[::1/a/status/20",
        "https://x..com/a/status/20",
    ),
    # Ids that are none.
    *(
        "https://x.com/a/status/٢٠",
        "https://x.com/a/status/%32%30",
        "https://x.com/a/status/020",
        "https://x.com/a/status/2 0",
    ),
    *("https://x.com/a/status/20a", "https://x.com/a/status/", "https://x.com/a/status/9999999999999999999"),
    *(
        "https://x.com/a/status/20\x00",
        "https://x.com/a/sta\ntus/20",
        "https://x.com/a/status/20\u2028",
        "https://x.com/a/status/\ud800",
    ),
    # Pages of platforms that are no posts.
    *("https://x.com/", "https://x.com/jack", "https://x.com/a/b/status/20", "https://x.com/status/status"),
    *("https://t.me/iranwire", "https://t.me/addstickers/12345", "https://t.me/c/1234/5", "https://t.me/+abcdef/5"),
    *("https://t.me/iranwire/abc", "https://www.t.me/123", "https://t.me/a/b/c/1", "https://t.me/iranwire/x/5"),
    *("https://youtube.com/@handle", "https://www.youtube.com/@handle/12345678", "https://youtube.com/watch?v=short"),
    *("https://youtube.com/watch", "https://youtu.be/", "https://www.youtube.com/playlist?list=PL"),
    *("https://www.tiktok.com/@user", "https://www.tiktok.com/@user/video/123", "https://vm.tiktok.com/"),
    *(f"https://www.tiktok.com/@user/live/{TIKTOK}", f"https://www.tiktok.com/@user/{TIKTOK}"),
    *("https://www.instagram.com/user/", "https://www.instagram.com/p/", "https://www.instagram.com/stories/a/b/"),
    *(
        f"https://threads.net/@user/{TOOT}",
        "https://threads.net/@user/post/a",
        "https://threads.net/@us er/post/abcdef",
    ),
    *("https://www.facebook.com/user", "https://www.facebook.com/", "https://www.facebook.com/user/posts/"),
    *("https://www.facebook.com/permalink.php?story_fbid=12345678", "https://www.facebook.com/watch/?v=live"),
    *("https://www.facebook.com/a/b/posts/12345678", "https://www.facebook.com/posts/12345678", "https://fb.watch/"),
    *("https://www.facebook.com/share/a", "https://www.facebook.com/ü/posts/12345678"),
    *(
        "https://bsky.app/profile/a.example",
        f"https://bsky.app/profile/nodots/post/{KEY}",
        f"https://bsky.app/a/b/c/{KEY}",
    ),
    *("https://bsky.app/profile/a.example/post/zzzzzzzzzzzzz", f"https://bsky.app/profile/a.example/feed/{KEY}"),
    # Forms near to Mastodon's on other sites.
    *(f"https://medium.com/@user/{TOOT}", "https://a.example/@user/a-title-1234567", "https://a.example/@user/2024"),
    *("https://a.example/@user", f"https://a.example/user/{TOOT}", f"https://a.example/@us%20er/{TOOT}"),
    *(f"https://a.example/@user/video/{TOOT}", f"https://a.example/users/a/posts/{TOOT}", "https://a.example/"),
    "https://x.com/a/status/20?" + "a" * 10_000_000,
]


@pytest.mark.parametrize(("url", "platform", "item_id", "author", "canonical"), ITEMS)
def test_a_url_names_its_post(
    url: str, platform: str, item_id: str | None, author: str | None, canonical: str | None
) -> None:
    item = item_of(url)
    assert (item.platform, item.item_id, item.author, item.canonical_url) == (platform, item_id, author, canonical)
    assert (item.claimed_at is None) == (item.claimed_by is None)


@pytest.mark.parametrize("url", [url for url, *_, canonical in ITEMS if canonical is not None])
def test_a_canonical_url_names_the_same_post(url: str) -> None:
    item = item_of(url)
    again = item_of(item.canonical_url or "")
    assert (again.platform, again.item_id) == (item.platform, item.item_id)
    assert again.canonical_url == item.canonical_url


@pytest.mark.parametrize("url", NONE, ids=lambda url: url[:60].encode("ascii", "backslashreplace").decode())
def test_what_only_looks_like_a_post_names_none(url: str) -> None:
    assert read_item(url) is None


def test_a_flood_of_fields_in_the_query_is_not_read() -> None:
    fields = "&".join(f"a{number}=1" for number in range(101))
    assert read_item(f"https://www.youtube.com/watch?v=dQw4w9WgXcQ&{fields}") is None
    assert query_of("https://[") == {}


def test_an_unreadable_url_has_no_host_and_no_path() -> None:
    assert (host_of("https://[::1"), path_of("https://[::1")) == ("", "")
    assert not is_of("", "x.com")


@pytest.mark.parametrize("url", [url for url, *_ in ITEMS])
def test_what_is_saved_besides_is_asked_of_plain_urls_under_plain_names(url: str) -> None:
    item = item_of(url)
    for extra in item.extras:
        assert re.fullmatch(r"https?://[!-~]+", extra.url)
        assert urlsplit(extra.url).hostname
        assert re.fullmatch(r"[a-z0-9-]+\.(json|html|jpg)", extra.name)
        assert item.item_id is not None
        assert item.item_id.rpartition("/")[2] in extra.url


def test_an_activity_is_asked_for_by_its_media_type() -> None:
    extras = item_of(f"https://mastodon.social/users/ab/statuses/{TOOT}").extras
    assert extras[0].name == "object.json"
    assert extras[0].accept.startswith("application/activity+json")
    assert [one.name for one in item_of(f"https://truthsocial.com/@ab/{TOOT}").extras] == ["status.json"]


def test_a_short_link_has_no_rules_and_nothing_more() -> None:
    item = item_of("https://fb.watch/abcDEF12/")
    assert rules_for(item) == Rules()
    assert more_extras(item, page("https://fb.watch/abcDEF12/")) == ()


TEXT = st.text(st.characters(), max_size=60)
HOSTS = st.sampled_from(
    (
        *("x.com", "t.me", "youtu.be", "www.youtube.com", "www.tiktok.com", "instagram.com", "threads.net", "fb.com"),
        *("m.facebook.com", "bsky.app", "a.example", "truthsocial.com", "[::1]", "x.com:0", "x.com:", "1.2.3.4"),
    )
)
WORDS = st.sampled_from(
    (
        *("status", "i", "web", "s", "watch", "embed", "video", "p", "reel", "post", "t", "posts", "groups", "profile"),
        *("users", "statuses", "@ab", "ab", "20", TOOT, CODE, KEY, "story.php", "share", "stories", "٢٠", "%00", ""),
    )
)


@given(st.builds(lambda host, path, rest: f"https://{host}/{'/'.join(path)}{rest}", HOSTS, st.lists(WORDS), TEXT))
@example("https://x.com/i/status/" + "1" * 6_000)
def test_no_path_of_any_platform_raises(url: str) -> None:
    item = read_item(url)
    if item is None:
        return
    assert item.item_id is None or item.item_id.isascii()
    assert item.canonical_url is None or re.fullmatch(r"[!-~]+", item.canonical_url)
    for selector in (*rules_for(item).post, *rules_for(item).more, *rules_for(item).sensitive):
        assert re.fullmatch(r"[ -~]+", selector)
    assert more_extras(item, page(url)) == ()


@given(st.one_of(TEXT, st.builds(lambda text: f"https://{text}", TEXT)))
def test_no_text_raises(text: str) -> None:
    item, place = read_item(text), read_place(text)
    assert item is None or place is not None, "what is an item of a platform has a place"
    assert place is None or (place.host.isascii() and place.host == place.host.lower())
