"""Programs that share no code with us judge bundles: bagit, unzip, py-wacz, pywb and its keys, ReplayWeb.page."""

import json
import shutil
import socket
import subprocess
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from playwright.async_api import Page, async_playwright

from archiver.capture.browser import find_browser
from archiver.formats.surt import surt
from tests.foreign.test_replay import answers, manage
from tests.support.bundles import MadeBundle, body_of, export_bundle, url_of
from tests.support.range_site import serve_files
from tests.unit.formats.test_surt import KEYS

JUDGES: Final = Path(__file__).parents[2] / ".venv-judges"
SOURCE: Final = 2
MORE_URLS: Final = (
    "https://example.org//double//slash",
    "https://x.com/i/status/123?s=20&t=abc",
    "urn:exchange:https://example.com/a?x=1",
    "urn:tls:https://example.com/",
    "https://example.org/a;jsessionid=0123456789abcdef0123456789abcdef",
    "https://example.org/a/..",
    "https://EXAMPLE.org./x",
)


def judge(name: str) -> Path:
    """Give a program of the judges' environment, or skip."""
    path = JUDGES / "bin" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {JUDGES}: `make .venv/.made/judges` puts it there")
    return path


def waczs(made: MadeBundle) -> list[Path]:
    found = sorted(made.bundle.rglob("*.wacz"))
    assert len(found) == 2
    return found


