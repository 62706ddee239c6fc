"""The public page: each cited source, nothing private, no script, links that lead to sources and nowhere else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from archiver.app.index_page import write_index
from archiver.app.redact import ToRedact, redact
from archiver.app.report import read_artifact, read_case
from archiver.capture.browser import can_be_sandboxed, find_browser
from archiver.export.index_page import public_sources, render_index
from archiver.export.report_facts import report_of
from archiver.export.report_words import LANGUAGES, words_in
from archiver.model.errors import UsageError
from archiver.model.events import Region
from tests.support.report_case import HOSTILE, ReportCase, make_report_case, parsed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ReportCase:
    return make_report_case(tmp_path_factory.mktemp("index"), sources=8, longest_px=1900)


def page_of(case: ReportCase, out: Path, *, language: str = "en", bundle: str | None = None) -> Any:  # noqa: ANN401 - as `parsed`
    write_index(
        case.own.workspace, "case-1", out, home=case.own.home, language=language, heading="Our story", bundle=bundle
    )
    return parsed(out.read_bytes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_citation_is_shown_with_its_time_digests_and_links(
    made: ReportCase, tmp_path: Path, language: str
) -> None:
    page = page_of(made, tmp_path / "index.html", language=language, bundle="bundle/case-1.zip")
    shown = page.xpath("//main/ol/li")
    assert len(shown) == 9
    first = shown[0]
    capture = made.captures[-1]
    assert str(capture.attempt.finished_at)[:16] in first.text_content()
    assert [one.digest.hex for one in capture.artifacts if one.digest.hex in first.text_content()][:3]
    assert first.xpath(".//a/@href") == [capture.attempt.target.url, "bundle/case-1.zip"]
    assert first.xpath(".//img[@alt and starts-with(@src, 'data:image/jpeg')]")
    assert (page.get("lang"), page.get("dir")) == (language, "ltr" if language == "en" else "rtl")
    assert page.xpath("//script | //link | //iframe | //form | //*[@style]") == []


def test_nothing_private_is_on_the_page(made: ReportCase, tmp_path: Path) -> None:
    page_of(made, tmp_path / "index.html")
    raw = (tmp_path / "index.html").read_text()
    private = (
        "Mina Karimi", "researcher", "192.0.2.10", "Asia/Damascus", "Mozilla/5.0", "private remark", "case-1",
        "dropped.example", str(tmp_path), "Court registry", "Compared with the print edition", "manifests/",
        made.captures[0].id, made.own.workspace.origin("case-1"),
    )  # fmt: skip
    assert [one for one in private if one in raw] == []


def test_a_failed_source_and_one_that_is_gone_say_so(made: ReportCase, tmp_path: Path) -> None:
    shown = page_of(made, tmp_path / "index.html").xpath("//main/ol/li")
    assert "Could not be archived: deleted" in shown[3].text_content()
    assert shown[3].xpath(".//dd") == []
    assert "No longer at its address when last looked at" in shown[1].text_content()
    assert "Not archived." in shown[8].text_content()


def test_a_capture_with_a_redaction_has_no_thumbnail(tmp_path: Path) -> None:
    case = make_report_case(tmp_path, sources=2, longest_px=1900)
    region = Region(left_px=0, top_px=0, width_px=10, height_px=10)
    asked = ToRedact(capture=case.captures[1].id, artifact="full.png", reason="r", regions=(region,))
    redact(case.own.workspace, case.own.open, asked)
    shown = page_of(case, tmp_path / "index.html").xpath("//main/ol/li")
    assert shown[0].xpath(".//img")
    assert not shown[1].xpath(".//img")


@pytest.mark.parametrize("moved", [False, True])
def test_the_bytes_of_a_redacted_picture_are_shown_nowhere_else(tmp_path: Path, *, moved: bool) -> None:
    """A second attempt has the very bytes that were redacted in the first: at the same source, or at another one."""
    case = make_report_case(tmp_path, sources=2, longest_px=1900)
    first, again = [one for one in case.captures if one.citation_id == "c01"]
    assert {one.digest for one in first.artifacts} == {one.digest for one in again.artifacts}
    region = Region(left_px=0, top_px=0, width_px=10, height_px=10)
    redact(
        case.own.workspace,
        case.own.open,
        ToRedact(capture=first.id, artifact="viewport.png", reason="r", regions=(region,)),
    )
    record = read_case(case.own.workspace, "case-1", home=case.own.home, check=False)
    other = replace(again, citation_id="c02") if moved else again
    record = replace(
        record, filed=tuple(replace(one, predicate=other) if one.predicate == again else one for one in record.filed)
    )
    report = report_of(record)
    sources = public_sources(report, read=lambda one: read_artifact(case.own.workspace, one))
    assert [one.is_redacted for one in report.exhibits[:2]] == [True, moved]
    assert [bool(one.thumbnail) for one in sources[:2]] == [False, not moved]


@pytest.mark.browser
def test_hostile_sources_run_nothing_and_lead_nowhere(tmp_path: Path) -> None:
    case = make_report_case(tmp_path, sources=10, longest_px=1900, hostile=True)
    report = report_of(read_case(case.own.workspace, "case-1", home=case.own.home, check=False))
    first = report.exhibits[0]
    assert first.citation is not None
    evil = replace(first, citation=replace(first.citation, url="javascript:alert(1)"))
    odd = replace(first, citation=replace(first.citation, url="https://[bad/"))
    sources = public_sources(
        replace(report, exhibits=(evil, odd, *report.exhibits[1:])),
        read=lambda one: read_artifact(case.own.workspace, one),
    )
    out = tmp_path / "index.html"
    out.write_text(render_index(sources, words_in("ar"), heading=HOSTILE[0], bundle=None))
    page = parsed(out.read_bytes())
    assert {one.split(":")[0] for one in page.xpath("//a/@href")} == {"https"}
    assert "javascript:alert(1)" in page.text_content()
    found = find_browser()
    assert found is not None
    heard: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.path, chromium_sandbox=can_be_sandboxed())
        tab = browser.new_page()
        tab.on("dialog", lambda dialog: heard.append(dialog.message))
        tab.on(
            "request", lambda request: heard.append(request.url) if request.url[:5] not in {"file:", "data:"} else None
        )
        tab.on("console", lambda message: heard.append(message.text))
        tab.goto(out.as_uri(), wait_until="load")
        for one in tab.locator("summary").all():
            one.click()
        browser.close()
    assert heard == []


@pytest.mark.parametrize("bundle", ["javascript:alert(1)", "/etc/passwd", "file:///x", "\\\\host\\x"])
def test_an_address_of_a_bundle_that_leads_elsewhere_is_refused(made: ReportCase, tmp_path: Path, bundle: str) -> None:
    with pytest.raises(UsageError, match="--bundle"):
        page_of(made, tmp_path / "index.html", bundle=bundle)


def test_a_folder_is_not_written_over(made: ReportCase, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="found a folder"):
        page_of(made, tmp_path)
