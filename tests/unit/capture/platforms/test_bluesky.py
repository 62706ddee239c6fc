"""Bluesky's API names what stands in the place of a post that it does not show."""

from urllib.parse import quote

import pytest

from archiver.capture.platforms import judge_item, more_extras
from archiver.capture.structure import Answer
from archiver.model.evidence import Reason
from tests.unit.capture.platforms.pages import item_of, page

KEY = "3luzluujzah2m"
DID = "did:plc:u5cwb2mwiv2bfq53cjufe6yn"
URL = f"https://bsky.app/profile/a.example/post/{KEY}"
URI = f"at://{DID}/app.bsky.feed.post/{KEY}"
OTHER = URI.replace(KEY, "3k43tv4rft22g")
ITEM = item_of(URL)
XRPC = "https://public.api.bsky.app/xrpc"
THREAD = f"{XRPC}/app.bsky.feed.getPostThread?uri={quote(URI, safe='')}"
SECOND = f"{XRPC}/app.bsky.unspecced.getPostThreadV2?anchor={quote(URI, safe='')}"
POST = {"uri": URI, "author": {"did": DID, "labels": []}}


def tree(**thread: object) -> Answer:
    return Answer(url=THREAD, status=200, body={"thread": thread})


def flat(*places: object) -> Answer:
    return Answer(url=SECOND, status=200, body={"thread": list(places)})


def error(name: str, url: str) -> Answer:
    return Answer(url=url, status=400, body={"error": name, "message": "?"})


def place(kind: str, uri: str = URI) -> dict[str, object]:
    return {"uri": uri, "depth": 0, "value": {"$type": f"app.bsky.unspecced.defs#{kind}"}}


@pytest.mark.parametrize(
    ("answer", "reason", "rests_on"),
    [
        (
            tree(uri=URI, notFound=True, **{"$type": "app.bsky.feed.defs#notFoundPost"}),
            *(Reason.DELETED, "bluesky: notFoundPost in its own place"),
        ),
        (
            tree(uri=URI, blocked=True, **{"$type": "app.bsky.feed.defs#blockedPost"}),
            *(Reason.PROTECTED, "bluesky: blockedPost in its own place"),
        ),
        (flat(place("threadItemNotFound")), Reason.DELETED, "bluesky: threadItemNotFound in its own place"),
        (flat(place("threadItemBlocked")), Reason.PROTECTED, "bluesky: threadItemBlocked in its own place"),
        (
            flat(place("threadItemNoUnauthenticated")),
            *(Reason.LOGIN_WALL, "bluesky: threadItemNoUnauthenticated in its own place"),
        ),
        (
            tree(post={**POST, "author": {"labels": [{"val": "x"}, {"val": "!no-unauthenticated"}]}}),
            *(Reason.LOGIN_WALL, "bluesky: the author's label !no-unauthenticated"),
        ),
        (error("NotFound", THREAD), Reason.DELETED, "bluesky: error NotFound of app.bsky.feed.getPostThread"),
        (error("NotFound", SECOND), Reason.DELETED, "bluesky: error NotFound of app.bsky.unspecced.getPostThreadV2"),
        (
            error("AccountTakedown", f"{XRPC}/app.bsky.actor.getProfile?actor=a.example"),
            *(Reason.SUSPENDED, "bluesky: error AccountTakedown of app.bsky.actor.getProfile"),
        ),
        (
            error("AccountDeactivated", f"{XRPC}/app.bsky.actor.getProfile?actor=a.example"),
            *(Reason.DELETED, "bluesky: error AccountDeactivated of app.bsky.actor.getProfile"),
        ),
    ],
)
def test_a_post_that_is_not_there_is_told_by_the_api(answer: Answer, reason: Reason, rests_on: str) -> None:
    judged = judge_item(ITEM, page(URL, "<div id='root'></div>", answer))
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (reason, rests_on)


@pytest.mark.parametrize(
    "answer",
    [
        tree(post=POST, **{"$type": "app.bsky.feed.defs#threadViewPost"}),
        tree(post=POST, parent={"uri": OTHER, "$type": "app.bsky.feed.defs#notFoundPost"}),
        tree(uri=OTHER, **{"$type": "app.bsky.feed.defs#notFoundPost"}),
        flat(place("threadItemPost"), place("threadItemNotFound", OTHER), "?"),
        error("NotFound", THREAD.replace(KEY, "3k43tv4rft22g")),
        error("NotFound", f"{XRPC}/app.bsky.actor.getProfile?actor=a.example"),
        error("AccountTakedown", f"{XRPC}/app.bsky.actor.getProfile?actor=b.example"),
        error("InternalServerError", THREAD),
        Answer(url=THREAD, status=200, body=["?"]),
        Answer(url=THREAD, status=200, body={"error": {"NotFound": 1}}),
    ],
)
def test_nothing_is_said_of_a_post_that_is_there_or_of_another(answer: Answer) -> None:
    assert judge_item(ITEM, page(URL, "<p>Post not found</p>", answer)) is None


def test_a_post_that_is_shown_is_there_whatever_the_api_said() -> None:
    shown = page(URL, "<div data-testid='postThreadItem-by-a.example'>…</div>", error("NotFound", THREAD))
    assert judge_item(ITEM, shown) is None


def test_pictures_of_the_post_are_asked_for_at_full_size_and_quoted_ones_are_not() -> None:
    def image(cid: str) -> dict[str, str]:
        return {"fullsize": f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/{cid}@jpeg"}

    quoted = {"embeds": [{"images": [image("bafkreiquotedquoted")]}]}
    first = {**POST, "embed": {"images": [image("bafkreifirstfirst"), {"fullsize": "https://evil.example/a"}, "?"]}}
    second = {**POST, "embed": {"media": {"images": [image("bafkreisecondsecond")]}, "record": quoted}}
    other = {"uri": OTHER, "embed": {"images": [image("bafkreiotherother")]}}
    found = more_extras(ITEM, page(URL, "", tree(post=first), tree(post=second), tree(post=other)))
    assert [one.name for one in found] == ["photo-1.jpg", "photo-2.jpg"]
    assert [one.url.rpartition("/")[2] for one in found] == ["bafkreifirstfirst@jpeg", "bafkreisecondsecond@jpeg"]
