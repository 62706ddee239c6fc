"""A page of each platform, under its own host name over TLS, goes through a whole capture in the browser.

The pages are ours, after each platform's documented structure (`answers`). The cited post has one colour of its own,
so that its picture can be told to hold all of the post and nothing else.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, Final

import certifi
import pytest
from PIL import Image, ImageChops
from warcio.archiveiterator import ArchiveIterator

from archiver.capture import browser as browser_module
from archiver.capture.browser import find_browser, open_browser
from archiver.capture.guard import Resolver, system_resolver
from archiver.capture.take import CaptureSettings, take
from archiver.model.evidence import Piece, Reason, Role, State, Taken, Target
from tests.support.platform_site import PlatformSite, serve_platforms
from tests.support.proxies import serve_proxy
from tests.unit.capture.conftest import TickingClock
from tests.unit.capture.platforms import answers
from tests.unit.capture.platforms.answers import CODE, HOSTS, KEY, MADE, TIKTOK, TOOT, VIDEO, X
from tests.unit.capture.wire.conftest import own_temporary

pytestmark = pytest.mark.browser
OWN: Final = (255, 233, 168)  # the colour of the cited post on every page
TWEET: Final = f"https://x.com/fajr_desk/status/{X}"
MORE: Final = {
    "x, hung up": f"https://x.com/fajr_desk/status/{X + 7}",
    "telegram, among its channel's posts": "https://t.me/s/IranWire/123",
}
SHOWN: Final = {
    "x": TWEET,
    "telegram": "https://t.me/IranWire/123",
    "youtube": f"https://www.youtube.com/watch?v={VIDEO}",
    "mastodon": f"https://social.example/@ab/{TOOT}",
    "instagram": f"https://www.instagram.com/p/{CODE}/",
    "bluesky": f"https://bsky.app/profile/ab.example/post/{KEY}",
    "tiktok": f"https://www.tiktok.com/@ab/video/{TIKTOK}",
    "threads": f"https://www.threads.com/@ab/post/{CODE}",
    "truth_social": f"https://truthsocial.com/@ab/{TOOT}",
    "facebook": "https://www.facebook.com/ab/posts/1234567890",
}
# Address, reason, and what that rests on.
NOT_SHOWN: Final = {
    "x, no result": (f"https://x.com/fajr_desk/status/{X + 1}", Reason.GONE, "x: no result in TweetResultByRestId"),
    "x, for adults": (
        *(f"https://x.com/fajr_desk/status/{X + 2}", Reason.AGE_GATE),
        "x: TweetUnavailable in TweetResultByRestId, reason NsfwLoggedOut",
    ),
    "x, suspended": (
        *(f"https://x.com/fajr_desk/status/{X + 3}", Reason.SUSPENDED),
        "x: TweetUnavailable in TweetResultByRestId, reason Suspended",
    ),
    "x, protected": (
        *(f"https://x.com/fajr_desk/status/{X + 4}", Reason.PROTECTED),
        "x: TweetUnavailable in TweetResultByRestId, reason Protected",
    ),
    "x, login": (f"https://x.com/fajr_desk/status/{X + 5}", Reason.LOGIN_WALL, "led to x.com/i/flow/login"),
    "x, told besides": (
        *(f"https://x.com/fajr_desk/status/{X + 6}", Reason.GONE),
        "x: TweetTombstone in the syndication answer, asked besides the page",
    ),
    "telegram, deleted": (
        *("https://t.me/IranWire/124", Reason.DELETED),
        "telegram: tgme_widget_message_error on the embed page, asked besides the page",
    ),
    "telegram, not among its neighbours": (
        *("https://t.me/s/IranWire/124", Reason.DELETED),
        "telegram: its neighbours before and after, no data-post of it",
    ),
    "telegram, nobody": (
        *("https://t.me/nobody_here/9", Reason.GONE),
        "telegram: a contact card without tgme_page_extra: no such channel",
    ),
    "youtube, gone": (
        *("https://www.youtube.com/watch?v=goneGoneG0n", Reason.DELETED),
        "youtube: playabilityStatus ERROR",
    ),
    "youtube, for adults": (
        *("https://www.youtube.com/watch?v=ageAgeAge18", Reason.AGE_GATE),
        "youtube: playabilityStatus LOGIN_REQUIRED, desktopLegacyAgeGateReason",
    ),
    "youtube, consent": (
        *("https://www.youtube.com/watch?v=consentcons", Reason.CONSENT_WALL),
        "led to consent.youtube.com/m",
    ),
    "mastodon, gone": (
        *(f"https://social.example/@ab/{TOOT + 1}", Reason.GONE),
        "mastodon: status 404 of the API for this id",
    ),
    "mastodon, login": (
        *(f"https://social.example/@ab/{TOOT + 2}", Reason.LOGIN_WALL),
        "mastodon: status 401 of the API for this id",
    ),
    "instagram, gone": (
        *("https://www.instagram.com/p/DCliZuzgXXX/", Reason.GONE),
        "instagram: xdt_api__v1__media__shortcode__web_info without items",
    ),
    "instagram, login": (
        *("https://www.instagram.com/p/DCliZuzgWal/", Reason.LOGIN_WALL),
        "led to instagram.com/accounts/login/",
    ),
    "bluesky, deleted": (
        *("https://bsky.app/profile/ab.example/post/3lbejudv6k233", Reason.DELETED),
        "bluesky: notFoundPost in its own place, asked besides the page",
    ),
    "tiktok, private": (
        *(f"https://www.tiktok.com/@ab/video/{TIKTOK + 1}", Reason.PROTECTED),
        "tiktok: webapp.video-detail statusCode 10222",
    ),
    "threads, gone": (
        *("https://www.threads.com/@ab/post/DCliZuzAAAA", Reason.GONE),
        "threads: led to ?error=invalid_post",
    ),
    "truth_social, gone": (
        *(f"https://truthsocial.com/@ab/{TOOT + 1}", Reason.GONE),
        "truth_social: status 404 of the API for this id",
    ),
    "facebook, gone": (
        *("https://www.facebook.com/ab/posts/9876543210", Reason.GONE),
        "facebook: rootView is CometErrorRoot",
    ),
}
# What must lie besides each page that shows its post.
EXTRAS: Final = {
    "x": {"extra-syndication.json", "extra-oembed.json", "extra-photo-1.jpg", "extra-photo-2.png"},
    "telegram": {"extra-embed.html", "extra-photo-1.jpg"},
    "youtube": {"extra-oembed.json", "extra-thumbnail.jpg", "extra-captions-ar-made.vtt"},
    "mastodon": {"extra-object.json", "extra-status.json", "extra-media-1.jpg"},
    "instagram": {"extra-embed.html"},
    "bluesky": {"extra-thread.json"},
    "tiktok": {"extra-oembed.json"},
    "threads": {"extra-embed.html"},
    "truth_social": {"extra-status.json", "extra-media-1.jpg"},
    "facebook": set(),
}
CLAIMED: Final = {
    "x": "snowflake",
    "mastodon": "mastodon_snowflake",
    "instagram": "instagram_shortcode",
    "bluesky": "bluesky_tid",
    "tiktok": "tiktok_id",
    "threads": "instagram_shortcode",
    "truth_social": "mastodon_snowflake",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Platforms:
    """Every capture by its name, and the site that they were taken of."""

    site: PlatformSite
    taken: dict[str, Taken]

    def piece(self, name: str, file: str) -> Piece:
        return next(one for one in self.taken[name].pieces if one.name == file)

    def picture(self, name: str, file: str) -> Image.Image:
        return Image.open(BytesIO(self.piece(name, file).path.read_bytes())).convert("RGB")


@pytest.fixture(scope="module")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platforms]:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    folder = tmp_path_factory.mktemp("platforms")
    with ExitStack() as stack:
        stack.enter_context(own_temporary())
        site = stack.enter_context(serve_platforms(HOSTS, folder))
        proxy = stack.enter_context(serve_proxy("socks5", leads_to=("127.0.0.1", site.port)))
        stack.enter_context(trusting(site))
        urls = SHOWN | {name: url for name, (url, _, _) in NOT_SHOWN.items()} | MORE
        yield Platforms(site=site, taken=asyncio.run(captured(urls, folder, proxy=proxy.url)))


def trusting(site: PlatformSite) -> Any:  # noqa: ANN401 - a context of pytest's
    """Have both clients trust the test's authority, as they would a public one."""
    patch = pytest.MonkeyPatch()
    pin = f"--ignore-certificate-errors-spki-list={site.key_pin}"
    patch.setattr(browser_module, "FLAGS", (*browser_module.FLAGS, pin))
    patch.setattr(certifi, "where", lambda: str(site.authority))
    stack = ExitStack()
    stack.callback(patch.undo)
    return stack


