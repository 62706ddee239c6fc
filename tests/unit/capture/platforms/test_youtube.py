"""YouTube's player says what became of a video, and which captions it has."""

from typing import Any

import pytest

from archiver.capture.platforms import judge_item, more_extras
from archiver.capture.structure import Answer
from archiver.model.evidence import Reason
from tests.unit.capture.platforms.pages import assigned, item_of, page

NUMBER = "dQw4w9WgXcQ"
URL = f"https://www.youtube.com/watch?v={NUMBER}"
ITEM = item_of(URL)
SHOWN = assigned("ytInitialData", {"contents": [{"videoPrimaryInfoRenderer": {"title": "…"}}]})
HIDDEN = assigned("ytInitialData", {"contents": []})
HERE = '<script>ytcfg.set({"GL":"DE","HL":"fa"});</script>'


def player(status: object, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    playability = {"status": status, "errorScreen": fields.pop("screen", {"playerErrorMessageRenderer": {}})}
    return {"playabilityStatus": {**playability, **fields.pop("playability", {})}, **fields}


def dom(status: object, **fields: Any) -> str:  # noqa: ANN401 - JSON
    return assigned("ytInitialPlayerResponse", player(status, **fields))


def countries(*codes: str) -> dict[str, object]:
    return {"microformat": {"playerMicroformatRenderer": {"availableCountries": list(codes)}}}


OWN = {"videoDetails": {"videoId": NUMBER}}


@pytest.mark.parametrize(
    ("markup", "reason", "rests_on"),
    [
        (dom("ERROR"), Reason.DELETED, "youtube: playabilityStatus ERROR"),
        (
            dom("LOGIN_REQUIRED") + HIDDEN,
            *(
                Reason.PROTECTED,
                "youtube: playabilityStatus LOGIN_REQUIRED, no videoDetails, no videoPrimaryInfoRenderer",
            ),
        ),
        # A player that asks for proof of a person stands on a page that tells the video's title.
        (dom("LOGIN_REQUIRED") + SHOWN, Reason.LOGIN_WALL, "youtube: playabilityStatus LOGIN_REQUIRED"),
        (dom("LOGIN_REQUIRED"), Reason.LOGIN_WALL, "youtube: playabilityStatus LOGIN_REQUIRED"),
        (dom("LOGIN_REQUIRED", **OWN) + HIDDEN, Reason.LOGIN_WALL, "youtube: playabilityStatus LOGIN_REQUIRED"),
        (
            dom("LOGIN_REQUIRED", playability={"desktopLegacyAgeGateReason": 1}),
            *(Reason.AGE_GATE, "youtube: playabilityStatus LOGIN_REQUIRED, desktopLegacyAgeGateReason"),
        ),
        (dom("AGE_CHECK_REQUIRED"), Reason.AGE_GATE, "youtube: playabilityStatus AGE_CHECK_REQUIRED"),
        (dom("CONTENT_CHECK_REQUIRED"), Reason.AGE_GATE, "youtube: playabilityStatus CONTENT_CHECK_REQUIRED"),
        (
            HERE + dom("UNPLAYABLE", **countries("FR", "IR")),
            *(Reason.GEO_BLOCK, "youtube: playabilityStatus UNPLAYABLE, availableCountries without DE"),
        ),
        (
            dom("UNPLAYABLE", screen={"playerLegacyDesktopYpcOfferRenderer": {}}),
            *(Reason.PROTECTED, "youtube: playabilityStatus UNPLAYABLE, playerLegacyDesktopYpcOfferRenderer"),
        ),
        (HERE + dom("UNPLAYABLE", **countries("DE")), Reason.GONE, "youtube: playabilityStatus UNPLAYABLE"),
        (dom("UNPLAYABLE", **countries("FR")), Reason.GONE, "youtube: playabilityStatus UNPLAYABLE"),
    ],
)
def test_a_video_that_cannot_be_seen_is_told_by_the_player(markup: str, reason: Reason, rests_on: str) -> None:
    judged = judge_item(ITEM, page(URL, markup))
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (reason, rests_on)


@pytest.mark.parametrize(
    ("url", "markup"),
    [
        (URL, dom("OK", **OWN)),
        (URL, dom("LIVE_STREAM_OFFLINE")),
        (URL, dom("SOMETHING_NEW")),
        (URL, dom(["ERROR"])),
        (URL, dom("ERROR", videoDetails={"videoId": "another_one"})),
        (URL, "<script>var ytInitialPlayerResponse = {broken</script><p>Video unavailable</p>"),
        (URL, "<h1>Why does YouTube say LOGIN_REQUIRED?</h1>"),
        (f"https://www.youtube.com/embed/{NUMBER}", dom("UNPLAYABLE")),
        ("https://consent.example/", dom("ERROR")),
    ],
)
def test_nothing_is_said_of_a_video_that_can_be_seen(url: str, markup: str) -> None:
    assert judge_item(ITEM, page(URL, markup, final_url=url)) is None


def test_a_player_that_was_told_ok_later_plays() -> None:
    later = Answer(url="https://www.youtube.com/youtubei/v1/player?key=a", status=200, body=player("OK", **OWN))
    assert judge_item(ITEM, page(URL, dom("LOGIN_REQUIRED"), later)) is None


def test_a_player_that_was_told_so_in_an_answer_is_judged_by_it() -> None:
    only = Answer(url="https://www.youtube.com/youtubei/v1/player", status=200, body=player("ERROR"))
    judged = judge_item(ITEM, page(URL, "<p>.</p>", only))
    assert judged is not None
    assert judged.reason is Reason.DELETED


def track(language: object, kind: str | None = None, **fields: object) -> dict[str, object]:
    base = f"https://www.youtube.com/api/timedtext?v={NUMBER}&lang={language}&signature=AB.CD"
    return {"baseUrl": base, "languageCode": language, "kind": kind, **fields}


def test_captions_are_asked_for_as_the_player_names_them() -> None:
    tracks = [
        track("fa"),
        track("en", "asr"),
        track("en", "asr"),
        track("zh-Hans-CN"),
        track("../evil"),
        track(7),
        track("ar", baseUrl="https://evil.example/api/timedtext?v=dQw4w9WgXcQ"),
        track("de", baseUrl="https://www.youtube.com/api/timedtext?v=another_one&lang=de"),
        track("fr", baseUrl=None),
        "?",
    ]
    markup = dom("OK", captions={"playerCaptionsTracklistRenderer": {"captionTracks": tracks}}, **OWN)
    found = more_extras(ITEM, page(URL, markup))
    assert [one.name for one in found] == ["captions-fa.vtt", "captions-en-made.vtt", "captions-zh-Hans-CN.vtt"]
    assert all(one.url.endswith("&fmt=vtt") for one in found)
