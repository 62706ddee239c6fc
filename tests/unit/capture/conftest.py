"""One browser and one site for the tests that need them; a fresh scratch folder for each take."""

import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from archiver.capture.browser import OpenBrowser, find_browser, open_browser
from archiver.capture.guard import Resolver, system_resolver
from archiver.capture.take import CaptureSettings, take
from archiver.model.evidence import Taken, Target
from archiver.model.instant import Instant
from tests.support.source_site import SourceSite, serve_sources

Take = Callable[..., Coroutine[Any, Any, Taken]]


class TickingClock:
    """A clock that a test can predict: every look is one millisecond later."""

    def __init__(self) -> None:
        self._ticks = count(1_700_000_000_000)

    def now(self) -> Instant:
        return Instant(next(self._ticks) * 1000)


@pytest.fixture(scope="session")
def site() -> Iterator[SourceSite]:
    with serve_sources() as serving:
        yield serving


@pytest.fixture
def own_temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Catch what a killed browser leaves. Short by need: a socket lies in it, and elsewhere paths are long already."""
    with tempfile.TemporaryDirectory(prefix="c", ignore_cleanup_errors=True) as folder:
        if sys.platform == "linux":
            monkeypatch.setenv("TMPDIR", folder)
        yield


@pytest.fixture
async def browser(own_temporary: None) -> AsyncIterator[OpenBrowser]:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    async with open_browser() as opened:
        yield opened


@pytest.fixture
def taking(browser: OpenBrowser, tmp_path: Path) -> Take:
    """Give `take` with everything but the URL filled in."""
    numbers = count(1)
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    async def one(url: str, *, resolver: Resolver = system_resolver, **settings: Any) -> Taken:  # noqa: ANN401
        chosen: dict[str, Any] = {"timeout_s": 30, "allow_private": True, "quiet_ms": 200} | settings
        return await take(
            Target(url=url),
            browser=browser,
            settings=CaptureSettings(**chosen),
            clock=TickingClock(),
            new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
            scratch=scratch,
            resolver=resolver,
        )

    return one
