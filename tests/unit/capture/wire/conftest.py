"""The page of everything, captured once for each protocol; the tests look at what the WARC holds of it."""

import asyncio
import dataclasses
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from archiver.capture import browser as browser_module
from archiver.capture.browser import find_browser, open_browser
from archiver.capture.take import CaptureSettings, take
from archiver.model.evidence import Role, Taken, Target
from tests.support.site.kept import Kept, Warc, read_warc
from tests.support.site.log import Served
from tests.support.site.serve import Site, serve_site
from tests.unit.capture.conftest import TickingClock

UNHEARD: Final = ("-shared", "/nested.js")  # Chromium tells no session the heads of these
PROTOCOLS: Final = ("http", "tls", "h2")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Captured:
    """One capture of one page: what the site did, and what was kept of it. Too large to be printed."""

    site: Site
    protocol: str
    taken: Taken
    path: Path
    warc: Warc

    @property
    def declared(self) -> dict[str, str]:
        """Give the reason for each URL that the attempt lists as not recorded."""
        return {one.url: one.reason for one in self.taken.attempt.seen_not_recorded}

    def pairs(self) -> list[tuple[Served, Kept]]:
        """Give each exchange that was kept with what the site did in it."""
        kept = {one.id: one for one in self.warc.exchanges}
        return [(one, kept[one.id]) for one in self.site.log.served if one.id in kept]

    def by_the_browser(self) -> list[Kept]:
        """Give what the page itself asked over HTTP: no handshakes, and nothing that was asked again afterwards."""
        return [one for one in self.warc.exchanges if one.status != 101 and not one.asked_again]

    def of_path(self, path: str) -> list[Kept]:
        """Give what was kept of a path, in the order in which it was served."""
        return [kept for served, kept in self.pairs() if served.target == path and not kept.asked_again]

    def pair(self, path: str) -> tuple[Served, Kept]:
        """Give the only exchange of this path."""
        found = [pair for pair in self.pairs() if pair[0].target == path and not pair[1].asked_again]
        assert len(found) == 1, (path, found)
        return found[0]


Capture = Callable[..., Captured]


@contextmanager
def trusting(site: Site) -> Iterator[None]:
    """Have browsers trust the site's key, as a public authority would have it."""
    with pytest.MonkeyPatch.context() as patch:
        if site.certificate is not None:
            pin = f"--ignore-certificate-errors-spki-list={site.key_pin()}"
            patch.setattr(browser_module, "FLAGS", (*browser_module.FLAGS, pin))
        yield


def capture_once(site: Site, path: str, scratch: Path, *, protocol: str = "http", **settings: Any) -> Captured:  # noqa: ANN401
    """Capture one page of the site in a browser of its own."""
    chosen: dict[str, Any] = {"timeout_s": 60, "allow_private": True, "settle_s": 15} | settings
    numbers = count(1)

    async def captured() -> Taken:
        async with open_browser() as browser:
            return await take(
                Target(url=site.url(path)),
                browser=browser,
                settings=CaptureSettings(**chosen),
                clock=TickingClock(),
                new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
                scratch=scratch,
            )

    taken = asyncio.run(captured())
    site.until_left()
    warc = next(one.path for one in taken.pieces if one.role is Role.WARC)
    return Captured(site=site, protocol=protocol, taken=taken, path=warc, warc=read_warc(warc))


def needs(setting: str) -> None:
    """Skip a test of a setting that captures do not have yet."""
    if setting not in {one.name for one in dataclasses.fields(CaptureSettings)}:
        pytest.skip(f"CaptureSettings has no {setting} yet")


@contextmanager
def own_temporary() -> Iterator[None]:
    """Catch what a browser leaves in the temporary folder; the name is short because a socket lies in it."""
    with (
        tempfile.TemporaryDirectory(prefix="w", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as m,
    ):
        if sys.platform == "linux":
            m.setitem(os.environ, "TMPDIR", folder)
        yield


@pytest.fixture(scope="session", params=PROTOCOLS)
def everything(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captured]:
    """Give the capture of the page of everything, one for each protocol."""
    yield from _captured(str(request.param), tmp_path_factory)


def _captured(protocol: str, folders: pytest.TempPathFactory) -> Iterator[Captured]:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    folder = folders.mktemp(protocol)
    with ExitStack() as stack:
        stack.enter_context(own_temporary())
        site = stack.enter_context(serve_site(None if protocol == "http" else folder, h2=protocol == "h2"))
        stack.enter_context(trusting(site))
        yield capture_once(site, "/", folder, protocol=protocol)


@pytest.fixture
def capture(tmp_path: Path) -> Iterator[Capture]:
    """Give a capture of one page of a site of its own."""
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    with own_temporary(), serve_site() as site:
        yield lambda path, **settings: capture_once(site, path, tmp_path, **settings)
