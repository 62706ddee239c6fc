"""The demonstration site and five real pages, captured once: other people's programs judge what was kept of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import pytest
import requests

from archiver.app.demo_site.server import serve_demo
from archiver.capture.browser import find_browser, open_browser
from archiver.capture.take import CaptureSettings, take
from archiver.model.evidence import Role, State, Taken, Target
from tests.support.real_pages import FIVE, PAGES, serve_real_pages
from tests.unit.capture.conftest import TickingClock

DEMO: Final = {
    "demo: post": "/fajr_desk/status/2123332951864246272",
    "demo: story, by a short link": "/s/7kq",
    "demo: gone": "/council/minutes/2026-11",
    "demo: statement": "/statements/port-authority-14.pdf",
}
CAPTURES: Final = (*DEMO, *FIVE)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Kept:
    """One capture, and what the site sends for each URL: asked by another client, or logged while it was sent."""

    name: str
    url: str
    taken: Taken
    warc: Path
    sent: dict[str, bytes]

    @property
    def final_url(self) -> str:
        assert self.taken.attempt.response is not None
        return self.taken.attempt.response.final_url

    def files(self, role: Role) -> list[bytes]:
        return [one.path.read_bytes() for one in self.taken.pieces if one.role is role]


@pytest.fixture(scope="session")
def captures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kept]:
    """Give every capture by its name; those of real pages only where the test data is."""
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    folder = tmp_path_factory.mktemp("captures")
    found: dict[str, Kept] = {}
    with serve_demo() as demo:
        urls = {name: demo.base_url + path for name, path in DEMO.items()}
        for name, taken in zip(urls, asyncio.run(_taken(list(urls.values()), folder / "demo")), strict=True):
            found[name] = _kept(name, urls[name], taken, _asked_again(demo.base_url, taken))
    if PAGES.is_dir():
        with serve_real_pages() as site:
            urls = {name: site.url(name) for name in FIVE}
            takens = asyncio.run(_taken(list(urls.values()), folder / "real"))
        sent = {site.base_url + path: body for path, body in site.sent.items()}
        for name, taken in zip(urls, takens, strict=True):
            found[name] = _kept(name, urls[name], taken, sent)
    return found


@pytest.fixture(params=CAPTURES)
def kept(request: pytest.FixtureRequest, captures: dict[str, Kept]) -> Kept:
    """Give one capture after the other."""
    if request.param not in captures:
        pytest.skip(f"no test data at {PAGES}")
    return captures[request.param]


async def _taken(urls: Sequence[str], folder: Path) -> list[Taken]:
    numbers = count(1)
    found = []
    async with open_browser() as browser:
        for number, url in enumerate(urls, 1):
            scratch = folder / str(number)
            scratch.mkdir(parents=True)
            found.append(
                await take(
                    Target(url=url),
                    browser=browser,
                    settings=CaptureSettings(timeout_s=45, allow_private=True, quiet_ms=300, settle_s=4),
                    clock=TickingClock(),
                    new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
                    scratch=scratch,
                    resolver=_nobody,
                )
            )
    return found


def _nobody(host: str) -> tuple[str, ...]:
    """Know no name: what a real page asks of other hosts is asked of nobody."""
    raise OSError(f"{host}: this test asks no name server")


def _kept(name: str, url: str, taken: Taken, sent: dict[str, bytes]) -> Kept:
    gone = name == "demo: gone"
    assert (taken.attempt.outcome.state is State.FAILED) == gone, (name, taken.attempt.outcome)
    warc = next(one.path for one in taken.pieces if one.role is Role.WARC)
    return Kept(name=name, url=url, taken=taken, warc=warc, sent=sent)


def _asked_again(base_url: str, taken: Taken) -> dict[str, bytes]:
    """Give what the demonstration site sends to another client for each of its URLs."""
    from archiver.app.demo_site import server  # noqa: PLC0415 - the site's own list

    found = {}
    for path in (*server._ROUTES, *server._MOVED, *server._GONE, "/favicon.ico"):
        found[base_url + path] = requests.get(base_url + path, timeout=10, allow_redirects=False).content
    return found