async def captured(
    urls: dict[str, str], folder: Path, *, proxy: str = "", resolver: Resolver = system_resolver
) -> dict[str, Taken]:
    numbers = count(1)
    two = asyncio.Semaphore(2)
    async with open_browser() as browser:

        async def one(number: int, url: str) -> Taken:
            scratch = folder / f"{number:02d}"
            scratch.mkdir()
            async with two:
                return await take(
                    Target(url=url),
                    browser=browser,
                    settings=CaptureSettings(timeout_s=45, allow_private=True, quiet_ms=300, proxy=proxy),
                    clock=TickingClock(),
                    new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
                    scratch=scratch,
                    resolver=resolver,
                )

        found = await asyncio.gather(*(one(number, url) for number, url in enumerate(urls.values(), 1)))
    return dict(zip(urls, found, strict=True))


@pytest.mark.parametrize("name", SHOWN)
def test_a_post_that_is_shown_is_captured_whole(name: str, platforms: Platforms) -> None:
    attempt = platforms.taken[name].attempt
    assert (attempt.outcome.state, attempt.outcome.reason, attempt.outcome.missing) == (State.OK, None, ())
    assert attempt.item is not None
    assert attempt.item.platform == name
    assert attempt.item.claimed_by == CLAIMED.get(name)
    assert name not in CLAIMED or str(attempt.item.claimed_at) == MADE
    assert attempt.item.canonical_url == SHOWN[name]
    assert attempt.tls is not None
    assert attempt.tls.version == "TLS 1.3"


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_a_post_that_is_not_shown_is_told_by_its_reason_with_the_page_kept(name: str, platforms: Platforms) -> None:
    _, reason, rests_on = NOT_SHOWN[name]
    taken = platforms.taken[name]
    outcome = taken.attempt.outcome
    assert (outcome.state, outcome.reason, outcome.rests_on) == (State.FAILED, reason, rests_on)
    assert {Role.WARC, Role.SCREENSHOT_VIEWPORT, Role.DOM} <= {one.role for one in taken.pieces}


