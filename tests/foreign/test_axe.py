"""axe-core judges the public page and the report: WCAG 2.1, levels A and AA, in each language.

axe-core (MPL-2.0) is fetched for tests only (`make .venv/.made/judges`), pinned by its digest.
"""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import sync_playwright

from archiver.app.index_page import write_index
from archiver.app.report import Wanted
from archiver.capture.browser import can_be_sandboxed, find_browser
from archiver.export.report_words import LANGUAGES
from tests.support.report_case import make_report_case, report_on

pytestmark = pytest.mark.browser
AXE: Final = Path(__file__).parents[2] / ".venv-judges" / "axe" / "package" / "axe.min.js"
_ASK: Final = """
async () => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the public page in each language, and the report."""
    if not AXE.exists():
        pytest.skip(f"no axe-core at {AXE}: `make .venv/.made/judges` puts it there")
    folder = tmp_path_factory.mktemp("axe")
    case = make_report_case(folder, sources=8, longest_px=1900, hostile=True)
    found = {}
    for language in LANGUAGES:
        found[f"index {language}"] = folder / f"index-{language}.html"
        write_index(
            case.own.workspace, "case-1", found[f"index {language}"], home=case.own.home, language=language,
            heading="قصتنا", bundle="bundle.zip",
        )  # fmt: skip
    report_on(case, folder / "out", Wanted(languages=LANGUAGES, check=False))
    found |= {"report en": folder / "out" / "report.html", "report ar": folder / "out" / "report-ar.html"}
    return found


def judged(page: Path) -> Any:  # noqa: ANN401 - axe's own JSON
    """Give what axe says of a page; its policy is set aside, so that axe itself can be run in it."""
    found = find_browser()
    assert found is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.path, chromium_sandbox=can_be_sandboxed())
        tab = browser.new_context(bypass_csp=True).new_page()
        tab.goto(page.as_uri(), wait_until="load")
        for one in tab.locator("summary").all():
            one.click()
        tab.add_script_tag(path=AXE)
        answer = tab.evaluate(_ASK)
        browser.close()
    return answer


@pytest.mark.parametrize("name", [*(f"index {one}" for one in LANGUAGES), "report en", "report ar"])
def test_axe_finds_nothing_wrong(pages: dict[str, Path], name: str) -> None:
    answer = judged(pages[name])
    told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in answer["violations"]]
    assert told == []
    assert len(answer["passes"]) > 10


def test_axe_finds_what_is_wrong(pages: dict[str, Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(pages["index en"].read_text().replace(' alt="', ' data-alt="').replace('<html lang="en"', "<html"))
    assert {"image-alt", "html-has-lang"} <= {one["id"] for one in judged(bad)["violations"]}
