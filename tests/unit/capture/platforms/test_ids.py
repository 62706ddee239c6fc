"""An id that was built from a clock gives its time; any other gives none."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from archiver.capture.platforms import ids, read_item
from archiver.model.instant import Instant

PAGES = Path(__file__).parents[5] / "shared" / "testdata" / "html"
# Hypothesis wants its bounds without a zone; the times are UTC.
SNOWFLAKES_BEGAN, KEYS_BEGAN, LAST = (
    datetime.fromisoformat(one) for one in ("2010-11-05T00:00:00", "2022-01-02T00:00:00", "2079-01-01T00:00:00")
)
EMBEDDED = "//blockquote[contains(@class, 'twitter-tweet') or contains(@class, 'twitter-video')]"


def embedded_tweets() -> list[tuple[str, str, datetime]]:
    """Give the link, the shown handle and the shown day of each tweet that a page of the test data embeds."""
    found = []
    for path in sorted(one for one in PAGES.rglob("*") if re.search(r"\.html(\.gz)?\Z", one.name)):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        tree: Any = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))
        for quoted in tree.xpath(EMBEDDED):
            links = [one for one in quoted.xpath(".//a[@href]") if "/status/" in one.get("href")]
            shown = datetime.strptime(links[-1].text_content().strip(), "%B %d, %Y").replace(tzinfo=UTC)
            handles = re.findall(r"\(@([A-Za-z0-9_]{1,15})\)", quoted.text_content())
            found.append((links[-1].get("href"), handles[-1] if handles else "", shown))
    return found


def test_each_tweet_that_real_pages_embed_is_dated_by_its_id() -> None:
    if not PAGES.is_dir():
        pytest.skip(f"no test data at {PAGES}")
    tweets = embedded_tweets()
    assert len(tweets) == 34
    assert len([handle for _, handle, _ in tweets if handle]) > 30
    for url, handle, shown in tweets:
        item = read_item(url)
        assert item is not None, url
        assert item.claimed_by == "snowflake"
        assert item.claimed_at is not None
        assert item.claimed_at.as_datetime.date() == shown.date(), url
        assert not handle or item.author == handle, url


@pytest.mark.parametrize(
    ("made", "time"),
    [
        # The times that the services' own APIs give beside these ids; an id is made seconds before its post is shown.
        (ids.x_snowflake(1050118621198921728), "2018-10-10T20:19:24Z"),
        (ids.mastodon(103270115826048975), "2019-12-08T03:48:33Z"),
        (ids.instagram("aye83DjauH"), "2013-06-20T17:15:45Z"),
        (ids.instagram("BA-pQFBG8HZ"), "2016-01-25T22:29:37Z"),
        (ids.tiktok(6748451240264420610), "2019-10-16T17:17:32Z"),
        (ids.tiktok(6742501081818877190), "2019-09-30T16:27:50Z"),
        # By the schemes themselves.
        (ids.x_snowflake(29_700_859_248), "2010-11-04T01:43:01Z"),
        (ids.instagram_media(1000 * 86_400_000 << 23), "2014-05-20T21:07:01Z"),
    ],
)
def test_an_id_built_from_a_clock_gives_its_time(made: Instant | None, time: str) -> None:
    assert made is not None
    later = Instant.parse(time).as_datetime - made.as_datetime.replace(microsecond=0)
    assert timedelta(0) <= later < timedelta(seconds=10), str(made)


@pytest.mark.parametrize(
    ("key", "answered"),
    [("3l2dszqkmqt25", "2024-08-23T00:03:48Z"), ("3luzluujzah2m", "2025-07-28T12:36:42Z")],
)
def test_a_record_key_is_a_little_older_than_what_answered_its_post(key: str, answered: str) -> None:
    made = ids.bluesky(key)
    assert made is not None
    assert timedelta(0) < Instant.parse(answered).as_datetime - made.as_datetime < timedelta(hours=1)


@pytest.mark.parametrize(
    "made",
    [
        ids.x_snowflake(20),
        ids.x_snowflake(29_700_859_247),
        ids.x_snowflake((1 << 63) << 8),
        ids.tiktok(1 << 32),
        ids.mastodon(1_234_567),
        ids.bluesky("2222222222222"),
        ids.bluesky("jzzzzzzzzzzzz"),
        ids.instagram("BQAAA"),
        ids.instagram("___________"),
        ids.instagram_media(1 << 30),
    ],
)
def test_a_serial_id_and_an_id_of_an_impossible_time_give_none(made: Instant | None) -> None:
    assert made is None


def test_the_longer_code_of_a_private_post_begins_with_its_id() -> None:
    assert ids.instagram("CGgDsi7JQdS") == ids.instagram("CGgDsi7JQdSxyzABC-_defGHIJKLMNOPQRSTUVWX")


@given(st.datetimes(min_value=SNOWFLAKES_BEGAN, max_value=LAST), st.integers(0, (1 << 22) - 1))
def test_a_snowflake_keeps_its_milliseconds_whatever_its_lower_bits(when: datetime, lower: int) -> None:
    milliseconds = int(when.replace(tzinfo=UTC, microsecond=0).timestamp() * 1000)
    number = ((milliseconds - 1_288_834_974_657) << 22) | lower
    assert ids.x_snowflake(number) == Instant(milliseconds * 1000)


@given(st.datetimes(min_value=KEYS_BEGAN, max_value=LAST), st.integers(0, 1023))
def test_a_record_key_keeps_its_microseconds(when: datetime, clock: int) -> None:
    instant = Instant.at(when.replace(tzinfo=UTC))
    number, key = (instant.epoch_us << 10) | clock, ""
    for _ in range(13):
        number, digit = divmod(number, 32)
        key = "234567abcdefghijklmnopqrstuvwxyz"[digit] + key
    assert ids.bluesky(key) == instant
