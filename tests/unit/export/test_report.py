"""The report as written: self-contained, nothing runs, each recorded fact is in the HTML and in the PDF's text."""

import json
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from archiver.app import report as reports
from archiver.app.report import Made, Wanted
from archiver.capture.browser import can_be_sandboxed, find_browser
from archiver.export.report_drawings import Paper
from archiver.export.report_rows import MOST_ITEMS, Row, in_pairs, rows_of, sections_of
from archiver.export.report_words import LANGUAGES
from archiver.formats import entry
from archiver.formats.shape import to_json
from archiver.model.errors import UsageError
from archiver.model.evidence import Unrecorded
from archiver.model.text import visible
from archiver.store.ledger import LedgerFolder
from tests.support.report_case import HOSTILE, TITLES, WORDS, ReportCase, make_report_case, parsed, report_on

PDFTOTEXT = shutil.which("pdftotext")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A case and the report on it."""

    case: ReportCase
    made: Made

    def text(self, name: str = "report.html") -> str:
        return (self.made.folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    folder = tmp_path_factory.mktemp("hostile")
    case = make_report_case(folder, sources=10, longest_px=1900, hostile=True)
    return Reported(case=case, made=report_on(case, folder / "out", Wanted(languages=LANGUAGES)))


@pytest.fixture(scope="module", params=["en", "ar", "fa"])
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """Give a report with its PDF, in one language."""
    folder = tmp_path_factory.mktemp("printed")
    case = make_report_case(folder, sources=4, language=request.param, longest_px=4000)
    wanted = Wanted(languages=(request.param,), pdf=True)
    return Reported(case=case, made=report_on(case, folder / "out", wanted))


def facts_of(predicate: object) -> Iterator[str]:
    """Give each leaf of a manifest's JSON as the report shows it."""
    return (told for told in _leaves(to_json(predicate)) if told)


def _leaves(found: object) -> Iterator[str]:
    match found:
        case dict():
            for one in found.values():
                yield from _leaves(one)
        case list():
            for one in found:
                yield from _leaves(one)
        case bool():
            pass  # shown as a word
        case _:
            yield visible(str(found).removeprefix("sha256:"))


