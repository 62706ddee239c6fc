"""One interception for a browser, many captures: each exchange goes to the capture whose page asked, and no other."""

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from archiver.capture import interception as interception_module
from archiver.capture.browser import OpenBrowser
from archiver.capture.cdp_session import SessionGoneError
from archiver.capture.interception import Interception
from archiver.capture.take import CaptureSettings, take
from archiver.formats.warc import read_records
from archiver.model.evidence import Role, State, Taken, Target
from tests.support.pages import Pages, serve_pages
from tests.support.source_site import PNG
from tests.unit.capture.conftest import TickingClock

Event = dict[str, Any]


class Session:
    """The browser's own session: keeps what it was told, or is gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.sent: list[tuple[str, Event]] = []
        self._gone = gone

    async def send(self, method: str, params: Event | None = None) -> Event:
        self.sent.append((method, params or {}))
        if self._gone:
            raise SessionGoneError(method)
        return {}

    def on(self, event: str, handler: Callable[[Event], None]) -> None:
        del event, handler


class Taker:
    """A capture that keeps what it is given."""

    def __init__(self) -> None:
        self.pauses: list[str] = []
        self.strays: list[str] = []

    async def paused(self, event: Event) -> None:
        self.pauses.append(event["requestId"])

    def stray(self, url: str) -> None:
        self.strays.append(url)


def pause(identity: str, frame: str) -> Event:
    return {"requestId": identity, "frameId": frame, "request": {"url": f"https://a.example/{identity}"}}


def target(identity: str, context: str) -> Event:
    return {"targetInfo": {"targetId": identity, "browserContextId": context}}


def interception(session: Session) -> Interception:
    return Interception(session)  # type: ignore[arg-type] # speaks as a session does


async def test_each_pause_goes_to_the_capture_of_its_frame_or_of_its_frames_context() -> None:
    session, one, two = Session(), Taker(), Taker()
    shared = interception(session)
    shared.enrol("context-1", one)
    shared.enrol("context-2", two)
    shared.heard(target("frame-1", "context-1"))
    shared.heard(target("frame-2", "context-2"))
    shared.claim("frame-3", two)
    for identity, frame in (("a", "frame-1"), ("b", "frame-2"), ("c", "frame-3"), ("d", "frame-1")):
        shared.on_pause(pause(identity, frame))
    await asyncio.sleep(0.01)

    assert (one.pauses, two.pauses) == (["a", "d"], ["b", "c"])
    assert session.sent == []


async def test_a_pause_whose_frame_is_told_of_a_moment_later_finds_its_owner() -> None:
    session, one = Session(), Taker()
    shared = interception(session)
    shared.enrol("context-1", one)
    shared.on_pause(pause("early", "frame-1"))
    await asyncio.sleep(0.1)
    assert one.pauses == []
    shared.heard(target("frame-1", "context-1"))
    await asyncio.sleep(0.1)

    assert (one.pauses, one.strays, session.sent) == (["early"], [], [])


async def test_a_pause_of_nobody_is_let_go_on_and_every_capture_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interception_module, "_UNKNOWN_S", 0.1)
    session, one, two = Session(), Taker(), Taker()
    shared = interception(session)
    shared.enrol("context-1", one)
    shared.enrol("context-2", two)
    shared.on_pause(pause("stray", "frame-9"))
    await asyncio.sleep(0.5)

    assert session.sent == [("Fetch.continueRequest", {"requestId": "stray"})]
    assert one.strays == two.strays == ["https://a.example/stray"]
    assert (one.pauses, two.pauses) == ([], [])


async def test_what_a_capture_that_ended_still_asks_for_fails_and_is_nobody_elses() -> None:
    session, one, two = Session(), Taker(), Taker()
    shared = interception(session)
    shared.enrol("context-1", one)
    shared.enrol("context-2", two)
    shared.heard(target("frame-1", "context-1"))
    shared.claim("frame-2", one)
    shared.leave("context-1")
    shared.on_pause(pause("late", "frame-1"))
    shared.on_pause(pause("later", "frame-2"))
    await asyncio.sleep(0.1)

    assert sorted(params["requestId"] for method, params in session.sent if method == "Fetch.failRequest") == [
        "late",
        "later",
    ]
    assert (one.pauses, two.pauses, two.strays) == ([], [], [])


async def test_a_browser_that_is_gone_is_no_error_of_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interception_module, "_UNKNOWN_S", 0.1)
    shared = interception(Session(gone=True))
    shared.on_pause(pause("stray", "frame-9"))
    await asyncio.sleep(0.3)

    assert shared._tasks == set()


async def test_what_ended_is_remembered_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interception_module, "_MOST_LEFT", 10)
    shared = interception(Session())
    for number in range(100):
        shared.enrol(f"context-{number}", Taker())
        shared.heard(target(f"frame-{number}", f"context-{number}"))
        shared.gone({"targetId": f"frame-{number}"})
        shared.leave(f"context-{number}")

    assert len(shared._left) == 10
    assert (shared._contexts, shared._takers, shared._frames) == ({}, {}, {})


def page(name: str) -> dict[str, str | bytes | tuple[str, bytes]]:
    markup = f"""<!doctype html><meta charset=utf-8><title>{name}</title><p>{name}<img src=/{name}/picture.png>
<iframe src=/{name}/frame></iframe><iframe srcdoc="<img src=/{name}/inside.png>"></iframe><script>
new Worker('/{name}/worker.js'); navigator.sendBeacon('/{name}/beacon', 'x');
for (let n = 0; n < 20; n++) fetch(`/{name}/data?${{n}}`);
setTimeout(() => fetch('/{name}/late'), 300);</script>"""
    return {
        f"/{name}": markup,
        f"/{name}/picture.png": PNG,
        f"/{name}/inside.png": PNG,
        f"/{name}/frame": f"<p>framed<script>fetch('/{name}/from-frame')</script>",
        f"/{name}/worker.js": ("text/javascript", f"fetch('/{name}/from-worker')".encode()),
        **{f"/{name}/{one}": ("text/plain", b"x") for one in ("data", "late", "from-frame", "from-worker", "beacon")},
    }


def asked_in(warc: Path) -> set[str]:
    with warc.open("rb") as file:
        return {str(one.target_uri) for one in read_records(file) if one.type == "response"}


@pytest.mark.browser
async def test_captures_at_once_in_one_browser_do_not_mix_their_exchanges(browser: OpenBrowser, tmp_path: Path) -> None:
    names = ("alpha", "beta", "gamma")
    numbers = count(1)

    async def one(name: str, pages: Pages) -> Taken:
        scratch = tmp_path / name
        scratch.mkdir()
        return await take(
            Target(url=pages.url(f"/{name}")),
            browser=browser,
            settings=CaptureSettings(timeout_s=60, allow_private=True),
            clock=TickingClock(),
            new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
            scratch=scratch,
        )

    with serve_pages({path: content for name in names for path, content in page(name).items()}) as pages:
        taken = await asyncio.gather(*(one(name, pages) for name in names))

    for name, done in zip(names, taken, strict=True):
        assert done.attempt.outcome.state is State.OK, done.attempt
        kept = asked_in(next(one.path for one in done.pieces if one.role is Role.WARC))
        own = {pages.url(path) for path in page(name) if not path.endswith("/data")}
        own |= {pages.url(f"/{name}/data?{n}") for n in range(20)}
        assert kept - {pages.url("/favicon.ico")} == own, name
        assert done.attempt.seen_not_recorded == ()
