"""A server of Mastodon's kind says itself what became of a post of its own."""

import pytest

from archiver.capture.platforms import judge_item, more_extras
from archiver.capture.structure import Answer
from archiver.model.evidence import Reason
from tests.unit.capture.platforms.pages import item_of, page

NUMBER = "109252195123456789"
URL = f"https://mastodon.social/@ab/{NUMBER}"
API = f"https://mastodon.social/api/v1/statuses/{NUMBER}"
ITEM = item_of(URL)
TRUTH = item_of(f"https://truthsocial.com/@ab/{NUMBER}")


def status(**fields: object) -> dict[str, object]:
    return {"id": NUMBER, "account": {"acct": "ab"}, "media_attachments": [], **fields}


@pytest.mark.parametrize(
    ("answer", "reason", "rests_on"),
    [
        (Answer(url=API, status=404, body={}), Reason.GONE, "mastodon: status 404 of the API for this id"),
        (Answer(url=API, status=410, body={}), Reason.GONE, "mastodon: status 410 of the API for this id"),
        (Answer(url=API, status=401, body={}), Reason.LOGIN_WALL, "mastodon: status 401 of the API for this id"),
        (
            Answer(url=URL, status=200, body={"type": "Tombstone"}),
            Reason.DELETED,
            "mastodon: the object is a Tombstone",
        ),
    ],
)
def test_a_post_that_is_not_there_is_told_by_its_server(answer: Answer, reason: Reason, rests_on: str) -> None:
    judged = judge_item(ITEM, page(URL, "<div id='mastodon'></div>", answer))
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (reason, rests_on)


def test_truth_social_is_judged_alike_under_its_own_name() -> None:
    answer = Answer(url=f"https://truthsocial.com/api/v1/statuses/{NUMBER}", status=404, body={"error": "?"})
    judged = judge_item(TRUTH, page(TRUTH.canonical_url or "", "<p>.</p>", answer))
    assert judged is not None
    assert judged.rests_on == "truth_social: status 404 of the API for this id"


@pytest.mark.parametrize(
    ("dom", "answers"),
    [
        ("<p>.</p>", ()),
        ("<p>.</p>", (Answer(url=API, status=200, body=status()),)),
        ("<p>.</p>", (Answer(url=API, status=404, body={}), Answer(url=f"{API}/x", status=200, body=[status()]))),
        ("<div class='detailed-status'>…</div>", (Answer(url=API, status=404, body={}),)),
        ("<p>.</p>", (Answer(url=API.replace("mastodon.social", "evil.example"), status=404, body={}),)),
        ("<p>.</p>", (Answer(url=f"{API}/context", status=404, body={}),)),
        ("<p>.</p>", (Answer(url=URL, status=404, body={}),)),
        ("<p>.</p>", (Answer(url=API, status=500, body=[]),)),
        ("<p>.</p>", (Answer(url="https://mastodon.social/x", status=200, body={"type": "Tombstone"}),)),
    ],
)
def test_nothing_is_said_of_a_post_that_is_there_or_of_another(dom: str, answers: tuple[Answer, ...]) -> None:
    assert judge_item(ITEM, page(URL, dom, *answers)) is None


def test_media_of_the_post_are_asked_for_at_full_size() -> None:
    files = "https://files.mastodon.social/media_attachments/files/1/original"
    attached = [
        {"url": f"{files}/a1b2.png", "preview_url": "https://files.example/small.png"},
        {"url": f"{files}/a1b2.png"},
        {"url": "javascript:alert(1)"},
        {"url": None},
        "?",
    ]
    body = [
        status(media_attachments=attached),
        {"id": "1", "account": {}, "media_attachments": [{"url": f"{files}/x.png"}]},
    ]
    found = more_extras(ITEM, page(URL, "", Answer(url=API, status=200, body=body)))
    assert [(one.url, one.name) for one in found] == [(f"{files}/a1b2.png", "media-1.png")]
