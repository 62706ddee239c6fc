"""Print a page by a browser: tags and outline in the PDF, page boxes by the page's own style. Nothing is fetched."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.model.errors import UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

_TIMEOUT_MS = 300_000
_PIECE_BYTES = 1 << 20
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-first-run",
    "--proxy-server=socks5://127.0.0.1:9",
)


class Printer:
    """A browser that prints pages of this machine, without scripts."""

    def __init__(self, browser: "Browser") -> None:
        self._browser = browser

    def pdf(self, page_path: Path) -> bytes:
        """Give a page as PDF; raise UsageError where the browser cannot."""
        from playwright.sync_api import Error  # noqa: PLC0415 - only where something is printed

        try:
            context = self._browser.new_context(java_script_enabled=False, offline=True)
            try:
                page = context.new_page()
                page.set_default_timeout(_TIMEOUT_MS)
                page.goto(page_path.as_uri(), wait_until="load", timeout=_TIMEOUT_MS)
                return self._printed(context.new_cdp_session(page))
            finally:
                context.close()
        except Error as error:
            raise UsageError(
                f"{page_path.name}: the browser did not print it: {error.message.splitlines()[0][:300]}",
                hint="the HTML report is whole; archiver doctor says whether a browser is there",
            ) from error

    @staticmethod
    def _printed(session: "CDPSession") -> bytes:
        """Give the PDF in pieces as they come: as one answer it would be held three times."""
        asked = {
            "preferCSSPageSize": True,
            "printBackground": True,
            "generateTaggedPDF": True,
            "generateDocumentOutline": True,
            "transferMode": "ReturnAsStream",
        }
        handle = session.send("Page.printToPDF", asked)["stream"]
        pieces = []
        while True:
            answer = session.send("IO.read", {"handle": handle, "size": _PIECE_BYTES})
            pieces.append(base64.b64decode(answer["data"]) if answer.get("base64Encoded") else answer["data"].encode())
            if answer["eof"]:
                session.send("IO.close", {"handle": handle})
                return b"".join(pieces)


@contextmanager
def open_printer(browser: Path, *, sandboxed: bool) -> Iterator[Printer]:
    """Open a browser for printing and end it; raise UsageError if it does not start."""
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - only where something is printed

    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(
                executable_path=browser, headless=True, chromium_sandbox=sandboxed, args=list(_FLAGS)
            )
        except Error as error:
            raise UsageError(f"browser {browser}: did not start: {error.message.splitlines()[0][:300]}") from error
        try:
            yield Printer(opened)
        finally:
            opened.close()
