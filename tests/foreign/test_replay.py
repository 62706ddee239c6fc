"""pywb, which shares no code with us, replays our WARCs: the recorded bytes, the pictures, and pages that draw.

pywb pins what we do not, so it lives in an environment of its own (`make .venv/.made/judges`).
"""

import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import pytest
import requests
from lxml import html
from PIL import Image
from playwright.async_api import Page, Route, async_playwright
from warcio.archiveiterator import ArchiveIterator

from archiver.capture.browser import find_browser
from archiver.model.evidence import Role
from tests.foreign.conftest import DEMO, Kept
from tests.support.real_pages import FIVE, PAGES, unpacked

pytestmark = pytest.mark.browser
JUDGES: Final = Path(__file__).parents[2] / ".venv-judges" / "bin"
STARTS_WITHIN_S: Final = 60
VIEWS: Final = {
    "view": Role.SCREENSHOT_VIEWPORT,
    "fullPage": Role.SCREENSHOT_FULL,
    "fullPageFinal": Role.SCREENSHOT_AFTER,
    "text": Role.TEXT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wayback:
    """pywb, serving one collection for each capture."""

    root: str
    collections: dict[str, str]

    def address(self, kept: Kept, url: str, when: str, how: str) -> str:
        return f"{self.root}/{self.collections[kept.name]}/{when}{how}/{url}"

    def recorded(self, kept: Kept, url: str, when: str) -> requests.Response:
        """Give the identity replay: what was recorded, nothing rewritten, codings left as they are."""
        sent = {"Accept-Encoding": "identity"}
        asked = self.address(kept, url, when, "id_")
        return requests.get(asked, headers=sent, timeout=30, allow_redirects=False, stream=True)


@pytest.fixture(scope="module")
def wayback(captures: dict[str, Kept], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wayback]:
    """Give pywb with an index that it made itself."""
    if not (JUDGES / "wayback").exists():
        pytest.skip(f"pywb is not in {JUDGES.parent}: `make .venv/.made/judges` puts it there")
    folder = tmp_path_factory.mktemp("wayback")
    collections = {name: f"c{number}" for number, name in enumerate(captures, 1)}
    for name, collection in collections.items():
        manage(folder, "init", collection)
        manage(folder, "add", collection, str(captures[name].warc))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [JUDGES / "wayback", "--bind", "127.0.0.1", "--port", str(port)], cwd=folder, stdout=out, stderr=out
        ) as running,
    ):
        try:
            root = f"http://127.0.0.1:{port}"
            assert answers(root), log.read_text(encoding="utf-8", errors="replace")
            yield Wayback(root=root, collections=collections)
        finally:
            running.terminate()
            with suppress(subprocess.TimeoutExpired):
                running.wait(10)
            running.kill()


