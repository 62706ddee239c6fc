"""What the recorder keeps of an ordinary news page, judged by the server's own log of what it sent."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, Page

from archiver.capture.browser import OpenBrowser
from archiver.capture.cdp_session import ChildSession, SessionGoneError
from archiver.capture.exchange import Exchange, Recording
from archiver.capture.guard import Guard
from archiver.capture.outward import Outward
from archiver.capture.recorder import CdpRecorder, Refuse
from archiver.capture.relay import Relay
from archiver.capture.settings import CaptureSettings
from archiver.capture.write_warc import write
from archiver.formats.warc import read_records
from archiver.model.instant import Instant
from tests.support.news_site import NewsSite, serve_news
from tests.unit.capture.conftest import TickingClock

pytestmark = pytest.mark.browser


@pytest.fixture
def news() -> Iterator[NewsSite]:
    with serve_news() as serving:
        yield serving


async def record(
    browser: OpenBrowser, url: str, scratch: Path, *, refused: str = ""
) -> AsyncIterator[Page | Recording]:
    async def refuse(asked: str) -> str | None:
        return "a test refuses it" if refused and refused in asked else None

    async with open_relay() as relay:
        recorder, context, page = await begin(browser, relay, scratch, refuse)
        await page.goto(url)
        yield page
        recording = await recorder.stop(5)
        await context.close()
        yield recording


def open_relay() -> Relay:
    return Relay(guard=Guard(allow_private=True), outward=Outward(), max_bytes=1 << 30)


async def begin(
    browser: OpenBrowser, relay: Relay, scratch: Path, refuse: Refuse
) -> tuple[CdpRecorder, BrowserContext, Page]:
    interception = await browser.ready()
    context = await browser.fresh_context(CaptureSettings(allow_private=True), proxy=relay.url)
    page = await context.new_page()
    recorder = CdpRecorder(
        interception=interception,
        peers=relay,
        scratch=scratch,
        clock=TickingClock(),
        refuse=refuse,
        max_body_bytes=1 << 30,
    )
    await recorder.attach(context, await context.new_cdp_session(page))
    return recorder, context, page


async def recorded(browser: OpenBrowser, url: str, scratch: Path, *, refused: str = "") -> Recording:
    steps = record(browser, url, scratch, refused=refused)
    page = await anext(steps)
    assert isinstance(page, Page)
    for _ in range(100):
        if await page.title() == "done":
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    recording = await anext(steps)
    assert isinstance(recording, Recording)
    return recording


def path_of(exchange: Exchange) -> str:
    parts = urlsplit(exchange.url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


async def test_every_exchange_that_the_server_saw_is_recorded_with_its_very_payload(
    browser: OpenBrowser, news: NewsSite, tmp_path: Path
) -> None:
    recording = await recorded(browser, f"{news.base}/", tmp_path)
    served = Counter((one.path, one.method, one.status) for one in news.log)
    kept = Counter((path_of(one), one.method, one.status) for one in recording.exchanges)
    declared = Counter(urlsplit(one.url).path for one in recording.unrecorded)
    missing = {key: count for key, count in (served - kept).items() if key[0] not in declared}
    assert missing == {}, (missing, recording.unrecorded)
    assert sum(kept.values()) >= 24
    digests = {(one.path, one.method, one.status): one.digest for one in news.log}
    for one in recording.exchanges:
        key = (path_of(one), one.method, one.status)
        if one.body is None:
            assert one.method == "HEAD" or one.status in (204, 304) or one.is_redirect, key
        else:
            assert one.truncated is None, key
            assert hashlib.sha256(one.body.read_bytes()).hexdigest() == digests[key], key


async def test_what_was_sent_along_is_kept_to_the_byte_and_heads_as_on_the_wire(
    browser: OpenBrowser, news: NewsSite, tmp_path: Path
) -> None:
    recording = await recorded(browser, f"{news.base}/", tmp_path)
    by_path = {path_of(one): one for one in recording.exchanges}
    assert by_path["/post"].request_body == bytes([0, 255, 200, 3])
    assert by_path["/json"].request_body == '{"a":"ب"}'.encode()
    main = recording.main
    assert main is not None
    assert path_of(main) == "/page"
    assert main.header("set-cookie") == "a=1"
    assert main.verbatim_head is not None
    assert main.verbatim_head.startswith("HTTP/1.1 200 OK\r\n")
    assert (main.remote_ip, main.protocol) == ("127.0.0.1", "http/1.1")
    assert [path_of(one) for one in recording.redirects] == ["/"]
    redirect = recording.redirects[0]
    assert (redirect.body, redirect.truncated) == (None, "unspecified")
    assert {304} <= {one.status for one in recording.exchanges if path_of(one) == "/cached.txt"}


async def test_the_warc_of_it_is_whole_and_says_how_each_payload_was_got(
    browser: OpenBrowser, news: NewsSite, tmp_path: Path
) -> None:
    recording = await recorded(browser, f"{news.base}/", tmp_path)
    numbers = iter(range(10_000))
    facts = write(
        recording,
        path=tmp_path / "capture.warc.gz",
        page_url=f"{news.base}/page",
        at=Instant.parse("2026-11-24T10:00:00.000Z"),
        recorder="cdp",
        views=(),
        user_agent="test",
        new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
    )
    with (tmp_path / "capture.warc.gz").open("rb") as file:
        records = list(read_records(file))
    assert {one.digest_problem for one in records} == {""}
    assert facts.records == len(records)
    assert facts.exchanges == len(recording.exchanges)
    assert facts.main_record_id in {one.record_id for one in records if one.type == "response"}
    kinds = Counter(one.type for one in records)
    assert kinds["response"] == kinds["request"] == facts.exchanges


async def test_what_the_guard_refuses_is_not_asked_and_is_told(
    browser: OpenBrowser, news: NewsSite, tmp_path: Path
) -> None:
    recording = await recorded(browser, f"{news.base}/", tmp_path, refused="/picture.svg")
    assert "/picture.svg" not in {one.path for one in news.log}
    told = {urlsplit(one.url).path: one.reason for one in recording.unrecorded}
    assert told["/picture.svg"] == "refused: a test refuses it"


async def test_a_document_that_is_no_page_is_left_to_the_direct_client(
    browser: OpenBrowser, news: NewsSite, tmp_path: Path
) -> None:
    async with open_relay() as relay:
        recorder, context, page = await begin(browser, relay, tmp_path, _let)
        with pytest.raises(Exception, match="ERR_ABORTED"):
            await page.goto(f"{news.base}/doc.pdf")
        recording = await recorder.stop(2)
        await context.close()
    assert recording.direct_wanted == "application/pdf"


async def _let(_: str) -> str | None:
    return None


# --- nested sessions ---


class Parent:
    """Takes what a child sends and answers as the browser does."""

    def __init__(self) -> None:
        self.sent: list[dict[str, object]] = []

    async def send(self, method: str, params: dict[str, object] | None = None) -> dict[str, object]:
        assert method == "Target.sendMessageToTarget"
        self.sent.append(json.loads(str((params or {})["message"])))
        return {}

    def on(self, event: str, handler: object) -> None:
        raise AssertionError(f"a child hears through its parent's own handlers: {event} {handler}")


async def test_a_child_hears_its_answers_and_events_through_its_parent() -> None:
    parent = Parent()
    child = ChildSession(parent, "s")
    heard: list[object] = []
    child.on("Network.x", heard.append)
    asked = asyncio.create_task(child.send("Network.enable"))
    await asyncio.sleep(0)
    child.receive('{"method":"Network.x","params":{"a":1}}')
    child.receive('{"method":"Network.y"}')
    child.receive('{"id":99,"result":{}}')
    child.receive('{"id":1,"result":{"ok":true}}')
    assert await asked == {"ok": True}
    assert heard == [{"a": 1}]
    assert parent.sent == [{"id": 1, "method": "Network.enable", "params": {}}]


async def test_a_child_that_goes_away_leaves_nobody_waiting() -> None:
    child = ChildSession(Parent(), "s")
    refused = asyncio.create_task(child.send("A"))
    left = asyncio.create_task(child.send("B"))
    await asyncio.sleep(0)
    child.receive('{"id":1,"error":{"message":"no"}}')
    child.close()
    for task, told in ((refused, "no"), (left, "went away")):
        with pytest.raises(SessionGoneError, match=told):
            await task