def test_a_page_that_could_not_be_had_is_not_called_gone_by_what_was_asked_besides(platforms: Platforms) -> None:
    outcome = platforms.taken["x, hung up"].attempt.outcome
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.CONNECTION)
    assert outcome.rests_on == "ERR_EMPTY_RESPONSE"


def own_box(picture: Image.Image) -> tuple[int, int, int, int]:
    """Give the box of all that has the post's colour: left, top, right, bottom."""
    bands = zip(picture.split(), OWN, strict=True)
    red, green, blue = (band.point([255 * (value == one) for value in range(256)]) for band, one in bands)
    box = ImageChops.darker(ImageChops.darker(red, green), blue).getbbox()
    assert box is not None, "the post's colour is not in the picture"
    return box


@pytest.mark.parametrize("name", [*SHOWN, "telegram, among its channel's posts"])
def test_the_picture_of_the_post_is_cut_to_the_post(name: str, platforms: Platforms) -> None:
    full, post = platforms.picture(name, "full.png"), platforms.picture(name, "element.png")
    left, top, right, bottom = own_box(full)
    assert post.size == (right - left, bottom - top) > (300, 30)
    assert own_box(post) == (0, 0, *post.size), "its edges are not the post's"
    assert full.crop((left, top, right, bottom)).tobytes() == post.tobytes()
    assert (platforms.piece(name, "element.png").made_from or "").startswith("the cited post: ")


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("x", "post_expanded"),
        ("mastodon", "post_expanded"),
        ("youtube", "post_expanded"),
        ("instagram", "login_overlay_closed"),
    ],
)
def test_what_was_pressed_is_told_and_pictured_afterwards(name: str, action: str, platforms: Platforms) -> None:
    taken = platforms.taken[name]
    assert [one.action for one in taken.attempt.interventions] == [action]
    before, after = platforms.picture(name, "element.png"), platforms.picture(name, "element-after.png")
    assert after.tobytes() != before.tobytes()
    if action == "post_expanded":
        assert after.width == before.width
        assert after.height > before.height


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_platform_offers_besides_is_kept_and_labelled(name: str, platforms: Platforms) -> None:
    taken = platforms.taken[name]
    found = {one.name: one for one in taken.pieces if one.role is Role.EXTRA}
    assert set(found) == EXTRAS[name]
    told = how(next(one.path for one in taken.pieces if one.role is Role.WARC))
    for piece in found.values():
        status, url = (piece.made_from or "").removeprefix("HTTP ").split(" of ")
        assert status == "200", piece.made_from
        assert told[url] == ("Extra", "requests: asked besides the page by the rules of its platform")
        assert piece.path.stat().st_size > 0
    assert [one for one in taken.attempt.seen_not_recorded if "extra" in one.reason] == []