def manage(folder: Path, *words: str) -> None:
    done = subprocess.run(
        [JUDGES / "wb-manager", *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def answers(root: str) -> bool:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end:
        with suppress(requests.ConnectionError):
            return requests.get(root, timeout=10).ok
        time.sleep(0.2)
    return False


def records(kept: Kept, kind: str) -> list[tuple[str, str, int, bytes]]:
    """Give URL, pywb's time of it, HTTP status and payload of each record of a kind, as warcio reads them."""
    found = []
    with kept.warc.open("rb") as file:
        for record in ArchiveIterator(file, no_record_parse=False):
            if record.rec_type == kind:
                date = record.rec_headers.get_header("WARC-Date")
                when = "".join(one for one in date if one.isdigit())[:14]
                status = int(record.http_headers.get_statuscode()) if record.http_headers else 200
                found.append((record.rec_headers.get_header("WARC-Target-URI"), when, status, record.raw_stream.read()))
    return found


def test_pywb_answers_each_url_with_the_recorded_bytes(kept: Kept, wayback: Wayback) -> None:
    recorded = records(kept, "response")
    assert any(url == kept.url for url, _, _, _ in recorded)
    for url, when, status, payload in recorded:
        answer = wayback.recorded(kept, url, when)
        same_time = [(one[2], one[3]) for one in recorded if one[:2] == (url, when)]
        assert (answer.status_code, answer.raw.read(decode_content=False)) in same_time, (url, status, len(payload))


def test_pywb_answers_with_the_very_bytes_of_each_picture_and_of_the_text(kept: Kept, wayback: Wayback) -> None:
    if kept.name == "demo: statement":
        pytest.skip("a document has no window: its pictures are in no WARC")
    found = {url: when for url, when, _, _ in records(kept, "resource")}
    for kind, role in VIEWS.items():
        for number, file in enumerate(kept.files(role), 1):
            # A high page is kept in strips, each under a name of its own; the text once more after interventions.
            more = "" if number == 1 else "Final" if kind == "text" else f"-{number:02d}"
            url = f"urn:{kind}{more}:{kept.final_url}"
            answer = wayback.recorded(kept, url, found.pop(url))
            assert (answer.status_code, answer.content) == (200, file), url
            assert answer.headers["Content-Type"].startswith("text/plain" if kind == "text" else "image/png")
    assert not [one for one in found if one.startswith(tuple(f"urn:{kind}" for kind in VIEWS))], "more than was kept"


def test_pywb_answers_with_the_thumbnail(kept: Kept, wayback: Wayback) -> None:
    small = [one for one in records(kept, "resource") if one[0].startswith("urn:thumbnail:")]
    assert len(small) == (0 if kept.name == "demo: statement" else 1)
    for url, when, _, payload in small:
        answer = wayback.recorded(kept, url, when)
        assert (answer.status_code, answer.content) == (200, payload)
        assert answer.headers["Content-Type"] == "image/jpeg"
        with Image.open(BytesIO(payload)) as picture:
            assert (picture.format, picture.size) == ("JPEG", (640, 360))


@pytest.fixture
async def cut_off() -> AsyncIterator[tuple[Page, list[str]]]:
    """Give a page of a plain browser that reaches pywb and nothing else, and the list of what it was refused."""
    found = find_browser()
    assert found is not None
    refused: list[str] = []
    async with async_playwright() as playwright:
        flags = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
        browser = await playwright.chromium.launch(executable_path=found.path, args=flags)
        page = await browser.new_page(viewport={"width": 1280, "height": 900}, service_workers="block")
        yield page, refused
        await browser.close()


async def let_only(page: Page, root: str, refused: list[str]) -> None:
    async def judge(route: Route) -> None:
        if route.request.url.startswith(f"{root}/"):
            await route.continue_()
        else:
            refused.append(route.request.url)
            await route.abort()

    await page.route("**/*", judge)


IMAGES: Final = "[...document.images].filter((one) => one.complete && one.naturalWidth > 1).length"


@pytest.mark.parametrize("name", [*(name for name in DEMO if "statement" not in name), *FIVE])
async def test_a_replayed_page_draws_where_there_is_no_other_network(
    name: str, captures: dict[str, Kept], wayback: Wayback, cut_off: tuple[Page, list[str]]
) -> None:
    if name not in captures:
        pytest.skip(f"no test data at {PAGES}")
    kept, (page, refused) = captures[name], cut_off
    facts = kept.taken.attempt.page
    assert facts is not None
    when = next(when for url, when, _, _ in records(kept, "response") if url == kept.url)
    await let_only(page, wayback.root, refused)
    # pywb draws the page in a frame of its own; what follows asks that frame.
    await page.goto(wayback.address(kept, kept.url, when, ""), wait_until="load", timeout=60_000)
    await page.wait_for_timeout(1000)
    (frame,) = [one for one in page.frames if "mp_/" in one.url and one.parent_frame == page.main_frame]

    shown = await frame.evaluate("document.body.innerText")
    before = kept.files(Role.TEXT)[0].decode()
    lines = {line.strip() for line in before.splitlines() if len(line.strip()) > 20}
    assert await frame.title() == " ".join((facts.title or "").split())
    assert lines
    assert len([line for line in lines if line in shown]) >= 0.9 * len(lines), "text is missing"
    await frame.wait_for_function(f"{IMAGES} >= {pictures(kept)}", timeout=20_000)
    assert [one for one in refused if one.startswith(kept.url.rpartition("/")[0])] == [], "replay asked the live site"


def pictures(kept: Kept) -> int:
    """Give how many pictures of the page were recorded with success and stand in its DOM."""
    recorded = {url for url, _, status, _ in records(kept, "response") if status == 200}
    tree: Any = html.document_fromstring(kept.files(Role.DOM)[0])
    sources = {urljoin(kept.final_url, str(one)) for one in tree.xpath("//img/@src")}
    return len(recorded & sources)


def test_the_pages_to_replay_have_pictures(captures: dict[str, Kept]) -> None:
    assert pictures(captures["demo: story, by a short link"]) > 0
    if PAGES.is_dir():
        assert sum(pictures(captures[name]) for name in FIVE) > 10


@pytest.mark.parametrize("name", FIVE)
def test_what_pywb_answers_for_a_real_page_is_the_publishers_file(
    name: str, captures: dict[str, Kept], wayback: Wayback
) -> None:
    if name not in captures:
        pytest.skip(f"no test data at {PAGES}")
    kept = captures[name]
    when = next(when for url, when, _, _ in records(kept, "response") if url == kept.url)
    answer = wayback.recorded(kept, kept.url, when).content
    assert answer == unpacked(name)
    assert html.document_fromstring(answer) is not None
