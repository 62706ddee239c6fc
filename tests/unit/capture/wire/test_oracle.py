"""A second opinion: the same page through a proxy that keeps raw bytes, without any recorder, against the WARC."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import async_playwright

from archiver.capture.browser import find_browser
from tests.support.site.log import digest
from tests.support.site.reply import Origins
from tests.support.site.serve import Site, serve_site
from tests.support.tee_proxy import Tee, serve_tee
from tests.unit.capture.wire.conftest import Captured, capture_once, own_temporary

pytestmark = pytest.mark.browser

Key = tuple[str, str, str, int]
# What varies from run to run: how a sound is read, and whether a request given up at once was sent at all; and what
# only who scrolls loads, as the recorder does and this visit does not.
_VARYING: Final = frozenset({"/load/sound.wav", "/cut/aborted-early", "/load/far.svg"})
# Answers with the digest of a form, whose boundary the browser makes up; what test_gaps says of a body that is cut off.
_OWN_ANSWERS: Final = frozenset({"/up/multipart", "/up/form", "/cut/gzip"})


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captured]:
    with own_temporary(), serve_site() as site:
        yield capture_once(site, "/", tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def teed() -> Iterator[tuple[Site, Tee]]:
    binary = find_browser()
    if binary is None:
        pytest.skip("no Chromium on this machine")
    with own_temporary(), serve_site() as site, serve_tee() as tee:
        asyncio.run(_visit(binary.path, site.page_url, tee))
        yield site, tee


async def _visit(binary: Path, url: str, tee: Tee) -> None:
    """Load the page as anybody would, until it says that it has done everything."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=binary, args=["--proxy-bypass-list=<-loopback>"], proxy={"server": tee.server}
        )
        page = await (await browser.new_context(service_workers="block")).new_page()
        await page.goto(url)
        await page.wait_for_function("document.title === 'done'", timeout=30_000)
        await _until_at_rest(tee)
        await browser.close()


async def _until_at_rest(tee: Tee) -> None:
    """Wait until nothing new has been asked for half a second: beacons may come after everything else."""
    seen, rests = 0, 0
    while rests < 5:
        await asyncio.sleep(0.1)
        rests = rests + 1 if len(tee.exchanges) == seen else 0
        seen = len(tee.exchanges)


def named(url: str, origins: Origins) -> tuple[str, str]:
    """Give a URL without this run's ports: which of the site's three names, and what was asked of it."""
    for name in ("main", "port", "cross"):
        origin = str(getattr(origins, name))
        if url.startswith(f"{origin}/"):
            return name, url.removeprefix(origin)
    raise AssertionError(f"{url}: of another site")


def without_ports(content: bytes, origins: Origins) -> str:
    """Give the digest of a body in which the site's names stand for this run's addresses."""
    for name in ("main", "port", "cross"):
        content = content.replace(str(getattr(origins, name)).encode(), name.encode())
    return digest(content)


def compared(keys: Iterable[Key]) -> Counter[Key]:
    return Counter(key for key in keys if key[2].partition("?")[0] not in _VARYING and key[3])


def test_the_proxy_and_the_site_agree_on_every_byte(teed: tuple[Site, Tee]) -> None:
    site, tee = teed
    served = {one.id: one for one in site.log.served}
    for one in tee.exchanges:
        if one.status:
            own = served[one.header("x-exchange-id")]
            assert one.head == own.head
            assert one.request_body == own.request_body
            assert bytes(one.entity) == own.sent or not one.whole, own


def test_the_recorder_and_the_proxy_saw_the_same_exchanges(recorded: Captured, teed: tuple[Site, Tee]) -> None:
    site, tee = teed
    passed = compared((one.method, *named(one.url, site.origins), one.status) for one in tee.exchanges)
    kept = compared(
        (one.request_head.split(b" ", 1)[0].decode(), *named(one.url, recorded.site.origins), one.status)
        for one in recorded.by_the_browser()
    )
    assert passed - kept == Counter()
    assert kept - passed == Counter()
    assert kept.total() >= 500


def test_the_recorders_payloads_are_the_proxys_after_content_decoding(
    recorded: Captured, teed: tuple[Site, Tee]
) -> None:
    site, tee = teed
    passed: dict[Key, set[str]] = defaultdict(set)
    for one in tee.exchanges:
        if one.whole and one.status:
            passed[one.method, *named(one.url, site.origins), one.status].add(without_ports(one.plain, site.origins))
    wrong, checked = [], 0
    for kept in recorded.by_the_browser():
        name, path = named(kept.url, recorded.site.origins)
        key = (kept.request_head.split(b" ", 1)[0].decode(), name, path, kept.status)
        if kept.truncated or path.partition("?")[0] in _VARYING | _OWN_ANSWERS or 300 <= kept.status < 400:
            continue
        checked += 1
        if without_ports(kept.payload, recorded.site.origins) not in passed[key]:
            wrong.append((key, len(kept.payload)))
    assert wrong == []
    assert checked >= 480


def test_websockets_went_through_the_proxy_too(teed: tuple[Site, Tee]) -> None:
    site, tee = teed
    assert len(tee.tunnels) == len(site.log.sockets) == 2
