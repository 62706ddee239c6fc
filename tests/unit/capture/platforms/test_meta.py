"""Instagram, Threads and Facebook tell little of a post that they do not show; only what they say outright counts."""

import pytest

from archiver.capture.platforms import judge_item, more_extras
from archiver.capture.structure import Answer
from archiver.model.evidence import Reason
from tests.unit.capture.platforms.pages import item_of, page, script

CODE = "CGgDsi7JQdS"
INSTAGRAM = f"https://www.instagram.com/p/{CODE}/"
THREADS = f"https://www.threads.com/@user/post/{CODE}"
FACEBOOK = "https://www.facebook.com/user/posts/123456789"
WEB_INFO = "xdt_api__v1__media__shortcode__web_info"


def answer(data: object) -> Answer:
    return Answer(url="https://www.instagram.com/graphql/query", status=200, body={"data": data})


@pytest.mark.parametrize(
    ("data", "rests_on"),
    [
        ({WEB_INFO: {"items": []}}, f"instagram: {WEB_INFO} without items"),
        ({WEB_INFO: None}, f"instagram: {WEB_INFO} without items"),
        ({"xdt_shortcode_media": None}, "instagram: xdt_shortcode_media is null"),
    ],
)
def test_a_post_without_media_for_its_code_is_gone(data: object, rests_on: str) -> None:
    item = item_of(INSTAGRAM)
    for seen in (page(INSTAGRAM, "<p>.</p>", answer(data)), page(INSTAGRAM, script("a", {"require": [[data]]}))):
        judged = judge_item(item, seen)
        assert judged is not None
        assert (judged.reason, judged.rests_on) == (Reason.GONE, rests_on)


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (answer({WEB_INFO: {"items": [{"code": CODE}]}}),),
        (answer({"xdt_shortcode_media": {"id": "1"}}),),
        # One question was answered with nothing, another with the post.
        (answer({"xdt_shortcode_media": None}), answer({WEB_INFO: {"items": [{}]}})),
        (answer({WEB_INFO: None}), answer({"node": {"code": CODE, "user": {"pk": "1"}}})),
        (answer({WEB_INFO: None}), answer({"xdt_shortcode_media": {}})),
    ],
)
def test_nothing_is_said_of_a_post_with_media(answers: tuple[Answer, ...]) -> None:
    seen = page(INSTAGRAM, "<p>Sorry, this page isn't available.</p>", *answers)
    assert judge_item(item_of(INSTAGRAM), seen) is None
    assert more_extras(item_of(INSTAGRAM), seen) == ()


def test_a_thread_that_led_to_an_invalid_post_is_gone() -> None:
    item = item_of(THREADS)
    judged = judge_item(item, page(THREADS, final_url="https://www.threads.com/?error=invalid_post"))
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (Reason.GONE, "threads: led to ?error=invalid_post")
    assert judge_item(item, page(THREADS)) is None
    assert judge_item(item, page(THREADS, final_url="https://evil.example/?error=invalid_post")) is None
    assert more_extras(item, page(THREADS)) == ()


def test_a_page_built_around_facebooks_error_page_is_gone() -> None:
    root = {"require": [["a", {"rootView": {"resource": {"__dr": "CometErrorRoot.react"}, "props": {}}}]]}
    judged = judge_item(item_of(FACEBOOK), page(FACEBOOK, script("a", root)))
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (Reason.GONE, "facebook: rootView is CometErrorRoot")


def test_the_error_page_among_the_parts_of_a_good_one_says_nothing() -> None:
    parts = {
        "rootView": {"resource": {"__dr": "CometSinglePostRoot.react"}},
        "parts": [{"__dr": "CometErrorRoot.react"}],
    }
    item = item_of(FACEBOOK)
    assert judge_item(item, page(FACEBOOK, script("a", parts) + script("b", "CometErrorRoot.react"))) is None
    assert more_extras(item, page(FACEBOOK)) == ()