def test_bagit_finds_the_bag_valid_and_a_changed_one_not(made_bundle: MadeBundle, tmp_path: Path) -> None:
    program = judge("bagit.py")
    shutil.copytree(made_bundle.bundle, tmp_path / "b")
    whole = subprocess.run([program, "--validate", tmp_path / "b"], capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stderr
    (tmp_path / "b/data/exhibits/0001/text.txt").write_bytes(b"changed")
    assert subprocess.run([program, "--validate", tmp_path / "b"], capture_output=True, check=False).returncode == 1


def test_unzip_and_python_read_the_zip_and_find_every_checksum_right(made_bundle: MadeBundle, tmp_path: Path) -> None:
    path = export_bundle(made_bundle.own, tmp_path / "b.zip", citations=["c01"]).path
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert names == sorted(names)
    if shutil.which("unzip") is None:
        pytest.skip("no unzip on this machine")
    done = subprocess.run(["unzip", "-tq", path], capture_output=True, text=True, check=False)
    assert (done.returncode, "No errors detected" in done.stdout) == (0, True), done.stdout


def test_py_wacz_finds_each_wacz_valid_and_a_changed_one_not(made_bundle: MadeBundle, tmp_path: Path) -> None:
    program = judge("wacz")
    for path in waczs(made_bundle):
        done = subprocess.run([program, "validate", "-f", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        assert "Version detected as 1.1.1" in done.stdout
        assert "Validation succeeded" in done.stdout
    changed = tmp_path / "changed.wacz"
    raw = waczs(made_bundle)[0].read_bytes()
    changed.write_bytes(raw.replace(b"json-pages-1.0", b"json-pages-1.1"))
    done = subprocess.run([program, "validate", "-f", changed], capture_output=True, text=True, check=False)
    assert "Validation succeeded" not in done.stdout


def test_our_keys_are_those_that_pywb_looks_up() -> None:
    python = judge("python")
    urls = [*KEYS, *MORE_URLS]
    code = "import json, sys, surt; print(json.dumps([surt.surt(one) for one in json.load(sys.stdin)]))"
    done = subprocess.run(
        [python, "-c", code], input=json.dumps(urls), capture_output=True, text=True, check=True, timeout=60
    )
    assert dict(zip(urls, json.loads(done.stdout), strict=True)) == {one: surt(one) for one in urls}


@pytest.fixture
def wayback(made_bundle: MadeBundle, tmp_path: Path) -> Iterator[str]:
    """Give pywb over the WACZ of all, with our own index."""
    program = judge("wayback")
    manage(tmp_path, "init", "c")
    with zipfile.ZipFile(made_bundle.bundle / "data/collection.wacz") as opened:
        for name in opened.namelist():
            if name.startswith("archive/"):
                (tmp_path / "collections/c" / name).write_bytes(opened.read(name))
        (tmp_path / "collections/c/indexes/index.cdxj").write_bytes(opened.read("indexes/index.cdx"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [program, "--bind", "127.0.0.1", "--port", str(port)], cwd=tmp_path, stdout=out, stderr=out
        ) as running,
    ):
        try:
            assert answers(f"http://127.0.0.1:{port}"), log.read_text(encoding="utf-8", errors="replace")
            yield f"http://127.0.0.1:{port}/c/20261124100000id_"
        finally:
            running.terminate()
            with suppress(subprocess.TimeoutExpired):
                running.wait(10)
            running.kill()


def test_pywb_replays_the_wacz_by_the_index_that_we_wrote(made_bundle: MadeBundle, wayback: str) -> None:
    page = requests.get(f"{wayback}/{url_of(SOURCE)}", timeout=30)
    assert (page.status_code, page.content) == (200, body_of(SOURCE))
    picture = requests.get(f"{wayback}/urn:view:{url_of(SOURCE)}", timeout=30)
    assert picture.content == (made_bundle.bundle / "data/exhibits/0001/viewport.png").read_bytes()
    assert requests.get(f"{wayback}/{url_of(3)}", timeout=30).status_code == 404


@pytest.fixture
async def window() -> AsyncIterator[Page]:
    if not (JUDGES / "replaywebpage/package/ui.js").exists():
        pytest.skip(f"ReplayWeb.page is not in {JUDGES}: `make .venv/.made/judges` asks npm for it")
    binary = find_browser()
    assert binary is not None, "a test that is marked so has a browser"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(binary.path), args=["--no-sandbox"])
        try:
            yield await browser.new_page(viewport={"width": 1300, "height": 900})
        finally:
            await browser.close()


# What ReplayWeb.page itself keeps of its checks. It counts as invalid what it has not compared, and 2.4.6 compares the
# files of no WACZ, whoever made it: so each answer is looked at, and not their number.
ASKED = """async () => {
  const found = {};
  for (const known of await indexedDB.databases()) {
    const db = await new Promise(done => { const q = indexedDB.open(known.name); q.onsuccess = () => done(q.result); });
    if (![...db.objectStoreNames].includes('verification')) continue;
    const all = db.transaction('verification').objectStore('verification').getAll();
    for (const one of await new Promise(done => { all.onsuccess = () => done(all.result); })) found[one.id] = one;
  }
  return found;
}"""


async def opened(window: Page, path: Path) -> dict[str, Any]:
    """Open a WACZ, wait for its page and give what ReplayWeb.page says of the signature."""
    with serve_files(JUDGES / "replaywebpage/package", {"c.wacz": path}) as root:
        await window.goto(f"{root}/?source={root}/c.wacz")
        entry = window.locator("wr-page-entry", has_text=url_of(SOURCE)).first
        await entry.wait_for(timeout=60_000)
        picture = entry.locator("img.thumbnail")
        assert await picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 640
        found: dict[str, Any] = await window.evaluate(ASKED)
        await entry.locator("a").click()
        frame = window.frame_locator("wr-coll-replay iframe, iframe").first
        await frame.get_by_text(f"Source {SOURCE:04d}").wait_for(timeout=30_000)
    return found


@pytest.mark.browser
async def test_replayweb_page_shows_page_picture_and_a_valid_signature(made_bundle: MadeBundle, window: Page) -> None:
    for path in waczs(made_bundle):
        found = await opened(window, path)
        assert found["signature"]["matched"] is True
        assert found["publicKey"]["expected"].startswith("MHYwEAYHKoZIzj0CAQYFK4EEACID")
        assert found["software"]["expected"].startswith("archiver ")


@pytest.mark.browser
async def test_replayweb_page_does_not_take_a_signature_over_something_else(
    made_bundle: MadeBundle, window: Page, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.wacz"
    with zipfile.ZipFile(waczs(made_bundle)[0]) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "datapackage-digest.json":
                digest = json.loads(content)
                signature = digest["signedData"]["signature"]
                digest["signedData"]["signature"] = ("B" if signature[0] == "A" else "A") + signature[1:]
                content = json.dumps(digest).encode()
            target.writestr(name, content)
    found = await opened(window, changed)
    assert found["signature"]["matched"] is False
