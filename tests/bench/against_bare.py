"""Captures against bare Playwright: ``python -m tests.bench.against_bare [demo|many] [SOURCES] [JOBS] [TURNS]``.

Both take the same pages in one run, the same number at once, each page in a fresh context of one browser: one
side loads it and takes a full-page screenshot and nothing else, the other makes evidence of it. Not a test.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from archiver.app.capture import Captured, capture_all
from archiver.app.config import CaptureConfig
from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.recording import open_case
from archiver.app.workspace import open_workspace
from archiver.capture.browser import find_browser
from archiver.model.evidence import Target
from tests.bench.sites import site_pages

_SECRET = b"passphrase of a bench"


def main(name: str = "demo", sources: int = 100, jobs: int = 4, turns: int = 3) -> None:
    """Print the time of both sides in turns, and their ratio pair by pair."""
    with tempfile.TemporaryDirectory() as folder, site_pages(name) as pages:
        urls = list(islice(cycle(pages), sources))
        ours: list[float] = []
        ratios: list[float] = []
        for turn in range(turns):
            bare = asyncio.run(_bare(urls, jobs))
            ours.append(archive(urls, jobs, Path(folder) / str(turn)))
            ratios.append(ours[-1] / bare)
            print(f"turn {turn + 1}: bare {bare:.1f} s, archiver {ours[-1]:.1f} s, ratio {ratios[-1]:.2f}", flush=True)
        print(
            f"{name}: {sources} sources, {jobs} at once: {sources / statistics.median(ours) * 60:.0f} a minute,",
            end=" ",
        )
        print(f"median ratio {statistics.median(ratios):.2f}")


async def _bare(urls: list[str], jobs: int) -> float:
    binary = find_browser()
    assert binary is not None
    async with async_playwright() as playwright:
        start = time.monotonic()
        browser = await playwright.chromium.launch(executable_path=binary.path, chromium_sandbox=os.geteuid() != 0)
        waiting = list(urls)
        await asyncio.gather(*(_bare_worker(browser, waiting) for _ in range(jobs)))
        await browser.close()
        return time.monotonic() - start


async def _bare_worker(browser: Browser, waiting: list[str]) -> None:
    while waiting:
        url = waiting.pop(0)
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        page = await context.new_page()
        await page.goto(url)
        await page.screenshot(full_page=True)
        await context.close()


def archive(
    urls: list[str], jobs: int, folder: Path, *, finished: Callable[[Captured], None] = lambda _: None
) -> float:
    """Capture the pages into a workspace of their own, and give the time that it took, browser start included."""
    home = Home(root=folder / "home")
    initialise(folder / "w", case="bench", home=home, passphrase=_SECRET)
    workspace = open_workspace(folder / "w")
    opened = open_case(workspace, "bench", home=home, passphrase=lambda: _SECRET, waiting=print)
    config = CaptureConfig(allow_private=True, jobs=jobs, per_host=jobs)
    start = time.monotonic()
    done = capture_all(
        opened, [Target(url=url) for url in urls], config=config, starting=lambda *_: None, finished=finished
    )
    took = time.monotonic() - start
    assert len(done) == len(urls)
    assert all(one.succeeded for one in done), [one.capture.attempt.outcome for one in done if not one.succeeded][:3]
    return took


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "demo", *map(int, sys.argv[2:]))