def how(warc: Path) -> dict[str, tuple[str, str]]:
    """Give what kind each exchange was and who asked, by its URL, as the WARC's own metadata tells."""
    found = {}
    with warc.open("rb") as file:
        for record in ArchiveIterator(file):
            uri = record.rec_headers.get_header("WARC-Target-URI") or ""
            if record.rec_type == "metadata" and uri.startswith("urn:exchange:"):
                told = json.loads(record.content_stream().read())
                found[uri.removeprefix("urn:exchange:")] = (told["resource_type"], told["how"])
    return found


@pytest.mark.parametrize(
    ("name", "file", "size"),
    [
        ("x", "extra-photo-1.jpg", (1600, 900)),
        ("x", "extra-photo-2.png", (1600, 900)),
        ("telegram", "extra-photo-1.jpg", (1280, 720)),
        ("mastodon", "extra-media-1.jpg", (1200, 675)),
    ],
)
def test_pictures_are_kept_at_their_original_size(
    name: str, file: str, size: tuple[int, int], platforms: Platforms
) -> None:
    content = platforms.piece(name, file).path.read_bytes()
    assert content == answers.picture(*size)


def test_a_post_among_others_is_known_by_the_address_of_its_own(platforms: Platforms) -> None:
    taken = platforms.taken["telegram, among its channel's posts"]
    assert taken.attempt.outcome.state is State.OK
    assert taken.attempt.item is not None
    assert taken.attempt.item.canonical_url == SHOWN["telegram"]
    assert {one.name for one in taken.pieces if one.role is Role.EXTRA} == EXTRAS["telegram"]
    assert [one.action for one in taken.attempt.interventions] == ["sensitive_media_shown"]


def test_what_a_walled_page_does_not_show_is_kept_from_besides(platforms: Platforms) -> None:
    names = {one.name for one in platforms.taken["x, for adults"].pieces if one.role is Role.EXTRA}
    assert names == EXTRAS["x"]


def test_an_object_is_asked_for_under_an_address_of_its_own(platforms: Platforms) -> None:
    # Under the page's own address it would stand in the page's place when the WARC is replayed.
    asked = platforms.site.of(f"social.example/users/ab/statuses/{TOOT}")
    assert [one.accept.partition(",")[0] for one in asked] == ["application/activity+json"]


def test_a_name_that_the_resolver_leads_to_loopback_is_captured_too(tmp_path: Path) -> None:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    with ExitStack() as stack:
        stack.enter_context(own_temporary())
        try:
            site = stack.enter_context(serve_platforms(HOSTS, tmp_path, port=443))
        except OSError as error:
            pytest.skip(f"port 443 of the loopback address: {error}")
        stack.enter_context(trusting(site))
        (taken,) = asyncio.run(captured({"x": TWEET}, tmp_path, resolver=lambda _: ("127.0.0.1",))).values()
    assert taken.attempt.outcome.state is State.OK
    assert {one.name for one in taken.pieces if one.role is Role.EXTRA} == EXTRAS["x"]
    assert taken.attempt.response is not None
    assert taken.attempt.response.remote_ip == "127.0.0.1"
