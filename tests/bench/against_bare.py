"""Captures of the demonstration site against bare Playwright: ``python -m tests.bench.against_bare [SOURCES] [JOBS]``.

Both take the same pages in one run, the same number at once, each page in a fresh context of one browser: one
side loads it and takes a full-page screenshot and nothing else, the other makes evidence of it. Not a test.
"""

import asyncio
import os
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from archiver.app.capture import capture_all
from archiver.app.config import CaptureConfig
from archiver.app.demo_site.server import serve_demo
from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.recording import open_case
from archiver.app.workspace import open_workspace
from archiver.capture.browser import find_browser
from archiver.model.evidence import Target

_PATHS = ("/fajr_desk/status/2123332951864246272", "/agency/2026/harbour-crane", "/s/7kq")
_SECRET = b"passphrase of a bench"


def main(sources: int, jobs: int) -> None:
    """Print the time of both sides, twice each in turns, and their ratio."""
    with tempfile.TemporaryDirectory() as name, serve_demo() as site:
        urls = list(islice(cycle(_pages(site.base_url)), sources))
        bare: list[float] = []
        ours: list[float] = []
        for turn in range(2):
            bare.append(asyncio.run(_bare(urls, jobs)))
            ours.append(_ours(urls, jobs, Path(name) / str(turn)))
            print(f"turn {turn + 1}: bare {bare[-1]:.1f} s, archiver {ours[-1]:.1f} s, ratio {ours[-1] / bare[-1]:.2f}")
        print(f"{sources} sources, {jobs} at once: {sources / min(ours) * 60:.0f} a minute,", end=" ")
        print(f"ratio of the best {min(ours) / min(bare):.2f}; {_memory_mib()} MiB at most in this process")


def _pages(root: str) -> list[str]:
    return [root + path for path in _PATHS]


def _memory_mib() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) >> 10


async def _bare(urls: list[str], jobs: int) -> float:
    binary = find_browser()
    assert binary is not None
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary.path, chromium_sandbox=os.geteuid() != 0)
        start = time.monotonic()
        waiting = list(urls)
        await asyncio.gather(*(_bare_worker(browser, waiting) for _ in range(jobs)))
        took = time.monotonic() - start
        await browser.close()
    return took


async def _bare_worker(browser: Browser, waiting: list[str]) -> None:
    while waiting:
        url = waiting.pop(0)
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        page = await context.new_page()
        await page.goto(url)
        await page.screenshot(full_page=True)
        await context.close()


def _ours(urls: list[str], jobs: int, folder: Path) -> float:
    home = Home(root=folder / "home")
    initialise(folder / "w", case="bench", home=home, passphrase=_SECRET)
    workspace = open_workspace(folder / "w")
    opened = open_case(workspace, "bench", home=home, passphrase=lambda: _SECRET, waiting=print)
    config = CaptureConfig(allow_private=True, jobs=jobs, per_host=jobs)
    start = time.monotonic()
    done = capture_all(
        opened, [Target(url=url) for url in urls], config=config, starting=lambda *_: None, finished=lambda _: None
    )
    took = time.monotonic() - start
    assert len(done) == len(urls)
    assert all(one.succeeded for one in done), [one.capture.attempt.outcome for one in done if not one.succeeded][:3]
    return took


if __name__ == "__main__":
    main(*(int(one) for one in (*sys.argv[1:], *("100", "4")[len(sys.argv) - 1 :])))
