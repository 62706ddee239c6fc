"""The three verifiers of bundles asked about one bundle each: what each says of each level, in one form."""

import asyncio
import gc
import importlib.util
import io
import json
import sys
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from playwright.sync_api import Page, sync_playwright

from archiver.app.examine import Terms, examine
from archiver.capture.browser import find_browser
from archiver.formats.zip_write import Packed, directory, local_head
from archiver.model.report import Level
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust, read_trust

TEMPLATES = Path(__file__).parents[2] / "archiver/export/templates"
LEVELS = ("L0", "L1", "L2", "L3")
UNCHECKED = "NOT CHECKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a verifier says: its verdict over levels L0 to L3, and which checks did not pass."""

    levels: Mapping[str, str]
    failed: frozenset[str]
    unchecked: frozenset[str] = frozenset()

    @property
    def verdict(self) -> str:
        """Give FAIL if any level fails, PASS if the first three pass."""
        if "FAIL" in self.levels.values():
            return "FAIL"
        return "PASS" if {self.levels[one] for one in LEVELS[:3]} == {"PASS"} else UNCHECKED


def by_archiver(bundle: Path, trust: Path | None) -> Said:
    """Ask `archiver verify`, as its command does."""
    chosen = read_trust(FolderSource(trust), origin="test") if trust else Trust()
    one = examine([str(bundle)], here=bundle.parent, terms=Terms(trust=chosen, required=Level.LEDGER)).examined[0]
    if one.report is None:
        return Said(levels=dict.fromkeys(LEVELS, "FAIL"), failed=frozenset({"unreadable"}))
    checks = one.report.checks
    return Said(
        levels={f"L{level.value}": str(one.report.verdict_of(level)) for level in Level if level <= Level.TIME},
        failed=frozenset(check.id for check in checks if check.verdict == "FAIL"),
        unchecked=frozenset(check.id for check in checks if check.verdict == UNCHECKED),
    )


@cache
def verify_py() -> ModuleType:
    """Give verify.py, loaded as the file that it is."""
    spec = importlib.util.spec_from_file_location("travelling_verify", TEMPLATES / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_verify_py(bundle: Path, trust: Path | None) -> Said:
    """Ask verify.py through its own `main`."""
    out = io.StringIO()
    with redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a program that ends closes what it opened
        code = verify_py().main([str(bundle), "--json", *(["--trust", str(trust)] if trust else [])])
        gc.collect()
    if code == 4:
        return Said(levels=dict.fromkeys(LEVELS, "FAIL"), failed=frozenset({"unreadable"}))
    found = json.loads(out.getvalue())
    assert code == {"PASS": 0, "FAIL": 1, UNCHECKED: 7}[found["verdict"]]
    return said_in(found)


def said_in(found: Mapping[str, Any]) -> Said:
    """Give what a report as JSON says."""
    return Said(
        levels={level: found["levels"][level] for level in LEVELS},
        failed=frozenset(one["id"] for one in found["checks"] if one["verdict"] == "FAIL"),
        unchecked=frozenset(one["id"] for one in found["checks"] if one["verdict"] == UNCHECKED),
    )


class VerifyPage:
    """verify.html in a browser that reaches nothing; it is asked about one ZIP after another."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def ask(self, bundle: Path, trust: Path | None, *, timeout_s: int = 240) -> Said:
        """Ask about a ZIP."""
        clear = "() => { for (const id of ['keys', 'logs', 'file']) document.getElementById(id).value = ''; }"
        self.page.evaluate(clear)
        if trust:
            keys = [*sorted((trust / "keys").glob("*.p*")), *sorted((trust / "logs").glob("*.vkey"))]
            self.page.set_input_files("#trust-files", [str(one) for one in keys])
            self.wait_for("document.getElementById('logs').value !== ''")
        self.page.evaluate("() => { document.body.dataset.state = 'waiting'; }")
        self.page.set_input_files("#file", str(bundle))
        self.page.wait_for_selector("body[data-state=done], body[data-state=stopped]", timeout=timeout_s * 1000)
        assert self.page.evaluate("document.body.dataset.state") == "done", self.page.inner_text("#status")
        return said_in(json.loads(self.page.evaluate("JSON.stringify(found)")))

    def wait_for(self, expression: str) -> None:
        """Wait until this is true: the page's own policy forbids what playwright would wait with."""
        for _ in range(600):
            if self.page.evaluate(expression):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(expression)


@contextmanager
def open_page(*, width: int = 1280) -> Iterator[VerifyPage]:
    """Open the page from its file, offline; at the end nothing else may have been asked for."""
    binary = find_browser()
    assert binary is not None, "tests of the page are marked browser"
    asked: list[str] = []
    # The sync API of playwright starts a loop of its own, which pytest-asyncio's policy must not stand in the way of.
    assert not asyncio._get_running_loop()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(binary.path), args=["--no-sandbox"])
        context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
        context.route("http*://**", lambda route: route.abort())
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text))
        page.goto((TEMPLATES / "verify.html").as_uri())
        yield VerifyPage(page)
        browser.close()
    assert errors == []
    assert [one for one in asked if not one.startswith(("blob:", (TEMPLATES / "verify.html").as_uri()))] == []


def packed(root: Path, *, top: str = "case-1-00000000", files: list[tuple[str, bytes]] | None = None) -> bytes:
    """Give a bundle's folder as the ZIP that archiver writes of it."""
    if files is None:
        paths = [one for one in root.rglob("*") if one.is_file()]
        files = sorted((one.relative_to(root).as_posix(), one.read_bytes()) for one in paths)
    out = io.BytesIO()
    heads = []
    for name, content in files:
        head = Packed(name=f"{top}/{name}", size_bytes=len(content), crc=zlib.crc32(content), offset=out.tell())
        heads.append(head)
        out.write(local_head(head) + content)
    out.write(directory(heads, start=out.tell()))
    return out.getvalue()


if __name__ == "__main__":
    bundle, trust = Path(sys.argv[1]), Path(sys.argv[2])
    sys.stdout.write(f"{by_archiver(bundle, trust)}\n{by_verify_py(bundle, trust)}\n")