def squeezed(text: str) -> str:
    """Give a text without spaces, bidi controls and line breaks: what a search in a PDF sees."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(one for one in folded if not one.isspace() and unicodedata.category(one) not in {"Cf", "Mn"})


def words_of(text: str) -> set[str]:
    """Give the whole words of a text: a letter that stands apart would not be found.

    Marks above and below letters and the non-joiner are left out, and where the direction turns a word ends.
    """
    folded = unicodedata.normalize("NFKC", text).replace("\u200c", "")
    plain = "".join(
        " " if unicodedata.category(one) == "Cf" else one for one in folded if unicodedata.category(one) != "Mn"
    )
    return set(re.findall(r"[^\W\d_]+", plain))


def test_every_field_of_every_manifest_is_in_the_page(hostile: Reported) -> None:
    shown = squeezed(parsed(hostile.text().encode()).text_content())
    missing = [fact for one in hostile.case.predicates for fact in facts_of(one) if squeezed(fact) not in shown]
    assert [one for one in missing if one not in {"ok", "partial", "failed"}] == []
    assert sum(1 for one in hostile.case.predicates for _ in facts_of(one)) > 500


def test_what_hostile_sources_wrote_is_text_and_bounded(hostile: Reported) -> None:
    for name in ("report.html", "report-ar.html", "report-fa.html"):
        page = parsed(hostile.text(name).encode())
        assert page.xpath("//script | //iframe | //object | //embed | //form | //svg | //*[@onerror or @onload]") == []
        text = page.text_content()
        assert max(map(len, re.findall(r"x+", text))) <= 2000
        assert [one for one in HOSTILE if visible(one) not in text] == []
        assert not set("\u202e\u2067\x00\x1b\u200b\u200d") & set(text)


def test_the_page_carries_all_that_it_shows_and_allows_nothing_else(hostile: Reported) -> None:
    page = parsed(hostile.text().encode())
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; img-src data:; font-src data:; style-src 'sha256-")
    assert page.xpath("//@src[not(starts-with(., 'data:image/jpeg;base64,'))] | //link | //@style") == []
    assert page.xpath("//a/@href[not(starts-with(., '#exhibit-'))]") == [], "no source is asked by a slip of the finger"
    assert len(page.xpath("//img[@alt]")) == len(page.xpath("//img")) > 10


@pytest.mark.browser
@pytest.mark.parametrize("name", ["report.html", "report-ar.html", "report-fa.html"])
def test_nothing_runs_and_nothing_is_asked_for(hostile: Reported, name: str) -> None:
    """Scripts are on in this browser: an alert, a request or an error of the policy would be heard."""
    found = find_browser()
    assert found is not None
    heard: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.path, chromium_sandbox=can_be_sandboxed())
        page = browser.new_page()
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on(
            "request", lambda request: heard.append(request.url) if request.url[:5] not in {"file:", "data:"} else None
        )
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto((hostile.made.folder / name).as_uri(), wait_until="load")
        fonts = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.evaluate("document.title = 'alive'")
        assert page.title() == "alive", "this browser would have run a script"
        browser.close()
    assert heard == []
    assert "Report Sans" in str(fonts)
    assert ("Report Naskh" in str(fonts)) is (name != "report.html") or name == "report.html"
    assert width <= 0, "something is wider than the page"


def test_the_counts_on_the_first_page_are_those_of_the_ledger(hostile: Reported) -> None:
    page = parsed(hostile.text().encode())
    leaves = [entry.decode(leaf).type.value for leaf in LedgerFolder(hostile.case.own.root).leaves()]
    shown = {one.get("id"): int(one.text) for one in page.xpath("//td[starts-with(@id, 'count-')]")}
    assert shown["count-entries"] == len(leaves)
    assert {name[11:]: count for name, count in shown.items() if name.startswith("count-type-")} == Counter(leaves)
    sheets = page.xpath("//section[contains(@class, 'exhibit')]")
    assert (
        len(sheets)
        == shown["count-sources"]
        == sum(shown[f"count-{one}"] for one in ("ok", "partial", "failed", "not_tried"))
    )
    links = page.xpath("//a/@href")
    assert [one[1:] for one in links] == [one.get("id") for one in sheets], "each line of the list leads to its sheet"


def test_what_is_not_shown_stands_before_any_source(hostile: Reported) -> None:
    page = parsed(hostile.text().encode())
    order = [one.text_content() for one in page.xpath("//h1 | //h2")][:5]
    assert order == [
        "Report on archived sources",
        "What this report shows",
        "What it does not show",
        "The case",
        "Exhibits",
    ]


def test_a_private_remark_and_a_dropped_citation_are_not_told(hostile: Reported) -> None:
    assert "private remark" not in hostile.text()
    assert "dropped.example" not in hostile.text()


def test_values_in_an_arabic_page_are_isolated_and_numbers_are_arabic(hostile: Reported) -> None:
    page = parsed(hostile.text("report-ar.html").encode())
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    loose = [
        text
        for text in page.xpath("//main//text()[not(ancestor::bdi) and not(ancestor::pre)]")
        if re.search(r"\d{4}-\d\d|https?://|[0-9a-f]{16}", text)
    ]
    assert loose == []
    assert "المستند ٣" in page.text_content()


@pytest.mark.browser
@pytest.mark.skipif(PDFTOTEXT is None, reason="no pdftotext on this machine (poppler-utils)")
def test_every_field_of_every_manifest_is_in_the_pdfs_text(printed: Reported) -> None:
    assert PDFTOTEXT is not None
    path = printed.made.folder / "report.pdf"
    raw = subprocess.run([PDFTOTEXT, "-raw", path, "-"], capture_output=True, check=True, timeout=120).stdout.decode()
    shown = squeezed(raw)
    arabic = re.compile(r"[\u0600-\u06ff]")
    facts = {fact for one in printed.case.predicates for fact in facts_of(one) if not arabic.search(fact)}
    missing = [one for one in facts if squeezed(one) not in shown and one not in {"ok", "partial", "failed"}]
    assert missing == []
    assert len(facts) > 100


@pytest.mark.browser
@pytest.mark.skipif(PDFTOTEXT is None, reason="no pdftotext on this machine (poppler-utils)")
def test_words_of_each_language_are_found_by_a_search_in_the_pdf(printed: Reported) -> None:
    assert PDFTOTEXT is not None
    path = printed.made.folder / "report.pdf"
    raw = subprocess.run([PDFTOTEXT, path, "-"], capture_output=True, check=True, timeout=120).stdout.decode()
    shown = words_of(raw)
    title = next(one.attempt.page.title for one in printed.case.captures if one.attempt.page)
    assert title is not None
    language = next(one for one, text in TITLES.items() if title.startswith(text))
    words = words_of(f"{TITLES[language]} {WORDS[language]}")
    assert len(words) > 5
    assert words - shown == set()


@pytest.mark.browser
def test_the_pdf_has_tags_an_outline_and_the_language(printed: Reported) -> None:
    content = (printed.made.folder / "report.pdf").read_bytes()
    for mark in (b"/StructTreeRoot", b"/Outlines", b"/MarkInfo", b"/Lang", b"/EmbeddedFiles"):
        assert mark in content, mark


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="no pdffonts on this machine (poppler-utils)")
def test_the_pdfs_letters_are_in_it_and_it_is_of_the_paper_asked_for(printed: Reported, tmp_path: Path) -> None:
    path = printed.made.folder / "report.pdf"
    listed = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True, timeout=60).stdout
    lines = listed.splitlines()[2:]
    assert lines
    assert all(re.search(r"\s(yes)\s+(yes|no)\s+(yes|no)\s+\d+\s+\d+$", line) for line in lines), listed
    assert "NotoSans" in listed
    letter = report_on(printed.case, tmp_path / "letter", Wanted(pdf=True, paper=Paper.LETTER, sources=("c01",)))
    sizes = subprocess.run(["pdfinfo", letter.folder / "report.pdf"], capture_output=True, text=True, check=True).stdout
    assert "Page size:       612 x 792 pts (letter)" in sizes


@pytest.mark.browser
def test_many_exhibits_are_printed_in_volumes_and_pictures_stand_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PAGES_A_VOLUME", 11)
    monkeypatch.setattr(reports, "_INLINE_BYTES", 1000)
    case = make_report_case(tmp_path, sources=3, longest_px=1900)
    made = report_on(case, tmp_path / "out", Wanted(pdf=True, check=False), identity="")
    names = [one.relative_to(made.folder).as_posix() for one in made.files]
    assert names[-4:-1] == ["report.pdf", "report-volume02.pdf", "report-volume03.pdf"]
    pictures = [one for one in names if one.startswith("report-files/")]
    page = parsed((made.folder / "report.html").read_bytes())
    assert page.xpath("//img/@src") == pictures
    assert {one.problem for one in made.signed.values()} == {"there is no identity certificate (archiver key new)"}
    found = find_browser()
    assert found is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.path, chromium_sandbox=can_be_sandboxed())
        shown = browser.new_page()
        shown.goto((made.folder / "report.html").as_uri(), wait_until="load")
        loaded = shown.evaluate("[...document.images].every(one => one.naturalWidth > 0)")
        browser.close()
    assert loaded


def test_a_picture_that_is_missing_or_changed_is_not_shown_and_told(tmp_path: Path) -> None:
    case = make_report_case(tmp_path, sources=2, longest_px=1900)
    first, second = case.captures[1].artifacts[1], case.captures[1].artifacts[2]
    for one, change in ((first, None), (second, b"other bytes")):
        path = case.own.workspace.root / "archive" / "sha256" / one.digest.hex[:2] / f"{one.digest.hex}.{one.extension}"
        path.unlink()
        if change is not None:
            path.write_bytes(change)
    made = report_on(case, tmp_path / "out", Wanted(sources=("c02",)))
    text = parsed((made.folder / "report.html").read_bytes()).text_content()
    assert f"{first.name}: the file is not there, so it is not shown." in text
    assert f"{second.name}: the file has changed since it was recorded" in text
    assert "failed: 0." not in text, "the check on the first page names it too"
    assert re.search(r"Checks by archiver verify: \d+; failed: \d+\.", text)


def test_an_output_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    case = make_report_case(tmp_path, sources=1, longest_px=1900)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("mine")
    with pytest.raises(UsageError, match="nothing was written"):
        report_on(case, tmp_path / "out", Wanted())
    assert (tmp_path / "out" / "report.html").read_text() == "mine"


def test_a_part_of_the_sources_says_that_it_is_a_part(tmp_path: Path) -> None:
    case = make_report_case(tmp_path, sources=3, longest_px=1900)
    made = report_on(case, tmp_path / "out", Wanted(sources=("c02",), check=False))
    page = parsed((made.folder / "report.html").read_bytes())
    assert "This report shows 1 of 4 sources." in page.text_content()
    assert [one.get("id") for one in page.xpath("//section[contains(@class, 'exhibit')]")] == ["exhibit-2"]
    assert "story-3" not in page.text_content()
    assert "Not run for this report." in page.text_content()


def test_a_field_that_no_section_knows_is_shown_under_its_own_path() -> None:
    from tests.support.ledger_kit import sample_capture  # noqa: PLC0415 - one test's own

    found = {section.name: section for section in sections_of(sample_capture(1))}
    assert {row.path for row in found["other"].rows} == {"id", "case", "citation_id"}


def test_long_lists_are_counted_past_a_bound(hostile: Reported) -> None:
    from dataclasses import replace  # noqa: PLC0415 - one test's own

    capture = hostile.case.captures[0]
    many = tuple(Unrecorded(url=f"https://a.example/{n}", reason="r") for n in range(MOST_ITEMS + 30))
    longer = replace(capture, attempt=replace(capture.attempt, seen_not_recorded=many))
    section = next(one for one in sections_of(longer) if one.name == "not_kept")
    assert (section.left_out, len(section.rows)) == (30, 2 * MOST_ITEMS)
    assert len(rows_of(longer)) < len(list(facts_of(longer))) + 100


def test_short_rows_stand_in_pairs_in_their_order() -> None:
    rows = [Row(path=str(n), value=value) for n, value in enumerate(["a", "b", "x" * 40, "c", "y" * 40, "d"])]
    assert [[one.path for one in pair] for pair in in_pairs(rows)] == [["0", "1"], ["2"], ["3"], ["4"], ["5"]]


def test_a_cut_address_is_marked_as_cut() -> None:
    from archiver.export.report_page import _cut  # noqa: PLC0415 - one test's own

    assert (_cut("https://a.example/long", 12), _cut("https://a", 12)) == ("https://a.ex…", "https://a")


def test_what_came_back_instead_of_a_source_does_not_name_it(hostile: Reported) -> None:
    page = parsed(hostile.text().encode())
    failed = [one for one in page.xpath("//table[@class='sources']//tr") if one.xpath(".//*[@class='state failed']")]
    assert failed
    assert all("(without a title)" in one.text_content() for one in failed)


def test_sha_256_is_never_parted_at_its_hyphen(hostile: Reported) -> None:
    page = parsed(hostile.text("report-ar.html").encode())
    found = page.xpath("//*[self::li or self::p or self::th]//text()[contains(., 'SHA-256')]")
    assert len(found) > 3
    assert {one.getparent().get("class") for one in found if one.getparent().tag == "bdi"} == {"name"}
    assert [one for one in found if one.getparent().tag != "bdi" and one.getparent().get("scope") is None] == []


def test_a_pdf_without_a_signature_is_not_said_to_have_one(hostile: Reported) -> None:
    assert "The PDF is not signed" in parsed(hostile.text().encode()).text_content()
    assert "pdfsig" not in parsed(hostile.text().encode()).text_content()


def test_commands_name_the_pdf_of_the_page_that_tells_them(printed: Reported) -> None:
    text = parsed(printed.text().encode()).text_content()
    assert "pdfsig report.pdf" in text


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no pdftoppm on this machine (poppler-utils)")
def test_nothing_of_the_next_page_is_drawn_at_a_pages_foot(printed: Reported, tmp_path: Path) -> None:
    """A hamza above the first letter of a page stood at the foot of the page before."""
    path = printed.made.folder / "report.pdf"
    subprocess.run(["pdftoppm", "-r", "100", "-gray", path, tmp_path / "p"], check=True, timeout=300)
    pages = sorted(tmp_path.glob("p*.pgm"))
    assert len(pages) > 10
    for page in pages:
        with Image.open(page) as drawn:
            foot = drawn.crop((0, drawn.height * 2793 // 2970, drawn.width, drawn.height * 2840 // 2970))
            assert foot.getextrema()[0] > 200, page.name  # type: ignore[operator] # one channel


def test_the_case_as_json_is_untouched(hostile: Reported) -> None:
    """A report reads: the workspace's files are the same before and after."""
    before = {path: path.stat().st_mtime_ns for path in hostile.case.own.workspace.root.rglob("*") if path.is_file()}
    report_on(hostile.case, hostile.made.folder.parent / "again", Wanted(check=False))
    after = {path: path.stat().st_mtime_ns for path in hostile.case.own.workspace.root.rglob("*") if path.is_file()}
    assert after == before
    assert json.dumps(sorted(map(str, after)))
