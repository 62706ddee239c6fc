"""YouTube: videos by their id; what the player itself says of a video (``playabilityStatus``) decides.

LIMIT: the addresses of captions are often answered with nothing unless the player itself asks.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from archiver.capture.platforms.hosts import Place, host_of, is_of, path_of, query_of
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Structure, dig, listed, objects, word_of
from archiver.model.evidence import Reason

NAME: Final = "youtube"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{11}\Z")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")
_CAPTIONS: Final = re.compile(r"https://www\.youtube\.com/api/timedtext\?[!-~]{10,3000}\Z")
_COUNTRY: Final = re.compile(r"\"GL\"\s*:\s*\"([A-Z]{2})\"")
_MOST_CAPTIONS: Final = 6
_PLAYER: Final = "ytInitialPlayerResponse"
_AGE: Final = frozenset({"AGE_CHECK_REQUIRED", "AGE_VERIFICATION_REQUIRED", "CONTENT_CHECK_REQUIRED"})


def read(place: Place) -> Item | None:
    """Give the video of ``watch?v=``, ``youtu.be/``, ``/shorts/``, ``/live/``, ``/embed/``."""
    number: str | None = None
    if is_of(place.host, "youtu.be") and place.path:
        number = place.path[0]
    elif is_of(place.host, "youtube.com", "youtube-nocookie.com"):
        if place.path == ("watch",):
            number = place.query.get("v")
        elif len(place.path) > 1 and place.path[0] in {"watch", "shorts", "live", "embed", "v"}:
            number = place.path[1]
    if number is None or not _ID.match(number):
        return None
    video = f"https://www.youtube.com/watch?v={number}"
    return Item(
        platform=NAME,
        canonical_url=video,
        item_id=number,
        extras=(
            Extra(url=f"https://www.youtube.com/oembed?format=json&url={quote(video, safe='')}", name="oembed.json"),
            Extra(url=f"https://i.ytimg.com/vi/{number}/hqdefault.jpg", name="thumbnail.jpg"),
        ),
    )


def rules(item: Item) -> Rules:
    """Give where the video stands on its page."""
    return Rules(
        post=(f"ytd-watch-flexy[video-id='{item.item_id}'] #primary-inner", "ytd-shorts #shorts-container", "#player"),
        more=(f"ytd-watch-flexy[video-id='{item.item_id}'] ytd-watch-metadata #description-inline-expander #expand",),
    )


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give the video's caption tracks, as the player names them."""
    found: dict[str, Extra] = {}
    for player in _players(item, page):
        for track in listed(player, "captions", "playerCaptionsTracklistRenderer", "captionTracks")[:100]:
            url, language = dig(track, "baseUrl"), dig(track, "languageCode")
            if not isinstance(url, str) or not isinstance(language, str) or not _LANGUAGE.match(language):
                continue
            if _CAPTIONS.match(url) and query_of(url).get("v") == item.item_id and "fmt" not in query_of(url):
                name = f"captions-{language}{'-made' if dig(track, 'kind') == 'asr' else ''}.vtt"
                found.setdefault(name, Extra(url=f"{url}&fmt=vtt", name=name))
    return tuple(found.values())[:_MOST_CAPTIONS]


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the video cannot be seen, by the player's own status."""
    if not is_of(host_of(page.final_url), "youtube.com", "youtube-nocookie.com"):
        return None
    told = [(player, dig(player, "playabilityStatus", "status")) for player in _players(item, page)]
    if any(status == "OK" for _, status in told):
        return None
    for player, status in told:
        if isinstance(status, str):
            return _of_status(status, player, page)
    return None


def _of_status(status: str, player: object, page: Structure) -> Judgement | None:
    rests_on = f"youtube: playabilityStatus {word_of(status)}"
    by_age = dig(player, "playabilityStatus", "desktopLegacyAgeGateReason") is not None
    if status in _AGE or by_age:
        return Judgement(reason=Reason.AGE_GATE, rests_on=rests_on + (", desktopLegacyAgeGateReason" if by_age else ""))
    if status == "ERROR":
        return Judgement(reason=Reason.DELETED, rests_on=rests_on)
    if status == "LOGIN_REQUIRED":
        if _is_private(player, page):
            told = f"{rests_on}, no videoDetails, no videoPrimaryInfoRenderer"
            return Judgement(reason=Reason.PROTECTED, rests_on=told)
        return Judgement(reason=Reason.LOGIN_WALL, rests_on=rests_on)
    if status == "UNPLAYABLE":
        return _unplayable(rests_on, player, page)
    return None


def _unplayable(rests_on: str, player: object, page: Structure) -> Judgement | None:
    """Judge by the countries that the video may be seen in, and by an offer of a membership."""
    countries = dig(player, "microformat", "playerMicroformatRenderer", "availableCountries")
    here = _country(page)
    if isinstance(countries, list) and here is not None and here not in countries:
        return Judgement(reason=Reason.GEO_BLOCK, rests_on=f"{rests_on}, availableCountries without {here}")
    if dig(player, "playabilityStatus", "errorScreen", "playerLegacyDesktopYpcOfferRenderer") is not None:
        return Judgement(reason=Reason.PROTECTED, rests_on=f"{rests_on}, playerLegacyDesktopYpcOfferRenderer")
    # What may not be embedded can be seen on its own page.
    embedded = path_of(page.final_url).startswith("/embed/")
    return None if embedded else Judgement(reason=Reason.GONE, rests_on=rests_on)


def _is_private(player: object, page: Structure) -> bool:
    """Say whether the page tells nothing of the video. Where it asks for proof of a person, it tells its title."""
    data = page.assigned("ytInitialData")
    if dig(player, "videoDetails") is not None or not isinstance(data, dict):
        return False
    return not any("videoPrimaryInfoRenderer" in one for one in objects(data))


def _players(item: Item, page: Structure) -> Iterator[object]:
    """Give what the player was told of this video: in the page, and in answers that it asked for."""
    for player in (page.assigned(_PLAYER), *(one.body for one in page.answers if "/youtubei/v1/player" in one.url)):
        number = dig(player, "videoDetails", "videoId")
        if isinstance(player, dict) and number in (None, item.item_id):
            yield player


def _country(page: Structure) -> str | None:
    found = (_COUNTRY.search(text) for text in page.inline_scripts())
    return next((match[1] for match in found if match is not None), None)
