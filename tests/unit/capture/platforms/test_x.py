"""X says by its API what became of a post; its photos are had at their original size."""

from typing import Any

import pytest

from archiver.capture.platforms import judge_item, more_extras
from archiver.capture.structure import Answer
from archiver.model.evidence import Reason
from tests.unit.capture.platforms.pages import graphql, item_of, page

NUMBER = "1212816983592488961"
URL = f"https://x.com/ABC7News/status/{NUMBER}"
ITEM = item_of(URL)
SYNDICATION = f"https://cdn.syndication.twimg.com/tweet-result?id={NUMBER}&token=a"


def told(result: object, **more: object) -> Answer:
    return graphql("TweetResultByRestId", {"tweetId": NUMBER}, {"data": {"tweetResult": result}, **more})


def media(name: str, end: str = "jpg") -> dict[str, str]:
    return {"media_url_https": f"https://pbs.twimg.com/media/{name}.{end}", "type": "photo"}


def post(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"__typename": "Tweet", "rest_id": NUMBER, "legacy": {"full_text": "خبر", **fields}}


def detail(result: object) -> Answer:
    entry = {"entryId": f"tweet-{NUMBER}", "content": {"itemContent": {"tweet_results": result}}}
    other = {"entryId": "tweet-1", "content": {"itemContent": {"tweet_results": {"result": {"rest_id": "1"}}}}}
    instructions = [{"type": "TimelineAddEntries", "entries": [other, entry]}]
    body = {"data": {"threaded_conversation_with_injections_v2": {"instructions": instructions}}}
    return graphql("TweetDetail", {"focalTweetId": NUMBER}, body)


def author(result: object, name: str = "abc7news") -> Answer:
    return graphql("UserByScreenName", {"screen_name": name}, {"data": {"user": {"result": result}}})


@pytest.mark.parametrize(
    ("answer", "reason", "rests_on"),
    [
        (told({}), Reason.GONE, "x: no result in TweetResultByRestId"),
        (
            told({"result": {"__typename": "TweetTombstone", "tombstone": {}}}),
            *(Reason.GONE, "x: TweetTombstone in TweetResultByRestId"),
        ),
        (
            told({"result": {"__typename": "TweetUnavailable", "reason": "Suspended"}}),
            *(Reason.SUSPENDED, "x: TweetUnavailable in TweetResultByRestId, reason Suspended"),
        ),
        (
            told({"result": {"__typename": "TweetUnavailable", "reason": "Protected"}}),
            *(Reason.PROTECTED, "x: TweetUnavailable in TweetResultByRestId, reason Protected"),
        ),
        (
            told({"result": {"__typename": "TweetUnavailable", "reason": "NsfwLoggedOut"}}),
            *(Reason.AGE_GATE, "x: TweetUnavailable in TweetResultByRestId, reason NsfwLoggedOut"),
        ),
        (
            told({"result": {"__typename": "TweetUnavailable", "reason": ["\ud800"]}}),
            *(Reason.GONE, "x: TweetUnavailable in TweetResultByRestId, reason ?"),
        ),
        (detail({}), Reason.GONE, "x: no result in TweetDetail"),
        (
            detail({"result": {"__typename": "TweetTombstone"}}),
            *(Reason.GONE, "x: TweetTombstone in TweetDetail"),
        ),
        (
            graphql("TweetDetail", {"focalTweetId": NUMBER}, {"errors": ["?", {"code": 144}], "data": {}}),
            *(Reason.DELETED, "x: error code 144 for this id"),
        ),
        (Answer(url=SYNDICATION, status=404, body={}), Reason.GONE, "x: status 404 of the syndication answer"),
        (
            Answer(url=SYNDICATION, status=200, body={"__typename": "TweetTombstone"}),
            *(Reason.GONE, "x: TweetTombstone in the syndication answer"),
        ),
        (
            author({"__typename": "UserUnavailable", "reason": "Suspended"}),
            *(Reason.SUSPENDED, "x: UserUnavailable for the author, reason Suspended"),
        ),
        (author({"__typename": "UserUnavailable"}), Reason.GONE, "x: UserUnavailable for the author, reason ?"),
    ],
)
def test_a_post_that_is_not_there_is_told_by_the_api(answer: Answer, reason: Reason, rests_on: str) -> None:
    judged = judge_item(ITEM, page(URL, "<p>.</p>", answer))
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (reason, rests_on)


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (told({"result": post()}),),
        (told({"result": {"__typename": "TweetWithVisibilityResults", "tweet": post()}}),),
        (told({"result": {"__typename": "SomethingNew"}}),),
        (detail({"result": post()}),),
        (detail([]),),
        # What is not there is another post.
        (graphql("TweetResultByRestId", {"tweetId": "1"}, {"data": {"tweetResult": {}}}),),
        (graphql("TweetResultByRestId", {"tweetId": "1"}, {"errors": [{"code": 144}]}),),
        (graphql("TweetResultByRestId", {"tweetId": NUMBER}, {"errors": [{"code": True}, {"code": 131}]}),),
        (Answer(url=SYNDICATION.replace(NUMBER, "1"), status=404, body={}),),
        (Answer(url=SYNDICATION, status=200, body={"__typename": "Tweet"}),),
        (Answer(url="https://api.x.com/graphql/a/B?variables=[1]", status=200, body={"data": {"tweetResult": {}}}),),
        (Answer(url="https://api.x.com/graphql/a/B", status=200, body={"data": {"tweetResult": {}}}),),
        # The post is there, and something else that was asked for is not.
        (told({}), detail({"result": post()})),
        (author({"__typename": "UserUnavailable", "reason": "Suspended"}, "another"),),
        (author({"__typename": "User"}),),
        (told({"result": post()}), author({"__typename": "UserUnavailable", "reason": "Suspended"})),
        (Answer(url="https://[", status=200, body=[[[]]]),),
    ],
)
def test_nothing_is_said_of_a_post_that_is_there_or_was_not_asked_for(answers: tuple[Answer, ...]) -> None:
    assert judge_item(ITEM, page(URL, "<article>This post is from a suspended account.</article>", *answers)) is None


