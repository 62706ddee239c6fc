"""Find a Chromium and hold it open: quiet, without extensions, one fresh profile for each capture.

Flags and their reasons: ``reference/recorder.md`` sections 2 and 3. They are recorded with every capture.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Protocol

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from archiver.capture.cdp_session import SessionGoneError
from archiver.capture.interception import Interception, open_interception
from archiver.capture.run_folder import run_folder
from archiver.capture.settings import CaptureSettings
from archiver.model.errors import UsageError
from archiver.model.evidence import EngineFacts

_LAUNCH_TIMEOUT_MS = 60_000
_END_S = 40.0
_ANSWER_S = 10.0
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLACES = (
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_CACHED = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
_HINT = "install one: `apt install chromium`, or `python -m playwright install chromium`; `archiver doctor` says more"

# The last --disable-features wins, so ours repeats all of Playwright's (1.65; a test compares) and adds:
# ServiceWorkerAutoPreload, which hides the main document from interception; AsyncDns and DnsOverHttps
# upgrades, which would ask name servers; AutofillServerCommunication, which tells Google of forms; and three
# that would draw an address bar nobody sees, twice a capture.
# No name is resolved by the browser and it has no way out of its own: every context is given a relay, and
# what belongs to none goes to a port where nobody listens.
PLAYWRIGHT_DISABLES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
_DISABLED_FEATURES = (
    *PLAYWRIGHT_DISABLES,
    "ServiceWorkerAutoPreload",
    "AsyncDns",
    "DnsOverHttpsUpgrade",
    "AutofillServerCommunication",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "PreloadTopChromeWebUI",
)
FLAGS = (
    "--disable-features=" + ",".join(_DISABLED_FEATURES),
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--no-pings",
    "--proxy-server=socks5://127.0.0.1:9",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserBinary:
    """A browser on this machine, and which step of the search found it."""

    path: Path
    found_by: str


def find_browser(configured: str = "", *, environ: Mapping[str, str] = os.environ) -> BrowserBinary | None:
    """Give the browser that captures will use, or None.

    Searched in this order: the configured path (and nothing else if one is configured), Playwright's own cache,
    the usual commands on PATH, snap, macOS applications.
    """
    if configured:
        path = Path(configured).expanduser()
        return BrowserBinary(path=path, found_by="configuration") if _runnable(path) else None
    for path in _cached(environ):
        return BrowserBinary(path=path, found_by="playwright")
    for name in _NAMES:
        found = which(name, path=environ.get("PATH"))
        if found:
            return BrowserBinary(path=Path(found), found_by="path")
    for place in map(Path, _PLACES):
        if _runnable(place):
            return BrowserBinary(path=place, found_by="place")
    return None


def version_of(binary: BrowserBinary, *, timeout_s: float = 20) -> str | None:
    """Give what the browser says of itself (``Chromium 156.0.8078.79 …``), or None if it does not run."""
    try:
        done = subprocess.run(  # noqa: S603 - the browser that captures would start as well
            [binary.path, "--version"], capture_output=True, timeout=timeout_s, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip() or None


class Driver(Protocol):
    """Playwright's own process, which speaks to the browser."""

    async def start(self) -> Playwright:
        """Start it."""
        ...

    async def __aexit__(self, *args: object) -> None: ...


@dataclass(slots=True, kw_only=True)
class _Starter:
    binary: BrowserBinary
    folder: Path
    driver: Driver
    playwright: Playwright

    async def launch(self) -> Browser:
        """Start a browser; where Playwright's driver itself died, the driver first."""
        try:
            return await self._launch()
        except UsageError:
            await self.end()
            self.driver = async_playwright()
            self.playwright = await _started(self.driver, self.folder)
            return await self._launch()

    async def end(self) -> None:
        """End the driver, also where it is dead already."""
        with suppress(PlaywrightError, OSError, TimeoutError):
            async with asyncio.timeout(_END_S):
                await self.driver.__aexit__()

    async def _launch(self) -> Browser:
        try:
            return await self.playwright.chromium.launch(
                executable_path=self.binary.path,
                headless=True,
                chromium_sandbox=can_be_sandboxed(),
                args=list(FLAGS),
                env=_environment(os.environ, self.folder),
                timeout=_LAUNCH_TIMEOUT_MS,
                handle_sigint=False,  # an interrupted run ends its browser itself; else Playwright's driver does
            )
        except PlaywrightError as error:
            first = error.message.strip().splitlines()[0][:300]
            raise UsageError(f"browser {self.binary.path}: did not start: {first}", hint=_HINT) from error


