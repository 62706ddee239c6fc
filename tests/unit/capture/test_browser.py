"""The browser that is found, how it is started, and that nothing of it stays behind."""

import os
import re
from ipaddress import ip_address
from pathlib import Path

import playwright
import pytest

from archiver.capture.browser import FLAGS, PLAYWRIGHT_DISABLES, BrowserBinary, find_browser, open_browser, version_of
from archiver.capture.host import read_authority
from archiver.capture.settings import CaptureSettings
from archiver.model.errors import FormatError, UsageError
from tests.unit.capture.test_guard import ALLOWED, FORBIDDEN, MALFORMED

# What we refuse though Chromium would not: the root of the name system, spaces, and URLs of absurd length.
STRICTER = ("http://./", "http://a b.example/", "http://news.example" + "/" * 40_000)

NOWHERE = "socks5://127.0.0.1:9"

needs_browser = pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho Chromium 1.2.3\n")
    path.chmod(0o755)
    return path


def test_the_configured_browser_is_the_only_one_considered(tmp_path: Path) -> None:
    mine = program(tmp_path / "mine")
    program(tmp_path / "bin/chromium")
    environ = {"PATH": str(tmp_path / "bin")}

    assert find_browser(str(mine), environ=environ) == BrowserBinary(path=mine, found_by="configuration")
    assert find_browser(str(tmp_path / "absent"), environ=environ) is None


def test_playwrights_newest_own_browser_comes_before_the_systems(tmp_path: Path) -> None:
    program(tmp_path / "bin/chromium")
    program(tmp_path / "home/.cache/ms-playwright/chromium-999/chrome-linux/chrome")
    newest = program(tmp_path / "home/.cache/ms-playwright/chromium-1200/chrome-linux64/chrome")
    environ = {"PATH": str(tmp_path / "bin"), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "home/.cache/ms-playwright")}

    assert find_browser(environ=environ) == BrowserBinary(path=newest, found_by="playwright")


def test_chromium_comes_before_chrome_on_the_path(tmp_path: Path) -> None:
    program(tmp_path / "bin/google-chrome")
    chromium = program(tmp_path / "bin/chromium")

    found = find_browser(environ={"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)})

    assert found == BrowserBinary(path=chromium, found_by="path")


def test_a_browser_says_its_version_and_a_broken_one_says_nothing(tmp_path: Path) -> None:
    broken = program(tmp_path / "broken")
    broken.write_text("#!/bin/sh\nexit 3\n")

    assert version_of(BrowserBinary(path=program(tmp_path / "fine"), found_by="path")) == "Chromium 1.2.3"
    assert version_of(BrowserBinary(path=broken, found_by="path")) is None
    assert version_of(BrowserBinary(path=tmp_path / "absent", found_by="path")) is None


def test_our_list_of_disabled_features_holds_all_of_playwrights() -> None:
    bundle = Path(playwright.__file__).parent / "driver/package/lib/coreBundle.js"
    source = bundle.read_text(encoding="utf-8")
    block = re.search(r"\bdisabledFeatures = \[(.*?)\]\.filter", source, re.DOTALL)
    assert block is not None
    theirs = re.findall(r'^\s*"(\w+)"', block[1], re.MULTILINE)

    assert len(theirs) >= 10
    assert set(theirs) <= set(PLAYWRIGHT_DISABLES)
    assert "ServiceWorkerAutoPreload" in FLAGS[0]


async def test_a_missing_browser_is_a_usage_error_with_the_mending_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="found none") as raised:
        async with open_browser(str(tmp_path / "absent")):
            pass

    assert "install" in raised.value.hint


async def test_a_browser_that_does_not_start_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did not start"):
        async with open_browser(str(program(tmp_path / "no-browser"))):
            pass


@needs_browser
@pytest.mark.browser
async def test_a_browser_tells_what_it_is_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    before = children()

    async with open_browser() as opened:
        facts = opened.facts
        assert children() - before
        context = await opened.fresh_context(CaptureSettings(locale="ar-IQ", timezone="Asia/Baghdad"), proxy=NOWHERE)
        page = await context.new_page()
        seen = await page.evaluate(
            "[innerWidth, innerHeight, navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone]"
        )

    assert seen == [1280, 900, "ar-IQ", "Asia/Baghdad"]
    assert (facts.name, facts.headless, facts.sandboxed) == ("chromium", True, os.geteuid() != 0)
    assert facts.version.split(".", 1)[0].isdigit()
    assert facts.user_agent is not None
    assert "Chrome/" in facts.user_agent
    assert children() == before
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - no Path in async code


@needs_browser
@pytest.mark.browser
async def test_a_browser_that_died_is_started_again() -> None:
    async with open_browser() as opened:
        first = await opened.ready()
        await opened.browser.close()
        second = await opened.ready()

        assert second is not first
        assert opened.browser.is_connected()


@needs_browser
@pytest.mark.browser
async def test_hosts_are_read_as_chromium_reads_them() -> None:
    forms = [
        url
        for url in (*ALLOWED, *FORBIDDEN, *MALFORMED)
        if url.strip("\x00\x1f ").lower().startswith("ht") and url not in STRICTER
    ]
    async with open_browser() as opened:
        page = await (await opened.fresh_context(CaptureSettings(), proxy=NOWHERE)).new_page()
        theirs = await page.evaluate(
            """(forms) => forms.map((form) => {
              try { const found = new URL(form); return found.hostname + ' ' + found.port; } catch { return null; }
            })""",
            forms,
        )

    assert len(forms) >= 110
    assert {form: ours(form) for form in forms} == {form: plain(one) for form, one in zip(forms, theirs, strict=True)}


def ours(url: str) -> str | None:
    try:
        found = read_authority(url)
    except FormatError:
        return None
    return f"{found.host} {'' if found.port == {'http': 80, 'https': 443}[found.scheme] else found.port}"


def plain(answer: str | None) -> str | None:
    """Give Chromium's answer with IPv6 as this Python writes it: releases differ over mapped addresses."""
    if answer is None or not answer.startswith("["):
        return answer
    host, _, port = answer.partition(" ")
    return f"{ip_address(host.strip('[]'))} {port}"


def children() -> set[int]:
    """Give the ids of all processes that descend from this one, by /proc; none where there is no /proc."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found: set[int] = set()
    edge = {os.getpid()}
    while edge:
        edge = {child for child, parent in parents.items() if parent in edge}
        found |= edge
    return found