def test_photos_are_asked_for_at_their_original_size() -> None:
    told_post = post(extended_entities={"media": [media("FirstPhoto_-1"), media("SecondPhoto", "png"), {"type": "?"}]})
    told_post["quoted_status_result"] = {
        "result": {"rest_id": "1", "legacy": {"extended_entities": [media("Quoted12")]}}
    }
    shown = (
        f'<a href="/ABC7News/status/{NUMBER}/photo/3"><img src="https://pbs.twimg.com/media/ThirdPhoto?format=webp&name=small">'
        '<a href="/other/status/1/photo/1"><img src="https://pbs.twimg.com/media/OfAnother?format=jpg&name=small">'
    )
    found = more_extras(ITEM, page(URL, shown, told({"result": told_post})))
    assert [(one.url, one.name) for one in found] == [
        ("https://pbs.twimg.com/media/FirstPhoto_-1?format=jpg&name=orig", "photo-1.jpg"),
        ("https://pbs.twimg.com/media/SecondPhoto?format=png&name=orig", "photo-2.png"),
        ("https://pbs.twimg.com/media/ThirdPhoto?format=webp&name=orig", "photo-3.webp"),
    ]


def test_photos_of_the_syndication_answer_are_found_and_foreign_addresses_are_not() -> None:
    body = {
        "id_str": NUMBER,
        "photos": [{"url": "https://pbs.twimg.com/media/APhotoHere.jpg"}],
        "mediaDetails": [media("APhotoHere"), {"media_url_https": "https://evil.example/media/APhotoHere.jpg"}],
    }
    found = more_extras(ITEM, page(URL, "", Answer(url=SYNDICATION, status=200, body=body)))
    assert [one.url for one in found] == ["https://pbs.twimg.com/media/APhotoHere?format=jpg&name=orig"]


def test_a_post_has_no_more_photos_than_it_can_have() -> None:
    many = post(extended_entities={"media": [media(f"Photo{number:04d}") for number in range(100)]})
    assert len(more_extras(ITEM, page(URL, "", told({"result": many})))) == 8
