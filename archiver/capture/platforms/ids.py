"""The time that an item's id carries, where its maker built the id from a clock.

It is the platform's claim, made when the item was: worth comparing with what a draft states, and with the page.
An id from before the scheme, or one that gives a time before the service began or after 2100, carries none.
"""

from typing import Final

from archiver.model.instant import Instant

_X_EPOCH_MS: Final = 1_288_834_974_657
_X_FIRST: Final = 29_700_859_247  # ids were serial before: 2010-11-04
_TIKTOK_BEGAN_MS: Final = 1_388_534_400_000  # 2014, as Musical.ly
_MASTODON_BEGAN_MS: Final = 1_451_606_400_000  # 2016
_BLUESKY_BEGAN_MS: Final = 1_640_995_200_000  # 2022
_INSTAGRAM_EPOCH_MS: Final = 1_314_220_021_721
_WEEK_MS: Final = 7 * 86_400_000
_LATEST_MS: Final = 4_102_444_800_000  # 2100
_LONGEST_SHORTCODE: Final = 11
_SHORTCODE: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_TID: Final = "234567abcdefghijklmnopqrstuvwxyz"


def x_snowflake(number: int) -> Instant | None:
    """Give when an X (Twitter) id was made; None for the serial ids before November 2010."""
    return _at((number >> 22) + _X_EPOCH_MS, since_ms=_X_EPOCH_MS) if number > _X_FIRST else None


def tiktok(number: int) -> Instant | None:
    """Give when a TikTok video id was made: its upper 32 bits are Unix seconds."""
    return _at((number >> 32) * 1000, since_ms=_TIKTOK_BEGAN_MS)


def mastodon(number: int) -> Instant | None:
    """Give when a Mastodon status id was made: Unix milliseconds, 16 bits of sequence; None for serial ids."""
    return _at(number >> 16, since_ms=_MASTODON_BEGAN_MS)


def instagram(shortcode: str) -> Instant | None:
    """Give when an Instagram or Threads shortcode was made: base64 of the media id.

    Private posts' longer codes carry the id in their first eleven characters.
    """
    number = 0
    for letter in shortcode[:_LONGEST_SHORTCODE]:
        number = number * 64 + _SHORTCODE.index(letter)
    return instagram_media(number)


def instagram_media(number: int) -> Instant | None:
    """Give when an Instagram media id was made: 41 bits of time, 13 of shard, 10 of sequence.

    The serial ids of 2010 and 2011 are so small that the scheme would put them all in its first minutes.
    """
    return _at((number >> 23) + _INSTAGRAM_EPOCH_MS, since_ms=_INSTAGRAM_EPOCH_MS + _WEEK_MS)


def bluesky(tid: str) -> Instant | None:
    """Give when a record key of the AT Protocol was made: sortable base32 of microseconds and 10 bits of clock id."""
    number = 0
    for letter in tid:
        number = number * 32 + _TID.index(letter)
    microseconds = number >> 10
    found = _at(microseconds // 1000, since_ms=_BLUESKY_BEGAN_MS)
    return Instant(microseconds) if found is not None else None


def _at(milliseconds: int, *, since_ms: int) -> Instant | None:
    return Instant(milliseconds * 1000) if since_ms <= milliseconds < _LATEST_MS else None