class OpenBrowser:
    """A running browser. `ready` starts it anew where a page has crashed it: one bad source never ends a run."""

    def __init__(self, *, starter: _Starter, browser: Browser, interception: Interception, facts: EngineFacts) -> None:
        self._starter = starter
        self._restarting = asyncio.Lock()
        self._driver_died = False
        self.browser = browser
        self.interception = interception
        self.facts = facts

    async def ready(self) -> Interception:
        """Give the interception of the browser, alive; raise UsageError if it cannot be started again."""
        async with self._restarting:
            if not await self._answers_in_time():
                self._driver_died = False
                self.browser = await self._starter.launch()
                self.interception = await open_interception(self.browser)
        return self.interception

    async def fresh_context(self, settings: CaptureSettings, *, proxy: str) -> BrowserContext:
        """Give a new profile, empty but for a login: no cache, no downloads, no permissions, one way out."""
        return await self.browser.new_context(
            viewport={"width": settings.viewport_width_px, "height": settings.viewport_height_px},
            device_scale_factor=settings.device_scale_percent / 100,
            locale=settings.locale,
            timezone_id=settings.timezone,
            service_workers="allow" if settings.service_workers == "allow" else "block",
            accept_downloads=False,
            ignore_https_errors=settings.ignore_https_errors,
            storage_state=settings.login,
            proxy={"server": proxy, "bypass": "<-loopback>"},
            permissions=[],
        )

    def note(self, error: Exception) -> None:
        """Take a failure that may mean that Playwright's driver is dead: it takes its browser along, untold."""
        self._driver_died = self._driver_died or "Connection closed" in str(error)

    async def still_runs(self, interception: Interception) -> bool:
        """Say whether the browser that this interception is of runs. Raises TimeoutError where it does not answer."""
        async with asyncio.timeout(_ANSWER_S):
            return interception is self.interception and await self.answers()

    async def answers(self) -> bool:
        """Ask the browser for a sign of life: a driver that died says nothing of it, and takes its browser along."""
        if not self.is_alive:
            return False
        asked = self.interception
        try:
            await asked.session.send("Browser.getVersion")
        except SessionGoneError:
            self._driver_died = self._driver_died or asked is self.interception
        return self.is_alive

    async def _answers_in_time(self) -> bool:
        try:
            return await self.still_runs(self.interception)
        except TimeoutError:
            return False

    @property
    def is_alive(self) -> bool:
        """Say whether browser and driver run, as far as is known."""
        return self.browser.is_connected() and not self._driver_died

    async def end(self) -> None:
        """End the browser's processes, also where it no longer answers."""
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_END_S):
                await self.browser.close()


@asynccontextmanager
async def open_browser(configured: str = "", *, environ: Mapping[str, str] = os.environ) -> AsyncIterator[OpenBrowser]:
    """Give a running browser, and end it and all its processes afterwards.

    Raises UsageError if there is none or it does not start.
    """
    binary = find_browser(configured, environ=environ)
    if binary is None:
        where = f"at {configured}" if configured else "on this machine"
        raise UsageError(f"browser: expected a Chromium or Chrome {where}, found none", hint=_HINT)
    with run_folder(environ) as folder:
        driver = async_playwright()
        playwright = await _started(driver, folder)
        starter = _Starter(binary=binary, folder=folder, driver=driver, playwright=playwright)
        try:
            browser = await starter.launch()
            opened = OpenBrowser(
                starter=starter,
                browser=browser,
                interception=await open_interception(browser),
                facts=await _facts(browser),
            )
            try:
                yield opened
            finally:
                await opened.end()
        finally:
            await starter.end()


async def _started(driver: Driver, folder: Path) -> Playwright:
    """Start Playwright's driver with its temporary files in ``folder``: it takes our environment and no argument."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        return await driver.start()
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


async def _facts(browser: Browser) -> EngineFacts:
    session = await browser.new_browser_cdp_session()
    try:
        version = await session.send("Browser.getVersion")
    finally:
        await session.detach()
    return EngineFacts(
        name=browser.browser_type.name,
        version=browser.version,
        user_agent=str(version["userAgent"]),
        headless=True,
        sandboxed=can_be_sandboxed(),
        flags=FLAGS,
    )


def can_be_sandboxed() -> bool:
    """Say whether this user may start Chromium with its sandbox."""
    # LIMIT: Chromium's sandbox cannot be used by root; such captures say sandboxed = false.
    return sys.platform != "linux" or os.geteuid() != 0


def _environment(environ: Mapping[str, str], folder: Path) -> dict[str, str | float | bool]:
    """Give the environment without proxies: the browser connects where the guard looked, or not at all."""
    kept = {name: value for name, value in environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "TMPDIR": str(folder)}


def _cached(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Give the full browsers that ``playwright install`` has put on this machine, newest first."""
    chosen = environ.get("PLAYWRIGHT_BROWSERS_PATH")
    home = Path(environ.get("HOME", "/nonexistent"))
    folder = (
        Path(chosen)
        if chosen
        else home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    )
    found = {path for pattern in _CACHED for path in folder.glob(pattern) if _runnable(path)}
    return tuple(sorted(found, key=_build, reverse=True))


def _build(path: Path) -> int:
    numbers = [part.partition("-")[2] for part in path.parts if part.startswith("chromium-")]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def _runnable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
