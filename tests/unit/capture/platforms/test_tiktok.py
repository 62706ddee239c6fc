"""TikTok's page carries the state it was made from: its status code says what became of a video."""

import pytest

from archiver.capture.platforms import judge_item, more_extras
from archiver.model.evidence import Reason
from tests.unit.capture.platforms.pages import item_of, page, script

NUMBER = "7086595171827322158"
URL = f"https://www.tiktok.com/@user/video/{NUMBER}"
ITEM = item_of(URL)


def state(detail: object, name: str = "webapp.video-detail") -> str:
    return script("__UNIVERSAL_DATA_FOR_REHYDRATION__", {"__DEFAULT_SCOPE__": {name: detail}})


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (10204, Reason.GONE),
        (10216, Reason.PROTECTED),
        (10221, Reason.SUSPENDED),
        (10222, Reason.PROTECTED),
        (10231, Reason.GEO_BLOCK),
        (10000, Reason.CAPTCHA),
        (10215, Reason.GONE),
    ],
)
def test_a_video_that_is_not_there_is_told_by_its_status_code(code: int, reason: Reason) -> None:
    for name in ("webapp.video-detail", "webapp.reflow.video.detail"):
        judged = judge_item(ITEM, page(URL, state({"statusCode": code, "statusMsg": "?"}, name)))
        assert judged is not None
        assert (judged.reason, judged.rests_on) == (reason, f"tiktok: {name} statusCode {code}")


@pytest.mark.parametrize(
    "detail",
    [
        {"statusCode": 0, "itemInfo": {"itemStruct": {"id": NUMBER}}},
        {"statusCode": 10204, "itemInfo": {"itemStruct": {"id": NUMBER}}},
        {"statusCode": "10204"},
        {},
        [],
        None,
    ],
)
def test_nothing_is_said_of_a_video_that_is_there(detail: object) -> None:
    assert judge_item(ITEM, page(URL, state(detail))) is None
    assert more_extras(ITEM, page(URL, state(detail))) == ()


def test_nothing_is_said_without_the_state() -> None:
    assert judge_item(ITEM, page(URL, "<p>Video currently unavailable</p>")) is None
